//! `set_fact`.

use super::{Action, ActionCall, Done};
use crate::playbook::is_variable_name;
use crate::sdk::{Failure, Returned};
use crate::value::{Fields, Value};

/// Sets variables of the host for the rest of the run.
///
/// Every argument but `cacheable` is a variable: `set_fact: {port: 80}`.
#[derive(Debug, rplay_derive::Arguments)]
#[arguments(rest = variables)]
pub(crate) struct Args {
    /// Whether the variables count as facts too: later runs know them where `fact_caching` is set,
    /// and a play's own variables go before them there.
    #[arg(default = false)]
    cacheable: bool,
    /// The variables.
    variables: Fields,
}

impl Action for Args {
    async fn act(self, _: &ActionCall<'_>) -> Result<Done, Failure> {
        if self.variables.is_empty() {
            return Err(Failure::new("`set_fact` needs at least one variable"));
        }
        if let Some(name) = self.variables.keys().find(|name| !is_name(name)) {
            return Err(Failure::new(format!("Invalid variable name '{name}'")).help(
                "letters, digits and `_`, not beginning with a digit, and no Python keyword",
            ));
        }
        let mut done = Done::default();
        let facts = Value::Object(self.variables.clone());
        done.outcome.returned = Returned::new().with("ansible_facts", facts);
        if self.cacheable {
            done.effects.facts.clone_from(&self.variables);
        }
        done.effects.set = self.variables;
        Ok(done)
    }
}

/// What expressions read as something else than a variable.
const RESERVED: [&str; 38] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "false", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "none", "nonlocal", "not", "or", "pass", "raise", "return",
    "true", "try", "while", "with", "yield",
];

/// Whether a text can be the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    is_variable_name(text) && !RESERVED.contains(&text)
}
