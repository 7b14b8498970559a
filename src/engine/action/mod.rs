//! Actions: tasks that act on the run, not on a host.

mod add_host;
mod assert;
mod async_status;
mod debug;
mod fail;
mod group_by;
mod include_role;
mod include_tasks;
mod include_vars;
mod meta;
mod pause;
mod set_fact;
mod set_stats;
mod validate_argument_spec;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::effects::Effects;
use super::scope::HostScope;
use super::step::Step;
use crate::base::Diagnostic;
use crate::sdk::{Failure, Outcome, RenderOptions};
use crate::spec::{Arguments, Spec};
use crate::template::FileOptions;
use crate::value::{Node, Scope};

/// What an action is given beside its arguments.
pub(super) struct ActionCall<'a> {
    pub(super) step: &'a Step,
    pub(super) scope: &'a Arc<dyn Scope>,
    pub(super) host_scope: &'a HostScope,
}

/// What came of an action.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) effects: Effects,
    /// Whether the user asked to see what it returns.
    pub(super) verbose: bool,
    /// Whether nobody may see what it returns.
    pub(super) hidden: bool,
    /// Why it failed, where it returns something all the same.
    pub(super) failure: Option<String>,
}

/// An action, implemented by its arguments.
trait Action: Arguments + Send + 'static {
    /// Arguments that are handed on as they are written, not rendered.
    const UNRENDERED: &'static [&'static str] = &[];

    /// Further faults of arguments as they are written.
    fn check_more(_args: &Node) -> Vec<Diagnostic> {
        vec![]
    }

    /// Acts.
    fn act(self, call: &ActionCall<'_>) -> impl Future<Output = Result<Done, Failure>> + Send;
}

/// An action in the table, its types erased.
pub struct ActionEntry {
    /// The name written in playbooks.
    pub name: &'static str,
    /// What it takes, and its documentation.
    pub spec: Spec,
    pub(super) unrendered: &'static [&'static str],
    check: fn(&str, &Node) -> Vec<Diagnostic>,
    run: for<'a> fn(&'a str, &'a Node, &'a ActionCall<'a>) -> Acting<'a>,
}

type Acting<'a> = Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send + 'a>>;

impl ActionEntry {
    const fn new<A: Action>(name: &'static str) -> Self {
        Self {
            name,
            spec: A::SPEC,
            unrendered: A::UNRENDERED,
            check: |name, node| {
                let mut faults = A::check(name, node);
                faults.extend(A::check_more(node));
                faults
            },
            run: |name, node, call| Box::pin(act::<A>(name, node, call)),
        }
    }

    /// Finds the faults of arguments as they are written.
    pub fn check(&self, args: &Node) -> Vec<Diagnostic> {
        (self.check)(self.name, args)
    }

    pub(super) fn run<'a>(&'a self, args: &'a Node, call: &'a ActionCall<'a>) -> Acting<'a> {
        (self.run)(self.name, args, call)
    }
}

impl std::fmt::Debug for ActionEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ActionEntry").field(&self.name).finish()
    }
}

async fn act<A: Action>(name: &str, node: &Node, call: &ActionCall<'_>) -> Result<Done, Failure> {
    let args = A::decode(name, node, &call.step.run.redactor).map_err(Failure::Arguments)?;
    args.act(call).await
}

static ACTIONS: &[ActionEntry] = &[
    ActionEntry::new::<add_host::Args>("add_host"),
    ActionEntry::new::<assert::Args>("assert"),
    ActionEntry::new::<async_status::Args>("async_status"),
    ActionEntry::new::<debug::Args>("debug"),
    ActionEntry::new::<fail::Args>("fail"),
    ActionEntry::new::<group_by::Args>("group_by"),
    ActionEntry::new::<include_role::Import>("import_role"),
    ActionEntry::new::<include_tasks::Import>("import_tasks"),
    ActionEntry::new::<include_role::Args>("include_role"),
    ActionEntry::new::<include_tasks::Args>("include_tasks"),
    ActionEntry::new::<include_vars::Args>("include_vars"),
    ActionEntry::new::<meta::Args>("meta"),
    ActionEntry::new::<pause::Args>("pause"),
    ActionEntry::new::<set_fact::Args>("set_fact"),
    ActionEntry::new::<set_stats::Args>("set_stats"),
    ActionEntry::new::<validate_argument_spec::Args>("validate_argument_spec"),
];

/// Every action, in the order of their names.
pub fn actions() -> &'static [ActionEntry] {
    ACTIONS
}

/// How a template file is rendered, as the template layer takes it.
pub(super) fn file_options(options: &RenderOptions) -> FileOptions {
    let mut file = FileOptions::default();
    let given = [
        (&options.block_start, &mut file.block_start_string),
        (&options.block_end, &mut file.block_end_string),
        (&options.variable_start, &mut file.variable_start_string),
        (&options.variable_end, &mut file.variable_end_string),
        (&options.comment_start, &mut file.comment_start_string),
        (&options.comment_end, &mut file.comment_end_string),
        (&options.newline_sequence, &mut file.newline_sequence),
    ];
    for (given, setting) in given {
        if let Some(text) = given {
            setting.clone_from(text);
        }
    }
    file.trim_blocks = options.trim_blocks.unwrap_or(file.trim_blocks);
    file.lstrip_blocks = options.lstrip_blocks;
    file
}
