//! The Engine's objects without what it fills in.

use serde_json::json;

use crate::value::{Fields, Value, coerce};

/// A value without what the Engine leaves out of objects: null, false, 0 and what is empty.
pub fn bare(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), bare(value)))
            .filter(|(_, value)| !is_nothing(value))
            .collect(),
        Value::Array(items) => items.iter().map(bare).collect(),
        // 1 and 1.0 are one number.
        Value::Number(number) => number.as_f64().map_or(Value::Null, |number| json!(number)),
        other => other.clone(),
    }
}

/// Whether a value is one of those that the Engine leaves out.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// A value whose mappings have their keys in order, and whole numbers without a fraction: two that
/// mean the same are written alike.
pub fn ordered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Fields =
                fields.iter().map(|(name, value)| (name.clone(), ordered(value))).collect();
            fields.sort_keys();
            Value::Object(fields)
        }
        Value::Array(items) => items.iter().map(ordered).collect(),
        Value::Number(_) => coerce::to_int(value).map_or_else(|| value.clone(), Value::from),
        other => other.clone(),
    }
}

/// Nanoseconds with a unit: `1m30s`, `500ms`.
pub fn duration(nanoseconds: i64) -> String {
    let units = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ];
    let mut rest = nanoseconds.max(0);
    let text: String = units
        .into_iter()
        .filter_map(|(unit, size)| {
            let (many, left) = (rest / size, rest % size);
            rest = left;
            (many > 0).then(|| format!("{many}{unit}"))
        })
        .collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_with_units() {
        let shown = [90_000_000_000, 500_000_000, 0, 3_600_000_001_000].map(duration);
        assert_eq!(shown, ["1m30s", "500ms", "0s", "1h1us"]);
    }
}
