//! Filters that pick and change the items of a list one by one.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::Family;
use crate::template::arguments::{Args, bad, items, pairs};
use crate::template::group::Group;
use crate::template::objects::List;
use crate::template::operators;
use crate::template::undefined;

pub(super) const FILTERS: Family = &[
    ("map", map),
    ("select", |state, args| choose(state, args, false, true)),
    ("reject", |state, args| choose(state, args, false, false)),
    ("selectattr", |state, args| choose(state, args, true, true)),
    ("rejectattr", |state, args| choose(state, args, true, false)),
    ("groupby", group_by),
    ("extract", extract),
    ("subelements", subelements),
];

/// The attribute at a path such as `network.0.name`, or at an index; undefined where it is not.
fn reach(value: &Value, path: &Value) -> Result<Value, Error> {
    let Some(text) = path.as_str() else {
        return value.get_item(path);
    };
    let mut value = value.clone();
    for step in text.split('.') {
        if value.is_undefined() {
            break;
        }
        value = match step.parse::<i64>() {
            Ok(index) => value.get_item(&Value::from(index))?,
            Err(_) => value.get_attr(step)?,
        };
    }
    Ok(value)
}

/// The attribute at a path, which must be there.
pub(super) fn attribute(value: &Value, path: &Value) -> Result<Value, Error> {
    let found = reach(value, path)?;
    if found.is_undefined() {
        return Err(missing(value, path));
    }
    Ok(found)
}

fn missing(item: &Value, path: &Value) -> Error {
    Error::new(ErrorKind::InvalidOperation, undefined::lacks(item, path))
}

/// The arguments after the first ones, with those by name, as another filter or test takes them.
fn handed_on(first: Value, args: &Args, from: usize) -> Result<Vec<Value>, Error> {
    let mut all = vec![first];
    all.extend(args.positional().iter().skip(from).cloned());
    let named: Kwargs = args.named()?.into_iter().collect();
    if named.args().next().is_some() {
        all.push(named.into());
    }
    Ok(all)
}

/// The items of a value; none of one that counts as nothing, whatever it is.
fn any_items(value: &Value) -> Result<Vec<Value>, Error> {
    if value.is_true() || value.is_undefined() { items(value) } else { Ok(vec![]) }
}

/// `map(attribute=…)` before what deals with undefined items: those stay that are missing.
pub(in crate::template) fn map_attribute(_: &mut State, args: &Args) -> Result<Value, Error> {
    attributes(args, false)
}

fn attributes(args: &Args, all_there: bool) -> Result<Value, Error> {
    let path = args.need(usize::MAX, "attribute")?;
    let fallback = args.get(usize::MAX, "default")?;
    let mapped = any_items(args.value())?.into_iter().map(|item| {
        let found = reach(&item, &path)?;
        match &fallback {
            Some(fallback) if found.is_undefined() => Ok(fallback.clone()),
            _ if found.is_undefined() && all_there => Err(missing(&item, &path)),
            _ => Ok(found),
        }
    });
    Ok(List::value(mapped.collect::<Result<_, Error>>()?))
}

fn map(state: &mut State, args: &Args) -> Result<Value, Error> {
    let Some(name) = args.positional().get(1) else { return attributes(args, true) };
    let all = any_items(args.value())?;
    let name = name.as_str().ok_or_else(|| bad("the name of a filter is needed"))?.to_owned();
    // What is meant for the other filter is no fault, even where there is nothing to give it to.
    handed_on(Value::UNDEFINED, args, 2)?;
    let mapped = all.into_iter().map(|item| {
        let handed = handed_on(item, args, 2)?;
        state.apply_filter(&name, &handed).map_err(|error| match error.kind() {
            ErrorKind::UnknownFilter => bad(format!("No filter named '{name}'")),
            _ => error,
        })
    });
    Ok(List::value(mapped.collect::<Result<_, Error>>()?))
}

