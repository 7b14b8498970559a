//! The tests after `is`, by family.

mod files;
mod network;
mod text;
mod values;

use super::arguments::{Call, Undefined};

/// A family: its tests by name.
type Family = &'static [(&'static str, Call)];

/// The families, each with the collection it belongs to.
const FAMILIES: &[(&str, Family)] = &[
    ("ansible.builtin", values::TESTS),
    ("ansible.builtin", text::TESTS),
    ("ansible.builtin", files::TESTS),
    ("ansible.utils", network::TESTS),
];

/// A test.
pub(super) struct Predicate {
    pub(super) name: &'static str,
    /// The collection it belongs to.
    pub(super) home: &'static str,
    /// What becomes of an undefined argument.
    pub(super) undefined: Undefined,
    pub(super) call: Call,
}

/// Every test.
pub(super) fn all() -> impl Iterator<Item = Predicate> {
    let ordinary = FAMILIES.iter().flat_map(|&(home, family)| {
        let undefined = Undefined::Fails;
        family.iter().map(move |&(name, call)| Predicate { name, home, undefined, call })
    });
    ordinary.chain(values::ABOUT_DEFINITION.iter().map(|&(name, call)| Predicate {
        name,
        home: "ansible.builtin",
        undefined: Undefined::Taken,
        call,
    }))
}
