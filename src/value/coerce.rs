//! Ansible's leniency about types, in one place.

use super::Value;

/// Reads a truth value as Ansible's `bool` argument type does: `yes`, `on`, `1`, `true`, `t`, `y`.
pub fn to_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a whole number, also out of text and out of a float without a fraction.
pub fn to_int(value: &Value) -> Option<i64> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within range pass")]
        Value::Number(number) => number.as_i64().or_else(|| {
            number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15).map(|f| f as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        _ => None,
    }
}

/// Reads a number, also out of text.
pub fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The text of a scalar as Python's `str()` gives it; of a container as JSON.
pub fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Reads a list: a list as it is, text split at commas, any other scalar alone.
pub fn to_list(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::String(text) if text.is_empty() => Some(vec![]),
        Value::String(text) => Some(text.split(',').map(|part| part.trim().into()).collect()),
        Value::Number(_) | Value::Bool(_) => Some(vec![to_text(value).into()]),
        Value::Null | Value::Object(_) => None,
    }
}

/// Reads a size in bytes: `512M`, `1.5GiB`, `100` (powers of 1024, as Docker reads them).
pub fn to_bytes(text: &str) -> Option<i64> {
    let text = text.trim();
    let split =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
    let number: f64 = text[..split].parse().ok()?;
    let unit = text[split..].trim().to_ascii_lowercase();
    let power = match unit.trim_end_matches("ib").trim_end_matches('b') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "sizes lie far below 2^63")]
    Some((number * 1024_f64.powi(power)) as i64)
}

/// Reads a duration in nanoseconds: `90s`, `1m30s`, `500ms`; a bare number is in seconds.
pub fn to_nanoseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, reason = "durations lie far below 2^63 ns")]
        return Some((seconds * 1e9) as i64);
    }
    let (mut total, mut rest) = (0_f64, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "h" => 3600e9,
                "m" => 60e9,
                "s" => 1e9,
                "ms" => 1e6,
                "us" | "µs" => 1e3,
                "ns" => 1.0,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "durations lie far below 2^63 ns")]
    Some(total as i64)
}

/// Splits a command line into words as a POSIX shell does, without expanding anything; `None`
/// where a quote is not closed.
pub fn to_words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (vec![], None::<String>);
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            _ if sign.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match signs.next()? {
                        '\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match signs.next()? {
                        '"' => break,
                        '\\' => match signs.next()? {
                            escaped @ ('"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(signs.next()?),
            _ => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn truth_has_many_spellings() {
        for text in ["yes", "On", "1", "TRUE", "y", "t"] {
            assert_eq!(to_bool(&json!(text)), Some(true), "{text}");
        }
        for text in ["no", "off", "0", "False", "n", "f"] {
            assert_eq!(to_bool(&json!(text)), Some(false), "{text}");
        }
        assert_eq!(to_bool(&json!("maybe")), None);
        assert_eq!(to_bool(&json!(2)), None);
    }

    #[test]
    fn numbers_come_out_of_text() {
        assert_eq!(to_int(&json!("80")), Some(80));
        assert_eq!(to_int(&json!(80.0)), Some(80));
        assert_eq!(to_int(&json!("eighty")), None);
    }

    #[test]
    fn sizes_and_durations() {
        assert_eq!(to_bytes("1.5G"), Some(1_610_612_736));
        assert_eq!(to_bytes("64KiB"), Some(65_536));
        assert_eq!(to_bytes("5 apples"), None);
        assert_eq!(to_nanoseconds("1m30s"), Some(90_000_000_000));
        assert_eq!(to_nanoseconds("500ms"), Some(500_000_000));
        assert_eq!(to_nanoseconds("5"), Some(5_000_000_000));
        assert_eq!(to_nanoseconds("5x"), None);
    }

    #[test]
    fn lists_are_split_at_commas() {
        assert_eq!(to_list(&json!("a, b")), Some(vec![json!("a"), json!("b")]));
        assert_eq!(to_list(&json!(80)), Some(vec![json!("80")]));
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        let words = |text| to_words(text).unwrap();
        assert_eq!(words("nginx -g 'daemon off;'"), ["nginx", "-g", "daemon off;"]);
        assert_eq!(words(r#"a "b \" \n" c\ d ''  e"f"g"#), ["a", "b \" \\n", "c d", "", "efg"]);
        assert_eq!(words(" # no comment "), ["#", "no", "comment"]);
        assert!(words("  ").is_empty());
        assert_eq!(to_words("it's"), None);
        assert_eq!(to_words("end\\"), None);
    }
}
