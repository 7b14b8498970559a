//! Filters on spans of time as text: `1h 30m`.

use minijinja::Error;
use minijinja::value::Value;

use super::Family;
use crate::template::arguments::{Args, bad};
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("to_time_unit", |_, args| {
        let unit = args.text(1, "unit")?.unwrap_or_else(|| "ms".to_owned());
        convert(args, &unit)
    }),
    ("to_milliseconds", |_, args| convert(args, "ms")),
    ("to_seconds", |_, args| convert(args, "s")),
    ("to_minutes", |_, args| convert(args, "m")),
    ("to_hours", |_, args| convert(args, "h")),
    ("to_days", |_, args| convert(args, "d")),
    ("to_weeks", |_, args| convert(args, "w")),
    ("to_months", |_, args| convert(args, "mo")),
    ("to_years", |_, args| convert(args, "y")),
];

fn convert(args: &Args, unit: &str) -> Result<Value, Error> {
    let days = |name: &str, default: f64| -> Result<f64, Error> {
        let given = args.get(usize::MAX, name)?;
        Ok(given.map_or(default, |value| python::number(&value)))
    };
    let (year, month) = (days("year", 365.0)?, days("month", 30.0)?);
    let seconds = |unit: &str| -> Result<f64, Error> {
        let singular = unit.trim_end_matches('s');
        Ok(match if singular.is_empty() { unit } else { singular } {
            "ms" | "m" if unit == "ms" => 0.001,
            "msec" | "millisecond" => 0.001,
            "s" | "sec" | "second" => 1.0,
            "m" | "min" | "minute" => 60.0,
            "h" | "hour" => 3600.0,
            "d" | "day" => 86_400.0,
            "w" | "week" => 604_800.0,
            "mo" | "month" => month * 86_400.0,
            "y" | "year" => year * 86_400.0,
            _ => return Err(bad(format!("there is no unit of time `{unit}`"))),
        })
    };
    let text = python::text(args.value())?;
    let (mut total, mut rest) = (0.0, text.trim());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let fault = || bad(format!("`{text}` is no span of time such as `1h 30m`"));
        let number: f64 = rest[..end].parse().map_err(|_| fault())?;
        let after = rest[end..].trim_start();
        let length = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let factor = if length == 0 { 0.001 } else { seconds(&after[..length].to_lowercase())? };
        total += number * factor;
        rest = after[length..].trim_start();
    }
    let result = total / seconds(unit)?;
    Ok(Value::from((result * 1e12).round() / 1e12))
}
