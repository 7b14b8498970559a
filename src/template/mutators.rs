//! The methods of Python's lists and dictionaries that change them.

use minijinja::value::{Kwargs, Value, from_args};
use minijinja::{Error, ErrorKind};

use super::arguments::{bad, items, pairs};
use super::objects::{List, Mapping};
use super::{operators, python};

fn need(args: &[Value], index: usize) -> Result<Value, Error> {
    args.get(index).cloned().ok_or_else(|| Error::from(ErrorKind::MissingArgument))
}

/// What is undefined among arguments or in one of them. As to ansible-core, the call is not made
/// then, and undefined itself.
pub(super) fn undefined(args: &[Value]) -> Option<Value> {
    let within = |arg: &Value| {
        if arg.is_undefined() {
            return Some(arg.clone());
        }
        let list = arg.downcast_object_ref::<List>();
        let mapping = arg.downcast_object_ref::<Mapping>();
        list.and_then(List::undefined).or_else(|| mapping.and_then(Mapping::undefined))
    };
    args.iter().find_map(within)
}

/// A method of a list that changes it.
pub(super) fn list(list: &List, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "append" => {
            let item = need(args, 0)?;
            list.change(|all| all.push(item));
        }
        "extend" => {
            let more = items(&need(args, 0)?)?;
            list.change(|all| all.extend(more));
        }
        "insert" => {
            let (at, item) = (need(args, 0)?.as_i64().unwrap_or(0), need(args, 1)?);
            list.change(|all| all.insert(position(at, all.len()).min(all.len()), item));
        }
        "pop" => {
            let at = args.first().and_then(Value::as_i64).unwrap_or(-1);
            return list.change(|all| {
                let at = position(at, all.len());
                if at < all.len() { Ok(all.remove(at)) } else { Err(bad("pop index out of range")) }
            });
        }
        "remove" => {
            let item = need(args, 0)?;
            list.change(|all| match all.iter().position(|other| *other == item) {
                Some(at) => {
                    all.remove(at);
                    Ok(())
                }
                None => Err(bad("list.remove(x): x not in list")),
            })?;
        }
        "sort" => {
            let (_, named) = from_args::<(&[Value], Kwargs)>(args)?;
            let reverse = named.get::<Option<bool>>("reverse")?.unwrap_or(false);
            let sorted = operators::sort(list.all(), reverse, |item| item)?;
            list.change(|all| *all = sorted);
        }
        "reverse" => list.change(|all| all.reverse()),
        "clear" => list.change(Vec::clear),
        "copy" => return Ok(List::value(list.all())),
        _ => return Err(Error::from(ErrorKind::UnknownMethod)),
    }
    Ok(Value::from(()))
}

/// An index that may count from the end; past the end where it lies outside.
fn position(at: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 { at + length } else { at };
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// A method of a mapping that changes it.
pub(super) fn mapping(mapping: &Mapping, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "update" => {
            let (positional, named) = from_args::<(&[Value], Kwargs)>(args)?;
            let mut more = positional.first().map_or(Ok(vec![]), entries)?;
            for name in named.args() {
                more.push((Value::from(name), named.get(name)?));
            }
            mapping.change(|all| all.extend(more));
        }
        "setdefault" => {
            let (key, value) = (need(args, 0)?, args.get(1).cloned().unwrap_or(Value::from(())));
            return Ok(mapping.change(|all| all.entry(key).or_insert(value).clone()));
        }
        "pop" => {
            let key = need(args, 0)?;
            let taken = mapping.change(|all| all.shift_remove(&key));
            return match taken.or_else(|| args.get(1).cloned()) {
                Some(value) => Ok(value),
                None => Err(bad(format!("there is no key {}", python::repr(&key)?))),
            };
        }
        "popitem" => {
            let taken = mapping.change(indexmap::IndexMap::pop);
            return taken
                .map(|(key, value)| List::value(vec![key, value]))
                .ok_or_else(|| bad("popitem(): dictionary is empty"));
        }
        "__setitem__" => {
            let (key, value) = (need(args, 0)?, need(args, 1)?);
            mapping.change(|all| all.insert(key, value));
        }
        "clear" => mapping.change(indexmap::IndexMap::clear),
        "copy" => return Ok(Mapping::value(mapping.change(|all| all.clone()))),
        _ => return Err(Error::from(ErrorKind::UnknownMethod)),
    }
    Ok(Value::from(()))
}

/// The pairs of a mapping, or of a list of pairs.
pub(super) fn entries(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if value.kind() == minijinja::value::ValueKind::Map {
        return pairs(value);
    }
    items(value)?
        .iter()
        .map(|pair| match items(pair)?.as_slice() {
            [key, value] => Ok((key.clone(), value.clone())),
            _ => Err(bad("every item must be a pair of key and value")),
        })
        .collect()
}
