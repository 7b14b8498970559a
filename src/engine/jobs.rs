//! Tasks of this run that go on while others run: those that `async` does not wait for, and that
//! are no command of the host's own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::Instant;

use super::ended::Ended;
use super::events::Events;

/// The tasks in the background, by their job's name.
#[derive(Default)]
pub(super) struct Jobs(Mutex<IndexMap<String, Background>>);

/// A task in the background.
struct Background {
    /// What it is, for the user.
    shown: String,
    limit: Instant,
    work: Option<JoinHandle<()>>,
    abort: Option<AbortHandle>,
    ended: Option<Ended>,
    /// Whether the playbook knows how it ended.
    asked: bool,
}

/// How far a task in the background is.
pub(super) enum Progress {
    /// It runs.
    Running,
    /// It has ended.
    Ended(Box<Ended>),
}

impl Jobs {
    /// How much longer than its time the end of a task is waited for.
    const GRACE: Duration = Duration::from_secs(15);

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, Background>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a task that is about to be started.
    pub(super) fn add(&self, id: &str, shown: String, limit: Duration) {
        let background = Background {
            shown,
            limit: Instant::now() + limit,
            work: None,
            abort: None,
            ended: None,
            asked: false,
        };
        self.lock().insert(id.to_owned(), background);
    }

    /// Takes over the work that was started.
    pub(super) fn started(&self, id: &str, work: JoinHandle<()>) {
        if let Some(background) = self.lock().get_mut(id) {
            background.abort = Some(work.abort_handle());
            background.work = Some(work);
        }
    }

    /// Takes note of the end.
    pub(super) fn ended(&self, id: &str, ended: Ended) {
        if let Some(background) = self.lock().get_mut(id) {
            background.ended = Some(ended);
        }
    }

    /// How far a task is; `None` where it is none of this run's.
    pub(super) fn ask(&self, id: &str) -> Option<Progress> {
        let mut jobs = self.lock();
        let background = jobs.get_mut(id)?;
        if let Some(ended) = &background.ended {
            background.asked = true;
            return Some(Progress::Ended(Box::new(ended.clone())));
        }
        let stopped = background.abort.as_ref().is_some_and(AbortHandle::is_finished);
        Some(if stopped { Progress::Ended(Box::new(lost())) } else { Progress::Running })
    }

    /// Forgets a task; it goes on where it runs.
    pub(super) fn forget(&self, id: &str) {
        if let Some(background) = self.lock().get_mut(id) {
            background.asked = true;
        }
    }

    /// Waits for those that still run, each as long as it may take, and tells of those that failed
    /// without anybody having asked.
    pub(super) async fn settle(&self, events: &Events, verbose: bool) {
        let running: Vec<_> = self
            .lock()
            .values_mut()
            .filter_map(|job| Some((job.shown.clone(), job.limit, job.work.take()?)))
            .filter(|(_, _, work)| !work.is_finished())
            .collect();
        for (shown, limit, mut work) in running {
            if verbose {
                events.notice(format!("waiting for {shown}, which goes on in the background"));
            }
            if tokio::time::timeout_at(limit + Self::GRACE, &mut work).await.is_err() {
                work.abort();
            }
        }
        for job in self.lock().values().filter(|job| !job.asked) {
            let failed = job.ended.as_ref().filter(|ended| ended.status.is_failure());
            match (&job.ended, failed) {
                (_, Some(ended)) => {
                    let message = if ended.hidden { "withheld" } else { &ended.message };
                    events.notice(format!("{} failed in the background: {message}", job.shown));
                }
                (None, _) => events.notice(format!("{} did not come to its end", job.shown)),
                (Some(_), None) => {}
            }
        }
    }

    /// Stops all that run.
    pub(super) fn stop(&self) {
        for work in self.lock().values().filter_map(|job| job.abort.as_ref()) {
            work.abort();
        }
    }
}

/// What is told of a task whose work ended without a word.
fn lost() -> Ended {
    Ended::of(Err(crate::sdk::Failure::new("internal error: the task stopped in the background")))
}
