//! A file and the directories it needs.

use serde::Serialize;

use super::{FileAttributes, FileChange, NewDirectories, Seen, parent};
use crate::sdk::{Failure, Operator, Plan, Returned};

/// The directories to be made, if any; then the change of a file in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placement {
    /// The directories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directories: Option<NewDirectories>,
    /// The file.
    #[serde(flatten)]
    pub file: FileChange,
}

impl Placement {
    /// Adds to a file's plan the directories that are missing on the way to it; `attributes` are
    /// theirs.
    pub fn in_new_directories(
        plan: Plan<FileChange>,
        seen: &Seen,
        attributes: &FileAttributes,
    ) -> Plan<Self> {
        let parent = parent(&seen.path);
        let is_missing = seen.ancestor.as_ref().is_some_and(|ancestor| ancestor != parent);
        let directories = is_missing.then(|| NewDirectories::to(parent, seen, attributes));
        Self::with(plan, directories)
    }

    /// A file's plan where its directory is there, or is not to be made.
    pub fn alone(plan: Plan<FileChange>) -> Plan<Self> {
        Self::with(plan, None)
    }

    fn with(plan: Plan<FileChange>, directories: Option<NewDirectories>) -> Plan<Self> {
        match plan {
            Plan::Keep(returned) => Plan::Keep(returned),
            Plan::Change { change: file, mut diffs, returned } => {
                if let Some(directories) = &directories {
                    diffs.splice(0..0, directories.diffs());
                }
                Plan::Change { change: Self { directories, file }, diffs, returned }
            }
        }
    }

    /// Does it; returns what is known of the file then.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        if let Some(directories) = self.directories {
            directories.apply(host).await?;
        }
        self.file.apply(host).await
    }
}
