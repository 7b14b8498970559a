//! JSON.

use std::fmt::Write;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, items, pairs};
use crate::template::convert;
use crate::template::{operators, python};

pub(super) const FILTERS: Family = &[
    ("to_json", |state, args| to_json(state, args, None, false)),
    ("to_nice_json", |state, args| to_json(state, args, Some(4), true)),
    ("from_json", from_json),
    ("tojson", tojson),
];

/// How JSON is written.
struct Style {
    /// Spaces per level; on one line where it is missing.
    indent: Option<usize>,
    sort_keys: bool,
    ascii: bool,
    item_separator: String,
    key_separator: String,
}

fn to_json(
    state: &mut State,
    args: &Args,
    indent: Option<i64>,
    sorted: bool,
) -> Result<Value, Error> {
    let indent = args.int(usize::MAX, "indent")?.or(indent).and_then(|n| usize::try_from(n).ok());
    let sort_keys = args.get(usize::MAX, "sort_keys")?.map_or(sorted, |value| value.is_true());
    let ascii = args.get(usize::MAX, "ensure_ascii")?.is_none_or(|value| value.is_true());
    let separators = args.get(usize::MAX, "separators")?.map(|value| items(&value)).transpose()?;
    for known in ["preprocess_unsafe", "vault_to_text", "skipkeys", "allow_nan"] {
        args.get(usize::MAX, known)?;
    }
    let separator = |index: usize, default: &str| match &separators {
        Some(given) => given.get(index).and_then(Value::as_str).unwrap_or(default).to_owned(),
        None => default.to_owned(),
    };
    let style = Style {
        indent,
        sort_keys,
        ascii,
        item_separator: separator(0, if indent.is_some() { "," } else { ", " }),
        key_separator: separator(1, ": "),
    };
    let mut out = String::new();
    write(args.value(), &style, 0, &mut out)?;
    operators::count(state, out.len())?;
    Ok(Value::from(out))
}

fn write(value: &Value, style: &Style, level: usize, out: &mut String) -> Result<(), Error> {
    let line = |out: &mut String, level: usize| {
        if let Some(indent) = style.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent * level));
        }
    };
    match value.kind() {
        ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => out.push_str(&match python::text(value)?.as_str() {
            "nan" => "NaN".to_owned(),
            "inf" => "Infinity".to_owned(),
            "-inf" => "-Infinity".to_owned(),
            number => number.to_owned(),
        }),
        ValueKind::String => quote(value.as_str().unwrap_or_default(), style.ascii, out)?,
        ValueKind::Map => {
            let mut all = pairs(value)?;
            if style.sort_keys {
                all = operators::sort(all, false, |(key, _)| key)?;
            }
            out.push('{');
            for (index, (key, item)) in all.iter().enumerate() {
                if index > 0 {
                    out.push_str(&style.item_separator);
                }
                line(out, level + 1);
                quote(&key_text(key)?, style.ascii, out)?;
                out.push_str(&style.key_separator);
                write(item, style, level + 1, out)?;
            }
            if !all.is_empty() {
                line(out, level);
            }
            out.push('}');
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let all = items(value)?;
            out.push('[');
            for (index, item) in all.iter().enumerate() {
                if index > 0 {
                    out.push_str(&style.item_separator);
                }
                line(out, level + 1);
                write(item, style, level + 1, out)?;
            }
            if !all.is_empty() {
                line(out, level);
            }
            out.push(']');
        }
        _ => match convert::to_data(value)? {
            Some(data) => quote(data.as_str().unwrap_or_default(), style.ascii, out)?,
            None => return Err(bad("`omit` cannot be written as JSON")),
        },
    }
    Ok(())
}

/// A key as JSON has it: `true` for True, `null` for None.
fn key_text(key: &Value) -> Result<String, Error> {
    Ok(match key.kind() {
        ValueKind::Bool => if key.is_true() { "true" } else { "false" }.to_owned(),
        ValueKind::None => "null".to_owned(),
        _ => python::text(key)?,
    })
}

fn quote(text: &str, ascii: bool, out: &mut String) -> Result<(), Error> {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || (ascii && !c.is_ascii()) || c == '\u{7f}' && ascii => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(())
}

fn from_json(state: &mut State, args: &Args) -> Result<Value, Error> {
    args.get(usize::MAX, "profile")?;
    let text = args.value().as_str().ok_or_else(|| bad("the JSON must be a text"))?;
    let data =
        serde_json::from_str(text).map_err(|error| bad(format!("not valid JSON: {error}")))?;
    convert::known(state, data)
}

/// Jinja's own: safe inside HTML.
fn tojson(state: &mut State, args: &Args) -> Result<Value, Error> {
    let json = to_json(state, args, args.int(1, "indent")?, true)?;
    let text = json.as_str().unwrap_or_default();
    let safe = text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    Ok(Value::from(safe))
}
