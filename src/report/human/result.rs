//! How a task ended on a host.

use super::super::text::{Text, Tone};
use super::HumanOptions;
use super::diff;
use crate::base::{Diff, Place, Side};
use crate::event::{HostResult, Status};
use crate::value::{Fields, Value};

/// The most lines of a program's output under a failure, unless the user asks for all.
const OUTPUT_LINES: usize = 20;

/// Whom a result is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) host: &'a str,
    pub(super) item: Option<&'a str>,
    pub(super) task_at: Option<&'a Place>,
    /// The host whose diff, already shown for this task, is the same one.
    pub(super) same_diff_as: Option<&'a str>,
    pub(super) check: bool,
}

/// Adds the line of a result, and what belongs below it.
pub(super) fn show(text: &mut Text, about: Subject<'_>, result: &HostResult, how: HumanOptions) {
    let (word, tone) = word(result);
    let other = result.delegated_to.iter().map(|other| format!(" -> {other}"));
    let item = about.item.iter().map(|item| format!(" => (item={item})"));
    let (other, item): (String, String) = (other.collect(), item.collect());
    text.put(tone, format!("{word}: [{}{other}]{item}", about.host));
    if result.status.is_failure() {
        failure(text, about, result, how);
    } else {
        success(text, about, result, how);
    }
    let shows_diff = result.diff.unwrap_or(how.diff);
    if shows_diff && about.same_diff_as.is_none() {
        for diff in shown_diffs(about, result) {
            diff::show(text, diff, !about.check, how.verbosity > 0);
        }
    }
}

/// The diffs that are news: of what was changed, or would be.
fn shown_diffs<'r>(about: Subject<'_>, result: &'r HostResult) -> &'r [Diff] {
    match result.status {
        Status::Changed => &result.diffs,
        Status::Skipped if about.check && would_run(result).is_none() => &result.diffs,
        _ => &[],
    }
}

/// The command that a task was passed over for in check mode, where it fits on the line.
fn would_run(result: &HostResult) -> Option<String> {
    let [Diff { after: Side::Command(argv), .. }] = result.diffs.as_slice() else { return None };
    let line = diff::command_line(argv);
    (result.status == Status::Skipped && !line.contains('\n')).then_some(line)
}

fn word(result: &HostResult) -> (&'static str, Tone) {
    match result.status {
        Status::Ok => ("ok", Tone::Ok),
        Status::Changed => ("changed", Tone::Changed),
        Status::Skipped => ("skipping", Tone::Skipped),
        _ if result.ignored => ("ignored", Tone::Skipped),
        Status::Failed => ("failed", Tone::Failed),
        Status::Unreachable => ("unreachable", Tone::Failed),
        Status::Unknown => ("unknown", Tone::Failed),
    }
}

fn success(text: &mut Text, about: Subject<'_>, result: &HostResult, how: HumanOptions) {
    let said = (result.verbose && result.status != Status::Skipped)
        .then(|| result.returned.get("msg").and_then(Value::as_str))
        .flatten();
    // In check mode the reason is news; else it is the `when` that stands in the file.
    if let Some(line) = would_run(result).filter(|_| about.check) {
        text.put(Tone::Dim, format!(" would run: {line}"));
    } else if result.status == Status::Skipped && how.verbosity > 0 && !result.message.is_empty() {
        text.put(Tone::Dim, format!(" ({})", first_line(&result.message)));
    }
    if result.diff.unwrap_or(how.diff)
        && !shown_diffs(about, result).is_empty()
        && let Some(other) = about.same_diff_as
    {
        text.put(Tone::Dim, format!(" (same diff as {other})"));
    }
    if let Some(line) = said.filter(|said| !said.contains('\n')) {
        let link = if about.item.is_some() { ":" } else { " =>" };
        text.plain(format!("{link} {line}")).end();
    } else {
        text.end();
        if let Some(lines) = said {
            text.block(4, Tone::Plain, lines);
        } else if result.verbose && result.status != Status::Skipped {
            text.block(4, Tone::Plain, &returned(&result.returned));
        }
    }
    if how.verbosity > 0 && !result.verbose {
        text.block(4, Tone::Dim, &returned(&result.returned));
    }
}

fn failure(text: &mut Text, about: Subject<'_>, result: &HostResult, how: HumanOptions) {
    let link = if about.item.is_some() { ": " } else { " => " };
    text.plain(link).plain(first_line(&result.message)).end();
    let limit = if how.verbosity > 0 { usize::MAX } else { OUTPUT_LINES };
    if let Some((_, rest)) = result.message.split_once('\n') {
        text.folded(4, Tone::Plain, rest, limit);
    }
    if let Some(at) = result.at.as_ref().or(about.task_at) {
        text.block(4, Tone::Dim, &format!("--> {at}"));
    }
    if let Some(help) = &result.help {
        text.block(4, Tone::Plain, &format!("help: {help}"));
    }
    if how.verbosity > 0 {
        text.block(4, Tone::Dim, &returned(&result.returned));
        return;
    }
    for name in ["stdout", "stderr"] {
        let output = result.returned.get(name).and_then(Value::as_str).unwrap_or_default();
        if !output.trim().is_empty() && !result.message.contains(output.trim()) {
            text.block(4, Tone::Dim, &format!("{name}:"));
            text.folded(6, Tone::Plain, output.trim_end(), limit);
        }
    }
}

/// What a task returned as YAML, without what is said already or stands there twice.
pub(super) fn returned(fields: &Fields) -> String {
    let twice = |name: &str| match name {
        "stdout_lines" => fields.contains_key("stdout"),
        "stderr_lines" => fields.contains_key("stderr"),
        "exception" => fields.contains_key("msg"),
        "changed" | "failed" | "skipped" | "unreachable" | "invocation" | "results" => true,
        _ => name.starts_with("_ansible"),
    };
    let shown: Fields = fields
        .iter()
        .filter(|(name, _)| !twice(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    serde_yaml::to_string(&shown).unwrap_or_default()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
