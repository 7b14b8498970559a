//! The events of a run, one function for each kind that is told.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use super::super::Reporter;
use super::super::text::{Text, Tone};
use super::cause::cause;
use super::lines::{absolute, lines, path};
use super::options::AnsibleOptions;
use super::subject::{Subject, is_include, label, waited_for};
use super::{diff, dump, recap};
use crate::base::{Diff, Place};
use crate::event::{Event, EventKind, HostResult, Shown, Stats, Status, TaskRef};
use crate::value::Value;

/// Tells a run as ansible-core's default output does.
#[derive(Debug)]
pub struct Ansible<O, E> {
    out: O,
    err: E,
    how: AnsibleOptions,
    check: bool,
    /// Whether heads of tasks wait for the first result: hosts run ahead of each other.
    free: bool,
    /// The task whose head stands last.
    under: Option<Head>,
    /// The diffs of a loop's items so far, by task and host.
    diffs: Vec<(u32, String, Diff)>,
    /// The hosts that have told items of a task.
    with_items: HashSet<(u32, String)>,
}

/// What makes two heads the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    /// The task, where hosts keep step; where they do not each host has a number of its own.
    id: Option<u32>,
    name: String,
    at: Option<Place>,
}

impl<O: Write, E: Write> Ansible<O, E> {
    /// A reporter that writes to `out`, and what is beside the run to `err`.
    pub fn new(out: O, err: E, how: AnsibleOptions) -> Self {
        Self {
            out,
            err,
            how,
            check: false,
            free: false,
            under: None,
            diffs: vec![],
            with_items: HashSet::new(),
        }
    }

    fn banner(&self, text: &mut Text, head: &str) {
        let stars = self.how.columns.saturating_sub(console::measure_text_width(head)).max(3);
        text.end().put(Tone::Heading, head).plain(format!(" {}", "*".repeat(stars))).end();
    }

    fn play(&mut self, text: &mut Text, name: &str, check: bool) {
        self.under = None;
        self.banner(text, &format!("PLAY [{name}]{}", self.marker(check)));
    }

