//! What a module is, and the one walk that every module takes.

use std::future::Future;
use std::pin::Pin;

use serde::{Serialize, de::DeserializeOwned};

use super::{Failure, Host, Observer, Operator, Plan, Returned};
use crate::base::{Diagnostic, Diff, Redactor};
use crate::spec::{Arguments, Spec};
use crate::value::{Node, Value};

/// Whether a task changes hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// It says what it would change.
    Check,
    /// It changes them.
    Apply,
}

/// What a module can say in check mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckMode {
    /// What it would change, exactly.
    Predicts,
    /// Only that it would run: `command` and its like. The task counts as skipped.
    CannotTell,
}

/// One kind of task: it looks at a host, decides, and only then acts.
///
/// Implemented by the module's arguments, whose doc comments are its documentation.
pub trait Module: Arguments + 'static {
    /// What it sees on a host; what `cases.yml` records.
    type State: Serialize + DeserializeOwned + Send + Sync;
    /// What it has decided to do, in full: `apply` asks nothing anew.
    type Change: Serialize + Send;

    /// Whether what it does is one command of the user's, a [`super::command::CommandRun`], which
    /// goes on alone on the host where the task does not wait for it.
    const IS_COMMAND: bool = false;

    /// What it can say in check mode.
    fn check_mode(&self) -> CheckMode {
        CheckMode::Predicts
    }

    /// Looks at the host.
    fn observe(
        &self,
        host: &Observer<'_>,
    ) -> impl Future<Output = Result<Self::State, Failure>> + Send;

    /// Decides, from what was asked and what was seen alone.
    fn plan(&self, now: &Self::State) -> Result<Plan<Self::Change>, Failure>;

    /// Does what was decided; what it returns is laid over what the plan returned.
    ///
    /// Where only the doing could tell that nothing was different after all, such as an upgrade
    /// to what freshly fetched lists hold, it returns `changed: false`.
    fn apply(
        change: Self::Change,
        host: &Operator<'_>,
    ) -> impl Future<Output = Result<Returned, Failure>> + Send;
}

/// What came of a task on a host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Whether the host was changed, or would be.
    pub changed: bool,
    /// Why nothing was done, where the task was passed over.
    pub skipped: Option<String>,
    /// What is different, or would be.
    pub diffs: Vec<Diff>,
    /// What the task returns.
    pub returned: Returned,
}

/// The end of a task on a host, later.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome, Failure>> + Send + 'a>>;

/// A module in the registry, its types erased.
pub struct Entry {
    /// The name written in playbooks, which is its folder's.
    pub name: &'static str,
    /// What it takes, and its documentation.
    pub spec: Spec,
    /// Tasks that show how it is used, as YAML.
    pub examples: &'static str,
    /// Whether what it does is one command of the user's, which can go on alone on the host.
    pub is_command: bool,
    check: fn(&str, &Node) -> Vec<Diagnostic>,
    rehearse: fn(&str, &Node, Value) -> Result<Rehearsal, String>,
    run: for<'a> fn(&'a str, &'a Node, &'a Host, RunMode) -> Running<'a>,
}

/// What a module decides on a recorded state.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// The change, as it serialises; null when there is none.
    pub change: Value,
    /// What it will look like.
    pub diffs: Vec<Diff>,
    /// What it returns.
    pub returned: Returned,
}

impl Entry {
    /// The entry of the module `M`.
    pub const fn new<M: Module>(name: &'static str) -> Self {
        Self {
            name,
            spec: M::SPEC,
            examples: "",
            is_command: M::IS_COMMAND,
            check: M::check,
            rehearse: rehearse::<M>,
            run: |name, node, host, mode| Box::pin(run::<M>(name, node, host, mode)),
        }
    }

    /// The same entry with tasks that show how it is used.
    #[must_use]
    pub const fn examples(mut self, yaml: &'static str) -> Self {
        self.examples = yaml;
        self
    }

    /// Finds the faults of a task's arguments that can be seen before any host is reached.
    pub fn check(&self, args: &Node) -> Vec<Diagnostic> {
        (self.check)(self.name, args)
    }

    /// Plans from a recorded state without a host: what the `cases.yml` files run through.
    pub fn rehearse(&self, args: &Node, now: Value) -> Result<Rehearsal, String> {
        (self.rehearse)(self.name, args, now)
    }

    /// Runs one task on one host; the arguments are rendered.
    pub fn run<'a>(&'a self, args: &'a Node, host: &'a Host, mode: RunMode) -> Running<'a> {
        (self.run)(self.name, args, host, mode)
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Entry").field(&self.name).finish()
    }
}

async fn run<M: Module>(
    name: &str,
    node: &Node,
    host: &Host,
    mode: RunMode,
) -> Result<Outcome, Failure> {
    let args = M::decode(name, node, &host.redactor).map_err(Failure::Arguments)?;
    let now = args.observe(&Observer::new(host)).await?;
    let (change, diffs, returned) = match args.plan(&now)? {
        Plan::Keep(returned) => {
            let skipped = returned.skip_reason();
            return Ok(Outcome { skipped, returned, ..Outcome::default() });
        }
        Plan::Change { change, diffs, returned } => (change, diffs, returned),
    };
    match mode {
        RunMode::Apply => {
            let done = M::apply(change, &Operator::new(host)).await?;
            if done.get("changed") == Some(&Value::Bool(false)) {
                return Ok(Outcome { returned: returned.and(done), ..Outcome::default() });
            }
            Ok(Outcome { changed: true, skipped: None, diffs, returned: returned.and(done) })
        }
        RunMode::Check if args.check_mode() == CheckMode::CannotTell => {
            let reason = Some("would run; what it changes cannot be told in check mode".to_owned());
            Ok(Outcome { changed: false, skipped: reason, diffs, returned })
        }
        RunMode::Check => Ok(Outcome { changed: true, skipped: None, diffs, returned }),
    }
}

fn rehearse<M: Module>(name: &str, node: &Node, now: Value) -> Result<Rehearsal, String> {
    let args = M::decode(name, node, &Redactor::default()).map_err(|faults| {
        faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; ")
    })?;
    let now = serde_json::from_value(now).map_err(|error| format!("recorded state: {error}"))?;
    match args.plan(&now).map_err(|failure| failure.to_string())? {
        Plan::Keep(returned) => Ok(Rehearsal { change: Value::Null, diffs: vec![], returned }),
        Plan::Change { change, diffs, returned } => {
            let change = serde_json::to_value(change).map_err(|error| error.to_string())?;
            Ok(Rehearsal { change, diffs, returned })
        }
    }
}
