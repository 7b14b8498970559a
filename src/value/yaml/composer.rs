//! Events to trees: anchors, merge keys, tags, duplicate keys, limits.

use std::collections::HashMap;
use std::ops::Range;

use super::events::{Event, Events, Properties};
use super::explain::{explain, unquoted_template};
use super::tag;
use crate::base::{Diagnostic, SourceId, Sources, Span, did_you_mean};
use crate::value::{Data, Key, Mapping, Node, coerce};

/// The deepest nesting that is read.
const DEPTH: usize = 200;
/// The most values that all aliases of a file may stand for: a few lines can ask for billions.
const ALIASED: usize = 250_000;

/// What a text holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Its documents.
    pub documents: Vec<Node>,
    /// What is odd about it, such as a key that stands twice.
    pub warnings: Vec<Diagnostic>,
    /// Where tags stand that were asked for.
    pub marks: Vec<(&'static str, Span)>,
    source: SourceId,
}

impl Parsed {
    /// The only document; nothing where the text holds none.
    ///
    /// # Errors
    ///
    /// Where there are several.
    pub fn single(self) -> Result<Node, Diagnostic> {
        let empty = Span { source: self.source, start: 0, end: 0 };
        let mut documents = self.documents.into_iter();
        let first = documents.next().unwrap_or(Node { data: Data::Null, span: empty });
        documents.next().map_or(Ok(first), |second| {
            Err(Diagnostic::error(
                "yaml-documents",
                "expected one YAML document in this file, found several",
                second.span,
                "the second starts here",
            )
            .help("remove the `---` before it, or put it in a file of its own"))
        })
    }
}

/// Reads a text as YAML.
///
/// # Errors
///
/// The first place that is not YAML, with what was most likely meant.
pub fn parse(sources: &Sources, source: SourceId) -> Result<Parsed, Diagnostic> {
    parse_marked(sources, source, &[])
}

/// Reads a text as YAML, with tags that say nothing about the value they stand at: the places
/// of the values are noted.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_marked(
    sources: &Sources,
    source: SourceId,
    tags: &'static [&'static str],
) -> Result<Parsed, Diagnostic> {
    sources.with_text(source, |text| Composer::new(source, text, tags).documents())
}

struct Composer<'t> {
    source: SourceId,
    text: &'t str,
    events: Events<'t>,
    /// The collections around the place it stands at, the innermost last.
    open: Vec<Collection>,
    anchors: HashMap<String, Anchor>,
    aliased: usize,
    warnings: Vec<Diagnostic>,
    /// Tags that are noted.
    tags: &'static [&'static str],
    marks: Vec<(&'static str, Span)>,
}

struct Anchor {
    at: Span,
    /// Nothing until the node is complete.
    node: Option<Node>,
}

/// A list or a mapping that is not complete.
struct Collection {
    properties: Properties,
    start: Span,
    /// Where its content ends so far.
    end: u32,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { merged: Mapping, own: Mapping, key: Option<MappingKey> },
}

/// The key whose value comes next.
enum MappingKey {
    /// `<<`, whose value is put under the mapping.
    Merge,
    Own(Key),
}

impl<'t> Composer<'t> {
    fn new(source: SourceId, text: &'t str, tags: &'static [&'static str]) -> Self {
        Self {
            source,
            text,
            events: Events::new(text),
            open: vec![],
            anchors: HashMap::new(),
            aliased: 0,
            warnings: vec![],
            tags,
            marks: vec![],
        }
    }

    fn documents(mut self) -> Result<Parsed, Diagnostic> {
        let mut documents = vec![];
        loop {
            let next = self.events.next();
            let (event, range) = next.map_err(|fault| explain(&fault, self.source, self.text))?;
            let span = self.span(&range);
            let complete = match event {
                Event::StreamEnd => break,
                Event::DocumentStart => None,
                Event::DocumentEnd => {
                    self.anchors.clear();
                    None
                }
                Event::Scalar { text, plain, properties } => {
                    self.scalar(text, plain, properties, span)?
                }
                Event::Alias(name) => Some((self.alias(&name, span)?, span.end)),
                Event::SequenceStart(properties) => {
                    self.begin(properties, span, Content::Sequence(vec![]))?;
                    None
                }
                Event::MappingStart(properties) => {
                    let (merged, own) = (Mapping::new(), Mapping::new());
                    self.begin(properties, span, Content::Mapping { merged, own, key: None })?;
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(span)?,
            };
            if let Some((node, end)) = complete {
                documents.extend(self.put(node, end)?);
            }
        }
        let Self { warnings, marks, source, .. } = self;
        Ok(Parsed { documents, warnings, marks, source })
    }

    /// Notes the place of a value whose tag was asked for, which then has none.
    fn noted(&mut self, tag: Option<String>, span: Span) -> Option<String> {
        let mark = self.tags.iter().copied().find(|mark| tag.as_deref() == Some(*mark));
        self.marks.extend(mark.map(|mark| (mark, span)));
        tag.filter(|_| mark.is_none())
    }

    fn span(&self, range: &Range<usize>) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: byte(range.start), end: byte(range.end) }
    }

