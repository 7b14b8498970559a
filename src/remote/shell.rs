//! One long-lived shell on a host, doing one piece of work after another.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::frame::{Frame, Mark};
use super::process::Process;
use super::worker::Worker;
use super::{Output, Stdin};

/// A shell that waits for work.
///
/// A task of its own reads the shell's streams at all times. Dropping the handle ends the shell,
/// and so does no longer waiting for an answer.
pub(super) struct Shell {
    jobs: mpsc::Sender<Job>,
    pid: Arc<OnceLock<u32>>,
}

/// A piece of work on its way to a shell.
pub(super) struct Job {
    /// What to run.
    pub(super) frame: Frame,
    /// What is written behind the frame.
    pub(super) input: Stdin,
    /// The most bytes kept of each output.
    pub(super) limit: usize,
    /// Where the answer goes.
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What came of a piece of work.
pub(super) type Answer = Result<Output, Broken>;

/// How a piece of work did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// No shell came about: its status, where the program in its place ended, and the end of what
    /// was printed.
    NoShell(Option<i32>, String),
    /// The shell had ended before the work began.
    NotBegun,
    /// The connection broke, for this reason; whether the work came to its end is unknown.
    Lost(String),
    /// The controller's file that is its input could not be read.
    Input(String),
}

impl Shell {
    /// Makes a shell of a program that reads commands from its input.
    ///
    /// It must be ready within the time given.
    pub(super) fn start(process: Process, mark: Mark, ready_within: Duration) -> Self {
        let (jobs, received) = mpsc::channel(1);
        let worker = Worker::new(process, mark, ready_within);
        let pid = worker.pid();
        tokio::spawn(worker.serve(received));
        Self { jobs, pid }
    }

    /// Makes a program that reads one frame, by [`Mark::reader`], do one piece of work.
    pub(super) fn start_once(
        process: Process,
        mark: Mark,
        ready_within: Duration,
        job: Job,
    ) -> Arc<OnceLock<u32>> {
        let worker = Worker::new(process, mark, ready_within);
        let pid = worker.pid();
        tokio::spawn(worker.serve_once(job));
        pid
    }

    /// Whether it can still be given work.
    pub(super) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Its process id on the host, known once it was ready.
    pub(super) fn pid(&self) -> &Arc<OnceLock<u32>> {
        &self.pid
    }

    /// Gives it a piece of work. The answer never comes where it has ended before.
    pub(super) async fn give(&self, job: Job) {
        // A shell that has ended drops the job, which the receiver of the answer notices.
        let _ = self.jobs.send(job).await;
    }
}
