//! What names stand for on one host at one place of a play.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::json;

use super::context::Context;
use super::run::Run;
use crate::inventory::playbook_python;
use crate::playbook::Origin;
use crate::value::{Fields, Layer, Level, Scope, Value, Variable, Vars};

/// What names stand for on one host at one place of a play.
#[derive(Clone)]
pub(super) struct HostScope {
    run: Arc<Run>,
    host: Arc<str>,
    vars: Vars,
    context: Option<Context>,
    origin: Option<Arc<Origin>>,
}

impl HostScope {
    /// The scope of a task on a host.
    pub(super) fn of_task(
        run: &Arc<Run>,
        host: &str,
        context: &Context,
        origin: &Arc<Origin>,
    ) -> Self {
        let mut scope = Self::of_host(run, host);
        for role in context.play.exposed_roles() {
            scope.vars.push(Level::RoleDefaults, Arc::clone(&role.defaults));
            scope.vars.push(Level::RoleVars, Arc::clone(&role.vars));
        }
        for (level, layer) in &context.layers {
            scope.vars.push(*level, Arc::clone(layer));
        }
        scope.vars.push(Level::PlayPrompt, Arc::clone(&context.play.prompted));
        scope.vars.push(Level::PlayFiles, run.board.get(host).play_files);
        scope.context = Some(context.clone());
        scope.origin = Some(Arc::clone(origin));
        scope
    }

    /// The scope of a host outside of any play: what `hostvars` shows.
    pub(super) fn of_host(run: &Arc<Run>, host: &str) -> Self {
        let mut vars = Vars::merging(run.options.merge_hashes);
        for (level, layer) in run.host_layers(host) {
            vars.push(level, layer);
        }
        let state = run.board.get(host);
        vars.push(Level::Facts, run.fact_variables(&state));
        vars.push(Level::IncludeVars, state.included);
        vars.push(Level::SetFacts, state.set);
        vars.push(Level::Extra, Arc::clone(&run.extra));
        Self { run: Arc::clone(run), host: host.into(), vars, context: None, origin: None }
    }

    /// The same scope with names that nobody overrides: a loop's item, a task's own result.
    pub(super) fn with(&self, layer: Layer) -> Self {
        let mut scope = self.clone();
        scope.vars.push(Level::Magic, Arc::new(layer));
        scope
    }

    /// The scope of another host at the same place of the play.
    pub(super) fn on(&self, host: &str) -> Self {
        match (&self.context, &self.origin) {
            (Some(context), Some(origin)) => Self::of_task(&self.run, host, context, origin),
            _ => Self::of_host(&self.run, host),
        }
    }

    /// The same scope for work that is done on another host.
    pub(super) fn delegated_to(&self, target: &str) -> Self {
        let to = self.on(target);
        let delegated = Delegated { to, by: Arc::clone(&self.host) };
        let scope = Variable::Scope(Arc::new(delegated));
        self.with(Layer::from([("ansible_delegated_vars".to_owned(), scope)]))
    }

    /// The host that the work in this scope is done on, where it is another one.
    pub(super) fn delegate(&self) -> Option<String> {
        match self.vars.get("ansible_delegated_vars") {
            Some(Variable::Scope(delegated)) => delegated.names().into_iter().next(),
            _ => None,
        }
    }

    /// Adds what `set_fact` made, for what follows in this scope.
    pub(super) fn set(&mut self, variables: &Fields) {
        let layer = variables.iter().map(|(name, value)| (name.clone(), value.clone().into()));
        self.vars.push(Level::SetFacts, Arc::new(layer.collect()));
    }

    /// As the template layer takes it.
    pub(super) fn shared(self) -> Arc<dyn Scope> {
        Arc::new(self)
    }

