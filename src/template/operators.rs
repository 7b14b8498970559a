//! Python's operators, where the engine's differ: types that do not go together are an error,
//! lists stay lists, and what is put together counts against the limits.

use std::cmp::Ordering;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::arguments::{Args, Call, Undefined, bad, items, pairs, type_name};
use super::context::{Context, LONGEST};
use super::dates;
use super::fault;
use super::filters::select::map_attribute;
use super::objects::{List, Mapping};
use super::percent::percent;
use super::python;
use super::undefined::UndefinedArgument;

/// The filters that rewritten templates use in place of operators.
pub(super) const OPERATORS: &[(&str, Undefined, Call)] = &[
    ("__add", Undefined::Fails, |state, args| add(state, args.value(), &args.need(1, "")?)),
    ("__sub", Undefined::Fails, |_, args| subtract(args.value(), &args.need(1, "")?)),
    ("__neg", Undefined::Fails, |_, args| negate(args.value())),
    ("__mul", Undefined::Fails, |state, args| mul(state, args.value(), &args.need(1, "")?)),
    ("__mod", Undefined::Fails, |state, args| modulo(state, args.value(), &args.need(1, "")?)),
    ("__div", Undefined::Fails, |_, args| divide(args.value(), &args.need(1, "")?, false)),
    ("__floordiv", Undefined::Fails, |_, args| divide(args.value(), &args.need(1, "")?, true)),
    ("__concat", Undefined::Fails, concat),
    ("__compare", Undefined::Taken, compare_all),
    ("__reach", Undefined::Passes, map_attribute),
    ("__slice", Undefined::Fails, slice),
    ("__attr", Undefined::Taken, look_up),
    ("__item", Undefined::Taken, look_up),
    ("__list", Undefined::Fails, |_, args| Ok(List::value(items(args.value())?))),
    ("__dict", Undefined::Fails, |_, args| Ok(Mapping::value(pairs(args.value())?))),
];

/// What small results need not be counted one by one.
const SMALL: usize = 256;

/// Counts a result against the limits of the rendering.
pub(super) fn count(state: &State, bytes: usize) -> Result<(), Error> {
    if bytes <= SMALL { Ok(()) } else { Context::of(state)?.build(bytes) }
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

fn is_number(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Number | ValueKind::Bool)
}

/// A whole number, however large; truth is one too.
fn whole(value: &Value) -> Option<i128> {
    let counts = value.is_integer() || value.kind() == ValueKind::Bool;
    counts.then(|| i128::try_from(value.clone()).ok()).flatten()
}

/// Two whole numbers, where both are.
fn wholes(a: &Value, b: &Value) -> Option<(i128, i128)> {
    Some((whole(a)?, whole(b)?))
}

fn from_whole(number: Option<i128>) -> Result<Value, Error> {
    let number = number.ok_or_else(|| bad("the number is too large"))?;
    Ok(i64::try_from(number).map_or_else(|_| Value::from(number), Value::from))
}

fn unsupported(operator: &str, a: &Value, b: &Value) -> Error {
    let (a, b) = (type_name(a), type_name(b));
    bad(format!("unsupported operand type(s) for {operator}: '{a}' and '{b}'"))
}

pub(super) fn add(state: &State, a: &Value, b: &Value) -> Result<Value, Error> {
    if let (Some(left), Some(right)) = (a.as_str(), b.as_str()) {
        count(state, left.len() + right.len())?;
        return Ok(Value::from([left, right].concat()));
    }
    if is_number(a) && is_number(b) {
        return match wholes(a, b) {
            Some((left, right)) => from_whole(left.checked_add(right)),
            None => Ok(Value::from(python::number(a) + python::number(b))),
        };
    }
    if is_list(a) && is_list(b) {
        let mut all = items(a)?;
        all.extend(items(b)?);
        count(state, all.len() * size_of::<Value>())?;
        return Ok(List::value(all));
    }
    if let Some(result) = dates::sum(a, b) {
        return result;
    }
    Err(match a.kind() {
        ValueKind::String => {
            bad(format!("can only concatenate str (not \"{}\") to str", type_name(b)))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            bad(format!("can only concatenate list (not \"{}\") to list", type_name(b)))
        }
        _ => unsupported("+", a, b),
    })
}

