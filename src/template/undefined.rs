//! Which variable it is that is undefined.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use minijinja::machinery::ast::Expr;
use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind};

use super::compiler::{Form, Prepared, Text};
use super::context::Context;
use super::extent::{Extents, Range};
use super::fault::Place;
use super::{arguments, spell, templar, walk};
use crate::base::{Diagnostic, Span, did_you_mean};
use crate::value::{Data, Node, Variable};

/// Which argument of a filter or test is undefined, counted from the piped value.
#[derive(Debug, Clone, Copy)]
pub(super) struct UndefinedArgument(pub(super) usize);

/// What must be defined is not: `undef()` and `mandatory`, with the words they were given.
#[derive(Debug, Clone)]
pub(super) struct Mandatory(pub(super) Option<String>);

impl fmt::Display for Mandatory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("a mandatory variable is not defined"))
    }
}

impl std::error::Error for Mandatory {}

impl Mandatory {
    pub(super) fn error(words: Option<String>) -> Error {
        Self(words).into_error()
    }

    pub(super) fn into_error(self) -> Error {
        Error::from(ErrorKind::UndefinedError).with_source(self)
    }
}

impl Object for Mandatory {}

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

/// Names what is undefined in the expression that failed.
pub(super) fn diagnose(
    error: &Error,
    prepared: &Prepared,
    range: Option<Range>,
    context: &Arc<Context>,
    place: &Place,
) -> Diagnostic {
    let mandatory = error.source().and_then(|source| source.downcast_ref::<Mandatory>());
    if let Some(Mandatory(Some(words))) = mandatory {
        let at = place.locate(&prepared.source, range);
        return Diagnostic::error("undefined-variable", words, at, "must be defined");
    }
    let argument = error.source().and_then(|s| s.downcast_ref::<UndefinedArgument>()).copied();
    let argument = argument.or_else(|| mandatory.map(|_| UndefinedArgument(0)));
    let culprit = range.and_then(|range| culprit(prepared, range, argument, context));
    let Some(culprit) = culprit else {
        let at = place.locate(&prepared.source, range);
        return Diagnostic::error("undefined-variable", "a value is undefined", at, "in here");
    };
    told(&culprit, mandatory.is_some(), prepared, context, place)
}

/// The message about a culprit.
fn told(
    culprit: &Culprit,
    mandatory: bool,
    prepared: &Prepared,
    context: &Arc<Context>,
    place: &Place,
) -> Diagnostic {
    let at = place.locate(&prepared.source, Some(culprit.range));
    if let Some(reason) = context.reason(&culprit.text) {
        let label = format!("`{}` needs it", culprit.text);
        return if at.is_somewhere() { reason.also(at, label) } else { reason };
    }
    let message = match (mandatory, &culprit.holder) {
        (true, _) => format!("Mandatory variable '{}' not defined.", culprit.text),
        (false, None) => format!("'{}' is undefined", culprit.missing),
        (false, Some(holder)) => format!("`{}` is undefined: {holder}", culprit.text),
    };
    let diagnostic = Diagnostic::error("undefined-variable", message, at, "not defined here");
    let known = culprit.known.iter().map(String::as_str);
    let otherwise =
        format!("define it, or say what holds without it: `{} | default(…)`", culprit.text);
    let help = did_you_mean(&culprit.missing, known, otherwise);
    let elsewhere = culprit.holder.is_none().then(|| elsewhere(&culprit.missing, context));
    diagnostic.help(match elsewhere.flatten() {
        Some(elsewhere) => format!("{elsewhere}; {help}"),
        None => help,
    })
}

/// How many other hosts are asked whether they have a variable.
const MOST_ASKED: usize = 200;

/// How many of those that have it are named.
const MOST_NAMED: usize = 3;

