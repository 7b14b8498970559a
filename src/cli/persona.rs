//! As whom the program was called.

use std::ffi::OsString;
use std::path::Path;

/// The program under its own name, or in the place of one of ansible-core's.
///
/// Scripts that call `ansible-playbook` read its output and its exit codes, and rely on what is
/// wrong with a task being told when the task is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Persona {
    /// `rplay`.
    #[default]
    Rplay,
    /// `ansible`, `ansible-playbook` and their like.
    Ansible,
}

impl Persona {
    /// By the name in a command line.
    pub(super) fn of(args: &[OsString]) -> Self {
        let name = args.first().map(Path::new).and_then(Path::file_name).and_then(|n| n.to_str());
        match name {
            Some(name) if name == "ansible" || name.starts_with("ansible-") => Self::Ansible,
            _ => Self::Rplay,
        }
    }

    /// Whether it is one of ansible-core's names.
    pub(super) fn is_ansible(self) -> bool {
        self == Self::Ansible
    }
}
