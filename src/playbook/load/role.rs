//! Roles: finding them, their files, what they depend on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Block, Item, Keywords, Origin, Place, Role, Task};
use super::play::roles_beside;
use super::task::searched;
use super::{Diagnostic, Loader, layer_of};
use crate::base::Span;
use crate::value::{Data, Layer, Node, Variable};

/// What the `roles:` of a play come to.
#[derive(Default)]
pub(super) struct PlayRoles {
    pub(super) all: Vec<Arc<Role>>,
    pub(super) tasks: Vec<Item>,
    pub(super) handlers: Vec<Item>,
}

/// Which of a role's files are taken.
#[derive(Debug, Clone)]
struct RoleFiles {
    /// In `tasks/`.
    tasks: String,
    /// In `vars/`.
    vars: String,
    /// In `defaults/`.
    defaults: String,
    /// In `handlers/`.
    handlers: String,
}

impl Default for RoleFiles {
    fn default() -> Self {
        let main = || "main".to_owned();
        Self { tasks: main(), vars: main(), defaults: main(), handlers: main() }
    }
}

impl RoleFiles {
    /// The files that `include_role` and `import_role` name.
    fn named_in(args: &Node) -> Self {
        let file = |name: &str| {
            args.get(name).and_then(Node::as_str).map_or_else(|| "main".to_owned(), str::to_owned)
        };
        Self {
            tasks: file("tasks_from"),
            vars: file("vars_from"),
            defaults: file("defaults_from"),
            handlers: file("handlers_from"),
        }
    }
}

/// A role with its steps, as one place uses it.
struct LoadedRole {
    /// The role itself.
    role: Arc<Role>,
    /// The blocks of the roles it depends on, then its own tasks.
    items: Vec<Item>,
    /// Its handlers, those of the roles it depends on first.
    handlers: Vec<Item>,
    /// The roles it depends on, then it.
    all: Vec<Arc<Role>>,
}

/// A role that is included while a play runs.
pub(crate) struct IncludedRole {
    /// The role itself.
    pub(crate) role: Arc<Role>,
    /// Its tasks.
    pub(crate) item: Item,
    /// Its handlers.
    pub(crate) handlers: Vec<Item>,
}