/// For which other hosts a variable is defined, and where.
fn elsewhere(name: &str, context: &Arc<Context>) -> Option<String> {
    let Some(Variable::Scope(all)) = context.scope.lookup("hostvars") else { return None };
    let sources = &context.templar.settings().sources;
    let place = |host: String| match all.lookup(&host)? {
        Variable::Scope(scope) => Some(match scope.lookup(name)? {
            Variable::Written(node) if node.span.is_somewhere() => {
                format!("{host} ({})", sources.line(node.span))
            }
            _ => host,
        }),
        _ => None,
    };
    let mut places: Vec<String> =
        all.names().into_iter().take(MOST_ASKED).filter_map(place).take(MOST_NAMED + 1).collect();
    if places.len() > MOST_NAMED {
        "others".clone_into(&mut places[MOST_NAMED]);
    }
    (!places.is_empty()).then(|| format!("it is defined for {}", places.join(", ")))
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
    /// What it is missing from, where it is no variable by itself.
    holder: Option<String>,
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
    let text = source[range.range()].to_owned();
    Some(match verdict {
        Verdict::Undefined { missing, known, holder } => {
            let (missing, known, holder) = (missing.clone(), known.clone(), holder.clone());
            Culprit { text, range, missing, known, holder }
        }
        _ => Culprit { missing: text.clone(), text, range, known: vec![], holder: None },
    })
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
        holder: Option<String>,
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
        let (missing, known) = (root.to_owned(), context.names());
        return Verdict::Undefined { missing, known, holder: None };
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
                let holder = Some(lacks(&value, &step));
                return Verdict::Undefined { missing, known: keys().unwrap_or_default(), holder };
            }
        }
    }
    Verdict::Defined
}

/// That a value has not what was asked of it, in Jinja's words.
pub(super) fn lacks(value: &Value, step: &Value) -> String {
    let kind = arguments::type_name(value);
    match step.as_str() {
        Some(name) => format!("object of type '{kind}' has no attribute '{name}'"),
        None => format!("{kind} object has no element {step}"),
    }
}

/// How far variables are followed to what is undefined in them.
const DEEPEST: usize = 8;

/// Names what is undefined somewhere inside of the value of a text.
pub(super) fn inside(
    text: &str,
    context: &Arc<Context>,
    at: Span,
    depth: usize,
) -> Option<Diagnostic> {
    let templar = &context.templar;
    let directories = &|| vec![];
    let text = Text { form: Form::Value, source: text, origin: None, directories };
    let (_, prepared) = templar.usual().prepare(text).ok()?;
    let mut found: Option<Culprit> = None;
    let mut roots: Vec<String> = vec![];
    prepared.read(&mut |expr, extents| {
        let mut chains = vec![];
        demanded(expr, &mut chains);
        for chain in chains {
            if let Verdict::Undefined { missing, known, holder } = judge(chain, context) {
                let range = extents.of(chain);
                let text = prepared.source[range.range()].to_owned();
                found.get_or_insert(Culprit { text, range, missing, known, holder });
            }
            roots.extend(walk::root(chain).map(|(root, _)| root.to_owned()));
        }
    });
    let place = Place { sources: &templar.settings().sources, span: at };
    if let Some(culprit) = found {
        return Some(told(&culprit, false, &prepared, context, &place));
    }
    roots.iter().filter(|_| depth < DEEPEST).find_map(|root| match context.scope.lookup(root)? {
        Variable::Written(node) => within(&node, context, depth + 1),
        _ => None,
    })
}

fn within(node: &Node, context: &Arc<Context>, depth: usize) -> Option<Diagnostic> {
    match &node.data {
        Data::Text(text) if templar::is_template(text) => inside(text, context, node.span, depth),
        Data::List(items) => items.iter().find_map(|item| within(item, context, depth)),
        Data::Map(pairs) => pairs.values().find_map(|item| within(item, context, depth)),
        _ => None,
    }
}

/// The look-ups of an expression but for those that a filter or test is there for.
fn demanded<'e, 's>(expr: &'e Expr<'s>, chains: &mut Vec<&'e Expr<'s>>) {
    walk::parts(expr, &mut |part| {
        let spared = match part {
            Expr::Filter(e) => spell::takes_undefined(e.name),
            Expr::Test(e) => matches!(e.name, "defined" | "undefined"),
            _ => false,
        };
        let is_chain = walk::root(part).is_some();
        if is_chain {
            chains.push(part);
        }
        !(spared || is_chain)
    });
}
