//! `pause`.

use std::time::Duration;

use super::{Action, ActionCall, Done};
use crate::sdk::{Failure, Returned};

/// Waits for a time.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// How many seconds.
    seconds: Option<f64>,
    /// How many minutes.
    minutes: Option<f64>,
    /// A question to the user: nobody can answer one here, so a time must be given with it.
    prompt: Option<String>,
    /// Whether the answer is shown while it is typed.
    #[arg(default = true)]
    echo: bool,
}

impl Action for Args {
    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let seconds = self.seconds.or(self.minutes.map(|minutes| minutes * 60.0));
        let Some(seconds) = seconds else {
            return Err(Failure::new("`pause` needs `seconds` or `minutes`")
                .help("a run does not wait for an answer: pass it with --extra-vars"));
        };
        if let Some(prompt) = &self.prompt {
            call.step.run.events.notice(prompt.clone());
        }
        let wait = Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0));
        let begun = std::time::Instant::now();
        tokio::time::sleep(wait).await;
        let mut done = Done::default();
        done.outcome.returned = Returned::new()
            .with("delta", begun.elapsed().as_secs())
            .with("echo", self.echo)
            .with("user_input", "");
        Ok(done)
    }
}
