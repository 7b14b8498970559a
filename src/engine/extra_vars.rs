//! `--extra-vars`: `name=value …`, JSON or YAML, or `@file`.

use std::path::Path;

use crate::base::{Diagnostic, Sources, Span};
use crate::playbook::{layer_of, split_words};
use crate::value::vault::Keyring;
use crate::value::{Data, Layer, Node, yaml};

/// Reads one `--extra-vars`. Its texts are templates: the user wrote them.
pub(super) fn read(text: &str, sources: &Sources, keyring: &Keyring) -> Result<Layer, Diagnostic> {
    if let Some(file) = text.strip_prefix('@') {
        let source = keyring.read_file(sources, Path::new(file)).map_err(|fault| {
            let source = sources.add("--extra-vars", text);
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            match fault.span() {
                None => fault.also(Span { source, start: 0, end }, "named here"),
                Some(_) => fault,
            }
        })?;
        return mapping(&yaml::parse(sources, source)?.single()?);
    }
    let source = sources.add("--extra-vars", text);
    let span = Span { source, start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) };
    if text.trim_start().starts_with(['{', '[']) {
        return mapping(&yaml::parse(sources, source)?.single()?);
    }
    let words = split_words(text).map_err(|(what, _)| {
        Diagnostic::error("extra-vars", format!("a {what} is not closed"), span, "here")
    })?;
    words
        .into_iter()
        .map(|word| match word.key {
            Some(key) => {
                let node = Node { data: Data::Text(word.value), span };
                Ok((key, node.into()))
            }
            None => Err(not_variables(&word.value, span)),
        })
        .collect()
}

fn mapping(node: &Node) -> Result<Layer, Diagnostic> {
    match &node.data {
        Data::Map(_) => Ok(layer_of(node)),
        Data::Null => Ok(Layer::new()),
        _ => Err(not_variables(&node.shown(), node.span)),
    }
}

fn not_variables(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        "extra-vars",
        format!("--extra-vars \"{what}\" is not key=value, JSON or @file"),
        span,
        "not understood",
    )
    .help("write -e name=value, -e '{\"name\": \"value\"}' or -e @file.yml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Variable;

    fn read_text(text: &str) -> Result<Vec<(String, serde_json::Value)>, String> {
        let layer = read(text, &Sources::default(), &Keyring::default()).map_err(|d| d.message)?;
        Ok(layer
            .into_iter()
            .filter_map(|(name, variable)| match variable {
                Variable::Written(node) => Some((name, node.to_value())),
                _ => None,
            })
            .collect())
    }

    #[test]
    fn three_ways_to_write_them() {
        let pair = |name: &str, value: serde_json::Value| (name.to_owned(), value);
        assert_eq!(
            read_text("a=1 b='x y'").unwrap(),
            [pair("a", "1".into()), pair("b", "x y".into())]
        );
        assert_eq!(
            read_text("{a: 1, b: [x]}").unwrap(),
            [pair("a", 1.into()), pair("b", serde_json::json!(["x"]))]
        );
        assert_eq!(
            read_text("a").unwrap_err(),
            "--extra-vars \"a\" is not key=value, JSON or @file"
        );
    }
}
