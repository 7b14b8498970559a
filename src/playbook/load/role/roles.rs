//! Roles: those of a play, and what they depend on.

use std::sync::Arc;

use super::files::{Part, role_file};
use super::find::{FoundRole, instead_of, listed};
use super::usage::{Usage, chain};
use crate::base::{Diagnostic, Span};
use crate::playbook::load::Loader;
use crate::playbook::{Block, Item, Keywords, Origin, Place, Role, RoleName, Task, collection_of};
use crate::value::{Data, Layer, Mapping, Node, coerce};

/// What the `roles:` of a play come to.
#[derive(Default)]
pub(in crate::playbook::load) struct PlayRoles {
    pub(in crate::playbook::load) all: Vec<Arc<Role>>,
    pub(in crate::playbook::load) tasks: Vec<Item>,
    pub(in crate::playbook::load) handlers: Vec<Item>,
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
    pub(in crate::playbook::load) fn play_roles(
        &mut self,
        keywords: &mut Keywords,
        origin: &Arc<Origin>,
    ) -> PlayRoles {
        let mut roles = PlayRoles::default();
        let Some(node) = keywords.take("roles") else { return roles };
        let Data::List(entries) = &node.data else {
            self.fault(Diagnostic::error(
                "roles-shape",
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
        let mut arguments = Mapping::new();
        let (name, span, mut keywords) = match &entry.data {
            Data::Map(pairs) => {
                let mut keywords = self.keywords(pairs, Place::Role, |_, key, node| {
                    arguments.insert(key.clone(), node.clone());
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
        let origin = &origin.searching(&keywords);
        let usage = Usage::of_entry(&keywords, &vars, arguments);
        let mut loaded = self.role(&name, span, origin, &usage, parents)?;
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
        usage: &Usage,
        parents: &[RoleName],
    ) -> Option<LoadedRole> {
        let FoundRole { name, path, collection } = self.found_role(name, at, origin, parents)?;
        self.catalogue.library.add_role(&path);
        let files = &usage.files;
        let part = |folder, file| Part { role: &path, folder, file, at };
        let meta = role_file(&path.join("meta"), "main").and_then(|meta| self.read(&meta, None));
        let says = |name: &str| coerce::to_bool(&meta.as_ref()?.get(name)?.to_value());
        let mut role = Role {
            name,
            collection,
            defaults: self.role_vars(part("defaults", &files.defaults)),
            vars: self.role_vars(part("vars", &files.vars)),
            path: path.clone(),
            identity: usage.identity(&path),
            parameters: Arc::clone(&usage.parameters),
            parents: parents.to_vec(),
            includers: usage.includers.clone(),
            dependencies: vec![],
            public: usage
                .public
                .or(self.settings.private_roles.map(|private| !private))
                .unwrap_or(!usage.included),
            repeats: usage.repeats.or_else(|| says("allow_duplicates")).unwrap_or(false),
        };
        let (mut items, mut handlers, mut all) = self.dependencies(meta.as_ref(), &role, origin);
        role.dependencies.clone_from(&all);
        let role = Arc::new(role);
        let inner = inside(&role, meta.as_ref(), origin);
        items.extend(self.validation(usage, meta.as_ref(), &inner));
        items.extend(self.role_part(part("tasks", &files.tasks), &inner, Place::Task));
        let handler_part = part("handlers", &files.handlers);
        handlers.extend(self.role_part(handler_part, &inner, Place::Handler));
        all.push(Arc::clone(&role));
        Some(LoadedRole { role, items, handlers, all })
    }

    /// Finds a role; that it is not there, or depends on itself, is noted.
    fn found_role(
        &mut self,
        name: &str,
        at: Span,
        origin: &Origin,
        parents: &[RoleName],
    ) -> Option<FoundRole> {
        let Some(found) = self.find_role(name, origin) else {
            let folders = self.role_folders(origin);
            let message = format!("the role '{name}' was not found in {}", listed(&folders));
            let fault = Diagnostic::error("role-missing", message, at, "used here");
            self.fault(fault.help(instead_of(name, &folders, &origin.playbook)));
            return None;
        };
        if parents.iter().filter(|parent| parent.path == found.path).count() > 8 {
            let names: Vec<&str> = parents.iter().map(|parent| parent.name.as_str()).collect();
            self.fault(Diagnostic::error(
                "role-loop",
                format!("role `{name}` depends on itself: {}", names.join(" -> ")),
                at,
                "used here",
            ));
            return None;
        }
        Some(found)
    }

    fn dependencies(
        &mut self,
        meta: Option<&Node>,
        role: &Role,
        origin: &Origin,
    ) -> (Vec<Item>, Vec<Item>, Vec<Arc<Role>>) {
        let (mut items, mut handlers, mut all) = (vec![], vec![], vec![]);
        let inner: Vec<RoleName> = role.parents.iter().cloned().chain([role.known_as()]).collect();
        let origin = &inside(&Arc::new(role.clone()), meta, origin);
        for entry in meta.iter().filter_map(|meta| meta.get("dependencies")?.as_list()).flatten() {
            if let Some((loaded, block)) = self.role_entry(entry, origin, &inner) {
                items.push(block);
                handlers.extend(loaded.handlers);
                all.extend(loaded.all);
            }
        }
        (items, handlers, all)
    }

    /// The role that an `include_role` names, as one item.
    pub(crate) fn included_role(
        &mut self,
        name: &str,
        args: &Node,
        origin: &Arc<Origin>,
        at: Span,
    ) -> Option<IncludedRole> {
        let parents = chain(origin, |role| &role.parents);
        let usage = Usage::of_task(args, Arc::default(), origin, true);
        let loaded = self.role(name, at, origin, &usage, &parents)?;
        let item = role_block(&loaded, Keywords::default(), Arc::default(), at);
        Some(IncludedRole { role: loaded.role, item, handlers: loaded.handlers })
    }

    /// `import_role`: the role's steps in place of the task.
    pub(in crate::playbook::load) fn import_role(&mut self, task: &Task) -> Vec<Item> {
        let mut args = task.action.args.clone();
        if let Data::Map(pairs) = &mut args.data {
            pairs.values_mut().for_each(|node| *node = self.import_name(node));
            if NAMES.iter().filter_map(|name| pairs.get(*name)).any(Node::is_template) {
                // It depends on variables: resolved when it is reached, inherited all the same.
                return vec![Item::Task(Arc::new(task.clone()))];
            }
        }
        let named = args.get("name").or_else(|| args.get("role"));
        let known = named.and_then(|node| Some((node.as_str()?, node.span)));
        let Some((name, at)) = known else { return vec![] };
        let parents = chain(&task.origin, |role| &role.parents);
        let usage = Usage::of_task(&args, Arc::clone(&task.vars), &task.origin, false);
        let Some(loaded) = self.role(name, at, &task.origin, &usage, &parents) else {
            return vec![];
        };
        self.imported.roles.extend(loaded.all.iter().filter(|role| role.public).cloned());
        let mut keywords = task.keywords.clone();
        keywords.take("name");
        let handlers = handlers_block(&loaded, keywords.clone(), &Arc::default(), task.at);
        self.imported.handlers.push(handlers);
        vec![role_block(&loaded, keywords, Arc::default(), task.at)]
    }
}

/// The arguments of `import_role` that name the role and its files.
const NAMES: [&str; 6] =
    ["name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from"];

/// Where the tasks of a role stand. Names are looked for in its own collection and in those its
/// `meta/` names, not in those around it.
fn inside(role: &Arc<Role>, meta: Option<&Node>, origin: &Origin) -> Arc<Origin> {
    let own = role.collection.clone().or_else(|| collection_of(&origin.playbook));
    let named = meta.and_then(|meta| meta.get("collections")?.as_list()).unwrap_or_default();
    let named = named.iter().filter_map(|node| node.as_str().map(str::to_owned));
    Arc::new(Origin {
        directory: role.path.join("tasks"),
        playbook: origin.playbook.clone(),
        role: Some(Arc::clone(role)),
        collections: own.into_iter().chain(named).collect(),
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
