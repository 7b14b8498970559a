//! `set_stats`.

use super::{Action, ActionCall, Done};
use crate::sdk::{Failure, Returned};
use crate::value::{Fields, Value};

/// Returns values that reports of the run show.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The values.
    data: Value,
    /// Whether they are kept for each host.
    #[arg(default = false)]
    per_host: bool,
    /// Whether they are added to those set before.
    #[arg(default = true)]
    aggregate: bool,
}

impl Action for Args {
    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        let data: Fields = match self.data {
            Value::Object(fields) => fields,
            _ => return Err(Failure::new("`set_stats.data` must be a mapping")),
        };
        let mut done = Done::default();
        let stats = serde_json::json!({
            "data": data, "per_host": self.per_host, "aggregate": self.aggregate,
        });
        done.outcome.returned = Returned::new().with("ansible_stats", stats);
        Ok(done)
    }
}
