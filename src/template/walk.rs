//! Walking through expressions.

use minijinja::machinery::ast::{CallArg, Expr};
use minijinja::value::Value;

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
