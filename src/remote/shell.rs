//! One long-lived shell on a host, doing one piece of work after another.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{SetOnce, mpsc, oneshot};

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
}

/// A piece of work on its way to a shell.
pub(super) struct Job {
    /// What to run.
    pub(super) frame: Frame,
    /// What is written behind the frame.
    pub(super) input: Stdin,
    /// The most bytes kept of each output.
    pub(super) limit: usize,
    /// What is told on the way.
    pub(super) progress: Arc<Progress>,
    /// Where the answer goes.
    pub(super) answer: oneshot::Sender<Answer>,
}

/// What is known of a piece of work before its answer.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// It runs, in the shell of this process id.
    pub(super) begun: SetOnce<u32>,
    /// Its input cannot be read or made, for this reason. The work waits for more of it and must
    /// be stopped.
    pub(super) unreadable: SetOnce<String>,
}

impl Progress {
    /// Tells why no more input comes, and waits to be stopped.
    pub(super) async fn give_up(&self, reason: String) {
        // Once is enough.
        let _ = self.unreadable.set(reason);
        pending::<()>().await;
    }
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
}

impl Shell {
    /// Makes a shell of a program that reads commands from its input.
    ///
    /// It must be ready within the time given.
    pub(super) fn start(process: Process, mark: Mark, ready_within: Duration) -> Self {
        let (jobs, received) = mpsc::channel(1);
        let worker = Worker::new(process, mark, ready_within);
        tokio::spawn(worker.serve(received));
        Self { jobs }
    }

    /// Makes a program that reads one frame, by [`Mark::reader`], do one piece of work.
    pub(super) fn start_once(process: Process, mark: Mark, ready_within: Duration, job: Job) {
        tokio::spawn(Worker::new(process, mark, ready_within).serve_once(job));
    }

    /// Whether it can still be given work.
    pub(super) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Gives it a piece of work. The answer never comes where it has ended before.
    pub(super) async fn give(&self, job: Job) {
        // A shell that has ended drops the job, which the receiver of the answer notices.
        let _ = self.jobs.send(job).await;
    }
}
