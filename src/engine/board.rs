//! What is known of every host in a run.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::{IndexMap, IndexSet};

use super::fact_keeper::FactKeeper;
use crate::playbook::Role;
use crate::value::{Fields, Layer, Value, Variable};

/// What is known of one host.
#[derive(Debug, Clone, Default)]
pub(super) struct HostState {
    /// It failed a task that nothing rescued yet.
    pub(super) failed: bool,
    /// It could not be reached, or was lost.
    pub(super) unreachable: bool,
    /// It takes no further part in the play, by `meta`.
    pub(super) ended: bool,
    /// The folder of the role whose rest it passes over, by `meta: end_role`.
    pub(super) leaving: Option<std::path::PathBuf>,
    /// `ansible_facts`.
    pub(super) facts: Arc<Value>,
    /// The facts as variables, under the names that modules gave them.
    pub(super) injected: Arc<Layer>,
    /// `set_fact` and `register`.
    pub(super) set: Arc<Layer>,
    /// `include_vars`.
    pub(super) included: Arc<Layer>,
    /// The play's `vars_files`, as they come out for this host.
    pub(super) play_files: Arc<Layer>,
    /// The names of the handlers notified.
    pub(super) notified: IndexSet<String>,
    /// The handlers that are to run, by their place among those of the play.
    pub(super) due: BTreeSet<usize>,
    /// How often its errors were forgiven, by `meta: clear_host_errors`.
    pub(super) forgiven: u32,
    /// The roles of this play that a task has run of.
    pub(super) begun_roles: HashSet<String>,
    /// Those of them that it came to the end of.
    pub(super) done_roles: HashSet<String>,
    /// What failed last, for `rescue`: the task's name and the result.
    pub(super) failure: Option<(Value, Value)>,
    /// Whether it failed only because others did.
    pub(super) drawn: bool,
}

impl HostState {
    /// Whether it takes part in the next task.
    pub(super) fn is_active(&self) -> bool {
        !self.failed && !self.unreachable && !self.ended && self.leaving.is_none()
    }

    /// Lays facts over those known.
    ///
    /// Facts come from the host: they may not set what decides how it is reached.
    fn learn(&mut self, facts: Fields) {
        let known = Arc::make_mut(&mut self.facts);
        if !known.is_object() {
            *known = Value::Object(Fields::new());
        }
        let injected = Arc::make_mut(&mut self.injected);
        for (name, value) in facts {
            if !decides_the_way(&name) && !name.starts_with("_ansible_") {
                injected.insert(name.clone(), Variable::Known(Arc::new(value.clone())));
            }
            if let Value::Object(known) = known {
                known.insert(bare_name(&name).to_owned(), value);
            }
        }
    }

    /// The facts under the names that modules gave them.
    fn learnt(&self) -> Fields {
        let named = |(bare, value): (&String, &Value)| {
            let full = format!("ansible_{bare}");
            let of_its_own = self.injected.contains_key(bare) && !self.injected.contains_key(&full);
            let given =
                if of_its_own || bare.starts_with("_ansible_") { bare.clone() } else { full };
            (given, value.clone())
        };
        self.facts.as_object().into_iter().flatten().map(named).collect()
    }
}

/// A fact's name in `ansible_facts`.
fn bare_name(name: &str) -> &str {
    match name {
        "ansible_local" => name,
        _ => name.strip_prefix("ansible_").unwrap_or(name),
    }
}

/// What is known of every host: the one place a run changes while it goes on.
#[derive(Debug, Default)]
pub(super) struct Board {
    states: Mutex<IndexMap<String, HostState>>,
    /// What keeps facts beyond the run.
    keeper: Option<FactKeeper>,
}

