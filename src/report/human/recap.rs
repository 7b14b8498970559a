//! What a run came to.

use std::time::Duration;

use indexmap::IndexMap;

use super::super::text::{Text, Tone, count, duration, names};
use crate::base::Place;
use crate::event::{HostResult, HostStats, Stats, Status, TaskRef};

/// A run longer than this gets the times of its slowest tasks.
const LONG: Duration = Duration::from_secs(10);
/// How many of them.
const SLOWEST: usize = 5;
/// The most hosts that are named beside one cause.
const HOSTS: usize = 20;

/// Collects, while a run goes on, what is said at its end.
#[derive(Debug, Default)]
pub(super) struct Recap {
    failures: Vec<Failure>,
    /// Failures of items, which count when their task fails.
    items: Vec<Failure>,
    tasks: IndexMap<u32, Timing>,
}

#[derive(Debug)]
struct Failure {
    host: String,
    cause: Cause,
}

/// What failures have in common that are told together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Cause {
    word: &'static str,
    task: String,
    at: Option<Place>,
    message: String,
    help: Option<String>,
}

#[derive(Debug)]
struct Timing {
    name: String,
    at: Option<Place>,
    started: Duration,
    ended: Duration,
}

impl Recap {
    /// Notes that a task has begun.
    pub(super) fn started(&mut self, task: &TaskRef, now: Duration) {
        let (name, at) = (task.name.clone(), task.at.clone());
        self.tasks.entry(task.id).or_insert(Timing { name, at, started: now, ended: now });
    }

    /// Notes how an item ended.
    pub(super) fn item(&mut self, task: &TaskRef, host: &str, result: &HostResult) {
        if result.status.is_failure() {
            self.items.push(Failure::new(task, host, result));
        }
    }

    /// Notes how a task ended.
    pub(super) fn ended(&mut self, task: &TaskRef, host: &str, result: &HostResult, now: Duration) {
        if let Some(timing) = self.tasks.get_mut(&task.id) {
            timing.ended = now;
        }
        let of_host: Vec<Failure> = self.items.extract_if(.., |item| item.host == host).collect();
        if !result.status.is_failure() || result.ignored {
            return;
        }
        if of_host.is_empty() {
            self.failures.push(Failure::new(task, host, result));
        } else {
            self.failures.extend(of_host);
        }
    }

    /// Whether an item of a host's task has failed.
    pub(super) fn has_failed_items(&self, host: &str) -> bool {
        self.items.iter().any(|item| item.host == host)
    }

    /// Notes that a host's last failure was rescued.
    pub(super) fn rescued(&mut self, host: &str) {
        let Some(last) = self.failures.iter().rev().find(|failure| failure.host == host) else {
            return;
        };
        let (task, at) = (last.cause.task.clone(), last.cause.at.clone());
        self.failures.retain(|failure| {
            failure.host != host || failure.cause.task != task || failure.cause.at != at
        });
    }

    /// Adds the counts of every host, the failures by cause, and the times.
    pub(super) fn show(&self, text: &mut Text, stats: &Stats, ending: Ending) {
        text.end().put(Tone::Heading, "PLAY RECAP").end();
        hosts(text, stats);
        self.causes(text, stats);
        if ending.profile || ending.elapsed > LONG {
            self.slowest(text);
        }
        text.end();
        summary(text, stats, &ending, self.tasks.len());
    }

    fn causes(&self, text: &mut Text, stats: &Stats) {
        let mut causes: IndexMap<Cause, Vec<&Failure>> = IndexMap::new();
        for failure in &self.failures {
            // The host's own name in a message is no difference in cause.
            let mut cause = failure.cause.clone();
            cause.message = without_name(&cause.message, &failure.host);
            causes.entry(cause).or_default().push(failure);
        }
        for (cause, mut failures) in causes {
            failures.sort_by_key(|failure| stats.hosts.get_index_of(&failure.host));
            failures.dedup_by_key(|failure| &failure.host);
            let hosts: Vec<&str> = failures.iter().map(|failure| failure.host.as_str()).collect();
            text.end().put(Tone::Failed, format!("{} [{}]", cause.word, cause.task));
            if let Some(at) = &cause.at {
                text.put(Tone::Dim, format!(" {at}"));
            }
            let row = names(hosts.iter().copied(), HOSTS);
            text.end().plain(format!("  {}: {row}", count(hosts.len(), "host"))).end();
            if let Some(Failure { host, cause: Cause { message, .. } }) = failures.first() {
                let same = failures.iter().all(|failure| failure.cause.message == *message);
                let whose = if same { String::new() } else { format!("{host}: ") };
                text.folded(4, Tone::Plain, &format!("{whose}{message}"), 10);
            }
            if let Some(help) = &cause.help {
                text.block(4, Tone::Plain, &format!("help: {help}"));
            }
        }
    }

