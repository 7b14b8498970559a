//! What can be known of a task before the run by what stands around it.

use crate::playbook::Keywords;

/// What holds for a task by what stands around it.
#[derive(Debug, Clone)]
pub(super) struct Around {
    pub(super) tags: Vec<String>,
    /// Whether the task is reached, and its failure is one of the play.
    pub(super) certain: bool,
}

impl Around {
    /// What holds inside of what has these keywords.
    pub(super) fn inside(&self, keywords: &Keywords) -> Self {
        let mut inner = self.clone();
        inner.tags.extend(keywords.words("tags"));
        inner.certain &= keywords.get("when").is_none() && !keywords.may_fail();
        inner
    }
}
