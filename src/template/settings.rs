//! What a [`Templar`](super::Templar) is told about the run it works in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::{Redactor, Sources};
use crate::value::vault::Keyring;

/// What templates may use, and how much.
#[derive(Clone)]
pub struct Settings {
    /// Opens `!vault` values when they are used.
    pub keyring: Arc<Keyring>,
    /// Learns the passwords that `lookup('password', …)` makes.
    pub redactor: Redactor,
    /// The texts that templates were written in, for the places in messages.
    pub sources: Sources,
    /// Steps one template may take.
    pub fuel: u64,
    /// Whether `lookup('pipe', …)` and `lookup('lines', …)` may run programs on the controller.
    pub allow_exec_lookups: bool,
    /// Whether a condition must come out as true or false, as it must for ansible-core since 2.19;
    /// else anything that is not empty is true.
    pub strict_conditions: bool,
    /// What was set outside of the playbooks, for `lookup('config', …)`: texts by the variable of
    /// the environment that can set them, with the place where they were set.
    pub configured: BTreeMap<&'static str, (String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        let redactor = Redactor::default();
        Self {
            keyring: Arc::new(Keyring::new(redactor.clone())),
            redactor,
            sources: Sources::default(),
            fuel: 5_000_000,
            allow_exec_lookups: true,
            strict_conditions: false,
            configured: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("fuel", &self.fuel)
            .field("allow_exec_lookups", &self.allow_exec_lookups)
            .finish_non_exhaustive()
    }
}
