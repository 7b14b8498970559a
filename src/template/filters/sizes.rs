//! Filters on sizes in bytes.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad};
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("human_readable", human_readable),
    ("human_to_bytes", human_to_bytes),
    ("filesizeformat", file_size_format),
];

/// The letters of the units, the greatest first, with their powers of 1024.
const UNITS: [(char, i32); 8] =
    [('Y', 8), ('Z', 7), ('E', 6), ('P', 5), ('T', 4), ('G', 3), ('M', 2), ('K', 1)];

fn number(value: &Value) -> Result<f64, Error> {
    match value.kind() {
        ValueKind::Number | ValueKind::Bool => Ok(python::number(value)),
        _ => python::text(value)?
            .trim()
            .parse()
            .map_err(|_| bad(format!("{value} is no number of bytes"))),
    }
}

fn human_readable(_: &mut State, args: &Args) -> Result<Value, Error> {
    let bits = args.flag(1, "isbits")?;
    let unit = args.text(2, "unit")?.and_then(|unit| unit.to_ascii_uppercase().chars().next());
    let size = number(args.value()).map_err(|error| {
        bad(format!("human_readable() failed on bad input: {}", error.detail().unwrap_or_default()))
    })?;
    let fits = |(letter, power): &(char, i32)| match unit {
        Some(unit) => unit == *letter,
        None => size >= 1024_f64.powi(*power),
    };
    let (shown, suffix) = match UNITS.iter().find(|unit| fits(unit)) {
        Some((letter, power)) => {
            (size / 1024_f64.powi(*power), format!("{letter}{}", if bits { 'b' } else { 'B' }))
        }
        None => (size, if bits { "bits" } else { "Bytes" }.to_owned()),
    };
    Ok(Value::from(format!("{shown:.2} {suffix}")))
}

fn human_to_bytes(_: &mut State, args: &Args) -> Result<Value, Error> {
    let default = args.text(1, "default_unit")?;
    let bits = args.flag(2, "isbits")?;
    let text = python::text(args.value())?;
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let fault = || bad(format!("`{text}` is no size such as 512, 10M or 1.5 GB"));
    let number: f64 = trimmed[..end].parse().map_err(|_| fault())?;
    let unit = match trimmed[end..].trim() {
        "" => default.unwrap_or_default(),
        unit => unit.to_owned(),
    };
    let mut letters = unit.chars();
    let power = match letters.next().map(|c| c.to_ascii_uppercase()) {
        None => 0,
        Some('B') => return whole(number),
        Some(first) => {
            let known = UNITS.iter().find(|(letter, _)| *letter == first);
            known.map(|(_, power)| *power).ok_or_else(fault)?
        }
    };
    let rest = letters.as_str();
    let expected = if bits { ["", "b", "bits", "bit"] } else { ["", "B", "bytes", "byte"] };
    let known = expected.contains(&rest)
        || expected[2..].iter().any(|known| rest.eq_ignore_ascii_case(known));
    if !known {
        return Err(fault());
    }
    whole(number * 1024_f64.powi(power))
}

fn whole(number: f64) -> Result<Value, Error> {
    let rounded = number.round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "only numbers within range pass")]
    if rounded.abs() < 9e18 { Ok(Value::from(rounded as i64)) } else { Err(bad("too large")) }
}

fn file_size_format(_: &mut State, args: &Args) -> Result<Value, Error> {
    let binary = args.flag(1, "binary")?;
    let bytes = number(args.value())?;
    let (base, units) = if binary {
        (1024.0, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"])
    } else {
        (1000.0, ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"])
    };
    if *args.value() == Value::from(1) {
        return Ok(Value::from("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::from(format!("{} Bytes", bytes.trunc())));
    }
    let (mut size, mut unit) = (bytes / base, 0);
    while size >= base && unit + 1 < units.len() {
        size /= base;
        unit += 1;
    }
    Ok(Value::from(format!("{size:.1} {}", units[unit])))
}
