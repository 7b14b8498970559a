//! Filters on mappings.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use super::lists::pair_list;
use crate::template::arguments::{Args, bad, items, pairs, type_name};
use crate::template::objects::{List, Mapping};
use crate::template::operators;

pub(super) const FILTERS: Family = &[
    ("combine", combine),
    ("dict2items", dict_to_items),
    ("items2dict", items_to_dict),
    ("dictsort", dict_sort),
    ("rekey_on_member", rekey),
];

/// How lists that meet under one key are merged.
#[derive(Clone, Copy)]
enum ListMerge {
    Replace,
    Keep,
    Append,
    Prepend,
    AppendRp,
    PrependRp,
}

impl ListMerge {
    fn parse(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "append" => Self::Append,
            "prepend" => Self::Prepend,
            "append_rp" => Self::AppendRp,
            "prepend_rp" => Self::PrependRp,
            _ => {
                return Err(bad(format!(
                    "`list_merge` must be replace, keep, append, prepend, append_rp or prepend_rp, not `{name}`"
                )));
            }
        })
    }

    fn merge(self, old: &Value, new: &Value) -> Result<Value, Error> {
        let (x, y) = (items(old)?, items(new)?);
        let without = |x: Vec<Value>| x.into_iter().filter(|item| !y.contains(item)).collect();
        Ok(List::value(match self {
            Self::Replace => y,
            Self::Keep => x,
            Self::Append => [x, y].concat(),
            Self::Prepend => [y, x].concat(),
            Self::AppendRp => {
                let rest: Vec<Value> = without(x);
                [rest, y].concat()
            }
            Self::PrependRp => {
                let rest: Vec<Value> = without(x);
                [y, rest].concat()
            }
        }))
    }
}

fn not_combined(value: &Value) -> Error {
    let kind = type_name(value);
    bad(format!("failed to combine variables, expected dicts but got a '{kind}'"))
}

fn combine(_: &mut State, args: &Args) -> Result<Value, Error> {
    if args.named()?.iter().any(|(name, _)| !matches!(name.as_str(), "recursive" | "list_merge")) {
        return Err(bad("'recursive' and 'list_merge' are the only valid keyword arguments"));
    }
    let recursive = args.flag(usize::MAX, "recursive")?;
    let lists = args.text(usize::MAX, "list_merge")?;
    let lists = lists.as_deref().map_or(Ok(ListMerge::Replace), ListMerge::parse)?;
    let mut all = Vec::new();
    for value in args.positional() {
        match value.kind() {
            ValueKind::Map => all.push(value.clone()),
            // The mappings of a list, though not of lists in it.
            ValueKind::Seq | ValueKind::Iterable => {
                all.extend(items(value)?.into_iter().filter(|item| !item.is_none()));
            }
            ValueKind::None => {}
            _ => return Err(not_combined(value)),
        }
    }
    if let Some(value) = all.iter().find(|value| value.kind() != ValueKind::Map) {
        return Err(not_combined(value));
    }
    let mut merged = Mapping::value([]);
    for value in all {
        merged = merge(&merged, &value, recursive, lists)?;
    }
    Ok(merged)
}

fn merge(old: &Value, new: &Value, recursive: bool, lists: ListMerge) -> Result<Value, Error> {
    let mut merged: indexmap::IndexMap<Value, Value> = pairs(old)?.into_iter().collect();
    let is_list = |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    for (key, value) in pairs(new)? {
        let value = match merged.get(&key) {
            Some(before)
                if recursive
                    && before.kind() == ValueKind::Map
                    && value.kind() == ValueKind::Map =>
            {
                merge(before, &value, recursive, lists)?
            }
            Some(before) if is_list(before) && is_list(&value) => lists.merge(before, &value)?,
            _ => value,
        };
        merged.insert(key, value);
    }
    Ok(Mapping::value(merged))
}

