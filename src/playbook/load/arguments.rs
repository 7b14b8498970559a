//! A task's arguments: a mapping as it is, text split into one.

use super::super::{Word, split_words};
use super::{Diagnostic, Loader};
use crate::base::Span;
use crate::spec::Spec;
use crate::value::{Data, Key, Mapping, Node};

impl Loader<'_> {
    /// The arguments of an action as one mapping: what stands behind its name, over `args:`.
    pub(super) fn arguments(
        &mut self,
        spec: &Spec,
        node: &Node,
        extra: Option<&Node>,
        at: Span,
    ) -> Option<Node> {
        let own = match &node.data {
            Data::Map(_) => node.clone(),
            Data::Null => Node { data: Data::Map(Mapping::new()), span: at },
            Data::Text(text) => match self.split(spec, text, node)? {
                Node { data: Data::Text(text), span } if spec.free_form.is_none() => {
                    return Some(Node { data: Data::Text(text), span });
                }
                split => split,
            },
            _ if spec.free_form.is_some() => free(spec, node.clone(), at),
            _ => {
                self.fault(Diagnostic::error(
                    "argument-type",
                    "arguments are a mapping",
                    node.span,
                    format!("this is {}", node.shown()),
                ));
                return None;
            }
        };
        let Some(extra) = extra else { return Some(own) };
        match (&extra.data, own.data) {
            (Data::Map(more), Data::Map(pairs)) => {
                let mut all = more.clone();
                all.extend(pairs);
                Some(Node { data: Data::Map(all), span: own.span })
            }
            (Data::Text(_), Data::Map(pairs)) if pairs.is_empty() => Some(extra.clone()),
            _ => {
                self.fault(Diagnostic::error(
                    "keyword-type",
                    "`args` must be a mapping of arguments",
                    extra.span,
                    format!("this is {}", extra.shown()),
                ));
                None
            }
        }
    }

    /// Text as a mapping. A template as the whole of it stays text, to be rendered as one.
    fn split(&mut self, spec: &Spec, text: &str, node: &Node) -> Option<Node> {
        let words = match split_words(text) {
            Ok(words) => words,
            // A shell's text may hold a lone quote: it is the shell's business.
            Err(_) if spec.free_form.is_some() => {
                let whole = Node { data: Data::Text(text.to_owned()), span: node.span };
                return Some(free(spec, whole, node.span));
            }
            Err((what, _)) => {
                self.fault(Diagnostic::error(
                    "argument-text",
                    format!("a {what} is not closed"),
                    node.span,
                    "in these arguments",
                ));
                return None;
            }
        };
        if spec.free_form.is_none() {
            if let [Word { key: None, .. }] = words.as_slice()
                && node.is_template()
            {
                return Some(node.clone());
            }
            return self.named(&words, node);
        }
        Some(free_form(spec, text, &words, node.span))
    }

    fn named(&mut self, words: &[Word], node: &Node) -> Option<Node> {
        let mut pairs = Mapping::new();
        for word in words {
            let Some(key) = &word.key else {
                self.fault(
                    Diagnostic::error(
                        "argument-text",
                        format!("`{}` is not of the form name=value", word.value),
                        node.span,
                        "in these arguments",
                    )
                    .help("write the arguments as a mapping, one a line"),
                );
                return None;
            };
            pairs.insert(
                Key { text: key.clone(), span: node.span },
                Node { data: Data::Text(word.value.clone()), span: node.span },
            );
        }
        Some(Node { data: Data::Map(pairs), span: node.span })
    }
}

/// Free text with the named arguments the module knows taken out of it.
fn free_form(spec: &Spec, text: &str, words: &[Word], span: Span) -> Node {
    let known = |key: &String| {
        Some(key.as_str()) != spec.free_form
            && spec.parameters.iter().any(|p| p.name == key || p.aliases.contains(&key.as_str()))
    };
    let mut pairs = Mapping::new();
    let mut rest = String::new();
    let mut kept_from = 0;
    for word in words {
        if let Some(key) = word.key.as_ref().filter(|key| known(key)) {
            rest.push_str(&text[kept_from..word.range.start]);
            kept_from = word.range.end;
            pairs.insert(
                Key { text: key.clone(), span },
                Node { data: Data::Text(word.value.clone()), span },
            );
        }
    }
    rest.push_str(&text[kept_from..]);
    let rest = rest.trim().to_owned();
    if let (Some(name), false) = (spec.free_form, rest.is_empty()) {
        let key = Key { text: name.to_owned(), span };
        pairs.insert(key, Node { data: Data::Text(rest), span });
    }
    Node { data: Data::Map(pairs), span }
}

/// A value that is no text as the module's free argument.
fn free(spec: &Spec, node: Node, span: Span) -> Node {
    let mut pairs = Mapping::new();
    if let Some(name) = spec.free_form {
        pairs.insert(Key { text: name.to_owned(), span }, node);
    }
    Node { data: Data::Map(pairs), span }
}
