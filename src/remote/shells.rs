//! The shells of one host: who gets which, for how long, and what its answer means.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout};

use super::frame::{Frame, Mark};
use super::login;
use super::process::{Launcher, Process, StartError};
use super::shell::{Answer, Broken, Job, Progress, Shell};
use super::{Become, ConnectionError, Exec, Output, Stdin};

/// Runs pieces of work on one host, each in a shell of the right user.
///
/// Shells are kept for the next piece of work, so that one usually costs a single round trip.
pub(super) struct Shells {
    launcher: Arc<dyn Launcher>,
    /// Shells without work, the longest idle first.
    idle: Mutex<Vec<(Option<Become>, Shell)>>,
    /// One permit for each piece of work that may run at once.
    permits: Semaphore,
    /// Told whenever a shell was given back.
    freed: Notify,
}

/// Ends what a shell runs: TERM, and KILL after some seconds.
const STOP: &str = include_str!("stop.sh");

impl Shells {
    /// Shells open at once. An OpenSSH server allows ten sessions on a connection, and counts
    /// one that has ended for a while yet.
    const MOST: usize = 4;
    /// How long a shell may take to start: login scripts, sudo with a slow directory service.
    const READY: Duration = Duration::from_secs(30);
    /// How long work has to end by itself when its time is up.
    const GRACE: Duration = Duration::from_secs(2);
    /// How long a host that allows no further session is asked again.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// No shell yet; programs are started by the launcher.
    pub(super) fn new(launcher: Arc<dyn Launcher>) -> Self {
        Self {
            launcher,
            idle: Mutex::default(),
            permits: Semaphore::new(Self::MOST),
            freed: Notify::new(),
        }
    }

    /// Runs one piece of work and waits for its end.
    pub(super) async fn exec(
        &self,
        exec: &Exec,
        login: Option<&Become>,
    ) -> Result<Output, ConnectionError> {
        let frame = Frame::new(exec)?;
        let _permit = self.permits.acquire().await;
        if Frame::must_stream(exec) {
            let mark = Mark::new()?;
            let process = self.start_patiently(login, &mark, &mark.reader()).await?;
            let (job, waiting) = job(frame, exec.stdin.clone(), exec);
            Shell::start_once(process, mark, Self::READY, job);
            let answer = self.wait(waiting, exec, login).await?;
            return answer.ok_or_else(|| ConnectionError::Lost {
                after: Duration::ZERO,
                reason: "the shell ended before the work began".into(),
            });
        }
        // A shell may end unnoticed while it is idle; nothing was begun then.
        for _ in 0..Self::MOST {
            let shell = self.take(login).await?;
            let (job, waiting) = job(frame.clone(), Stdin::Empty, exec);
            shell.give(job).await;
            let answer = self.wait(waiting, exec, login).await;
            if shell.is_alive() {
                self.idle().push((login.cloned(), shell));
            }
            self.freed.notify_waiters();
            if let Some(output) = answer? {
                return Ok(output);
            }
        }
        Err(unreachable("every shell ended before its work began".into(), ""))
    }

    /// Opens a program of the user: its three streams once it was let through.
    pub(super) async fn program(
        &self,
        login: Option<&Become>,
        program: &str,
    ) -> Result<Process, ConnectionError> {
        let mark = Mark::new()?;
        let process = self.start_patiently(login, &mark, program).await?;
        match login {
            // Where nothing is asked, nobody has awaited the mark yet.
            Some(login) if !login::may_ask(login) => {
                login::pass(process, login, &mark, Self::READY).await
            }
            _ => Ok(process),
        }
    }

