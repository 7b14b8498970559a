//! Python's methods on text, lists, mappings and numbers.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use super::arguments::{bad, items, pairs};
use super::filters::text::{Side, pad, split_text};
use super::objects::{List, Mapping};
use super::{mutators, python};

/// Calls a method that the value itself does not have.
pub(super) fn call(
    state: &mut State,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if let Some(undefined) = mutators::undefined(args) {
        return Ok(undefined);
    }
    let found = match value.kind() {
        // Somebody further out may have a default for it.
        ValueKind::Undefined => return Ok(value.clone()),
        ValueKind::String => text(value.as_str().unwrap_or_default(), method, args)?,
        ValueKind::Seq | ValueKind::Iterable => list(value, method, args)?,
        ValueKind::Map => mapping(value, method, args)?,
        ValueKind::Number => number(value, method, args)?,
        _ => None,
    };
    match found {
        Some(result) => Ok(result),
        None => pycompat::unknown_method_callback(state, value, method, args),
    }
}

fn argument(args: &[Value], index: usize) -> Result<String, Error> {
    match args.get(index) {
        Some(value) => python::text(value),
        None => Err(Error::from(ErrorKind::MissingArgument)),
    }
}

fn int(args: &[Value], index: usize) -> Option<i64> {
    args.get(index).and_then(Value::as_i64)
}

fn text(text: &str, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let fill = || args.get(1).and_then(|fill| fill.as_str()?.chars().next()).unwrap_or(' ');
    let width = int(args, 0).unwrap_or(0);
    let most = |index: usize| int(args, index).and_then(|most| usize::try_from(most).ok());
    let separator = || args.first().and_then(Value::as_str);
    let parts = |parts: [&str; 3]| List::value(parts.into_iter().map(Value::from).collect());
    Ok(Some(match method {
        "split" => split_text(text, separator(), most(1))?,
        "rsplit" => rsplit(text, separator(), most(1))?,
        "splitlines" => List::value(text.lines().map(Value::from).collect()),
        "partition" => {
            let sign = argument(args, 0)?;
            parts(text.split_once(&sign).map_or([text, "", ""], |(a, b)| [a, &sign, b]))
        }
        "rpartition" => {
            let sign = argument(args, 0)?;
            parts(text.rsplit_once(&sign).map_or(["", "", text], |(a, b)| [a, &sign, b]))
        }
        "index" | "rindex" => {
            let sign = argument(args, 0)?;
            let found = if method == "index" { text.find(&sign) } else { text.rfind(&sign) };
            let at = found.ok_or_else(|| bad("substring not found"))?;
            Value::from(text[..at].chars().count())
        }
        "zfill" => match text.strip_prefix(['-', '+']) {
            Some(digits) => {
                Value::from(format!("{}{}", &text[..1], pad(digits, width - 1, '0', Side::Left)))
            }
            None => Value::from(pad(text, width, '0', Side::Left)),
        },
        "ljust" => Value::from(pad(text, width, fill(), Side::Right)),
        "rjust" => Value::from(pad(text, width, fill(), Side::Left)),
        "center" => Value::from(pad(text, width, fill(), Side::Both)),
        "removeprefix" => Value::from(text.strip_prefix(&argument(args, 0)?).unwrap_or(text)),
        "removesuffix" => Value::from(text.strip_suffix(&argument(args, 0)?).unwrap_or(text)),
        "title" => Value::from(title(text)),
        "swapcase" => Value::from(text.chars().flat_map(swap_case).collect::<String>()),
        "casefold" => Value::from(text.to_lowercase()),
        "expandtabs" => Value::from(expand_tabs(text, int(args, 0).unwrap_or(8))),
        "encode" => Value::from_bytes(text.as_bytes().to_vec()),
        "isidentifier" => {
            let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            Value::from(starts && text.chars().all(|c| c.is_alphanumeric() || c == '_'))
        }
        "translate" => Value::from(translate(text, args.first())?),
        _ => return Ok(None),
    }))
}

