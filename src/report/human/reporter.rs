//! The events of a run, one function for each kind that is told.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use super::super::Reporter;
use super::super::text::{Text, Tone, count, names};
use super::recap::{Ending, Recap};
use super::result::{self, Subject};
use crate::base::Place;
use crate::event::{Event, EventKind, HostResult, Shown, TaskRef};

/// How much is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct HumanOptions {
    /// Whether the text is coloured.
    pub colour: bool,
    /// Whether what changes is shown line by line.
    pub diff: bool,
    /// How often `-v` was given.
    pub verbosity: u8,
    /// Whether the slowest tasks are told after a short run too.
    pub profile: bool,
}

/// Tells a run as it goes on: a head for each task, below it a line for each host as it ends.
#[derive(Debug)]
pub struct Human<W> {
    out: W,
    how: HumanOptions,
    check: bool,
    recap: Recap,
    /// The task whose head stands last.
    under: Option<u32>,
    /// The hosts that have shown items of that task.
    with_items: HashSet<(u32, String)>,
    /// The diffs shown under that head, and whose they were.
    diffs: HashMap<String, String>,
    begun: bool,
}

impl<W: Write> Human<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W, how: HumanOptions) -> Self {
        Self {
            out,
            how,
            check: false,
            recap: Recap::default(),
            under: None,
            with_items: HashSet::new(),
            diffs: HashMap::new(),
            begun: false,
        }
    }

    fn head(&mut self, text: &mut Text, head: &str) {
        if self.begun {
            text.end();
        }
        self.begun = true;
        text.put(Tone::Heading, head);
    }

    fn play(&mut self, text: &mut Text, name: &str, hosts: &[String]) {
        self.under = None;
        self.head(text, &format!("PLAY [{name}]"));
        if self.check {
            text.put(Tone::Dim, " (check mode)");
        }
        text.end();
        if self.how.verbosity > 0 {
            let row = names(hosts.iter().map(String::as_str), usize::MAX);
            text.put(Tone::Dim, format!("{}: {row}", count(hosts.len(), "host"))).end();
        }
    }

    fn play_skipped(&mut self, text: &mut Text, name: &str, reason: &str) {
        self.head(text, &format!("PLAY [{name}]"));
        text.end().put(Tone::Skipped, format!("skipping: {reason}")).end();
    }

    fn play_failed(
        &mut self,
        text: &mut Text,
        message: &str,
        help: Option<&str>,
        at: Option<&Place>,
    ) {
        self.begun = true;
        text.put(Tone::Failed, "failed: ").plain(message).end();
        if let Some(at) = at {
            text.block(4, Tone::Dim, &format!("--> {at}"));
        }
        if let Some(help) = help {
            text.block(4, Tone::Plain, &format!("help: {help}"));
        }
    }

    /// Writes a task's head, unless it stands last already: hosts that run ahead of each other
    /// end tasks in any order.
    fn task(&mut self, text: &mut Text, task: &TaskRef) {
        if self.under == Some(task.id) {
            return;
        }
        self.under = Some(task.id);
        self.diffs.clear();
        let kind = if task.handler { "RUNNING HANDLER" } else { "TASK" };
        let role = task.role.as_ref().map_or_else(String::new, |role| format!("{role} : "));
        self.head(text, &format!("{kind} [{role}{}]", task.name));
        text.end();
        if self.how.verbosity > 1
            && let Some(at) = &task.at
        {
            text.put(Tone::Dim, format!("task path: {at}")).end();
        }
    }

    fn result(
        &mut self,
        text: &mut Text,
        task: &TaskRef,
        (host, item): (&str, Option<&str>),
        result: &HostResult,
    ) {
        self.task(text, task);
        let diffs = match result.diffs.as_slice() {
            [] => None,
            diffs => serde_json::to_string(diffs).ok(),
        };
        let earlier = diffs.as_ref().and_then(|diffs| self.diffs.get(diffs)).cloned();
        let about = Subject {
            host,
            item,
            task_at: task.at.as_ref(),
            same_diff_as: earlier.as_deref(),
            check: self.check,
        };
        result::show(text, about, result, self.how);
        if let Some(diffs) = diffs {
            self.diffs.entry(diffs).or_insert_with(|| host.to_owned());
        }
    }

    /// Whether the line of a whole task says more than the lines of its items did.
    fn is_news(&self, task: &TaskRef, host: &str, result: &HostResult) -> bool {
        let had_items = self.with_items.contains(&(task.id, host.to_owned()));
        let items_failed = self.recap.has_failed_items(host);
        !had_items || (result.status.is_failure() && !items_failed)
    }
}

impl<W: Write + Send> Reporter for Human<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        let mut text = Text::new(self.how.colour);
        match &event.kind {
            EventKind::RunStarted { check, .. } => self.check = *check,
            EventKind::PlayStarted { name, hosts, .. } => self.play(&mut text, name, hosts),
            EventKind::PlaySkipped { name, reason } => self.play_skipped(&mut text, name, reason),
            EventKind::PlayFailed { message, help, at } => {
                self.play_failed(&mut text, message, help.as_deref(), at.as_ref());
            }
            EventKind::TaskStarted { task } => {
                self.recap.started(task, event.elapsed);
                self.task(&mut text, task);
            }
            EventKind::ItemFinished { task, host, label, result } => {
                self.with_items.insert((task.id, host.clone()));
                self.recap.item(task, host, result);
                self.result(&mut text, task, (host, Some(label)), result);
            }
            EventKind::HostFinished { task, host, result } => {
                if self.is_news(task, host, result) {
                    self.result(&mut text, task, (host, None), result);
                }
                self.with_items.remove(&(task.id, host.clone()));
                self.recap.ended(task, host, result, event.elapsed);
            }
            EventKind::Retrying { task, host, left, reason } => {
                self.task(&mut text, task);
                let tries = if *left == 1 { "try" } else { "tries" };
                text.put(Tone::Warning, format!("retrying: [{host}]"));
                text.plain(format!(" => {reason} ({left} {tries} left)")).end();
            }
            EventKind::Notice { text: notice, .. } => {
                self.begun = true;
                text.block(0, Tone::Warning, notice);
            }
            EventKind::Rescued { host } => self.recap.rescued(host),
            EventKind::RunFinished { stats, interrupted } => {
                let ending = Ending {
                    elapsed: event.elapsed,
                    interrupted: *interrupted,
                    check: self.check,
                    profile: self.how.profile,
                };
                self.recap.show(&mut text, stats, ending);
            }
            EventKind::HostStarted { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::Meta { .. }
            | EventKind::Included { .. } => {}
        }
        if text.is_empty() {
            return Ok(());
        }
        self.out.write_all(text.as_str().as_bytes())?;
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}
