//! Roles: finding them, their files, what they depend on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{Block, Item, Keywords, Origin, Place, Role, RoleName, Task};
use super::play::roles_beside;
use super::{Diagnostic, Loader, layer_of};
use crate::base::Span;
use crate::value::{Data, Layer, Node, Value, Variable, coerce};

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

/// How one place uses a role.
struct Usage {
    files: RoleFiles,
    /// What it sets.
    parameters: Arc<Layer>,
    /// Whether it runs again where it has run; nothing: the role itself says.
    repeats: Option<bool>,
    /// What else makes it the same usage as another one, or not.
    how: String,
}

impl Usage {
    /// By `include_role` or `import_role`, with these arguments.
    fn of_task(args: &Node, parameters: Arc<Layer>, included: bool) -> Self {
        let repeats = args.get("allow_duplicates").map(Node::to_value);
        let repeats = repeats.as_ref().and_then(coerce::to_bool).unwrap_or(true);
        let how = if included { "included" } else { "imported" };
        let files = RoleFiles::named_in(args);
        Self { files, parameters, repeats: Some(repeats), how: how.to_owned() }
    }
}

impl Usage {
    /// The same for two uses that are one.
    fn identity(&self, path: &Path) -> String {
        format!("{path:?}{:?}{:?}{}", self.files, plain(written(&self.parameters)), self.how)
    }
}

/// What nodes hold, wherever they stand.
fn plain<'n, N: ToString>(nodes: impl Iterator<Item = (N, &'n Node)>) -> Vec<(String, Value)> {
    nodes.map(|(name, node)| (name.to_string(), node.to_value())).collect()
}

/// The variables that are written in files.
fn written(layer: &Layer) -> impl Iterator<Item = (&String, &Node)> {
    layer.iter().filter_map(|(name, variable)| match variable {
        Variable::Written(node) => Some((name, node.as_ref())),
        _ => None,
    })
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
                "A malformed role declaration was encountered",
                node.span,
                format!("this is {}", node.shown()),
            ));
            return roles;
        };
        for entry in entries {
            if let Some((loaded, block)) = self.role_entry(entry, origin, &[]) {
                roles.tasks.push(block);
                roles.handlers.extend(loaded.handlers);
                roles.all.extend(loaded.all);
            }
        }
        roles
    }

    /// One entry of `roles:` or of a role's dependencies.
    fn role_entry(
        &mut self,
        entry: &Node,
        origin: &Arc<Origin>,
        parents: &[RoleName],
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
        if name.contains(',') {
            let message = format!("Invalid old style role requirement: {name}");
            self.fault(
                Diagnostic::error("role-name", message, span, "not the name of a role")
                    .help("write a mapping with `role: NAME` and the variables beside it"),
            );
            return None;
        }
        let vars = self.vars(&mut keywords);
        let usage = Usage {
            files: RoleFiles::default(),
            parameters: Arc::new(parameters),
            repeats: None,
            how: format!("{:?}{:?}", plain(keywords.iter()), plain(written(&vars))),
        };
        let mut loaded = self.role(&name, span, origin, usage, parents)?;
        loaded.handlers = vec![handlers_block(&loaded, keywords.clone(), &vars, entry.span)];
        let block = role_block(&loaded, keywords, vars, entry.span);
        Some((loaded, block))
    }

    /// Loads a role; the fault that it is not found is noted.
    fn role(
        &mut self,
        name: &str,
        at: Span,
        origin: &Arc<Origin>,
        usage: Usage,
        parents: &[RoleName],
    ) -> Option<LoadedRole> {
        let files = &usage.files;
        let Some(path) = self.find_role(name, origin) else {
            self.fault(
                Diagnostic::error(
                    "role-missing",
                    format!(
                        "the role '{name}' was not found in {}",
                        listed(&self.role_folders(origin))
                    ),
                    at,
                    "used here",
                )
                .help("`roles_path` in ansible.cfg names further folders"),
            );
            return None;
        };
        if parents.iter().filter(|parent| parent.path == path).count() > 8 {
            let names: Vec<&str> = parents.iter().map(|parent| parent.name.as_str()).collect();
            self.fault(Diagnostic::error(
                "role-loop",
                format!("role `{name}` depends on itself: {}", names.join(" -> ")),
                at,
                "used here",
            ));
            return None;
        }
        self.catalogue.library.add_role(&path);
        let layer = |loader: &mut Self, folder: &str, file: &str| {
            let found = role_file(&path.join(folder), file);
            loader.role_vars(found, file, &path.join(folder), at)
        };
        let meta = role_file(&path.join("meta"), "main").and_then(|meta| self.read(&meta, None));
        let says = |name: &str| coerce::to_bool(&meta.as_ref()?.get(name)?.to_value());
        let mut role = Role {
            name: name.to_owned(),
            defaults: layer(self, "defaults", &files.defaults),
            vars: layer(self, "vars", &files.vars),
            path: path.clone(),
            identity: usage.identity(&path),
            parameters: usage.parameters,
            parents: parents.to_vec(),
            dependencies: vec![],
            repeats: usage.repeats.or_else(|| says("allow_duplicates")).unwrap_or(false),
        };
        let (mut items, mut handlers, mut all) = self.dependencies(meta.as_ref(), &role, origin);
        role.dependencies.clone_from(&all);
        let role = Arc::new(role);
        let inner = inside(&role, origin);
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
        meta: Option<&Node>,
        role: &Role,
        origin: &Origin,
    ) -> (Vec<Item>, Vec<Item>, Vec<Arc<Role>>) {
        let (mut items, mut handlers, mut all) = (vec![], vec![], vec![]);
        let inner: Vec<RoleName> = role.parents.iter().cloned().chain([role.known_as()]).collect();
        let origin = &inside(&Arc::new(role.clone()), origin);
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
        let parents = parents_of(origin);
        let usage = Usage::of_task(args, Arc::default(), true);
        let loaded = self.role(name, at, origin, usage, &parents)?;
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
        let usage = Usage::of_task(args, Arc::clone(&task.vars), false);
        let Some(loaded) = self.role(name, at, &task.origin, usage, &parents) else {
            return vec![];
        };
        let mut keywords = task.keywords.clone();
        keywords.take("name");
        vec![role_block(&loaded, keywords, Arc::default(), task.at)]
    }
}

/// The roles around a place, its own included.
fn parents_of(origin: &Origin) -> Vec<RoleName> {
    origin.role.as_ref().map_or_else(Vec::new, |role| {
        role.parents.iter().cloned().chain([role.known_as()]).collect()
    })
}

/// Where the tasks of a role stand.
fn inside(role: &Arc<Role>, origin: &Origin) -> Arc<Origin> {
    Arc::new(Origin {
        directory: role.path.join("tasks"),
        playbook: origin.playbook.clone(),
        role: Some(Arc::clone(role)),
    })
}

/// The handlers of a role, for which the keywords of its entry hold as they do for its tasks.
fn handlers_block(loaded: &LoadedRole, keywords: Keywords, vars: &Arc<Layer>, at: Span) -> Item {
    Item::Block(Arc::new(Block {
        name: None,
        keywords,
        vars: Arc::clone(vars),
        tasks: loaded.handlers.clone(),
        rescue: vec![],
        always: vec![],
        role: None,
        import: true,
        at,
    }))
}

/// Folders in a row, from the root.
fn listed(folders: &[PathBuf]) -> String {
    let shown = folders.iter().map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()).display().to_string()
    });
    shown.collect::<Vec<_>>().join(":")
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