    fn marker(&self, check: bool) -> &'static str {
        if check && self.how.check_markers { " [CHECK MODE]" } else { "" }
    }

    fn head_of(&self, task: &TaskRef) -> Head {
        let id = (!self.free).then_some(task.id);
        Head { id, name: task.name.clone(), at: task.at.clone() }
    }

    /// Writes a task's head, unless it stands last already.
    fn task(&mut self, text: &mut Text, task: &TaskRef) {
        let head = self.head_of(task);
        if self.under.as_ref() == Some(&head) {
            return;
        }
        self.under = Some(head);
        let kind = if task.handler { "RUNNING HANDLER" } else { "TASK" };
        let role = task.role.as_ref().map_or_else(String::new, |role| format!("{role} : "));
        let marker = self.marker(task.check);
        self.banner(text, &format!("{kind} [{role}{}]{marker}", task.name.trim()));
        if self.how.verbosity > 1 {
            path(text, task);
        }
    }

    fn result(&mut self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        if is_include(about.task) && matches!(result.status, Status::Ok | Status::Changed) {
            return self.task(text, about.task);
        }
        if !self.is_shown(result) {
            return;
        }
        self.task(text, about.task);
        self.warnings(result);
        match result.status {
            Status::Ok | Status::Changed => self.success(text, about, result),
            Status::Skipped => self.skipped(text, about, result),
            Status::Failed | Status::Unreachable | Status::Unknown => {
                self.failure(text, about, result);
            }
        }
    }

    fn is_shown(&self, result: &HostResult) -> bool {
        match result.status {
            Status::Ok => self.how.ok_hosts,
            Status::Skipped => self.how.skipped_hosts,
            _ => true,
        }
    }

    fn success(&self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        let changed = result.returned.get("changed") == Some(&Value::Bool(true));
        let (word, tone) = if changed || result.status == Status::Changed {
            ("changed", Tone::Changed)
        } else {
            ("ok", Tone::Ok)
        };
        let item = about.item.map_or_else(String::new, |item| format!(" => (item={item})"));
        let mut line = format!("{word}: [{}]{item}", label(about.host, result));
        if self.is_verbose(result) {
            line += " => ";
            line += &self.dump(about.task, result);
        }
        lines(text, tone, &line);
    }

    fn skipped(&self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        let item = about.item.map_or_else(String::new, |item| format!(" => (item={item}) "));
        let mut line = format!("skipping: [{}]{item}", about.host);
        if self.how.verbosity > 0 {
            line += " => ";
            line += &self.dump(about.task, result);
        }
        lines(text, Tone::Skipped, &line);
    }

    fn failure(&mut self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        let mut said = Text::new(self.how.colour);
        // What could not be included is told beside the run.
        if result.returned.contains_key("reason") {
            let mut beside = Text::new(self.how.colour);
            cause(&mut beside, about.task, result);
            let _ = self.err.write_all(beside.as_str().as_bytes());
        } else if !result.hidden {
            cause(&mut said, about.task, result);
        }
        let host = label(about.host, result);
        let dump = self.dump(about.task, result);
        let line = match (about.item, result.status) {
            (Some(item), _) => format!("failed: [{host}] (item={item}) => {dump}"),
            (None, Status::Failed) => {
                if self.how.verbosity < 2 && self.how.path_on_failure {
                    path(&mut said, about.task);
                }
                format!("fatal: [{host}]: FAILED! => {dump}")
            }
            (None, _) => format!("fatal: [{host}]: UNREACHABLE! => {dump}"),
        };
        lines(&mut said, Tone::Failed, &line);
        if self.how.failed_to_stderr {
            let _ = self.err.write_all(said.as_str().as_bytes());
        } else {
            text.append(&said);
        }
    }

    /// What became of a whole task on a host, below what its items said.
    fn ended(&mut self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        if let Some(line) = waited_for(about, result) {
            self.task(text, about.task);
            lines(text, Tone::Dim, &line);
        }
        let key = (about.task.id, about.host.to_owned());
        let had_items = self.with_items.remove(&key);
        if result.diff.unwrap_or(self.how.diff) {
            self.show_diffs(text, about, result);
        }
        let lost = matches!(result.status, Status::Unreachable | Status::Unknown);
        let summed_up = result.status == Status::Failed && about.task.action == "debug";
        if !had_items || result.status == Status::Skipped || lost {
            self.result(text, about, result);
        } else if summed_up {
            let quiet = HostResult { excerpt: vec![], message: String::new(), ..result.clone() };
            self.result(text, about, &quiet);
        }
        if result.status.is_failure() && result.ignored {
            lines(text, Tone::Skipped, "...ignoring");
        }
    }

    /// The diffs of what was changed, of all items at once.
    fn show_diffs(&mut self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        let (id, host) = (about.task.id, about.host);
        let mine = |entry: &(u32, String, Diff)| entry.0 == id && entry.1 == host;
        let (mut of_items, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.diffs).into_iter().partition(mine);
        self.diffs = others;
        if of_items.is_empty() && result.status == Status::Changed {
            let own = result.diffs.iter().map(|diff| (id, host.to_owned(), diff.clone()));
            of_items.extend(own);
        }
        if !of_items.is_empty() {
            self.task(text, about.task);
        }
        for (_, _, diff) in &of_items {
            diff::show(text, diff);
        }
    }

    fn dump(&self, task: &TaskRef, result: &HostResult) -> String {
        dump::result(result, task.action.ends_with("debug"), &self.how)
    }

    fn is_verbose(&self, result: &HostResult) -> bool {
        self.how.verbosity > 0 || (result.verbose && result.status != Status::Skipped)
    }

    /// Tells what a task warns of beside its result.
    fn warnings(&mut self, result: &HostResult) {
        let Some(Value::Array(warnings)) = result.returned.get("warnings") else { return };
        let mut text = Text::new(self.how.colour);
        for warning in warnings.iter().filter_map(Value::as_str) {
            lines(&mut text, Tone::Warning, &format!("[WARNING]: {warning}"));
        }
        let _ = self.err.write_all(text.as_str().as_bytes());
    }

    fn included(text: &mut Text, what: &str, hosts: &[String], item: Option<&str>) {
        let item = item.map_or_else(String::new, |item| format!(" => (item={item})"));
        let what = if Path::new(what).is_file() { absolute(what) } else { what.to_owned() };
        let line = format!("included: {what} for {}{item}", hosts.join(", "));
        lines(text, Tone::Skipped, &line);
    }

    /// A task that acts on the run; `skipped` names the host for which it did not.
    fn meta(&mut self, text: &mut Text, task: &TaskRef, message: &str, skipped: Option<&str>) {
        if !self.free {
            self.task(text, task);
        }
        if self.how.verbosity > 1 {
            lines(text, Tone::Dim, &format!("META: {message}"));
        }
        if let Some(host) = skipped.filter(|_| self.how.skipped_hosts) {
            self.task(text, task);
            let mut line = format!("skipping: [{host}]");
            if self.how.verbosity > 0 {
                let reason = [("skip_reason".to_owned(), Value::from(message))];
                line += " => ";
                line += &dump::line(&reason.into_iter().collect());
            }
            lines(text, Tone::Skipped, &line);
        }
    }

    fn play_failed(&mut self, message: &str, help: Option<&str>, at: Option<&Place>) {
        let mut text = Text::new(self.how.colour);
        lines(&mut text, Tone::Failed, &format!("[ERROR]: {message}"));
        if let Some(at) = at {
            text.plain(format!("Origin: {at}")).end();
        }
        if let Some(help) = help {
            text.plain(help).end();
        }
        let _ = self.err.write_all(text.as_str().as_bytes());
    }

    fn playbook(&self, text: &mut Text, path: &str, plays: usize) {
        if self.how.verbosity > 1 {
            let name = Path::new(path).file_name().and_then(|name| name.to_str());
            self.banner(text, &format!("PLAYBOOK: {}", name.unwrap_or(path)));
            lines(text, Tone::Dim, &format!("{plays} plays in {path}"));
        }
    }

    fn item(&mut self, text: &mut Text, about: Subject<'_>, result: &HostResult) {
        let (id, host) = (about.task.id, about.host.to_owned());
        if result.diff.unwrap_or(self.how.diff) && result.status == Status::Changed {
            let diffs = result.diffs.iter();
            self.diffs.extend(diffs.map(|diff| (id, host.clone(), diff.clone())));
        }
        self.with_items.insert((id, host));
        self.result(text, about, result);
    }

    fn recap(&self, text: &mut Text, stats: &Stats) {
        self.banner(text, "PLAY RECAP");
        recap::show(text, stats);
        if self.how.custom_stats && !stats.custom.is_empty() {
            self.banner(text, "CUSTOM STATS: ");
            recap::show_custom(text, stats);
        }
        self.dry_run(text);
    }

    /// What stands around the whole run.
    fn dry_run(&self, text: &mut Text) {
        if self.check && self.how.check_markers {
            self.banner(text, "DRY RUN");
        }
    }
}

