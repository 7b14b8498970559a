//! Mappings that may be written as lists.

use indexmap::IndexMap;

use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node, Value, coerce};

/// Text by name: a mapping, or a list of `NAME=value`. A name alone has no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(pub IndexMap<String, Option<String>>);

impl Pairs {
    /// Every name with its text, an empty one where there is none.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_deref().unwrap_or_default()))
    }
}

impl Argument for Pairs {
    const KIND: Kind = Kind::Any;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let mut all = IndexMap::new();
        match &node.data {
            Data::Map(pairs) => {
                for (key, value) in pairs {
                    let text = scalar(value);
                    if text.is_none() && value.data != Data::Null {
                        reader.wrong_type(&format!("{name}.{}", key.text), value, "text");
                        return None;
                    }
                    all.insert(key.text.clone(), text);
                }
            }
            Data::List(items) => {
                for item in items {
                    let Some(text) = scalar(item) else {
                        reader.wrong_type(name, item, "a list of `NAME=value`");
                        return None;
                    };
                    match text.split_once('=') {
                        Some((key, text)) => all.insert(key.to_owned(), Some(text.to_owned())),
                        None => all.insert(text, None),
                    };
                }
            }
            _ => {
                reader.wrong_type(name, node, "a mapping or a list of `NAME=value`");
                return None;
            }
        }
        Some(Self(all))
    }
}

/// A scalar's text; `None` for lists, mappings and null.
pub(in crate::compose) fn scalar(node: &Node) -> Option<String> {
    match &node.data {
        Data::List(_) | Data::Map(_) | Data::Null => None,
        Data::Bool(flag) => Some(flag.to_string()),
        _ => Some(match node.to_value() {
            Value::String(text) => text,
            other => coerce::to_text(&other),
        }),
    }
}
