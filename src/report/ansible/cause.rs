//! Why a task failed, with the lines of the file it stands in.

use super::super::text::{Text, Tone};
use super::lines::{lines, origin};
use crate::event::{HostResult, Status, TaskRef};
use crate::value::Value;

/// The engine's own actions, which fail by themselves; all others are modules.
const ACTIONS: [&str; 14] = [
    "add_host",
    "assert",
    "copy",
    "debug",
    "fail",
    "fetch",
    "group_by",
    "include_vars",
    "pause",
    "script",
    "set_fact",
    "set_stats",
    "template",
    "validate_argument_spec",
];

/// Why a task failed, and the lines of the file up to where it stands.
pub(super) fn cause(text: &mut Text, task: &TaskRef, result: &HostResult) {
    let Some(place) = result.at.as_ref().or(task.at.as_ref()) else { return };
    if result.message.is_empty() || result.status != Status::Failed {
        return;
    }
    let kind = if ACTIONS.contains(&short(&task.action)) { "Action" } else { "Module" };
    let said = result.returned.get("msg").and_then(Value::as_str).unwrap_or(&result.message);
    let message = match said.strip_prefix("Task failed: ") {
        _ if result.returned.contains_key("reason") => result.message.clone(),
        Some(_) => said.to_owned(),
        None => format!("Task failed: {kind} failed: {said}"),
    };
    lines(text, Tone::Failed, &format!("[ERROR]: {message}"));
    let label = format!("column {}", place.column);
    lines(text, Tone::Failed, &origin(place, &result.excerpt, &label));
    text.end();
}

/// A module's name without its collection.
pub(super) fn short(action: &str) -> &str {
    action
        .strip_prefix("ansible.builtin.")
        .or(action.strip_prefix("ansible.legacy."))
        .unwrap_or(action)
}
