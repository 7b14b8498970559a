//! Plain data to YAML, as PyYAML writes it: the filters `to_yaml` and `to_nice_yaml`.

use std::ffi::CStr;

use super::events::{Emitter, Layout};
use super::resolve::{Implicit, implicit};
use crate::value::{Fields, Value};

/// How YAML is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Spaces of one level, 2 to 9.
    pub indent: i32,
    /// The column after which lines are folded; -1 for never.
    pub width: i32,
    /// Whether collections stand in brackets; nothing: only those that hold scalars alone.
    pub flow: Option<bool>,
    /// Whether the keys of a mapping are sorted.
    pub sort_keys: bool,
    /// Whether the text starts with `---`.
    pub explicit_start: bool,
    /// Whether texts of several lines stand as blocks.
    pub blocks: bool,
    /// How scalars are written: `default_style`.
    pub scalars: Scalars,
    /// Whether everything is quoted and stands behind its tag.
    pub canonical: bool,
}

/// A way to write scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalars {
    /// As short as they are read back the same.
    Shortest,
    /// In `'`.
    Single,
    /// In `"`.
    Double,
    /// As they stand, behind `|`.
    Literal,
    /// With folded lines, behind `>`.
    Folded,
}

impl Scalars {
    /// By the character that PyYAML calls it.
    pub fn parse(character: &str) -> Option<Self> {
        Some(match character {
            "" => Self::Shortest,
            "'" => Self::Single,
            "\"" => Self::Double,
            "|" => Self::Literal,
            ">" => Self::Folded,
            _ => return None,
        })
    }
}

impl Style {
    /// The style of `to_yaml`.
    pub const PLAIN: Self = Self {
        indent: 2,
        width: 80,
        flow: None,
        sort_keys: true,
        explicit_start: false,
        blocks: false,
        scalars: Scalars::Shortest,
        canonical: false,
    };
    /// The style of `to_nice_yaml`.
    pub const NICE: Self = Self { indent: 4, flow: Some(false), ..Self::PLAIN };
}

/// The only key of a mapping that stands for an encrypted text, in JSON as Ansible writes it.
pub const ENCRYPTED: &str = "__ansible_vault";

/// The encrypted text that a mapping stands for.
fn encrypted(fields: &Fields) -> Option<&str> {
    fields.get(ENCRYPTED).filter(|_| fields.len() == 1)?.as_str()
}

/// Writes a value as a YAML document.
pub fn to_yaml(value: &Value, style: Style) -> String {
    let mut emitter = Emitter::new(style);
    emit(&mut emitter, value, style);
    emitter.finish()
}

fn emit(emitter: &mut Emitter, value: &Value, style: Style) {
    match value {
        Value::Null => emitter.scalar("null", c"tag:yaml.org,2002:null", true, false),
        Value::Bool(flag) => {
            let text = if *flag { "true" } else { "false" };
            emitter.scalar(text, c"tag:yaml.org,2002:bool", true, false);
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            None => emitter.scalar(&number.to_string(), c"tag:yaml.org,2002:int", true, false),
            Some(float) => {
                emitter.scalar(&float_text(float), c"tag:yaml.org,2002:float", true, false);
            }
        },
        Value::String(text) if style.blocks && text.contains('\n') => emitter.block(text),
        Value::String(text) => emit_text(emitter, text),
        Value::Array(items) => {
            emitter.sequence_start(layout(items.iter(), style));
            for item in items {
                emit(emitter, item, style);
            }
            emitter.sequence_end();
        }
        Value::Object(fields) if encrypted(fields).is_some() => {
            emitter.literal(encrypted(fields).unwrap_or_default(), c"!vault");
        }
        Value::Object(fields) => {
            emitter.mapping_start(layout(fields.values(), style));
            for (key, item) in ordered(fields, style) {
                emit_text(emitter, key);
                emit(emitter, item, style);
            }
            emitter.mapping_end();
        }
    }
}

