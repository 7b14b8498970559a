//! The files of the project that tasks name.

use std::path::PathBuf;

use super::connections::expand_home;
use crate::base::{Diagnostic, Span};
use crate::playbook::{Origin, searched};
use crate::sdk::{Failure, Search};

/// A file that is in none of the folders where it may be.
#[derive(Debug)]
pub(super) struct NotFound {
    name: String,
    folders: Vec<PathBuf>,
}

impl NotFound {
    fn message(&self) -> String {
        format!("`{}` not found on this machine", self.name)
    }

    /// As the failure of a task.
    pub(super) fn failure(&self) -> Failure {
        let failure = Failure::new(self.message());
        if self.folders.is_empty() { failure } else { failure.help(searched(&self.folders)) }
    }

    /// As a fault of the file that names it.
    pub(super) fn diagnostic(&self, at: Span) -> Diagnostic {
        let fault = Diagnostic::error("missing-file", self.message(), at, "named here");
        if self.folders.is_empty() { fault } else { fault.help(searched(&self.folders)) }
    }
}

/// Finds a file that a task names: in `files/` or `templates/` of its role and of its playbook's
/// folder, then in these folders themselves.
pub(super) fn find(origin: &Origin, search: Search, name: &str) -> Result<PathBuf, NotFound> {
    let path = expand_home(name);
    if path.is_absolute() {
        let not_found = || NotFound { name: path.display().to_string(), folders: vec![] };
        return if path.exists() { Ok(path) } else { Err(not_found()) };
    }
    let mut folders: Vec<PathBuf> = vec![];
    for folder in origin.directories() {
        for base in [folder.join(search.folder()), folder.clone()] {
            let found = base.join(name);
            if found.exists() {
                return Ok(found);
            }
            if !folders.contains(&base) {
                folders.push(base);
            }
        }
    }
    Err(NotFound { name: name.to_owned(), folders })
}
