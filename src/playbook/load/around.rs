//! What stands around a task that is being loaded.

use crate::playbook::Keywords;

/// What keywords around a task mean for its faults.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// `module_defaults` may supply arguments that are not written.
    pub(super) defaults: bool,
    /// A failure of the task is not one of the run: the playbook may mean it to fail.
    pub(super) tolerant: bool,
    /// Whether the task is reached depends on a condition.
    pub(super) conditional: bool,
}

impl Around {
    /// What it is inside something with these keywords.
    pub(super) fn inside(self, keywords: &Keywords) -> Self {
        Self {
            defaults: self.defaults || keywords.get("module_defaults").is_some(),
            tolerant: self.tolerant || keywords.may_fail(),
            conditional: self.conditional || keywords.get("when").is_some(),
        }
    }
}
