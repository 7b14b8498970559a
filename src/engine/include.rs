//! What is only known when it is reached: included tasks, roles and variable files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use indexmap::IndexSet;

use super::context::Context;
use super::items::walk_items;
use super::play::PlayRun;
use super::run::Run;
use super::step::Step;
use super::work::template;
use crate::base::{Diagnostic, Severity, Span};
use crate::event::EventKind;
use crate::playbook::{
    Item, Keywords, Loader, Origin, Place, Role, searched, task_folders, unique,
};
use crate::sdk::Failure;
use crate::value::{Data, Layer, Node, Scope, coerce, yaml};

/// Something a host goes on with.
#[derive(Debug, Clone)]
pub(super) struct Include {
    /// Which tasks.
    pub(super) what: What,
    /// The keywords that hold for all of them.
    pub(super) apply: Keywords,
    /// The variables they get.
    pub(super) vars: Arc<Layer>,
    /// The item of the loop it belongs to, as it is shown.
    pub(super) label: Option<String>,
    /// The tasks themselves.
    loaded: Arc<Loaded>,
}

/// What stands in the files of an include.
#[derive(Debug)]
pub(super) struct Loaded {
    items: Vec<Item>,
    /// The role itself, and the roles imported in it.
    roles: Vec<Arc<Role>>,
    /// The handlers that come with it.
    handlers: Vec<Item>,
}

/// The tasks that are included.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Those of a file.
    Tasks {
        /// The file.
        path: PathBuf,
        /// Whether it was written as an import: the task's keywords hold for all in it.
        import: bool,
    },
    /// Those of a role.
    Role {
        /// The role's name.
        name: String,
        /// The arguments of the include.
        args: Node,
        /// Whether it was written as an import: the task's keywords hold for all in it.
        import: bool,
    },
}

impl What {
    /// What is told of it; nothing of what stands for text written in its place.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Tasks { import: true, .. } | Self::Role { import: true, .. } => None,
            Self::Tasks { path, .. } => Some(path.display().to_string()),
            Self::Role { name, .. } => Some(name.clone()),
        }
    }
}

/// A host and what it goes on with.
#[derive(Debug, Clone)]
pub(super) struct Included {
    pub(super) host: String,
    pub(super) include: Include,
}

impl Include {
    /// What a task without a loop goes on with; the error says why it cannot be read.
    pub(super) fn read(
        step: &Step,
        what: What,
        apply: Keywords,
        vars: Arc<Layer>,
        at: Span,
    ) -> Result<Self, Failure> {
        if step.context.depth >= DEEPEST {
            return Err(template(endless(&what, at)));
        }
        let loaded = load(step, &what, at)?;
        Ok(Self { what, apply, vars, label: None, loaded })
    }

    /// Adds what the loop that made it knows of the item.
    pub(super) fn hand_on(&mut self, layer: Layer, label: &str) {
        Arc::make_mut(&mut self.vars).extend(layer);
        self.label = Some(label.to_owned());
    }

    /// What holds inside of it; a role's handlers become those of the play.
    fn enter(&self, run: &Arc<Run>, context: &Context) -> Context {
        let inside = match &self.what {
            What::Tasks { import: true, .. } | What::Role { import: true, .. } => {
                context.enter_import()
            }
            _ => context.enter_include(&self.apply, &self.vars),
        };
        inside.play.collect_handlers(run, &self.loaded.handlers, &inside);
        self.loaded.roles.iter().for_each(|role| inside.play.include(role));
        inside
    }

    /// Two hosts go on together when they include the same with the same variables.
    fn same(&self, other: &Self) -> bool {
        format!("{:?}{:?}", self.what, self.vars) == format!("{:?}{:?}", other.what, other.vars)
    }
}

