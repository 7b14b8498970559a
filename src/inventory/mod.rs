//! Whom a run concerns: hosts, groups, their variables, and the patterns that pick hosts.

mod builder;
mod constructed;
mod dynamic;
mod generator;
mod group;
mod host;
mod ini;
mod listing;
mod literal;
mod model;
mod pattern;
mod python;
mod range;
mod reading;
mod scope;
mod script;
mod source;
#[cfg(test)]
mod testing;
mod toml;
mod vars_files;
mod words;
mod yaml;

pub use group::Group;
pub use host::Host;
pub use listing::Listing;
pub(crate) use literal::literal;
pub use model::{Addition, Inventory, is_localhost};
pub use pattern::Pattern;
pub use python::playbook_python;
pub use reading::{Form, OddNames, Reading, ReadingOptions, Unparsed};
