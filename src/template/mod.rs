//! Templates: Ansible's Jinja over minijinja.
//!
//! What the user wrote ([`Node`](crate::value::Node)) is rendered; what is known
//! ([`Value`](crate::value::Value)) is data and is never read as a template, whatever it holds.
//! [`Templar`] is the only entrance.

mod arguments;
mod compiler;
mod condition;
mod context;
mod convert;
mod environment;
mod extent;
mod fault;
mod filters;
mod functions;
mod methods;
mod mutators;
mod objects;
mod operators;
mod part;
mod python;
mod rewrite;
mod settings;
mod templar;
mod tests_of_values;
mod walk;

pub use condition::Condition;
pub use settings::Settings;
pub use templar::Templar;
