//! Tests of values: their type, their size, what a task's result says.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, items};
use crate::template::context::Context;
use crate::template::filters::values::truth;
use crate::template::{operators, python};

pub(super) const TESTS: Family = &[
    ("true", |_, args| is(args.value().kind() == ValueKind::Bool && args.value().is_true())),
    ("false", |_, args| is(args.value().kind() == ValueKind::Bool && !args.value().is_true())),
    ("boolean", |_, args| is(args.value().kind() == ValueKind::Bool)),
    ("none", |_, args| is(args.value().is_none())),
    ("string", |_, args| is(args.value().kind() == ValueKind::String)),
    ("number", |_, args| is(matches!(args.value().kind(), ValueKind::Number | ValueKind::Bool))),
    ("integer", |_, args| is(args.value().is_integer())),
    ("float", |_, args| is(args.value().is_number() && !args.value().is_integer())),
    ("mapping", |_, args| is(args.value().kind() == ValueKind::Map)),
    ("sequence", |_, args| is(is_container(args.value()))),
    ("iterable", |_, args| is(is_container(args.value()))),
    ("callable", |_, args| is(args.value().kind() == ValueKind::Plain)),
    ("sameas", |_, args| is(minijinja::tests::is_sameas(args.value(), &args.need(1, "other")?))),
    ("odd", |_, args| parity(args, 1)),
    ("even", |_, args| parity(args, 0)),
    ("divisibleby", divisible),
    ("lower", |_, args| case(args, char::is_uppercase, char::is_lowercase)),
    ("upper", |_, args| case(args, char::is_lowercase, char::is_uppercase)),
    ("escaped", |_, _| is(false)),
    ("filter", |state, args| {
        let name = args.value().as_str().unwrap_or_default();
        is(Context::of(state)?.templar.has_filter(name))
    }),
    ("test", |state, args| {
        let name = args.value().as_str().unwrap_or_default();
        is(Context::of(state)?.templar.has_test(name))
    }),
    ("in", |_, args| is(operators::contains(&args.need(1, "seq")?, args.value())?)),
    ("contains", |_, args| is(operators::contains(args.value(), &args.need(1, "value")?)?)),
    ("subset", subset),
    ("issubset", subset),
    ("superset", superset),
    ("issuperset", superset),
    ("all", |_, args| is(items(args.value())?.iter().all(Value::is_true))),
    ("any", |_, args| is(items(args.value())?.iter().any(Value::is_true))),
    ("truthy", |_, args| truthy(args)),
    ("falsy", |_, args| is(!truthy(args)?.is_true())),
    ("nan", |_, args| is(is_nan(args.value()))),
    ("isnan", |_, args| is(is_nan(args.value()))),
    ("eq", |_, args| compare(args, "==")),
    ("equalto", |_, args| compare(args, "==")),
    ("==", |_, args| compare(args, "==")),
    ("ne", |_, args| compare(args, "!=")),
    ("!=", |_, args| compare(args, "!=")),
    ("lt", |_, args| compare(args, "<")),
    ("lessthan", |_, args| compare(args, "<")),
    ("<", |_, args| compare(args, "<")),
    ("le", |_, args| compare(args, "<=")),
    ("<=", |_, args| compare(args, "<=")),
    ("gt", |_, args| compare(args, ">")),
    ("greaterthan", |_, args| compare(args, ">")),
    (">", |_, args| compare(args, ">")),
    ("ge", |_, args| compare(args, ">=")),
    (">=", |_, args| compare(args, ">=")),
    ("changed", |_, args| result(args, "changed")),
    ("change", |_, args| result(args, "changed")),
    ("failed", |_, args| result(args, "failed")),
    ("failure", |_, args| result(args, "failed")),
    ("succeeded", |_, args| is(!result(args, "failed")?.is_true())),
    ("success", |_, args| is(!result(args, "failed")?.is_true())),
    ("successful", |_, args| is(!result(args, "failed")?.is_true())),
    ("skipped", |_, args| result(args, "skipped")),
    ("skip", |_, args| result(args, "skipped")),
    ("reachable", |_, args| is(!result(args, "unreachable")?.is_true())),
    ("unreachable", |_, args| result(args, "unreachable")),
    ("started", |_, args| progress(args, "started")),
    ("finished", |_, args| progress(args, "finished")),
    ("timedout", timed_out),
];

