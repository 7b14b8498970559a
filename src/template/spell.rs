//! Spells an expression anew, so that it means to the engine what it means to Python.

use minijinja::machinery::Token;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, CallArg, CompareOpKind, Expr, Filter, UnaryOp, UnaryOpKind,
};

use super::extent::{Extents, Range};
use super::rewrite::Mark;

/// Spells the expressions of one text.
pub(super) struct Speller<'x, 's> {
    pub(super) source: &'s str,
    pub(super) extents: &'x Extents<'s>,
    /// Whether backslashes in strings stand for themselves.
    pub(super) escape: bool,
    /// Whether literals must become objects that can be changed.
    pub(super) mutable: bool,
}

/// The functions that are lookups.
const LOOKUPS: [&str; 3] = ["lookup", "query", "q"];

/// What is written anew, and where its parts came from.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// Whether it means another thing to the engine than the old text.
    changed: bool,
}

impl Page {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes what the old text does not have.
    fn replace(&mut self, text: &str) {
        self.changed = true;
        self.text.push_str(text);
    }
}

impl<'s> Speller<'_, 's> {
    /// An expression anew; `None` where it can stay as it is.
    pub(super) fn spell(&self, expr: &Expr<'s>) -> Option<Page> {
        let mut page = Page::default();
        self.write(expr, false, &mut page);
        page.changed.then_some(page)
    }

    /// Writes an expression. Where it is `lenient`, a look-up in what is undefined is undefined
    /// and no error: somebody further out deals with it.
    fn write(&self, expr: &Expr<'s>, lenient: bool, page: &mut Page) {
        let start = page.text.len();
        match expr {
            Expr::Var(e) => page.put(e.id),
            Expr::Const(_) => self.constant(expr, page),
            Expr::Slice(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Call(_) => {
                self.postfix(expr, lenient, page);
            }
            Expr::UnaryOp(e) => self.unary(e, page),
            Expr::BinOp(e) => self.binary(e, lenient, page),
            Expr::Compare(e) => {
                self.write(&e.expr, false, page);
                page.replace("|__compare(");
                for operand in &e.ops {
                    page.put(&format!("{:?}, ", comparison(operand.op)));
                    self.write(&operand.expr, false, page);
                    page.put(", ");
                }
                page.put(")");
            }
            Expr::IfExpr(e) => {
                page.put("(");
                self.write(&e.true_expr, lenient, page);
                page.put(" if ");
                self.write(&e.test_expr, false, page);
                if let Some(otherwise) = &e.false_expr {
                    page.put(" else ");
                    self.write(otherwise, lenient, page);
                }
                page.put(")");
            }
            Expr::Filter(e) => {
                match &e.expr {
                    Some(inner) if takes_undefined_items(e) => self.loose(inner, page),
                    Some(inner) => self.write(inner, lenient || takes_undefined(e.name), page),
                    None => {}
                }
                page.put(if e.expr.is_some() { "|" } else { "" });
                page.put(e.name);
                self.arguments(&e.args, false, page);
            }
            Expr::Test(e) => {
                page.put("(");
                self.write(&e.expr, matches!(e.name, "defined" | "undefined"), page);
                page.put(" is ");
                page.put(e.name);
                if !e.args.is_empty() {
                    self.arguments(&e.args, false, page);
                }
                page.put(")");
            }
            Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => self.literal(expr, page),
        }
        let new = Range { start, end: page.text.len() };
        page.marks.push(Mark { new, old: self.extents.of(expr) });
    }

    /// What is taken from a value, or called on it.
    fn postfix(&self, expr: &Expr<'s>, lenient: bool, page: &mut Page) {
        match expr {
            Expr::Slice(e) => {
                self.write(&e.expr, lenient, page);
                page.replace("|__slice(");
                for bound in [&e.start, &e.stop, &e.step] {
                    match bound {
                        Some(bound) => self.write(bound, false, page),
                        None => page.put("none"),
                    }
                    page.put(", ");
                }
                page.put(")");
            }
            Expr::GetAttr(e) if lenient => {
                self.write(&e.expr, lenient, page);
                page.replace(&format!("|__attr({:?})", e.name));
            }
            Expr::GetItem(e) if lenient => {
                self.write(&e.expr, lenient, page);
                page.replace("|__item(");
                self.write(&e.subscript_expr, false, page);
                page.put(")");
            }
            Expr::GetAttr(e) => {
                self.base(&e.expr, lenient, page);
                page.put(".");
                page.put(e.name);
            }
            Expr::GetItem(e) => {
                self.base(&e.expr, lenient, page);
                page.put("[");
                self.write(&e.subscript_expr, false, page);
                page.put("]");
            }
            Expr::Call(e) => {
                if let Expr::GetAttr(method) = &e.expr {
                    self.base(&method.expr, lenient, page);
                    page.put(".");
                    page.put(method.name);
                } else {
                    self.base(&e.expr, lenient, page);
                }
                let lookup = matches!(&e.expr, Expr::Var(f) if LOOKUPS.contains(&f.id));
                self.arguments(&e.args, lookup, page);
            }
            _ => {}
        }
    }

    fn literal(&self, expr: &Expr<'s>, page: &mut Page) {
        match expr {
            Expr::List(e) => self.items("[", &e.items, "]", page),
            Expr::Tuple(e) => return self.items("(", &e.items, ")", page),
            Expr::Map(e) => {
                page.put("{");
                for (key, value) in e.keys.iter().zip(&e.values) {
                    self.write(key, false, page);
                    page.put(": ");
                    self.write(value, false, page);
                    page.put(", ");
                }
                page.put("}");
            }
            _ => {}
        }
        if self.mutable {
            page.replace(if matches!(expr, Expr::Map(_)) { "|__dict" } else { "|__list" });
        }
    }

    /// Writes an expression of whose items some may be undefined: attributes that are missing.
    fn loose(&self, expr: &Expr<'s>, page: &mut Page) {
        let Expr::Filter(e) = expr else { return self.write(expr, false, page) };
        let Some(inner) = &e.expr else { return self.write(expr, false, page) };
        let attribute = |arg: &CallArg| matches!(arg, CallArg::Kwarg("attribute", _));
        if bare(e.name) != "map" || !e.args.iter().any(attribute) {
            return self.write(expr, false, page);
        }
        let start = page.text.len();
        self.write(inner, false, page);
        page.replace("|__reach");
        self.arguments(&e.args, false, page);
        let new = Range { start, end: page.text.len() };
        page.marks.push(Mark { new, old: self.extents.of(expr) });
    }

    fn unary(&self, e: &UnaryOp<'s>, page: &mut Page) {
        let constant = matches!(e.expr, Expr::Const(_));
        page.put(match e.op {
            UnaryOpKind::Not => "(not ",
            UnaryOpKind::Neg if constant => "(-",
            UnaryOpKind::Neg => "(",
        });
        self.write(&e.expr, false, page);
        if matches!(e.op, UnaryOpKind::Neg) && !constant {
            page.replace("|__neg");
        }
        page.put(")");
    }

    fn binary(&self, e: &BinOp<'s>, lenient: bool, page: &mut Page) {
        page.put("(");
        if let Some(filter) = filter_for(e) {
            self.write(&e.left, false, page);
            page.replace(&format!("|{filter}("));
            if filter == COMPARE {
                page.put(&format!("{:?}, ", symbol(e.op)));
            }
            self.write(&e.right, false, page);
            page.put(")");
        } else {
            self.write(&e.left, lenient, page);
            page.put(&format!(" {} ", symbol(e.op)));
            self.write(&e.right, lenient, page);
        }
        page.put(")");
    }

    /// What something is taken from or called on.
    fn base(&self, expr: &Expr<'s>, lenient: bool, page: &mut Page) {
        let plain = matches!(expr, Expr::Var(_));
        page.put(if plain { "" } else { "(" });
        self.write(expr, lenient, page);
        page.put(if plain { "" } else { ")" });
    }

    fn items(&self, open: &str, items: &[Expr<'s>], close: &str, page: &mut Page) {
        page.put(open);
        for item in items {
            self.write(item, false, page);
            page.put(", ");
        }
        page.put(close);
    }

    /// Arguments of a filter or function; what is undefined in those of a lookup may not matter.
    fn arguments(&self, args: &[CallArg<'s>], lookup: bool, page: &mut Page) {
        page.put("(");
        for argument in args {
            let value = match argument {
                CallArg::Pos(value) => value,
                CallArg::Kwarg(name, value) => {
                    page.put(name);
                    page.put("=");
                    value
                }
                CallArg::PosSplat(value) => {
                    page.put("*");
                    value
                }
                CallArg::KwargSplat(value) => {
                    page.put("**");
                    value
                }
            };
            match value {
                Expr::Call(e) if lookup && matches!(&e.expr, Expr::Var(f) if f.id == "undef") => {
                    page.replace("__undef");
                    self.arguments(&e.args, false, page);
                }
                _ => self.write(value, false, page),
            }
            page.put(", ");
        }
        page.put(")");
    }

    /// A constant as it stands, or a string whose backslashes stand for themselves.
    fn constant(&self, expr: &Expr<'s>, page: &mut Page) {
        let range = self.extents.of(expr);
        let text = &self.source[range.range()];
        if !(self.escape && text.contains('\\')) {
            return page.put(text);
        }
        for (token, place) in self.extents.within(range) {
            if let Token::Str(_) | Token::String(_) = token {
                let inner = &self.source[place.start + 1..place.end - 1];
                let doubled = inner.replace('\\', "\\\\").replace('"', "\\\"");
                page.replace(&format!("\"{doubled}\""));
            }
        }
    }
}

/// The filter that stands for the comparisons.
const COMPARE: &str = "__compare";

/// The filter that stands for an operator, where the engine's own differs from Python's.
fn filter_for(e: &BinOp) -> Option<&'static str> {
    let constant = |e: &Expr| matches!(e, Expr::Const(c) if c.value.is_number());
    Some(match e.op {
        BinOpKind::Add | BinOpKind::Sub | BinOpKind::Mul | BinOpKind::Rem
            if constant(&e.left) && constant(&e.right) =>
        {
            return None;
        }
        BinOpKind::Add => "__add",
        BinOpKind::Sub => "__sub",
        BinOpKind::Mul => "__mul",
        BinOpKind::Rem => "__mod",
        BinOpKind::Div => "__div",
        BinOpKind::FloorDiv => "__floordiv",
        BinOpKind::Concat => "__concat",
        // A string is looked for in texts, lists and mappings alike.
        BinOpKind::In if matches!(&e.left, Expr::Const(c) if c.value.as_str().is_some()) => {
            return None;
        }
        BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte | BinOpKind::In => COMPARE,
        BinOpKind::Eq | BinOpKind::Ne | BinOpKind::ScAnd | BinOpKind::ScOr | BinOpKind::Pow => {
            return None;
        }
    })
}

fn symbol(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

fn comparison(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}

/// The filters that are there for what may be undefined.
pub(super) fn takes_undefined(name: &str) -> bool {
    matches!(bare(name), "default" | "d" | "mandatory" | "type_debug")
}

/// Whether a filter deals with items that are undefined: `select("defined")`, `map("default", 1)`.
fn takes_undefined_items(filter: &Filter<'_>) -> bool {
    let Some(CallArg::Pos(Expr::Const(first))) = filter.args.first() else { return false };
    let first = first.value.as_str().unwrap_or_default();
    match bare(filter.name) {
        "select" | "reject" => matches!(bare(first), "defined" | "undefined"),
        "map" => takes_undefined(first),
        _ => false,
    }
}

fn bare(name: &str) -> &str {
    name.strip_prefix("ansible.builtin.").unwrap_or(name)
}
