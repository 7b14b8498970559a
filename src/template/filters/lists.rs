//! Filters on lists.

use std::collections::HashSet;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use super::select::attribute;
use crate::template::arguments::{Args, bad, items, pairs};
use crate::template::objects::List;
use crate::template::{operators, python};

pub(super) const FILTERS: Family = &[
    ("first", |_, args| end(args, false)),
    ("last", |_, args| end(args, true)),
    ("join", join),
    ("sort", sort),
    ("unique", unique),
    ("reverse", reverse),
    ("min", |_, args| extreme(args, false)),
    ("max", |_, args| extreme(args, true)),
    ("sum", sum),
    ("batch", batch),
    ("slice", slice),
    ("flatten", flatten),
    ("zip", |_, args| zip(args, false)),
    ("zip_longest", |_, args| zip(args, true)),
    ("union", |_, args| combine(args, |a, b| a.into_iter().chain(b).collect())),
    ("intersect", |_, args| combine(args, |a, b| keep(a, &b, true))),
    ("difference", |_, args| combine(args, |a, b| keep(a, &b, false))),
    ("symmetric_difference", |_, args| {
        combine(args, |a, b| {
            let mut once = keep(a.clone(), &b, false);
            once.extend(keep(b, &a, false));
            once
        })
    }),
];

fn end(args: &Args, last: bool) -> Result<Value, Error> {
    let value = args.value();
    let index = if last { value.len().unwrap_or_default().saturating_sub(1) } else { 0 };
    if value.kind() == ValueKind::Seq {
        return value.get_item(&Value::from(index));
    }
    let all = items(value)?;
    Ok(if last { all.last() } else { all.first() }.cloned().unwrap_or_default())
}

fn join(state: &mut State, args: &Args) -> Result<Value, Error> {
    let separator = args.text(1, "d")?.unwrap_or_default();
    let path = args.get(2, "attribute")?;
    let mut text = String::new();
    for (index, item) in items(args.value())?.into_iter().enumerate() {
        let item = match &path {
            Some(path) => attribute(&item, path)?,
            None => item,
        };
        if index > 0 {
            text.push_str(&separator);
        }
        python::write_text(&mut text, &item)?;
    }
    operators::count(state, text.len())?;
    Ok(Value::from(text))
}

/// What text is compared by: itself, or itself in lower case.
fn fold(value: &Value, case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
        // To Python, `true` and 1 are the same.
        None if value.kind() == ValueKind::Bool => Value::from(i64::from(value.is_true())),
        _ => value.clone(),
    }
}

