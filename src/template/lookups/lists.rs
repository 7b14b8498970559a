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
        let at = Random::System.below(request.terms.len())?;
        Ok(request.terms.get(at).cloned().into_iter().collect())
    }),
    Lookup::new("subelements", &["skip_missing"], subelements),
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
            Json::Null => {}
            Json::String(text) if matches!(text.as_str(), "None" | "null") => {}
            other => flat.push(other.clone()),
        }
    }
}

fn dict(request: &Request) -> Result<Vec<Json>, Error> {
    let mut entries = vec![];
    for term in spread_once(&request.terms) {
        let Json::Object(fields) = term else {
            return Err(bad("mappings are needed"));
        };
        entries.extend(fields.into_iter().map(|(key, value)| json!({"key": key, "value": value})));
    }
    Ok(entries)
}

/// A term as a list: any other value is a list of itself.
fn listed(term: &Json) -> Vec<Json> {
    match term {
        Json::Array(items) => items.clone(),
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
    Ok(rows.into_iter().map(Json::Array).collect())
}

fn together(request: &Request) -> Result<Vec<Json>, Error> {
    let lists: Vec<Vec<Json>> = request.terms.iter().map(listed).collect();
    let Some(longest) = lists.iter().map(Vec::len).max() else {
        return Err(bad("one list or more is needed"));
    };
    let row = |at: usize| lists.iter().map(|l| l.get(at).cloned().unwrap_or_default()).collect();
    Ok((0..longest).map(row).collect())
}

fn subelements(request: &Request) -> Result<Vec<Json>, Error> {
    let [outer, path, rest @ ..] = request.terms.as_slice() else {
        return Err(bad("a list and the name of a sub-list are needed"));
    };
    let flags = rest.first().and_then(|flags| flags.get("skip_missing"));
    let skip_missing = match flags.or_else(|| request.option("skip_missing")) {
        Some(flag) => coerce::to_bool(flag)
            .ok_or_else(|| bad("option `skip_missing` must be true or false"))?,
        None => false,
    };
    let path = path.as_str().ok_or_else(|| bad("the name of the sub-list must be a text"))?;
    let outer = match outer {
        Json::Array(items) => items.clone(),
        Json::Object(fields) => fields.values().cloned().collect(),
        _ => return Err(bad("the first term must be a list or a mapping")),
    };
    let mut rows = vec![];
    for item in outer {
        if item.get("skipped").and_then(Json::as_bool) == Some(true) {
            continue;
        }
        let pointer = format!("/{}", path.replace('.', "/"));
        let inner = match item.pointer(&pointer) {
            Some(Json::Array(inner)) => inner.clone(),
            _ if skip_missing => continue,
            Some(_) => return Err(bad(format!("`{path}` of an item is no list"))),
            None => return Err(bad(format!("an item has no `{path}`"))),
        };
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
