//! A project: everything a run needs, loaded and checked before any host is reached.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::action::{ActionEntry, actions};
use super::ad_hoc::{Background, ad_hoc};
use super::extra_vars;
use super::static_check;
use super::static_files::{FileCheck, PlayHosts};
use super::static_play::{StaticPlay, Told};
use super::static_values::Values;
use super::tags::TagChoice;
use crate::base::{Diagnostic, Diagnostics, Redactor, Severity, Sources, Span};
use crate::inventory::{Inventory, Pattern, Reading, ReadingOptions, is_localhost};
use crate::playbook::{Catalogue, Described, LibraryPaths, LoadSettings, Loader, Play, Playbook};
use crate::sdk::Entry;
use crate::template::{self, Templar};
use crate::value::vault::Keyring;
use crate::value::{Layer, Level, Node, Value, Variable};

/// What a project is made of.
#[derive(Debug)]
pub struct Settings {
    /// The texts that are read.
    pub sources: Sources,
    /// What learns the secrets.
    pub redactor: Redactor,
    /// What opens vaults.
    pub keyring: Keyring,
    /// Inventories: files, folders, scripts, or host lists with a comma.
    pub inventories: Vec<String>,
    /// How they are read.
    pub reading: ReadingOptions,
    /// Keywords of plays that do not set them.
    pub defaults: Vec<(&'static str, Value)>,
    /// What runs.
    pub what: What,
    /// `--extra-vars`, as written.
    pub extra_vars: Vec<String>,
    /// Folders that roles are looked for in.
    pub roles_path: Vec<PathBuf>,
    /// Folders that modules of the user's own are looked for in.
    pub library: LibraryPaths,
    /// `--limit`, to be checked against the inventory.
    pub limit: Option<String>,
    /// `--start-at-task`.
    pub start_at: Option<String>,
    /// Which tasks' files must be there; none: any may be missing.
    pub files: Option<FileScope>,
    /// Whether what is wrong with a task is told when it is reached, as ansible-core does.
    pub late_faults: bool,
    /// Whether conditions must come out as true or false, as they must for ansible-core since 2.19.
    pub strict_conditions: bool,
    /// Whether the variables of roles are private to them, where that was set.
    pub private_roles: Option<bool>,
    /// What was set outside of the playbooks, for templates that ask.
    pub configured: BTreeMap<&'static str, (String, String)>,
    /// The modules there are.
    pub modules: &'static [Entry],
}

/// Which tasks of a run name files that must be there.
#[derive(Debug, Clone, Default)]
pub struct FileScope {
    /// `--tags` and `--skip-tags`: tasks that are left out do not matter.
    pub tags: TagChoice,
    /// Whether all hosts are this machine, whose files any task may make.
    pub local: bool,
    /// Whether the values of variables count too: names that are defined nowhere.
    pub values: bool,
}

/// What runs.
#[derive(Debug, Clone)]
pub enum What {
    /// Playbooks, one after the other.
    Playbooks(Vec<PathBuf>),
    /// One module on the hosts of a pattern.
    AdHoc {
        /// The hosts.
        pattern: String,
        /// The module.
        module: String,
        /// How it goes on in the background, if it does.
        background: Option<Background>,
        /// The folder it counts as a playbook of.
        directory: PathBuf,
        /// Its arguments as text: `name=value …`, free text, or JSON.
        args: String,
    },
    /// Nothing: only the inventory is looked at.
    Inventory,
}

/// A project, loaded and checked.
pub struct Project {
    /// The inventory.
    pub inventory: Inventory,
    /// What runs.
    pub playbooks: Vec<Playbook>,
    /// The texts that were read.
    pub sources: Sources,
    /// What masks the secrets.
    pub redactor: Redactor,
    /// The template engine.
    pub templar: Templar,
    /// `--extra-vars`.
    pub extra: Arc<Layer>,
    /// Which hosts the plays pick, as far as the files tell.
    pub picked: Picked,
    pub(super) catalogue: Catalogue,
    pub(super) load: LoadSettings,
    pub(super) inventory_sources: Vec<String>,
    pub(super) reading: Reading,
    pub(super) limit: Option<Pattern>,
    pub(super) modules: &'static [Entry],
    pub(super) actions: &'static [ActionEntry],
    pub(super) start_at: Option<String>,
}

/// The hosts that plays pick.
#[derive(Debug, Clone, Default)]
pub struct Picked {
    /// Whether a play has a host, or may have one.
    pub any: bool,
    /// Warnings of patterns that pick none.
    pub notes: Diagnostics,
    plays: Vec<PlayHosts>,
    /// The faults of the patterns themselves, and of the variable files of the hosts.
    faults: Vec<Diagnostic>,
}

impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("playbooks", &self.playbooks.len()).finish_non_exhaustive()
    }
}