fn dict_to_items(_: &mut State, args: &Args) -> Result<Value, Error> {
    let key_name = args.get(1, "key_name")?.unwrap_or_else(|| Value::from("key"));
    let value_name = args.get(2, "value_name")?.unwrap_or_else(|| Value::from("value"));
    if args.value().kind() != ValueKind::Map {
        let kind = type_name(args.value());
        return Err(bad(format!("dict2items requires a dictionary, got {kind} instead.")));
    }
    let entries = pairs(args.value())?
        .into_iter()
        .map(|(key, value)| Mapping::value([(key_name.clone(), key), (value_name.clone(), value)]));
    Ok(List::value(entries.collect()))
}

fn items_to_dict(_: &mut State, args: &Args) -> Result<Value, Error> {
    let key_name = args.get(1, "key_name")?.unwrap_or_else(|| Value::from("key"));
    let value_name = args.get(2, "value_name")?.unwrap_or_else(|| Value::from("value"));
    if !matches!(args.value().kind(), ValueKind::Seq | ValueKind::Iterable) {
        let kind = type_name(args.value());
        return Err(bad(format!("items2dict requires a list, got {kind} instead.")));
    }
    let entries = items(args.value())?.into_iter().map(|item| {
        if item.kind() != ValueKind::Map {
            let kind = type_name(&item);
            return Err(bad(format!(
                "items2dict requires a list of dictionaries, got a list with {kind} instead."
            )));
        }
        let (key, value) = (item.get_item(&key_name)?, item.get_item(&value_name)?);
        if key.is_undefined() || value.is_undefined() {
            return Err(bad(format!(
                "items2dict requires each dictionary in the list to contain the keys \
                 '{key_name}' and '{value_name}'"
            )));
        }
        Ok((key, value))
    });
    Ok(Mapping::value(entries.collect::<Result<Vec<_>, Error>>()?))
}

fn dict_sort(_: &mut State, args: &Args) -> Result<Value, Error> {
    let case_sensitive = args.flag(1, "case_sensitive")?;
    let by_value = args.text(2, "by")?.as_deref() == Some("value");
    let reverse = args.flag(3, "reverse")?;
    let keyed = pair_list(args.value())?.into_iter().map(|pair| {
        let key = pair.get_item(&Value::from(i32::from(by_value)))?;
        let folded = match key.as_str() {
            Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
            _ => key,
        };
        Ok((folded, pair))
    });
    let keyed = keyed.collect::<Result<Vec<_>, Error>>()?;
    let sorted = operators::sort(keyed, reverse, |(key, _)| key)?;
    Ok(List::value(sorted.into_iter().map(|(_, pair)| pair).collect()))
}

fn rekey(_: &mut State, args: &Args) -> Result<Value, Error> {
    let key = args.need(1, "key")?;
    let overwrite = match args.text(2, "duplicates")?.as_deref() {
        None | Some("error") => false,
        Some("overwrite") => true,
        Some(other) => {
            return Err(bad(format!(
                "duplicates parameter to rekey_on_member has unknown value '{other}': it must be \
                 error or overwrite"
            )));
        }
    };
    let members = match args.value().kind() {
        ValueKind::Map => pairs(args.value())?.into_iter().map(|(_, value)| value).collect(),
        ValueKind::Seq | ValueKind::Iterable => items(args.value())?,
        _ => return Err(bad("Type is not a valid list, set, or dict")),
    };
    let mut rekeyed = indexmap::IndexMap::new();
    for member in members {
        if member.kind() != ValueKind::Map {
            return Err(bad("List item is not a valid dict"));
        }
        let name = member.get_item(&key)?;
        if name.is_undefined() {
            return Err(bad(format!("Key {key} was not found")));
        }
        if rekeyed.insert(name.clone(), member).is_some() && !overwrite {
            return Err(bad(format!("Key {name} is not unique, cannot convert to dict")));
        }
    }
    Ok(Mapping::value(rekeyed))
}
