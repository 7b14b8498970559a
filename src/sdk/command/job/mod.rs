//! Commands that go on on the host when nobody waits for them: the jobs of `async`.
//!
//! A job is a file in a folder of the host's user, `~/.ansible_async` unless told otherwise. While
//! the command runs it says so; then it holds what the task returns. A shell in a session of its
//! own watches over the command, ends it when its time is up, and writes the file.

use std::time::Duration;

use serde_json::json;

use crate::remote::Stdin;
use crate::sdk::file::script;
use crate::sdk::{Exec, Failure, Host, Operator, Output, Probe, Returned};
use crate::value::{Fields, Value};

use super::run::failure_of;

/// A job of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The folder it is in, as the user gave it.
    pub folder: String,
    /// Its name: `j` and two numbers, for one that was made here.
    pub id: String,
}

/// A job that is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The job.
    pub job: Job,
    /// How long it may take.
    pub limit: Duration,
}

/// What a host tells of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobLook {
    /// The file, from the root.
    pub file: String,
    /// How far it is.
    pub state: JobState,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// There is no such job.
    Missing,
    /// It runs.
    Running,
    /// It has ended, with this result.
    Ended(Fields),
}

impl Job {
    /// A new job in this folder.
    pub fn new(folder: String) -> Result<Self, Failure> {
        let mut bytes = [0_u8; 8];
        getrandom::fill(&mut bytes)
            .map_err(|error| Failure::new(format!("no random numbers: {error}")))?;
        let number = u64::from_ne_bytes(bytes) % 1_000_000_000_000;
        Ok(Self { folder, id: format!("j{number}.{}", std::process::id()) })
    }

    /// What its file holds while it runs.
    pub fn running(&self) -> Fields {
        Returned::new()
            .with("started", true)
            .with("finished", false)
            .with("ansible_job_id", &self.id)
            .into_fields()
    }

    /// Looks how far it is.
    pub async fn look(&self, host: &Host) -> Result<JobLook, Failure> {
        if self.id.is_empty() || self.id.contains(['/', '\0']) {
            return Ok(JobLook { file: self.id.clone(), state: JobState::Missing });
        }
        let probe = Probe(include_str!("look.sh"));
        let output = host.look().probe_paths(probe, [&self.folder, &self.id]).await?;
        if !output.success() {
            return Err(Failure::of_program("reading the job's file", &output));
        }
        Ok(JobLook::parse(&output))
    }

    /// Writes its file; returns the file's path.
    pub async fn write(&self, host: &Host, result: &Fields) -> Result<String, Failure> {
        let exec = script(include_str!("write.sh"))
            .args([&self.folder, &self.id])
            .stdin(json!(result).to_string());
        let output = host.touch().must("writing the job's file", exec).await?;
        Ok(output.stdout_text().into_owned())
    }

    /// Removes its file.
    pub async fn remove(&self, host: &Host) -> Result<(), Failure> {
        let exec = script(include_str!("remove.sh")).args([&self.folder, &self.id]);
        host.touch().must("removing the job's file", exec).await.map(drop)
    }
}

impl Start {
    /// Starts a script of the user's as the job; `shown` is the command as it is returned.
    pub(super) async fn run(
        &self,
        host: &Operator<'_>,
        exec: Exec,
        shown: &Value,
        keep_ends: bool,
    ) -> Result<Returned, Failure> {
        let Exec { script: work, args, stdin, .. } = exec;
        let mut start = script(include_str!("start.sh"))
            .args([&self.job.folder, &self.job.id])
            .arg(self.limit.as_secs().to_string())
            .arg(if keep_ends { "1" } else { "" })
            .arg(shown.to_string())
            .arg(include_str!("watch.sh"))
            .arg(work.as_ref())
            .args(args);
        if let Stdin::Bytes(bytes) = stdin {
            start = start.stdin(bytes);
        }
        let output = host.run_for_user(start).await?;
        if !output.success() {
            return Err(Failure::of_program("starting the job", &output));
        }
        let file = output.stdout_text();
        Ok(Returned::from(self.job.running()).with("results_file", file))
    }
}

