//! Whom a line is about, and what is said of it in a word.

use super::cause::short;
use crate::event::{HostResult, TaskRef};
use crate::value::Value;

/// The actions that stand for other tasks: the line `included:` is all that is told of them.
const INCLUDES: [&str; 3] = ["include_tasks", "include_role", "include"];

/// Whom a result is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) task: &'a TaskRef,
    pub(super) host: &'a str,
    pub(super) item: Option<&'a str>,
}

/// What is told of a job that was waited for until it ended.
pub(super) fn waited_for(about: Subject<'_>, result: &HostResult) -> Option<String> {
    let of_job = result.returned.get("ansible_job_id").and_then(Value::as_str)?;
    let is_over = result.returned.get("finished").is_some_and(|over| *over != false && *over != 0);
    if short(&about.task.action) == "async_status" || !(is_over || result.status.is_failure()) {
        return None;
    }
    let word = if result.status.is_failure() { "FAILED" } else { "OK" };
    Some(format!("ASYNC {word} on {}: jid={of_job}", about.host))
}

pub(super) fn is_include(task: &TaskRef) -> bool {
    INCLUDES.contains(&short(&task.action))
}

/// The host, and the one that did the work in its stead.
pub(super) fn label(host: &str, result: &HostResult) -> String {
    match &result.delegated_to {
        Some(other) if other != host => format!("{host} -> {other}"),
        _ => host.to_owned(),
    }
}