    /// The node of a scalar and where it ends; nothing for the key `<<`.
    fn scalar(
        &mut self,
        text: String,
        plain: bool,
        properties: Properties,
        span: Span,
    ) -> Result<Option<(Node, u32)>, Diagnostic> {
        let Properties { tag, anchor } = properties;
        if let Some(Collection { content: Content::Mapping { key: key @ None, .. }, .. }) =
            self.open.last_mut()
            && is_merge(&text, plain, tag.as_deref())
        {
            *key = Some(MappingKey::Merge);
            return Ok(None);
        }
        self.declare(anchor.as_deref(), span)?;
        let tag = self.noted(tag, span);
        let node = tag::scalar(text, plain, tag.as_deref(), span)?;
        Ok(Some((self.define(anchor, node), span.end)))
    }

    fn begin(
        &mut self,
        properties: Properties,
        start: Span,
        content: Content,
    ) -> Result<(), Diagnostic> {
        if self.open.len() == DEPTH {
            let message = format!("expected at most {DEPTH} levels of nesting");
            return Err(Diagnostic::error("yaml-limit", message, start, "one level too deep"));
        }
        self.declare(properties.anchor.as_deref(), start)?;
        self.open.push(Collection { properties, start, end: start.end, content });
        Ok(())
    }

    /// Completes the innermost collection; its span ends where its content does.
    fn end(&mut self, closing: Span) -> Result<Option<(Node, u32)>, Diagnostic> {
        let Some(Collection { properties, start, end, content }) = self.open.pop() else {
            return Ok(None);
        };
        let closed = closing.start < closing.end;
        let span = Span { end: if closed { closing.end } else { end }, ..start };
        let mut data = match content {
            Content::Sequence(items) => Data::List(items),
            Content::Mapping { merged, own, .. } => Data::Map(over(merged, own)),
        };
        let tag = self.noted(properties.tag, span);
        let tag = tag.as_deref().map(tag::short);
        match (tag.as_deref(), &mut data) {
            (None | Some("!"), _)
            | (Some("!!seq"), Data::List(_))
            | (Some("!!map" | "!!python/dict"), Data::Map(_)) => {}
            (Some("!!set"), Data::Map(pairs)) => {
                data = Data::List(tag::members(std::mem::take(pairs)));
            }
            (Some("!unsafe"), data) => tag::make_verbatim(data),
            (Some(tag), _) => return Err(tag::unknown_tag(tag, Node { data, span }.kind(), start)),
        }
        Ok(Some((self.define(properties.anchor, Node { data, span }), span.end)))
    }

