//! A value as the user wrote it: with its place, and its templates not yet rendered.

use std::hash::{Hash, Hasher};

use indexmap::IndexMap;

use super::Value;
use crate::base::Span;

/// A YAML value that knows where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// True or false, in any of YAML 1.1's spellings.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text that is read as a template when it is used.
    Text(String),
    /// Text that is never a template: tagged `!unsafe`, or the result of one.
    Verbatim(String),
    /// An encrypted text, as it stands behind `!vault`.
    Vault(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in file order.
    Map(Mapping),
}

/// The pairs of a mapping in file order, found by the key's text.
pub type Mapping = IndexMap<Key, Node>;

/// A mapping's key. Keys that are not text are kept as Python shows them: `80`, `True`, `None`.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// Lets `mapping.get("name")` find a key without building one.
impl indexmap::Equivalent<Key> for str {
    fn equivalent(&self, key: &Key) -> bool {
        self == key.text
    }
}

impl Node {
    /// A value that the program itself supplies; its text is not a template.
    pub fn from_value(value: &Value, span: Span) -> Self {
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(flag) => Data::Bool(*flag),
            Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Data::Float(number.as_f64().unwrap_or(f64::NAN)), Data::Int),
            Value::String(text) => Data::Verbatim(text.clone()),
            Value::Array(items) => {
                Data::List(items.iter().map(|item| Self::from_value(item, span)).collect())
            }
            Value::Object(fields) => Data::Map(
                fields
                    .iter()
                    .map(|(key, item)| {
                        (Key { text: key.clone(), span }, Self::from_value(item, span))
                    })
                    .collect(),
            ),
        };
        Self { data, span }
    }

    /// The text of a scalar that is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) | Data::Verbatim(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Data::List(items) = &self.data { Some(items) } else { None }
    }

    /// The pairs of a mapping.
    pub fn as_map(&self) -> Option<&Mapping> {
        if let Data::Map(pairs) = &self.data { Some(pairs) } else { None }
    }

    /// The value of one key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// Whether it is text that holds a template.
    pub fn is_template(&self) -> bool {
        matches!(&self.data, Data::Text(text) if has_template(text))
    }

    /// Whether it, or anything in it, has to be rendered or decrypted before it is known.
    pub fn is_unknown(&self) -> bool {
        match &self.data {
            Data::Text(text) => has_template(text),
            Data::Vault(_) => true,
            Data::List(items) => items.iter().any(Node::is_unknown),
            Data::Map(pairs) => {
                pairs.iter().any(|(key, item)| has_template(&key.text) || item.is_unknown())
            }
            _ => false,
        }
    }

    /// The value without its places, its text taken as it stands.
    pub fn to_value(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(flag) => Value::Bool(*flag),
            Data::Int(number) => (*number).into(),
            Data::Float(number) => (*number).into(),
            Data::Text(text) | Data::Verbatim(text) | Data::Vault(text) => text.as_str().into(),
            Data::List(items) => items.iter().map(Node::to_value).collect(),
            Data::Map(pairs) => Value::Object(
                pairs.iter().map(|(key, item)| (key.text.clone(), item.to_value())).collect(),
            ),
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "a boolean",
            Data::Int(_) | Data::Float(_) => "a number",
            Data::Text(_) | Data::Verbatim(_) => "text",
            Data::Vault(_) => "an encrypted text",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }

    /// What stands there, for messages: a short scalar itself, else its kind.
    pub fn shown(&self) -> String {
        match &self.data {
            Data::List(_) | Data::Map(_) | Data::Null | Data::Vault(_) => self.kind().to_owned(),
            Data::Text(text) | Data::Verbatim(text) if text.chars().count() > 40 => {
                format!("`{}…`", text.chars().take(40).collect::<String>())
            }
            _ => format!("`{}`", super::coerce::to_text(&self.to_value())),
        }
    }
}

/// Whether a text has anything for the template engine to do.
pub(crate) fn has_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}
