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

    /// Notes what was there and is to be there; null is not shown.
    pub fn show(&mut self, name: &str, before: impl Serialize, after: impl Serialize) {
        let sides = [
            (&mut self.before, serde_json::to_value(before)),
            (&mut self.after, serde_json::to_value(after)),
        ];
        for (side, value) in sides {
            if let Some(value) = value.ok().filter(|value| !value.is_null()) {
                side.insert(name.to_owned(), value);
            }
        }
    }

    /// Notes all that others tell, as [`Self::show`] does.
    pub fn show_all(&mut self, others: &Self) {
        for (side, shown) in [(&mut self.before, &others.before), (&mut self.after, &others.after)]
        {
            let shown = shown.iter().filter(|(_, value)| !value.is_null());
            side.extend(shown.map(|(name, value)| (name.clone(), value.clone())));
        }
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

    /// Where something differs: `internal`, `labels.tier`, `ipam_config[0].subnet`.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = vec![];
        for (name, after) in &self.after {
            let before = &self.before[name];
            let inner = match (before, after) {
                (Value::Object(before), Value::Object(after)) => keys(name, before, after),
                (Value::Array(before), Value::Array(after)) => items(name, before, after),
                _ => vec![],
            };
            if inner.is_empty() { paths.push(name.clone()) } else { paths.extend(inner) }
        }
        paths
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

/// The keys that are wanted otherwise.
fn keys(name: &str, before: &Fields, after: &Fields) -> Vec<String> {
    let differ = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    differ.map(|(key, _)| format!("{name}.{key}")).collect()
}

/// The keys that are wanted otherwise in the mappings of a list, whose order is of no matter.
fn items(name: &str, before: &[Value], after: &[Value]) -> Vec<String> {
    let mut paths = vec![];
    for (index, item) in after.iter().enumerate().filter(|(_, item)| !before.contains(item)) {
        let Value::Object(wanted) = item else { return vec![] };
        let has = before.get(index).and_then(Value::as_object).cloned().unwrap_or_default();
        paths.extend(keys(&format!("{name}[{index}]"), &has, wanted));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_noted() {
        let mut differences = Differences::default();
        differences.compare("driver", &"bridge", &"bridge");
        assert!(differences.is_empty());
        differences.compare("internal", &false, &true);
        assert!(differences.has("internal"));
        assert_eq!(differences.names().collect::<Vec<_>>(), ["internal"]);
        let diff = differences.diff("network web");
        assert_eq!(diff.after, Side::Fields(json!({"internal": true})));
    }

    #[test]
    fn tells_where_something_differs() {
        let mut differences = Differences::default();
        let net = |number: u8| json!({"subnet": format!("10.0.{number}.0/24"), "gateway": "g"});
        differences.add("internal", false, true);
        differences.add(
            "labels",
            json!({"a": "1", "b": "2"}),
            json!({"b": "3", "c": "4", "a": "1"}),
        );
        differences.add("ranges", [net(1), net(2)], [net(2), net(3)]);
        differences.add("connected", ["a"], ["b"]);
        differences.add("gone", [net(1)], [0; 0]);
        assert_eq!(
            differences.paths(),
            ["internal", "labels.b", "labels.c", "ranges[1].subnet", "connected", "gone"]
        );
    }
}
