//! Mappings of text to text, as the Engine has them: labels, driver options, `sysctl`s.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::Diagnostic;
use crate::spec::{Argument, Kind, Reader};
use crate::value::{Node, Value, coerce};

/// A mapping of text to text: labels, options of a driver, `sysctl`s.
///
/// Truth values become `true` and `false`, the words that drivers understand; null becomes an
/// empty text. Where the Engine says null, it is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    /// Lays other entries over these.
    #[must_use]
    pub fn with(mut self, more: &Self) -> Self {
        self.0.extend(more.0.clone());
        self
    }

    /// The entries that the other has too, by name.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Self {
        let both = self.0.iter().filter(|(name, _)| other.0.contains_key(*name));
        both.map(|(name, text)| (name.clone(), text.clone())).collect()
    }

    /// Whether every entry of the other is here too.
    pub fn has_all(&self, other: &Self) -> bool {
        other.0.iter().all(|(name, text)| self.0.get(name) == Some(text))
    }
}

/// A scalar as the Engine and its drivers take it.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        other => coerce::to_text(other),
    }
}

impl Deref for Texts {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Texts {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl FromIterator<(String, String)> for Texts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl Argument for Texts {
    const KIND: Kind = Kind::Map(&Kind::Text);

    fn from_node(name: &str, node: &Node, reader: &mut Reader<'_, '_>) -> Option<Self> {
        let entries = IndexMap::<String, Value>::from_node(name, node, reader)?;
        if let Some((key, _)) =
            entries.iter().find(|(_, value)| value.is_array() || value.is_object())
        {
            reader.wrong_type(&format!("{name}.{key}"), node.get(key).unwrap_or(node), "text");
            return None;
        }
        // Nobody can tell which text a label of 1.10 is meant to be.
        let mut labels = entries.iter().filter(|_| name.ends_with("labels"));
        if let Some((key, _)) = labels.find(|(_, value)| value.is_f64()) {
            let at = node.get(key).unwrap_or(node);
            let path = reader.path_of(name);
            let fault = Diagnostic::error(
                "argument-type",
                format!("`{path}.{key}` must be text (put it in quotes)"),
                at.span,
                format!("this is {}", at.shown()),
            );
            let value = &entries[key];
            reader.note(fault.msg(reader.in_context(format!(
                "The value {value} for '{key}' of {name} is not a string or something than can be \
                 safely converted to a string!"
            ))));
            return None;
        }
        Some(entries.iter().map(|(key, value)| (key.clone(), text_of(value))).collect())
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<BTreeMap<String, String>>::deserialize(deserializer)
            .map(|entries| Self(entries.unwrap_or_default()))
    }
}

/// The `filters` of a list, as the Engine takes them: each value in a list, as text.
pub fn filters(filters: &IndexMap<String, Value>) -> String {
    let filters: IndexMap<&String, Vec<String>> = filters
        .iter()
        .map(|(name, value)| match value {
            Value::Array(items) => (name, items.iter().map(text_of).collect()),
            other => (name, vec![text_of(other)]),
        })
        .collect();
    serde_json::json!(filters).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;
    use serde_json::json;

    #[test]
    fn null_is_empty_and_truth_is_lower_case() {
        assert!(serde_json::from_value::<Texts>(json!(null)).unwrap().is_empty());
        assert_eq!(text_of(&json!(true)), "true");
        assert_eq!(text_of(&json!(1450)), "1450");
        assert_eq!(text_of(&json!(null)), "");
    }

    #[test]
    fn filters_are_lists_of_text() {
        let given = [("dangling", json!(true)), ("label", json!(["a", "b=c"]))];
        let given = given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(filters(&given), r#"{"dangling":["true"],"label":["a","b=c"]}"#);
    }

    #[test]
    fn entries_are_laid_over_and_compared() {
        let texts = |pairs: &[(&str, &str)]| -> Texts {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let (now, asked) = (texts(&[("a", "1"), ("b", "2")]), texts(&[("b", "3")]));
        assert!(!now.has_all(&asked));
        assert!(now.clone().with(&asked).has_all(&asked));
        assert_eq!(now.shared_with(&asked), texts(&[("b", "2")]));
    }

    #[test]
    fn a_list_is_no_text() {
        let node = Node::from_value(&json!({"a": [1]}), Span::NOWHERE);
        let (redactor, mut faults) = (crate::base::Redactor::default(), vec![]);
        let args = Node::from_value(&json!({}), Span::NOWHERE);
        let spec = <super::super::DockerOptions as crate::spec::Arguments>::SPEC;
        let mut reader = Reader::rendered("x", &spec, &args, &redactor, &mut faults);
        assert_eq!(Texts::from_node("labels", &node, &mut reader), None);
        assert_eq!(faults[0].message, "`x.labels.a` must be text");
    }
}
