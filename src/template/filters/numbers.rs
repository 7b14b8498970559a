//! Filters on numbers.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, type_name};
use crate::template::python;

pub(super) const FILTERS: Family = &[
    ("int", int),
    ("float", float),
    ("abs", abs),
    ("round", round),
    ("pow", |_, args| {
        Ok(Value::from(only(args.value(), "pow()")?.powf(only(&args.need(1, "y")?, "pow()")?)))
    }),
    ("root", |_, args| {
        let degree = args.get(1, "y")?.map_or(Ok(2.0), |value| only(&value, "root()"))?;
        let value = only(args.value(), "root()")?;
        Ok(Value::from(if (degree - 2.0).abs() < f64::EPSILON {
            value.sqrt()
        } else {
            value.powf(1.0 / degree)
        }))
    }),
    ("log", log),
];

/// A number as it is; text is no number here.
fn real(value: &Value) -> Result<f64, Error> {
    match value.kind() {
        ValueKind::Number | ValueKind::Bool => Ok(python::number(value)),
        _ => Err(bad(format!("a number is needed, this is {}", type_name(value)))),
    }
}

/// A number for a function that takes nothing else.
fn only(value: &Value, name: &str) -> Result<f64, Error> {
    real(value).map_err(|_| {
        bad(format!("{name} can only be used on numbers, this is {}", type_name(value)))
    })
}

fn int(_: &mut State, args: &Args) -> Result<Value, Error> {
    let fallback = args.get(1, "default")?.unwrap_or_else(|| Value::from(0));
    let base = args.int(2, "base")?.unwrap_or(10);
    let value = args.value();
    if value.is_integer() {
        return Ok(value.clone());
    }
    Ok(match value.as_str() {
        Some(text) => parse(text, base)
            .map(Value::from)
            .or_else(|| text.trim().parse::<f64>().ok().and_then(truncate).map(Value::from))
            .unwrap_or(fallback),
        None if matches!(value.kind(), ValueKind::Number | ValueKind::Bool) => {
            truncate(python::number(value)).map_or(fallback, Value::from)
        }
        None => fallback,
    })
}

/// A whole number in a base; with its prefix in base 0 and where the prefix is the base's own.
fn parse(text: &str, base: i64) -> Option<i64> {
    let text = text.trim().replace('_', "").to_ascii_lowercase();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find(|(prefix, own)| digits.starts_with(prefix) && (base == 0 || base == *own));
    let (digits, base) = match prefixed {
        Some((prefix, own)) => (&digits[prefix.len()..], own),
        None => (digits, if base == 0 { 10 } else { base }),
    };
    let radix = u32::try_from(base).ok().filter(|radix| (2..=36).contains(radix))?;
    let number = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -number } else { number })
}

fn truncate(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "only numbers within range pass")]
    (number.is_finite() && number.abs() < 9.2e18).then(|| number.trunc() as i64)
}

fn float(_: &mut State, args: &Args) -> Result<Value, Error> {
    let fallback = args.get(1, "default")?.unwrap_or_else(|| Value::from(0.0));
    let value = args.value();
    Ok(match value.as_str() {
        Some(text) => text.trim().replace('_', "").parse::<f64>().map_or(fallback, Value::from),
        None => real(value).map_or(fallback, Value::from),
    })
}

fn abs(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    Ok(match python::whole(value) {
        Some(whole) => Value::from(whole.unsigned_abs()),
        None => Value::from(real(value)?.abs()),
    })
}

fn round(_: &mut State, args: &Args) -> Result<Value, Error> {
    let precision = args.int(1, "precision")?.unwrap_or(0);
    let method = args.text(2, "method")?.unwrap_or_else(|| "common".to_owned());
    let value = real(args.value())?;
    if let (Some(whole), "common") = (python::whole(args.value()), method.as_str()) {
        return Ok(Value::from(whole));
    }
    let power = 10_f64.powi(i32::try_from(precision.clamp(-300, 300)).unwrap_or(0));
    let rounded = match method.as_str() {
        // The decimal writing rounds exact halves to even, as Python does.
        "common" if precision >= 0 => {
            let digits = usize::try_from(precision.min(300)).unwrap_or(0);
            format!("{value:.digits$}").parse().unwrap_or(value)
        }
        "common" => (value * power).round_ties_even() / power,
        "ceil" => (value * power).ceil() / power,
        "floor" => (value * power).floor() / power,
        _ => return Err(bad("`method` must be common, ceil or floor")),
    };
    Ok(Value::from(rounded))
}

fn log(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = only(args.value(), "log()")?;
    if value <= 0.0 {
        return Err(bad("the logarithm of zero or less does not exist"));
    }
    let result = match args.get(1, "base")? {
        Some(base) if base == Value::from(10) => value.log10(),
        Some(base) => value.ln() / only(&base, "log()")?.ln(),
        None => value.ln(),
    };
    Ok(Value::from(result))
}