fn subtract(a: &Value, b: &Value) -> Result<Value, Error> {
    if is_number(a) && is_number(b) {
        return match wholes(a, b) {
            Some((left, right)) => from_whole(left.checked_sub(right)),
            None => Ok(Value::from(python::number(a) - python::number(b))),
        };
    }
    dates::difference(a, b).unwrap_or_else(|| Err(unsupported("-", a, b)))
}

fn negate(value: &Value) -> Result<Value, Error> {
    match whole(value) {
        Some(whole) => from_whole(whole.checked_neg()),
        None if is_number(value) => Ok(Value::from(-python::number(value))),
        None => Err(bad(format!("bad operand type for unary -: '{}'", type_name(value)))),
    }
}

fn mul(state: &State, a: &Value, b: &Value) -> Result<Value, Error> {
    if is_number(a) && is_number(b) {
        return match wholes(a, b) {
            Some((left, right)) => from_whole(left.checked_mul(right)),
            None => Ok(Value::from(python::number(a) * python::number(b))),
        };
    }
    let (repeated, times) = if is_number(a) { (b, a) } else { (a, b) };
    if !(times.is_integer() || times.kind() == ValueKind::Bool) {
        return Err(unsupported("*", a, b));
    }
    let times = usize::try_from(times.as_i64().unwrap_or(i64::MAX).max(0)).unwrap_or(usize::MAX);
    let fits = |size: usize| {
        size.checked_mul(times).filter(|total| *total <= LONGEST).ok_or_else(fault::too_much)
    };
    if let Some(text) = repeated.as_str() {
        count(state, fits(text.len())?)?;
        return Ok(Value::from(text.repeat(times)));
    }
    if is_list(repeated) {
        let once = items(repeated)?;
        count(state, fits(once.len() * size_of::<Value>())?)?;
        let total = once.len() * times;
        return Ok(List::value(once.into_iter().cycle().take(total).collect()));
    }
    Err(unsupported("*", a, b))
}

fn modulo(state: &State, a: &Value, b: &Value) -> Result<Value, Error> {
    if let Some(pattern) = a.as_str() {
        let text = percent(pattern, b)?;
        count(state, text.len())?;
        return Ok(Value::from(text));
    }
    if !is_number(a) || !is_number(b) {
        return Err(unsupported("%", a, b));
    }
    if python::number(b) == 0.0 {
        return Err(bad("division by zero: integer modulo by zero"));
    }
    if let Some((left, right)) = wholes(a, b) {
        let rest = left.checked_rem(right);
        let floored = |rest: i128| {
            if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }
        };
        return from_whole(rest.map(floored));
    }
    let (left, right) = (python::number(a), python::number(b));
    Ok(Value::from(left - right * (left / right).floor()))
}

fn divide(a: &Value, b: &Value, floor: bool) -> Result<Value, Error> {
    if !is_number(a) || !is_number(b) {
        return Err(unsupported(if floor { "//" } else { "/" }, a, b));
    }
    if python::number(b) == 0.0 {
        return Err(bad("division by zero"));
    }
    if let Some((left, right)) = wholes(a, b).filter(|_| floor) {
        let (whole, rest) = (left.checked_div(right), left.checked_rem(right).unwrap_or(0));
        let below = i128::from(rest != 0 && (rest < 0) != (right < 0));
        return from_whole(whole.map(|whole| whole - below));
    }
    let quotient = python::number(a) / python::number(b);
    Ok(Value::from(if floor { quotient.floor() } else { quotient }))
}

fn concat(state: &mut State, args: &Args) -> Result<Value, Error> {
    let mut text = python::text(args.value())?;
    python::write_text(&mut text, &args.need(1, "")?)?;
    count(state, text.len())?;
    Ok(Value::from(text))
}

/// `a < b <= c`: the operators and operands after the first one, in turn.
fn compare_all(_: &mut State, args: &Args) -> Result<Value, Error> {
    let mut left = args.value();
    for (index, pair) in args.positional()[1..].chunks_exact(2).enumerate() {
        let (operator, right) = (pair[0].as_str().unwrap_or_default(), &pair[1]);
        if left.is_undefined() {
            return Err(UndefinedArgument::error(index));
        }
        if right.is_undefined() {
            return Err(UndefinedArgument::error(index + 1));
        }
        if !compare(operator, left, right)? {
            return Ok(Value::from(false));
        }
        left = right;
    }
    Ok(Value::from(true))
}