/// The tests of what may be undefined.
pub(super) const ABOUT_DEFINITION: Family = &[
    ("defined", |_, args| is(!args.value().is_undefined())),
    ("undefined", |_, args| is(args.value().is_undefined())),
];

#[expect(clippy::unnecessary_wraps, reason = "tests are fallible as a kind")]
fn is(truth: bool) -> Result<Value, Error> {
    Ok(Value::from(truth))
}

fn is_container(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::Seq
            | ValueKind::Iterable
            | ValueKind::Map
            | ValueKind::String
            | ValueKind::Bytes
    )
}

fn parity(args: &Args, wanted: i32) -> Result<Value, Error> {
    is(leaves(args.value(), &Value::from(2), wanted)?)
}

fn divisible(_: &mut State, args: &Args) -> Result<Value, Error> {
    is(leaves(args.value(), &args.need(1, "num")?, 0)?)
}

/// Whether a division leaves this much.
fn leaves(number: &Value, by: &Value, wanted: i32) -> Result<bool, Error> {
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    match (python::whole(number), python::whole(by)) {
        (_, Some(0)) => Err(bad("modulo by zero")),
        (Some(number), Some(by)) => Ok(number.rem_euclid(by) == i64::from(wanted)),
        _ if is_number(number) && is_number(by) => {
            let left = python::number(number).rem_euclid(python::number(by));
            Ok((left - f64::from(wanted)).abs() < f64::EPSILON)
        }
        _ => Err(bad("a number is needed")),
    }
}

fn case(args: &Args, never: fn(char) -> bool, once: fn(char) -> bool) -> Result<Value, Error> {
    let text = python::text(args.value())?;
    is(text.chars().any(once) && !text.chars().any(never))
}

fn subset(_: &mut State, args: &Args) -> Result<Value, Error> {
    let others = items(&args.need(1, "b")?)?;
    is(items(args.value())?.iter().all(|item| others.contains(item)))
}

fn superset(_: &mut State, args: &Args) -> Result<Value, Error> {
    let all = items(args.value())?;
    is(items(&args.need(1, "b")?)?.iter().all(|item| all.contains(item)))
}

fn truthy(args: &Args) -> Result<Value, Error> {
    let convert = args.flag(1, "convert_bool")?;
    let value = args.value();
    is(if convert && is_bool_like(value) { truth(value) } else { value.is_true() })
}

/// Whether a text says yes or no.
fn is_bool_like(value: &Value) -> bool {
    value.as_str().is_some_and(|text| crate::value::coerce::to_bool(&text.into()).is_some())
}

fn compare(args: &Args, operator: &str) -> Result<Value, Error> {
    is(operators::compare(operator, args.value(), &args.need(1, "other")?)?)
}

/// What a registered result says under a name; it must be a result.
fn result(args: &Args, key: &str) -> Result<Value, Error> {
    let value = args.value();
    if value.kind() != ValueKind::Map {
        return Err(bad("the result of a task is needed"));
    }
    let found = value.get_attr(key)?;
    if key == "changed" && found.is_undefined() {
        let results = value.get_attr("results")?;
        if results.kind() == ValueKind::Seq {
            let mut any = false;
            for item in items(&results)? {
                any |= item.get_attr("changed")?.is_true();
            }
            return is(any);
        }
    }
    is(found.is_true())
}

/// How far the task of a result is; one that is no job has come to its end.
fn progress(args: &Args, key: &str) -> Result<Value, Error> {
    let said = result(args, key)?;
    is(said.is_true() || args.value().get_attr(key)?.is_undefined())
}

fn is_nan(value: &Value) -> bool {
    value.kind() == ValueKind::Number && python::number(value).is_nan()
}

fn timed_out(_: &mut State, args: &Args) -> Result<Value, Error> {
    let period = args.value().get_attr("timedout")?;
    is(period.is_true() && period.get_attr("period")?.is_true())
}
