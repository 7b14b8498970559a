//! Failures as GitHub shows them beside the files they are about.

use std::collections::HashSet;
use std::io::{self, Write};

use super::Reporter;
use super::text::visible;
use crate::base::Place;
use crate::event::{Event, EventKind, HostResult, Shown, Status, TaskRef};

/// Writes [workflow commands]: a group for each play, an annotation for each failure.
///
/// Beside it the output of hosts goes to the same log, and GitHub would obey a line of it that
/// looks like a command. So commands are switched off but for those of this reporter, with a
/// token that no host knows.
///
/// [workflow commands]: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
#[derive(Debug)]
pub struct GitHub<W> {
    out: W,
    token: String,
    in_group: bool,
    /// Hosts of which an item has failed, whose task adds nothing to it.
    with_failed_items: HashSet<String>,
}

impl<W: Write> GitHub<W> {
    /// A reporter whose token must be one that nobody can guess.
    pub fn new(out: W, token: String) -> Self {
        Self { out, token, in_group: false, with_failed_items: HashSet::new() }
    }

    /// Writes commands between the token that switches them on and the one that switches them off.
    fn commands(&mut self, lines: &str) -> io::Result<()> {
        let token = &self.token;
        self.out.write_all(format!("::{token}::\n{lines}::stop-commands::{token}\n").as_bytes())?;
        self.out.flush()
    }

    fn play(&mut self, name: &str) -> io::Result<()> {
        let end = self.end_of_group();
        self.in_group = true;
        self.commands(&format!("{end}::group::{}\n", data(&format!("PLAY [{name}]"))))
    }

    fn end_of_group(&mut self) -> &'static str {
        if std::mem::take(&mut self.in_group) { "::endgroup::\n" } else { "" }
    }

    fn annotate(
        &mut self,
        level: &str,
        title: &str,
        at: Option<&Place>,
        message: &str,
    ) -> io::Result<()> {
        let place = at.map_or_else(String::new, |at| {
            format!("file={},line={},col={},", property(&at.file), at.line, at.column)
        });
        self.commands(&format!("::{level} {place}title={}::{}\n", property(title), data(message)))
    }

    fn result(&mut self, task: &TaskRef, host: &str, result: &HostResult) -> io::Result<()> {
        let word = match result.status {
            Status::Ok | Status::Changed | Status::Skipped => return Ok(()),
            Status::Failed => "failed",
            Status::Unreachable => "unreachable",
            Status::Unknown => "unknown",
        };
        let level = if result.ignored { "warning" } else { "error" };
        let title = format!("{} {word} on {host}", task.name);
        let help = result.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
        let at = result.at.as_ref().or(task.at.as_ref());
        self.annotate(level, &title, at, &format!("{}{help}", result.message))
    }
}

impl<W: Write + Send> Reporter for GitHub<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        match &event.kind {
            EventKind::RunStarted { .. } => {
                let token = &self.token;
                self.out.write_all(format!("::stop-commands::{token}\n").as_bytes())
            }
            EventKind::PlayStarted { name, .. } => self.play(name),
            EventKind::PlayFailed { message, at, .. } => {
                self.annotate("error", "play failed", at.as_ref(), message)
            }
            EventKind::ItemFinished { task, host, result, .. } => {
                if result.status.is_failure() {
                    self.with_failed_items.insert(host.clone());
                }
                self.result(task, host, result)
            }
            EventKind::HostFinished { host, .. } if self.with_failed_items.remove(host) => Ok(()),
            EventKind::HostFinished { task, host, result } => self.result(task, host, result),
            EventKind::RunFinished { .. } => {
                let end = self.end_of_group();
                self.commands(end)
            }
            EventKind::PlaySkipped { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::HostStarted { .. }
            | EventKind::Included { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::Meta { .. }
            | EventKind::Rescued { .. }
            | EventKind::Retrying { .. }
            | EventKind::Notice { .. } => Ok(()),
        }
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let end = self.end_of_group();
        let token = &self.token;
        self.out.write_all(format!("::{token}::\n{end}").as_bytes())?;
        self.out.flush()
    }
}

/// Text as the message of a command: on one line, its control characters spelt out.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// Text as a property of a command: without the signs that end one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
