//! `fail`.

use super::assert::lines;
use super::{Action, ActionCall, Done};
use crate::sdk::{Failure, Returned};
use crate::value::Value;

/// Fails with a message.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// Why: a text, or a list of lines.
    #[arg(default = "Failed as requested from task")]
    msg: Value,
}

impl Action for Args {
    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        let failure = Failure::new(lines(&self.msg));
        Err(if self.msg.is_string() {
            failure
        } else {
            failure.returning(Returned::new().with("msg", self.msg))
        })
    }
}
