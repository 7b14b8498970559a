//! Content that stands in the playbook.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::sdk::{Value, coerce};

/// The bytes of a content: text as it is, a mapping or list as the JSON that Ansible writes.
pub(super) fn bytes(content: &Value) -> Vec<u8> {
    if !matches!(content, Value::Object(_) | Value::Array(_)) {
        return coerce::to_text(content).into_bytes();
    }
    let mut bytes = vec![];
    match content.serialize(&mut Serializer::with_formatter(&mut bytes, Python)) {
        Ok(()) => bytes,
        // A value of JSON always can be written as JSON.
        Err(_) => content.to_string().into_bytes(),
    }
}

/// JSON as Python's `json.dumps` writes it: blanks behind separators, ASCII only.
struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for c in fragment.chars() {
            if c.is_ascii() {
                write!(out, "{c}")?;
            } else {
                c.encode_utf16(&mut [0; 2])
                    .iter()
                    .try_for_each(|unit| write!(out, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;
    use serde_json::json;

    #[test]
    fn mappings_become_the_json_that_python_writes() {
        let text = |value| String::from_utf8(bytes(&value)).unwrap();
        assert_eq!(
            text(json!({"b": [1, true, null], "a": {"ü": "😀\n"}, "e": []})),
            r#"{"b": [1, true, null], "a": {"\u00fc": "\ud83d\ude00\n"}, "e": []}"#
        );
        assert_eq!(text(json!("as it is\n")), "as it is\n");
        assert_eq!(text(json!(true)), "True");
    }
}
