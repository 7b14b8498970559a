//! From the engine's errors to messages about the user's files.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use minijinja::machinery::ast::Expr;
use minijinja::{Error, ErrorKind};

use super::compiler::{Generation, Prepared};
use super::context::Context;
use super::extent::{Extents, Range};
use super::walk;
use crate::base::{Diagnostic, Sources, Span, did_you_mean};

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

/// Which argument of a filter or test is undefined, counted from the piped value.
#[derive(Debug, Clone, Copy)]
pub(super) struct UndefinedArgument(pub(super) usize);

impl fmt::Display for UndefinedArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "argument {} is undefined", self.0)
    }
}

impl std::error::Error for UndefinedArgument {}

impl UndefinedArgument {
    pub(super) fn error(index: usize) -> Error {
        Error::from(ErrorKind::UndefinedError).with_source(Self(index))
    }
}

/// The limits of a template are used up.
pub(super) fn too_much() -> Error {
    Error::new(ErrorKind::OutOfFuel, "a text of the template grows beyond 64 MiB")
}

/// Variables that refer to each other in a circle.
pub(super) fn recursion(links: &[(String, Span)]) -> Diagnostic {
    let mut names: Vec<&str> = links.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(links.first().map(|(name, _)| name.as_str()));
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
        ErrorKind::UndefinedError => undefined(error, prepared, range, context, &place),
        ErrorKind::OutOfFuel => Diagnostic::error(
            "template-limit",
            error.detail().map_or_else(
                || "the template takes too many steps: does a loop end?".to_owned(),
                str::to_owned,
            ),
            at,
            "in this template",
        ),
        _ => Diagnostic::error("template-error", detail(error), at, "this fails"),
    }
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

/// Names what is undefined in the expression that failed.
fn undefined(
    error: &Error,
    prepared: &Prepared,
    range: Option<Range>,
    context: &Arc<Context>,
    place: &Place,
) -> Diagnostic {
    let argument = error.source().and_then(|s| s.downcast_ref::<UndefinedArgument>()).copied();
    let culprit = range.and_then(|range| culprit(prepared, range, argument, context));
    let Some(culprit) = culprit else {
        let at = place.locate(&prepared.source, range);
        return Diagnostic::error("undefined-variable", "a value is undefined", at, "in here");
    };
    let at = place.locate(&prepared.source, Some(culprit.range));
    if let Some(reason) = context.reason(&culprit.text) {
        let message = format!("`{}` is undefined, because {}", culprit.text, reason.message);
        let mut diagnostic = Diagnostic { message, ..reason };
        if at.is_somewhere() {
            diagnostic = diagnostic.also(at, "used here");
        }
        return diagnostic;
    }
    let message = format!("`{}` is undefined", culprit.text);
    let diagnostic = Diagnostic::error("undefined-variable", message, at, "not defined here");
    let known = culprit.known.iter().map(String::as_str);
    let otherwise =
        format!("define it, or say what holds without it: `{} | default(…)`", culprit.text);
    diagnostic.help(did_you_mean(&culprit.missing, known, otherwise))
}

