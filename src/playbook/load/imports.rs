//! Files of tasks that stand in place of a task.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Block, Item, Origin, Place, Task};
use super::{Diagnostic, Loader};
use crate::value::Node;

impl Loader<'_> {
    /// `import_tasks`: the tasks of its file in place of the task.
    pub(super) fn import_tasks(&mut self, task: Task, place: Place) -> Vec<Item> {
        let file = task.action.args.get("file").map(|file| self.import_name(file));
        let named = file.as_ref().and_then(|file| Some((file.as_str()?.to_owned(), file.span)));
        let Some((name, span)) = named else { return vec![] };
        if file.as_ref().is_some_and(Node::is_template) {
            // Its name depends on variables: resolved when it is reached, inherited all the same.
            return vec![Item::Task(Arc::new(task))];
        }
        let Some(path) = find_tasks(&name, &task.origin) else {
            self.fault(
                Diagnostic::error(
                    "import-missing",
                    format!("`{name}` not found"),
                    span,
                    "imported here",
                )
                .help(searched(&task_folders(&task.origin))),
            );
            return vec![];
        };
        let items = self.tasks_file(&path, &task.origin, place, Some(span));
        vec![import_block(task, items)]
    }
}

/// A file of tasks named in a task: beside it, in the role's `tasks/`, beside the playbook.
pub(crate) fn find_tasks(name: &str, origin: &Origin) -> Option<PathBuf> {
    if Path::new(name).is_absolute() {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    task_folders(origin).into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The folders that a task file is looked for in.
pub(crate) fn task_folders(origin: &Origin) -> Vec<PathBuf> {
    let mut folders = vec![origin.directory.clone()];
    if let Some(role) = &origin.role {
        folders.push(role.path.join("tasks"));
        folders.push(role.path.clone());
    }
    folders.push(origin.playbook.join("tasks"));
    folders.push(origin.playbook.clone());
    unique(folders)
}

/// The help line of a file that is in none of the folders.
pub(crate) fn searched(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| {
        if folder.as_os_str().is_empty() { ".".to_owned() } else { folder.display().to_string() }
    });
    format!("searched: {}", shown.collect::<Vec<_>>().join(", "))
}

/// The folders in their order, each once.
pub(crate) fn unique(folders: Vec<PathBuf>) -> Vec<PathBuf> {
    folders.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect()
}

/// The block that a static import becomes: its keywords hold for all in it.
fn import_block(task: Task, tasks: Vec<Item>) -> Item {
    Item::Block(Arc::new(Block {
        name: task.name,
        keywords: task.keywords,
        vars: task.vars,
        tasks,
        rescue: vec![],
        always: vec![],
        role: None,
        import: true,
        at: task.at,
    }))
}
