//! Handlers: noted when a task changes something, run at the end of a section.

use std::sync::{Arc, PoisonError};

use indexmap::IndexSet;

use super::context::Context;
use super::play::PlayRun;
use super::run::Run;
use super::task::run_task;
use crate::base::did_you_mean;
use crate::playbook::Task;
use crate::value::{Node, coerce};

/// A handler of a play.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) task: Arc<Task>,
    /// The names it answers to: its own, with its role's before it, and what it listens to.
    names: Vec<String>,
    topics: Vec<String>,
    /// Whether it was given a name, by which others may stand in its place.
    named: bool,
    name: String,
    context: Context,
}

impl Handler {
    pub(super) fn new(run: &Arc<Run>, task: &Arc<Task>, context: &Context) -> Self {
        let context = context.enter_task(task);
        let host = context.play.batch.first().cloned().unwrap_or_default();
        let name = run.name_of(task, &context, &host);
        let mut names = vec![name.clone()];
        if let Some(role) = &task.origin.role {
            names.push(format!("{} : {name}", role.name));
        }
        let topics = task.keywords.words("listen");
        let named = task.name.is_some();
        Self { task: Arc::clone(task), names, topics, named, name, context }
    }

    fn answers(&self, notified: &str) -> bool {
        self.names.iter().chain(&self.topics).any(|name| name == notified)
    }
}

/// The most rounds in which handlers notify handlers.
const ROUNDS: usize = 32;

impl PlayRun {
    fn all_handlers(&self) -> Vec<Handler> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes for a host that handlers are to run; the error names one that does not exist.
    pub(super) fn notify(&self, host: &str, names: &[String], run: &Run) -> Result<(), String> {
        if names.is_empty() {
            return Ok(());
        }
        let handlers = self.all_handlers();
        for name in names {
            if !handlers.iter().any(|handler| handler.answers(name)) {
                let known = handlers.iter().flat_map(|h| h.names.iter().chain(&h.topics));
                let help = did_you_mean(name, known.map(String::as_str), "the play has none");
                return Err(format!("no handler answers to `{name}`: {help}"));
            }
        }
        run.board.update(host, |state| state.notified.extend(names.iter().cloned()));
        Ok(())
    }

    /// Runs the handlers that were notified, in the order they are written.
    ///
    /// A handler that notifies another one has it run too: a later one in the same round.
    pub(super) async fn flush_handlers(self: &Arc<Self>, run: &Arc<Run>, hosts: &[String]) {
        for _ in 0..ROUNDS {
            let noted: Vec<(String, IndexSet<String>)> = hosts
                .iter()
                .filter(|host| self.runs_handlers(run, host))
                .map(|host| {
                    let names = run.board.update(host, |state| std::mem::take(&mut state.notified));
                    (host.clone(), names)
                })
                .collect();
            if noted.iter().all(|(_, names)| names.is_empty()) {
                break;
            }
            for handler in self.effective_handlers() {
                let waiting = self.waiting_for(run, &handler, &noted);
                if !waiting.is_empty() && !run.interrupt.is_set() {
                    let name = handler.name.clone();
                    run_task(run, &handler.context, &handler.task, &waiting, name, true).await;
                }
            }
        }
    }

    /// Whether handlers run on a host: also on one that failed, where they are forced.
    fn runs_handlers(&self, run: &Run, host: &str) -> bool {
        let written = self.play.keywords.get("force_handlers").map(Node::to_value);
        let written = written.as_ref().and_then(coerce::to_bool);
        let forced = written.unwrap_or(run.options.force_handlers);
        let state = run.board.get(host);
        state.is_active() || forced && !state.unreachable && !state.ended
    }

    /// Of handlers with the same name only the last counts.
    fn effective_handlers(&self) -> Vec<Handler> {
        let all = self.all_handlers();
        let later = |index: usize, handler: &Handler| {
            all[index + 1..].iter().any(|other| other.names == handler.names)
        };
        all.iter()
            .enumerate()
            .filter(|(index, handler)| !handler.named || !later(*index, handler))
            .map(|(_, handler)| handler.clone())
            .collect()
    }

    /// The hosts for which a handler was notified, in this round or by a handler before it.
    fn waiting_for(
        &self,
        run: &Run,
        handler: &Handler,
        noted: &[(String, IndexSet<String>)],
    ) -> Vec<String> {
        noted
            .iter()
            .filter(|(host, names)| {
                let anew = run.board.update(host, |state| {
                    let before = state.notified.len();
                    state.notified.retain(|name| !handler.names.contains(name));
                    state.notified.len() < before
                });
                (anew || names.iter().any(|name| handler.answers(name)))
                    && self.runs_handlers(run, host)
            })
            .map(|(host, _)| host.clone())
            .collect()
    }
}
