//! `requirements.lock`: what exactly was installed.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::source::{Kind, Wanted};
use crate::base::replace_file;

/// What stands at the head of the file.
const HEAD: &str =
    "# What `rplay install` installed; each is held against this when it is fetched again.\n";

/// Everything that is installed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    #[serde(default)]
    pub(super) roles: Vec<Entry>,
    #[serde(default)]
    pub(super) collections: Vec<Entry>,
}

/// One role or collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// What it is installed as.
    pub(super) name: String,
    /// Where it comes from, without passwords.
    pub(super) source: String,
    /// The version that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// The release that this was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) release: Option<String>,
    /// What of it there is only one.
    #[serde(flatten)]
    pub(super) revision: Revision,
}

/// What tells two states of a source apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Revision {
    /// The commit of a repository.
    Commit(String),
    /// The SHA-256 of an archive, in hex.
    Sha256(String),
    /// A folder of this machine, which is taken as it is.
    Folder(String),
}

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Commit(hash) => write!(f, "commit {hash}"),
            Self::Sha256(sum) => write!(f, "sha256 {sum}"),
            Self::Folder(path) => write!(f, "folder {path}"),
        }
    }
}

impl Lock {
    /// Reads a file; one that is not there is empty.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        match std::fs::read_to_string(path) {
            Ok(text) if text.trim().is_empty() => Ok(Self::default()),
            Ok(text) => serde_yaml::from_str(&text)
                .map_err(|error| format!("{shown} is not understood: {error}")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("cannot read {shown}: {error}")),
        }
    }

    /// Writes the file, as a whole or not at all.
    pub(super) fn write(&self, path: &Path) -> Result<(), String> {
        let fault =
            |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
        let text = serde_yaml::to_string(self).map_err(|error| fault(&error))?;
        let text = format!("{HEAD}{text}");
        replace_file(path, text.as_bytes(), 0o666).map_err(|error| fault(&error))
    }

    /// The entries of a kind.
    pub(super) fn of(&mut self, kind: Kind) -> &mut Vec<Entry> {
        match kind {
            Kind::Role => &mut self.roles,
            Kind::Collection => &mut self.collections,
        }
    }

    /// What was installed for a requirement.
    pub(super) fn find(&self, wanted: &Wanted) -> Option<&Entry> {
        let entries = match wanted.kind {
            Kind::Role => &self.roles,
            Kind::Collection => &self.collections,
        };
        let source = wanted.source.shown();
        entries.iter().find(|entry| {
            entry.source == source && wanted.name.as_ref().is_none_or(|name| *name == entry.name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("requirements.lock");
        assert_eq!(Lock::read(&path), Ok(Lock::default()));
        let entry = Entry {
            name: "web".into(),
            source: "https://host/web.git".into(),
            version: Some("v1".into()),
            release: None,
            revision: Revision::Commit("abc".into()),
        };
        let lock = Lock { roles: vec![entry], collections: vec![] };
        lock.write(&path).unwrap();
        assert_eq!(Lock::read(&path), Ok(lock));
        std::fs::write(&path, "roles: 5\n").unwrap();
        assert!(Lock::read(&path).unwrap_err().contains("is not understood"));
    }
}
