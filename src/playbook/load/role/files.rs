//! The files of a role.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::base::{Diagnostic, Span};
use crate::playbook::load::{Loader, layer_of};
use crate::playbook::{Item, Origin, Place};
use crate::value::{Data, Layer};

/// One of a role's folders, and the name of the file that is taken from it.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) role: &'a Path,
    pub(super) folder: &'a str,
    pub(super) file: &'a str,
    /// Where the role is used.
    pub(super) at: Span,
}

impl Part<'_> {
    /// The file; the error says why it is not taken, unless only the usual one is not there.
    fn find(&self) -> Result<Option<PathBuf>, Diagnostic> {
        let folder = self.role.join(self.folder);
        let fault = |message| Diagnostic::error("role-file", message, self.at, "used here");
        let Some(found) = role_file(&folder, self.file) else {
            if self.file == "main" {
                return Ok(None);
            }
            let (part, file) = (self.folder, self.file);
            let fault = fault(format!("Could not find specified file in role: {part}/{file}"));
            return Err(fault.help(format!("the role is {}", self.role.display())));
        };
        if plain(&found).starts_with(plain(&folder)) {
            return Ok(Some(found));
        }
        Err(fault(format!(
            "Failed loading '{}' for role ({}) as it is not inside the expected role path: '{}'",
            found.display(),
            self.role.file_name().unwrap_or_default().display(),
            folder.display()
        )))
    }
}

impl Loader<'_> {
    /// The tasks or handlers in a part of a role.
    pub(super) fn role_part(
        &mut self,
        part: Part<'_>,
        origin: &Arc<Origin>,
        place: Place,
    ) -> Vec<Item> {
        match part.find() {
            Ok(Some(found)) => {
                let here =
                    Origin { directory: part.role.join(part.folder), ..origin.as_ref().clone() };
                self.tasks_file(&found, &here, place, Some(part.at))
            }
            Ok(None) => vec![],
            Err(fault) => {
                self.fault(fault);
                vec![]
            }
        }
    }

    /// The variables in a part of a role.
    pub(super) fn role_vars(&mut self, part: Part<'_>) -> Arc<Layer> {
        let found = match part.find() {
            Ok(Some(found)) => found,
            Ok(None) => return Arc::default(),
            Err(fault) => {
                self.fault(fault);
                return Arc::default();
            }
        };
        // A folder of variable files is read in the order of their names.
        let files = if found.is_dir() { yaml_files(&found) } else { vec![found] };
        let mut layer = Layer::new();
        for file in files {
            let Some(node) = self.read(&file, Some(part.at)) else { continue };
            match &node.data {
                Data::Map(_) => layer.extend(layer_of(&node)),
                Data::Null => {}
                _ => self.fault(Diagnostic::error(
                    "vars-shape",
                    "a file of variables is a mapping",
                    node.span,
                    format!("this is {}", node.shown()),
                )),
            }
        }
        Arc::new(layer)
    }
}

/// A role's file by its name with or without an ending; for variables also a folder.
pub(super) fn role_file(folder: &Path, name: &str) -> Option<PathBuf> {
    ["", ".yml", ".yaml", ".json"]
        .iter()
        .map(|ending| folder.join(format!("{name}{ending}")))
        .find(|path| path.is_file())
        .or_else(|| Some(folder.join(name)).filter(|path| path.is_dir()))
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.is_file()
                && path.extension().is_none_or(|e| e == "yml" || e == "yaml" || e == "json")
        })
        .collect();
    files.sort();
    files
}

/// A path from the root, without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_in_its_part_of_the_role() {
        let folder = tempfile::tempdir().unwrap();
        let role = folder.path().join("web");
        std::fs::create_dir_all(role.join("tasks/sub")).unwrap();
        for file in ["tasks/sub/a.yml", "tasks/b.yml", "c.yml"] {
            std::fs::write(role.join(file), "").unwrap();
        }
        let find = |file: &str| {
            let part = Part { role: &role, folder: "tasks", file, at: Span::NOWHERE };
            part.find().map_err(|fault| fault.message)
        };
        assert_eq!(find("sub/a.yml"), Ok(Some(role.join("tasks/sub/a.yml"))));
        assert_eq!(find("sub/../b"), Ok(Some(role.join("tasks/sub/../b.yml"))));
        assert_eq!(find("main"), Ok(None));
        let fault = find("../c.yml").unwrap_err();
        assert!(fault.contains("as it is not inside the expected role path"), "{fault}");
        let outside = role.join("c.yml").display().to_string();
        assert!(find(&outside).is_err());
        assert_eq!(find("d").unwrap_err(), "Could not find specified file in role: tasks/d");
    }
}
