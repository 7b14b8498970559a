//! `assert`.

use super::{Action, ActionCall, Done};
use crate::engine::work::template;
use crate::sdk::{Failure, Returned};
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, Value, coerce};

/// Fails unless all conditions hold.
#[derive(Debug, rplay_derive::Arguments)]
pub(crate) struct Args {
    /// The conditions: expressions as in `when`.
    that: Conditions,
    /// Shown when one does not hold.
    #[arg(alias = "msg")]
    fail_msg: Option<Value>,
    /// Shown when all hold.
    success_msg: Option<Value>,
    /// Whether nothing is shown when all hold.
    #[arg(default = false)]
    quiet: bool,
}

/// Conditions as they are written.
#[derive(Debug)]
pub(crate) struct Conditions(Vec<Node>);

impl Conditions {
    /// The conditions, also where a name stands for a list of them.
    fn listed(&self, call: &ActionCall<'_>) -> Vec<Node> {
        let [name] = self.0.as_slice() else { return self.0.clone() };
        match call.step.run.templar.named(name, call.scope).map(|node| node.data) {
            Some(Data::List(items)) => items,
            _ => self.0.clone(),
        }
    }
}

impl Argument for Conditions {
    const KIND: Kind = Kind::List(&Kind::Text);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match &node.data {
            Data::List(items) => Some(Self(items.clone())),
            Data::Map(_) => {
                reader.wrong_type(name, node, "a condition or a list of them");
                None
            }
            _ => Some(Self(vec![node.clone()])),
        }
    }
}

/// A message that may be a list of lines.
pub(super) fn lines(message: &Value) -> String {
    match message {
        Value::Array(lines) => lines.iter().map(coerce::to_text).collect::<Vec<_>>().join("\n"),
        other => coerce::to_text(other),
    }
}

impl Action for Args {
    const UNRENDERED: &'static [&'static str] = &["that"];

    async fn act(self, call: &ActionCall<'_>) -> Result<Done, Failure> {
        let templar = &call.step.run.templar;
        for condition in &self.that.listed(call) {
            let held = templar.condition(condition, call.scope).map_err(template)?;
            if held.value {
                continue;
            }
            let failing = held.failing.unwrap_or_else(|| condition.to_value());
            let text = coerce::to_text(&failing);
            let message = self.fail_msg.unwrap_or_else(|| "Assertion failed".into());
            let shown = lines(&message);
            let returned = Returned::new()
                .with("assertion", failing)
                .with("evaluated_to", false)
                .with("msg", message);
            return Err(
                Failure::new(format!("{shown}: `{text}` does not hold")).returning(returned)
            );
        }
        let mut done = Done { verbose: !self.quiet, ..Done::default() };
        let message = self.success_msg.unwrap_or_else(|| "All assertions passed".into());
        done.outcome.returned = Returned::new().with("msg", message);
        Ok(done)
    }
}
