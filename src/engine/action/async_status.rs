//! `async_status`.

use super::{Action, ActionCall, Done};
use crate::engine::asynchronous::missing;
use crate::engine::ended::Ended;
use crate::engine::jobs::Progress;
use crate::engine::work::template;
use crate::event::Status;
use crate::sdk::command::{Job, JobState};
use crate::sdk::{Failure, Outcome, Returned, RunMode};
use crate::value::{Fields, Value};

/// Tells how far a task is that was started with `async` and `poll: 0`.
///
/// With `until: … is finished` it waits for the end. It then returns what the task returns, and
/// fails as the task failed.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The job: what the task returned as `ansible_job_id`.
    jid: String,
    /// What is wanted.
    #[arg(default = Mode::Status)]
    mode: Mode,
}

/// What is wanted of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, rplay_derive::Choice)]
pub(crate) enum Mode {
    /// How far it is.
    Status,
    /// That its file be removed; it goes on where it runs.
    Cleanup,
}

impl Action for Args {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let (step, scope) = (call.step, call.scope);
        let (host, _) = step.host(call.host_scope, scope, None)?;
        let folder = step.job_folder(scope, &host.environment)?;
        let job = Job { folder, id: self.jid };
        let look = job.look(&host).await?;
        let known = step.run.jobs.ask(&job.id);
        if known.is_none() && look.state == JobState::Missing {
            return Err(missing(&job, &job.folder));
        }
        if self.mode == Mode::Cleanup {
            if step.mode(scope).map_err(template)? == RunMode::Apply {
                job.remove(&host).await?;
            }
            step.run.jobs.forget(&job.id);
            return Ok(told(Returned::new().with("erased", look.file), &job, (false, false)));
        }
        let ended = match (known, look.state) {
            (Some(Progress::Ended(ended)), _) => *ended,
            (None, JobState::Ended(fields)) => Ended::of_fields(fields),
            _ => {
                let returned = Returned::new().with("results_file", look.file);
                return Ok(told(returned, &job, (true, false)));
            }
        };
        Ok(done(ended, &job, look.file))
    }
}

/// The end of a job as that of this task.
fn done(ended: Ended, job: &Job, file: String) -> Done {
    let failure = ended.status.is_failure().then_some(ended.message);
    let skipped = (ended.status == Status::Skipped)
        .then(|| ended.fields.get("msg").map(crate::value::coerce::to_text).unwrap_or_default());
    let changed = ended.fields.get("changed") == Some(&Value::Bool(true));
    let returned = Returned::new().with("results_file", file).and(Returned::from(ended.fields));
    let mut done = told(returned, job, (true, true));
    done.outcome.changed = changed;
    done.outcome.skipped = skipped;
    done.outcome.diffs = ended.diffs;
    done.effects = ended.effects;
    done.failure = failure;
    done
}

/// What is told of a job, over what a task always returns.
fn told(returned: Returned, job: &Job, (started, finished): (bool, bool)) -> Done {
    let mut always = Fields::new();
    for output in ["stdout", "stderr"] {
        always.insert(output.to_owned(), "".into());
        always.insert(format!("{output}_lines"), Value::Array(vec![]));
    }
    let returned = Returned::from(always)
        .and(returned)
        .with("ansible_job_id", &job.id)
        .with("started", started)
        .with("finished", finished);
    Done { outcome: Outcome { returned, ..Outcome::default() }, ..Done::default() }
}
