//! Plain data as a TOML document.

use crate::value::{Fields, Value};

/// Writes a mapping as a TOML document: its scalars and lists first, then a table for each
/// mapping in it.
///
/// # Errors
///
/// Where something is nothing: TOML cannot say that. The error is its name, with dots.
pub(super) fn document(fields: &Fields) -> Result<String, String> {
    let mut text = String::new();
    table(&mut text, fields, "")?;
    Ok(text)
}

fn table(text: &mut String, fields: &Fields, name: &str) -> Result<(), String> {
    let (tables, values): (Vec<_>, Vec<_>) =
        fields.iter().partition(|(_, value)| value.is_object());
    if !name.is_empty() && (tables.is_empty() || !values.is_empty()) {
        separate(text);
        text.extend(["[", name, "]\n"]);
    }
    for (key, value) in values {
        let at = join(name, key);
        let value = literal(value, 0).ok_or(at)?;
        text.extend([shown_key(key).as_ref(), " = ", &value, "\n"]);
    }
    for (key, value) in tables {
        if let Value::Object(fields) = value {
            table(text, fields, &join(name, key))?;
        }
    }
    Ok(())
}

/// An empty line between two tables.
fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
}

fn join(name: &str, key: &str) -> String {
    if name.is_empty() { shown_key(key) } else { format!("{name}.{}", shown_key(key)) }
}

fn shown_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A value behind an equals sign; nothing where nothing is in it.
fn literal(value: &Value, depth: usize) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => format!("{float:?}"),
            None => number.to_string(),
        },
        Value::String(text) => quoted(text),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let indent = "    ".repeat(depth);
            let item = |item: &Value| Some(format!("{indent}    {},\n", literal(item, depth + 1)?));
            format!("[\n{}{indent}]", items.iter().map(item).collect::<Option<String>>()?)
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let pair = |(key, item): (&String, &Value)| {
                Some(format!("{} = {}", shown_key(key), literal(item, depth)?))
            };
            let pairs: Vec<String> = fields.iter().map(pair).collect::<Option<_>>()?;
            format!("{{ {} }}", pairs.join(", "))
        }
    })
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            control if control.is_control() => {
                let escape = format!("\\u{:04x}", control as u32);
                quoted.push_str(&escape);
            }
            plain => quoted.push(plain),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mappings_are_tables() {
        let value = json!({
            "web": {
                "children": ["a", "b c"],
                "hosts": {"h.x": {}, "h2": {"n": 1, "f": 1.0, "t": "a\"b\n", "d": {"x": true}}},
                "vars": {"list": [[1], {"a": "b"}, []]},
            },
        });
        insta::assert_snapshot!(document(value.as_object().unwrap()).unwrap(), @r#"
        [web]
        children = [
            "a",
            "b c",
        ]

        [web.hosts."h.x"]

        [web.hosts.h2]
        n = 1
        f = 1.0
        t = "a\"b\n"

        [web.hosts.h2.d]
        x = true

        [web.vars]
        list = [
            [
                1,
            ],
            { a = "b" },
            [],
        ]
        "#);
    }

    #[test]
    fn nothing_cannot_be_written() {
        let value = json!({"web": {"hosts": {"h": {"x": null}}}});
        assert_eq!(document(value.as_object().unwrap()), Err("web.hosts.h.x".to_owned()));
    }
}
