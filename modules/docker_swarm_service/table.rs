//! A service's settings one by one: what each is called, where it stands, what it must be.

use serde_json::json;

use crate::sdk::docker::{Differences, bare, duration, is_nothing};
use crate::sdk::{Fields, Value};

/// How a setting is compared and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands.
    Plain,
    /// A list whose order does not matter.
    Set,
    /// Nanoseconds, shown with a unit.
    Duration,
}

/// One setting of a service.
#[derive(Debug)]
struct Setting {
    /// What users call it.
    name: &'static str,
    /// Where it stands in the Engine's `Spec`.
    path: &'static str,
    kind: Kind,
    /// What it is where the Engine has nothing.
    default: Value,
    /// What it must be, in the Engine's form; null where that is not said.
    wanted: Value,
}

/// A service's settings.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<Setting>);

impl Table {
    /// Adds a setting; `None` where it is not given.
    pub(super) fn add(
        &mut self,
        name: &'static str,
        path: &'static str,
        kind: Kind,
        default: Value,
        wanted: Option<Value>,
    ) {
        let wanted = wanted.unwrap_or_default();
        self.0.push(Setting { name, path, kind, default, wanted });
    }

    /// Every setting as it is, by its name.
    pub(super) fn now(&self, spec: &Value) -> Fields {
        self.0.iter().map(|setting| (setting.name.to_owned(), setting.now(spec))).collect()
    }

    /// What a setting must be; null where that is not said.
    pub(super) fn wanted(&self, name: &str) -> Value {
        let setting = self.0.iter().find(|setting| setting.name == name);
        setting.map(|setting| setting.wanted.clone()).unwrap_or_default()
    }

    /// What is not as it was asked for.
    pub(super) fn differences(&self, spec: &Value) -> Differences {
        let mut differences = Differences::default();
        for setting in self.0.iter().filter(|setting| setting.differs(spec)) {
            let now = setting.shown(&setting.now(spec));
            differences.add(setting.name, now, setting.shown(&setting.wanted));
        }
        differences
    }

    /// What is asked for, as it is shown.
    pub(super) fn asked(&self) -> Fields {
        self.0
            .iter()
            .filter(|setting| !setting.wanted.is_null())
            .map(|setting| (setting.name.to_owned(), setting.shown(&setting.wanted)))
            .collect()
    }

    /// What is to be written where, so that all is as it was asked for.
    ///
    /// Settings that stand together, such as those for updates, have no defaults once one of them
    /// is there; the others are written with it.
    pub(super) fn edits(&self, spec: &Value) -> Fields {
        let differing = || self.0.iter().filter(|setting| setting.differs(spec));
        let begun = |setting: &Setting| {
            let parent = setting.parent();
            spec.pointer(parent).is_none_or(Value::is_null)
                && differing().any(|other| other.parent() == parent)
        };
        let mut edits = Fields::new();
        for setting in &self.0 {
            if setting.differs(spec) {
                edits.insert(setting.path.to_owned(), setting.wanted.clone());
            } else if !setting.default.is_null() && begun(setting) {
                edits.insert(setting.path.to_owned(), setting.default.clone());
            }
        }
        edits
    }
}

impl Setting {
    fn parent(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    fn now(&self, spec: &Value) -> Value {
        match spec.pointer(self.path) {
            None | Some(Value::Null) => self.default.clone(),
            Some(now) => now.clone(),
        }
    }

    fn differs(&self, spec: &Value) -> bool {
        !self.wanted.is_null() && self.normal(&self.now(spec)) != self.normal(&self.wanted)
    }

    fn normal(&self, value: &Value) -> Value {
        let mut value = bare(value);
        if let (Kind::Set, Value::Array(items)) = (self.kind, &mut value) {
            items.sort_by_key(Value::to_string);
        }
        // Without a default, nothing and an empty something are the same.
        if self.default.is_null() && is_nothing(&value) { Value::Null } else { value }
    }

    fn shown(&self, value: &Value) -> Value {
        match (self.kind, value.as_i64()) {
            (Kind::Duration, Some(nanoseconds)) => json!(duration(nanoseconds)),
            _ => value.clone(),
        }
    }
}

/// Writes values at their places; null takes away what is there.
pub(super) fn write(spec: &mut Value, edits: &Fields) {
    for (path, value) in edits {
        let keys = path.split('/').skip(1);
        let place = keys.fold(&mut *spec, |at, key| {
            if !at.is_object() {
                *at = json!({});
            }
            &mut at[key]
        });
        *place = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&'static str, &'static str, Kind, Value, Value)]) -> Table {
        let mut table = Table::default();
        for (name, path, kind, default, wanted) in rows {
            table.add(name, path, *kind, default.clone(), Some(wanted.clone()));
        }
        table
    }

    #[test]
    fn nothing_and_an_empty_something_are_the_same() {
        let table = table(&[
            ("tty", "/C/TTY", Kind::Plain, Value::Null, json!(false)),
            ("args", "/C/Args", Kind::Plain, Value::Null, json!([])),
            ("ports", "/Ports", Kind::Set, Value::Null, json!([{"T": 80, "P": 0}, {"T": 81}])),
        ]);
        let spec = json!({"C": {}, "Ports": [{"T": 81, "X": null}, {"T": 80.0}]});
        assert!(table.edits(&spec).is_empty(), "{:?}", table.edits(&spec));
    }

    #[test]
    fn nothing_is_the_default_where_there_is_one() {
        let table = table(&[("n", "/U/Parallelism", Kind::Plain, json!(1), json!(0))]);
        assert_eq!(table.edits(&json!({})), *json!({"/U/Parallelism": 0}).as_object().unwrap());
        assert!(table.edits(&json!({"U": {"Parallelism": 0}})).is_empty());
    }

    #[test]
    fn settings_that_stand_together_are_begun_with_their_defaults() {
        let mut table = Table::default();
        table.add("order", "/U/Order", Kind::Plain, json!("stop"), Some(json!("start")));
        table.add("n", "/U/Parallelism", Kind::Plain, json!(1), None);
        let edits = |spec: Value| Value::Object(table.edits(&spec));
        assert_eq!(edits(json!({})), json!({"/U/Order": "start", "/U/Parallelism": 1}));
        assert_eq!(edits(json!({"U": {"Parallelism": 2}})), json!({"/U/Order": "start"}));
    }

    #[test]
    fn values_are_written_at_their_places() {
        let mut spec = json!({"A": {"B": 1, "C": 2}, "D": null});
        write(&mut spec, json!({"/A/B": 3, "/D/E": {"F": 4}}).as_object().unwrap());
        assert_eq!(spec, json!({"A": {"B": 3, "C": 2}, "D": {"E": {"F": 4}}}));
    }
}
