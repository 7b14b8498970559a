//! One module over many hosts: what each of them said.

use std::io::{self, Write};

use indexmap::IndexMap;

use super::Reporter;
use super::ansible::{AnsibleOptions, dump};
use super::human::show_diff;
use super::text::{Text, Tone, count, duration};
use crate::event::{Event, EventKind, HostResult, Shown, Status, TaskRef};
use crate::value::{Fields, Value};

/// How an ad-hoc run is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct AdhocOptions {
    /// Whether the text is coloured.
    pub colour: bool,
    /// Whether hosts that said the same are shown as one, once all have ended.
    pub grouped: bool,
    /// Whether what changes is shown line by line.
    pub diff: bool,
    /// Whether a result stands on one line.
    pub one_line: bool,
    /// Whether the form is ansible-core's.
    pub ansible: bool,
}

/// Shows each host's output whole, in the order of the inventory.
///
/// A host's turn comes when those before it have had theirs; the two outputs of a program are
/// kept apart.
#[derive(Debug)]
pub struct Adhoc<W> {
    out: W,
    how: AdhocOptions,
    check: bool,
    /// Every host, in the order of the inventory, and what it said once it has.
    hosts: IndexMap<String, Option<Said>>,
    shown: usize,
}

/// What a host said.
#[derive(Debug, Clone)]
struct Said {
    tone: Tone,
    /// What follows the name: `CHANGED | rc=0 >>`.
    head: String,
    /// What is different, or would be.
    diffs: Text,
    /// All lines below.
    body: String,
}

impl<W: Write> Adhoc<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W, how: AdhocOptions) -> Self {
        Self { out, how, check: false, hosts: IndexMap::new(), shown: 0 }
    }

    /// Shows the hosts whose turn has come; all that have ended when `last`.
    fn advance(&mut self, last: bool) -> io::Result<()> {
        if self.how.grouped {
            return if last { self.groups() } else { Ok(()) };
        }
        while let Some((host, said)) = self.hosts.get_index(self.shown) {
            match said {
                Some(said) => self.out.write_all(said.text(host, self.how.colour).as_bytes())?,
                None if last => {}
                None => break,
            }
            self.shown += 1;
        }
        self.out.flush()
    }

    fn groups(&mut self) -> io::Result<()> {
        let mut groups: IndexMap<[&str; 3], (Vec<&str>, &Said)> = IndexMap::new();
        for (host, said) in &self.hosts {
            if let Some(said) = said {
                let group = groups.entry([&said.head, said.diffs.as_str(), &said.body]);
                group.or_insert_with(|| (vec![], said)).0.push(host);
            }
        }
        for (hosts, said) in groups.values() {
            let title = match hosts.as_slice() {
                [host] => (*host).to_owned(),
                hosts => format!("{}: {}", count(hosts.len(), "host"), hosts.join(", ")),
            };
            self.out.write_all(said.text(&title, self.how.colour).as_bytes())?;
        }
        self.hosts.clear();
        self.out.flush()
    }

    fn ended(&mut self, task: &TaskRef, host: &str, result: &HostResult) -> io::Result<()> {
        let one_line = self.how.one_line;
        let ansible = self.how.ansible || one_line;
        let mut said =
            if ansible { Said::as_ansible(task, result, one_line) } else { Said::of(result) };
        if self.how.diff {
            said.diffs = Text::new(self.how.colour);
            if matches!(result.status, Status::Changed | Status::Skipped) {
                let show = |diff| show_diff(&mut said.diffs, diff, !self.check, true);
                result.diffs.iter().for_each(show);
            }
        }
        self.hosts.insert(host.to_owned(), Some(said));
        self.advance(false)
    }
}

impl Said {
    fn of(result: &HostResult) -> Self {
        let (word, tone) = match result.status {
            Status::Ok => ("SUCCESS", Tone::Ok),
            Status::Changed => ("CHANGED", Tone::Changed),
            Status::Skipped => ("SKIPPED", Tone::Skipped),
            Status::Failed => ("FAILED", Tone::Failed),
            Status::Unreachable => ("UNREACHABLE", Tone::Failed),
            Status::Unknown => ("UNKNOWN", Tone::Failed),
        };
        let output = |name: &str| result.returned.get(name).and_then(Value::as_str);
        let of_program = result.returned.get("rc").zip(output("stdout"));
        let (head, body) = if let Some((rc, stdout)) = of_program {
            let stderr = output("stderr").unwrap_or_default();
            (format!("{word} | rc={rc} >>"), apart(stdout, stderr))
        } else if result.status.is_failure() || result.status == Status::Skipped {
            let help = result.help.iter().map(|help| format!("\nhelp: {help}"));
            let body = std::iter::once(result.message.clone()).chain(help).collect();
            (format!("{word} =>"), body)
        } else {
            (format!("{word} =>"), json(&result.returned))
        };
        Self { tone, head, diffs: Text::default(), body }
    }

