//! Filters as the Engine understands them when it removes.

use indexmap::IndexMap;

use crate::sdk::docker::{Texts, text_of};
use crate::sdk::{Failure, Value, coerce};

/// Filters, each with all its values as text.
#[derive(Debug, Default)]
pub(super) struct Filters(IndexMap<String, Vec<String>>);

impl Filters {
    pub(super) fn new(given: Option<&IndexMap<String, Value>>) -> Self {
        let values = |value: &Value| match value {
            Value::Array(items) => items.iter().map(text_of).collect(),
            other => vec![text_of(other)],
        };
        let all = given.into_iter().flatten();
        Self(all.map(|(name, value)| (name.clone(), values(value))).collect())
    }

    /// As the Engine's query takes them.
    pub(super) fn query(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    /// Whether a filter that is true or false is given, and which.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let value = self.0.get(name)?.first()?;
        coerce::to_bool(&Value::from(value.as_str()))
    }

    /// Whether labels are such as are asked for.
    pub(super) fn take_labels(&self, labels: &Texts) -> bool {
        let has = |wanted: &String| match wanted.split_once('=') {
            Some((name, value)) => labels.get(name).is_some_and(|has| has == value),
            None => labels.contains_key(wanted),
        };
        let of = |name: &str| self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        of("label").iter().all(has) && !of("label!").iter().any(has)
    }

    /// Whether a moment is before the one that is asked for; both in seconds since 1970.
    pub(super) fn takes_time(&self, moment: i64, now: i64) -> Result<bool, Failure> {
        let Some(until) = self.0.get("until").and_then(|values| values.first()) else {
            return Ok(true);
        };
        let bound = bound(until, now).ok_or_else(|| {
            Failure::new(format!("the filter `until: {until}` is not understood"))
                .help("it is a duration such as `24h`, or a time such as `2024-01-31T12:00:00`")
        })?;
        Ok(moment <= bound)
    }
}

/// A moment: a duration before now, seconds since 1970, or a date with or without a time.
fn bound(text: &str, now: i64) -> Option<i64> {
    const SECOND: i64 = 1_000_000_000;
    if let Some(seconds) = text.split('.').next().and_then(|whole| whole.parse::<i64>().ok()) {
        return Some(seconds);
    }
    coerce::to_nanoseconds(text).map(|length| now - length / SECOND).or_else(|| moment(text))
}

/// A date and time as the Engine writes it, in seconds since 1970.
pub(super) fn moment(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_second());
    }
    let local = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filters(given: &Value) -> Filters {
        let given: IndexMap<String, Value> = serde_json::from_value(given.clone()).unwrap();
        Filters::new(Some(&given))
    }

    #[test]
    fn labels_are_asked_for_and_ruled_out() {
        let labels: Texts = [("a", "1"), ("b", "")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect();
        let takes = |given: &Value| filters(given).take_labels(&labels);
        assert!(takes(&json!({"label": ["a=1", "b"]})));
        assert!(!takes(&json!({"label": ["a=2"]})));
        assert!(!takes(&json!({"label!": "b"})));
        assert!(takes(&json!({"label!": "a=2"})));
    }

    #[test]
    fn times_are_durations_numbers_and_dates() {
        assert_eq!(bound("1h", 7200), Some(3600));
        assert_eq!(bound("100.5", 7200), Some(100));
        assert_eq!(bound("1970-01-01T00:01:00Z", 0), Some(60));
        assert_eq!(bound("1970-01-02", 0), Some(86_400));
        assert_eq!(bound("1970-01-01T00:00:02", 0), Some(2));
        assert_eq!(bound("yesterday", 0), None);
    }

    #[test]
    fn truth_is_a_word() {
        assert_eq!(filters(&json!({"dangling": false})).flag("dangling"), Some(false));
        assert_eq!(filters(&json!({"dangling": false})).query(), r#"{"dangling":["false"]}"#);
    }
}
