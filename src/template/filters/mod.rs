//! Filters, by family.

mod combine;
mod encode;
mod general;
pub(super) mod hardware;
mod ip_query;
mod ipaddr;
mod lists;
mod mappings;
mod numbers;
mod paths;
mod regex;
pub(super) mod select;
mod serial;
mod sizes;
pub(super) mod text;
mod time_units;
mod urls;
pub(super) mod values;
mod yaml;

use super::arguments::{Call, Undefined};
use super::dates;

/// A family: its filters by name.
pub(super) type Family = &'static [(&'static str, Call)];

/// The filters of ansible-core and of Jinja.
const BUILTIN: &[Family] = &[
    values::FILTERS,
    lists::FILTERS,
    select::FILTERS,
    mappings::FILTERS,
    combine::FILTERS,
    text::FILTERS,
    regex::FILTERS,
    numbers::FILTERS,
    sizes::FILTERS,
    serial::FILTERS,
    yaml::FILTERS,
    encode::FILTERS,
    paths::FILTERS,
    urls::FILTERS,
    dates::FILTERS,
];

/// The filters of collections, with the collection.
const COLLECTIONS: &[(&str, Family)] = &[
    ("ansible.utils", ipaddr::FILTERS),
    ("ansible.utils", hardware::UTILS),
    ("community.general", hardware::GENERAL),
    ("community.general", general::FILTERS),
    ("community.general", time_units::FILTERS),
];

/// A filter.
pub(super) struct Filter {
    pub(super) name: &'static str,
    /// The collection it belongs to.
    pub(super) home: &'static str,
    pub(super) call: Call,
}

impl Filter {
    /// What becomes of an undefined argument.
    pub(super) fn undefined(&self) -> Undefined {
        match self.name {
            "default" | "d" | "mandatory" | "type_debug" | "ternary" => Undefined::Taken,
            _ => Undefined::Passes,
        }
    }
}

/// Tests that older playbooks call as filters: `result|changed`.
pub(super) const TESTS: [&str; 9] = [
    "changed",
    "change",
    "failed",
    "failure",
    "success",
    "succeeded",
    "skipped",
    "skip",
    "version_compare",
];

/// Every filter.
pub(super) fn all() -> impl Iterator<Item = Filter> {
    let builtin = BUILTIN.iter().map(|family| ("ansible.builtin", *family));
    builtin.chain(COLLECTIONS.iter().copied()).flat_map(|(home, family)| {
        family.iter().map(move |&(name, call)| Filter { name, home, call })
    })
}
