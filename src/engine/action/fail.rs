//! `fail`.

use super::{Action, ActionCall, Done};
use crate::sdk::Failure;

/// Fails with a message.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// Why.
    #[arg(default = "Failed as requested from task")]
    msg: String,
}

impl Action for Args {
    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        Err(Failure::new(self.msg))
    }
}