impl Loader<'_> {
    /// The roles of a play.
    pub(super) fn play_roles(
        &mut self,
        keywords: &mut Keywords,
        origin: &Arc<Origin>,
    ) -> PlayRoles {
        let mut roles = PlayRoles::default();
        let Some(node) = keywords.take("roles") else { return roles };
        let Data::List(entries) = &node.data else {
            self.fault(Diagnostic::error(
                "keyword-type",
                "`roles` must be a list",
                node.span,
                format!("this is {}", node.shown()),
            ));
            return roles;
        };
        for entry in entries {
            if let Some((loaded, block)) = self.role_entry(entry, origin, &[]) {
                // A role listed twice with the same parameters runs once.
                let repeated = roles.all.iter().any(|role| {
                    role.path == loaded.role.path
                        && role.parameters.keys().eq(loaded.role.parameters.keys())
                        && format!("{:?}", role.parameters)
                            == format!("{:?}", loaded.role.parameters)
                });
                if !repeated {
                    roles.tasks.push(block);
                    roles.handlers.extend(loaded.handlers);
                    roles.all.extend(loaded.all);
                }
            }
        }
        roles
    }

    /// One entry of `roles:` or of a role's dependencies.
    fn role_entry(
        &mut self,
        entry: &Node,
        origin: &Arc<Origin>,
        parents: &[String],
    ) -> Option<(LoadedRole, Item)> {
        let mut parameters = Layer::new();
        let (name, span, mut keywords) = match &entry.data {
            Data::Map(pairs) => {
                let mut keywords = self.keywords(pairs, Place::Role, |_, key, node| {
                    parameters.insert(key.text.clone(), Variable::Written(Arc::new(node.clone())));
                });
                let name = keywords.take("role").or_else(|| keywords.take("name"));
                let Some(name) = name else {
                    self.fault(Diagnostic::error(
                        "role-name",
                        "an entry of `roles` needs `role`",
                        entry.span,
                        "not given here",
                    ));
                    return None;
                };
                (name.as_str()?.to_owned(), name.span, keywords)
            }
            _ => (entry.as_str()?.to_owned(), entry.span, Keywords::default()),
        };
        let vars = self.vars(&mut keywords);
        let files = RoleFiles::default();
        let loaded = self.role(&name, span, origin, &files, Arc::new(parameters), parents)?;
        let block = role_block(&loaded, keywords, vars, entry.span);
        Some((loaded, block))
    }

    /// Loads a role; the fault that it is not found is noted.
    fn role(
        &mut self,
        name: &str,
        at: Span,
        origin: &Arc<Origin>,
        files: &RoleFiles,
        parameters: Arc<Layer>,
        parents: &[String],
    ) -> Option<LoadedRole> {
        let Some(path) = self.find_role(name, origin) else {
            self.fault(
                Diagnostic::error(
                    "role-missing",
                    format!("role `{name}` not found"),
                    at,
                    "used here",
                )
                .help(searched(&self.role_folders(origin))),
            );
            return None;
        };
        if parents.iter().filter(|parent| *parent == name).count() > 8 {
            self.fault(Diagnostic::error(
                "role-loop",
                format!("role `{name}` depends on itself: {}", parents.join(" -> ")),
                at,
                "used here",
            ));
            return None;
        }
        let layer = |loader: &mut Self, folder: &str, file: &str| {
            let found = role_file(&path.join(folder), file);
            loader.role_vars(found, file, &path.join(folder), at)
        };
        let role = Arc::new(Role {
            name: name.to_owned(),
            defaults: layer(self, "defaults", &files.defaults),
            vars: layer(self, "vars", &files.vars),
            path: path.clone(),
            parameters,
            parents: parents.to_vec(),
        });
        let inner = Arc::new(Origin {
            directory: path.join("tasks"),
            playbook: origin.playbook.clone(),
            role: Some(Arc::clone(&role)),
        });
        let (mut items, mut handlers, mut all) = self.dependencies(&path, &inner, name, parents);
        items.extend(self.role_part(&path, "tasks", &files.tasks, &inner, Place::Task, at));
        handlers.extend(self.role_part(
            &path,
            "handlers",
            &files.handlers,
            &inner,
            Place::Handler,
            at,
        ));
        all.push(Arc::clone(&role));
        Some(LoadedRole { role, items, handlers, all })
    }

    fn dependencies(
        &mut self,
        path: &Path,
        origin: &Arc<Origin>,
        name: &str,
        parents: &[String],
    ) -> (Vec<Item>, Vec<Item>, Vec<Arc<Role>>) {
        let (mut items, mut handlers, mut all) = (vec![], vec![], vec![]);
        let meta = role_file(&path.join("meta"), "main").and_then(|meta| self.read(&meta, None));
        let inner: Vec<String> = parents.iter().cloned().chain([name.to_owned()]).collect();
        for entry in meta.iter().filter_map(|meta| meta.get("dependencies")?.as_list()).flatten() {
            if let Some((loaded, block)) = self.role_entry(entry, origin, &inner) {
                items.push(block);
                handlers.extend(loaded.handlers);
                all.extend(loaded.all);
            }
        }
        (items, handlers, all)
    }

    fn role_part(
        &mut self,
        path: &Path,
        folder: &str,
        file: &str,
        origin: &Arc<Origin>,
        place: Place,
        at: Span,
    ) -> Vec<Item> {
        let folder = path.join(folder);
        match role_file(&folder, file) {
            Some(found) => {
                let here = Origin { directory: folder, ..origin.as_ref().clone() };
                self.tasks_file(&found, &here, place, Some(at))
            }
            None if file == "main" => vec![],
            None => {
                let wanted = folder.join(file);
                self.fault(Diagnostic::error(
                    "role-file-missing",
                    format!("`{}` not found", wanted.display()),
                    at,
                    "named here",
                ));
                vec![]
            }
        }
    }

    fn role_vars(
        &mut self,
        found: Option<PathBuf>,
        file: &str,
        folder: &Path,
        at: Span,
    ) -> Arc<Layer> {
        let Some(found) = found else {
            if file != "main" {
                let wanted = folder.join(file);
                let message = format!("`{}` not found", wanted.display());
                self.fault(Diagnostic::error("role-file-missing", message, at, "named here"));
            }
            return Arc::default();
        };
        // A folder of variable files is read in the order of their names.
        let files = if found.is_dir() { yaml_files(&found) } else { vec![found] };
        let mut layer = Layer::new();
        for file in files {
            let Some(node) = self.read(&file, Some(at)) else { continue };
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

    fn find_role(&self, name: &str, origin: &Origin) -> Option<PathBuf> {
        if Path::new(name).is_absolute() {
            return Some(PathBuf::from(name)).filter(|path| path.is_dir());
        }
        // A role of a collection is looked for by its own name and by the whole one.
        let bare = name.rsplit('.').next().unwrap_or(name);
        self.role_folders(origin)
            .into_iter()
            .flat_map(|folder| [folder.join(name), folder.join(bare)])
            .find(|path| path.is_dir())
    }

    fn role_folders(&self, origin: &Origin) -> Vec<PathBuf> {
        let mut folders = vec![roles_beside(&origin.playbook)];
        if let Some(beside) = origin.role.as_ref().and_then(|role| role.path.parent()) {
            folders.push(beside.to_path_buf());
        }
        folders.extend(self.settings.roles_path.iter().cloned());
        folders.push(origin.playbook.clone());
        super::task::unique(folders)
    }

    /// The role that an `include_role` names, as one item.
    pub(crate) fn included_role(
        &mut self,
        name: &str,
        args: &Node,
        origin: &Arc<Origin>,
        at: Span,
    ) -> Option<IncludedRole> {
        let (files, parents) = (RoleFiles::named_in(args), parents_of(origin));
        let loaded = self.role(name, at, origin, &files, Arc::default(), &parents)?;
        let item = role_block(&loaded, Keywords::default(), Arc::default(), at);
        Some(IncludedRole { role: loaded.role, item, handlers: loaded.handlers })
    }

    /// `import_role`: the role's steps in place of the task.
    pub(super) fn import_role(&mut self, task: &Task) -> Vec<Item> {
        let args = &task.action.args;
        let named = args.get("name").or_else(|| args.get("role"));
        let Some((name, at)) = named.and_then(|node| Some((node.as_str()?, node.span))) else {
            return vec![];
        };
        let parents = parents_of(&task.origin);
        let files = RoleFiles::named_in(args);
        let parameters = Arc::clone(&task.vars);
        let Some(loaded) = self.role(name, at, &task.origin, &files, parameters, &parents) else {
            return vec![];
        };
        let mut keywords = task.keywords.clone();
        keywords.take("name");
        vec![role_block(&loaded, keywords, Arc::default(), task.at)]
    }
}

/// The names of the roles around a place, its own included.
fn parents_of(origin: &Origin) -> Vec<String> {
    origin.role.as_ref().map_or_else(Vec::new, |role| {
        role.parents.iter().cloned().chain([role.name.clone()]).collect()
    })
}

/// The block of a whole role.
fn role_block(loaded: &LoadedRole, keywords: Keywords, vars: Arc<Layer>, at: Span) -> Item {
    Item::Block(Arc::new(Block {
        name: None,
        keywords,
        vars,
        tasks: loaded.items.clone(),
        rescue: vec![],
        always: vec![],
        role: Some(Arc::clone(&loaded.role)),
        import: true,
        at,
    }))
}

/// A role's file by its name with or without an ending; for variables also a folder.
fn role_file(folder: &Path, name: &str) -> Option<PathBuf> {
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
