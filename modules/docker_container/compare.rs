//! How the settings of a container are held against what was asked for.

use indexmap::IndexMap;

use super::Args;
use super::settings::{SETTINGS, Setting, Shape};
use crate::sdk::docker::text_of;
use crate::sdk::{Arguments, Failure, Value, did_you_mean};

/// How one setting is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// It must be what was asked for, and no more.
    Strict,
    /// It must have what was asked for.
    AllowMorePresent,
    /// It may be anything.
    Ignore,
}

/// How the settings are compared: as `comparisons` says, else by their shape.
#[derive(Debug, Default)]
pub(super) struct Comparisons {
    all: Option<Comparison>,
    own: IndexMap<&'static str, Comparison>,
}

impl Comparisons {
    /// Reads the argument `comparisons`.
    pub(super) fn read(given: &IndexMap<String, Value>) -> Result<Self, Failure> {
        let mut comparisons = Self::default();
        for (name, value) in given {
            let word = text_of(value);
            let comparison = match word.as_str() {
                "strict" => Comparison::Strict,
                "ignore" => Comparison::Ignore,
                "allow_more_present" => Comparison::AllowMorePresent,
                _ => {
                    return Err(Failure::new(format!("unknown comparison mode `{word}`"))
                        .help("write `strict`, `ignore` or `allow_more_present`"));
                }
            };
            if name == "*" {
                if comparison == Comparison::AllowMorePresent {
                    return Err(Failure::new(
                        "the comparison of `*` can be `strict` or `ignore`, not `allow_more_present`",
                    ));
                }
                comparisons.all = Some(comparison);
                continue;
            }
            let name = canonical(name)?;
            let shape = SETTINGS.iter().find(|setting| setting.name == name).map(|s| s.shape);
            if comparison == Comparison::AllowMorePresent
                && (shape == Some(Shape::Value) || name == "image")
            {
                return Err(Failure::new(format!(
                    "`{name}` is one value, so its comparison cannot be `allow_more_present`"
                )));
            }
            if comparisons.own.insert(name, comparison).is_some() {
                return Err(Failure::new(format!("`comparisons` names `{name}` twice")));
            }
        }
        Ok(comparisons)
    }

    /// Has a setting compared strictly unless something else was said.
    pub(super) fn make_strict(&mut self, name: &'static str) {
        self.own.entry(name).or_insert(Comparison::Strict);
    }

    /// How a setting is compared that is not in the table: `image`, `networks`.
    pub(super) fn of(&self, name: &str, usual: Comparison) -> Comparison {
        self.own.get(name).copied().or(self.all).unwrap_or(usual)
    }

    /// How a setting is compared.
    fn of_setting(&self, setting: &Setting) -> Comparison {
        let usual = match setting.shape {
            // The Engine stops containers with the timeout of the request, not with this one.
            _ if setting.name == "stop_timeout" => Comparison::Ignore,
            Shape::Value | Shape::List => Comparison::Strict,
            Shape::Set | Shape::Maps | Shape::Map => Comparison::AllowMorePresent,
        };
        self.of(setting.name, usual)
    }

    /// The two sides of a setting that is not as it was asked for; of a set or mapping only what
    /// makes the difference.
    pub(super) fn differ(
        &self,
        setting: &Setting,
        now: &Value,
        asked: &Value,
    ) -> Option<(Value, Value)> {
        let comparison = self.of_setting(setting);
        if comparison == Comparison::Ignore || (is_nothing(now) && is_nothing(asked)) {
            return None;
        }
        let exact = comparison == Comparison::Strict;
        let sides = match setting.shape {
            Shape::Value => (now != asked).then(|| (now.clone(), asked.clone())),
            Shape::List => {
                let same = if exact { now == asked } else { is_part(items(now), items(asked)) };
                (!same).then(|| (now.clone(), asked.clone()))
            }
            Shape::Set => difference(items(now), items(asked), exact, |has, asked| has == asked),
            Shape::Maps => difference(items(now), items(asked), exact, covers),
            Shape::Map => entries(now, asked, exact),
        };
        sides.filter(|(before, after)| before != after)
    }
}

/// The argument that a name or one of its aliases means.
fn canonical(name: &str) -> Result<&'static str, Failure> {
    let parameters = <Args as Arguments>::SPEC.parameters;
    let is_it = |name: &str| {
        parameters.iter().find(|p| p.name == name || p.aliases.contains(&name)).map(|p| p.name)
    };
    is_it(name).ok_or_else(|| {
        let names = parameters.iter().map(|parameter| parameter.name);
        let help =
            did_you_mean(name, names, "it takes the names of this module's arguments".to_owned());
        Failure::new(format!("`comparisons` names `{name}`, which is no argument")).help(help)
    })
}

/// Whether a value says nothing: the Engine writes what is not set in several ways.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) => false,
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether the items asked for are all there, in this order.
fn is_part(now: &[Value], asked: &[Value]) -> bool {
    let mut now = now.iter();
    asked.iter().all(|asked| now.any(|has| has == asked))
}

