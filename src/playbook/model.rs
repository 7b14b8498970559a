//! Plays, blocks, tasks and roles as written; immutable in a run.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Keywords, LibraryModule, collection_of, unique};
use crate::base::{Diagnostic, Span};
use crate::value::{Layer, Node};

/// One playbook file, with the plays of the playbooks it imports.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// The file.
    pub path: PathBuf,
    /// Its plays, in order.
    pub plays: Vec<Play>,
}

/// A play: which hosts, and what is done on them.
#[derive(Debug, Clone)]
pub struct Play {
    /// Its name, not rendered.
    pub name: Option<Node>,
    /// The patterns of its hosts, not rendered.
    pub hosts: Node,
    /// Its keywords but the structural ones.
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Layer>,
    /// `vars_files`: each a file, or a list of which the first that exists is taken.
    pub vars_files: Vec<Node>,
    /// The roles of `roles:`, those they depend on first; then those that are imported.
    pub roles: Vec<Arc<Role>>,
    /// `pre_tasks`.
    pub pre_tasks: Vec<Item>,
    /// The tasks of the roles, then `tasks`: handlers run after both.
    pub tasks: Vec<Item>,
    /// `post_tasks`.
    pub post_tasks: Vec<Item>,
    /// `handlers`, those of the roles first.
    pub handlers: Vec<Item>,
    /// Where it stands.
    pub at: Span,
    /// The folder of its playbook.
    pub directory: PathBuf,
}

/// A step of a play.
#[derive(Debug, Clone)]
pub enum Item {
    /// One task.
    Task(Arc<Task>),
    /// Several, with what to do when one of them fails.
    Block(Arc<Block>),
}

/// A block. Imports and roles are blocks too: their keywords hold for all in them.
#[derive(Debug, Clone)]
pub struct Block {
    /// Its name.
    pub name: Option<Node>,
    /// Its keywords.
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Layer>,
    /// `block`.
    pub tasks: Vec<Item>,
    /// `rescue`.
    pub rescue: Vec<Item>,
    /// `always`.
    pub always: Vec<Item>,
    /// The role whose tasks these are, where it is the block of a whole role.
    pub role: Option<Arc<Role>>,
    /// Whether `vars` are those of an import, which are stronger than a block's.
    pub import: bool,
    /// Where it stands.
    pub at: Span,
}

/// A task or a handler.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its name, not rendered.
    pub name: Option<Node>,
    /// What it does.
    pub action: Action,
    /// Its keywords.
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Layer>,
    /// `loop` or `with_…`.
    pub looped: Option<Loop>,
    /// Where it stands.
    pub at: Span,
    /// The file it stands in.
    pub origin: Arc<Origin>,
}

impl Task {
    /// The role whose name is shown before the task's own: none for an inclusion of a role, which
    /// is shown as ansible-core shows it.
    pub fn shown_role(&self) -> Option<&str> {
        let role = self.origin.role.as_ref().filter(|_| self.action.name != "include_role")?;
        Some(&role.name)
    }
}

/// What a task does.
#[derive(Debug, Clone)]
pub struct Action {
    /// The module or action, under its name here.
    pub name: &'static str,
    /// The name as written.
    pub written: String,
    /// Its arguments: a mapping, or a template of one.
    pub args: Node,
    /// A template of a mapping with more arguments, which those above go before.
    pub splat: Option<Node>,
    /// The module, where it is the user's own; its name here is empty then.
    pub library: Option<Arc<LibraryModule>>,
    /// What is left to the moment the task is reached.
    pub late: Option<Late>,
    /// Where the name stands.
    pub at: Span,
}

/// What is only known, or only told, when a task is reached.
#[derive(Debug, Clone)]
pub enum Late {
    /// The name of its module, which is a template.
    Name(Node),
    /// Why it cannot be run.
    Fault(Box<Diagnostic>),
}

