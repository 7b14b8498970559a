//! A task's arguments: a mapping as it is, text split into one.

use std::ops::Range;

use super::super::{Word, continuations, split_words};
use crate::base::{Diagnostic, Sources, Span};
use crate::spec::Spec;
use crate::value::{Data, Key, Mapping, Node};

/// The arguments of an action as one mapping: what stands behind its name, over `args:`.
///
/// # Errors
///
/// Arguments that are no mapping, and text that cannot be split into one.
pub(crate) fn arguments(
    spec: &Spec,
    node: &Node,
    extra: Option<&Node>,
    at: Span,
    sources: &Sources,
) -> Result<Node, Box<Diagnostic>> {
    let own = match &node.data {
        Data::Map(_) => node.clone(),
        Data::Null => Node { data: Data::Map(Mapping::new()), span: at },
        Data::Text(text) => match split(spec, text, node, sources)? {
            Node { data: Data::Text(text), span } if spec.free_form.is_none() => {
                return Ok(Node { data: Data::Text(text), span });
            }
            split => split,
        },
        _ if spec.free_form.is_some() => free(spec, node.clone(), at),
        _ => return Err(Box::new(no_mapping("argument-type", "arguments are a mapping", node))),
    };
    let Some(extra) = extra else { return Ok(own) };
    match (&extra.data, own.data) {
        (Data::Map(more), Data::Map(pairs)) => {
            let mut all = more.clone();
            all.extend(pairs);
            Ok(Node { data: Data::Map(all), span: own.span })
        }
        (Data::Text(_), Data::Map(pairs)) if pairs.is_empty() => Ok(extra.clone()),
        _ => Err(Box::new(no_mapping(
            "keyword-type",
            "`args` must be a mapping of arguments",
            extra,
        ))),
    }
}

fn no_mapping(code: &'static str, message: &str, node: &Node) -> Diagnostic {
    let label = format!("this is {}", node.shown());
    Diagnostic::error(code, message, node.span, label)
}

/// Text as a mapping. A template as the whole of it stays text, to be rendered as one.
fn split(spec: &Spec, text: &str, node: &Node, sources: &Sources) -> Result<Node, Box<Diagnostic>> {
    let words = match split_words(text) {
        Ok(words) => words,
        // A shell's text may hold a lone quote: it is the shell's business.
        Err(_) if spec.free_form.is_some() => {
            let whole = Node { data: Data::Text(text.to_owned()), span: node.span };
            return Ok(free(spec, whole, node.span));
        }
        Err((what, _)) => {
            return Err(Box::new(bad_text(format!("a {what} is not closed"), node)));
        }
    };
    if spec.free_form.is_none() {
        if let [Word { key: None, .. }] = words.as_slice()
            && node.is_template()
        {
            return Ok(node.clone());
        }
        return named(&words, &TextSpan::new(text, node.span, sources), node);
    }
    Ok(free_form(spec, text, &words, &TextSpan::new(text, node.span, sources)))
}

/// Where a text stands in its file.
struct TextSpan {
    whole: Span,
    /// Where its first byte stands, unless it is written in another way: folded, or with escapes.
    start: Option<u32>,
}

impl TextSpan {
    fn new(text: &str, whole: Span, sources: &Sources) -> Self {
        let offset = sources.slice(whole).find(text).and_then(|at| u32::try_from(at).ok());
        Self { whole, start: offset.map(|offset| whole.start + offset) }
    }

    /// Where a stretch of the text stands.
    fn of(&self, range: Range<usize>) -> Span {
        let at = |n: usize| Some(self.start? + u32::try_from(n).ok()?);
        match (at(range.start), at(range.end)) {
            (Some(start), Some(end)) => Span { start, end, ..self.whole },
            _ => self.whole,
        }
    }

    /// A word that has a name: the name, and what stands behind it.
    fn pair(&self, name: &str, word: &Word) -> (Key, Node) {
        let Range { start, end } = word.range;
        let name_end = start + name.len();
        let value = if name_end < end { name_end + 1..end } else { start..end };
        (
            Key { text: name.to_owned(), span: self.of(start..name_end) },
            Node { data: Data::Text(word.value.clone()), span: self.of(value) },
        )
    }
}

fn named(words: &[Word], place: &TextSpan, node: &Node) -> Result<Node, Box<Diagnostic>> {
    let mut pairs = Mapping::new();
    for word in words {
        let Some(key) = &word.key else {
            let fault = bad_text(format!("`{}` is not of the form name=value", word.value), node);
            return Err(Box::new(fault.help("write the arguments as a mapping, one a line")));
        };
        let (key, value) = place.pair(key, word);
        pairs.insert(key, value);
    }
    Ok(Node { data: Data::Map(pairs), span: node.span })
}

fn bad_text(message: String, node: &Node) -> Diagnostic {
    Diagnostic::error("argument-text", message, node.span, "in these arguments")
}

/// Free text with the named arguments the module knows taken out of it.
fn free_form(spec: &Spec, text: &str, words: &[Word], place: &TextSpan) -> Node {
    let span = place.whole;
    let known = |key: &String| {
        Some(key.as_str()) != spec.free_form
            && spec.parameters.iter().any(|p| p.name == key || p.aliases.contains(&key.as_str()))
    };
    let mut pairs = Mapping::new();
    let mut cut = continuations(text);
    for word in words {
        if let Some(key) = word.key.as_ref().filter(|key| known(key)) {
            cut.push(word.range.clone());
            let (key, value) = place.pair(key, word);
            pairs.insert(key, value);
        }
    }
    cut.sort_by_key(|range| range.start);
    let mut rest = String::new();
    let mut kept_from = 0;
    for range in cut {
        rest.push_str(text.get(kept_from..range.start).unwrap_or_default());
        kept_from = kept_from.max(range.end);
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
