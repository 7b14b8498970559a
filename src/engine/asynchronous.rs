//! `async`: tasks with a time limit, waited for with `poll` or not at all.
//!
//! A command goes on on its host, whatever becomes of this run. What other modules do is driven
//! from here: such a task goes on in the background of this run. Either has a file on the host
//! that says how far it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::connections::reference;
use super::ended::Ended;
use super::scope::HostScope;
use super::step::Step;
use super::work::{Work, template};
use crate::base::{Diagnostic, Span};
use crate::remote::ConnectionError;
use crate::sdk::command::{Job, JobState, Start, job_result};
use crate::sdk::{Failure, Host, Outcome, Returned, RunMode};
use crate::value::{Fields, Scope, coerce};

/// Where jobs are on a host unless told otherwise.
const FOLDER: &str = "~/.ansible_async";

/// How a task with `async` is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asynchronous {
    /// How long it may take.
    limit: Duration,
    /// The most time between two looks; zero where it is not waited for.
    poll: Duration,
}

/// A module's work on a host, wherever it goes on.
struct Errand {
    work: Work,
    host: Host,
    mode: RunMode,
}

impl Errand {
    async fn run(&self) -> Result<Outcome, Failure> {
        self.work.run(&self.host, self.mode).await
    }

    /// The same with a time limit: the host's own ends what runs there, this one the waiting.
    async fn run_within(&mut self, limit: Duration) -> Ended {
        self.host.timeout = Some(limit);
        match tokio::time::timeout(limit + Asynchronous::GRACE, self.run()).await {
            Ok(Err(Failure::Connection(ConnectionError::TimedOut(_)))) | Err(_) => {
                Ended::of(Err(too_late(limit)))
            }
            Ok(result) => Ended::of(result),
        }
    }
}

impl Asynchronous {
    /// How much longer than the limit an answer is waited for.
    const GRACE: Duration = Duration::from_secs(5);
    /// The time to the first look; it doubles up to `poll`, so that what is short ends soon.
    const FIRST: Duration = Duration::from_millis(200);
    /// `poll` unless given.
    const POLL: i64 = 15;
}

impl Step {
    /// How the task is wanted; `None` where it has no `async`.
    pub(super) fn asynchronous(
        &self,
        scope: &Arc<dyn Scope>,
    ) -> Result<Option<Asynchronous>, Diagnostic> {
        let reading = self.reading(scope);
        let seconds =
            |number: i64| u64::try_from(number).map_or(Duration::ZERO, Duration::from_secs);
        let limit = seconds(reading.int("async")?.unwrap_or(0));
        let poll = seconds(reading.int("poll")?.unwrap_or(Asynchronous::POLL));
        Ok((limit > Duration::ZERO).then_some(Asynchronous { limit, poll }))
    }

    /// Does a task's work with a time limit, or starts it and goes on.
    pub(super) async fn asynchronously(
        &self,
        work: Work,
        scope: &HostScope,
        mode: RunMode,
        wanted: Asynchronous,
    ) -> Result<Ended, Failure> {
        let shared = scope.clone().shared();
        let (host, delegated_to) = self.host(scope, &shared, None)?;
        let job = Job::new(self.job_folder(&shared, &host.environment)?)?;
        let on_its_own = work.is_command() && mode == RunMode::Apply;
        let errand = Errand { work, host, mode };
        let mut ended = if on_its_own {
            self.on_its_own(errand, job, wanted).await?
        } else if wanted.poll > Duration::ZERO {
            self.waited_for(errand, &job, wanted.limit).await
        } else {
            self.in_background(errand, job, wanted.limit, &shared).await?
        };
        ended.delegated_to = delegated_to;
        Ok(ended)
    }

    /// The folder of jobs on a host.
    pub(super) fn job_folder(
        &self,
        scope: &Arc<dyn Scope>,
        environment: &[(String, String)],
    ) -> Result<String, Failure> {
        let name = "ansible_async_dir";
        let variable = match scope.lookup(name) {
            Some(_) => self
                .run
                .templar
                .evaluate(&reference(name, Span::NOWHERE), scope)
                .map_err(template)?
                .map(|value| coerce::to_text(&value)),
            None => None,
        };
        let name = "ANSIBLE_ASYNC_DIR";
        let given = || environment.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        Ok(variable
            .or_else(given)
            .or_else(|| std::env::var(name).ok())
            .filter(|folder| !folder.is_empty())
            .unwrap_or_else(|| FOLDER.to_owned()))
    }

    /// Starts a command that goes on on its host.
    async fn on_its_own(
        &self,
        mut errand: Errand,
        job: Job,
        wanted: Asynchronous,
    ) -> Result<Ended, Failure> {
        errand.host.job = Some(Start { job: job.clone(), limit: wanted.limit });
        let outcome = errand.run().await?;
        let file = match outcome.returned.get("results_file") {
            Some(file) => coerce::to_text(file),
            // It need not run.
            None if wanted.poll > Duration::ZERO => {
                let mut ended = Ended::of(Ok(outcome));
                note(&mut ended.fields, &job, true);
                return Ok(ended);
            }
            None => job.write(&errand.host, &Ended::of(Ok(outcome)).fields).await?,
        };
        if wanted.poll > Duration::ZERO {
            self.poll(&errand.host, &job, wanted).await
        } else {
            Ok(started(&job, &file))
        }
    }

