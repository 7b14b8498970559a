//! Lookups: `lookup(…)`, `query(…)` and the `with_…` loops.

mod config;
mod files;
mod first_found;
mod hosts;
mod ini;
mod lists;
mod password;
mod process;
mod programs;
mod records;
mod request;
mod sequence;
mod url;
mod variables;

use minijinja::Error;

use crate::value::Value as Json;
pub(super) use files::matching;
pub(super) use request::{OnFault, Request, expand_user, read, search};

/// A lookup: its name, the options it takes, and what it does.
pub(super) struct Lookup {
    pub(super) name: &'static str,
    /// The collection it belongs to.
    pub(super) home: &'static str,
    pub(super) options: &'static [&'static str],
    pub(super) run: fn(&Request) -> Result<Vec<Json>, Error>,
}

impl Lookup {
    const fn new(
        name: &'static str,
        options: &'static [&'static str],
        run: fn(&Request) -> Result<Vec<Json>, Error>,
    ) -> Self {
        Self { name, home: "ansible.builtin", options, run }
    }
}

const FAMILIES: &[&[Lookup]] = &[
    lists::LOOKUPS,
    files::LOOKUPS,
    first_found::LOOKUPS,
    records::LOOKUPS,
    variables::LOOKUPS,
    hosts::LOOKUPS,
    sequence::LOOKUPS,
    programs::LOOKUPS,
    password::LOOKUPS,
    config::LOOKUPS,
    url::LOOKUPS,
];

/// Every lookup.
pub(super) fn all() -> impl Iterator<Item = &'static Lookup> {
    FAMILIES.iter().copied().flatten()
}

/// The lookup of a name, also with its collection before it.
pub(super) fn find(name: &str) -> Option<&'static Lookup> {
    all().find(|lookup| match name.rsplit_once('.') {
        Some((home, name)) => {
            lookup.name == name && (lookup.home == home || home == "ansible.legacy")
        }
        None => lookup.name == name,
    })
}
