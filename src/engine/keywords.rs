//! Keywords of a task, rendered when they are asked for.

use std::sync::Arc;

use crate::base::Diagnostic;
use crate::playbook::Keywords;
use crate::template::Templar;
use crate::value::{Node, Scope, Value, coerce};

/// Reads keywords in a scope.
pub(super) struct Reading<'a> {
    pub(super) templar: &'a Templar,
    pub(super) keywords: &'a Keywords,
    pub(super) scope: &'a Arc<dyn Scope>,
}

impl Reading<'_> {
    /// The value of a keyword; `None` when it is not given, or null, or omitted.
    pub(super) fn value(&self, name: &str) -> Result<Option<Value>, Diagnostic> {
        for node in self.keywords.candidates(name) {
            if let Some(value) = self.templar.evaluate(node, self.scope)? {
                return Ok(Some(value).filter(|value| !value.is_null()));
            }
        }
        Ok(None)
    }

    /// A truth value.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Diagnostic> {
        self.read(name, "bool", coerce::to_bool)
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Result<Option<i64>, Diagnostic> {
        self.read(name, "int", coerce::to_int)
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, Diagnostic> {
        self.read(name, "float", coerce::to_float)
    }

    /// Text; an empty one counts as not given.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let read = self.read(name, "str", |value| {
            (!value.is_array() && !value.is_object()).then(|| coerce::to_text(value))
        })?;
        Ok(read.filter(|text| !text.is_empty()))
    }

    /// The words of a list, or of text with commas.
    pub(super) fn words(&self, name: &str) -> Result<Vec<String>, Diagnostic> {
        let Some(value) = self.value(name)? else { return Ok(vec![]) };
        let mut words = vec![];
        collect_words(&value, &mut words);
        Ok(words)
    }

    fn read<T>(
        &self,
        name: &str,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, Diagnostic> {
        let Some(value) = self.value(name)? else { return Ok(None) };
        match (read(&value), self.keywords.get(name)) {
            (Some(read), _) => Ok(Some(read)),
            (None, node) => Err(wrong(name, wanted, &value, node)),
        }
    }
}

fn wrong(name: &str, wanted: &str, value: &Value, node: Option<&Node>) -> Diagnostic {
    let at = node.map_or(crate::base::Span::NOWHERE, |node| node.span);
    let shown = match value {
        Value::String(text) => format!("'{text}'"),
        _ => Node::from_value(value, at).shown(),
    };
    Diagnostic::error(
        "keyword-type",
        format!("The value {shown} could not be converted to '{wanted}'"),
        at,
        format!("the value of `{name}`"),
    )
}

/// The words in a value: lists in lists are laid flat, text is split at commas.
pub(super) fn collect_words(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, words)),
        Value::Null | Value::Object(_) => {}
        other => words.extend(
            coerce::to_text(other)
                .split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty()),
        ),
    }
}