/// What of two sets the other does not have; more on the host counts only where `exact`.
fn difference(
    now: &[Value],
    asked: &[Value],
    exact: bool,
    same: fn(&Value, &Value) -> bool,
) -> Option<(Value, Value)> {
    let missing: Vec<&Value> =
        asked.iter().filter(|asked| !now.iter().any(|has| same(has, asked))).collect();
    let more: Vec<&Value> =
        now.iter().filter(|has| !asked.iter().any(|asked| same(has, asked))).collect();
    if missing.is_empty() && (more.is_empty() || !exact) {
        return None;
    }
    // Without `exact`, only what looks like another value of the same thing is shown.
    let related = |has: &Value| exact || missing.iter().any(|asked| stem(has) == stem(asked));
    let before: Value = more.into_iter().filter(|has| related(has)).cloned().collect();
    Some((before, missing.into_iter().cloned().collect()))
}

/// What an item is about: the part before `=` or `:`.
fn stem(item: &Value) -> Option<&str> {
    item.as_str()?.split(['=', ':']).next()
}

/// Whether a mapping of the container has all that was asked for, in it and below it.
fn covers(has: &Value, asked: &Value) -> bool {
    match (has, asked) {
        (Value::Object(has), Value::Object(asked)) => asked.iter().all(|(name, asked)| {
            has.get(name).map_or_else(|| is_nothing(asked), |has| covers(has, asked))
        }),
        _ => has == asked || (is_nothing(has) && is_nothing(asked)),
    }
}

/// The entries of two mappings that differ; more on the host counts only where `exact`.
fn entries(now: &Value, asked: &Value, exact: bool) -> Option<(Value, Value)> {
    let none = crate::sdk::Fields::new();
    let now = now.as_object().unwrap_or(&none);
    let asked = asked.as_object().unwrap_or(&none);
    let mut before: crate::sdk::Fields = now
        .iter()
        .filter(|(name, has)| match asked.get(*name) {
            Some(asked) => !covers(has, asked),
            None => exact,
        })
        .map(|(name, has)| (name.clone(), has.clone()))
        .collect();
    let after: crate::sdk::Fields = asked
        .iter()
        .filter(|(name, asked)| now.get(*name).is_none_or(|has| !covers(has, asked)))
        .map(|(name, asked)| (name.clone(), asked.clone()))
        .collect();
    before.retain(|_, has| !has.is_null());
    (!before.is_empty() || !after.is_empty()).then(|| (Value::Object(before), Value::Object(after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differ(name: &str, comparisons: Value, now: Value, asked: Value) -> Option<(Value, Value)> {
        let given: IndexMap<String, Value> = serde_json::from_value(comparisons).unwrap();
        let setting = SETTINGS.iter().find(|setting| setting.name == name).unwrap();
        Comparisons::read(&given).unwrap().differ(setting, &now, &asked)
    }

    #[test]
    fn more_is_allowed_unless_told_otherwise() {
        let (now, asked) = (json!({"a": "1", "b": "2"}), json!({"a": "1"}));
        assert_eq!(differ("labels", json!({}), now.clone(), asked.clone()), None);
        assert_eq!(
            differ("labels", json!({"labels": "strict"}), now.clone(), asked.clone()),
            Some((json!({"b": "2"}), json!({})))
        );
        assert_eq!(differ("labels", json!({"*": "ignore"}), now, json!({"c": "3"})), None);
    }

    #[test]
    fn of_a_set_only_the_difference_is_shown() {
        let now = json!(["PATH=/bin", "A=1", "B=2"]);
        assert_eq!(
            differ("env", json!({}), now.clone(), json!(["A=5"])),
            Some((json!(["A=1"]), json!(["A=5"])))
        );
        assert_eq!(differ("env", json!({}), now, json!(["B=2"])), None);
    }

    #[test]
    fn lists_have_an_order() {
        let now = json!(["a", "b", "c"]);
        let more = json!({"command": "allow_more_present"});
        assert_eq!(differ("command", more.clone(), now.clone(), json!(["a", "c"])), None);
        assert!(differ("command", more, now.clone(), json!(["c", "a"])).is_some());
        assert!(differ("command", json!({}), now, json!(["a", "c"])).is_some());
    }

    #[test]
    fn what_is_not_set_has_many_spellings() {
        assert_eq!(differ("memory", json!({}), json!(0), json!(null)), None);
        assert_eq!(differ("command", json!({}), json!(null), json!([])), None);
        assert_eq!(differ("privileged", json!({}), json!(null), json!(false)), None);
        let mounts = json!([{"Target": "/x", "Type": "volume", "Source": "y"}]);
        let asked = json!([{"Target": "/x", "Type": "volume", "ReadOnly": false}]);
        assert_eq!(differ("mounts", json!({}), mounts, asked.clone()), None);
        let closed = json!([{"Target": "/x", "Type": "volume", "ReadOnly": true}]);
        assert!(differ("mounts", json!({}), closed, asked).is_some());
    }

    #[test]
    fn faults_in_the_argument_are_told() {
        let said = |given: Value| {
            let given = serde_json::from_value(given).unwrap();
            Comparisons::read(&given).unwrap_err().to_string()
        };
        let all = [
            said(json!({"imge": "strict"})),
            said(json!({"image": "lax"})),
            said(json!({"image": "allow_more_present"})),
            said(json!({"*": "allow_more_present"})),
            said(json!({"ports": "strict", "published_ports": "strict"})),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        `comparisons` names `imge`, which is no argument
        unknown comparison mode `lax`
        `image` is one value, so its comparison cannot be `allow_more_present`
        the comparison of `*` can be `strict` or `ignore`, not `allow_more_present`
        `comparisons` names `published_ports` twice
        ");
    }
}
