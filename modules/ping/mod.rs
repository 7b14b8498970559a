//! `ping`: see [`Args`], which is also what `rplay doc ping` prints.

use serde::{Deserialize, Serialize};

use crate::sdk::{Arguments, Failure, Module, Observer, Operator, Plan, Probe, Returned};

/// Answers when the host can be reached and has a shell.
///
/// Tries the whole way: connecting, logging in, becoming the task's user, running a script.
#[derive(Debug, Arguments)]
pub struct Args {
    /// What it answers. `crash` fails, to see how a failure looks.
    #[arg(default = "pong")]
    data: String,
}

/// Whether the host's shell answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    answered: bool,
}

impl Module for Args {
    type State = State;
    type Change = ();

    async fn observe(&self, host: &Observer<'_>) -> Result<State, Failure> {
        let output = host.probe(Probe(":"), [] as [&str; 0]).await?;
        Ok(State { answered: output.success() })
    }

    fn plan(&self, now: &State) -> Result<Plan<()>, Failure> {
        if self.data == "crash" || !now.answered {
            return Err(Failure::new("the host's shell did not answer"));
        }
        Ok(Plan::Keep(Returned::new().with("ping", &self.data)))
    }

    async fn apply((): (), _: &Operator<'_>) -> Result<Returned, Failure> {
        Ok(Returned::new())
    }
}
