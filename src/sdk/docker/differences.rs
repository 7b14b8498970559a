//! Settings that are not as they must be.

use serde::Serialize;

use crate::base::{Diff, Side};
use crate::value::{Fields, Value};

/// Settings that are not as they must be, by the names of the arguments: only those that differ.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Differences {
    before: Fields,
    after: Fields,
}

impl Differences {
    /// Notes a setting if it differs.
    pub fn compare<T: Serialize + PartialEq>(&mut self, name: &str, now: &T, wanted: &T) {
        if now != wanted {
            self.add(name, now, wanted);
        }
    }

    /// Notes a setting that differs.
    pub fn add(&mut self, name: &str, now: impl Serialize, wanted: impl Serialize) {
        self.before.insert(name.to_owned(), serde_json::to_value(now).unwrap_or_default());
        self.after.insert(name.to_owned(), serde_json::to_value(wanted).unwrap_or_default());
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Whether this setting differs.
    pub fn has(&self, name: &str) -> bool {
        self.after.contains_key(name)
    }

    /// What differs, in the order it was noted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.after.keys().map(String::as_str)
    }

    /// Both sides of one setting; null where it does not differ.
    pub fn sides(&self, name: &str) -> (&Value, &Value) {
        let (before, after) = (self.before.get(name), self.after.get(name));
        (before.unwrap_or(&Value::Null), after.unwrap_or(&Value::Null))
    }

    /// Both sides, for the user to see.
    pub fn diff(&self, subject: impl Into<String>) -> Diff {
        Diff {
            subject: subject.into(),
            before: Side::Fields(Value::Object(self.before.clone())),
            after: Side::Fields(Value::Object(self.after.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_noted() {
        let mut differences = Differences::default();
        differences.compare("driver", &"bridge", &"bridge");
        assert!(differences.is_empty());
        differences.compare("internal", &false, &true);
        assert!(differences.has("internal"));
        assert_eq!(differences.names().collect::<Vec<_>>(), ["internal"]);
        let diff = differences.diff("network web");
        assert_eq!(diff.after, Side::Fields(serde_json::json!({"internal": true})));
    }
}