impl Settings {
    /// What the loader needs to know of them.
    fn for_loading(&self, templar: &Templar, extra: &Arc<Layer>) -> LoadSettings {
        LoadSettings {
            roles_path: self.roles_path.clone(),
            keyring: self.keyring.clone(),
            late_faults: self.late_faults,
            private_roles: self.private_roles,
            templar: Some(templar.clone()),
            extra: Arc::clone(extra),
        }
    }
}

impl Project {
    /// Loads and checks everything. All faults come back at once: warnings beside a project that
    /// can run, or errors instead of one.
    pub fn load(settings: Settings) -> (Option<Self>, Diagnostics) {
        let mut faults = Diagnostics::default();
        let Settings { sources, modules, .. } = &settings;
        let extra = Arc::new(read_extra(&settings, &mut faults));
        let reading = reading(&settings, &extra);
        let templar = reading.templar.clone();
        let (hosts, found) = Inventory::load(&settings.inventories, &reading);
        faults.extend(found.into_vec());
        let catalogue = catalogue(modules);
        catalogue.library.configure(&settings.library);
        let load = settings.for_loading(&templar, &extra);
        let mut loader = Loader::new(sources, &catalogue, &load);
        let mut playbooks = load_playbooks(&mut loader, &settings);
        set_defaults(&mut playbooks, &settings.defaults);
        let found = loader.take_faults().into_vec();
        let late = load.late_faults;
        let judge = |fault| if late && is_late(&fault) { fault.later() } else { fault };
        faults.extend(found.into_iter().map(judge));
        let found = static_check::playbooks(&playbooks, &templar);
        faults.extend(found.into_iter().map(|fault| if late { fault.later() } else { fault }));
        let limit = read_limit(&settings, &mut faults);
        if is_whole(&faults) {
            let values = values(&settings, &hosts, limit.as_ref(), &reading);
            faults.extend(values.iter().flat_map(|values| values.faults(&playbooks)));
        }
        let (keyring, inventory) = (&settings.keyring, &hosts);
        let known =
            |play| StaticPlay { play, inventory, templar: &templar, keyring, extra: &extra };
        let plays = playbooks.iter().flat_map(|playbook| &playbook.plays);
        let mut picked = hosts_of_plays(plays.clone().map(known), limit.as_ref());
        faults.extend(std::mem::take(&mut picked.faults));
        if let Some(scope) = &settings.files {
            let mut check = FileCheck::new(loader, &templar, scope);
            plays.zip(&picked.plays).for_each(|(play, hosts)| check.play(play, *hosts));
            faults.extend(check.faults);
        }
        if faults.has_errors() {
            return (None, faults);
        }
        let project = Self {
            inventory: hosts,
            playbooks,
            templar,
            extra,
            picked,
            catalogue,
            load,
            sources: settings.sources,
            redactor: settings.redactor,
            inventory_sources: absolute_all(&settings.inventories),
            reading,
            limit,
            modules: settings.modules,
            actions: actions(),
            start_at: settings.start_at,
        };
        (Some(project), faults)
    }
}

impl Project {
    /// What a play's keywords come out as, as far as the files tell.
    pub fn told<'a>(&'a self, play: &'a Play) -> Told<'a> {
        let Self { inventory, templar, extra, .. } = self;
        let play = StaticPlay { play, inventory, templar, keyring: &self.load.keyring, extra };
        Told { play, scope: OnceCell::new() }
    }
}

/// What the values of variables are judged by, where they are to be.
fn values<'a>(
    settings: &'a Settings,
    inventory: &'a Inventory,
    limit: Option<&'a Pattern>,
    reading: &'a Reading,
) -> Option<Values<'a>> {
    let scope = settings.files.as_ref().filter(|scope| scope.values)?;
    let Reading { templar, extra, .. } = reading;
    Some(Values { inventory, limit, templar, keyring: &settings.keyring, extra, tags: &scope.tags })
}

/// Whether no task is missing in what was loaded, whatever else is wrong with it.
fn is_whole(faults: &Diagnostics) -> bool {
    const OF_VALUES: [&str; 6] = [
        "argument-",
        "mode-",
        "template-",
        "unknown-argument",
        "unknown-filter",
        "unknown-handler",
    ];
    let harmless = |fault: &Diagnostic| OF_VALUES.iter().any(|code| fault.code.starts_with(code));
    faults.iter().all(|fault| fault.severity != Severity::Error || harmless(fault))
}

/// Whether a fault of loading is one that ansible-core tells when the task is reached.
fn is_late(fault: &Diagnostic) -> bool {
    fault.code == "keyword-type"
}

