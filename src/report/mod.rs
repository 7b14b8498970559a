//! Those who show a run: each takes the events and writes them in its own way.
//!
//! A reporter gets [`Shown`](crate::event::Shown) events only, so what it writes is masked; it
//! decides how a thing is said, never what happened. To add one: a file with a type that
//! implements [`Reporter`], which matches every kind of event without `_`, a word for it in
//! `cli::reports`, and a test over `tests/snapshots/runs`.

mod adhoc;
mod ansible;
mod fanout;
mod github;
mod human;
mod json_lines;
mod junit;
mod reporter;
mod text;
pub mod topology;
mod tree;

pub use adhoc::{Adhoc, AdhocOptions};
pub use ansible::{Ansible, AnsibleOptions, Form, origin};
pub use fanout::Fanout;
pub use github::GitHub;
pub use human::{Human, HumanOptions, LiveLine, Screen};
pub use json_lines::JsonLines;
pub use junit::JUnit;
pub use reporter::Reporter;
pub use text::{Text, Tone, visible};
pub use tree::Tree;
