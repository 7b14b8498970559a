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
use minijinja::machinery::ast::{BinOp, BinOpKind, Call, CallArg, CompareOpKind, Expr, Stmt};
use minijinja::machinery::{Token, parse, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::extent::{Extents, Range};
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
    let ast = parse(source, "", syntax.clone())?;
    let tokens = tokenize(source, false, syntax.clone()).collect::<Result<Vec<_>, _>>()?;
    let mut writer = Writer::new(source, Extents::new(tokens), escape);
    writer.template(&ast);
    let lone = is_lone(&ast);
    Ok(writer.finish(lone))
}

/// Rewrites one expression, such as a condition.
pub(super) fn expression(source: &str) -> Result<Rewritten, Error> {
    let ast = parse_expr(source)?;
    let tokens = tokenize(source, true, SyntaxConfig::default()).collect::<Result<Vec<_>, _>>()?;
    let mut writer = Writer::new(source, Extents::new(tokens), false);
    writer.top(&ast);
    let mut rewritten = writer.finish(true);
    // Compiled as a template, so that the engine keeps it; a leading `-` is no whitespace control.
    rewritten.text.insert_str(0, "{{ ");
    rewritten.text.push_str(" }}");
    for mark in &mut rewritten.marks {
        mark.new = mark.new.shifted(3);
    }
    Ok(rewritten)
}

fn is_lone(ast: &Stmt) -> bool {
    let Stmt::Template(template) = ast else { return false };
    let expressions = template.children.iter().filter(|s| matches!(s, Stmt::EmitExpr(_))).count();
    let quiet = |s: &Stmt| matches!(s, Stmt::EmitExpr(_) | Stmt::Set(_) | Stmt::Do(_));
    expressions == 1
        && template.children.iter().all(quiet)
        && matches!(template.children.last(), Some(Stmt::EmitExpr(_)))
}

struct Writer<'s> {
    source: &'s str,
    extents: Extents<'s>,
    /// Whether backslashes in the strings of `{{ }}` are doubled.
    escape: bool,
    in_variable: bool,
    /// Whether literals must become objects that can be changed.
    mutable: bool,
    reaches_out: bool,
    /// The expressions to replace: where they stand, and what stands there instead.
    edits: Vec<(Range, String, Vec<Mark>)>,
}

impl<'s> Writer<'s> {
    fn new(source: &'s str, extents: Extents<'s>, escape: bool) -> Self {
        let mutable = MUTATORS.iter().any(|method| source.contains(method));
        let edits = Vec::new();
        Self { source, extents, escape, in_variable: false, mutable, reaches_out: false, edits }
    }

    fn finish(mut self, lone: bool) -> Rewritten {
        self.edits.sort_by_key(|(range, ..)| range.start);
        let mut text = String::with_capacity(self.source.len() + 64);
        let (mut marks, mut at) = (Vec::new(), 0);
        for (range, new, inner) in &self.edits {
            copy(&self.source[at..range.start], at, &mut text, &mut marks);
            let start = text.len();
            text.push_str(new);
            marks.extend(inner.iter().map(|m| Mark { new: m.new.shifted(start), old: m.old }));
            at = range.end;
        }
        copy(&self.source[at..], at, &mut text, &mut marks);
        Rewritten { text, marks, lone, reaches_out: self.reaches_out }
    }

    fn template(&mut self, ast: &Stmt<'s>) {
        walk::expressions(ast, &mut |expr, purpose| {
            self.in_variable = purpose == Purpose::Emitted;
            self.reaches_out |= purpose == Purpose::Template;
            self.top(expr);
        });
    }

    /// An expression that is not part of another one.
    fn top(&mut self, expr: &Expr<'s>) {
        if !self.must_change(expr, false) {
            return;
        }
        let mut page = Page { text: String::new(), marks: Vec::new() };
        self.write(expr, false, &mut page);
        self.edits.push((self.extents.of(expr), page.text, page.marks));
    }

