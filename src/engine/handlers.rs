//! Handlers: noted when a task changes something, run at the end of a section.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, PoisonError};

use super::context::Context;
use super::play::PlayRun;
use super::play_scope::PlayScope;
use super::run::Run;
use super::task::run_task;
use crate::base::{Sources, Span, closest};
use crate::playbook::{Item, Task};
use crate::value::{Node, coerce};

/// A handler of a play.
#[derive(Clone)]
pub(super) struct Handler {
    task: Arc<Task>,
    /// The names it answers to: its own, with its role's before it; none where it has no name, or
    /// one that cannot be rendered.
    names: Vec<String>,
    /// What it listens to.
    topics: Vec<String>,
    /// The list it stands in: of those with one name the last list's first is run.
    list: usize,
    context: Context,
}

impl Handler {
    fn new(run: &Arc<Run>, task: &Arc<Task>, context: &Context, list: usize) -> Self {
        let context = Context { handler: true, ..context.enter_task(task) };
        let topics = task.keywords.words("listen");
        let topics: Vec<String> =
            topics.iter().flat_map(|topic| self::names(task, topic)).collect();
        let names = task.name.as_ref().map_or_else(Vec::new, |name| {
            let scope = PlayScope::of(run, &context.play).shared();
            match run.templar.evaluate(name, &scope) {
                Ok(value) => names(task, &value.as_ref().map(coerce::to_text).unwrap_or_default()),
                Err(fault) => {
                    if topics.is_empty() {
                        run.events.notice(format!(
                            "Handler '{}' is unusable because it has no listen topics and its name \
                             depends on what is not known of the play: {}",
                            coerce::to_text(&name.to_value()),
                            fault.message
                        ));
                    }
                    vec![]
                }
            }
        });
        Self { task: Arc::clone(task), names, topics, list, context }
    }

    fn name(&self) -> Option<&String> {
        self.names.first()
    }
}

/// A handler's name, and the same with the names of its role before it.
fn names(task: &Task, name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    if let Some(role) = &task.origin.role {
        names.push(format!("{} : {name}", role.name));
        if role.collection.is_some() {
            names.push(format!("{} : {name}", role.bare_name()));
        }
    }
    names
}

/// Which handlers answer to a name: the one that has it, and all that listen to it.
fn answering(all: &[Handler], notified: &str) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|index| (Reverse(all[*index].list), *index));
    let named = order.iter().find(|index| all[**index].names.iter().any(|name| name == notified));
    let mut found: Vec<usize> = named.copied().into_iter().collect();
    let mut seen = HashSet::new();
    for index in order {
        let handler = &all[index];
        let listens = handler.topics.iter().any(|topic| topic == notified);
        if listens && handler.name().is_none_or(|name| seen.insert(name)) {
            found.push(index);
        }
    }
    found
}

impl PlayRun {
    fn all_handlers(&self) -> Vec<Handler> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds the handlers of a list; each block in it is a list of its own.
    pub(super) fn collect_handlers(&self, run: &Arc<Run>, items: &[Item], context: &Context) {
        let mut own = None;
        for item in items {
            match item {
                Item::Task(task) => {
                    let list = *own.get_or_insert_with(|| self.next_list());
                    let handler = Handler::new(run, task, context, list);
                    self.handlers.lock().unwrap_or_else(PoisonError::into_inner).push(handler);
                }
                Item::Block(block) => {
                    self.collect_handlers(run, &block.tasks, &context.enter_block(block));
                    own = None;
                }
            }
        }
    }

    fn next_list(&self) -> usize {
        let handlers = self.handlers.lock().unwrap_or_else(PoisonError::into_inner);
        handlers.last().map_or(0, |handler| handler.list + 1)
    }

