//! `inventory_hostnames`.

use minijinja::Error;

use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::convert;
use crate::value::{Fields, Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("inventory_hostnames", &[], inventory_hostnames)];

/// The hosts that patterns such as `web:&prod:!db1` name, out of the variable `groups`.
fn inventory_hostnames(request: &Request) -> Result<Vec<Json>, Error> {
    let groups = match request.context.variable("groups") {
        Some(value) => convert::to_data(&value)?,
        None => None,
    };
    let Some(Json::Object(groups)) = groups else {
        return Err(bad("there is no variable `groups`"));
    };
    let terms: Vec<String> = request.texts().collect();
    let parts = || terms.iter().flat_map(|term| term.split([':', ','])).map(str::trim);
    let mut chosen: Vec<String> = vec![];
    for part in parts().filter(|part| !part.starts_with(['!', '&'])) {
        for host in matching(&groups, part)? {
            if !chosen.contains(&host) {
                chosen.push(host);
            }
        }
    }
    for part in parts() {
        if let Some(pattern) = part.strip_prefix('&') {
            let among = matching(&groups, pattern)?;
            chosen.retain(|host| among.contains(host));
        } else if let Some(pattern) = part.strip_prefix('!') {
            let among = matching(&groups, pattern)?;
            chosen.retain(|host| !among.contains(host));
        }
    }
    Ok(chosen.into_iter().map(Json::from).collect())
}

/// The hosts of the groups, or the hosts themselves, that a pattern matches.
fn matching(groups: &Fields, pattern: &str) -> Result<Vec<String>, Error> {
    let pattern = if pattern == "*" { "all" } else { pattern };
    let glob = glob::Pattern::new(pattern)
        .map_err(|error| bad(format!("`{pattern}` is no valid pattern: {error}")))?;
    let members = |group: &Json| -> Vec<String> {
        group.as_array().into_iter().flatten().map(coerce::to_text).collect()
    };
    let mut found: Vec<String> = groups
        .iter()
        .filter(|(name, _)| glob.matches(name))
        .flat_map(|(_, group)| members(group))
        .collect();
    let all = groups.get("all").map(members).unwrap_or_default();
    found.extend(all.into_iter().filter(|host| glob.matches(host)));
    Ok(found)
}
