//! The functions of every template.

use minijinja::value::Value;
use minijinja::{Error, State};

use super::arguments::{Args, Call, bad};
use super::objects::{List, Mapping};
use super::{mutators, operators};

/// The most numbers of one `range`.
const LONGEST_RANGE: i64 = 1_000_000;

pub(super) const FUNCTIONS: &[(&str, Call)] = &[("range", range), ("dict", dict)];

fn range(state: &mut State, args: &Args) -> Result<Value, Error> {
    let bounds = args
        .positional()
        .iter()
        .map(|value| value.as_i64().filter(|_| value.is_integer()))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| bad("range() takes whole numbers"))?;
    let (start, stop, step) = match *bounds {
        [stop] => (0, stop, 1),
        [start, stop] => (start, stop, 1),
        [start, stop, step] if step != 0 => (start, stop, step),
        _ => return Err(bad("range() takes a stop, or a start, a stop and a step that is not 0")),
    };
    let distance = if step > 0 { stop.saturating_sub(start) } else { start.saturating_sub(stop) };
    let length = distance.max(0).saturating_add(step.saturating_abs() - 1) / step.saturating_abs();
    if length > LONGEST_RANGE {
        return Err(bad(format!("range() of more than {LONGEST_RANGE} numbers")));
    }
    let length = usize::try_from(length).unwrap_or_default();
    operators::count(state, length * size_of::<Value>())?;
    let numbers = std::iter::successors(Some(start), |at| at.checked_add(step)).take(length);
    Ok(List::value(numbers.map(Value::from).collect()))
}

fn dict(_: &mut State, args: &Args) -> Result<Value, Error> {
    let mut pairs = args.positional().first().map_or(Ok(vec![]), mutators::entries)?;
    pairs.extend(args.named()?.into_iter().map(|(name, value)| (Value::from(name), value)));
    Ok(Mapping::value(pairs))
}
