//! The tests after `is`, by family.

mod files;
mod text;
mod values;

use super::arguments::{Call, Undefined};

/// A family: its tests by name.
type Family = &'static [(&'static str, Call)];

/// Every test, with what becomes of an undefined argument.
pub(super) fn all() -> impl Iterator<Item = (&'static str, Undefined, Call)> {
    let ordinary = [values::TESTS, text::TESTS, files::TESTS].into_iter().flatten();
    let ordinary = ordinary.map(|&(name, call)| (name, Undefined::Fails, call));
    ordinary
        .chain(values::ABOUT_DEFINITION.iter().map(|&(name, call)| (name, Undefined::Taken, call)))
}