    /// Notes for a host that handlers are to run; the error names one that does not exist.
    pub(super) fn notify(&self, host: &str, names: &[String], run: &Run) -> Result<(), String> {
        if names.is_empty() {
            return Ok(());
        }
        let handlers = self.all_handlers();
        let (known, unknown): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| !answering(&handlers, name).is_empty());
        run.board.update(host, |state| state.notified.extend(known.into_iter().cloned()));
        let Some(name) = unknown.first() else { return Ok(()) };
        let all = handlers.iter().flat_map(|handler| {
            let names = handler.names.iter().chain(&handler.topics);
            names.map(|name| (name.clone(), handler.task.at))
        });
        let help = instead_of(name, &all.collect(), &run.sources);
        Err(format!(
            "The requested handler '{name}' was not found in either the main handlers list nor in \
             the listening handlers list: {help}"
        ))
    }

    /// Finds the handlers for the names that hosts were notified of: which one a name means is
    /// known when handlers run, since roles that are included bring more of them.
    fn resolve(&self, run: &Run, hosts: &[String]) {
        for host in hosts.iter().filter(|host| self.runs_handlers(run, host)) {
            let names = run.board.update(host, |state| std::mem::take(&mut state.notified));
            if !names.is_empty() {
                let handlers = self.all_handlers();
                let due = names.iter().flat_map(|name| answering(&handlers, name));
                run.board.update(host, |state| state.due.extend(due));
            }
        }
    }

    /// Runs the handlers that were notified, in the order they are written.
    ///
    /// A handler that notifies another one has it run too: one that stands after it at once, one
    /// that stands before it at the next flush. A host on which a handler fails runs no more of
    /// them, forced or not.
    pub(super) async fn flush_handlers(self: &Arc<Self>, run: &Arc<Run>, hosts: &[String]) {
        let mut hosts = hosts.to_vec();
        let mut index = 0;
        // A handler may be an include that adds handlers.
        while let Some(handler) = self.handler(index) {
            self.resolve(run, &hosts);
            let waiting = self.take_due(run, index, &hosts);
            if !waiting.is_empty() && !run.interrupt.is_set() {
                let given_up = self.run_handler(run, &handler, &waiting).await;
                hosts.retain(|host| !given_up.contains(host));
            }
            index += 1;
        }
    }

    /// Runs a handler on hosts, some of which may have failed before; returns those on which it
    /// failed now.
    async fn run_handler(
        self: &Arc<Self>,
        run: &Arc<Run>,
        handler: &Handler,
        hosts: &[String],
    ) -> Vec<String> {
        let name = run.name_of(&handler.task, &handler.context, &hosts[0]);
        let before: Vec<bool> = hosts
            .iter()
            .map(|host| run.board.update(host, |state| std::mem::take(&mut state.failed)))
            .collect();
        if handler.task.action.name == "meta" {
            let walk = super::meta::walk_handler(run, &handler.context, &handler.task, hosts, name);
            // A handler may not flush handlers, so it never comes back to here, which a compiler
            // cannot know.
            Box::pin(walk).await;
        } else {
            run_task(run, &handler.context, &handler.task, hosts, name).await;
        }
        let mut given_up = vec![];
        for (host, had_failed) in hosts.iter().zip(before) {
            let fails = run.board.update(host, |state| {
                let fails = state.failed;
                state.failed |= had_failed;
                if fails {
                    state.notified.clear();
                    state.due.clear();
                }
                fails
            });
            if fails {
                given_up.push(host.clone());
            }
        }
        given_up
    }

    fn handler(&self, index: usize) -> Option<Handler> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner).get(index).cloned()
    }

    /// The hosts for which a handler was notified, which are then to run it.
    fn take_due(&self, run: &Run, index: usize, hosts: &[String]) -> Vec<String> {
        let takes = |host: &&String| {
            self.runs_handlers(run, host)
                && run.board.update(host, |state| state.due.remove(&index))
        };
        hosts.iter().filter(takes).cloned().collect()
    }

    /// Whether handlers run on a host: also on one that failed, where they are forced.
    fn runs_handlers(&self, run: &Run, host: &str) -> bool {
        let written = self.play.keywords.get("force_handlers").map(Node::to_value);
        let written = written.as_ref().and_then(coerce::to_bool);
        let forced = written.unwrap_or(run.options.force_handlers);
        let state = run.board.get(host);
        state.is_active() || forced && !state.unreachable && !state.ended
    }
}

/// What to do about a handler that is not there: the one that was meant, or those there are.
pub(super) fn instead_of(name: &str, known: &BTreeMap<String, Span>, sources: &Sources) -> String {
    let shown = |(name, at): (&String, &Span)| {
        if at.is_somewhere() { format!("{name} ({})", sources.line(*at)) } else { name.clone() }
    };
    if known.is_empty() {
        return "the play has no handlers".to_owned();
    }
    if let Some((meant, at)) =
        closest(name, known.keys().map(String::as_str)).and_then(|meant| known.get_key_value(meant))
    {
        let place = at.is_somewhere().then(|| format!(" ({})", sources.line(*at)));
        return format!("did you mean `{meant}`{}?", place.unwrap_or_default());
    }
    // A handler of a role has a second name, with the role's before it.
    let short = |(name, _): &(&String, &Span)| {
        name.rsplit_once(" : ").is_none_or(|(_, bare)| !known.contains_key(bare))
    };
    let all: Vec<String> = known.iter().filter(short).map(shown).collect();
    format!("handlers in scope: {}", all.join(", "))
}
