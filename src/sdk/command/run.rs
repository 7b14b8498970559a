//! One run of a command.

use std::time::{Instant, SystemTime};

use serde::Serialize;

use super::clock;
use crate::sdk::file::script;
use crate::sdk::{Diff, Exec, Failure, Operator, Output, Plan, Returned, Value};

/// What a command reads, and how its output is returned.
#[derive(Debug, Default, rplay_derive::Arguments)]
pub struct Streams {
    /// What it reads.
    pub stdin: Option<String>,
    /// Whether a line feed is added to what it reads.
    #[arg(default = true)]
    pub stdin_add_newline: bool,
    /// Whether empty lines at the end of its output are cut off.
    #[arg(default = true)]
    pub strip_empty_ends: bool,
    /// Not used; older playbooks give it.
    pub warn: Option<bool>,
}

/// A command to be run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CommandRun {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// How it is returned: the words of a command, the text of a shell's.
    pub shown: Value,
    /// Directory in which it runs; the login directory when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Whether `~` and `$VARIABLES` in its arguments are expanded, on the host.
    pub expand: bool,
    /// What it reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Whether empty lines at the end of its output are returned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_ends: bool,
}

impl CommandRun {
    /// A program and its arguments; `shown` is how the command is returned.
    pub fn new(argv: Vec<String>, shown: impl Into<Value>) -> Self {
        Self { argv, shown: shown.into(), ..Self::default() }
    }

    /// The plan to run it. In check mode it returns what Ansible does: as if it had printed
    /// nothing, so that tasks that read its output go on.
    pub fn plan(self) -> Plan<Self> {
        let diff = Diff::command(self.argv.iter());
        let returned = Returned::of_output(&Output::default())
            .with("cmd", &self.shown)
            .with("msg", "Command would have run if not in check mode");
        Plan::change(self, diff).returning(returned)
    }

    /// Sets what it reads and how its output is returned.
    #[must_use]
    pub fn streams(mut self, streams: &Streams) -> Self {
        let newline = if streams.stdin_add_newline { "\n" } else { "" };
        self.stdin = streams.stdin.as_ref().map(|text| format!("{text}{newline}"));
        self.keep_ends = !streams.strip_empty_ends;
        self
    }

    /// Runs it; a status other than 0 is a failure that returns the same values. Where the task
    /// does not wait for it, only starts it.
    pub async fn apply(self, host: &Operator<'_>) -> Result<Returned, Failure> {
        if let Some(start) = host.job() {
            return start.run(host, self.exec(), &self.shown, self.keep_ends).await;
        }
        let (start, clock) = (SystemTime::now(), Instant::now());
        let output = host.run_for_user(self.exec()).await?;
        let delta = clock.elapsed();
        let returned = self
            .output(&output)
            .with("changed", true)
            .with("cmd", &self.shown)
            .with("start", clock::moment(start))
            .with("end", clock::moment(start + delta))
            .with("delta", clock::length(delta))
            .with("msg", if output.success() { "" } else { "non-zero return code" });
        if output.success() {
            return Ok(returned);
        }
        let program = self.argv.first().map_or("", String::as_str);
        Err(failure_of(program, self.directory.as_deref(), &output, returned))
    }

    fn exec(&self) -> Exec {
        let needs_expansion =
            |word: &String| self.expand && (word.contains('$') || word.starts_with('~'));
        let exec = if self.directory.is_none() && !self.argv.iter().any(needs_expansion) {
            Exec::script("exec \"$@\"")
        } else {
            let directory = self.directory.as_deref().unwrap_or_default();
            script(include_str!("run.sh")).args([directory, if self.expand { "1" } else { "" }])
        };
        let exec = exec.args(&self.argv);
        match &self.stdin {
            Some(text) => exec.stdin(text.clone()),
            None => exec,
        }
    }

    fn output(&self, output: &Output) -> Returned {
        let returned = Returned::of_output(output);
        if !self.keep_ends {
            return returned;
        }
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (stdout, stderr) = (output.stdout_text(), output.stderr_text());
        returned
            .with("stdout_lines", lines(&stdout))
            .with("stderr_lines", lines(&stderr))
            .with("stdout", stdout)
            .with("stderr", stderr)
    }
}

/// Why a command that ended with another status than 0 failed.
pub(super) fn failure_of(
    program: &str,
    directory: Option<&str>,
    output: &Output,
    returned: Returned,
) -> Failure {
    if output.status == 253 && output.stderr == b"rplay:chdir" {
        let directory = directory.unwrap_or("that `chdir` names");
        return Failure::new(format!("cannot change to the directory {directory}"))
            .help("`chdir` must be a directory that the task's user may enter");
    }
    let said = output.stderr_text();
    let line = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    // The shell says so in the name of its `exec`, or as mksh does; the program would not.
    let signs = ["exec:", ": inaccessible or not found", ": can't execute: "];
    let not_started = signs.iter().any(|sign| line.contains(sign));
    match output.status {
        127 if not_started || line.ends_with(&format!("{program}: not found")) => {
            let message = format!("[Errno 2] No such file or directory: {program:?}");
            Failure::new(format!("`{program}` is not a program of the host"))
                .help("is its package installed, and is it in the PATH of the task's user?")
                .returning(returned.with("rc", 2).with("msg", message))
        }
        126 if not_started => {
            let message = format!("[Errno 13] Permission denied: {program:?}");
            Failure::new(format!("`{program}` may not be run by the task's user"))
                .returning(returned.with("rc", 13).with("msg", message))
        }
        status if line.is_empty() => {
            Failure::new(format!("non-zero return code: {status}")).returning(returned)
        }
        status => {
            Failure::new(format!("non-zero return code: {status}: {line}")).returning(returned)
        }
    }
}
