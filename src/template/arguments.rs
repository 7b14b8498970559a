//! The arguments of a filter, test or function, by position or by name.

use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs, from_args};
use minijinja::{Environment, Error, ErrorKind, State};

use super::fault::Fault;
use super::python;
use super::undefined::UndefinedArgument;

/// What a filter, test or function was called with; a filter's piped value is the first.
pub(super) struct Args<'a> {
    positional: &'a [Value],
    named: &'a Kwargs,
}

/// A filter, test or function.
pub(super) type Call = fn(&mut State, &Args) -> Result<Value, Error>;

/// An error of a filter, test or function.
pub(super) fn bad(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

impl<'a> Args<'a> {
    /// The piped or first value.
    pub(super) fn value(&self) -> &'a Value {
        static NONE: Value = Value::UNDEFINED;
        self.positional.first().unwrap_or(&NONE)
    }

    /// All that were given by position.
    pub(super) fn positional(&self) -> &'a [Value] {
        self.positional
    }

    /// All that were given by name.
    pub(super) fn named(&self) -> Result<Vec<(String, Value)>, Error> {
        self.named.args().map(|name| Ok((name.to_owned(), self.named.get(name)?))).collect()
    }

    /// An argument that may be missing.
    pub(super) fn get(&self, index: usize, name: &str) -> Result<Option<Value>, Error> {
        let named = self.named.get::<Option<Value>>(name)?;
        Ok(self.positional.get(index).cloned().or(named))
    }

    /// An argument that must be there.
    pub(super) fn need(&self, index: usize, name: &str) -> Result<Value, Error> {
        self.get(index, name)?.ok_or_else(|| bad(format!("it needs `{name}`")))
    }

    /// An argument as text.
    pub(super) fn text(&self, index: usize, name: &str) -> Result<Option<String>, Error> {
        match self.get(index, name)? {
            Some(value) if !value.is_none() => Ok(Some(python::text(&value)?)),
            _ => Ok(None),
        }
    }

    /// An argument as truth; false where it is missing.
    pub(super) fn flag(&self, index: usize, name: &str) -> Result<bool, Error> {
        Ok(self.get(index, name)?.is_some_and(|value| value.is_true()))
    }

    /// An argument as a whole number.
    pub(super) fn int(&self, index: usize, name: &str) -> Result<Option<i64>, Error> {
        match self.get(index, name)? {
            Some(value) if !value.is_none() => whole(&value)
                .map(Some)
                .ok_or_else(|| bad(format!("`{name}` must be a whole number"))),
            _ => Ok(None),
        }
    }
}

/// A whole number, also out of text.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => value.as_i64(),
    }
}

/// The items of a list.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::String => {
            value.try_iter()?.checked().collect()
        }
        _ => Err(bad(format!("'{}' object is not iterable", type_name(value)))),
    }
}

/// The pairs of a mapping.
pub(super) fn pairs(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if value.kind() != ValueKind::Map {
        return Err(bad(format!("a mapping is needed, this is {}", type_name(value))));
    }
    value
        .try_iter()?
        .checked()
        .map(|key| {
            let key = key?;
            let item = value.get_item(&key)?;
            if item.kind() == ValueKind::Invalid {
                return Err(python::invalid(&item));
            }
            Ok((key, item))
        })
        .collect()
}

/// Python's name of a value's type.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "Undefined",
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Map => "dict",
        _ if value.is_tuple() => "tuple",
        ValueKind::Seq | ValueKind::Iterable => "list",
        _ => "object",
    }
}

/// What becomes of an undefined argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Undefined {
    /// It is handed through: the result is undefined too.
    Passes,
    /// It fails.
    Fails,
    /// It is handed in.
    Taken,
}

/// Calls `call`, with the arguments taken apart and its faults named after it.
fn run(
    name: &str,
    call: Call,
    undefined: Undefined,
    state: &mut State,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let all = args.into_values();
    let (positional, named) = from_args::<(&[Value], Kwargs)>(&all)?;
    if let Some(index) = positional.iter().position(Value::is_undefined) {
        match undefined {
            Undefined::Passes => return Ok(positional[index].clone()),
            Undefined::Fails => return Err(UndefinedArgument::error(index)),
            Undefined::Taken => {}
        }
    }
    let args = Args { positional, named: &named };
    let result = call(state, &args).and_then(|value| named.assert_all_used().map(|()| value));
    result.map_err(|error| {
        let hidden = name.starts_with("__");
        let told = Fault::of(&error).is_some() || error.name().is_some();
        match error.kind() {
            ErrorKind::InvalidOperation | ErrorKind::TooManyArguments if !hidden && !told => {
                let detail = error.detail().unwrap_or_default();
                Error::new(ErrorKind::InvalidOperation, format!("`{name}`: {detail}"))
            }
            _ => error,
        }
    })
}

/// Adds a filter under its own name.
pub(super) fn add_filter(
    env: &mut Environment<'static>,
    name: &'static str,
    called: String,
    undefined: Undefined,
    call: Call,
) {
    env.add_filter(called, move |state: &mut State, args: Rest<ValueOrKwargs>| {
        run(name, call, undefined, state, args)
    });
}

/// Adds a test.
pub(super) fn add_test(
    env: &mut Environment<'static>,
    name: &'static str,
    called: String,
    undefined: Undefined,
    call: Call,
) {
    env.add_test(called, move |state: &mut State, args: Rest<ValueOrKwargs>| {
        run(name, call, undefined, state, args).map(|value| value.is_true())
    });
}

/// Adds a function.
pub(super) fn add_function(env: &mut Environment<'static>, name: &'static str, call: Call) {
    env.add_function(name, move |state: &mut State, args: Rest<ValueOrKwargs>| {
        run(name, call, Undefined::Fails, state, args)
    });
}