/// Text is quoted where it would be read back as something else.
fn emit_text(emitter: &mut Emitter, text: &str) {
    const TAG: &CStr = c"tag:yaml.org,2002:str";
    emitter.scalar(text, TAG, matches!(implicit(text), Implicit::Text), true);
}

fn layout<'v>(mut items: impl Iterator<Item = &'v Value>, style: Style) -> Layout {
    // As PyYAML has it, scalars that are written in a way of their own stand on lines of their own.
    let plain = |item: &Value| {
        style.scalars == Scalars::Shortest && !matches!(item, Value::Array(_) | Value::Object(_))
    };
    let flow = style.flow.unwrap_or_else(|| items.all(plain));
    if flow { Layout::Flow } else { Layout::Block }
}

fn ordered(fields: &Fields, style: Style) -> Vec<(&String, &Value)> {
    let mut pairs: Vec<_> = fields.iter().collect();
    if style.sort_keys {
        pairs.sort_by_key(|(key, _)| *key);
    }
    pairs
}

/// A float as PyYAML writes it: Python's `repr`, with a dot before an exponent.
fn float_text(number: f64) -> String {
    if !number.is_finite() {
        let sign = if number < 0.0 { "-" } else { "" };
        return if number.is_nan() { ".nan".to_owned() } else { format!("{sign}.inf") };
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        return format!("{number:?}");
    }
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}{dot}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_that_would_be_read_as_something_else_is_quoted() {
        for (value, expected) in [
            (json!("no"), "'no'\n"),
            (json!("1:30"), "'1:30'\n"),
            (json!("2001-01-01"), "'2001-01-01'\n"),
            (json!("="), "'='\n"),
            (json!("<<"), "'<<'\n"),
            (json!("1_000"), "'1_000'\n"),
            (json!("plain"), "plain\n"),
            (json!(null), "null\n"),
            (json!(""), "''\n"),
            (json!("a\nb\n"), "'a\n\n  b\n\n  '\n"),
            (json!("tab\there"), "\"tab\\there\"\n"),
            (json!(1e16), "1.0e+16\n"),
            (json!(0.1), "0.1\n"),
            (json!(1.0), "1.0\n"),
            (json!([]), "[]\n"),
            (json!({}), "{}\n"),
        ] {
            assert_eq!(to_yaml(&value, Style::PLAIN), expected, "{value}");
        }
    }

    #[test]
    fn scalars_are_written_as_asked() {
        let value = json!({"a": [1, "b"]});
        let by = |scalars| to_yaml(&value, Style { scalars, ..Style::PLAIN });
        assert_eq!(by(Scalars::Double), "\"a\":\n- ! \"1\"\n- \"b\"\n");
        assert_eq!(by(Scalars::Single), "'a':\n- ! '1'\n- 'b'\n");
        let thing = json!("thing");
        let style = Style { scalars: Scalars::Literal, ..Style::PLAIN };
        assert_eq!(to_yaml(&thing, style), "|-\n  thing\n");
        let style = Style { canonical: true, ..Style::PLAIN };
        assert_eq!(to_yaml(&thing, style), "---\n!!str \"thing\"\n");
    }

    #[test]
    fn what_is_encrypted_stands_behind_its_tag() {
        let value = json!({"a": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}});
        let expected = "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n";
        assert_eq!(to_yaml(&value, Style::PLAIN), expected);
    }

    #[test]
    fn the_two_styles_of_ansible() {
        let value = json!({"b": [1, {"c": true}], "a": {"x": "é", "y": []}});
        insta::assert_snapshot!(to_yaml(&value, Style::PLAIN), @r"
        a:
          x: é
          y: []
        b:
        - 1
        - {c: true}
        ");
        insta::assert_snapshot!(to_yaml(&value, Style::NICE), @r"
        a:
            x: é
            y: []
        b:
        - 1
        -   c: true
        ");
    }
}
