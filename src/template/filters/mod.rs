//! Filters, by family.

mod lists;
mod mappings;
mod numbers;
mod select;
mod serial;
pub(super) mod text;
pub(super) mod values;

use super::arguments::{Call, Undefined};
use super::environment::lenient;

/// A family: its filters by name.
pub(super) type Family = &'static [(&'static str, Call)];

const BUILTIN: &[Family] = &[
    values::FILTERS,
    lists::FILTERS,
    select::FILTERS,
    mappings::FILTERS,
    text::FILTERS,
    numbers::FILTERS,
    serial::FILTERS,
];

/// Every filter, with what becomes of an undefined argument.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Undefined, Call)> {
    BUILTIN.iter().copied().flatten().map(|&(name, call)| (name, lenient(name), call))
}

/// The collection a filter belongs to.
pub(super) fn home(_name: &str) -> &'static str {
    "ansible.builtin"
}
