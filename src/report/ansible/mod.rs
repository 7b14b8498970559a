//! The run in the words and the form of ansible-core's default output, for the scripts that read it.

mod diff;
mod dump;
mod options;
mod recap;
mod reporter;

pub use options::{AnsibleOptions, Form};
pub use reporter::Ansible;
