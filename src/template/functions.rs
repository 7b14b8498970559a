//! The functions of every template.

use minijinja::value::Value;
use minijinja::{Error, ErrorKind, State};

use super::arguments::{Args, Call, bad};
use super::context::Context;
use super::dates;
use super::fault::Fault;
use super::lookups::{self, OnFault, Request};
use super::objects::{List, Mapping};
use super::undefined::Mandatory;
use super::{convert, mutators, operators, python};
use crate::base::did_you_mean;
use crate::value::{Fields, Value as Json};

/// The most numbers of one `range`.
const LONGEST_RANGE: i64 = 1_000_000;

pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("range", range),
    ("dict", dict),
    ("lookup", |state, args| lookup(state, args, false)),
    ("query", |state, args| lookup(state, args, true)),
    ("q", |state, args| lookup(state, args, true)),
    ("now", dates::now),
    ("undef", undef),
    // `undef()` among the arguments of a lookup, which is only wrong where it is used.
    ("__undef", |_, args| Ok(Value::from_object(must_be_replaced(args)?))),
];

fn range(state: &mut State, args: &Args) -> Result<Value, Error> {
    let bounds = args
        .positional()
        .iter()
        .map(python::whole)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| bad("it takes whole numbers"))?;
    let (start, end, step) = match *bounds {
        [end] => (0, end, 1),
        [start, end] => (start, end, 1),
        [start, end, step] if step != 0 => (start, end, step),
        _ => return Err(bad("it takes a stop, or a start, a stop and a step that is not 0")),
    };
    let distance = if step > 0 { end.saturating_sub(start) } else { start.saturating_sub(end) };
    let length = distance.max(0).saturating_add(step.saturating_abs() - 1) / step.saturating_abs();
    if length > LONGEST_RANGE {
        let message = format!("a range of more than {LONGEST_RANGE} numbers");
        return Err(Error::new(ErrorKind::OutOfFuel, message));
    }
    let length = usize::try_from(length).unwrap_or_default();
    operators::count(state, length * size_of::<Value>())?;
    let numbers = std::iter::successors(Some(start), |at| at.checked_add(step)).take(length);
    Ok(List::value(numbers.map(Value::from).collect()))
}

/// A value that must be replaced before it is used.
fn undef(_: &mut State, args: &Args) -> Result<Value, Error> {
    Err(must_be_replaced(args)?.into_error())
}

fn must_be_replaced(args: &Args) -> Result<Mandatory, Error> {
    let words = args.text(0, "hint")?;
    let words = words.unwrap_or_else(|| "Mandatory variable has not been overridden".to_owned());
    Ok(Mandatory(Some(words)))
}

fn dict(_: &mut State, args: &Args) -> Result<Value, Error> {
    let mut pairs = args.positional().first().map_or(Ok(vec![]), mutators::entries)?;
    pairs.extend(args.named()?.into_iter().map(|(name, value)| (Value::from(name), value)));
    Ok(Mapping::value(pairs))
}

/// `lookup` and `query`: the results as a list where `list` says so or the caller asks for one,
/// else one by itself, and texts joined by commas.
fn lookup(state: &mut State, args: &Args, list: bool) -> Result<Value, Error> {
    let name = args.value().as_str().ok_or_else(|| bad("the name of a lookup is needed"))?;
    let mut terms = vec![];
    for term in &args.positional()[1..] {
        terms.extend(convert::to_data(term)?);
    }
    let (mut options, mut undefined) = (Fields::new(), vec![]);
    for (option, value) in args.named()? {
        if let Some(why) = value.downcast_object_ref::<Mandatory>() {
            undefined.push((option, Some(why.clone())));
            continue;
        }
        if value.is_undefined() {
            undefined.push((option, None));
            continue;
        }
        options.extend(convert::to_data(&value)?.map(|value| (option, value)));
    }
    let list =
        list || options.shift_remove("wantlist").is_some_and(|want| want == Json::Bool(true));
    let request = Request { terms, options, undefined, context: Context::of(state)? };
    let on_fault = request.on_fault()?;
    let found = match run(name, &request) {
        Ok(found) => found,
        Err(_) if on_fault == OnFault::Ignore => {
            return Ok(if list { List::value(vec![]) } else { Value::from(()) });
        }
        Err(error) => return Err(error),
    };
    let context = &request.context;
    Ok(match found.as_slice() {
        [one] if !list => context.known(one.clone()),
        texts if !list && !texts.is_empty() && texts.iter().all(Json::is_string) => {
            Value::from(texts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","))
        }
        _ => context.known(Json::Array(found)),
    })
}

/// Runs a lookup by its name.
pub(super) fn run(name: &str, request: &Request) -> Result<Vec<Json>, Error> {
    let Some(lookup) = lookups::find(name) else {
        let help = did_you_mean(name, lookups::all().map(|lookup| lookup.name), "");
        let help = if help.is_empty() { help } else { format!(": {help}") };
        return Err(bad(format!("there is no lookup `{name}`{help}")));
    };
    let known = |option: &str| matches!(option, "errors" | "wantlist");
    let unknown =
        request.options.keys().find(|o| !known(o) && !lookup.options.contains(&o.as_str()));
    if let Some(option) = unknown {
        let options = lookup.options.iter().copied();
        let help = did_you_mean(option, options, format!("it takes {}", lookup.options.join(", ")));
        return Err(bad(format!("the lookup `{name}` has no option `{option}`: {help}")));
    }
    (lookup.run)(request).map_err(|error| {
        if Fault::of(&error).is_some() || error.kind() != ErrorKind::InvalidOperation {
            return error;
        }
        bad(format!("lookup `{name}`: {}", error.detail().unwrap_or_default()))
    })
}
