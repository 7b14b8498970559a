//! Values as the types that a specification names.

use super::size::{Counted, is_size};
use crate::base::Span;
use crate::inventory::literal;
use crate::template::{python_repr, python_text};
use crate::value::{Data, Fields, Value};

/// The type of an argument.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind<'a>(&'a str);

impl<'a> Kind<'a> {
    /// The type that an attribute of a specification names; text where it names none.
    pub(super) fn of(spec: &'a Fields, attribute: &str) -> Self {
        Self(spec.get(attribute).and_then(Value::as_str).unwrap_or("str"))
    }

    /// Its name.
    pub(super) fn name(self) -> &'a str {
        self.0
    }

    /// A value as this type; the error says why it is not one.
    pub(super) fn convert(self, value: &Value) -> Result<Value, String> {
        match self.0 {
            "str" | "path" => Ok(as_text(value)),
            "list" => as_list(value),
            "dict" => as_dict(value),
            "bool" => as_bool(value),
            "int" => as_int(value),
            "float" => as_float(value),
            "raw" => Ok(value.clone()),
            "json" | "jsonarg" => as_json(value),
            "bytes" => as_size(value, Counted::Bytes),
            "bits" => as_size(value, Counted::Bits),
            _ => Err("there is no such type".to_owned()),
        }
    }
}

/// The name of Python's type for a value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

fn no_way(value: &Value, wanted: &str) -> String {
    format!("<class '{}'> cannot be converted to {wanted}", type_name(value))
}

fn as_text(value: &Value) -> Value {
    if value.is_null() { "".into() } else { python_text(value).into() }
}

fn as_list(value: &Value) -> Result<Value, String> {
    match value {
        Value::Array(_) => Ok(value.clone()),
        Value::String(text) => Ok(text.split(',').map(Value::from).collect()),
        Value::Number(_) | Value::Bool(_) => Ok(vec![as_text(value)].into()),
        Value::Null | Value::Object(_) => Err(no_way(value, "a list")),
    }
}

/// A mapping: itself, JSON or a Python literal, or `name=value` texts.
pub(super) fn as_dict(value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::Object(_) => return Ok(value.clone()),
        Value::String(text) => text,
        _ => return Err(no_way(value, "a dict")),
    };
    if text.starts_with('{') {
        if let Ok(value) = serde_json::from_str(text) {
            return Ok(value);
        }
        let node = literal(text, Span::NOWHERE);
        return match node.data {
            Data::Map(_) => Ok(node.to_value()),
            _ => Err("unable to evaluate string as dictionary".to_owned()),
        };
    }
    if !text.contains('=') {
        return Err("dictionary requested, could not parse JSON or key=value".to_owned());
    }
    let pair = |field: &String| {
        field.split_once('=').map(|(name, value)| (name.to_owned(), Value::from(value)))
    };
    let pairs: Option<Fields> = fields(text.trim()).iter().map(pair).collect();
    pairs.map(Value::Object).ok_or_else(|| {
        "unable to evaluate string in the \"key=value\" format as dictionary".to_owned()
    })
}

/// The texts between commas and blanks that stand outside of quotes.
fn fields(text: &str) -> Vec<String> {
    let (mut fields, mut field) = (vec![], String::new());
    let (mut quote, mut escaped) = (None, false);
    for sign in text.chars() {
        match (quote, sign) {
            _ if escaped => {
                field.push(sign);
                escaped = false;
            }
            (_, '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            (None, ',' | ' ') => fields.push(std::mem::take(&mut field)),
            _ => field.push(sign),
        }
    }
    fields.push(field);
    fields.retain(|field| !field.is_empty());
    fields
}

/// The spellings of true and of false.
pub(super) const TRUTHS: [[&str; 6]; 2] =
    [["y", "yes", "on", "1", "true", "t"], ["n", "no", "off", "0", "false", "f"]];

fn as_bool(value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::Bool(_) => return Ok(value.clone()),
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) if number.as_f64() == Some(1.0) => "1".to_owned(),
        Value::Number(number) if number.as_f64() == Some(0.0) => "0".to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err(no_way(value, "a bool")),
    };
    let known = TRUTHS.iter().position(|spellings| spellings.contains(&text.as_str()));
    known.map(|place| (place == 0).into()).ok_or_else(|| {
        let known = TRUTHS.as_flattened().iter().map(|word| format!("'{word}'"));
        let known = known.chain(["1", "0", "True", "False"].map(str::to_owned));
        format!(
            "The value '{}' is not a valid boolean. Valid booleans include: {}",
            python_text(value),
            known.collect::<Vec<_>>().join(", ")
        )
    })
}

