//! `meta`: tasks that act on the walk itself.

use std::sync::Arc;

use super::context::Context;
use super::ended::Ended;
use super::run::Run;
use super::step::Step;
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::event::{EventKind, TaskRef};
use crate::playbook::Task;
use crate::value::{Node, coerce};

const WORDS: &[&str] = &[
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_host",
    "end_play",
    "end_role",
    "flush_handlers",
    "noop",
    "refresh_inventory",
    "reset_connection",
];

/// Walks a `meta` task on the hosts for which its condition holds.
pub(super) async fn walk(run: &Arc<Run>, context: &Context, task: &Arc<Task>, hosts: &[String]) {
    let word = word_of(task);
    let name = hosts.first().map_or_else(String::new, |host| run.name_of(task, context, host));
    let role = task.shown_role().map(str::to_owned);
    let shown = TaskRef { role, ..run.task_ref(&name, &word, task.at) };
    let mut meant = vec![];
    // What is about the run is decided by the first host.
    let asked = if is_of_hosts(&word) { hosts } else { &hosts[..1] };
    for host in asked {
        match holds(run, context, task, host) {
            Ok(true) => meant.push(host.clone()),
            Ok(false) => tell(run, &shown, Some(host), why_not(&word, task, host), true),
            Err(fault) => fail(run, task, host, &fault),
        }
    }
    if meant.is_empty() {
        return;
    }
    act(run, context, task, &word, &meant).await;
    if is_of_hosts(&word) {
        for host in &meant {
            tell(run, &shown, Some(host), what(&word, host, Some(task)), false);
        }
    } else {
        tell(run, &shown, None, what(&word, "", Some(task)), false);
    }
}

/// Tells that handlers are run at the end of a section, where some are due.
pub(super) fn tell_flush(run: &Run, hosts: &[String]) {
    let due = |host: &&String| {
        let state = run.board.get(host);
        state.is_active() && !(state.notified.is_empty() && state.due.is_empty())
    };
    for host in hosts.iter().filter(due) {
        let task = run.task_ref("", "meta", Span::NOWHERE);
        let message = what("flush_handlers", host, None);
        let host = Some(host.clone());
        let kind = EventKind::Meta { task, host, message, skipped: false, implicit: true };
        run.events.tell(kind);
    }
}

/// Walks a `meta` task that stands among the handlers: it has a head of its own there.
pub(super) async fn walk_handler(
    run: &Arc<Run>,
    context: &Context,
    task: &Arc<Task>,
    hosts: &[String],
    name: String,
) {
    let task_ref = TaskRef {
        handler: true,
        role: task.shown_role().map(str::to_owned),
        ..run.task_ref(&name, &task.action.written, task.at)
    };
    run.events.tell(EventKind::TaskStarted { task: task_ref });
    walk(run, context, task, hosts).await;
}

async fn act(run: &Arc<Run>, context: &Context, task: &Task, word: &str, meant: &[String]) {
    let play = &context.play;
    let board = &run.board;
    match word {
        "flush_handlers" => play.flush_handlers(run, meant).await,
        "end_play" => {
            play.ended.store(true, std::sync::atomic::Ordering::Relaxed);
            end(run, &play.batch);
        }
        "end_batch" => end(run, &play.batch),
        "end_host" => end(run, meant),
        "end_role" => {
            if let Some(role) = &task.origin.role {
                for host in meant {
                    board.update(host, |state| state.leaving = Some(role.path.clone()));
                }
            }
        }
        "clear_facts" => play.all_hosts.iter().for_each(|host| board.clear_facts(host)),
        "clear_host_errors" => {
            for host in &play.batch {
                board.update(host, |state| {
                    state.failed = false;
                    state.unreachable = false;
                    state.forgiven += 1;
                });
            }
        }
        "reset_connection" => run.connections.close_all().await,
        "refresh_inventory" => run.refresh_inventory(),
        _ => {}
    }
}

