//! Makes a template mean to minijinja what it means to Ansible's Jinja.
//!
//! Where the engine has no hook, the template's expressions are written anew before they are
//! compiled: operators that follow Python's rules become filters of ours (`a ~ b` becomes
//! `a|__concat(b)`), attributes that may be missing become a lenient look-up
//! (`a.b.c|default(1)` becomes `a|__attr("b")|__attr("c")|default(1)`), and list and mapping
//! literals become objects that can be changed where the template calls a method that changes
//! one. Statements and text stay as they are. [`Mark`]s remember where each written expression
//! came from, so that messages point into the user's text.

use minijinja::Error;
use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::extent::{Extents, Range};
use super::spell::Speller;
use super::walk::{self, Purpose};

/// Where an expression of the new text stood in the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// In the new text.
    pub(super) new: Range,
    /// In the old text.
    pub(super) old: Range,
}

/// A text that is ready for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewritten {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// Whether it is one expression and nothing else, so that its result keeps its type.
    pub(super) lone: bool,
    /// Whether it includes, imports or extends other templates.
    pub(super) reaches_out: bool,
}

/// The methods that change what they are called on.
const MUTATORS: [&str; 12] = [
    ".append(",
    ".update(",
    ".extend(",
    ".pop(",
    ".insert(",
    ".remove(",
    ".sort(",
    ".reverse(",
    ".setdefault(",
    ".clear(",
    ".popitem(",
    ".__setitem__(",
];

/// Rewrites a template. With `escape`, backslashes in the strings of `{{ }}` stand for themselves,
/// as they do in playbooks but not in template files.
pub(super) fn template(
    source: &str,
    syntax: &SyntaxConfig,
    escape: bool,
) -> Result<Rewritten, Error> {
    let ast = walk::parse(source, syntax.clone())?;
    let tokens = tokenize(source, false, syntax.clone()).collect::<Result<Vec<_>, _>>()?;
    let extents = Extents::new(tokens);
    let mutable = changes_values(source);
    let (mut edits, mut reaches_out) = (vec![], false);
    walk::expressions(&ast, &mut |expr, purpose| {
        if purpose == Purpose::Alias {
            return;
        }
        reaches_out |= purpose == Purpose::Template;
        let escape = escape && purpose == Purpose::Emitted;
        edits.extend(edit(&Speller { source, extents: &extents, escape, mutable }, expr));
    });
    edits.extend(newlines_behind_raw(source, syntax).map(|at| Edit {
        old: Range { start: at, end: at },
        new: "\n".to_owned(),
        marks: vec![],
    }));
    let (text, marks) = apply(source, edits);
    Ok(Rewritten { text, marks, lone: is_lone(&ast), reaches_out })
}

/// Where the newlines are that `trim_blocks` takes away behind `{% raw %}`, and does not in Jinja.
fn newlines_behind_raw(source: &str, syntax: &SyntaxConfig) -> impl Iterator<Item = usize> {
    let mut found = vec![];
    let (start, end) = syntax.block_delimiters();
    let mut at = if syntax.trim_blocks() { 0 } else { source.len() };
    while let Some(begins) = source[at..].find(start) {
        at += begins + start.len();
        let Some(length) = source[at..].find(end) else { break };
        let word = source[at..at + length].trim_start_matches(['-', '+']).trim();
        at += length + end.len();
        if word == "raw" {
            found.extend(source[at..].starts_with('\n').then_some(at));
            at += source[at..].find("endraw").unwrap_or_default();
        }
    }
    found.into_iter()
}

/// Rewrites one expression, such as a condition.
pub(super) fn expression(source: &str) -> Result<Rewritten, Error> {
    let ast = parse_expr(source)?;
    let tokens = tokenize(source, true, SyntaxConfig::default()).collect::<Result<Vec<_>, _>>()?;
    let extents = Extents::new(tokens);
    let mutable = changes_values(source);
    let speller = Speller { source, extents: &extents, escape: false, mutable };
    let (text, mut marks) = apply(source, edit(&speller, &ast).into_iter().collect());
    // Compiled as a template, so that the engine keeps it; a leading `-` is no whitespace control.
    for mark in &mut marks {
        mark.new = mark.new.shifted(3);
    }
    Ok(Rewritten { text: format!("{{{{ {text} }}}}"), marks, lone: true, reaches_out: false })
}

fn changes_values(source: &str) -> bool {
    MUTATORS.iter().any(|method| source.contains(method))
}

/// Whether a template is one expression, with nothing before it that writes anything.
fn is_lone(ast: &Stmt) -> bool {
    let Stmt::Template(template) = ast else { return false };
    let Some((last, before)) = template.children.split_last() else { return false };
    matches!(last, Stmt::EmitExpr(_))
        && before.iter().all(|statement| matches!(statement, Stmt::Set(_) | Stmt::Do(_)))
}

/// An expression to replace: where it stands, and what stands there instead.
struct Edit {
    old: Range,
    new: String,
    marks: Vec<Mark>,
}

fn edit<'s>(speller: &Speller<'_, 's>, expr: &Expr<'s>) -> Option<Edit> {
    let page = speller.spell(expr)?;
    Some(Edit { old: speller.extents.of(expr), new: page.text, marks: page.marks })
}

fn apply(source: &str, mut edits: Vec<Edit>) -> (String, Vec<Mark>) {
    edits.sort_by_key(|edit| edit.old.start);
    let mut text = String::with_capacity(source.len() + 64);
    let (mut marks, mut at) = (Vec::new(), 0);
    for edit in edits {
        copy(&source[at..edit.old.start], at, &mut text, &mut marks);
        let start = text.len();
        text.push_str(&edit.new);
        marks.extend(edit.marks.iter().map(|m| Mark { new: m.new.shifted(start), old: m.old }));
        at = edit.old.end;
    }
    copy(&source[at..], at, &mut text, &mut marks);
    (text, marks)
}

/// Copies text that stays, with a mark over it.
fn copy(piece: &str, at: usize, text: &mut String, marks: &mut Vec<Mark>) {
    if !piece.is_empty() {
        let new = Range { start: text.len(), end: text.len() + piece.len() };
        marks.push(Mark { new, old: Range { start: at, end: at + piece.len() } });
        text.push_str(piece);
    }
}