/// What is undefined.
struct Culprit {
    /// As written: `users[0].nmae`.
    text: String,
    range: Range,
    /// The part of it that is missing: `nmae`.
    missing: String,
    /// What could have been meant.
    known: Vec<String>,
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

/// Finds the first look-up in the failed expression that is undefined.
fn culprit(
    prepared: &Prepared,
    range: Range,
    argument: Option<UndefinedArgument>,
    context: &Arc<Context>,
) -> Option<Culprit> {
    let source = &prepared.source;
    let mut found = None;
    prepared.read(&mut |expr, extents| {
        if let Some(failed) = failed(expr, extents, range) {
            found = blame(failed, extents, argument, context, source);
        }
    });
    found
}

/// The expression that a stretch of the engine's means: the smallest one that ends with it and
/// begins no later. The engine's stretches may begin too late or, before an `if`, too early.
fn failed<'e, 's>(expr: &'e Expr<'s>, extents: &Extents, range: Range) -> Option<&'e Expr<'s>> {
    let mut candidates = Vec::new();
    walk::parts(expr, &mut |part| {
        let extent = extents.of(part);
        if extent.end == range.end {
            candidates.push((extent, part));
        }
        extent.end >= range.end
    });
    let begins_before = candidates.iter().filter(|(extent, _)| extent.start <= range.start);
    let smallest = begins_before.min_by_key(|(extent, _)| extent.len());
    smallest.or_else(|| candidates.iter().max_by_key(|(extent, _)| extent.len())).map(|(_, e)| *e)
}

fn blame(
    expr: &Expr,
    extents: &Extents,
    argument: Option<UndefinedArgument>,
    context: &Arc<Context>,
    source: &str,
) -> Option<Culprit> {
    let mut chains = Vec::new();
    match argument {
        Some(UndefinedArgument(index)) => operand(expr, index, &mut chains),
        None => look_ups(expr, &mut chains),
    }
    let judged: Vec<(Verdict, &Expr)> =
        chains.into_iter().map(|chain| (judge(chain, context), chain)).collect();
    let (verdict, chain) = judged
        .iter()
        .find(|(verdict, _)| matches!(verdict, Verdict::Undefined { .. }))
        .or_else(|| judged.iter().find(|(verdict, _)| matches!(verdict, Verdict::Unknown)))?;
    let range = extents.of(chain);
    let (missing, known) = match verdict {
        Verdict::Undefined { missing, known } => (missing.clone(), known.clone()),
        _ => (String::new(), vec![]),
    };
    Some(Culprit { text: source[range.range()].to_owned(), range, missing, known })
}

/// The look-ups in the operand of a filter, test or operator that was undefined.
fn operand<'e, 's>(expr: &'e Expr<'s>, index: usize, chains: &mut Vec<&'e Expr<'s>>) {
    use minijinja::machinery::ast::CallArg;
    let args = match expr {
        Expr::BinOp(e) => {
            return look_ups(if index == 0 { &e.left } else { &e.right }, chains);
        }
        Expr::Filter(e) => match (&e.expr, index) {
            (Some(inner), 0) => return look_ups(inner, chains),
            _ => &e.args,
        },
        Expr::Test(e) if index == 0 => return look_ups(&e.expr, chains),
        Expr::Test(e) => &e.args,
        _ => return look_ups(expr, chains),
    };
    if let Some(CallArg::Pos(e) | CallArg::Kwarg(_, e)) = args.get(index.saturating_sub(1)) {
        look_ups(e, chains);
    }
}

/// Every variable with the attributes taken of it, in the order they are evaluated.
fn look_ups<'e, 's>(expr: &'e Expr<'s>, chains: &mut Vec<&'e Expr<'s>>) {
    walk::parts(expr, &mut |part| {
        let is_chain = walk::root(part).is_some();
        if is_chain {
            chains.push(part);
        }
        !is_chain
    });
}

enum Verdict {
    Defined,
    Undefined {
        missing: String,
        known: Vec<String>,
    },
    /// It begins at a name of the template's own.
    Unknown,
}

/// Whether a look-up is undefined, as far as the variables tell.
fn judge(chain: &Expr, context: &Arc<Context>) -> Verdict {
    let Some((root, steps)) = walk::root(chain) else {
        return Verdict::Unknown;
    };
    let Some(mut value) = context.variable(root).filter(|value| !value.is_undefined()) else {
        if context.templar.has_global(root) {
            return Verdict::Defined;
        }
        return Verdict::Undefined { missing: root.to_owned(), known: context.names() };
    };
    for step in steps {
        let Some(step) = step else { return Verdict::Unknown };
        let keys = || {
            let names = value.try_iter().ok()?;
            (value.kind() == minijinja::value::ValueKind::Map)
                .then(|| names.filter_map(|key| key.as_str().map(str::to_owned)).collect())
        };
        match value.get_item(&step) {
            Ok(inner) if !inner.is_undefined() => value = inner,
            _ => {
                let missing = step.as_str().unwrap_or_default().to_owned();
                return Verdict::Undefined { missing, known: keys().unwrap_or_default() };
            }
        }
    }
    Verdict::Defined
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
