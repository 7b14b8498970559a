//! One run: what all its parts share, and the loop that tells what happens.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use super::action::ActionEntry;
use super::board::Board;
use super::connections::Connections;
use super::events::Events;
use super::fact_keeper::FactKeeper;
use super::include::Loaded;
use super::jobs::Jobs;
use super::options::{Interrupt, Options};
use super::play::PlayRun;
use super::project::Project;
use crate::base::{Diagnostic, Redactor, Sources};
use crate::event::{Event, EventKind, Shown, Stats};
use crate::inventory::{Addition, Inventory, Pattern, Reading};
use crate::playbook::{Catalogue, LoadSettings, Playbook};
use crate::remote::docker::Engines;
use crate::sdk::Entry;
use crate::template::Templar;
use crate::value::{Layer, Level, Value};

/// The variables a host comes with, the weakest first.
type Layers = Vec<(Level, Arc<Layer>)>;

/// What all parts of a run share.
pub(super) struct Run {
    pub(super) options: Options,
    pub(super) sources: Sources,
    pub(super) redactor: Redactor,
    pub(super) templar: Templar,
    pub(super) catalogue: Catalogue,
    pub(super) load: LoadSettings,
    pub(super) inventory: RwLock<Inventory>,
    pub(super) inventory_sources: Vec<String>,
    reading: Reading,
    /// `--limit`.
    pub(super) limit: Option<Pattern>,
    pub(super) playbook_dir: PathBuf,
    pub(super) board: Board,
    pub(super) connections: Connections,
    pub(super) engines: Engines,
    pub(super) extra: Arc<Layer>,
    pub(super) events: Events,
    pub(super) jobs: Arc<Jobs>,
    pub(super) interrupt: Interrupt,
    pub(super) forks: Arc<Semaphore>,
    pub(super) tasks: std::sync::atomic::AtomicU32,
    pub(super) started: std::sync::atomic::AtomicBool,
    /// What was included, by what names it and where.
    pub(super) included: Mutex<HashMap<String, Arc<Loaded>>>,
    modules: &'static [Entry],
    actions: &'static [ActionEntry],
    layers: Mutex<HashMap<String, Layers>>,
    groups: Mutex<Option<Arc<Value>>>,
}