fn rsplit(text: &str, separator: Option<&str>, most: Option<usize>) -> Result<Value, Error> {
    let Some(most) = most else { return split_text(text, separator, None) };
    let mut parts: Vec<&str> = match separator {
        Some("") => return Err(bad("empty separator")),
        Some(separator) => text.rsplitn(most + 1, separator).collect(),
        None => {
            let (mut parts, mut rest) = (Vec::new(), text.trim_end());
            while !rest.is_empty() && parts.len() < most {
                let start = rest
                    .char_indices()
                    .rev()
                    .find(|(_, c)| c.is_whitespace())
                    .map_or(0, |(at, c)| at + c.len_utf8());
                parts.push(&rest[start..]);
                rest = rest[..start].trim_end();
            }
            if !rest.is_empty() {
                parts.push(rest);
            }
            parts
        }
    };
    parts.reverse();
    Ok(List::value(parts.into_iter().map(Value::from).collect()))
}

/// Each run of letters with a capital first: not what the filter of this name does.
fn title(text: &str) -> String {
    let mut within = false;
    let changed = text.chars().flat_map(|c| -> Vec<char> {
        let first = !std::mem::replace(&mut within, c.is_alphabetic());
        if first { c.to_uppercase().collect() } else { c.to_lowercase().collect() }
    });
    changed.collect()
}

fn swap_case(c: char) -> Vec<char> {
    if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
}

fn expand_tabs(text: &str, size: i64) -> String {
    let size = usize::try_from(size).unwrap_or(0).min(1000);
    let (mut out, mut column) = (String::new(), 0);
    for c in text.chars() {
        match c {
            '\t' if size == 0 => {}
            '\t' => {
                let spaces = size - column % size;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

/// Replaces characters by a table from code points to text, code points or nothing.
fn translate(text: &str, table: Option<&Value>) -> Result<String, Error> {
    let table = table.ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
    let mut out = String::new();
    for c in text.chars() {
        let to = table.get_item(&Value::from(c as u32))?;
        match (to.as_str(), to.as_usize().and_then(|code| u32::try_from(code).ok())) {
            (Some(text), _) => out.push_str(text),
            (None, Some(code)) => out.extend(char::from_u32(code)),
            (None, None) if to.is_none() => {}
            (None, None) => out.push(c),
        }
    }
    Ok(out)
}

fn list(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "index" => {
            let item = args.first().ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
            let at = items(value)?.iter().position(|other| other == item);
            Value::from(at.ok_or_else(|| bad("the item is not in the list"))?)
        }
        "count" => {
            let item = args.first().ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
            Value::from(items(value)?.iter().filter(|other| *other == item).count())
        }
        "copy" => List::value(items(value)?),
        // The result of an operation on a value that can be changed: a new list, as in Python
        // where nothing else can see it.
        "append" | "extend" | "insert" | "pop" | "remove" | "sort" | "reverse" | "clear" => {
            mutators::list(&List::new(items(value)?), method, args)?
        }
        _ => return Ok(None),
    }))
}

fn mapping(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "keys" => List::value(items(value)?),
        "values" => List::value(pairs(value)?.into_iter().map(|(_, item)| item).collect()),
        "items" | "iteritems" => {
            let all = pairs(value)?.into_iter();
            List::value(
                all.map(|(key, item)| Value::from(minijinja::value::Tuple::from(vec![key, item])))
                    .collect(),
            )
        }
        "get" => {
            let key = args.first().ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
            let found = value.get_item(key)?;
            match args.get(1) {
                _ if !found.is_undefined() => found,
                Some(fallback) => fallback.clone(),
                None => Value::from(()),
            }
        }
        "has_key" => {
            let key = args.first().ok_or_else(|| Error::from(ErrorKind::MissingArgument))?;
            Value::from(!value.get_item(key)?.is_undefined())
        }
        "copy" => Mapping::value(pairs(value)?),
        "update" | "setdefault" | "pop" | "popitem" | "clear" => {
            mutators::mapping(&Mapping::new(pairs(value)?), method, args)?
        }
        _ => return Ok(None),
    }))
}

fn number(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let whole = value.as_i64().filter(|_| value.is_integer());
    let other = args.first().and_then(Value::as_i64);
    Ok(Some(match (method, whole, other) {
        ("is_integer", ..) => Value::from(python::number(value).fract() == 0.0),
        ("bit_length", Some(whole), _) => {
            Value::from(u64::BITS - whole.unsigned_abs().leading_zeros())
        }
        ("__and__", Some(a), Some(b)) => Value::from(a & b),
        ("__or__", Some(a), Some(b)) => Value::from(a | b),
        ("__xor__", Some(a), Some(b)) => Value::from(a ^ b),
        _ => return Ok(None),
    }))
}
