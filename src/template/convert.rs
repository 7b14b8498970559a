//! Between the engine's values and plain data.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};
use serde_json::Number;

use super::context::Context;
use super::dates;
use super::objects::Omit;
use super::python;
use crate::value::{Fields, Value as Json};

/// The most items of one list, and of all lists in one result together.
const MOST_ITEMS: usize = 1_000_000;

/// A value as plain data; `None` where it is `omit`. In containers `omit` drops out.
pub(super) fn to_data(value: &Value) -> Result<Option<Json>, Error> {
    let mut items = 0;
    convert(value, &mut items)
}

fn convert(value: &Value, items: &mut usize) -> Result<Option<Json>, Error> {
    Ok(Some(match value.kind() {
        ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::String => value.as_str().unwrap_or_default().into(),
        ValueKind::Bytes => {
            String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned().into()
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let mut list = Vec::new();
            for item in value.try_iter()?.checked() {
                count(items)?;
                list.extend(convert(&item?, items)?);
            }
            Json::Array(list)
        }
        ValueKind::Map => {
            let mut fields = Fields::new();
            for key in value.try_iter()?.checked() {
                count(items)?;
                let key = key?;
                if let Some(item) = convert(&value.get_item(&key)?, items)? {
                    fields.insert(python::text(&key)?, item);
                }
            }
            Json::Object(fields)
        }
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Invalid => return Err(python::invalid(value)),
        _ if Omit::is(value) => return Ok(None),
        _ => match dates::text(value) {
            Some(text) => text.into(),
            None => {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    format!(
                        "{value} is not a value that can be kept: call it or take a part of it"
                    ),
                ));
            }
        },
    }))
}

fn count(items: &mut usize) -> Result<(), Error> {
    *items += 1;
    if *items > MOST_ITEMS {
        return Err(Error::new(
            ErrorKind::OutOfFuel,
            format!("the result has more than {MOST_ITEMS} items"),
        ));
    }
    Ok(())
}

/// Whole numbers beyond 64 bits and floats that are no numbers become text.
fn number(value: &Value) -> Json {
    if value.is_integer() {
        if let Ok(whole) = i64::try_from(value.clone()) {
            return whole.into();
        }
        if let Ok(whole) = u64::try_from(value.clone()) {
            return whole.into();
        }
        return value.to_string().into();
    }
    let float = python::number(value);
    Number::from_f64(float).map_or_else(|| python::float(float).into(), Json::Number)
}

/// Scalars as the engine holds them; containers are for [`super::variables`].
pub(super) fn scalar(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::from(whole),
            (_, Some(whole)) => Value::from(whole),
            _ => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(_) | Json::Object(_) => return None,
    })
}

/// Plain data as a value of the template that `state` belongs to.
pub(super) fn known(state: &State, data: Json) -> Result<Value, Error> {
    Ok(Context::of(state)?.known(data))
}