impl Run {
    /// The module of a name.
    pub(super) fn module(&self, name: &str) -> Option<&'static Entry> {
        self.modules.iter().find(|entry| entry.name == name)
    }

    /// The engine's own action of a name.
    pub(super) fn action(&self, name: &str) -> Option<&'static ActionEntry> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// The inventory's variables of a host, the weakest first.
    pub(super) fn host_layers(&self, host: &str) -> Layers {
        let mut known = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layers) = known.get(host) {
            return layers.clone();
        }
        let (layers, faults) =
            self.read_inventory(|inventory| inventory.layers(host, Some(&self.playbook_dir)));
        for fault in faults.iter() {
            self.warn(fault);
        }
        known.insert(host.to_owned(), layers.clone());
        layers
    }

    /// `groups`.
    pub(super) fn groups(&self) -> Arc<Value> {
        let mut known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.get_or_insert_with(|| {
            Arc::new(self.read_inventory(|inventory| json!(inventory.groups())))
        }))
    }

    /// `group_names` of a host.
    pub(super) fn group_names(&self, host: &str) -> Vec<String> {
        self.read_inventory(|inventory| {
            inventory.host_groups(host).into_iter().map(str::to_owned).collect()
        })
    }

    /// Whether the inventory has a host, or it is the one that always is.
    pub(super) fn has_host(&self, host: &str) -> bool {
        self.read_inventory(|inventory| inventory.host(host).is_some()) || self.board.knows(host)
    }

    /// Every host of the inventory, in its order.
    pub(super) fn host_names(&self) -> Vec<String> {
        self.read_inventory(|inventory| inventory.hosts().map(|host| host.name.clone()).collect())
    }

    /// The folder of the first inventory.
    pub(super) fn inventory_dir(&self) -> Option<String> {
        let first = std::path::Path::new(self.inventory_sources.first()?);
        let dir = if first.is_dir() { first } else { first.parent()? };
        Some(dir.display().to_string())
    }

    /// Tells of something that is wrong, and does not end the run.
    pub(super) fn warn(&self, fault: &Diagnostic) {
        let text = fault.render(&self.sources, &self.redactor, false);
        self.events.tell(EventKind::Notice { text, brief: Some(fault.message.clone()) });
    }

    /// Reads the inventory.
    pub(super) fn read_inventory<R>(&self, read: impl FnOnce(&Inventory) -> R) -> R {
        read(&self.inventory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the inventory anew; hosts that the run itself has added stay in it.
    pub(super) fn refresh_inventory(&self) {
        let (mut inventory, faults) = Inventory::load(&self.inventory_sources, &self.reading);
        for fault in faults.iter() {
            self.warn(fault);
        }
        self.change_inventory(|known| {
            // What was only put into groups goes with the sources.
            let stays = |added: &&Addition| !added.known || inventory.host(&added.host).is_some();
            let added: Vec<Addition> = known.additions().iter().filter(stays).cloned().collect();
            for added in added {
                let groups = added.groups.iter().map(String::as_str);
                inventory.add_host(&added.host, groups, added.vars.clone());
            }
            *known = inventory;
        });
    }

    /// Forgets the facts that are kept of every host.
    fn flush_cache(&self) {
        let Some(cache) = &self.options.fact_cache else { return };
        let hosts = self.host_names();
        for host in hosts.iter().map(String::as_str).chain(["localhost"]) {
            if let Err(fault) = cache.forget(host) {
                self.events.notice(fault);
            }
        }
    }

    /// Changes the inventory; what was derived from it is made anew.
    pub(super) fn change_inventory<R>(&self, change: impl FnOnce(&mut Inventory) -> R) -> R {
        let result = change(&mut self.inventory.write().unwrap_or_else(PoisonError::into_inner));
        self.layers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.groups.lock().unwrap_or_else(PoisonError::into_inner) = None;
        result
    }
}

/// Runs a project and tells `show` what happens, in order.
///
/// Every event has passed the redactor. The run ends when all plays have, or when `interrupt`
/// says so; either way the last event is `RunFinished` and its counts are returned.
pub async fn run(
    project: Project,
    options: Options,
    interrupt: Interrupt,
    mut show: impl FnMut(&Shown<Event>),
) -> Stats {
    let begun = Instant::now();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let redactor = project.redactor.clone();
    let what = project.playbooks.iter().map(|p| p.path.display().to_string()).collect();
    let check = options.check;
    let (run, playbooks) = assemble(project, options, interrupt.clone(), Events(sender));
    let walk = {
        let run = Arc::clone(&run);
        tokio::spawn(async move {
            walk(&run, &playbooks).await;
            run.jobs.settle(&run.events, run.options.verbosity > 0).await;
        })
    };
    // The walk holds the senders: when it is over the channel closes and the loop ends.
    let order = run.host_names();
    let jobs = Arc::clone(&run.jobs);
    drop(run);
    let (mut number, mut stats) = (0, Stats::default());
    let mut tell = |kind: EventKind| {
        number += 1;
        let event = Event { number, elapsed: begun.elapsed(), kind };
        show(&Shown::event(event, &redactor));
    };
    tell(EventKind::RunStarted { what, check });
    let abort = walk.abort_handle();
    loop {
        tokio::select! {
            message = receiver.recv() => match message {
                Some(kind) => {
                    match &kind {
                        EventKind::HostFinished { host, result, .. } => {
                            stats.count(host, result);
                            stats.take_custom(host, &result.returned);
                        }
                        EventKind::Meta { task, skipped: false, .. }
                            if task.action == "clear_host_errors" => stats.forgive(),
                        EventKind::PlayFailed { .. } => stats.plays_failed += 1,
                        EventKind::Rescued { host } => stats.rescue(host),
                        _ => {}
                    }
                    tell(kind);
                }
                None => break,
            },
            () = interrupt.at_once() => {
                abort.abort();
                jobs.stop();
                break;
            }
        }
    }
    stats.sort(&order);
    if let Err(error) = walk.await
        && error.is_panic()
    {
        stats.internal_error = true;
    }
    tell(EventKind::RunFinished { stats: stats.clone(), interrupted: interrupt.is_set() });
    stats
}

async fn walk(run: &Arc<Run>, playbooks: &[Playbook]) {
    if run.options.flush_cache {
        run.flush_cache();
    }
    for playbook in playbooks {
        let path = playbook.path.display().to_string();
        run.events.tell(EventKind::PlaybookStarted { path, plays: playbook.plays.len() });
        for play in &playbook.plays {
            if !run.interrupt.is_set() && !PlayRun::walk(run, play).await {
                return;
            }
        }
    }
}

fn assemble(
    project: Project,
    options: Options,
    interrupt: Interrupt,
    events: Events,
) -> (Arc<Run>, Vec<Playbook>) {
    let forks = Arc::new(Semaphore::new(options.forks.max(1)));
    let playbook_dir = project
        .playbooks
        .first()
        .and_then(|playbook| playbook.path.parent())
        .map(std::path::Path::to_path_buf)
        .unwrap_or_default();
    let keeper = options.fact_cache.clone().map(|cache| FactKeeper::new(cache, events.clone()));
    let run = Run {
        options,
        sources: project.sources,
        redactor: project.redactor,
        templar: project.templar,
        catalogue: project.catalogue,
        load: project.load,
        inventory: RwLock::new(project.inventory),
        inventory_sources: project.inventory_sources,
        reading: project.reading,
        limit: project.limit,
        playbook_dir,
        board: Board::new(keeper),
        connections: Connections::default(),
        engines: Engines::default(),
        extra: project.extra,
        events,
        jobs: Arc::default(),
        interrupt,
        forks,
        included: Mutex::default(),
        tasks: std::sync::atomic::AtomicU32::new(0),
        started: std::sync::atomic::AtomicBool::new(project.start_at.is_none()),
        modules: project.modules,
        actions: project.actions,
        layers: Mutex::default(),
        groups: Mutex::default(),
    };
    (Arc::new(run), project.playbooks)
}
