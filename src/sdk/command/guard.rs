//! Whether a command needs to run at all.

use serde::{Deserialize, Serialize};

use super::CommandRun;
use crate::sdk::{CheckMode, Failure, Observer, Output, Plan, Probe, Returned};

/// Where a command runs, and when it need not.
#[derive(Debug, Default, rplay_derive::Arguments)]
pub struct Guard {
    /// Directory in which it runs.
    pub chdir: Option<String>,
    /// Path or pattern of a file: where it exists the command is not run.
    pub creates: Option<String>,
    /// Path or pattern of a file: where it does not exist the command is not run.
    pub removes: Option<String>,
}

/// What was found of the files that a command creates or removes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardState {
    /// Whether what it creates is there.
    pub created: bool,
    /// Whether what it removes is gone.
    pub removed: bool,
}

impl Guard {
    /// Looks for the files; asks the host nothing where none is named.
    pub async fn observe(&self, host: &Observer<'_>) -> Result<GuardState, Failure> {
        if self.creates.is_none() && self.removes.is_none() {
            return Ok(GuardState::default());
        }
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let args = [given(&self.chdir), given(&self.creates), given(&self.removes)];
        let output = host.probe_paths(Probe(include_str!("guard.sh")), args).await?;
        if !output.success() {
            return Err(Failure::of_program("looking for `creates` and `removes`", &output));
        }
        let said = output.stdout_text();
        Ok(GuardState { created: said.contains("created"), removed: said.contains("removed") })
    }

    /// What can be said in check mode: a file that is to be made or removed tells of a change.
    pub fn check_mode(&self) -> CheckMode {
        if self.creates.is_none() && self.removes.is_none() {
            CheckMode::CannotTell
        } else {
            CheckMode::Predicts
        }
    }

    /// The run of a command, unless it need not run.
    pub fn plan(&self, state: GuardState, mut run: CommandRun) -> Plan<CommandRun> {
        if let Some(returned) = self.reason(state) {
            return Plan::Keep(returned.with("cmd", run.shown));
        }
        run.directory.clone_from(&self.chdir);
        run.plan()
    }

    /// What is returned where the command need not run.
    pub fn reason(&self, state: GuardState) -> Option<Returned> {
        let (path, end) = match (&self.creates, &self.removes) {
            (Some(path), _) if state.created => (path, "exists"),
            (_, Some(path)) if state.removed => (path, "does not exist"),
            _ => return None,
        };
        let stdout = format!("skipped, since {path} {end}");
        let output = Output { stdout: stdout.into(), ..Output::default() };
        let message = format!("Did not run command since '{path}' {end}");
        Some(Returned::of_output(&output).with("msg", message))
    }
}
