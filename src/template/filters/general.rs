//! Filters of `community.general`.

use std::cmp::Ordering;

use indexmap::IndexMap;
use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use super::select::attribute;
use crate::template::arguments::{Args, bad, items, pairs};
use crate::template::objects::{List, Mapping};
use crate::template::pattern::pattern;
use crate::template::{convert, mutators, operators, python, version};
use crate::value::Value as Json;

pub(super) const FILTERS: Family = &[
    ("json_query", json_query),
    ("dict_kv", |_, args| Ok(Mapping::value([(args.need(1, "key")?, args.value().clone())]))),
    ("dict", |_, args| Ok(Mapping::value(mutators::entries(args.value())?))),
    ("counter", counter),
    ("groupby_as_dict", group_by_as_dict),
    ("version_sort", version_sort),
    ("from_csv", from_csv),
    ("lists_union", |_, args| lists(args, |a, b| [a, b].concat())),
    ("lists_intersect", |_, args| lists(args, |a, b| filtered(a, &b, true))),
    ("lists_difference", |_, args| lists(args, |a, b| filtered(a, &b, false))),
    ("lists_symmetric_difference", |_, args| {
        lists(args, |a, b| {
            let both = [filtered(a.clone(), &b, false), filtered(b, &a, false)];
            both.concat()
        })
    }),
    ("lists_mergeby", lists_merge_by),
    ("keep_keys", |_, args| by_keys(args, true)),
    ("remove_keys", |_, args| by_keys(args, false)),
];

/// A `JMESPath` expression on a value.
fn json_query(state: &mut State, args: &Args) -> Result<Value, Error> {
    let query = args.text(1, "expr")?.ok_or_else(|| bad("it needs an expression"))?;
    let fault = |error: jmespath::JmespathError| bad(format!("`{query}`: {error}"));
    let expression = jmespath::compile(&with_json_literals(&query)).map_err(fault)?;
    let data = convert::to_data(args.value())?.unwrap_or_default();
    let text = data.to_string();
    let found = jmespath::Variable::from_json(&text)
        .map_err(bad)
        .and_then(|variable| expression.search(variable).map_err(fault))?;
    let found: Json =
        serde_json::from_str(&found.to_string()).map_err(|error| bad(error.to_string()))?;
    convert::known(state, found)
}

