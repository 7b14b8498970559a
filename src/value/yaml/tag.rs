//! What the tags of YAML and of Ansible make of a value.

use base64::Engine as _;

use super::resolve::{Implicit, implicit};
use super::timestamp::timestamp;
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::value::{Data, Mapping, Node};

/// What the prefix `!!` of a tag stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// The members of a set, which YAML writes as the keys of a mapping.
pub(super) fn members(pairs: Mapping) -> Vec<Node> {
    pairs.into_keys().map(|key| Node { data: Data::Text(key.text), span: key.span }).collect()
}

/// Makes every text in it one that is never a template.
pub(super) fn make_verbatim(data: &mut Data) {
    match data {
        Data::Text(text) => *data = Data::Verbatim(std::mem::take(text)),
        Data::List(items) => items.iter_mut().for_each(|item| make_verbatim(&mut item.data)),
        Data::Map(pairs) => pairs.values_mut().for_each(|item| make_verbatim(&mut item.data)),
        _ => {}
    }
}

/// A tag as it is usually written.
pub(super) fn short(tag: &str) -> String {
    tag.strip_prefix(CORE).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// The value of a scalar under its tag.
pub(super) fn scalar(
    text: String,
    plain: bool,
    tag: Option<&str>,
    span: Span,
) -> Result<Node, Diagnostic> {
    let tag = tag.map(short);
    let data = match tag.as_deref() {
        None if !plain => Data::Text(text),
        None | Some("!") => resolved(text),
        Some("!unsafe") => {
            let mut data = resolved(text);
            make_verbatim(&mut data);
            data
        }
        Some("!vault" | "!vault-encrypted") => Data::Vault(text),
        Some("!!str" | "!!python/unicode") => Data::Text(text),
        Some(tag) => core(tag, &text, span)?,
    };
    Ok(Node { data, span })
}

/// What a plain scalar stands for.
fn resolved(text: String) -> Data {
    match implicit(&text) {
        Implicit::Null => Data::Null,
        Implicit::Bool(flag) => Data::Bool(flag),
        Implicit::Int(number) => Data::Int(number),
        Implicit::Float(number) => Data::Float(number),
        Implicit::Big(text) | Implicit::Timestamp(text) => Data::Verbatim(text),
        Implicit::Merge | Implicit::Default | Implicit::Text => Data::Text(text),
    }
}

/// The value of a scalar under one of YAML's own tags.
fn core(tag: &str, text: &str, span: Span) -> Result<Data, Diagnostic> {
    let read = match (tag, implicit(text)) {
        ("!!null", _) => Some(Data::Null),
        ("!!bool", Implicit::Bool(flag)) => Some(Data::Bool(flag)),
        ("!!int", Implicit::Int(number)) => Some(Data::Int(number)),
        ("!!int", Implicit::Big(digits)) => Some(Data::Verbatim(digits)),
        ("!!float", Implicit::Float(number)) => Some(Data::Float(number)),
        ("!!float", _) => text.replace('_', "").parse().ok().map(Data::Float),
        ("!!timestamp", _) => timestamp(text).map(Data::Verbatim),
        ("!!binary", _) => binary(text).map(Data::Verbatim),
        ("!!bool" | "!!int", _) => None,
        _ => return Err(unknown_tag(tag, "text", span)),
    };
    read.ok_or_else(|| {
        let message = format!("expected what the tag `{tag}` says, found `{text}`");
        Diagnostic::error("yaml-tag", message, span, "cannot be read so")
    })
}

/// The text in base64; bytes that are no text stay as they are written.
fn binary(text: &str) -> Option<String> {
    let digits: String = text.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(&digits).ok()?;
    Some(String::from_utf8(bytes).unwrap_or(digits))
}

/// Says that a tag means nothing here.
pub(super) fn unknown_tag(tag: &str, kind: &str, span: Span) -> Diagnostic {
    let known = ["!vault", "!unsafe", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary"];
    let message = format!("the tag `{tag}` has no meaning for {kind}");
    let otherwise = if tag.starts_with("!!") {
        "remove the tag"
    } else {
        "quote a text that starts with `!`; the tags of Ansible are `!vault` and `!unsafe`"
    };
    Diagnostic::error("yaml-tag", message, span, "unknown tag")
        .help(did_you_mean(tag, known, otherwise))
}
