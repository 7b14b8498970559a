//! What is only known when it is reached: included tasks, roles and variable files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::context::Context;
use super::items::walk_items;
use super::outcome::Ended;
use super::play::PlayRun;
use super::run::Run;
use crate::base::{Diagnostic, Severity, Span};
use crate::event::EventKind;
use crate::playbook::{
    Item, Keywords, Loader, Origin, Place, Role, Task, searched, task_folders, unique,
};
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
    /// Where it is written.
    pub(super) at: Span,
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
        /// Whether the role's variables hold for the rest of the play.
        public: bool,
    },
}

impl What {
    /// What is told of it; nothing of what stands for text written in its place.
    fn shown(&self) -> Option<String> {
        match self {
            Self::Tasks { import: true, .. } => None,
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
    /// What a task without a loop goes on with.
    pub(super) fn new(what: What, apply: Keywords, vars: Arc<Layer>, at: Span) -> Self {
        Self { what, apply, vars, label: None, at }
    }

    /// Adds what the loop that made it knows of the item.
    pub(super) fn hand_on(&mut self, layer: Layer, label: &str) {
        Arc::make_mut(&mut self.vars).extend(layer);
        self.label = Some(label.to_owned());
    }

    /// Two hosts go on together when they include the same with the same variables.
    fn same(&self, other: &Self) -> bool {
        format!("{:?}{:?}", self.what, self.vars) == format!("{:?}{:?}", other.what, other.vars)
    }
}

/// Goes on with what the hosts of a task include, those that include the same together.
pub(super) async fn walk(run: &Arc<Run>, context: &Context, task: &Arc<Task>, all: Vec<Included>) {
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
        match load(run, context, task, &include) {
            Ok((entered, items)) => {
                if let Some(what) = include.what.shown() {
                    let label = include.label.clone();
                    run.events.tell(EventKind::Included { what, hosts: hosts.clone(), label });
                }
                walk_items(run, &entered, &items, &hosts).await;
            }
            Err(faults) => fail_all(run, context, task, &hosts, &faults),
        }
    }
}

/// Loads what is included; the faults are those of its files.
fn load(
    run: &Arc<Run>,
    context: &Context,
    task: &Task,
    include: &Include,
) -> Result<(Context, Vec<Item>), Vec<Diagnostic>> {
    let mut loader = Loader::new(&run.sources, &run.catalogue, &run.load);
    let inside = match &include.what {
        What::Tasks { import: true, .. } => context.enter_import(),
        _ => context.enter_include(&include.apply, &include.vars),
    };
    let items = match &include.what {
        What::Tasks { path, .. } => {
            loader.tasks_file(path, &task.origin, Place::Task, Some(include.at))
        }
        What::Role { name, args, public } => {
            let found = loader.included_role(name, args, &task.origin, include.at);
            found.map_or_else(Vec::new, |role| {
                inside.play.collect_handlers(run, &role.handlers, &inside);
                if *public {
                    inside.play.expose(&role.role);
                }
                vec![role.item]
            })
        }
    };
    let faults = loader.take_faults();
    if faults.has_errors() { Err(faults.into_vec()) } else { Ok((inside, items)) }
}

fn missing(name: &str, folders: &[PathBuf], at: Span) -> Diagnostic {
    Diagnostic::error("include-missing", format!("`{name}` not found"), at, "named here")
        .help(searched(folders))
}

/// Every host of an include that cannot be loaded fails with the faults of its files.
fn fail_all(
    run: &Arc<Run>,
    context: &Context,
    task: &Task,
    hosts: &[String],
    faults: &[Diagnostic],
) {
    let errors: Vec<&Diagnostic> =
        faults.iter().filter(|fault| fault.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return };
    let name = hosts.first().map(|host| run.name_of(task, context, host)).unwrap_or_default();
    let shown = run.task_ref(&name, &task.action.written, task.at);
    run.events.tell(EventKind::TaskStarted { task: shown.clone() });
    for fault in errors.iter().skip(1) {
        run.events.notice(fault.render(&run.sources, &run.redactor, false));
    }
    for host in hosts {
        run.board.update(host, |state| state.failed = true);
        let ended = Ended::at_fault(first);
        run.events.finished(&shown, host, ended.into_result(false, task.at, &run.sources));
    }
}

impl PlayRun {
    /// Lets a role's variables hold for the rest of the play.
    fn expose(&self, role: &Arc<Role>) {
        self.exposed.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(role));
    }

    /// The roles whose variables hold for the rest of the play.
    pub(super) fn exposed_roles(&self) -> Vec<Arc<Role>> {
        self.exposed.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
fn vars_folders(origin: &Origin) -> Vec<PathBuf> {
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
    missing(name, &vars_folders(origin), at)
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
        _ => Err(Diagnostic::error(
            "vars-shape",
            "a file of variables is a mapping",
            node.span,
            format!("this is {}", node.shown()),
        )),
    }
}
