//! What must, and must not, be given together.

use super::validator::same;
use crate::template::python_text;
use crate::value::{Fields, Value, coerce};

/// The names that a rule lists: a list, or one name.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn groups<'a>(rules: &'a Fields, rule: &str) -> impl Iterator<Item = &'a Value> {
    rules.get(rule).and_then(Value::as_array).into_iter().flatten()
}

fn given<'a>(names: &[&'a str], values: &Fields) -> Vec<&'a str> {
    names.iter().filter(|name| values.contains_key(**name)).copied().collect()
}

/// Which values exclude each other.
pub(super) fn exclusive(rules: &Fields, values: &Fields) -> Option<String> {
    let broken = groups(rules, "mutually_exclusive").map(names);
    let broken: Vec<String> = broken
        .filter(|group| given(group, values).len() > 1)
        .map(|group| group.join("|"))
        .collect();
    (!broken.is_empty())
        .then(|| format!("parameters are mutually exclusive: {}", broken.join(", ")))
}

/// Which other values have to be given, by each of the rules that say so.
pub(super) fn needed(rules: &Fields, values: &Fields) -> Vec<String> {
    let found = [together(rules, values), one_of(rules, values), by_value(rules, values)];
    found.into_iter().chain([by_name(rules, values)]).flatten().collect()
}

fn together(rules: &Fields, values: &Fields) -> Option<String> {
    groups(rules, "required_together").map(names).find_map(|group| {
        let count = given(&group, values).len();
        (count > 0 && count < group.len())
            .then(|| format!("parameters are required together: {}", group.join(", ")))
    })
}

fn one_of(rules: &Fields, values: &Fields) -> Option<String> {
    groups(rules, "required_one_of").map(names).find_map(|group| {
        given(&group, values)
            .is_empty()
            .then(|| format!("one of the following is required: {}", group.join(", ")))
    })
}

/// `required_if`: a name, its value, the names that are needed then, and whether one will do.
fn by_value(rules: &Fields, values: &Fields) -> Option<String> {
    groups(rules, "required_if").filter_map(Value::as_array).find_map(|rule| {
        let [name, wanted, needed, rest @ ..] = rule.as_slice() else { return None };
        let name = name.as_str()?;
        let any = rest.first().and_then(coerce::to_bool).unwrap_or(false);
        let needed = names(needed);
        if !values.get(name).is_some_and(|value| same(value, wanted)) {
            return None;
        }
        let missing: Vec<&str> =
            needed.iter().filter(|name| !values.contains_key(**name)).copied().collect();
        let broken = !missing.is_empty() && (!any || missing.len() == needed.len());
        broken.then(|| {
            format!(
                "{name} is {} but {} of the following are missing: {}",
                python_text(wanted),
                if any { "any" } else { "all" },
                missing.join(", ")
            )
        })
    })
}

fn by_name(rules: &Fields, values: &Fields) -> Option<String> {
    let is_set = |name: &str| values.get(name).is_some_and(|value| !value.is_null());
    let rules = rules.get("required_by").and_then(Value::as_object)?;
    rules.iter().filter(|(name, _)| is_set(name)).find_map(|(name, needed)| {
        let needed = names(needed);
        let missing: Vec<&str> = needed.into_iter().filter(|name| !is_set(name)).collect();
        (!missing.is_empty())
            .then(|| format!("missing parameter(s) required by '{name}': {}", missing.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn each_rule_that_is_broken_is_told() {
        let rules = fields(json!({
            "mutually_exclusive": [["a", "b"], "ab"],
            "required_together": [["c", "d"]],
            "required_one_of": [["e", "f"]],
            "required_if": [["a", "x", ["g", "h"]], ["a", "y", ["g", "h"], true]],
            "required_by": {"b": "i", "c": ["j", "k"]},
        }));
        let values = fields(json!({"a": "x", "b": 1, "c": 2, "g": 3, "k": null}));
        assert_eq!(
            exclusive(&rules, &values).as_deref(),
            Some("parameters are mutually exclusive: a|b")
        );
        assert_eq!(
            needed(&rules, &values),
            [
                "parameters are required together: c, d",
                "one of the following is required: e, f",
                "a is x but all of the following are missing: h",
                "missing parameter(s) required by 'b': i",
            ]
        );
    }

    #[test]
    fn rules_that_hold_say_nothing() {
        let rules = fields(json!({
            "mutually_exclusive": [["a", "b"]],
            "required_together": [["a", "c"]],
            "required_one_of": [["a", "b"]],
            "required_if": [["a", 1, ["c", "d"], true]],
            "required_by": {"b": "x"},
        }));
        let values = fields(json!({"a": 1, "c": 2}));
        assert_eq!(exclusive(&rules, &values), None);
        assert!(needed(&rules, &values).is_empty());
        assert!(needed(&fields(json!({"required_if": [1, []]})), &values).is_empty());
    }
}