    fn must_change(&self, expr: &Expr<'s>, lenient: bool) -> bool {
        let any = |args: &[CallArg<'s>]| {
            args.iter().any(|argument| match argument {
                CallArg::Pos(e)
                | CallArg::Kwarg(_, e)
                | CallArg::PosSplat(e)
                | CallArg::KwargSplat(e) => self.must_change(e, false),
            })
        };
        match expr {
            Expr::Var(_) => false,
            Expr::Const(e) => {
                self.escape
                    && self.in_variable
                    && e.value.as_str().is_some()
                    && self.source[self.extents.of(expr).range()].contains('\\')
            }
            Expr::Slice(_) | Expr::Compare(_) => true,
            Expr::UnaryOp(e) => self.must_change(&e.expr, false),
            Expr::BinOp(e) => {
                replaces(e).is_some()
                    || self.must_change(&e.left, lenient)
                    || self.must_change(&e.right, lenient)
            }
            Expr::IfExpr(e) => {
                self.must_change(&e.test_expr, false)
                    || self.must_change(&e.true_expr, lenient)
                    || e.false_expr.as_ref().is_some_and(|e| self.must_change(e, lenient))
            }
            Expr::Filter(e) => {
                let lenient = lenient || takes_undefined(e.name);
                e.expr.as_ref().is_some_and(|e| self.must_change(e, lenient)) || any(&e.args)
            }
            Expr::Test(e) => {
                self.must_change(&e.expr, matches!(e.name, "defined" | "undefined")) || any(&e.args)
            }
            Expr::GetAttr(e) => lenient || self.must_change(&e.expr, lenient),
            Expr::GetItem(e) => {
                lenient
                    || self.must_change(&e.expr, lenient)
                    || self.must_change(&e.subscript_expr, false)
            }
            Expr::Call(e) => self.must_change(callee(e), lenient) || any(&e.args),
            Expr::List(e) => self.mutable || e.items.iter().any(|e| self.must_change(e, false)),
            Expr::Tuple(e) => e.items.iter().any(|e| self.must_change(e, false)),
            Expr::Map(e) => {
                self.mutable || e.keys.iter().chain(&e.values).any(|e| self.must_change(e, false))
            }
        }
    }

    /// Writes an expression anew. Where it is `lenient`, a look-up in what is undefined is
    /// undefined and no error: somebody further out deals with it.
    fn write(&self, expr: &Expr<'s>, lenient: bool, page: &mut Page) {
        let start = page.text.len();
        match expr {
            Expr::Var(e) => page.put(e.id),
            Expr::Const(_) => self.constant(expr, page),
            Expr::Slice(e) => {
                self.write(&e.expr, lenient, page);
                page.put("|__slice(");
                for bound in [&e.start, &e.stop, &e.step] {
                    match bound {
                        Some(bound) => self.write(bound, false, page),
                        None => page.put("none"),
                    }
                    page.put(", ");
                }
                page.put(")");
            }
            Expr::UnaryOp(e) => {
                page.put(match e.op {
                    minijinja::machinery::ast::UnaryOpKind::Not => "(not ",
                    minijinja::machinery::ast::UnaryOpKind::Neg => "(-",
                });
                self.write(&e.expr, false, page);
                page.put(")");
            }
            Expr::BinOp(e) => self.binary(e, lenient, page),
            Expr::Compare(e) => {
                self.write(&e.expr, false, page);
                page.put("|__compare(");
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
                if let Some(inner) = &e.expr {
                    self.write(inner, lenient || takes_undefined(e.name), page);
                    page.put("|");
                }
                page.put(e.name);
                self.call(&e.args, page);
            }
            Expr::Test(e) => {
                page.put("(");
                self.write(&e.expr, matches!(e.name, "defined" | "undefined"), page);
                page.put(" is ");
                page.put(e.name);
                if !e.args.is_empty() {
                    self.call(&e.args, page);
                }
                page.put(")");
            }
            Expr::GetAttr(e) if lenient => {
                self.write(&e.expr, lenient, page);
                page.put(&format!("|__attr({:?})", e.name));
            }
            Expr::GetItem(e) if lenient => {
                self.write(&e.expr, lenient, page);
                page.put("|__item(");
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
                self.base(callee(e), lenient, page);
                if let Expr::GetAttr(method) = &e.expr {
                    page.put(".");
                    page.put(method.name);
                }
                self.call_always(&e.args, page);
            }
            Expr::List(e) => {
                self.sequence("[", &e.items, "]", page);
                page.put(if self.mutable { "|__list" } else { "" });
            }
            Expr::Tuple(e) => self.sequence("(", &e.items, ")", page),
            Expr::Map(e) => {
                page.put("{");
                for (key, value) in e.keys.iter().zip(&e.values) {
                    self.write(key, false, page);
                    page.put(": ");
                    self.write(value, false, page);
                    page.put(", ");
                }
                page.put(if self.mutable { "}|__dict" } else { "}" });
            }
        }
        let new = Range { start, end: page.text.len() };
        page.marks.push(Mark { new, old: self.extents.of(expr) });
    }

