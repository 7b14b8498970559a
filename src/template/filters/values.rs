//! Filters about a value as such: whether it is there, what type it has, what it becomes.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, items, type_name};
use crate::template::objects::List;
use crate::template::undefined::Mandatory;
use crate::template::{methods, python};

pub(super) const FILTERS: Family = &[
    ("default", default),
    ("d", default),
    ("mandatory", mandatory),
    ("ternary", ternary),
    ("bool", |_, args| Ok(Value::from(truth(args.value())))),
    ("string", |_, args| Ok(Value::from(python::string(args.value())?))),
    ("list", |_, args| Ok(List::value(items(args.value())?))),
    ("type_debug", |_, args| Ok(Value::from(type_name(args.value())))),
    ("length", length),
    ("count", length),
    ("attr", |_, args| args.value().get_item(&args.need(1, "name")?)),
    ("pprint", |_, args| Ok(Value::from(python::repr(args.value())?))),
    ("items", |state, args| methods::call(state, args.value(), "items", &[])),
];

fn default(_: &mut State, args: &Args) -> Result<Value, Error> {
    let fallback = args.get(1, "default_value")?.unwrap_or_else(|| Value::from(""));
    let also_false = args.flag(2, "boolean")?;
    let value = args.value();
    let missing = value.is_undefined() || also_false && !value.is_true();
    Ok(if missing { fallback } else { value.clone() })
}

fn mandatory(_: &mut State, args: &Args) -> Result<Value, Error> {
    let message = args.text(1, "msg")?;
    if !args.value().is_undefined() {
        return Ok(args.value().clone());
    }
    Err(Mandatory::error(message))
}

fn ternary(_: &mut State, args: &Args) -> Result<Value, Error> {
    // Of the choices, one may be undefined that is not made.
    if args.value().is_undefined() {
        return Ok(args.value().clone());
    }
    let (yes, no) = (args.need(1, "true_val")?, args.need(2, "false_val")?);
    Ok(match args.get(3, "none_val")? {
        Some(none) if args.value().is_none() => none,
        _ if args.value().is_true() => yes,
        _ => no,
    })
}

/// What Ansible's `bool` filter makes of a value: text that says so is true, all else is not.
pub(in crate::template) fn truth(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Bool => value.is_true(),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default().trim().to_ascii_lowercase();
            matches!(text.as_str(), "yes" | "on" | "1" | "true" | "y" | "t")
        }
        ValueKind::Number => *value == Value::from(1),
        _ => false,
    }
}

fn length(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    match value.len() {
        Some(length) => Ok(Value::from(length)),
        None if value.kind() == ValueKind::Iterable => Ok(Value::from(items(value)?.len())),
        None => Err(bad(format!("object of type '{}' has no length", type_name(value)))),
    }
}
