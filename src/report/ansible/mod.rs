//! The run in the words and the form of ansible-core's default output, for the scripts that read it.

mod cause;
mod diff;
pub(super) mod dump;
mod lines;
mod options;
mod recap;
mod reporter;
mod subject;

pub use lines::origin;
pub use options::{AnsibleOptions, Form};
pub use reporter::Ansible;