    /// Puts a complete node where it belongs; a document's root is given back.
    fn put(&mut self, node: Node, end: u32) -> Result<Option<Node>, Diagnostic> {
        let Some(collection) = self.open.last_mut() else { return Ok(Some(node)) };
        collection.end = collection.end.max(end);
        match &mut collection.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { merged, own, key } => match key.take() {
                None => *key = Some(MappingKey::Own(as_key(&node, self.text)?)),
                Some(MappingKey::Merge) => merge_into(merged, node)?,
                Some(MappingKey::Own(key)) => {
                    if let Some((_, first, _)) = own.get_full(&key) {
                        self.warnings.push(duplicate_key(&key, first));
                    }
                    overlay(own, key, node);
                }
            },
        }
        Ok(None)
    }

    /// Notes that an anchor stands here, whose node is not complete yet.
    fn declare(&mut self, anchor: Option<&str>, at: Span) -> Result<(), Diagnostic> {
        let Some(name) = anchor else { return Ok(()) };
        match self.anchors.insert(name.to_owned(), Anchor { at, node: None }) {
            None => Ok(()),
            Some(first) => {
                let message = format!("the anchor `&{name}` stands twice in one document");
                Err(Diagnostic::error("yaml-anchor", message, at, "the second")
                    .also(first.at, "the first")
                    .help("give one of them another name"))
            }
        }
    }

    /// Notes what an anchor stands for.
    fn define(&mut self, anchor: Option<String>, node: Node) -> Node {
        if let Some(anchor) = anchor.and_then(|name| self.anchors.get_mut(&name)) {
            anchor.node = Some(node.clone());
        }
        node
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<Node, Diagnostic> {
        let fault = |message: String, label| Diagnostic::error("yaml-alias", message, span, label);
        let Some(anchor) = self.anchors.get(name) else {
            let known = self.anchors.keys().map(String::as_str);
            let message = format!("the alias `*{name}` has no anchor `&{name}` before it");
            return Err(fault(message, "stands for nothing").help(did_you_mean(
                name,
                known,
                "quote a text that starts with `*`",
            )));
        };
        let Some(node) = &anchor.node else {
            let message = format!("the alias `*{name}` stands inside its own anchor");
            return Err(fault(message, "would never end").also(anchor.at, "the anchor"));
        };
        self.aliased += size(node);
        if self.aliased > ALIASED {
            let message = format!("expected aliases to stand for at most {ALIASED} values in all");
            return Err(fault(message, "more with this one"));
        }
        Ok(node.clone())
    }
}

/// Whether a key is the plain `<<`, which puts other mappings under this one.
fn is_merge(text: &str, plain: bool, tag: Option<&str>) -> bool {
    match tag.map(tag::short).as_deref() {
        None => plain && text == "<<",
        Some(tag) => tag == "!!merge",
    }
}

/// A node as the key of a mapping: the text that Python shows for it.
fn as_key(node: &Node, text: &str) -> Result<Key, Diagnostic> {
    let key = match &node.data {
        Data::Text(text) | Data::Verbatim(text) => text.clone(),
        Data::Null => "None".to_owned(),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => coerce::to_text(&node.to_value()),
        Data::List(_) | Data::Map(_) | Data::Vault(_) => {
            return Err(unquoted_template(node.span, text).unwrap_or_else(|| {
                let message = format!("expected a key that is text, found {}", node.kind());
                Diagnostic::error("yaml-key", message, node.span, "not a key")
            }));
        }
    };
    Ok(Key { text: key, span: node.span })
}

/// The last value of a key counts, at the rank of the first.
fn duplicate_key(key: &Key, first: &Key) -> Diagnostic {
    // Scripts look for these words.
    let message = format!("Found duplicate mapping key '{}'", key.text);
    Diagnostic::error("duplicate-key", message, key.span, "this one counts")
        .also(first.span, "this one is ignored")
        .help("remove one of them")
        .warning()
}

/// The pairs of one mapping over those of another.
fn over(mut under: Mapping, own: Mapping) -> Mapping {
    if under.is_empty() {
        return own;
    }
    for (key, value) in own {
        overlay(&mut under, key, value);
    }
    under
}

/// Adds the pairs of a merged mapping, or of a list of them of which the first is the strongest.
fn merge_into(merged: &mut Mapping, value: Node) -> Result<(), Diagnostic> {
    let mut mappings = match value.data {
        Data::List(items) => items,
        data => vec![Node { data, span: value.span }],
    };
    mappings.reverse();
    for mapping in mappings {
        let found = mapping.kind();
        let Data::Map(pairs) = mapping.data else {
            let message = format!("expected a mapping to merge, found {found}");
            return Err(Diagnostic::error("yaml-merge", message, mapping.span, "not a mapping"));
        };
        for (key, value) in pairs {
            overlay(merged, key, value);
        }
    }
    Ok(())
}

/// Sets a pair; a key that is there keeps its rank, and its place in the file becomes the new one.
fn overlay(pairs: &mut Mapping, key: Key, value: Node) {
    match pairs.get_full_mut(&key) {
        None => {
            pairs.insert(key, value);
        }
        Some((index, _, old)) => {
            *old = value;
            // It cannot fail: the new key equals the one it replaces.
            let _same = pairs.replace_index(index, key);
        }
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.data {
        Data::List(items) => items.iter().map(size).sum(),
        Data::Map(pairs) => pairs.values().map(|value| 1 + size(value)).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