pub(super) fn compare(operator: &str, a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(match operator {
        "==" => a == b,
        "!=" => a != b,
        "in" => contains(b, a)?,
        "not in" => !contains(b, a)?,
        _ => {
            let Some(ordering) = order(a, b)? else {
                return Err(incomparable(operator, a, b));
            };
            match operator {
                "<" => ordering.is_lt(),
                "<=" => ordering.is_le(),
                ">" => ordering.is_gt(),
                _ => ordering.is_ge(),
            }
        }
    })
}

/// Which comes first; `None` where the types cannot be compared.
pub(super) fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, Error> {
    if is_number(a) && is_number(b) {
        return Ok(match wholes(a, b) {
            Some((left, right)) => Some(left.cmp(&right)),
            // What is not a number is neither less nor more: sorting may leave it where it is.
            None => {
                Some(python::number(a).partial_cmp(&python::number(b)).unwrap_or(Ordering::Equal))
            }
        });
    }
    if let (ValueKind::String, ValueKind::String) = (a.kind(), b.kind()) {
        return Ok(Some(a.as_str().cmp(&b.as_str())));
    }
    if is_list(a) && is_list(b) {
        let (left, right) = (items(a)?, items(b)?);
        for (x, y) in left.iter().zip(&right) {
            if x != y {
                return order(x, y);
            }
        }
        return Ok(Some(left.len().cmp(&right.len())));
    }
    Ok(dates::order(a, b))
}

/// Sorts by a key as Python does: stable, and refusing keys that cannot be compared.
pub(super) fn sort<T>(
    items: Vec<T>,
    reverse: bool,
    key: impl Fn(&T) -> &Value + Copy,
) -> Result<Vec<T>, Error> {
    if items.len() < 2 {
        return Ok(items);
    }
    let mut left = items;
    let right = sort(left.split_off(left.len() / 2), reverse, key)?;
    let left = sort(left, reverse, key)?;
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let (a, b) = (key(a), key(b));
        let ordering = order(b, a)?.ok_or_else(|| incomparable("<", b, a))?;
        let swap = if reverse { ordering.is_gt() } else { ordering.is_lt() };
        sorted.extend(if swap { right.next() } else { left.next() });
    }
    sorted.extend(left);
    sorted.extend(right);
    Ok(sorted)
}

fn incomparable(operator: &str, a: &Value, b: &Value) -> Error {
    let (a, b) = (type_name(a), type_name(b));
    bad(format!("'{operator}' not supported between instances of '{a}' and '{b}'"))
}

/// Python's `in`.
pub(super) fn contains(container: &Value, item: &Value) -> Result<bool, Error> {
    match container.kind() {
        ValueKind::String => match item.as_str() {
            Some(text) => Ok(container.as_str().is_some_and(|whole| whole.contains(text))),
            None => Err(bad(format!(
                "'in <string>' requires string as left operand, not {}",
                type_name(item)
            ))),
        },
        ValueKind::Map => Ok(!container.get_item(item)?.is_undefined()),
        ValueKind::Seq | ValueKind::Iterable => {
            for other in container.try_iter()?.checked() {
                if other? == *item {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(bad(format!("argument of type '{}' is not iterable", type_name(container)))),
    }
}

/// `x[start:stop:step]`.
fn slice(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    let step = args.int(3, "")?.unwrap_or(1);
    if step == 0 {
        return Err(bad("slice step cannot be zero"));
    }
    let all = match value.kind() {
        ValueKind::String | ValueKind::Seq | ValueKind::Iterable => items(value)?,
        _ => return Err(bad(format!("'{}' object is not subscriptable", type_name(value)))),
    };
    let length = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |given: Option<i64>, default: i64| match given {
        None => default,
        Some(at) if at < 0 => (at + length).clamp(lowest, highest),
        Some(at) => at.clamp(lowest, highest),
    };
    let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
    let (mut at, end) = (bound(args.int(1, "")?, first), bound(args.int(2, "")?, last));
    let mut taken = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        taken.extend(usize::try_from(at).ok().and_then(|at| all.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(if value.kind() == ValueKind::String {
        Value::from(taken.iter().filter_map(Value::as_str).collect::<String>())
    } else {
        List::value(taken)
    })
}

/// An attribute or item that may be missing, of what may be undefined.
fn look_up(_: &mut State, args: &Args) -> Result<Value, Error> {
    let value = args.value();
    if value.is_undefined() {
        return Ok(Value::UNDEFINED);
    }
    let key = args.need(1, "")?;
    if key.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    value.get_item(&key)
}