impl<O: Write + Send, E: Write + Send> Reporter for Ansible<O, E> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        let mut text = Text::new(self.how.colour);
        match &event.kind {
            EventKind::RunStarted { check, .. } => {
                self.check = *check;
                self.dry_run(&mut text);
            }
            EventKind::PlaybookStarted { path, plays } => self.playbook(&mut text, path, *plays),
            EventKind::Meta { message, implicit: true, .. } => {
                if self.how.debug {
                    lines(&mut text, Tone::Dim, &format!("META: {message}"));
                }
            }
            EventKind::Meta { task, host, message, skipped, .. } => {
                self.meta(&mut text, task, message, host.as_deref().filter(|_| *skipped));
            }
            EventKind::PlayStarted { name, free, check, .. } => {
                self.free = *free;
                self.play(&mut text, name, *check);
            }
            EventKind::PlaySkipped { name, reason } => {
                self.play(&mut text, name, false);
                lines(&mut text, Tone::Skipped, &format!("skipping: {reason}"));
            }
            EventKind::PlayFailed { message, help, at } => {
                self.play_failed(message, help.as_deref(), at.as_ref());
            }
            EventKind::TaskStarted { task } => {
                if !self.free && self.how.ok_hosts && self.how.skipped_hosts {
                    self.task(&mut text, task);
                }
            }
            EventKind::ItemFinished { task, host, label, result } => {
                self.item(&mut text, Subject { task, host, item: Some(label) }, result);
            }
            EventKind::HostFinished { task, host, result } => {
                self.ended(&mut text, Subject { task, host, item: None }, result);
            }
            EventKind::Retrying { task, host, left, .. } => {
                self.task(&mut text, task);
                let name = &task.name;
                let line = format!("FAILED - RETRYING: [{host}]: {name} ({left} retries left).");
                lines(&mut text, Tone::Dim, &line);
            }
            EventKind::Included { what, hosts, label } => {
                Self::included(&mut text, what, hosts, label.as_deref());
            }
            EventKind::Notice { text: notice, brief } => {
                let notice = brief.as_ref().unwrap_or(notice);
                let mut beside = Text::new(self.how.colour);
                lines(&mut beside, Tone::Warning, &format!("[WARNING]: {notice}"));
                self.err.write_all(beside.as_str().as_bytes())?;
            }
            EventKind::RunFinished { stats, .. } => {
                self.recap(&mut text, stats);
            }
            EventKind::HostStarted { .. } | EventKind::Rescued { .. } => {}
        }
        self.out.write_all(text.as_str().as_bytes())?;
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
