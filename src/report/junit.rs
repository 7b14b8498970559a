//! The run as a test report.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use super::Reporter;
use super::text::visible;
use crate::event::{Event, EventKind, HostResult, Shown, Status, TaskRef};

/// Writes a `JUnit` report: a suite for each play, a case for each task on each host.
///
/// The report is written at the end: a failure that is rescued later is none.
#[derive(Debug)]
pub struct JUnit<W> {
    out: W,
    name: String,
    elapsed: Duration,
    suites: Vec<Suite>,
    /// What became of items whose task goes on, one line each.
    failed_items: HashMap<String, String>,
}

#[derive(Debug)]
struct Suite {
    name: String,
    started: Duration,
    ended: Duration,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    task: TaskRef,
    host: String,
    result: HostResult,
    rescued: bool,
}

/// What a case counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Skipped,
    Failure,
    Error,
}

impl Case {
    fn verdict(&self) -> Verdict {
        match self.result.status {
            Status::Skipped => Verdict::Skipped,
            Status::Failed | Status::Unreachable | Status::Unknown
                if self.result.ignored || self.rescued =>
            {
                Verdict::Passed
            }
            Status::Ok | Status::Changed => Verdict::Passed,
            Status::Failed => Verdict::Failure,
            Status::Unreachable | Status::Unknown => Verdict::Error,
        }
    }

    fn write(&self, xml: &mut String) {
        let name = match &self.task.role {
            Some(role) => format!("{role} : {}", self.task.name),
            None => self.task.name.clone(),
        };
        let time = self.result.duration.as_secs_f64();
        let _ = write!(
            xml,
            "    <testcase name=\"{}\" classname=\"{}\" time=\"{time:.3}\"",
            escape(&name),
            escape(&self.host)
        );
        if let Some(at) = self.result.at.as_ref().or(self.task.at.as_ref()) {
            let _ = write!(xml, " file=\"{}\" line=\"{}\"", escape(&at.file), at.line);
        }
        let message = escape(&self.result.message);
        let (element, kind) = match self.verdict() {
            Verdict::Passed => {
                xml.push_str("/>\n");
                return;
            }
            Verdict::Skipped => {
                let _ = writeln!(xml, "><skipped message=\"{message}\"/></testcase>");
                return;
            }
            Verdict::Failure => ("failure", "failed"),
            Verdict::Error if self.result.status == Status::Unknown => ("error", "unknown"),
            Verdict::Error => ("error", "unreachable"),
        };
        let details = escape(&self.details()).replace("&#10;", "\n");
        let _ = writeln!(
            xml,
            ">\n      <{element} type=\"{kind}\" message=\"{message}\">{details}</{element}>\n    \
             </testcase>"
        );
    }

    fn details(&self) -> String {
        let mut details = self.result.message.clone();
        if let Some(help) = &self.result.help {
            let _ = write!(details, "\nhelp: {help}");
        }
        for name in ["stdout", "stderr"] {
            if let Some(text) = self.result.returned.get(name).and_then(|text| text.as_str())
                && !text.is_empty()
                && !details.contains(text)
            {
                let _ = write!(details, "\n{name}:\n{text}");
            }
        }
        details
    }
}

impl<W: Write> JUnit<W> {
    /// A report that is written to `out` at the end.
    pub fn new(out: W) -> Self {
        let (name, elapsed, failed_items) = (String::new(), Duration::ZERO, HashMap::new());
        Self { out, name, elapsed, suites: vec![], failed_items }
    }

    fn begin(&mut self, name: &str, started: Duration) {
        let name = name.to_owned();
        self.suites.push(Suite { name, started, ended: started, cases: vec![] });
    }

    fn item(&mut self, host: &str, label: &str, result: &HostResult) {
        if result.status.is_failure() && !result.ignored {
            let lines = self.failed_items.entry(host.to_owned()).or_default();
            let _ = write!(lines, "\n(item={label}): {}", result.message);
        }
    }

    fn add(&mut self, task: &TaskRef, host: &str, mut result: HostResult) {
        if let Some(items) = self.failed_items.remove(host) {
            result.message.push_str(&items);
        }
        if self.suites.is_empty() {
            self.begin("rplay", Duration::ZERO);
        }
        if let Some(suite) = self.suites.last_mut() {
            let (task, host) = (task.clone(), host.to_owned());
            suite.cases.push(Case { task, host, result, rescued: false });
        }
    }

    fn rescued(&mut self, host: &str) {
        let mut cases = self.suites.iter_mut().flat_map(|suite| &mut suite.cases).rev();
        if let Some(case) = cases.find(|case| {
            case.host == host && matches!(case.verdict(), Verdict::Failure | Verdict::Error)
        }) {
            case.rescued = true;
        }
    }

    fn xml(&self) -> String {
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        let cases: Vec<&Case> = self.suites.iter().flat_map(|suite| &suite.cases).collect();
        let _ = writeln!(
            xml,
            "<testsuites name=\"{}\" {}>",
            escape(&self.name),
            counts(&cases, self.elapsed)
        );
        for suite in &self.suites {
            let cases: Vec<&Case> = suite.cases.iter().collect();
            let counts = counts(&cases, suite.ended.saturating_sub(suite.started));
            let _ = writeln!(xml, "  <testsuite name=\"{}\" {counts}>", escape(&suite.name));
            suite.cases.iter().for_each(|case| case.write(&mut xml));
            xml.push_str("  </testsuite>\n");
        }
        xml.push_str("</testsuites>\n");
        xml
    }
}

fn counts(cases: &[&Case], time: Duration) -> String {
    let of = |verdict| cases.iter().filter(|case| case.verdict() == verdict).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\"",
        cases.len(),
        of(Verdict::Failure),
        of(Verdict::Error),
        of(Verdict::Skipped),
        time.as_secs_f64()
    )
}

impl<W: Write + Send> Reporter for JUnit<W> {
    fn report(&mut self, event: &Shown<Event>) -> io::Result<()> {
        self.elapsed = event.elapsed;
        match &event.kind {
            EventKind::RunStarted { what, .. } => self.name = what.join(" "),
            EventKind::PlayStarted { name, .. } => self.begin(name, event.elapsed),
            EventKind::PlayFailed { message, help, at } => {
                let mut result = HostResult::new(Status::Failed);
                result.message.clone_from(message);
                result.help.clone_from(help);
                let task = TaskRef {
                    id: 0,
                    name: "play".to_owned(),
                    action: String::new(),
                    role: None,
                    handler: false,
                    check: false,
                    at: at.clone(),
                };
                self.add(&task, "", result);
            }
            EventKind::HostFinished { task, host, result } => {
                self.add(task, host, result.as_ref().clone());
            }
            EventKind::ItemFinished { host, label, result, .. } => self.item(host, label, result),
            EventKind::Rescued { host } => self.rescued(host),
            EventKind::PlaySkipped { .. }
            | EventKind::TaskStarted { .. }
            | EventKind::HostStarted { .. }
            | EventKind::Retrying { .. }
            | EventKind::Included { .. }
            | EventKind::PlaybookStarted { .. }
            | EventKind::Meta { .. }
            | EventKind::Notice { .. }
            | EventKind::RunFinished { .. } => {}
        }
        if let Some(suite) = self.suites.last_mut() {
            suite.ended = event.elapsed;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let xml = self.xml();
        self.out.write_all(xml.as_bytes())?;
        self.out.flush()
    }
}

/// Text as XML takes it; the characters that it cannot hold are spelt out.
fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