/// Goes on with what the hosts of a task include, those that include the same together.
pub(super) async fn walk(run: &Arc<Run>, context: &Context, all: Vec<Included>) {
    let mut groups: Vec<(Include, Vec<String>)> = vec![];
    for Included { host, include } in all {
        match groups
            .iter_mut()
            .find(|(known, hosts)| known.same(&include) && !hosts.contains(&host))
        {
            Some((_, hosts)) => hosts.push(host),
            None => groups.push((include, vec![host])),
        }
    }
    for (include, hosts) in groups {
        let hosts = run.board.active(&hosts);
        if hosts.is_empty() || run.interrupt.is_set() {
            continue;
        }
        if let Some(what) = include.what.shown() {
            let label = include.label.clone();
            run.events.tell(EventKind::Included { what, hosts: hosts.clone(), label });
        }
        let inside = include.enter(run, context);
        walk_items(run, &inside, &include.loaded.items, &hosts).await;
    }
}

/// How many includes may stand one inside the other.
const DEEPEST: usize = 250;

fn endless(what: &What, at: Span) -> Diagnostic {
    let name = match what {
        What::Tasks { path, .. } => path.display().to_string(),
        What::Role { name, .. } => name.clone(),
    };
    let message = format!("expected at most {DEEPEST} includes one inside the other");
    Diagnostic::error("include-loop", message, at, "one more")
        .help(format!("does `{name}` include itself without end? A `when` can end it"))
}

/// Loads what is included, or takes it as it was loaded before: a run reads a file once.
fn load(step: &Step, what: &What, at: Span) -> Result<Arc<Loaded>, Failure> {
    let (run, origin) = (&step.run, &step.task.origin);
    let key = format!("{what:?}{at:?}{:?}", origin.role.as_ref().map(|role| &role.identity));
    if let Some(known) = run.included.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(known));
    }
    let (fresh, faults) = read_files(step, what, at);
    let (mut errors, others): (Vec<_>, Vec<_>) =
        faults.into_iter().partition(|fault| fault.severity == Severity::Error);
    // The first is the task's failure.
    let first = (!errors.is_empty()).then(|| errors.remove(0));
    for fault in errors.iter().chain(others.iter().filter(|f| f.severity == Severity::Warning)) {
        run.warn(fault);
    }
    match (first, fresh) {
        (Some(fault), _) => Err(template(fault)),
        (None, Some(fresh)) => {
            let fresh = Arc::new(fresh);
            let mut known = run.included.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(key, Arc::clone(&fresh));
            Ok(fresh)
        }
        (None, None) => Err(Failure::new("there is nothing to include")),
    }
}

/// Reads the files of what is included, and what is wrong with them.
fn read_files(step: &Step, what: &What, at: Span) -> (Option<Loaded>, Vec<Diagnostic>) {
    let (run, origin) = (&step.run, &step.task.origin);
    let place = if step.shown.handler { Place::Handler } else { Place::Task };
    let mut loader = Loader::new(&run.sources, &run.catalogue, &run.load);
    let found = match what {
        What::Tasks { path, .. } => {
            Some((loader.tasks_file(path, origin, place, Some(at)), vec![], None))
        }
        What::Role { name, args, .. } => loader
            .included_role(name, args, origin, at)
            .map(|found| (vec![found.item], found.handlers, Some(found.role))),
    };
    let imported = loader.take_imported();
    let fresh = found.map(|(items, mut handlers, role)| {
        handlers.extend(imported.handlers);
        let roles = role.into_iter().chain(imported.roles).collect();
        Loaded { items, roles, handlers }
    });
    (fresh, loader.take_faults().into_vec())
}

/// The fault that a file which tasks or plays name is not there.
pub(super) fn missing(name: &str, folders: &[PathBuf], at: Span) -> Diagnostic {
    Diagnostic::error("include-missing", format!("`{name}` not found"), at, "named here")
        .help(searched(folders))
}

