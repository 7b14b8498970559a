//! `meta`: described here, walked in `engine::meta`.

use super::{Action, ActionCall, Done};
use crate::base::Diagnostic;
use crate::sdk::Failure;
use crate::value::Node;

/// Acts on the run itself: `flush_handlers`, `end_play`, `end_host`, `end_batch`, `end_role`,
/// `clear_facts`, `clear_host_errors`, `reset_connection`, `refresh_inventory`, `noop`.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(free_form = "free_form")]
pub(crate) struct Args {
    /// The word.
    free_form: String,
}

impl Action for Args {
    fn check_more(args: &Node) -> Vec<Diagnostic> {
        crate::engine::meta::check(args)
    }

    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        Err(Failure::new(format!("`meta: {}` cannot stand here", self.free_form)))
    }
}
