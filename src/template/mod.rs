//! Templates: Ansible's Jinja over minijinja.
//!
//! What the user wrote ([`Node`](crate::value::Node)) is rendered; what is known
//! ([`Value`](crate::value::Value)) is data and is never read as a template, whatever it holds.
//! [`Templar`] is the only entrance.

mod arguments;
mod charset;
mod check;
mod compiler;
mod condition;
mod context;
mod convert;
mod crypt;
mod dates;
mod demand;
mod environment;
mod extent;
mod fault;
mod file;
mod filters;
mod functions;
mod group;
mod lookups;
mod methods;
mod mutators;
mod network;
mod objects;
mod operators;
mod part;
mod pattern;
mod percent;
mod predicates;
mod python;
mod random;
mod render;
mod rewrite;
mod settings;
mod spell;
mod strict;
mod templar;
mod trust;
mod undefined;
mod version;
mod walk;

pub use condition::Condition;
pub use demand::Demand;
pub use fault::recursion;
pub use file::FileOptions;
pub use python::{python_repr, python_text};
pub use settings::Settings;
pub use templar::Templar;
