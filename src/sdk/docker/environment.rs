//! Variables of a container's environment.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Texts;
use crate::base::Diagnostic;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Data, Node};

/// Variables of an environment, all of them texts.
///
/// Anything else is refused: `yes`, `1.10` and `022` are other values to YAML than the text that
/// was written, and nobody can tell which was meant. A whole number that a template gives is
/// spelt in one way only, and taken.
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
        let entries = IndexMap::<String, Entry>::from_node(name, node, reader)?;
        Some(Self(entries.into_iter().map(|(name, Entry(text))| (name, text)).collect()))
    }
}

/// The value of a variable.
struct Entry(String);

impl Argument for Entry {
    const KIND: Kind = Kind::Text;
    const TAKES_NULL: bool = true;

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        match &node.data {
            Data::Text(text) | Data::Verbatim(text) => Some(Self(text.clone())),
            Data::Int(number) if !reader.is_written() => Some(Self(number.to_string())),
            _ => {
                let message = format!("`{}` must be text (put it in quotes)", reader.path_of(name));
                let label = format!("this is {}", node.shown());
                let msg = format!("Non-string value found for env option. {message}");
                reader.note(Diagnostic::error("argument-type", message, node.span, label).msg(msg));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Redactor, Sources};
    use crate::spec::Arguments as _;
    use crate::value::yaml;

    /// A module.
    #[derive(Debug, rplay_derive::Arguments)]
    struct Args {
        /// Its environment.
        env: Environment,
    }

    fn node(env: &str) -> Node {
        let sources = Sources::default();
        let source = sources.add("x", format!("env: {env}"));
        yaml::parse(&sources, source).unwrap().single().unwrap()
    }

    #[test]
    fn numbers_are_refused_as_they_are_written_and_taken_from_templates() {
        for (env, faults) in [
            ("{A: '022', B: text}", 0),
            ("{A: 022}", 1),
            ("{A: 1:30, B: 8080}", 2),
            ("{A: yes, B: 1.10, C: null}", 3),
            ("{A: '{{ port }}'}", 0),
        ] {
            assert_eq!(Args::check("m", &node(env)).len(), faults, "{env}");
        }
        let decode = |env: &str| Args::decode("m", &node(env), &Redactor::default());
        let texts = decode("{A: 8080, B: b}").unwrap().env.into_texts();
        assert_eq!(texts.get("A").map(String::as_str), Some("8080"));
        assert!(decode("{A: 1.10}").is_err() && decode("{A: yes}").is_err());
    }
}
