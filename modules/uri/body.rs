//! What a request sends.

use std::fmt::Write as _;

use crate::sdk::{Choice, Failure, Value, coerce};

/// How a body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub(super) enum Format {
    /// As it is; a mapping or list as JSON.
    #[default]
    Raw,
    /// JSON; text is taken to be JSON already.
    Json,
    /// As forms are sent: a mapping, or a list of pairs; text is sent as it is.
    #[choice("form-urlencoded")]
    Form,
}

impl Format {
    /// The media type, where the format has one.
    pub(super) fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Raw => None,
            Self::Json => Some("application/json"),
            Self::Form => Some("application/x-www-form-urlencoded"),
        }
    }

    pub(super) fn write(self, body: &Value) -> Result<String, Failure> {
        match (self, body) {
            (_, Value::String(text)) => Ok(text.clone()),
            (Self::Form, Value::Object(fields)) => {
                Ok(form(fields.iter().flat_map(|(name, value)| each(name, value))))
            }
            (Self::Form, Value::Array(pairs)) => {
                let pairs: Option<Vec<(String, String)>> = pairs.iter().map(pair).collect();
                Ok(form(pairs.ok_or_else(not_a_form)?))
            }
            (Self::Form, _) => Err(not_a_form()),
            (Self::Json, value) => Ok(value.to_string()),
            (Self::Raw, value) => Ok(coerce::to_text(value)),
        }
    }
}

fn not_a_form() -> Failure {
    Failure::new("a form's `body` is a mapping, or a list of pairs of a name and a value")
}

/// A name with each of its values.
fn each(name: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(values) => {
            values.iter().map(|value| (name.to_owned(), coerce::to_text(value))).collect()
        }
        value => vec![(name.to_owned(), coerce::to_text(value))],
    }
}

fn pair(pair: &Value) -> Option<(String, String)> {
    match pair.as_array()?.as_slice() {
        [name, value] => Some((coerce::to_text(name), coerce::to_text(value))),
        _ => None,
    }
}

fn form(pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode(&name, &mut text);
        text.push('=');
        encode(&value, &mut text);
    }
    text
}

/// Writes a text as forms are encoded: a plus for a blank, a per cent sign and two digits for
/// every other byte that is no letter, digit or one of `_.-~`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'_' | b'.' | b'-' | b'~' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use serde_json::json;

    #[test]
    fn forms_are_encoded() {
        let form = |body| Format::Form.write(&body).map_err(|failure| failure.to_string());
        assert_eq!(form(json!({"a b": "ü&=", "n": [1, 2]})).unwrap(), "a+b=%C3%BC%26%3D&n=1&n=2");
        assert_eq!(form(json!([["a", 1], ["a", true]])).unwrap(), "a=1&a=True");
        assert_eq!(form(json!("a=b")).unwrap(), "a=b");
        assert!(form(json!(7)).unwrap_err().starts_with("a form's `body` is a mapping"));
    }

    #[test]
    fn json_that_is_text_is_sent_as_it_is() {
        assert_eq!(Format::Json.write(&json!({"a": [1]})).unwrap(), r#"{"a":[1]}"#);
        assert_eq!(Format::Json.write(&json!("{\"a\": 1}")).unwrap(), "{\"a\": 1}");
    }
}
