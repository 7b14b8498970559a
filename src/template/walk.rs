//! Walking through expressions.

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Error, ErrorKind, machinery};

/// What an expression is for that is not part of another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It is written out: `{{ … }}`.
    Emitted,
    /// It names another template.
    Template,
    /// It is what an imported template is to be called: the parser takes any expression there.
    Alias,
    /// It is part of any other statement.
    Other,
}

/// Parses a template.
///
/// The engine's parser takes any expression for the name of an import, which its compiler then
/// cannot put up with: that is an error here.
pub(super) fn parse(source: &str, syntax: SyntaxConfig) -> Result<Stmt<'_>, Error> {
    let template = machinery::parse(source, "", syntax)?;
    let mut names_are_names = true;
    expressions(&template, &mut |expr, purpose| {
        names_are_names &= purpose != Purpose::Alias || matches!(expr, Expr::Var(_));
    });
    if names_are_names {
        return Ok(template);
    }
    let message = "expected a name behind `as` of an import";
    Err(Error::new(ErrorKind::SyntaxError, message))
}

/// Visits every expression of a template that is not part of another one.
pub(super) fn expressions<'e, 's>(
    statement: &'e Stmt<'s>,
    visit: &mut impl FnMut(&'e Expr<'s>, Purpose),
) {
    let other = Purpose::Other;
    match statement {
        Stmt::Template(s) => each(&s.children, visit),
        Stmt::EmitExpr(s) => visit(&s.expr, Purpose::Emitted),
        Stmt::ForLoop(s) => {
            visit(&s.iter, other);
            s.filter_expr.iter().for_each(|filter| visit(filter, other));
            each(&s.body, visit);
            each(&s.else_body, visit);
        }
        Stmt::IfCond(s) => {
            visit(&s.expr, other);
            each(&s.true_body, visit);
            each(&s.false_body, visit);
        }
        Stmt::WithBlock(s) => {
            s.assignments.iter().for_each(|(_, value)| visit(value, other));
            each(&s.body, visit);
        }
        Stmt::Set(s) => visit(&s.expr, other),
        Stmt::SetBlock(s) => {
            s.filter.iter().for_each(|filter| visit(filter, other));
            each(&s.body, visit);
        }
        Stmt::AutoEscape(s) => each(&s.body, visit),
        Stmt::FilterBlock(s) => {
            visit(&s.filter, other);
            each(&s.body, visit);
        }
        Stmt::Block(s) => each(&s.body, visit),
        Stmt::Macro(s) => {
            s.defaults.iter().for_each(|default| visit(default, other));
            each(&s.body, visit);
        }
        Stmt::CallBlock(s) => {
            arguments(&s.call.args).for_each(|argument| visit(argument, other));
            each(&s.macro_decl.body, visit);
        }
        Stmt::Do(s) => {
            if let Expr::GetAttr(method) = &s.call.expr {
                visit(&method.expr, other);
            }
            arguments(&s.call.args).for_each(|argument| visit(argument, other));
        }
        Stmt::Import(s) => {
            visit(&s.expr, Purpose::Template);
            visit(&s.name, Purpose::Alias);
        }
        Stmt::FromImport(s) => visit(&s.expr, Purpose::Template),
        Stmt::Extends(s) => visit(&s.name, Purpose::Template),
        Stmt::Include(s) => visit(&s.name, Purpose::Template),
        Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
    }
}

fn each<'e, 's>(statements: &'e [Stmt<'s>], visit: &mut impl FnMut(&'e Expr<'s>, Purpose)) {
    for statement in statements {
        expressions(statement, visit);
    }
}

/// Visits an expression and its parts in the order they are evaluated; `enter` says whether to
/// go into one.
pub(super) fn parts<'e, 's>(expr: &'e Expr<'s>, enter: &mut impl FnMut(&'e Expr<'s>) -> bool) {
    if !enter(expr) {
        return;
    }
    let mut each = |expr: &'e Expr<'s>| parts(expr, enter);
    match expr {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(e) => {
            each(&e.expr);
            [&e.start, &e.stop, &e.step].into_iter().flatten().for_each(each);
        }
        Expr::UnaryOp(e) => each(&e.expr),
        Expr::BinOp(e) => {
            each(&e.left);
            each(&e.right);
        }
        Expr::Compare(e) => {
            each(&e.expr);
            e.ops.iter().for_each(|operand| each(&operand.expr));
        }
        Expr::IfExpr(e) => {
            each(&e.test_expr);
            each(&e.true_expr);
            e.false_expr.iter().for_each(each);
        }
        Expr::Filter(e) => {
            e.expr.iter().for_each(&mut each);
            arguments(&e.args).for_each(each);
        }
        Expr::Test(e) => {
            each(&e.expr);
            arguments(&e.args).for_each(each);
        }
        Expr::GetAttr(e) => each(&e.expr),
        Expr::GetItem(e) => {
            each(&e.expr);
            each(&e.subscript_expr);
        }
        Expr::Call(e) => {
            if let Expr::GetAttr(method) = &e.expr {
                each(&method.expr);
            } else {
                each(&e.expr);
            }
            arguments(&e.args).for_each(each);
        }
        Expr::List(e) => e.items.iter().for_each(each),
        Expr::Tuple(e) => e.items.iter().for_each(each),
        Expr::Map(e) => {
            for (key, value) in e.keys.iter().zip(&e.values) {
                each(key);
                each(value);
            }
        }
    }
}

/// The values of a call's arguments.
pub(super) fn arguments<'e, 's>(args: &'e [CallArg<'s>]) -> impl Iterator<Item = &'e Expr<'s>> {
    args.iter().map(|argument| match argument {
        CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => e,
    })
}

/// The variable a look-up such as `a.b["c"]` begins at, and its steps; a step is `None` where it
/// is not written out.
pub(super) fn root<'e>(expr: &'e Expr) -> Option<(&'e str, Vec<Option<Value>>)> {
    match expr {
        Expr::Var(e) => Some((e.id, vec![])),
        Expr::GetAttr(e) => {
            let (root, mut steps) = root(&e.expr)?;
            steps.push(Some(Value::from(e.name)));
            Some((root, steps))
        }
        Expr::GetItem(e) => {
            let (root, mut steps) = root(&e.expr)?;
            steps.push(e.subscript_expr.as_const());
            Some((root, steps))
        }
        _ => None,
    }
}
