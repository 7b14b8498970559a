//! From the engine's errors to messages about the user's files.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use super::compiler::{Generation, Prepared};
use super::context::Context;
use super::extent::Range;
use super::undefined;
use crate::base::{Diagnostic, Sources, Span};

/// A finished message on its way through the engine.
#[derive(Debug, Clone)]
pub(super) struct Fault(Diagnostic);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// An engine's error that carries a finished message.
    pub(super) fn error(kind: ErrorKind, diagnostic: Diagnostic) -> Error {
        Error::new(kind, diagnostic.message.clone()).with_source(Self(diagnostic))
    }

    /// The message an error carries, at whatever depth.
    pub(super) fn of(error: &Error) -> Option<&Diagnostic> {
        let mut source = error.source();
        while let Some(error) = source {
            if let Some(fault) = error.downcast_ref::<Self>() {
                return Some(&fault.0);
            }
            source = error.source();
        }
        None
    }
}

/// The limits of a template are used up.
pub(super) fn too_much() -> Error {
    Error::new(ErrorKind::OutOfFuel, "a text of the template grows beyond 64 MiB")
}

/// Variables that refer to each other in a circle.
pub fn recursion(links: &[(String, Span)], sources: &Sources) -> Diagnostic {
    let shown = |(name, at): &(String, Span)| {
        if at.is_somewhere() { format!("{name} ({})", sources.line(*at)) } else { name.clone() }
    };
    let mut names: Vec<String> = links.iter().map(shown).collect();
    names.extend(links.first().map(|(name, _)| name.clone()));
    let mut places = links.iter();
    let (_, at) = places.next().map_or(("", Span::NOWHERE), |(name, at)| (name.as_str(), *at));
    let message = format!("variables refer to each other: {}", names.join(" -> "));
    let diagnostic = Diagnostic::error("recursive-variable", message, at, "needs itself");
    places.fold(diagnostic, |diagnostic, (name, at)| {
        diagnostic.also(*at, format!("`{name}` comes from here"))
    })
}

/// Where a template stands, to point into it.
pub(super) struct Place<'p> {
    pub(super) sources: &'p Sources,
    /// The whole value the template is.
    pub(super) span: Span,
}

impl Place<'_> {
    /// The stretch of the source that a stretch of the template's text takes.
    ///
    /// The text may be quoted, folded or indented in the file: it is found again by its words.
    pub(super) fn locate(&self, text: &str, range: Option<Range>) -> Span {
        let Some(range) = range.filter(|r| r.start < r.end && r.end <= text.len()) else {
            return self.span;
        };
        let (Some(piece), Some(before)) =
            (text.get(range.range()).and_then(|p| p.lines().next()), text.get(..range.start))
        else {
            return self.span;
        };
        let written = self.sources.slice(self.span);
        let nth = before.matches(piece).count();
        let found = match written.find(text) {
            Some(at) => Some(at + range.start),
            None => written.match_indices(piece).nth(nth).map(|(at, _)| at),
        };
        let (Some(found), Ok(length)) = (found, u32::try_from(piece.len())) else {
            return self.span;
        };
        let start = self.span.start + u32::try_from(found).unwrap_or(0);
        Span { source: self.span.source, start, end: start + length }
    }
}

/// Turns an error of rendering into a message. `at` is where the rendered text stands.
pub(super) fn diagnose(
    error: &Error,
    generation: &Generation,
    prepared: &Prepared,
    context: &Arc<Context>,
    at: Span,
) -> Diagnostic {
    let sources = &context.templar.settings().sources;
    // The innermost error is where it happened, in an included file perhaps.
    let innermost = innermost(error);
    let included = innermost
        .name()
        .filter(|name| *name != prepared.name)
        .and_then(|name| generation.find(name));
    let (prepared, at) = match &included {
        Some(included) => (included.as_ref(), Span::NOWHERE),
        None => (prepared, at),
    };
    let place = Place { sources, span: prepared.place(sources).unwrap_or(at) };
    if let Some(inner) = Fault::of(error) {
        return outer(inner, innermost, prepared, &place);
    }
    let error = innermost;
    let range = error.range().and_then(|range| prepared.original(&range));
    let at = place.locate(&prepared.source, range);
    match error.kind() {
        ErrorKind::UndefinedError => undefined::diagnose(error, prepared, range, context, &place),
        ErrorKind::OutOfFuel => Diagnostic::error(
            "template-limit",
            error.detail().map_or_else(
                || {
                    let most = context.templar.settings().fuel;
                    format!("the template takes more than {most} steps: does a loop end?")
                },
                str::to_owned,
            ),
            at,
            "in this template",
        ),
        // Only what the engine looks up in vain has its name in the words of the engine.
        ErrorKind::UnknownFilter => unknown("filter", error, at),
        ErrorKind::UnknownTest => unknown("test", error, at),
        _ => Diagnostic::error("template-error", detail(error), at, "this fails"),
    }
}

/// A filter or test that does not exist, in Jinja's words.
fn unknown(noun: &str, error: &Error, at: Span) -> Diagnostic {
    let said = error.detail().unwrap_or_default();
    let name = said.split_whitespace().nth(1).unwrap_or(said);
    let message = format!("No {noun} named '{name}'");
    Diagnostic::error("template-error", message, at, format!("no such {noun}"))
}

/// The engine's error at the bottom of a chain of its errors.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(inner) = innermost.source().and_then(|source| source.downcast_ref::<Error>()) {
        innermost = inner;
    }
    innermost
}

/// The most places that one message shows.
const MOST_PLACES: usize = 6;

/// A message of a variable that this template uses, with the place of the use.
fn outer(inner: &Diagnostic, error: &Error, prepared: &Prepared, place: &Place) -> Diagnostic {
    let range = error.range().and_then(|range| prepared.original(&range));
    let at = place.locate(&prepared.source, range);
    let shown = |(span, _): &(Span, String)| {
        span.source == at.source && span.start <= at.start && at.end <= span.end
    };
    if !at.is_somewhere() || inner.labels.len() >= MOST_PLACES || inner.labels.iter().any(shown) {
        return inner.clone();
    }
    inner.clone().also(at, "used here")
}

/// The engine's words without its prefixes.
fn detail(error: &Error) -> String {
    let mut text = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = match inner.downcast_ref::<Error>() {
            Some(inner) => inner.detail().unwrap_or_default().to_owned(),
            None => inner.to_string(),
        };
        if !inner_text.is_empty() && !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

impl Prepared {
    /// Where a text that came from a file stands: all of the file but its `#jinja2:` line.
    fn place(&self, sources: &Sources) -> Option<Span> {
        let origin = self.origin.as_ref()?;
        let header = "\n".repeat(usize::from(origin.skipped > 0));
        let text = std::fs::read_to_string(&origin.path)
            .map_or_else(|_| header + &self.source, |text| text.replace("\r\n", "\n"));
        let start = u32::try_from(origin.skipped.min(text.len())).unwrap_or(0);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let source = sources.add(origin.path.display().to_string(), text);
        Some(Span { source, start, end })
    }
}

/// A message about a text that is no template.
pub(super) fn syntax(error: &Error, text: &str, place: &Place) -> Diagnostic {
    let line = error.line().unwrap_or(1);
    let range =
        error.range().map(|range| Range { start: range.start, end: range.end }).or_else(|| {
            let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
            let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
            Some(Range { start, end })
        });
    let at = place.locate(text, range);
    Diagnostic::error("template-syntax", detail(error), at, "not a valid template")
}