    fn slowest(&self, text: &mut Text) {
        let mut tasks: Vec<&Timing> = self.tasks.values().collect();
        tasks.sort_by_key(|timing| std::cmp::Reverse(timing.took()));
        tasks.truncate(SLOWEST);
        if tasks.is_empty() {
            return;
        }
        text.end().put(Tone::Heading, "SLOWEST TASKS").end();
        for timing in tasks {
            text.plain(format!("{:>12}  {}", duration(timing.took()), timing.name));
            if let Some(at) = &timing.at {
                text.put(Tone::Dim, format!("  {at}"));
            }
            text.end();
        }
    }
}

impl Failure {
    fn new(task: &TaskRef, host: &str, result: &HostResult) -> Self {
        let at = result.at.as_ref().or(task.at.as_ref()).cloned();
        let (task, message) = (task.name.clone(), result.message.clone());
        let word = match result.status {
            Status::Unreachable => "UNREACHABLE",
            Status::Unknown => "UNKNOWN",
            Status::Ok | Status::Changed | Status::Skipped | Status::Failed => "FAILED",
        };
        let cause = Cause { word, task, at, message, help: result.help.clone() };
        Self { host: host.to_owned(), cause }
    }
}

impl Timing {
    fn took(&self) -> Duration {
        self.ended.saturating_sub(self.started)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) elapsed: Duration,
    pub(super) interrupted: bool,
    pub(super) check: bool,
    pub(super) profile: bool,
}

/// One line for each host, in the form that scripts look for since Ansible prints it.
fn hosts(text: &mut Text, stats: &Stats) {
    let width = stats.hosts.keys().map(|host| host.chars().count()).max().unwrap_or(0).max(26);
    for (host, counts) in &stats.hosts {
        let HostStats {
            ok, changed, unreachable, failed, skipped, rescued, ignored, unknown, ..
        } = *counts;
        let tone = match counts {
            _ if failed + unreachable + unknown > 0 => Tone::Failed,
            _ if changed > 0 => Tone::Changed,
            _ => Tone::Ok,
        };
        text.put(tone, format!("{host:<width$}")).plain(" :");
        let columns = [
            ("ok", ok, Tone::Ok),
            ("changed", changed, Tone::Changed),
            ("unreachable", unreachable, Tone::Failed),
            ("failed", failed, Tone::Failed),
            ("skipped", skipped, Tone::Skipped),
            ("rescued", rescued, Tone::Plain),
            ("ignored", ignored, Tone::Plain),
            ("unknown", unknown, Tone::Failed),
        ];
        let last = if unknown > 0 { 7 } else { 6 };
        for (index, (name, number, tone)) in columns.into_iter().enumerate().take(last + 1) {
            let tone = if number > 0 { tone } else { Tone::Dim };
            let column = format!("{name}={number}");
            let column =
                if index < last { format!("{column:<w$}", w = name.len() + 5) } else { column };
            text.plain(" ").put(tone, column);
        }
        text.end();
    }
}

/// The last line: the whole run in one sentence.
fn summary(text: &mut Text, stats: &Stats, ending: &Ending, tasks: usize) {
    let of = |test: fn(&HostStats) -> bool| stats.hosts.values().filter(|s| test(s)).count();
    let bad = [
        (of(|s| s.failed > 0), "failed"),
        (of(|s| s.unreachable > 0), "unreachable"),
        (of(|s| s.unknown > 0), "unknown"),
    ];
    let good = if ending.check { "would change" } else { "changed" };
    let parts: Vec<String> = bad
        .into_iter()
        .chain([(of(|s| s.changed > 0), good)])
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if stats.plays_failed > 0 {
        let plays = count(stats.plays_failed as usize, "play");
        text.put(Tone::Failed, format!("{plays} could not be begun")).plain("; ");
    }
    let parts = match parts.as_slice() {
        [] if stats.hosts.is_empty() => "none took part".to_owned(),
        [] => "nothing changed".to_owned(),
        parts => parts.join(", "),
    };
    let tone = match () {
        () if ending.interrupted || stats.any_failed() || stats.any_unreachable() => Tone::Failed,
        () if stats.any_changed() => Tone::Changed,
        () => Tone::Ok,
    };
    if ending.interrupted {
        text.put(Tone::Failed, "interrupted").plain("; ");
    }
    if ending.check {
        text.plain("check mode, no host was changed; ");
    }
    text.plain(format!("{}: ", count(stats.hosts.len(), "host"))).put(tone, parts);
    text.plain(format!("; {} in {}", count(tasks, "task"), duration(ending.elapsed))).end();
}
/// A message without a host's name, where that stands as a word.
fn without_name(message: &str, host: &str) -> String {
    let is_part = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '_');
    let (mut kept, mut rest) = (String::new(), message);
    while let Some(at) = rest.find(host).filter(|_| !host.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + host.len()..]);
        kept.push_str(before);
        let is_word = !kept.ends_with(is_part) && !after.starts_with(is_part);
        kept.push_str(if is_word { "\0" } else { host });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::without_name;

    #[test]
    fn names_are_left_out_where_they_are_words() {
        assert_eq!(without_name("no way to a: a-b, ca", "a"), "no way to \0: a-b, ca");
        assert_eq!(without_name("db1:22 refuses; not db12", "db1"), "\0:22 refuses; not db12");
    }
}
