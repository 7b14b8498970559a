//! What a task returns: what `register` keeps.

use serde::Serialize;
use serde_json::json;

use crate::remote::Output;
use crate::value::{Fields, Value};

/// A task's return values, in the order they were set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Returned {
    fields: Fields,
    /// What is registered as `diff` in place of what is shown.
    diff: Option<Value>,
    /// What the `diff` holds beside its sides.
    beside: Fields,
}

impl Returned {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value; what does not serialise becomes null.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one value.
    pub fn set(&mut self, name: &str, value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.fields.insert(name.to_owned(), value);
    }

    /// One value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Lays other values over these.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.fields.extend(more.fields);
        self.diff = more.diff.or(self.diff);
        self.beside.extend(more.beside);
        self
    }

    /// What a program left: `rc`, `stdout`, `stderr` and their lines, as Ansible returns them:
    /// the newlines at the end are cut off.
    pub fn of_output(output: &Output) -> Self {
        let cut = |text: &str| text.trim_end_matches(['\r', '\n']).to_owned();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (stdout, stderr) = (cut(&output.stdout_text()), cut(&output.stderr_text()));
        let mut returned = Self::new().with("rc", output.status);
        returned.set("stdout_lines", lines(&stdout));
        returned.set("stderr_lines", lines(&stderr));
        returned.set("stdout", stdout);
        returned.set("stderr", stderr);
        if output.left_out > 0 {
            returned.set("output_left_out", output.left_out);
        }
        returned
    }

    /// What a task returns that is passed over, and why: a plan that keeps everything with this
    /// counts as skipped.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self::new().with("skipped", true).with("msg", reason.into())
    }

    /// Why the task is passed over, if it is.
    pub(super) fn skip_reason(&self) -> Option<String> {
        let is_skipped = self.get("skipped") == Some(&Value::Bool(true));
        is_skipped.then(|| self.get("msg").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// What diff mode registers as both sides of `diff` if the task changes nothing.
    #[must_use]
    pub fn same(mut self, side: impl Serialize) -> Self {
        let side = serde_json::to_value(side).unwrap_or(Value::Null);
        self.diff = Some(json!({"before": side, "after": side}));
        self
    }

    /// What diff mode registers as `diff` in place of what is shown.
    #[must_use]
    pub fn registers(mut self, diff: Value) -> Self {
        self.diff = Some(diff);
        self
    }

    /// Takes that out.
    pub(crate) fn take_diff(&mut self) -> Option<Value> {
        self.diff.take()
    }

    /// What diff mode registers in `diff` beside both sides.
    #[must_use]
    pub fn beside_diff(mut self, name: &str, value: impl Serialize) -> Self {
        self.beside.insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// Takes that out.
    pub(crate) fn take_beside(&mut self) -> Fields {
        std::mem::take(&mut self.beside)
    }

    /// All values.
    pub fn into_fields(self) -> Fields {
        self.fields
    }
}

impl From<Fields> for Returned {
    fn from(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }
}
