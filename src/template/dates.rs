//! Dates, times and the spans between them, as Python's `datetime` has them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use super::arguments::{Args, bad};
use super::{filters, python};

pub(super) const FILTERS: filters::Family = &[("strftime", strftime), ("to_datetime", to_datetime)];

/// A date and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment(Zoned);

/// The span between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delta(SignedDuration);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d %H:%M:%S"))?;
        match self.0.subsec_nanosecond() / 1000 {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds, micros) = self.parts();
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if micros == 0 { Ok(()) } else { write!(f, ".{micros:06}") }
    }
}

impl Delta {
    /// Days, seconds and microseconds; only the days are negative.
    fn parts(self) -> (i128, i128, i128) {
        let micros = self.0.as_micros();
        let seconds = micros.div_euclid(1_000_000);
        (seconds.div_euclid(86_400), seconds.rem_euclid(86_400), micros.rem_euclid(1_000_000))
    }
}

/// The text of a date or span, where a value is one.
pub(super) fn text(value: &Value) -> Option<String> {
    let moment = value.downcast_object_ref::<Moment>().map(ToString::to_string);
    moment.or_else(|| value.downcast_object_ref::<Delta>().map(ToString::to_string))
}

/// `a - b`, where it is about dates.
pub(super) fn difference(a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    if let Some(Delta(by)) = b.downcast_object_ref::<Delta>().copied() {
        return Some(shifted(a, -by));
    }
    let (a, b) = (a.downcast_object_ref::<Moment>()?, b.downcast_object_ref::<Moment>()?);
    let between = a.0.datetime().duration_since(b.0.datetime());
    Some(Ok(Value::from_object(Delta(between))))
}

/// `a + b`, where it is about dates.
pub(super) fn sum(a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    if let Some(Delta(by)) = b.downcast_object_ref::<Delta>().copied() {
        return Some(shifted(a, by));
    }
    let Delta(by) = a.downcast_object_ref::<Delta>().copied()?;
    Some(shifted(b, by))
}

fn shifted(value: &Value, by: SignedDuration) -> Result<Value, Error> {
    if let Some(Delta(span)) = value.downcast_object_ref::<Delta>() {
        return Ok(Value::from_object(Delta(*span + by)));
    }
    let moment = value.downcast_object_ref::<Moment>().ok_or_else(|| bad("a date is needed"))?;
    let moved = moment.0.checked_add(by).map_err(|error| bad(error.to_string()))?;
    Ok(Value::from_object(Moment(moved)))
}

/// Which comes first, where both are dates or both are spans.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) =
        (a.downcast_object_ref::<Moment>(), b.downcast_object_ref::<Moment>())
    {
        return Some(a.0.datetime().cmp(&b.0.datetime()));
    }
    let (a, b) = (a.downcast_object_ref::<Delta>()?, b.downcast_object_ref::<Delta>()?);
    Some(a.0.cmp(&b.0))
}

fn format(moment: &Zoned, pattern: &str) -> Result<Value, Error> {
    jiff::fmt::strtime::format(pattern, moment)
        .map(Value::from)
        .map_err(|error| bad(format!("`{pattern}` is no valid format: {error}")))
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let moment = &self.0;
        Some(match key.as_str()? {
            "year" => Value::from(moment.year()),
            "month" => Value::from(moment.month()),
            "day" => Value::from(moment.day()),
            "hour" => Value::from(moment.hour()),
            "minute" => Value::from(moment.minute()),
            "second" => Value::from(moment.second()),
            "microsecond" => Value::from(moment.subsec_nanosecond() / 1000),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let moment = &self.0;
        match method {
            "strftime" => {
                let pattern = args.first().and_then(Value::as_str);
                format(moment, pattern.ok_or_else(|| Error::from(ErrorKind::MissingArgument))?)
            }
            "isoformat" => Ok(Value::from(self.to_string().replacen(' ', "T", 1))),
            "timestamp" => {
                #[expect(clippy::cast_precision_loss, reason = "Python's timestamps are floats")]
                let micros = moment.timestamp().as_microsecond() as f64;
                Ok(Value::from(micros / 1e6))
            }
            "date" => format(moment, "%Y-%m-%d"),
            "time" => format(moment, "%H:%M:%S"),
            "weekday" => Ok(Value::from(moment.weekday().to_monday_zero_offset())),
            "isoweekday" => Ok(Value::from(moment.weekday().to_monday_one_offset())),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_ref(), f)
    }
}

impl Object for Delta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (days, seconds, micros) = self.parts();
        Some(match key.as_str()? {
            "days" => Value::from(days),
            "seconds" => Value::from(seconds),
            "microseconds" => Value::from(micros),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        _args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "total_seconds" => Ok(Value::from(self.0.as_secs_f64())),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_ref(), f)
    }
}

fn zone(utc: bool) -> TimeZone {
    if utc { TimeZone::UTC } else { TimeZone::system() }
}

/// `now(utc=False, fmt=None)`.
pub(super) fn now(_: &mut State, args: &Args) -> Result<Value, Error> {
    let moment = Timestamp::now().to_zoned(zone(args.flag(0, "utc")?));
    match args.text(1, "fmt")? {
        Some(pattern) => format(&moment, &pattern),
        None => Ok(Value::from_object(Moment(moment))),
    }
}

fn strftime(_: &mut State, args: &Args) -> Result<Value, Error> {
    let pattern = python::text(args.value())?;
    let second = args.get(1, "second")?.filter(|second| !second.is_none());
    let zone = zone(args.flag(2, "utc")?);
    let timestamp = match second {
        Some(second) => {
            let number = match second.as_str() {
                Some(text) => text.trim().parse().map_err(|_| {
                    bad(format!(
                        "Invalid value for epoch value ({text}): a number of seconds is needed"
                    ))
                })?,
                None => python::number(&second),
            };
            SignedDuration::try_from_secs_f64(number)
                .and_then(Timestamp::from_duration)
                .map_err(|error| bad(error.to_string()))?
        }
        None => Timestamp::now(),
    };
    format(&timestamp.to_zoned(zone), &pattern)
}

fn to_datetime(_: &mut State, args: &Args) -> Result<Value, Error> {
    let pattern = args.text(1, "format")?.unwrap_or_else(|| "%Y-%m-%d %H:%M:%S".to_owned());
    let text = python::text(args.value())?;
    let fault = |error: jiff::Error| bad(format!("`{text}` does not fit `{pattern}`: {error}"));
    let read = jiff::fmt::strtime::parse(&pattern, &text).map_err(fault)?;
    let moment = read.to_zoned().or_else(|_| {
        let date = || read.to_date().map(DateTime::from);
        read.to_datetime().or_else(|_| date())?.to_zoned(TimeZone::UTC)
    });
    let moment = moment.map_err(fault)?;
    Ok(Value::from_object(Moment(moment)))
}