    /// Ends every idle shell.
    pub(super) fn clear(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Option<Become>, Shell)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A shell of the user: an idle one, or a new one.
    async fn take(&self, login: Option<&Become>) -> Result<Shell, ConnectionError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(20);
        loop {
            if let Some(shell) = self.take_idle(login) {
                return Ok(shell);
            }
            self.make_room();
            let mark = Mark::new()?;
            match self.start(login, &mark, "/bin/sh").await {
                Ok(process) => return Ok(Shell::start(process, mark, Self::READY)),
                Err(StartError::Failed(error)) => return Err(error),
                Err(StartError::Full(reason)) => {
                    self.idle().clear();
                    let alone = self.permits.available_permits() == Self::MOST - 1;
                    if alone && began.elapsed() > Self::PATIENCE {
                        return Err(full(&reason));
                    }
                    let _ = timeout(pause, self.freed.notified()).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
    }

    fn take_idle(&self, login: Option<&Become>) -> Option<Shell> {
        let mut idle = self.idle();
        idle.retain(|(_, shell)| shell.is_alive());
        let at = idle.iter().rposition(|(user, _)| user.as_ref() == login)?;
        Some(idle.remove(at).1)
    }

    /// Ends the longest idle shells of other users where there are too many.
    fn make_room(&self) {
        let running = Self::MOST - self.permits.available_permits();
        let mut idle = self.idle();
        let surplus = (idle.len() + running).saturating_sub(Self::MOST).min(idle.len());
        idle.drain(..surplus);
    }

    /// Starts a program, asking again for a while where the host allows no further one.
    async fn start_patiently(
        &self,
        login: Option<&Become>,
        mark: &Mark,
        program: &str,
    ) -> Result<Process, ConnectionError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(20);
        loop {
            match self.start(login, mark, program).await {
                Ok(process) => return Ok(process),
                Err(StartError::Failed(error)) => return Err(error),
                Err(StartError::Full(reason)) if began.elapsed() > Self::PATIENCE => {
                    return Err(full(&reason));
                }
                Err(StartError::Full(_)) => {
                    self.idle().clear();
                    sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
    }

    /// Starts a program of the user; past its password, where there is one.
    async fn start(
        &self,
        login: Option<&Become>,
        mark: &Mark,
        program: &str,
    ) -> Result<Process, StartError> {
        let command = login::command_line(login, mark, program).map_err(StartError::Failed)?;
        let process = self.launcher.start(command).await?;
        match login {
            Some(login) if login::may_ask(login) => {
                login::pass(process, login, mark, Self::READY).await.map_err(StartError::Failed)
            }
            _ => Ok(process),
        }
    }

    /// Waits for the end of a piece of work, or stops it; nothing where it was never begun.
    async fn wait(
        &self,
        Waiting { progress, mut answer }: Waiting,
        exec: &Exec,
        login: Option<&Become>,
    ) -> Result<Option<Output>, ConnectionError> {
        let began = Instant::now();
        // The time for a shell to start is not the work's.
        let time_is_up = async {
            progress.begun.wait().await;
            match exec.timeout {
                Some(limit) => sleep(limit).await,
                None => pending().await,
            }
        };
        let answered = tokio::select! {
            answered = &mut answer => answered,
            () = time_is_up => {
                self.stop(&progress, login).await;
                // The shell lives on where it reports the end of what was stopped.
                let _ = timeout(Self::GRACE, &mut answer).await;
                return Err(ConnectionError::TimedOut(exec.timeout.unwrap_or_default()));
            }
            reason = progress.unreadable.wait() => {
                self.stop(&progress, login).await;
                return Err(ConnectionError::Local(reason.clone()));
            }
        };
        match answered {
            Ok(Ok(output)) => Ok(Some(output)),
            Ok(Err(Broken::NotBegun)) | Err(_) => Ok(None),
            Ok(Err(Broken::Lost(reason))) => {
                Err(ConnectionError::Lost { after: began.elapsed(), reason })
            }
            Ok(Err(Broken::NoShell(status, printed))) => Err(match login {
                Some(login) => login::refusal(login, status, &printed),
                None => no_shell(status, &printed),
            }),
        }
    }

    /// Ends what a shell runs, by way of another one.
    async fn stop(&self, progress: &Progress, login: Option<&Become>) {
        let Some(pid) = progress.begun.get() else { return };
        let exec = Exec::script(STOP).arg(pid.to_string()).arg(Self::GRACE.as_secs().to_string());
        let stopping = async {
            let (frame, mark) = (Frame::new(&exec)?, Mark::new()?);
            let process = self.start_patiently(login, &mark, "/bin/sh").await?;
            let shell = Shell::start(process, mark, Self::READY);
            let (job, waiting) = job(frame, Stdin::Empty, &exec);
            shell.give(job).await;
            let _ = waiting.answer.await;
            Ok::<(), ConnectionError>(())
        };
        // The work has failed already: where it cannot be stopped, its channel is closed.
        let _ = timeout(Self::GRACE * 4, stopping).await;
    }
}

/// What becomes of a piece of work.
struct Waiting {
    progress: Arc<Progress>,
    answer: oneshot::Receiver<Answer>,
}

/// A piece of work and where to wait for it.
fn job(frame: Frame, input: Stdin, exec: &Exec) -> (Job, Waiting) {
    let (answer, answered) = oneshot::channel();
    let progress = Arc::new(Progress::default());
    let waiting = Waiting { progress: Arc::clone(&progress), answer: answered };
    (Job { frame, input, limit: exec.output_limit, progress, answer }, waiting)
}

fn unreachable(reason: String, help: &str) -> ConnectionError {
    ConnectionError::Unreachable { reason, help: help.to_owned() }
}

fn full(reason: &str) -> ConnectionError {
    unreachable(
        format!("the host allows no further session: {reason}"),
        "raise `MaxSessions` in its sshd_config to 10, the default",
    )
}

fn no_shell(status: Option<i32>, printed: &str) -> ConnectionError {
    let how = match status {
        Some(status) => format!("it ended with status {status}"),
        None => format!("no answer within {} s", Shells::READY.as_secs()),
    };
    let said = if printed.is_empty() { String::new() } else { format!("; it printed: {printed}") };
    unreachable(
        format!("the login shell did not start /bin/sh: {how}{said}"),
        "the login user needs a shell that runs commands: no nologin, no ForceCommand",
    )
}
