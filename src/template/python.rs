//! How Python shows a value: `str()` and `repr()`.

use std::fmt::Write;

use minijinja::value::{Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::convert;
use super::group::Group;
use crate::value::Value as Json;

/// Plain data as Python's `str()` gives it.
pub fn python_text(value: &Json) -> String {
    value.as_str().map_or_else(|| python_repr(value), str::to_owned)
}

/// Plain data as Python's `repr()` gives it.
pub fn python_repr(value: &Json) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Json::Array(items) => format!("[{}]", joined(items.iter().map(python_repr).collect())),
        Json::Object(fields) => {
            let pair = |(key, item): (&String, &Json)| {
                format!("{}: {}", python_repr(&key.as_str().into()), python_repr(item))
            };
            format!("{{{}}}", joined(fields.iter().map(pair).collect()))
        }
        // Nothing in a scalar could not be shown.
        scalar => convert::scalar(scalar).and_then(|value| repr(&value).ok()).unwrap_or_default(),
    }
}

/// A value as it stands in a text that is rendered: `str()` of it, tuples as lists.
pub(super) fn text(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    write_text(&mut out, value)?;
    Ok(out)
}

/// A value as Python's `str()` gives it.
pub(super) fn string(value: &Value) -> Result<String, Error> {
    value.as_str().map_or_else(|| repr(value), |text| Ok(text.to_owned()))
}

/// A value as Python's `repr()` gives it.
pub(super) fn repr(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    write(&mut out, value, true)?;
    Ok(out)
}

/// Writes `str()` of a value.
pub(super) fn write_text(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) => Ok(out.write_str(text)?),
        None => write_repr(out, value),
    }
}

/// Writes `repr()` of a value. Tuples are written as lists: that is what they are stored as.
pub(super) fn write_repr(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    write(out, value, false)
}

/// Writes `repr()` of a value, tuples as what they are or as lists.
fn write(out: &mut impl Write, value: &Value, tuples: bool) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None => out.write_str("None")?,
        ValueKind::Bool => out.write_str(if value.is_true() { "True" } else { "False" })?,
        ValueKind::Number if value.is_integer() => write!(out, "{value}")?,
        ValueKind::Number => out.write_str(&float(number(value)))?,
        ValueKind::String => write_quoted(out, value.as_str().unwrap_or_default())?,
        ValueKind::Bytes => {
            out.write_char('b')?;
            write_quoted(out, &String::from_utf8_lossy(value.as_bytes().unwrap_or_default()))?;
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let tuple = tuples && is_tuple(value);
            out.write_char(if tuple { '(' } else { '[' })?;
            let mut count = 0;
            for item in value.try_iter()?.checked() {
                if count > 0 {
                    out.write_str(", ")?;
                }
                write(out, &item?, tuples)?;
                count += 1;
            }
            out.write_str(match (tuple, count) {
                (true, 1) => ",)",
                (true, _) => ")",
                (false, _) => "]",
            })?;
        }
        ValueKind::Map => {
            out.write_char('{')?;
            for (index, key) in value.try_iter()?.checked().enumerate() {
                let key = key?;
                if index > 0 {
                    out.write_str(", ")?;
                }
                write(out, &key, tuples)?;
                out.write_str(": ")?;
                write(out, &value.get_item(&key)?, tuples)?;
            }
            out.write_char('}')?;
        }
        ValueKind::Invalid => return Err(invalid(value)),
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        _ => write!(out, "{value}")?,
    }
    Ok(())
}

fn is_tuple(value: &Value) -> bool {
    value.downcast_object_ref::<Tuple>().is_some() || value.downcast_object_ref::<Group>().is_some()
}

/// The error inside a value that could not be made.
pub(super) fn invalid(value: &Value) -> Error {
    Value::from(vec![value.clone()])
        .try_iter()
        .and_then(|items| items.checked().next().unwrap_or(Ok(Value::UNDEFINED)))
        .err()
        .unwrap_or_else(|| Error::new(ErrorKind::InvalidOperation, "the value could not be made"))
}

/// A number as the nearest float; truth is a number too.
pub(super) fn number(value: &Value) -> f64 {
    match value.kind() {
        ValueKind::Bool => f64::from(u8::from(value.is_true())),
        _ => f64::try_from(value.clone()).unwrap_or(f64::NAN),
    }
}

/// A whole number; truth is one too.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().filter(|_| value.is_integer() || value.kind() == ValueKind::Bool)
}

/// A float as Python's `repr()` gives it: the shortest digits that read back, `1e+16`, `1e-05`.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let shortest = format!("{number:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = number.to_string();
        if plain.contains('.') { plain } else { plain + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

fn write_quoted(out: &mut impl Write, text: &str) -> Result<(), Error> {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c == quote => write!(out, "\\{c}")?,
            c if is_printable(c) => out.write_char(c)?,
            c if (c as u32) < 0x100 => write!(out, "\\x{:02x}", c as u32)?,
            c if (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32)?,
            c => write!(out, "\\U{:08x}", c as u32)?,
        }
    }
    out.write_char(quote)?;
    Ok(())
}

/// Python's `str.isprintable` for one character, as far as it can be told without its tables.
fn is_printable(c: char) -> bool {
    !matches!(c as u32,
        0x00..=0x1f | 0x7f..=0xa0 | 0xad | 0x1680 | 0x180e | 0x2000..=0x200f | 0x2028..=0x202f
        | 0x205f..=0x206f | 0x3000 | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xe0000..=0x10_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        for (number, shown) in [
            (1.0, "1.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-7, "1e-07"),
            (1e-4, "0.0001"),
            (-2.5e-10, "-2.5e-10"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float(number), shown);
        }
    }

    #[test]
    fn strings_are_quoted_as_python_quotes_them() {
        for (string, shown) in [
            ("plain", "'plain'"),
            ("it's", "\"it's\""),
            ("it's \"q\"", "'it\\'s \"q\"'"),
            ("a\\b\n", "'a\\\\b\\n'"),
            ("\u{200b}\u{7f}é", "'\\u200b\\x7fé'"),
        ] {
            assert_eq!(repr(&Value::from(string)).unwrap(), shown);
        }
    }

    #[test]
    fn containers_nest() {
        let value = Value::from(minijinja::value::Serde(
            serde_json::json!({"a": [1, null, true, 2.0, "x"]}),
        ));
        assert_eq!(text(&value).unwrap(), "{'a': [1, None, True, 2.0, 'x']}");
    }
}
