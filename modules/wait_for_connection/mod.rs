//! `wait_for_connection`: see [`Args`], which is also what `rplay doc wait_for_connection` prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::sdk::{Arguments, CheckMode, Diff, Failure, Module, Observer, Operator, Plan, Returned};

/// Waits until the host can be worked on: it is connected to anew, logged in to, and runs a
/// script as the task's user.
///
/// In check mode it does not wait, and counts as skipped.
#[derive(Debug, Arguments)]
pub struct Args {
    /// How long one try may take, in seconds.
    #[arg(default = 5_u32)]
    connect_timeout: u32,
    /// How long it waits before the first try, in seconds.
    #[arg(default = 0_u32)]
    delay: u32,
    /// How long it waits between two tries, in seconds.
    #[arg(default = 1_u32)]
    sleep: u32,
    /// How long it tries at most, in seconds.
    #[arg(default = 600_u32)]
    timeout: u32,
}

/// Nothing: whether the host can be reached is found out while it is waited for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Now {}

/// How it is waited. All times are in seconds.
#[derive(Debug, Serialize)]
pub struct Wait {
    connect_timeout: u32,
    delay: u32,
    sleep: u32,
    timeout: u32,
}

impl Module for Args {
    type State = Now;
    type Change = Wait;

    fn check_mode(&self) -> CheckMode {
        CheckMode::CannotTell
    }

    async fn observe(&self, _: &Observer<'_>) -> Result<Now, Failure> {
        Ok(Now {})
    }

    fn plan(&self, _: &Now) -> Result<Plan<Wait>, Failure> {
        let wait = Wait {
            connect_timeout: self.connect_timeout.max(1),
            delay: self.delay,
            sleep: self.sleep,
            timeout: self.timeout,
        };
        Ok(Plan::change(wait, Diff::state("connection", "unknown", "open")))
    }

    async fn apply(wait: Wait, host: &Operator<'_>) -> Result<Returned, Failure> {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let start = Instant::now();
        let returned =
            || Returned::new().with("elapsed", start.elapsed().as_secs()).with("changed", false);
        sleep(seconds(wait.delay)).await;
        let end = Instant::now() + seconds(wait.timeout);
        loop {
            let why = match host.observer().reach_anew(seconds(wait.connect_timeout)).await {
                Ok(()) => return Ok(returned()),
                Err(why) => why,
            };
            let next = Instant::now() + seconds(wait.sleep);
            if next >= end {
                let message = format!("timed out waiting for the host ({} s): {why}", wait.timeout);
                return Err(Failure::new(message).returning(returned()));
            }
            tokio::time::sleep_until(next).await;
        }
    }
}
