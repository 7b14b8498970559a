//! Where expressions stand in a template's text.

use minijinja::machinery::ast::{Expr, UnaryOpKind};
use minijinja::machinery::{Span, Token};

/// A stretch of a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Range {
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    pub(super) fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }

    pub(super) fn len(self) -> usize {
        self.end - self.start
    }
}

impl From<Span> for Range {
    fn from(span: Span) -> Self {
        Self { start: span.start_offset as usize, end: span.end_offset as usize }
    }
}

/// Finds the full extent of an expression.
///
/// The parser's own spans leave out parentheses and may begin at an operator; the leftmost token
/// and the balance of brackets are certain.
pub(super) struct Extents<'s> {
    tokens: Vec<(Token<'s>, Range)>,
}

impl<'s> Extents<'s> {
    pub(super) fn new(tokens: Vec<(Token<'s>, Span)>) -> Self {
        Self { tokens: tokens.into_iter().map(|(token, span)| (token, span.into())).collect() }
    }

    /// The tokens inside a stretch.
    pub(super) fn within(&self, range: Range) -> &[(Token<'s>, Range)] {
        let from = self.tokens.partition_point(|(_, place)| place.start < range.start);
        let to = self.tokens.partition_point(|(_, place)| place.end <= range.end);
        self.tokens.get(from..to).unwrap_or_default()
    }

    /// The stretch an expression takes, its brackets balanced.
    pub(super) fn of(&self, expr: &Expr) -> Range {
        let mut range = Range { start: self.start(expr), end: end(expr) };
        let (mut open, mut missing) = (0_usize, 0_usize);
        for (token, _) in self.within(range) {
            match token {
                Token::ParenOpen => open += 1,
                Token::ParenClose if open == 0 => missing += 1,
                Token::ParenClose => open -= 1,
                _ => {}
            }
        }
        let first = self.tokens.partition_point(|(_, place)| place.start < range.start);
        for (token, place) in self.tokens[..first].iter().rev() {
            if missing == 0 || !matches!(token, Token::ParenOpen) {
                break;
            }
            missing -= 1;
            range.start = place.start;
        }
        let after = self.tokens.partition_point(|(_, place)| place.end <= range.end);
        for (token, place) in &self.tokens[after..] {
            if open == 0 || !matches!(token, Token::ParenClose) {
                break;
            }
            open -= 1;
            range.end = place.end;
        }
        range
    }

    fn start(&self, expr: &Expr) -> usize {
        match expr {
            Expr::UnaryOp(e) => {
                let inner = self.start(&e.expr);
                let before = self.tokens.partition_point(|(_, place)| place.start < inner);
                // Parentheses may stand between the operator and its operand.
                let operator = self.tokens[..before]
                    .iter()
                    .rev()
                    .find(|(token, _)| !matches!(token, Token::ParenOpen));
                match (operator, &e.op) {
                    (Some((Token::Ident("not"), place)), UnaryOpKind::Not)
                    | (Some((Token::Minus, place)), UnaryOpKind::Neg) => place.start,
                    _ => inner,
                }
            }
            Expr::Tuple(e) => {
                let own = offset(e.span().start_offset);
                e.items.first().map_or(own, |first| own.min(self.start(first)))
            }
            Expr::Slice(e) => self.start(&e.expr),
            Expr::BinOp(e) => self.start(&e.left),
            Expr::Compare(e) => self.start(&e.expr),
            Expr::IfExpr(e) => self.start(&e.true_expr),
            Expr::Filter(e) => {
                e.expr.as_ref().map_or(offset(e.span().start_offset), |inner| self.start(inner))
            }
            Expr::Test(e) => self.start(&e.expr),
            Expr::GetAttr(e) => self.start(&e.expr),
            Expr::GetItem(e) => self.start(&e.expr),
            Expr::Call(e) => self.start(&e.expr),
            Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Map(_) => {
                offset(expr.span().start_offset)
            }
        }
    }
}

fn end(expr: &Expr) -> usize {
    offset(expr.span().end_offset)
}

fn offset(offset: u32) -> usize {
    offset as usize
}