    /// The names that the program itself gives a meaning.
    pub(super) fn magic(&self, name: &str) -> Option<Variable> {
        let run = &self.run;
        let known = |value: Value| Some(Variable::Known(Arc::new(value)));
        match name {
            "hostvars" => Some(Variable::Scope(Arc::new(HostVars(Arc::clone(run))))),
            "vars" => Some(Variable::Scope(Arc::new(self.clone()))),
            "groups" => Some(Variable::Known(run.groups())),
            "group_names" => known(run.group_names(&self.host).into()),
            "inventory_hostname" => known(self.host.as_ref().into()),
            "inventory_hostname_short" => {
                known(self.host.split('.').next().unwrap_or_default().into())
            }
            "ansible_facts" => Some(Variable::Known(match run.board.get(&self.host).facts {
                none if none.is_null() => Arc::new(Value::Object(Fields::new())),
                facts => facts,
            })),
            "ansible_check_mode" => known(run.options.check.into()),
            "ansible_diff_mode" => known(run.options.diff.into()),
            "ansible_forks" => known(run.options.forks.into()),
            "ansible_verbosity" => known(run.options.verbosity.into()),
            "ansible_limit" => run.options.limit.as_ref().map(|limit| json!(limit).into()),
            "ansible_run_tags" if run.options.tags.only.is_empty() => known(json!(["all"])),
            "ansible_run_tags" => known(json!(run.options.tags.only)),
            "ansible_skip_tags" => known(json!(run.options.tags.skip)),
            "ansible_version" => known(version()),
            "ansible_playbook_python" => known(playbook_python().into()),
            "ansible_inventory_sources" => known(json!(run.inventory_sources)),
            "inventory_dir" => run.inventory_dir().map(|dir| json!(dir).into()),
            "inventory_file" => run.inventory_sources.first().map(|file| json!(file).into()),
            _ => self.of_play(name).or_else(|| self.of_origin(name)),
        }
    }

    /// What is known of the way to a host whose variables do not say it; where its work is done
    /// on another host, what that one's say.
    fn of_connection(&self, name: &str) -> Option<Variable> {
        if !matches!(name, "ansible_host" | "ansible_port" | "ansible_user" | "ansible_connection")
        {
            return None;
        }
        if let Some(Variable::Scope(delegated)) = self.vars.get("ansible_delegated_vars")
            && let Some(to) = delegated.names().first()
            && let Some(Variable::Scope(to)) = delegated.lookup(to)
            && let Some(variable) = to.lookup(name)
        {
            return Some(variable);
        }
        match name {
            "ansible_host" => Some(json!(self.host).into()),
            "ansible_connection" => Some(json!(self.connection()?).into()),
            _ => None,
        }
    }

    /// The kind of connection that a task says, or that is usual.
    fn connection(&self) -> Option<String> {
        let written = self.context.as_ref()?.keywords.get("connection");
        match written.map(|node| node.as_str().filter(|_| !node.is_template())) {
            Some(kind) => kind.map(str::to_owned),
            None => Some(self.run.usual_connection(&self.host)),
        }
    }

    /// Names that depend on the play.
    fn of_play(&self, name: &str) -> Option<Variable> {
        let play = &self.context.as_ref()?.play;
        let value = match name {
            "ansible_play_name" => json!(play.name),
            "ansible_play_hosts_all" => json!(play.all_hosts),
            "ansible_play_hosts" => json!(self.run.board.active(&play.all_hosts)),
            "ansible_play_batch" | "play_hosts" => json!(self.run.board.active(&play.batch)),
            "ansible_play_role_names" | "role_names" => json!(play.role_names()),
            "ansible_dependent_role_names" => json!(play.dependency_names()),
            "ansible_role_names" => {
                let all = play.dependency_names().into_iter().chain(play.role_names());
                json!(all.collect::<IndexSet<_>>())
            }
            _ => return None,
        };
        Some(value.into())
    }