    fn binary(&self, e: &BinOp<'s>, lenient: bool, page: &mut Page) {
        page.put("(");
        if let Some(filter) = replaces(e) {
            self.write(&e.left, false, page);
            page.put(&format!("|{filter}("));
            if let BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte | BinOpKind::In =
                e.op
            {
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

    fn sequence(&self, open: &str, items: &[Expr<'s>], close: &str, page: &mut Page) {
        page.put(open);
        for item in items {
            self.write(item, false, page);
            page.put(", ");
        }
        page.put(close);
    }

    fn call(&self, args: &[CallArg<'s>], page: &mut Page) {
        if !args.is_empty() {
            self.call_always(args, page);
        }
    }

    fn call_always(&self, args: &[CallArg<'s>], page: &mut Page) {
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
            self.write(value, false, page);
            page.put(", ");
        }
        page.put(")");
    }

    /// A constant as it stands; a string of `{{ }}` so that its backslashes stand for themselves.
    fn constant(&self, expr: &Expr<'s>, page: &mut Page) {
        let range = self.extents.of(expr);
        if !(self.escape && self.in_variable && self.source[range.range()].contains('\\')) {
            page.put(&self.source[range.range()]);
            return;
        }
        for (token, place) in self.extents.within(range) {
            if let Token::Str(_) | Token::String(_) = token {
                let inner = &self.source[place.start + 1..place.end - 1];
                page.put(&format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\"")));
            }
        }
    }
}

/// What is written anew, and where its parts came from.
struct Page {
    text: String,
    marks: Vec<Mark>,
}

impl Page {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

/// Copies text that stays, with a mark over it.
fn copy(piece: &str, at: usize, text: &mut String, marks: &mut Vec<Mark>) {
    if !piece.is_empty() {
        let new = Range { start: text.len(), end: text.len() + piece.len() };
        marks.push(Mark { new, old: Range { start: at, end: at + piece.len() } });
        text.push_str(piece);
    }
}

/// What is called: the object of a method, or the function.
fn callee<'e, 's>(call: &'e Call<'s>) -> &'e Expr<'s> {
    if let Expr::GetAttr(method) = &call.expr { &method.expr } else { &call.expr }
}

/// The filter that stands for an operator, where the engine's own differs from Python's.
fn replaces(e: &BinOp) -> Option<&'static str> {
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
        BinOpKind::Concat => "__concat",
        // A string is looked for in texts, lists and mappings alike.
        BinOpKind::In if matches!(&e.left, Expr::Const(c) if c.value.as_str().is_some()) => {
            return None;
        }
        BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte | BinOpKind::In => {
            "__compare"
        }
        BinOpKind::Eq
        | BinOpKind::Ne
        | BinOpKind::ScAnd
        | BinOpKind::ScOr
        | BinOpKind::Div
        | BinOpKind::FloorDiv
        | BinOpKind::Pow => return None,
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
fn takes_undefined(name: &str) -> bool {
    let name = name.strip_prefix("ansible.builtin.").unwrap_or(name);
    matches!(name, "default" | "d" | "mandatory" | "type_debug")
}