fn sort(_: &mut State, args: &Args) -> Result<Value, Error> {
    let reverse = args.flag(1, "reverse")?;
    let case_sensitive = args.flag(2, "case_sensitive")?;
    let path = args.text(3, "attribute")?;
    let paths: Vec<Value> =
        path.iter().flat_map(|path| path.split(',')).map(|path| Value::from(path.trim())).collect();
    let keyed = items(args.value())?
        .into_iter()
        .map(|item| {
            let key = match paths.as_slice() {
                [] => fold(&item, case_sensitive),
                [path] => fold(&attribute(&item, path)?, case_sensitive),
                paths => paths
                    .iter()
                    .map(|path| Ok(fold(&attribute(&item, path)?, case_sensitive)))
                    .collect::<Result<Vec<_>, Error>>()
                    .map(Value::from)?,
            };
            Ok((key, item))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let sorted = operators::sort(keyed, reverse, |(key, _)| key)?;
    Ok(List::value(sorted.into_iter().map(|(_, item)| item).collect()))
}

fn unique(_: &mut State, args: &Args) -> Result<Value, Error> {
    let asked = args.get(1, "case_sensitive")?.filter(|value| !value.is_none());
    let path = args.get(2, "attribute")?.filter(|path| !path.is_none());
    let all = items(args.value())?;
    let container =
        |item: &Value| matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map);
    // Jinja's filter takes no lists and mappings; Ansible's own, which then takes over, knows
    // neither option and tells cases apart.
    let own = path.is_none() && all.iter().any(container);
    if own && asked.as_ref().is_some_and(|asked| !asked.is_true()) {
        return Err(bad(
            "Jinja's unique filter failed and we cannot fall back to Ansible's version as it does \
             not support case_sensitive",
        ));
    }
    let case_sensitive = own || asked.is_some_and(|asked| asked.is_true());
    let mut seen = HashSet::new();
    let mut once = Vec::new();
    for item in all {
        let key = match &path {
            Some(path) => attribute(&item, path)?,
            None => item.clone(),
        };
        if seen.insert(fold(&key, case_sensitive)) {
            once.push(item);
        }
    }
    Ok(List::value(once))
}

fn reverse(_: &mut State, args: &Args) -> Result<Value, Error> {
    if let (ValueKind::String, Some(text)) = (args.value().kind(), args.value().as_str()) {
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    let mut all = items(args.value())?;
    all.reverse();
    Ok(List::value(all))
}

fn extreme(args: &Args, largest: bool) -> Result<Value, Error> {
    let case_sensitive = args.flag(1, "case_sensitive")?;
    let path = args.get(2, "attribute")?;
    let keyed = items(args.value())?
        .into_iter()
        .map(|item| {
            let key = match &path {
                Some(path) if !path.is_none() => attribute(&item, path)?,
                _ => item.clone(),
            };
            Ok((fold(&key, case_sensitive), item))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let sorted = operators::sort(keyed, largest, |(key, _)| key)?;
    Ok(sorted.into_iter().next().map(|(_, item)| item).unwrap_or_default())
}

fn sum(state: &mut State, args: &Args) -> Result<Value, Error> {
    let path = args.get(1, "attribute")?;
    let start = args.get(2, "start")?.unwrap_or_else(|| Value::from(0));
    items(args.value())?.into_iter().try_fold(start, |total, item| {
        let item = match &path {
            Some(path) if !path.is_none() => attribute(&item, path)?,
            _ => item,
        };
        operators::add(state, &total, &item)
    })
}

fn positive(args: &Args, name: &str) -> Result<usize, Error> {
    let count = args.int(1, name)?.and_then(|count| usize::try_from(count).ok());
    count.filter(|count| *count > 0).ok_or_else(|| bad(format!("`{name}` must be 1 or more")))
}

fn batch(_: &mut State, args: &Args) -> Result<Value, Error> {
    let size = positive(args, "linecount")?;
    let fill = args.get(2, "fill_with")?.filter(|fill| !fill.is_none());
    let all = items(args.value())?;
    let rows = all.chunks(size).map(|row| {
        let mut row = row.to_vec();
        if let Some(fill) = &fill {
            row.resize(size, fill.clone());
        }
        List::value(row)
    });
    Ok(List::value(rows.collect()))
}

fn slice(_: &mut State, args: &Args) -> Result<Value, Error> {
    let count = positive(args, "slices")?;
    let fill = args.get(2, "fill_with")?.filter(|fill| !fill.is_none());
    let all = items(args.value())?;
    let (size, longer) = (all.len() / count, all.len() % count);
    let mut rest = all.into_iter();
    let columns = (0..count).map(|column| {
        let mut part: Vec<Value> =
            rest.by_ref().take(size + usize::from(column < longer)).collect();
        if let Some(fill) = fill.as_ref().filter(|_| longer > 0 && column >= longer) {
            part.push(fill.clone());
        }
        List::value(part)
    });
    Ok(List::value(columns.collect()))
}

fn flatten(_: &mut State, args: &Args) -> Result<Value, Error> {
    let levels = args.int(1, "levels")?;
    let skip_nulls = args.get(2, "skip_nulls")?.is_none_or(|value| value.is_true());
    let mut flat = Vec::new();
    spread(args.value(), levels.unwrap_or(i64::MAX), skip_nulls, &mut flat)?;
    Ok(List::value(flat))
}

fn spread(value: &Value, levels: i64, skip: bool, flat: &mut Vec<Value>) -> Result<(), Error> {
    for item in items(value)? {
        let is_list = matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable);
        let null = item.is_none() || matches!(item.as_str(), Some("None" | "null"));
        if skip && null {
            continue;
        }
        if is_list && levels > 0 {
            spread(&item, levels - 1, skip, flat)?;
        } else {
            flat.push(item);
        }
    }
    Ok(())
}

fn zip(args: &Args, longest: bool) -> Result<Value, Error> {
    let fill = args.get(usize::MAX, "fillvalue")?.unwrap_or_else(|| Value::from(()));
    let lists = args.positional().iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let lengths = lists.iter().map(Vec::len);
    let length = if longest { lengths.max() } else { lengths.min() }.unwrap_or_default();
    let rows = (0..length).map(|row| {
        let cells = lists.iter().map(|list| list.get(row).unwrap_or(&fill).clone());
        List::value(cells.collect())
    });
    Ok(List::value(rows.collect()))
}

/// The items of both lists, each once, after `join` has chosen among them.
fn combine(args: &Args, join: fn(Vec<Value>, Vec<Value>) -> Vec<Value>) -> Result<Value, Error> {
    let (a, b) = (items(args.value())?, items(&args.need(1, "b")?)?);
    let mut seen = HashSet::new();
    let once = join(a, b).into_iter().filter(|item| seen.insert(item.clone()));
    Ok(List::value(once.collect()))
}

/// The items that are among the others, or that are not.
fn keep(all: Vec<Value>, others: &[Value], among: bool) -> Vec<Value> {
    let others: HashSet<&Value> = others.iter().collect();
    all.into_iter().filter(|item| others.contains(item) == among).collect()
}

/// Filters that make lists out of mappings use this order.
pub(super) fn pair_list(value: &Value) -> Result<Vec<Value>, Error> {
    let all = pairs(value)?.into_iter();
    Ok(all.map(|(key, item)| List::value(vec![key, item])).collect())
}