/// Whether a word is about each host for itself.
fn is_of_hosts(word: &str) -> bool {
    matches!(word, "end_host" | "end_role" | "flush_handlers" | "reset_connection" | "noop")
}

fn role_of(task: &Task) -> &str {
    task.origin.role.as_ref().map_or("", |role| &role.name)
}

/// What a word did, as ansible-core says it.
fn what(word: &str, host: &str, task: Option<&Task>) -> String {
    match word {
        "flush_handlers" => format!("triggered running handlers for {host}"),
        "refresh_inventory" => "inventory successfully refreshed".to_owned(),
        "clear_facts" => "facts cleared".to_owned(),
        "clear_host_errors" => "cleared host errors".to_owned(),
        "end_batch" => "ending batch".to_owned(),
        "end_play" => "ending play".to_owned(),
        "end_host" => format!("ending play for {host}"),
        "end_role" => format!("ending role {} for {host}", task.map_or("", role_of)),
        "reset_connection" => "reset connection".to_owned(),
        other => other.to_owned(),
    }
}

/// What goes on where the condition did not hold.
fn why_not(word: &str, task: &Task, host: &str) -> String {
    let goes_on = match word {
        "end_batch" => ", continuing current batch".to_owned(),
        "end_play" => ", continuing play".to_owned(),
        "end_host" => format!(", continuing execution for {host}"),
        "end_role" => format!(", continuing role {} for {host}", role_of(task)),
        _ => String::new(),
    };
    format!("{word} conditional evaluated to False{goes_on}")
}

fn tell(run: &Run, task: &TaskRef, host: Option<&str>, message: String, skipped: bool) {
    let (task, host) = (task.clone(), host.map(str::to_owned));
    run.events.tell(EventKind::Meta { task, host, message, skipped, implicit: false });
}

fn end(run: &Run, hosts: &[String]) {
    for host in hosts {
        run.board.update(host, |state| state.ended = true);
    }
}

fn word_of(task: &Task) -> String {
    let free = task.action.args.get("free_form");
    free.map(|node| coerce::to_text(&node.to_value())).unwrap_or_default()
}

/// Whether the task's condition holds for a host.
fn holds(
    run: &Arc<Run>,
    context: &Context,
    task: &Arc<Task>,
    host: &str,
) -> Result<bool, Diagnostic> {
    let Some(when) = context.keywords.get("when") else { return Ok(true) };
    let step = Step {
        run: Arc::clone(run),
        task: Arc::clone(task),
        context: context.clone(),
        host: host.to_owned(),
        shown: Arc::new(run.task_ref("meta", "meta", task.at)),
        turns: Arc::new(super::turns::Turns::new(&run.events, 1)),
        place: 0,
        permit: Arc::new(super::permit::Permit::of(&run.forks)),
    };
    let scope = step.scope().shared();
    Ok(run.templar.condition(when, &scope)?.value)
}

fn fail(run: &Arc<Run>, task: &Task, host: &str, fault: &Diagnostic) {
    let shown = run.task_ref("meta", "meta", task.at);
    run.events.tell(EventKind::TaskStarted { task: shown.clone() });
    run.board.update(host, |state| state.failed = true);
    run.events.finished(&shown, host, Ended::at_fault(fault).into_result(task.at, &run.sources));
}

/// Finds a word that `meta` does not have.
pub(super) fn check(node: &Node) -> Vec<Diagnostic> {
    let Some(word) = node.get("free_form").filter(|word| !word.is_template()) else {
        return vec![];
    };
    let text = coerce::to_text(&word.to_value());
    if WORDS.contains(&text.as_str()) {
        return vec![];
    }
    let help =
        did_you_mean(&text, WORDS.iter().copied(), format!("it is one of {}", WORDS.join(", ")));
    let fault = Diagnostic::error(
        "meta",
        format!("`meta` does not know `{text}`"),
        word.span,
        "not known here",
    );
    vec![fault.help(help)]
}