/// A query whose literals in backticks are JSON: a bare word there, as in `[?name==`web`]`, is text.
fn with_json_literals(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(at) = rest.find(['\'', '"', '`']) {
        let (before, from) = rest.split_at(at);
        let quote = from.chars().next().unwrap_or('`');
        let mut escaped = false;
        let end = from[1..].find(|sign: char| {
            let ends = sign == quote && !escaped;
            escaped = sign == '\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        let (literal, after) = from.split_at(end + 2);
        let word = literal[1..=end].trim();
        out.push_str(before);
        if quote == '`' && serde_json::from_str::<Json>(&word.replace("\\`", "`")).is_err() {
            out.extend(["`\"", word, "\"`"]);
        } else {
            out.push_str(literal);
        }
        rest = after;
    }
    out + rest
}

fn counter(_: &mut State, args: &Args) -> Result<Value, Error> {
    let mut counts: IndexMap<Value, u64> = IndexMap::new();
    for item in items(args.value())? {
        *counts.entry(item).or_default() += 1;
    }
    Ok(Mapping::value(counts.into_iter().map(|(item, count)| (item, Value::from(count)))))
}

fn group_by_as_dict(_: &mut State, args: &Args) -> Result<Value, Error> {
    let key = args.need(1, "attribute")?;
    let mut groups = IndexMap::new();
    for item in items(args.value())? {
        let name = attribute(&item, &key)?;
        if groups.insert(name.clone(), item).is_some() {
            return Err(bad(format!("several items have the {key} `{name}`")));
        }
    }
    Ok(Mapping::value(groups))
}

fn version_sort(_: &mut State, args: &Args) -> Result<Value, Error> {
    let reverse = args.flag(1, "reverse")?;
    let mut all = vec![];
    for item in items(args.value())? {
        let text = python::text(&item)?;
        let before = all.iter().position(|(other, _): &(String, Value)| {
            version::compare(version::Scheme::Loose, &text, other).is_ok_and(Ordering::is_lt)
        });
        all.insert(before.unwrap_or(all.len()), (text, item));
    }
    if reverse {
        all.reverse();
    }
    Ok(List::value(all.into_iter().map(|(_, item)| item).collect()))
}

fn from_csv(_: &mut State, args: &Args) -> Result<Value, Error> {
    let byte = |name: &str, default: u8| -> Result<u8, Error> {
        Ok(args.text(usize::MAX, name)?.and_then(|text| text.bytes().next()).unwrap_or(default))
    };
    let dialect = args.text(1, "dialect")?;
    let fields = args.get(2, "fieldnames")?.filter(|names| !names.is_none());
    let delimiter =
        byte("delimiter", if dialect.as_deref() == Some("excel-tab") { b'\t' } else { b',' })?;
    let trim = args.flag(usize::MAX, "skipinitialspace")?;
    args.flag(usize::MAX, "strict")?;
    let text = python::text(args.value())?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(if trim { csv::Trim::All } else { csv::Trim::None })
        .from_reader(text.as_bytes());
    let mut rows = reader.records();
    let fault = |error: csv::Error| bad(format!("not valid CSV: {error}"));
    let names: Vec<Value> = match &fields {
        Some(names) => items(names)?,
        None => match rows.next() {
            Some(row) => row.map_err(fault)?.iter().map(Value::from).collect(),
            None => vec![],
        },
    };
    let records = rows.map(|row| {
        let row = row.map_err(fault)?;
        let cells = names.iter().cloned().zip(row.iter().map(Value::from));
        Ok(Mapping::value(cells.collect::<Vec<_>>()))
    });
    Ok(List::value(records.collect::<Result<_, Error>>()?))
}

/// Folds the lists that are given, each item once; a list of lists with `flatten`.
fn lists(args: &Args, join: fn(Vec<Value>, Vec<Value>) -> Vec<Value>) -> Result<Value, Error> {
    let mut all = args.positional().to_vec();
    if args.flag(usize::MAX, "flatten")? {
        all = all.iter().map(items).collect::<Result<Vec<_>, _>>()?.concat();
    }
    let mut all = all.iter().map(items).collect::<Result<Vec<_>, _>>()?.into_iter();
    let first = all.next().unwrap_or_default();
    let mut joined = vec![];
    for item in all.fold(first, join) {
        if !joined.contains(&item) {
            joined.push(item);
        }
    }
    Ok(List::value(joined))
}

fn filtered(all: Vec<Value>, others: &[Value], among: bool) -> Vec<Value> {
    all.into_iter().filter(|item| others.contains(item) == among).collect()
}

fn lists_merge_by(state: &mut State, args: &Args) -> Result<Value, Error> {
    let [rest @ .., key] = args.positional() else { return Err(bad("it needs a key")) };
    let mut all = vec![];
    for list in rest {
        let inner = items(list)?;
        let nested = inner.iter().all(|item| item.kind() == ValueKind::Seq);
        if nested && rest.len() == 1 {
            all.extend(inner.iter().map(items).collect::<Result<Vec<_>, _>>()?.concat());
        } else {
            all.extend(inner);
        }
    }
    let options = args.named()?;
    let mut by_key: IndexMap<Value, Value> = IndexMap::new();
    for item in all {
        let name = attribute(&item, key)?;
        let merged = match by_key.get(&name) {
            Some(before) => {
                let mut handed = vec![before.clone(), item];
                let named: minijinja::value::Kwargs = options.iter().cloned().collect();
                handed.push(named.into());
                state.apply_filter("combine", &handed)?
            }
            None => item,
        };
        by_key.insert(name, merged);
    }
    let sorted = operators::sort(by_key.into_iter().collect(), false, |(name, _)| name)?;
    Ok(List::value(sorted.into_iter().map(|(_, item)| item).collect()))
}

/// Keeps or removes the entries of mappings whose keys are among some, begin or end with them, or
/// match one.
fn by_keys(args: &Args, keep: bool) -> Result<Value, Error> {
    let target = args.need(usize::MAX, "target")?;
    let how = args.text(usize::MAX, "matching_parameter")?.unwrap_or_else(|| "equal".to_owned());
    let targets = if target.as_str().is_some() { vec![target] } else { items(&target)? };
    let targets = targets.iter().map(python::text).collect::<Result<Vec<_>, _>>()?;
    let matches = |key: &str| -> Result<bool, Error> {
        Ok(match how.as_str() {
            "equal" => targets.iter().any(|target| target == key),
            "starts_with" => targets.iter().any(|target| key.starts_with(target.as_str())),
            "ends_with" => targets.iter().any(|target| key.ends_with(target.as_str())),
            "regex" => {
                let expression = targets.first().map(String::as_str).unwrap_or_default();
                pattern(expression, false, false)?.is_match(key).map_err(bad)?
            }
            _ => {
                return Err(bad(format!(
                    "`matching_parameter` must be equal, starts_with, ends_with or regex, not `{how}`"
                )));
            }
        })
    };
    let chosen = |value: &Value| -> Result<Value, Error> {
        let mut left = vec![];
        for (key, item) in pairs(value)? {
            if matches(&python::text(&key)?)? == keep {
                left.push((key, item));
            }
        }
        Ok(Mapping::value(left))
    };
    match args.value().kind() {
        ValueKind::Map => chosen(args.value()),
        _ => Ok(List::value(items(args.value())?.iter().map(chosen).collect::<Result<_, _>>()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words_in_backticks_are_text() {
        for (query, wanted) in [
            ("[?name==`web`].port", "[?name==`\"web\"`].port"),
            ("[?up==`true` && n > `1`]", "[?up==`true` && n > `1`]"),
            ("[?a=='`x`' || b==`\"y\"`]", "[?a=='`x`' || b==`\"y\"`]"),
            ("contains(\"a`b\", `x y`)", "contains(\"a`b\", `\"x y\"`)"),
            ("a[?b==`open", "a[?b==`open"),
        ] {
            assert_eq!(with_json_literals(query), wanted);
        }
    }
}