impl PlayRun {
    /// Notes a role that tasks go on with.
    fn include(&self, role: &Arc<Role>) {
        self.included.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(role));
    }

    /// Every role of the play: those it lists or imports, then those included so far.
    fn roles(&self) -> Vec<Arc<Role>> {
        let included = self.included.lock().unwrap_or_else(PoisonError::into_inner);
        self.play.roles.iter().chain(included.iter()).cloned().collect()
    }

    /// The names of its roles, without those that are only depended on.
    pub(super) fn role_names(&self) -> Vec<String> {
        let roles = self.roles().into_iter().filter(|role| !role.is_dependency());
        roles.map(|role| role.name.clone()).collect()
    }

    /// The names of the roles that its roles depend on.
    pub(super) fn dependency_names(&self) -> IndexSet<String> {
        let roles = self.roles();
        let all = roles.iter().flat_map(|role| &role.dependencies);
        all.map(|role| role.name.clone()).collect()
    }

    /// The roles whose variables hold for the rest of the play.
    pub(super) fn exposed_roles(&self) -> Vec<Arc<Role>> {
        let included = self.included.lock().unwrap_or_else(PoisonError::into_inner);
        included.iter().filter(|role| role.public).cloned().collect()
    }
}

/// The variables of `vars_files`: of each entry that is a list, the first file that exists.
pub(super) fn vars_files(
    run: &Run,
    files: &[Node],
    origin: &Origin,
    scope: &Arc<dyn Scope>,
) -> Result<Layer, Diagnostic> {
    let mut layer = Layer::new();
    for entry in files {
        let choices = match &entry.data {
            Data::List(items) => items.as_slice(),
            _ => std::slice::from_ref(entry),
        };
        let mut names = vec![];
        for choice in choices {
            if let Some(value) = run.templar.evaluate(choice, scope)? {
                names.push(coerce::to_text(&value));
            }
        }
        let found = names.iter().find_map(|name| find_vars(name, origin));
        let Some(path) = found else {
            let folders = vars_folders(origin);
            return Err(missing(&names.join("` or `"), &folders, entry.span));
        };
        layer.extend(read_vars(run, &path, entry.span)?);
    }
    Ok(layer)
}

/// The folders that a file of variables is looked for in.
pub(super) fn vars_folders(origin: &Origin) -> Vec<PathBuf> {
    let mut folders = vec![];
    if let Some(role) = &origin.role {
        folders.push(role.path.join("vars"));
        folders.push(role.path.clone());
    }
    for base in [&origin.directory, &origin.playbook] {
        folders.push(base.join("vars"));
        folders.push(base.clone());
    }
    unique(folders)
}

/// A file or folder of variables named in a task or play.
pub(super) fn find_vars(name: &str, origin: &Origin) -> Option<PathBuf> {
    if Path::new(name).is_absolute() {
        return Some(PathBuf::from(name)).filter(|path| path.exists());
    }
    vars_folders(origin).into_iter().map(|folder| folder.join(name)).find(|path| path.exists())
}

/// The fault that a file of tasks is not there.
pub(super) fn missing_tasks(name: &str, origin: &Origin, at: Span) -> Diagnostic {
    missing(name, &task_folders(origin), at)
}

/// The fault that a file of variables is not there.
pub(super) fn missing_vars(name: &str, origin: &Origin, at: Span) -> Diagnostic {
    let fault = missing(name, &vars_folders(origin), at);
    Diagnostic { message: format!("Could not find file '{name}'"), ..fault }
}

/// Reads a file of variables.
pub(super) fn read_vars(run: &Run, path: &Path, at: Span) -> Result<Layer, Diagnostic> {
    let read = run.load.keyring.read_file(&run.sources, path);
    let source =
        read.map_err(
            |fault| if fault.span().is_none() { fault.also(at, "named here") } else { fault },
        )?;
    let node = yaml::parse(&run.sources, source)?.single()?;
    match &node.data {
        Data::Map(_) => Ok(crate::playbook::layer_of(&node)),
        Data::Null => Ok(Layer::new()),
        // As ansible-core has it, a list of mappings is one mapping.
        Data::List(parts) if parts.iter().all(|part| part.as_map().is_some()) => {
            Ok(parts.iter().flat_map(crate::playbook::layer_of).collect())
        }
        _ => Err(Diagnostic::error(
            "vars-shape",
            "a file of variables is a mapping",
            node.span,
            format!("this is {}", node.shown()),
        )),
    }
}