    /// The same as ansible-core's callbacks `minimal` and `oneline` have it.
    fn as_ansible(task: &TaskRef, result: &HostResult, one_line: bool) -> Self {
        let Self { tone, head, .. } = Self::of(result);
        let diffs = Text::default();
        let word = head.split(' ').next().unwrap_or_default();
        let fields = fields_of(result);
        let failed = matches!(result.status, Status::Failed | Status::Unreachable);
        // Of a job that goes on, or that is done, more is told than what it wrote.
        let in_background = fields.contains_key("ansible_job_id") && !failed;
        if is_command(task) && result.status != Status::Unreachable && !in_background {
            let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
            let rc = fields.get("rc").map_or_else(|| "-1".to_owned(), Value::to_string);
            let (head, body) = if one_line {
                let output = format!("{}{}", text("stdout"), text("stderr"));
                let output = output.replace('\n', "\\n").replace('\r', "\\r");
                (format!("{word} | rc={rc} | (stdout) {output}"), String::new())
            } else {
                let output = ["stdout", "stderr", "msg"].map(text).concat();
                (format!("{word} | rc={rc} >>"), output)
            };
            return Self { tone, head, diffs, body };
        }
        if result.status == Status::Skipped {
            return Self { tone, head: word.to_owned(), diffs, body: String::new() };
        }
        let mark = if failed { "!" } else { "" };
        let text = dump::json(&fields, !one_line);
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let head = format!("{word}{mark} => {first}");
        Self { tone, head, diffs, body: rest.to_owned() }
    }

    fn text(&self, title: &str, colour: bool) -> String {
        let mut text = Text::new(colour);
        text.put(self.tone, format!("{title} | {}", self.head)).end();
        text.append(&self.diffs).block(0, Tone::Plain, &self.body);
        text.as_str().to_owned()
    }
}

/// What a host returned, as ansible-core's callbacks have it.
pub(super) fn fields_of(result: &HostResult) -> Fields {
    let mut fields = result.returned.clone();
    fields.entry("changed").or_insert_with(|| (result.status == Status::Changed).into());
    if matches!(result.status, Status::Failed | Status::Unreachable | Status::Skipped) {
        fields.entry("msg").or_insert_with(|| result.message.as_str().into());
    }
    dump::shown(&fields, false, &AnsibleOptions::default())
}

/// Whether a task's output is shown as it came.
fn is_command(task: &TaskRef) -> bool {
    matches!(task.action.rsplit('.').next(), Some("command" | "shell" | "raw"))
}

/// Standard output as it came; below it, marked, what went to standard error.
fn apart(stdout: &str, stderr: &str) -> String {
    match (stdout.trim_end_matches('\n'), stderr.trim_end_matches('\n')) {
        (stdout, "") => stdout.to_owned(),
        ("", stderr) => format!("-- stderr --\n{stderr}"),
        (stdout, stderr) => format!("{stdout}\n-- stderr --\n{stderr}"),
    }
}

fn json(fields: &Fields) -> String {
    serde_json::to_string_pretty(fields).unwrap_or_default()
}

impl<W: Write + Send> Reporter for Adhoc<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        let mut text = Text::new(self.how.colour);
        match &event.kind {
            EventKind::RunStarted { check, .. } => self.check = *check,
            EventKind::PlayStarted { hosts, .. } => {
                self.hosts.extend(hosts.iter().map(|host| (host.clone(), None)));
            }
            EventKind::HostFinished { task, host, result } => self.ended(task, host, result)?,
            EventKind::PlaySkipped { reason, .. } => {
                text.put(Tone::Skipped, reason).end();
            }
            EventKind::PlayFailed { message, help, .. } => {
                text.put(Tone::Failed, "failed: ").plain(message).end();
                if let Some(help) = help {
                    text.plain(format!("help: {help}")).end();
                }
            }
            EventKind::Notice { text: notice, .. } => {
                text.block(0, Tone::Warning, notice);
            }
            EventKind::RunFinished { interrupted, .. } => {
                self.advance(true)?;
                if *interrupted {
                    let after = duration(event.elapsed);
                    text.put(Tone::Failed, format!("interrupted after {after}")).end();
                }
            }
            EventKind::TaskStarted { .. }
            | EventKind::HostStarted { .. }
            | EventKind::ItemFinished { .. }
            | EventKind::Included { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::Meta { .. }
            | EventKind::Rescued { .. }
            | EventKind::Retrying { .. } => {}
        }
        self.out.write_all(text.as_str().as_bytes())?;
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.advance(true)
    }
}
