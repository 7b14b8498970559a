//! `set_stats`.

use super::set_fact::is_name;
use super::{Action, ActionCall, Done};
use crate::sdk::{Failure, Returned};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Fields, Node, Value, coerce};

/// Yes or no, where any other word is no.
#[derive(Debug)]
struct Leniently(bool);

impl Argument for Leniently {
    const KIND: Kind = Kind::Any;
    fn from_node(_: &str, node: &Node, _: &mut Reader<'_, '_>) -> Option<Self> {
        Some(Self(coerce::to_bool(&node.to_value()).unwrap_or(false)))
    }
}

/// Returns values that reports of the run show.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The values.
    data: Value,
    /// Whether they are kept for each host.
    #[arg(default = Leniently(false))]
    per_host: Leniently,
    /// Whether they are added to those set before.
    #[arg(default = Leniently(true))]
    aggregate: Leniently,
}

impl Action for Args {
    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        let data: Fields = match self.data {
            Value::Object(fields) => fields,
            _ => return Err(Failure::new("The 'data' option needs to be a dictionary/hash")),
        };
        if let Some(name) = data.keys().find(|name| !is_name(name)) {
            return Err(Failure::new(format!("Invalid variable name '{name}'"))
                .help("letters, digits and `_`, not beginning with a digit"));
        }
        let mut done = Done::default();
        let stats = serde_json::json!({
            "data": data, "per_host": self.per_host.0, "aggregate": self.aggregate.0,
        });
        done.outcome.returned = Returned::new().with("ansible_stats", stats);
        Ok(done)
    }
}
