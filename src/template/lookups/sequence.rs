//! `sequence`.

use minijinja::Error;
use minijinja::value::Value;

use super::request::words;
use super::{Lookup, Request};
use crate::template::arguments::bad;
use crate::template::percent::percent;
use crate::value::{Value as Json, coerce};

pub(super) const LOOKUPS: &[Lookup] =
    &[Lookup::new("sequence", &["start", "end", "count", "stride", "format"], sequence)];

/// The most numbers of one sequence.
const LONGEST: i64 = 1_000_000;

#[derive(Clone, Default)]
struct Sequence {
    start: Option<i64>,
    end: Option<i64>,
    count: Option<i64>,
    stride: Option<i64>,
    format: Option<String>,
}

impl Sequence {
    fn set(&mut self, name: &str, text: &str) -> Result<(), Error> {
        let number = || {
            whole(text).ok_or_else(|| {
                bad(format!(
                    "'{name}' has an invalid value: a whole number is needed, not '{text}'"
                ))
            })
        };
        match name {
            "start" => self.start = Some(number()?),
            "end" => self.end = Some(number()?),
            "count" => self.count = Some(number()?),
            "stride" => self.stride = Some(number()?),
            "format" => self.format = Some(text.to_owned()),
            _ => {
                return Err(bad(format!("unrecognized arguments to with_sequence: ['{name}']")));
            }
        }
        Ok(())
    }

    /// Reads `5`, `5-8`, `2-10/2` and `4:host%02d`.
    fn short(&mut self, term: &str) -> Option<()> {
        let (range, format) = match term.split_once(':') {
            Some((range, format)) => (range, Some(format.to_owned())),
            None => (term, None),
        };
        let (range, stride) = match range.split_once('/') {
            Some((range, stride)) => (range, Some(whole(stride)?)),
            None => (range, None),
        };
        let (start, end) = match range.split_once('-').filter(|(start, _)| !start.is_empty()) {
            Some((start, end)) => (Some(whole(start)?), whole(end)?),
            None => (None, whole(range)?),
        };
        *self = Self { start, end: Some(end), count: None, stride, format };
        Some(())
    }

    fn numbers(&self) -> Result<Vec<Json>, Error> {
        let start = self.start.unwrap_or(1);
        let (end, stride) = match (self.end, self.count) {
            (Some(_), Some(_)) => {
                return Err(bad("can't specify both count and end in with_sequence"));
            }
            (None, None) => return Err(bad("must specify count or end in with_sequence")),
            (None, Some(0)) => return Ok(vec![]),
            (None, Some(count)) => {
                let stride = self.stride.unwrap_or(1);
                // Where it ends is in between, which is seen where it counts backwards.
                (start.saturating_add(stride.saturating_mul(count)).saturating_sub(1), stride)
            }
            (Some(end), None) => (end, self.stride.unwrap_or(1)),
        };
        if stride == 0 {
            return Ok(vec![]);
        }
        if stride > 0 && end < start {
            return Err(bad("to count backwards make stride negative"));
        }
        if stride < 0 && end > start {
            return Err(bad("to count forward don't make stride negative"));
        }
        if end.abs_diff(start) / stride.unsigned_abs() >= LONGEST.unsigned_abs() {
            return Err(bad(format!("the sequence has more than {LONGEST} numbers")));
        }
        let format = self.format.as_deref().unwrap_or("%d");
        if !format.contains('%') {
            return Err(bad(format!("bad formatting string: {format}")));
        }
        std::iter::successors(Some(start), |at| at.checked_add(stride))
            .take_while(|at| if stride > 0 { *at <= end } else { *at >= end })
            .map(|at| percent(format, &Value::from(at)).map(Json::from))
            .collect()
    }
}

/// A whole number, also in hexadecimal (`0x0f`) and octal (`0755`).
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok();
    }
    if text.len() > 1 && text.starts_with('0') {
        return i64::from_str_radix(&text[1..], 8).ok();
    }
    text.parse().ok()
}

fn sequence(request: &Request) -> Result<Vec<Json>, Error> {
    let mut given = Sequence::default();
    for (name, value) in request.options.iter().filter(|(_, value)| !value.is_null()) {
        if !matches!(name.as_str(), "wantlist" | "errors") {
            given.set(name, &coerce::to_text(value))?;
        }
    }
    if request.terms.is_empty() {
        let asked = given.end.is_some() || given.count.is_some();
        return if asked { given.numbers() } else { Ok(vec![]) };
    }
    let mut numbers = vec![];
    for term in request.texts() {
        let mut one = given.clone();
        if one.short(&term).is_none() {
            let (bare, pairs) = words(&term);
            if !bare.is_empty() {
                return Err(bad(format!(
                    "'{term}' has an invalid value: write `start=1 end=5` or `1-5`"
                )));
            }
            for (name, text) in pairs {
                one.set(&name, &text)?;
            }
        }
        numbers.extend(one.numbers()?);
    }
    Ok(numbers)
}