impl Board {
    /// A board that knows nothing yet but what is kept of earlier runs.
    pub(super) fn new(keeper: Option<FactKeeper>) -> Self {
        Self { states: Mutex::default(), keeper }
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, HostState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a host, as it is now.
    pub(super) fn get(&self, host: &str) -> HostState {
        let mut states = self.lock();
        if let Some(state) = states.get(host) {
            return state.clone();
        }
        let state = self.remembered(host);
        if !state.facts.is_null() {
            states.insert(host.to_owned(), state.clone());
        }
        state
    }

    /// Changes what is known of a host.
    pub(super) fn update<R>(&self, host: &str, change: impl FnOnce(&mut HostState) -> R) -> R {
        change(self.lock().entry(host.to_owned()).or_insert_with(|| self.remembered(host)))
    }

    /// A host as it is at the beginning of the run: with the facts of an earlier one.
    fn remembered(&self, host: &str) -> HostState {
        let mut state = HostState::default();
        if let Some(facts) = self.keeper.as_ref().and_then(|keeper| keeper.load(host)) {
            state.learn(facts);
        }
        state
    }

    /// Whether anything is known of a host.
    pub(super) fn knows(&self, host: &str) -> bool {
        self.lock().contains_key(host)
    }

    /// Those of the hosts that take part in the next task.
    pub(super) fn active(&self, hosts: &[String]) -> Vec<String> {
        let states = self.lock();
        let active = |host: &&String| states.get(*host).is_none_or(HostState::is_active);
        hosts.iter().filter(active).cloned().collect()
    }

    /// Those of the hosts that failed or were lost.
    pub(super) fn broken(&self, hosts: &[String]) -> Vec<String> {
        let states = self.lock();
        let broken = |host: &&String| states.get(*host).is_some_and(|s| s.failed || s.unreachable);
        hosts.iter().filter(broken).cloned().collect()
    }

    /// Sets variables as `set_fact` and `register` do.
    pub(super) fn set(&self, host: &str, variables: impl IntoIterator<Item = (String, Variable)>) {
        self.update(host, |state| Arc::make_mut(&mut state.set).extend(variables));
    }

    /// Lays variables over those that `include_vars` read before.
    pub(super) fn include(&self, host: &str, layer: Layer) {
        self.update(host, |state| Arc::make_mut(&mut state.included).extend(layer));
    }

    /// Lays facts over those known of a host.
    pub(super) fn add_facts(&self, host: &str, facts: Fields) {
        let learnt = self.update(host, |state| {
            state.learn(facts);
            self.keeper.as_ref().map(|keeper| (keeper, state.learnt()))
        });
        if let Some((keeper, facts)) = learnt {
            keeper.store(host, facts);
        }
    }

    /// Forgets the facts of a host, for later runs too.
    pub(super) fn clear_facts(&self, host: &str) {
        if let Some(keeper) = &self.keeper {
            keeper.forget(host);
        }
        self.update(host, |state| {
            state.facts = Arc::new(Value::Object(Fields::new()));
            state.injected = Arc::default();
        });
    }

    /// Lets a host fail because another one did, over the task that is given.
    pub(super) fn draw(&self, host: &str, failure: Option<&(Value, Value)>) {
        self.update(host, |state| {
            if !state.failed {
                state.failed = true;
                state.drawn = true;
                state.failure = failure.cloned();
            }
        });
    }

    /// Begins a play: what belongs to the last one is forgotten.
    pub(super) fn begin_play(&self, hosts: &[String]) {
        for host in hosts {
            self.update(host, |state| {
                state.ended = false;
                state.leaving = None;
                state.notified.clear();
                state.due.clear();
                state.play_files = Arc::default();
                state.begun_roles.clear();
                state.done_roles.clear();
            });
        }
    }

    /// Those of the hosts that a role's tasks are for: it has not run on them, or may again.
    pub(super) fn to_run(&self, role: &Role, hosts: &[String]) -> Vec<String> {
        let states = self.lock();
        let done = |host: &String| {
            states.get(host).is_some_and(|state| state.done_roles.contains(&role.identity))
        };
        hosts.iter().filter(|host| role.repeats || !done(host)).cloned().collect()
    }

    /// Notes that a task of a role has run on a host.
    pub(super) fn begin_role(&self, host: &str, role: &Role) {
        self.update(host, |state| state.begun_roles.insert(role.identity.clone()));
    }

    /// Notes that hosts have come to the end of a role.
    pub(super) fn end_role(&self, hosts: &[String], role: &Role) {
        for host in hosts {
            self.update(host, |state| {
                if state.is_active() && state.begun_roles.contains(&role.identity) {
                    state.done_roles.insert(role.identity.clone());
                }
            });
        }
    }
}

/// Whether a variable decides how a host is reached, or as whom.
fn decides_the_way(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "ansible_host",
        "ansible_port",
        "ansible_user",
        "ansible_password",
        "ansible_connection",
        "ansible_private_key_file",
        "ansible_facts",
        "ansible_timeout",
        "ansible_shell_type",
        "ansible_shell_executable",
    ];
    NAMES.contains(&name)
        || (name.starts_with("ansible_ssh_") && !name.starts_with("ansible_ssh_host_key_"))
        || name.starts_with("ansible_become")
        || name.starts_with("ansible_python_interpreter")
        || name.starts_with("ansible_sudo_")
        || name.starts_with("ansible_su_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(value: Value) -> Fields {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_host_cannot_redirect_its_own_connection() {
        let board = Board::default();
        let told = json!({"ansible_host": "evil", "ansible_become_password": "x", "mine": "w"});
        board.add_facts("web", facts(told.clone()));
        let state = board.get("web");
        assert_eq!(state.injected.keys().collect::<Vec<_>>(), ["mine"]);
        assert_eq!(state.facts["host"], "evil");
        assert_eq!(state.learnt(), facts(told));
    }

    #[test]
    fn facts_stand_under_both_names() {
        let board = Board::default();
        let told = json!({"ansible_os_family": "Debian", "own": 1, "ansible_local": {"a": 1}});
        board.add_facts("web", facts(told.clone()));
        let state = board.get("web");
        assert_eq!(
            *state.facts,
            json!({"os_family": "Debian", "own": 1, "ansible_local": {"a": 1}})
        );
        assert_eq!(
            state.injected.keys().collect::<Vec<_>>(),
            ["ansible_os_family", "own", "ansible_local"]
        );
        assert_eq!(state.learnt(), facts(told));
    }

    #[test]
    fn failed_and_ended_hosts_take_no_part() {
        let board = Board::default();
        let hosts = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        board.update("a", |state| state.failed = true);
        board.update("b", |state| state.ended = true);
        assert_eq!(board.active(&hosts), ["c"]);
        assert_eq!(board.broken(&hosts), ["a"]);
    }
}