/// What the inventories are read with, and all templates are rendered by.
fn reading(settings: &Settings, extra: &Arc<Layer>) -> Reading {
    let Settings { sources, keyring, redactor, .. } = settings;
    let templar = Templar::new(template::Settings {
        keyring: Arc::new(keyring.clone()),
        redactor: redactor.clone(),
        sources: sources.clone(),
        strict_conditions: settings.strict_conditions,
        configured: settings.configured.clone(),
        ..template::Settings::default()
    });
    Reading {
        sources: sources.clone(),
        keyring: keyring.clone(),
        templar,
        extra: Arc::clone(extra),
        options: settings.reading.clone(),
    }
}

fn load_playbooks(loader: &mut Loader<'_>, settings: &Settings) -> Vec<Playbook> {
    match &settings.what {
        What::Playbooks(paths) => paths.iter().map(|path| loader.playbook(path)).collect(),
        What::AdHoc { pattern, module, args, background, directory } => {
            let words = [pattern.as_str(), module, args];
            ad_hoc(loader, &settings.sources, words, *background, directory).into_iter().collect()
        }
        What::Inventory => vec![],
    }
}

fn read_limit(settings: &Settings, faults: &mut Diagnostics) -> Option<Pattern> {
    let text = settings.limit.as_ref()?;
    match Pattern::parse_limit(text, &settings.sources) {
        Ok(limit) => Some(limit),
        Err(fault) => {
            let source = settings.sources.add("--limit", text);
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            faults.push(fault.also(Span { source, start: 0, end }, "given here"));
            None
        }
    }
}

/// The hosts of each play, as far as the files tell.
fn hosts_of_plays<'a>(
    plays: impl Iterator<Item = StaticPlay<'a>>,
    limit: Option<&Pattern>,
) -> Picked {
    let mut picked = Picked::default();
    // Each host, and whether it is this machine.
    let mut seen = BTreeMap::new();
    for known in plays {
        let StaticPlay { play, inventory, .. } = known;
        let mut hosts = PlayHosts::default();
        match known.hosts() {
            None => picked.any = true,
            Some(Err(fault)) => picked.faults.push(fault),
            Some(Ok(pattern)) => {
                let (selected, notes) = inventory.select(&pattern, limit);
                picked.notes.extend(notes.into_vec());
                for host in selected {
                    hosts.any = true;
                    hosts.local |= *seen.entry(host.name.clone()).or_insert_with(|| {
                        let (layers, found) = inventory.layers(&host.name, Some(&play.directory));
                        picked.faults.extend(found.into_vec());
                        is_this_machine(&host.name, &layers)
                    });
                }
            }
        }
        picked.any |= hosts.any;
        picked.plays.push(hosts);
    }
    picked
}

/// Whether the work of a host is done here, as far as its name and variables tell.
fn is_this_machine(host: &str, layers: &[(Level, Arc<Layer>)]) -> bool {
    is_localhost(host)
        || layers.iter().any(|(_, layer)| match layer.get("ansible_connection") {
            None => false,
            Some(Variable::Written(node)) => node.is_template() || node.as_str() == Some("local"),
            Some(Variable::Known(value)) => **value == "local",
            Some(_) => true,
        })
}

fn read_extra(settings: &Settings, faults: &mut Diagnostics) -> Layer {
    let mut extra = Layer::new();
    for text in &settings.extra_vars {
        match extra_vars::read(text, &settings.sources, &settings.keyring) {
            Ok(layer) => extra.extend(layer),
            Err(fault) => faults.push(fault),
        }
    }
    extra
}

/// The modules and actions that tasks may name.
pub fn catalogue(modules: &'static [Entry]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for entry in modules {
        let check = Box::new(|node: &Node| entry.check(node));
        catalogue.add(Described { name: entry.name, spec: entry.spec, check });
    }
    for action in actions() {
        let check = Box::new(|node: &Node| action.check(node));
        catalogue.add(Described { name: action.name, spec: action.spec, check });
    }
    catalogue
}

/// Gives plays the keywords that they do not set.
fn set_defaults(playbooks: &mut [Playbook], defaults: &[(&'static str, Value)]) {
    for play in playbooks.iter_mut().flat_map(|playbook| &mut playbook.plays) {
        for (name, value) in defaults {
            if play.keywords.get(name).is_none() {
                play.keywords.set(name, Node::from_value(value, Span::NOWHERE));
            }
        }
    }
}

/// Inventories as playbooks see them: from the root; host lists as they are.
fn absolute_all(inventories: &[String]) -> Vec<String> {
    inventories
        .iter()
        .map(|inventory| match std::path::absolute(inventory) {
            Ok(path) if path.exists() => path.display().to_string(),
            _ => inventory.clone(),
        })
        .collect()
}