impl JobLook {
    fn parse(output: &Output) -> Self {
        let said = output.stdout_text();
        let Some((file, content)) = said.split_once('\0') else {
            return Self { file: said.into_owned(), state: JobState::Missing };
        };
        let state = match serde_json::from_str(content) {
            Ok(Value::Object(fields)) if !runs(&fields) => JobState::Ended(with_lines(fields)),
            // What cannot be read is not written yet.
            _ => JobState::Running,
        };
        Self { file: file.to_owned(), state }
    }
}

/// What a job's result means: what the task returns, or how it failed.
pub fn job_result(fields: Fields) -> Result<Returned, Failure> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if fields.get("failed").and_then(Value::as_bool) != Some(true) {
        return Ok(fields.into());
    }
    let message = text("msg").to_owned();
    let status = fields.get("rc").and_then(Value::as_i64).and_then(|rc| i32::try_from(rc).ok());
    match status {
        Some(status) if message == "non-zero return code" => {
            let program = match fields.get("cmd") {
                Some(Value::Array(words)) => words.first().and_then(Value::as_str),
                _ => None,
            };
            let program = program.unwrap_or("/bin/sh").to_owned();
            let (stdout, stderr) = (text("stdout").into(), text("stderr").into());
            let output = Output { status, stdout, stderr, left_out: 0 };
            Err(failure_of(&program, None, &output, fields.into()))
        }
        _ if message.is_empty() => Err(Failure::new("the job failed").returning(fields.into())),
        _ => Err(Failure::new(message).returning(fields.into())),
    }
}

fn runs(fields: &Fields) -> bool {
    let holds = |name: &str| match fields.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        _ => false,
    };
    fields.contains_key("started") && !holds("finished")
}

/// The outputs' lines beside the outputs.
fn with_lines(mut fields: Fields) -> Fields {
    for (name, lines) in [("stdout", "stdout_lines"), ("stderr", "stderr_lines")] {
        if let Some(text) = fields.get(name).and_then(Value::as_str) {
            let split: Vec<&str> = text.lines().collect();
            let split = json!(split);
            fields.entry(lines).or_insert(split);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(stdout: &str) -> JobLook {
        JobLook::parse(&Output { stdout: stdout.into(), ..Output::default() })
    }

    #[test]
    fn a_file_tells_how_far_its_job_is() {
        assert_eq!(look("/j/1"), JobLook { file: "/j/1".to_owned(), state: JobState::Missing });
        assert_eq!(look("/j/1\0").state, JobState::Running);
        assert_eq!(look("/j/1\0{\"started\": true, \"fin").state, JobState::Running);
        assert_eq!(look("/j/1\0{\"started\": 1, \"finished\": 0}").state, JobState::Running);
        let JobState::Ended(fields) = look("/j/1\0{\"rc\": 0, \"stdout\": \"a\\nb\"}").state else {
            panic!("it has ended");
        };
        assert_eq!(fields["stdout_lines"], json!(["a", "b"]));
    }

    #[test]
    fn a_result_is_read_as_that_of_its_command() {
        let result = |value: Value| job_result(value.as_object().cloned().unwrap_or_default());
        assert!(result(json!({"rc": 0, "changed": true})).is_ok());
        let failed = result(json!({
            "failed": true, "rc": 2, "msg": "non-zero return code",
            "stdout": "", "stderr": "first\nthe reason\n", "cmd": "x",
        }));
        assert_eq!(failed.unwrap_err().to_string(), "non-zero return code: 2: the reason");
        let missing = result(json!({
            "failed": true, "rc": 127, "msg": "non-zero return code",
            "stderr": "sh: 1: exec: frob: not found", "cmd": ["frob"],
        }));
        assert_eq!(missing.unwrap_err().to_string(), "`frob` is not a program of the host");
        let late = result(json!({"failed": true, "msg": "Timeout exceeded", "rc": 137}));
        assert_eq!(late.unwrap_err().to_string(), "Timeout exceeded");
    }
}
