//! Lookups that rearrange lists and mappings.

use minijinja::Error;
use serde_json::json;

use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::random::Random;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] = &[
    Lookup::new("items", &[], |request| Ok(spread_once(&request.terms))),
    Lookup::new("list", &[], |request| Ok(request.terms.clone())),
    Lookup::new("dict", &[], dict),
    Lookup::new("nested", &[], nested),
    Lookup::new("together", &[], together),
    Lookup::new("indexed_items", &[], |request| {
        let all = spread_once(&request.terms).into_iter().enumerate();
        Ok(all.map(|(index, item)| json!([index, item])).collect())
    }),
    Lookup::new("random_choice", &[], |request| {
        if request.terms.is_empty() {
            return Ok(vec![]);
        }
        let at = Random::System.below(request.terms.len())?;
        Ok(request.terms.get(at).cloned().into_iter().collect())
    }),
    Lookup::new("subelements", &["skip_missing"], subelements),
    Lookup { home: "community.general", ..Lookup::new("cartesian", &[], nested) },
    Lookup {
        home: "community.general",
        ..Lookup::new("flattened", &[], |request| {
            let mut flat = vec![];
            flatten(&request.terms, &mut flat);
            Ok(flat)
        })
    },
];

/// The terms, those that are lists by their items.
fn spread_once(terms: &[Json]) -> Vec<Json> {
    terms
        .iter()
        .flat_map(|term| match term {
            Json::Array(items) => items.clone(),
            other => vec![other.clone()],
        })
        .collect()
}

fn flatten(terms: &[Json], flat: &mut Vec<Json>) {
    for term in terms {
        match term {
            Json::Array(items) => flatten(items, flat),
            Json::String(text) if matches!(text.as_str(), "None" | "null") => {}
            other => flat.push(other.clone()),
        }
    }
}

fn dict(request: &Request) -> Result<Vec<Json>, Error> {
    let mut entries = vec![];
    for term in spread_once(&request.terms) {
        let Json::Object(fields) = term else {
            return Err(bad("the dict lookup plugin expects a dictionary"));
        };
        entries.extend(fields.into_iter().map(|(key, value)| json!({"key": key, "value": value})));
    }
    Ok(entries)
}

/// A term as a list: the keys of a mapping, and any other value is a list of itself.
fn listed(term: &Json) -> Vec<Json> {
    match term {
        Json::Array(items) => items.clone(),
        Json::Object(fields) => fields.keys().map(|key| key.as_str().into()).collect(),
        other => vec![other.clone()],
    }
}

/// The most combinations of one `nested`.
const MOST: usize = 1_000_000;

fn nested(request: &Request) -> Result<Vec<Json>, Error> {
    if request.terms.is_empty() {
        return Err(bad("one list or more is needed"));
    }
    let mut rows: Vec<Vec<Json>> = vec![vec![]];
    for list in request.terms.iter().map(listed) {
        if rows.len().saturating_mul(list.len()) > MOST {
            return Err(bad(format!("more than {MOST} combinations")));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                list.iter().map(|item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    // As to Ansible, an item that is a list is part of its row.
    Ok(rows.iter().map(|row| Json::Array(spread_once(row))).collect())
}

fn together(request: &Request) -> Result<Vec<Json>, Error> {
    let lists: Vec<Vec<Json>> = request.terms.iter().map(listed).collect();
    let Some(longest) = lists.iter().map(Vec::len).max() else {
        return Err(bad("with_together requires at least one element in each list"));
    };
    let row = |at: usize| -> Vec<Json> {
        lists.iter().map(|list| list.get(at).cloned().unwrap_or_default()).collect()
    };
    Ok((0..longest).map(|at| Json::Array(spread_once(&row(at)))).collect())
}

/// What `subelements` takes.
const SUBELEMENTS: &str = "subelements lookup expects a list of two or three items, first a dict or \
     a list, second a string pointing to the subkey";

fn subelements(request: &Request) -> Result<Vec<Json>, Error> {
    let (outer, path, flags) = match request.terms.as_slice() {
        [outer, path] => (outer, path, None),
        [outer, path, flags] => (outer, path, Some(flags)),
        _ => return Err(bad(SUBELEMENTS)),
    };
    let flags = match flags {
        Some(Json::Object(flags)) => flags.get("skip_missing"),
        Some(_) => {
            return Err(bad(
                "the optional third item must be a dict with flags: skip_missing is one",
            ));
        }
        None => None,
    };
    let skip_missing = match flags.or_else(|| request.option("skip_missing")) {
        Some(flag) => coerce::to_bool(flag)
            .ok_or_else(|| bad("option `skip_missing` must be true or false"))?,
        None => false,
    };
    let path = path.as_str().ok_or_else(|| bad(SUBELEMENTS))?;
    let is_skipped = |item: &Json| item.get("skipped").and_then(Json::as_bool) == Some(true);
    let outer = match outer {
        Json::Array(items) => items.clone(),
        Json::Object(_) if is_skipped(outer) => vec![],
        Json::Object(fields) => fields.values().cloned().collect(),
        _ => return Err(bad(SUBELEMENTS)),
    };
    let mut rows = vec![];
    for item in outer.into_iter().filter(|item| !is_skipped(item)) {
        let Some(inner) = inner(&item, path, skip_missing)? else { continue };
        let pointer = format!("/{}", path.replace('.', "/"));
        let mut outer = item.clone();
        // The item is shown without the list that is walked through.
        let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(Json::Object(fields)) = outer.pointer_mut(parent) {
            fields.shift_remove(last);
        }
        rows.extend(inner.into_iter().map(|element| json!([outer, element])));
    }
    Ok(rows)
}

/// The list at a dotted path of an item; `None` where it may be missing and is.
fn inner(item: &Json, path: &str, skip_missing: bool) -> Result<Option<Vec<Json>>, Error> {
    let mut at = item;
    for step in path.split('.') {
        let Json::Object(fields) = at else {
            if skip_missing {
                return Ok(None);
            }
            return Err(bad(format!("the key {step} should point to a dictionary, got '{at}'")));
        };
        at = match fields.get(step) {
            Some(inner) => inner,
            None if skip_missing => return Ok(None),
            None => return Err(bad(format!("could not find '{step}' key in iterated item"))),
        };
    }
    match at {
        Json::Array(inner) => Ok(Some(inner.clone())),
        _ => Err(bad(format!("the key {path} should point to a list, got '{at}'"))),
    }
}