    /// Looks for a job's end until its time is over.
    async fn poll(&self, host: &Host, job: &Job, wanted: Asynchronous) -> Result<Ended, Failure> {
        let end = Instant::now() + wanted.limit + Asynchronous::GRACE;
        let mut pause = Asynchronous::FIRST.min(wanted.poll);
        loop {
            self.permit.lend(pause).await;
            let late = Instant::now() >= end;
            match job.look(host).await.map(|look| look.state) {
                Ok(JobState::Ended(fields)) => {
                    job.remove(host).await?;
                    return Ok(of_fields(fields, job, wanted.limit));
                }
                Ok(JobState::Missing) => return Err(missing(job, &job.folder)),
                Ok(JobState::Running) if late => return Err(too_late(wanted.limit)),
                Err(failure) if late => return Err(failure),
                // A host that is away may come back: its command goes on.
                Ok(JobState::Running) | Err(_) => {}
            }
            if pause == wanted.poll && self.run.options.verbosity > 0 {
                let (host, id) = (&self.host, &job.id);
                self.run
                    .events
                    .notice(format!("ASYNC POLL on {host}: jid={id} started=1 finished=0"));
            }
            pause = (pause * 2).min(wanted.poll);
        }
    }

    /// Waits for what is driven from here.
    async fn waited_for(&self, mut errand: Errand, job: &Job, limit: Duration) -> Ended {
        let mut ended = errand.run_within(limit).await;
        note(&mut ended.fields, job, true);
        ended
    }

    /// Goes on with what is driven from here while other tasks run.
    async fn in_background(
        &self,
        mut errand: Errand,
        job: Job,
        limit: Duration,
        scope: &Arc<dyn Scope>,
    ) -> Result<Ended, Failure> {
        // A host that is left as it is gets no file either.
        let writes = errand.mode == RunMode::Apply;
        let file = if writes {
            job.write(&errand.host, &job.running()).await?
        } else {
            format!("{}/{}", job.folder, job.id)
        };
        let jobs = Arc::clone(&self.run.jobs);
        jobs.add(&job.id, format!("`{}` on {}", self.shown.name, self.host), limit);
        let ended = started(&job, &file);
        let id = job.id.clone();
        // What cannot be told yet is taken for a secret.
        let hidden = self.reading(scope).flag("no_log").map_or(true, |flag| flag == Some(true));
        let task = tokio::spawn({
            let jobs = Arc::clone(&jobs);
            async move {
                let mut ended = errand.run_within(limit).await;
                ended.hidden = hidden;
                note(&mut ended.fields, &job, true);
                if writes {
                    errand.host.timeout = None;
                    // Whoever asks in this run is told all the same.
                    let _ = job.write(&errand.host, &ended.fields).await;
                }
                jobs.ended(&job.id, ended);
            }
        });
        jobs.started(&id, task);
        Ok(ended)
    }
}

/// What is returned of a job that was started.
fn started(job: &Job, file: &str) -> Ended {
    let mut fields = Fields::new();
    note(&mut fields, job, false);
    let returned = Returned::from(fields).with("results_file", file);
    Ended::of(Ok(Outcome { changed: true, returned, ..Outcome::default() }))
}

/// Tells how far a job is, beside what its task returns.
fn note(fields: &mut Fields, job: &Job, finished: bool) {
    fields.insert("ansible_job_id".to_owned(), job.id.clone().into());
    fields.insert("started".to_owned(), true.into());
    fields.insert("finished".to_owned(), finished.into());
}

/// How a job ended that was waited for.
fn of_fields(fields: Fields, job: &Job, limit: Duration) -> Ended {
    let late = fields.get("msg").is_some_and(|message| message == "Timeout exceeded");
    let mut ended = if late {
        let returned = Returned::new().with("async_result", &fields);
        Ended::of(Err(too_late(limit).returning(returned)))
    } else {
        Ended::of_fields(fields)
    };
    note(&mut ended.fields, job, true);
    ended
}

fn too_late(limit: Duration) -> Failure {
    let seconds = limit.as_secs();
    Failure::new(format!("async task did not complete within the requested time - {seconds}s"))
}

/// The failure of a look for a job that is not there.
pub(super) fn missing(job: &Job, folder: &str) -> Failure {
    let mut fields = Fields::new();
    note(&mut fields, job, true);
    Failure::new("could not find job")
        .help(format!(
            "jobs of the user that the task runs as are looked for in {folder}; \
             `ansible_async_dir` names another folder"
        ))
        .returning(fields.into())
}

impl Ended {
    /// What a job's file holds, as the end of a task.
    pub(super) fn of_fields(fields: Fields) -> Self {
        let flag = |name: &str| fields.get(name).and_then(coerce::to_bool) == Some(true);
        let (changed, skipped) = (flag("changed"), flag("skipped"));
        match job_result(fields) {
            Ok(returned) => {
                let skipped = skipped.then(|| {
                    returned.get("msg").map_or_else(|| "skipped".to_owned(), coerce::to_text)
                });
                Self::of(Ok(Outcome { changed, skipped, returned, ..Outcome::default() }))
            }
            Err(failure) => Self::of(Err(failure)),
        }
    }
}