/// A task's loop.
#[derive(Debug, Clone)]
pub struct Loop {
    /// The lookup of `with_LOOKUP`; `None` for `loop`.
    pub lookup: Option<String>,
    /// What is looped over.
    pub terms: Node,
    /// `loop_control`.
    pub control: Option<Node>,
}

impl Loop {
    /// The variable, and what is taken from it, that older playbooks name without braces where
    /// data is looped over: `with_items: packages`, `with_dict: web.sites`.
    pub fn bare_variable(&self) -> Option<&str> {
        const OVER_DATA: [&str; 6] =
            ["items", "dict", "flattened", "indexed_items", "random_choice", "list"];
        let lookup = self.lookup.as_deref().filter(|lookup| OVER_DATA.contains(lookup));
        let name = self.terms.as_str().filter(|_| lookup.is_some() && !self.terms.is_template())?;
        let is_name = |part: &str| {
            part.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_')
                && part.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
        };
        name.split('.').all(is_name).then_some(name)
    }
}

/// Where tasks come from: what relative paths and role variables depend on.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The folder of the file.
    pub directory: PathBuf,
    /// The folder of the playbook.
    pub playbook: PathBuf,
    /// The role it belongs to.
    pub role: Option<Arc<Role>>,
    /// The collections in which names without one are looked for.
    pub collections: Vec<String>,
}

impl Origin {
    /// A play's own tasks, in a playbook of this folder.
    pub fn of_playbook(folder: PathBuf) -> Self {
        let collections = collection_of(&folder).into_iter().collect();
        Self { directory: folder.clone(), playbook: folder, role: None, collections }
    }

    /// The folders that relative paths are looked for in, the nearest first.
    pub fn directories(&self) -> Vec<PathBuf> {
        let mut all = vec![];
        if let Some(role) = &self.role {
            all.push(role.path.clone());
            all.extend(role.parents.iter().rev().map(|parent| parent.path.clone()));
        }
        all.push(self.directory.clone());
        all.push(self.playbook.clone());
        unique(all)
    }

    /// The same inside something with these keywords, which may name other collections.
    pub(super) fn searching(self: &Arc<Self>, keywords: &Keywords) -> Arc<Self> {
        if keywords.get("collections").is_none() {
            return Arc::clone(self);
        }
        Arc::new(Self { collections: keywords.words("collections"), ..self.as_ref().clone() })
    }
}

/// A role as one place uses it.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name: as written, with its collection where it is of one.
    pub name: String,
    /// The collection it is of.
    pub collection: Option<String>,
    /// Its folder.
    pub path: PathBuf,
    /// `defaults/`.
    pub defaults: Arc<Layer>,
    /// `vars/`.
    pub vars: Arc<Layer>,
    /// What the place that uses it sets: beside `role:`, or `vars`.
    pub parameters: Arc<Layer>,
    /// The roles it belongs to as a dependency or an include, the outermost first.
    pub parents: Vec<RoleName>,
    /// Of those the ones that include it, up to the first that is only depended on.
    pub includers: Vec<RoleName>,
    /// The roles it depends on, those that they depend on before them.
    pub dependencies: Vec<Arc<Role>>,
    /// Whether its variables hold for the rest of the play.
    pub public: bool,
    /// Whether it runs again on a host on which it has run with the same parameters.
    pub repeats: bool,
    /// The same for two uses of a role that are one: same folder, files, parameters, keywords.
    pub identity: String,
}

impl Role {
    /// Its name without its collection.
    pub fn bare_name(&self) -> &str {
        let collection = self.collection.as_deref();
        collection
            .and_then(|collection| self.name.strip_prefix(collection)?.strip_prefix('.'))
            .unwrap_or(&self.name)
    }

    /// Whether another role depends on it, and nobody else asked for it.
    pub fn is_dependency(&self) -> bool {
        self.includers.is_empty() && !self.parents.is_empty()
    }

    /// What others know of it.
    pub fn known_as(&self) -> RoleName {
        RoleName { name: self.name.clone(), path: self.path.clone() }
    }
}

/// A role as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName {
    /// Its name as written.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
}
