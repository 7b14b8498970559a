//! Values: what the user wrote ([`Node`], with places and templates) and what is known
//! ([`Value`], plain data that is never a template).

pub mod coerce;
mod merge;
mod node;
pub mod regex;
mod vars;
pub mod vault;
mod wildcard;
pub mod yaml;

pub use merge::extend;
pub(crate) use merge::merged;
pub(crate) use node::has_template;
pub use node::{Data, Key, Mapping, Node};
pub use vars::{Layer, Level, Scope, Variable, Vars};
pub use wildcard::Wildcard;

/// Plain data: what modules, hosts and lookups return, and what a template renders to.
///
/// Text in it is never read as a template. That is what keeps a hostile host from running code
/// on the controller, and it holds by type: only a [`Node`] is ever templated.
pub type Value = serde_json::Value;

/// A mapping of plain data, in the order it was made.
pub type Fields = serde_json::Map<String, Value>;
