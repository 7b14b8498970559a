//! `shell`: see [`Args`], which is also what `rplay doc shell` prints.

use crate::sdk::command::{CommandRun, Guard, GuardState, Streams};
use crate::sdk::{Arguments, CheckMode, Failure, Module, Observer, Operator, Plan, Returned, Rule};

const RULES: &[Rule] =
    &[Rule::Exclusive(&["_raw_params", "cmd"]), Rule::OneOf(&["_raw_params", "cmd"])];

/// Runs a line of shell on the host.
///
/// Everything a shell knows may stand in it; values from variables should pass the filter
/// `quote`. It runs every time unless `creates` or `removes` says otherwise. In check mode it is
/// not run; it counts as skipped, or as a change where `creates` or `removes` is given.
#[derive(Debug, Arguments)]
#[arguments(free_form = "_raw_params", rules = RULES)]
pub struct Args {
    /// The line, written behind the module's name.
    #[arg(name = "_raw_params")]
    raw_params: Option<String>,
    /// The line.
    cmd: Option<String>,
    /// The shell that reads it, as an absolute path.
    #[arg(default = "/bin/sh")]
    executable: String,
    /// What it reads, and how its output is returned.
    #[arg(flatten)]
    streams: Streams,
    /// Where it runs, and when it need not.
    #[arg(flatten)]
    guard: Guard,
}

impl Module for Args {
    type State = GuardState;
    type Change = CommandRun;

    const IS_COMMAND: bool = true;

    fn check_mode(&self) -> CheckMode {
        self.guard.check_mode()
    }

    async fn observe(&self, host: &Observer<'_>) -> Result<GuardState, Failure> {
        self.guard.observe(host).await
    }

    fn plan(&self, now: &GuardState) -> Result<Plan<CommandRun>, Failure> {
        let line = self.cmd.as_ref().or(self.raw_params.as_ref()).cloned().unwrap_or_default();
        if line.trim().is_empty() {
            return Err(
                Failure::new("no command is given").returning(Returned::new().with("rc", 256))
            );
        }
        let argv = vec![self.executable.clone(), "-c".to_owned(), line.clone()];
        Ok(self.guard.plan(*now, CommandRun::new(argv, line).streams(&self.streams)))
    }

    async fn apply(change: CommandRun, host: &Operator<'_>) -> Result<Returned, Failure> {
        change.apply(host).await
    }
}