fn as_int(value: &Value) -> Result<Value, String> {
    let whole = |number: f64| number.fract() == 0.0 && number.abs() < 9e15;
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within range pass")]
    let found = match value {
        Value::Bool(_) => return Ok(value.clone()),
        Value::Number(number) if !number.is_f64() => return Ok(value.clone()),
        Value::Number(number) => number.as_f64().filter(|number| whole(*number)).map(|n| n as i64),
        Value::String(text) => {
            let text = text.trim().replace('_', "");
            let real = || text.parse().ok().filter(|number| whole(*number)).map(|n: f64| n as i64);
            text.parse().ok().or_else(real)
        }
        _ => None,
    };
    found
        .map(Value::from)
        .ok_or_else(|| format!("\"{}\" cannot be converted to an int", python_repr(value)))
}

fn as_float(value: &Value) -> Result<Value, String> {
    let found = match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    found.map(Value::from).ok_or_else(|| no_way(value, "a float"))
}

fn as_json(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => Ok(text.trim().into()),
        Value::Array(_) | Value::Object(_) => Ok(value.to_string().into()),
        _ => Err(no_way(value, "a json string")),
    }
}

fn as_size(value: &Value, counted: Counted) -> Result<Value, String> {
    if is_size(&python_text(value), counted) {
        return Ok(value.clone());
    }
    Err(match counted {
        Counted::Bytes => no_way(value, "a Byte value"),
        Counted::Bits => no_way(value, "a Bit value"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_what_is_wanted() {
        for (kind, value, wanted) in [
            ("str", json!(null), json!("")),
            ("str", json!([1, "a"]), json!("[1, 'a']")),
            ("list", json!("a,b"), json!(["a", "b"])),
            ("list", json!(true), json!(["True"])),
            ("dict", json!("a=1, b='x y'"), json!({"a": "1", "b": "x y"})),
            ("dict", json!("{\"a\": 1}"), json!({"a": 1})),
            ("dict", json!("{'a': True}"), json!({"a": true})),
            ("bool", json!(" Yes"), json!(true)),
            ("bool", json!(0), json!(false)),
            ("int", json!("1e3"), json!(1000)),
            ("int", json!(2.0), json!(2)),
            ("float", json!("1.5"), json!(1.5)),
            ("json", json!({"a": [1]}), json!("{\"a\":[1]}")),
            ("bytes", json!("2K"), json!("2K")),
        ] {
            assert_eq!(Kind(kind).convert(&value), Ok(wanted), "{kind} {value}");
        }
    }

    #[test]
    fn what_cannot_be_converted_is_told_in_the_words_of_ansible() {
        for (kind, value, wanted) in [
            ("list", json!(null), "<class 'NoneType'> cannot be converted to a list"),
            ("dict", json!([]), "<class 'list'> cannot be converted to a dict"),
            ("dict", json!("x"), "dictionary requested, could not parse JSON or key=value"),
            ("dict", json!("{x"), "unable to evaluate string as dictionary"),
            (
                "dict",
                json!("a=1, b"),
                "unable to evaluate string in the \"key=value\" format as dictionary",
            ),
            ("int", json!(null), "\"None\" cannot be converted to an int"),
            ("int", json!("x"), "\"'x'\" cannot be converted to an int"),
            ("int", json!(1.5), "\"1.5\" cannot be converted to an int"),
            ("float", json!("x"), "<class 'str'> cannot be converted to a float"),
            ("jsonarg", json!(1), "<class 'int'> cannot be converted to a json string"),
            ("bits", json!("foo"), "<class 'str'> cannot be converted to a Bit value"),
        ] {
            assert_eq!(Kind(kind).convert(&value), Err(wanted.to_owned()));
        }
        let fault = Kind("bool").convert(&json!(7)).unwrap_err();
        assert!(fault.starts_with("The value '7' is not a valid boolean."), "{fault}");
    }
}
