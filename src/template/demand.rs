//! The variables that a rendering is certain to need: what a template cannot come out without.

use std::path::Path;

use minijinja::machinery::ast::{BinOpKind, Expr, Stmt};
use minijinja::machinery::parse_expr;

use super::extent::Range;
use super::fault::Place;
use super::file::{FileOptions, HEADER};
use super::{Templar, spell, walk};
use crate::base::Span;
use crate::value::{Data, Node, has_template};

/// A variable that must be defined, and where it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Its name, without what is taken from it.
    pub name: String,
    /// Where it is named.
    pub at: Span,
}

impl Templar {
    /// The variables that the text of a node cannot be rendered without. What stands in branches,
    /// loops, calls and tests is left out: it may never be looked at.
    pub fn demands(&self, node: &Node) -> Vec<Demand> {
        match &node.data {
            Data::Text(text) if has_template(text) => self.demands_of(text, node.span),
            Data::List(items) => items.iter().flat_map(|item| self.demands(item)).collect(),
            Data::Map(pairs) => pairs.values().flat_map(|item| self.demands(item)).collect(),
            _ => vec![],
        }
    }

    /// Those that a condition cannot be evaluated without.
    pub fn demands_of_condition(&self, node: &Node) -> Vec<Demand> {
        match node.as_str().map(str::trim) {
            Some(text) if has_template(text) => self.demands_of(text, node.span),
            Some(text) => {
                let known = self.undeclared_in_condition(node);
                let mut found = vec![];
                if let Ok(expr) = parse_expr(text) {
                    certain(&expr, &mut |name, range| found.push((name.to_owned(), range)));
                }
                self.placed(found, &known, text, node.span)
            }
            None => vec![],
        }
    }

    /// Those that a template file cannot be rendered without.
    pub fn demands_of_file(&self, path: &Path, text: &str) -> Vec<Demand> {
        let source = self.settings().sources.add(path.display().to_string(), text);
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.demands_of(text, Span { source, start: 0, end })
    }

    fn demands_of(&self, text: &str, at: Span) -> Vec<Demand> {
        if text.starts_with(HEADER) {
            return vec![];
        }
        let syntax = FileOptions::default().syntax().unwrap_or_default();
        let Ok(Stmt::Template(template)) = walk::parse(text, syntax) else { return vec![] };
        let mut found = vec![];
        let mut note = |name: &str, range| found.push((name.to_owned(), range));
        for statement in &template.children {
            match statement {
                Stmt::EmitExpr(s) => certain(&s.expr, &mut note),
                Stmt::IfCond(s) => certain(&s.expr, &mut note),
                Stmt::ForLoop(s) => certain(&s.iter, &mut note),
                Stmt::Extends(_) => return vec![],
                _ => {}
            }
        }
        let whole = Node { data: Data::Text(text.to_owned()), span: at };
        let known = self.undeclared(&whole);
        self.placed(found, &known, text, at)
    }

    /// Those that a template does not define itself, with their places.
    fn placed(
        &self,
        found: Vec<(String, Range)>,
        free: &[String],
        text: &str,
        at: Span,
    ) -> Vec<Demand> {
        let place = Place { sources: &self.settings().sources, span: at };
        let found = found.into_iter().filter(|(name, _)| free.contains(name));
        found.map(|(name, range)| Demand { name, at: place.locate(text, Some(range)) }).collect()
    }
}

/// Visits the variables that the value of an expression is certain to depend on.
fn certain(expr: &Expr, note: &mut impl FnMut(&str, Range)) {
    match expr {
        Expr::Var(e) => {
            let start = e.span().start_offset as usize;
            note(e.id, Range { start, end: start + e.id.len() });
        }
        Expr::GetAttr(e) => certain(&e.expr, note),
        Expr::GetItem(e) => certain(&e.expr, note),
        Expr::Slice(e) => certain(&e.expr, note),
        Expr::UnaryOp(e) => certain(&e.expr, note),
        Expr::BinOp(e) => {
            certain(&e.left, note);
            if !matches!(e.op, BinOpKind::ScAnd | BinOpKind::ScOr) {
                certain(&e.right, note);
            }
        }
        Expr::Compare(e) => {
            certain(&e.expr, note);
            if let Some(first) = e.ops.first() {
                certain(&first.expr, note);
            }
        }
        Expr::IfExpr(e) => certain(&e.test_expr, note),
        Expr::Filter(e) if !spell::takes_undefined(e.name) => {
            if let Some(inner) = &e.expr {
                certain(inner, note);
            }
        }
        _ => {}
    }
}
