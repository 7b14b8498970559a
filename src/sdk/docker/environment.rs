//! Variables of a container's environment.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Texts;
use crate::base::Diagnostic;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Node, Value};

/// Variables of an environment, all of them texts.
///
/// Anything else is refused: `yes`, `1.10` and `022` are other values to YAML than the text that
/// was written, and nobody can tell which was meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The same as any texts.
    pub fn into_texts(self) -> Texts {
        self.into_iter().collect()
    }
}

impl IntoIterator for Environment {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Argument for Environment {
    const KIND: Kind = Kind::Map(&Kind::Text);

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let values = IndexMap::<String, Value>::from_node(name, node, reader)?;
        let mut texts = BTreeMap::new();
        for (key, value) in values {
            let Value::String(text) = value else {
                let at = node.get(&key).unwrap_or(node);
                let message =
                    format!("`{}.{key}` must be text (put it in quotes)", reader.path_of(name));
                let label = format!("this is {}", at.shown());
                let msg = format!("Non-string value found for env option. {message}");
                reader.note(Diagnostic::error("argument-type", message, at.span, label).msg(msg));
                return None;
            };
            texts.insert(key, text);
        }
        Some(Self(texts))
    }
}
