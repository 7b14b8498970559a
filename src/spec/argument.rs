//! The types that an argument can have, and how leniently each is read.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Kind, Reader};
use crate::base::{Diagnostic, Secret, closest};
use crate::value::{Data, Node, Value, coerce};

/// A type that an argument can have.
pub trait Argument: Sized {
    /// The type as documentation names it.
    const KIND: Kind;
    /// What the type's own default is called, where that says something.
    const DEFAULT: &'static str = "";
    /// Whether null is a value like any other, and not that the argument is not given.
    const TAKES_NULL: bool = false;
    /// Reads a value, or notes in the reader what is wrong with it.
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self>;
}

/// An enumeration whose variants are the words an argument may have; derive it.
pub trait Choice: Sized + Copy + 'static {
    /// Every word, the documented ones first, with what it means.
    const WORDS: &'static [(&'static str, Self)];
    /// The words alone.
    const NAMES: &'static [&'static str];

    /// The word for this variant.
    fn word(self) -> &'static str;

    /// Reads a word; YAML's yes and no are turned back into the words that were written.
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let value = node.to_value();
        let given = coerce::to_text(&value);
        let spellings: &[&str] = match value {
            Value::Bool(true) => &["yes", "true", "on"],
            Value::Bool(false) => &["no", "false", "off"],
            _ => &[],
        };
        let is = |word: &str| word == given || spellings.contains(&word);
        if let Some((_, choice)) = Self::WORDS.iter().find(|(word, _)| is(word)) {
            return Some(*choice);
        }
        let path = reader.path_of(name);
        let words = Self::NAMES.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        let mut diagnostic = Diagnostic::error(
            "argument-choice",
            format!("`{path}` must be one of {words}"),
            node.span,
            format!("this is {}", node.shown()),
        );
        let allowed = Self::NAMES.join(", ");
        let sentence = format!("value of {name} must be one of: {allowed}, got: {given}");
        diagnostic = diagnostic.msg(reader.in_context(sentence));
        if let Some(word) = closest(&given, Self::NAMES.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{word}`?"));
        }
        reader.note(diagnostic);
        None
    }
}

/// Whether something must be there.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, rplay_derive::Choice,
)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It must be there.
    #[default]
    Present,
    /// It must not be there.
    Absent,
}

impl Argument for String {
    const KIND: Kind = Kind::Text;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match &node.data {
            Data::List(_) | Data::Map(_) => {
                reader.wrong_type(name, node, "text");
                None
            }
            _ => Some(coerce::to_text(&node.to_value())),
        }
    }
}

impl Argument for bool {
    const KIND: Kind = Kind::Bool;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let read = coerce::to_bool(&node.to_value());
        if read.is_none() {
            reader.wrong_type(name, node, "true or false");
        }
        read
    }
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl Argument for $type {
            const KIND: Kind = Kind::Int;
            fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
                let read = coerce::to_int(&node.to_value()).and_then(|n| n.try_into().ok());
                if read.is_none() {
                    let wanted = if <$type>::MIN == 0 {
                        "a whole number, not negative"
                    } else {
                        "a whole number"
                    };
                    reader.wrong_type(name, node, wanted);
                }
                read
            }
        }
    )*};
}
whole_numbers!(i64, u64, i32, u32, u16);

impl Argument for f64 {
    const KIND: Kind = Kind::Float;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let read = coerce::to_float(&node.to_value());
        if read.is_none() {
            reader.wrong_type(name, node, "a number");
        }
        read
    }
}

impl Argument for Secret<String> {
    const KIND: Kind = Kind::Secret;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let text = String::from_node(name, node, reader)?;
        reader.hide(&text);
        Some(Self::new(text))
    }
}

impl Argument for Value {
    const KIND: Kind = Kind::Any;
    fn from_node(_: &str, node: &Node, _: &mut Reader<'_, '_>) -> Option<Self> {
        Some(node.to_value())
    }
}

impl<T: Argument> Argument for Option<T> {
    const KIND: Kind = T::KIND;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        if node.data == Data::Null { Some(None) } else { reader.value(name, node).map(Some) }
    }
}

impl<T: Argument> Argument for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let split: Vec<Node>;
        let items = match &node.data {
            Data::List(items) => items,
            // A lone mapping stands for a list of one: `ipam_config: {subnet: …}`.
            Data::Map(_) if matches!(T::KIND, Kind::Options(_) | Kind::Any) => {
                split = vec![node.clone()];
                &split
            }
            _ => {
                let Some(values) = coerce::to_list(&node.to_value()) else {
                    reader.wrong_type(name, node, "a list");
                    return None;
                };
                split = values.iter().map(|v| Node::from_value(v, node.span)).collect();
                &split
            }
        };
        // Every item is read, so that every fault is noted, before one `None` decides.
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| reader.value(&format!("{name}[{index}]"), item))
            .collect();
        read.into_iter().collect()
    }
}

impl<T: Argument> Argument for IndexMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let Data::Map(pairs) = &node.data else {
            let Some(pairs) = pairs_of_text(node) else {
                reader.wrong_type(name, node, "a mapping");
                return None;
            };
            return pairs
                .iter()
                .map(|(key, item)| Some((key.clone(), reader.value(key, item)?)))
                .collect();
        };
        let read: Vec<Option<(String, T)>> = pairs
            .iter()
            .map(|(key, item)| {
                let inner = format!("{name}.{}", key.text);
                reader.value(&inner, item).map(|value| (key.text.clone(), value))
            })
            .collect();
        read.into_iter().collect()
    }
}

/// A mapping written as `key=value, key=value`, as Ansible's `dict` type takes it.
fn pairs_of_text(node: &Node) -> Option<Vec<(String, Node)>> {
    let text = node.as_str()?.trim();
    if text.starts_with('{') {
        let value: Value = serde_json::from_str(text).ok()?;
        let node = Node::from_value(&value, node.span);
        return node
            .as_map()
            .map(|map| map.iter().map(|(key, item)| (key.text.clone(), item.clone())).collect());
    }
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=')?;
            let value = Node { data: Data::Verbatim(value.to_owned()), span: node.span };
            Some((key.trim().to_owned(), value))
        })
        .collect()
}

impl<T: Argument> Argument for BTreeMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        IndexMap::from_node(name, node, reader).map(|map| map.into_iter().collect())
    }
}

/// A file mode: octal digits, `u=rw,g=r` or `preserve`; kept as the text `chmod` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mode(pub String);

impl Argument for Mode {
    const KIND: Kind = Kind::Text;
    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let number = match &node.data {
            // `0644` unquoted is an octal number in YAML 1.1; 644 is a decimal one, and wrong.
            Data::Int(number) => Some(*number),
            _ => None,
        };
        match number {
            Some(number) if looks_decimal(number) => {
                let path = reader.path_of(name);
                let meant = format!("{number:04}");
                reader.note(
                    Diagnostic::error(
                        "mode-decimal",
                        format!(
                            "`{path}`: mode {number} is decimal and would set permissions {number:o}"
                        ),
                        node.span,
                        "a decimal number",
                    )
                    .help(format!("write mode: \"{meant}\"")),
                );
                None
            }
            Some(number) if (0..=0o7777).contains(&number) => Some(Self(format!("{number:04o}"))),
            Some(_) => {
                reader.wrong_type(name, node, "a file mode such as \"0644\"");
                None
            }
            None => {
                let text = String::from_node(name, node, reader)?;
                if is_mode(&text) {
                    return Some(Self(text));
                }
                reader.wrong_type(name, node, "a file mode such as \"0644\" or \"u=rw,g=r\"");
                None
            }
        }
    }
}

/// Whether a number was written without its leading zero: `644`, `2755`.
///
/// `0644` arrives as 420, so the number alone tells in all but a few cases; only the
/// permissions that people do write are taken for a slip.
fn looks_decimal(number: i64) -> bool {
    const USUAL: [i64; 14] = [600, 640, 644, 660, 664, 666, 700, 711, 750, 751, 755, 770, 775, 777];
    number < 8000 && USUAL.contains(&(number % 1000)) && number > 0o777
}

fn is_mode(text: &str) -> bool {
    let octal =
        !text.is_empty() && text.len() <= 5 && text.chars().all(|c| ('0'..='7').contains(&c));
    let symbolic = text.split(',').all(|clause| {
        let who = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        let mut rest = who.chars();
        matches!(rest.next(), Some('+' | '-' | '=')) && rest.all(|c| "rwxXstugo+-=".contains(c))
    });
    octal || symbolic || text == "preserve"
}

#[cfg(test)]
mod tests {
    use super::{is_mode, looks_decimal};

    #[test]
    fn tells_decimal_modes_from_octal_ones() {
        for slip in [600, 644, 755, 777, 1777, 2755] {
            assert!(looks_decimal(slip), "{slip}");
        }
        for meant in [0o400, 0o600, 0o644, 0o755, 0o777, 0o1777, 0o2755, 0o4755] {
            assert!(!looks_decimal(meant), "{meant:o}");
        }
    }

    #[test]
    fn knows_what_chmod_takes() {
        for mode in ["0644", "755", "u=rw,g=r,o=", "a+rX", "g-w", "preserve"] {
            assert!(is_mode(mode), "{mode}");
        }
        for mode in ["", "0888", "rw-r--r--", "u", "yes"] {
            assert!(!is_mode(mode), "{mode}");
        }
    }
}