fn choose(
    state: &mut State,
    args: &Args,
    by_attribute: bool,
    wanted: bool,
) -> Result<Value, Error> {
    let path = by_attribute.then(|| args.need(1, "attribute")).transpose()?;
    let at = 1 + usize::from(by_attribute);
    let test = args.positional().get(at).map(|name| {
        name.as_str().map(str::to_owned).ok_or_else(|| bad("the name of a test is needed"))
    });
    let test = test.transpose()?;
    if test.is_some() {
        handed_on(Value::UNDEFINED, args, at + 1)?;
    }
    let mut chosen = Vec::new();
    for item in any_items(args.value())? {
        let subject = match &path {
            Some(path) => reach(&item, path)?,
            None => item.clone(),
        };
        let passes = match &test {
            Some(name) => {
                let handed = handed_on(subject, args, at + 1)?;
                state.perform_test(name, &handed).map_err(|error| match error.kind() {
                    ErrorKind::UnknownTest => bad(format!("No test named '{name}'")),
                    ErrorKind::UndefinedError => {
                        path.as_ref().map_or(error, |path| missing(&item, path))
                    }
                    _ => error,
                })?
            }
            None if subject.is_undefined() => {
                return Err(missing(&item, path.as_ref().unwrap_or(&Value::UNDEFINED)));
            }
            None => subject.is_true(),
        };
        if passes == wanted {
            chosen.push(item);
        }
    }
    Ok(List::value(chosen))
}

fn group_by(_: &mut State, args: &Args) -> Result<Value, Error> {
    let path = args.need(1, "attribute")?;
    let fallback = args.get(2, "default")?;
    let case_sensitive = args.flag(3, "case_sensitive")?;
    let mut keyed = Vec::new();
    for item in items(args.value())? {
        let found = reach(&item, &path)?;
        let key = match &fallback {
            Some(fallback) if found.is_undefined() => fallback.clone(),
            _ if found.is_undefined() => return Err(missing(&item, &path)),
            _ => found,
        };
        let folded = match key.as_str() {
            Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
            _ => key.clone(),
        };
        keyed.push((folded, key, item));
    }
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for (folded, key, item) in operators::sort(keyed, false, |(folded, ..)| folded)? {
        match groups.last_mut().filter(|(last, ..)| *last == folded) {
            Some((.., members)) => members.push(item),
            None => groups.push((folded, key, vec![item])),
        }
    }
    let groups = groups.into_iter().map(|(_, grouper, members)| {
        Value::from_object(Group { grouper, list: List::value(members) })
    });
    Ok(List::value(groups.collect()))
}

fn extract(_: &mut State, args: &Args) -> Result<Value, Error> {
    let container = args.need(1, "container")?;
    let mut keys = vec![args.value().clone()];
    if let Some(more) = args.get(2, "morekeys")?.filter(|more| !more.is_none()) {
        match more.kind() {
            minijinja::value::ValueKind::Seq => keys.extend(items(&more)?),
            _ => keys.push(more),
        }
    }
    let mut value = container;
    for key in keys {
        if value.is_undefined() {
            return Ok(value);
        }
        value = value.get_item(&key)?;
    }
    Ok(value)
}

fn subelements(_: &mut State, args: &Args) -> Result<Value, Error> {
    let path = args.need(1, "subelements")?;
    let skip_missing = args.flag(2, "skip_missing")?;
    let steps: Vec<Value> = match (path.as_str(), path.kind()) {
        (Some(text), _) => text.split('.').map(Value::from).collect(),
        (None, ValueKind::Seq | ValueKind::Iterable) => items(&path)?,
        _ => return Err(bad("subelements must be a list or a string")),
    };
    let outer = match args.value().kind() {
        ValueKind::Map => pairs(args.value())?.into_iter().map(|(_, item)| item).collect(),
        ValueKind::Seq | ValueKind::Iterable => items(args.value())?,
        _ => return Err(bad("obj must be a list of dicts or a nested dict")),
    };
    let mut found = Vec::new();
    for item in outer {
        let mut inner = item.clone();
        for step in &steps {
            if inner.is_undefined() {
                break;
            }
            if inner.kind() != ValueKind::Map {
                return Err(bad(format!("the key `{step}` should point to a dictionary")));
            }
            inner = inner.get_item(step)?;
        }
        if inner.is_undefined() && skip_missing {
            continue;
        }
        if inner.is_undefined() {
            return Err(bad(format!("could not find {path} in an item")));
        }
        if !matches!(inner.kind(), ValueKind::Seq | ValueKind::Iterable) {
            return Err(bad(format!("the key {path} should point to a list")));
        }
        let inner = items(&inner)?.into_iter();
        found.extend(
            inner.map(|sub| Value::from(minijinja::value::Tuple::from(vec![item.clone(), sub]))),
        );
    }
    Ok(List::value(found))
}
