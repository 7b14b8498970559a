//! `raw`: see [`Args`], which is also what `rplay doc raw` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::command::CommandRun;
use crate::sdk::{Arguments, CheckMode, Failure, Module, Observer, Operator, Plan, Returned};

/// Runs a line on the host as the login shell would.
///
/// The same as `shell` on hosts that rplay can drive; kept for playbooks that use it where Python
/// is missing. In check mode it is not run, and counts as skipped.
#[derive(Debug, Arguments)]
#[arguments(free_form = "_raw_params")]
pub struct Args {
    /// The line, written behind the module's name.
    #[arg(name = "_raw_params")]
    raw_params: String,
    /// The shell that reads it, as an absolute path.
    #[arg(default = "/bin/sh")]
    executable: String,
}

/// Nothing: what the line does is its own secret.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {}

impl Module for Args {
    type State = State;
    type Change = CommandRun;

    const IS_COMMAND: bool = true;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, _: &Observer<'_>) -> Result<State, Failure> {
        Ok(State {})
    }

    fn plan(&self, _: &State) -> Result<Plan<CommandRun>, Failure> {
        let argv = vec![self.executable.clone(), "-c".to_owned(), self.raw_params.clone()];
        Ok(CommandRun::new(argv, self.raw_params.clone()).plan())
    }

    async fn apply(change: CommandRun, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
