//! The two hands of a module: one that looks, one that touches.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::command::Start;
use super::{Controller, Failure};
use crate::base::Redactor;
use crate::remote::docker::Engines;
use crate::remote::{Become, Connection, Exec, Output};

/// A host as a task reaches it: the connection, and as whom.
#[derive(Clone)]
pub struct Host {
    /// The way to it.
    pub connection: Arc<dyn Connection>,
    /// As whom; the login user when not given.
    pub login: Option<Become>,
    /// The task's `environment`.
    pub environment: Vec<(String, String)>,
    /// When work on it is stopped.
    pub timeout: Option<Duration>,
    /// The job that a command is started as, where the task does not wait for it.
    pub job: Option<Start>,
    /// The machine that runs rplay.
    pub controller: Arc<dyn Controller>,
    /// What must not be shown.
    pub redactor: Redactor,
    /// The Docker Engines in use, so that tasks share their connections.
    pub engines: Engines,
}

/// Puts the folders of the system's own programs behind those of the PATH: the login of a user
/// who is not root may lack them. A script that asks for the login's own finds it in `login_path`.
const SYSTEM_PATH: &str = "login_path=$PATH PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n";

impl Host {
    /// Runs what a module brings.
    async fn exec(&self, mut exec: Exec) -> Result<Output, Failure> {
        exec.script = format!("{SYSTEM_PATH}{}", exec.script).into();
        self.exec_as_is(exec).await
    }

    /// For the parts of the sdk that the engine itself calls: the hand that looks.
    pub(super) fn look(&self) -> Observer<'_> {
        Observer { host: self }
    }

    /// The same: the hand that touches.
    pub(super) fn touch(&self) -> Operator<'_> {
        Operator { host: self }
    }

    async fn exec_as_is(&self, mut exec: Exec) -> Result<Output, Failure> {
        // The task's own environment goes first, so that a module's settings win.
        let own = std::mem::take(&mut exec.environment);
        exec.environment = self.environment.iter().cloned().chain(own).collect();
        if exec.timeout.is_none() {
            exec.timeout = self.timeout;
        }
        Ok(self.connection.exec(&exec, self.login.as_ref()).await?)
    }
}

/// A script that only looks: constant text, reviewed to change nothing, kept in a module's folder.
///
/// A test holds the words of every probe against a list of commands that look.
#[derive(Debug, Clone, Copy)]
pub struct Probe(pub &'static str);

/// Looks at a host. Has no way to change it.
pub struct Observer<'h> {
    host: &'h Host,
}

impl<'h> Observer<'h> {
    pub(super) fn new(host: &'h Host) -> Self {
        Self { host }
    }

    /// Runs a probe with positional parameters: one round trip.
    pub async fn probe<A: AsRef<[u8]>>(
        &self,
        probe: Probe,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output, Failure> {
        let exec = Exec::script(probe.0).args(args);
        self.host.exec(exec).await
    }

    /// Runs a probe that must end well and print one JSON value, and decodes it.
    pub async fn probe_json<T: DeserializeOwned, A: AsRef<[u8]>>(
        &self,
        probe: Probe,
        args: impl IntoIterator<Item = A>,
    ) -> Result<T, Failure> {
        let exec = Exec::script(probe.0).args(args);
        let output = self.host.exec(exec).await?;
        if !output.success() {
            return Err(Failure::of_program("looking at the host", &output));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let said: String = output.stdout_text().chars().take(200).collect();
            Failure::new(format!("the host's answer is not understood ({error}): {said}"))
        })
    }

    /// For the parts of the sdk whose questions are made of several scripts.
    pub(super) async fn ask(&self, exec: Exec) -> Result<Output, Failure> {
        self.host.exec(exec).await
    }

    /// The machine that runs rplay.
    pub fn controller(&self) -> &'h dyn Controller {
        self.host.controller.as_ref()
    }

    /// A look at another host, from [`Controller::peer`].
    pub fn at<'p>(&self, peer: &'p Host) -> Observer<'p> {
        Observer { host: peer }
    }

    /// Makes a value known as a secret.
    pub fn hide(&self, secret: &str) {
        self.host.redactor.add(secret);
    }

    /// The task's environment.
    pub fn environment(&self) -> &'h [(String, String)] {
        &self.host.environment
    }

    /// For the parts of the sdk that look through other means, such as the Docker Engine.
    pub(super) fn host(&self) -> &'h Host {
        self.host
    }
}

/// Changes a host. Exists only in apply mode: the walk in `module` is the one place that makes
/// one.
pub struct Operator<'h> {
    host: &'h Host,
}

impl<'h> Operator<'h> {
    pub(super) fn new(host: &'h Host) -> Self {
        Self { host }
    }

    /// Runs a script or program, whatever its exit status.
    pub async fn run(&self, exec: Exec) -> Result<Output, Failure> {
        self.host.exec(exec).await
    }

    /// Runs a command of the user's, with the PATH that the task's user has.
    pub(super) async fn run_for_user(&self, exec: Exec) -> Result<Output, Failure> {
        self.host.exec_as_is(exec).await
    }

    /// The job that a command is to be started as.
    pub(super) fn job(&self) -> Option<&'h Start> {
        self.host.job.as_ref()
    }

    /// Runs a script or program that must end with status 0; `doing` says what for: a fragment
    /// such as `creating the user`.
    pub async fn must(&self, doing: &str, exec: Exec) -> Result<Output, Failure> {
        let output = self.host.exec(exec).await?;
        if output.success() { Ok(output) } else { Err(Failure::of_program(doing, &output)) }
    }

    /// Ends the processes of other users that are kept on the host for later tasks.
    pub async fn release(&self) -> Result<(), Failure> {
        Ok(self.host.connection.release().await?)
    }

    /// The hand that looks, for waiting until a change has taken effect.
    pub fn observer(&self) -> Observer<'h> {
        Observer { host: self.host }
    }

    /// The machine that runs rplay.
    pub fn controller(&self) -> &'h dyn Controller {
        self.host.controller.as_ref()
    }

    /// The hand for another host, from [`Controller::peer`].
    pub fn at<'p>(&self, peer: &'p Host) -> Operator<'p> {
        Operator { host: peer }
    }

    /// Makes a value known as a secret.
    pub fn hide(&self, secret: &str) {
        self.host.redactor.add(secret);
    }

    /// For the parts of the sdk that act through other means.
    pub(super) fn host(&self) -> &'h Host {
        self.host
    }
}