    /// Names that depend on the file a task stands in.
    fn of_origin(&self, name: &str) -> Option<Variable> {
        let origin = self.origin.as_ref()?;
        let role = origin.role.as_ref();
        let value = match name {
            "playbook_dir" => json!(absolute(&origin.playbook)),
            "role_name" => json!(role?.bare_name()),
            "ansible_role_name" => json!(role?.name),
            "ansible_collection_name" => json!(role?.collection),
            "role_path" => json!(absolute(&role?.path)),
            "ansible_parent_role_names" => {
                let parents = &role?.includers;
                let names: Vec<_> = parents.iter().rev().map(|role| &role.name).collect();
                (!names.is_empty()).then(|| json!(names))?
            }
            "ansible_parent_role_paths" => {
                let parents = &role?.includers;
                let paths: Vec<_> = parents.iter().rev().map(|role| absolute(&role.path)).collect();
                (!paths.is_empty()).then(|| json!(paths))?
            }
            "ansible_search_path" => {
                json!(origin.directories().iter().map(|path| absolute(path)).collect::<Vec<_>>())
            }
            _ => return None,
        };
        Some(value.into())
    }
}

impl Scope for HostScope {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.magic(name).or_else(|| self.vars.get(name)).or_else(|| self.of_connection(name))
    }

    fn names(&self) -> Vec<String> {
        const MAGIC: &[&str] = &[
            "ansible_check_mode",
            "ansible_dependent_role_names",
            "ansible_diff_mode",
            "ansible_facts",
            "ansible_forks",
            "ansible_inventory_sources",
            "ansible_limit",
            "ansible_play_batch",
            "ansible_play_hosts",
            "ansible_play_hosts_all",
            "ansible_play_name",
            "ansible_play_role_names",
            "ansible_playbook_python",
            "ansible_role_name",
            "ansible_role_names",
            "ansible_run_tags",
            "ansible_skip_tags",
            "ansible_verbosity",
            "ansible_version",
            "group_names",
            "groups",
            "inventory_dir",
            "inventory_file",
            "inventory_hostname",
            "inventory_hostname_short",
            "play_hosts",
            "playbook_dir",
            "role_name",
            "role_names",
            "role_path",
        ];
        let mut names = self.vars.names();
        let there = MAGIC.iter().filter(|name| self.magic(name).is_some());
        names.extend(there.map(|name| (*name).to_owned()));
        names
    }

    fn directories(&self) -> Vec<PathBuf> {
        self.origin.as_ref().map_or_else(Vec::new, |origin| origin.directories())
    }
}

/// `ansible_delegated_vars`: the host that a task's work is done on, and its variables.
struct Delegated {
    to: HostScope,
    by: Arc<str>,
}

impl Scope for Delegated {
    fn lookup(&self, name: &str) -> Option<Variable> {
        let inner = || Delegate { to: self.to.clone(), by: Arc::clone(&self.by) };
        (*self.to.host == *name).then(|| Variable::Scope(Arc::new(inner())))
    }

    fn names(&self) -> Vec<String> {
        vec![self.to.host.to_string()]
    }
}

/// The variables of a host that another one's work is done on: the name stays that of the other.
struct Delegate {
    to: HostScope,
    by: Arc<str>,
}

impl Scope for Delegate {
    fn lookup(&self, name: &str) -> Option<Variable> {
        match name {
            "inventory_hostname" => Some(Variable::Known(Arc::new(self.by.as_ref().into()))),
            _ => self.to.lookup(name),
        }
    }

    fn names(&self) -> Vec<String> {
        self.to.names()
    }
}

/// `hostvars`: every host, each with its own scope.
struct HostVars(Arc<Run>);

impl Scope for HostVars {
    fn lookup(&self, name: &str) -> Option<Variable> {
        self.0.has_host(name).then(|| Variable::Scope(HostScope::of_host(&self.0, name).shared()))
    }

    fn names(&self) -> Vec<String> {
        self.0.host_names()
    }
}

/// The release of ansible-core whose language is spoken.
pub const LANGUAGE: &str = "2.19.14";

fn version() -> Value {
    json!({"full": LANGUAGE, "major": 2, "minor": 19, "revision": 14, "string": LANGUAGE})
}

/// A path as playbooks see it: from the root.
fn absolute(path: &std::path::Path) -> String {
    // The folder of a file that is named without one is where the program runs.
    let path = if path.as_os_str().is_empty() { std::path::Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}
