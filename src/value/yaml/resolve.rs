//! What a plain scalar is: PyYAML's reading of YAML 1.1, rule for rule.
//!
//! It is not the YAML 1.1 of the specification: `y` and `n` are text, a float needs a dot, and
//! its exponent a sign; `0o17` is text.

use super::timestamp::timestamp;

/// What a plain scalar stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Implicit {
    Null,
    Bool(bool),
    Int(i64),
    /// The digits of a whole number that 64 bits do not hold.
    Big(String),
    Float(f64),
    /// A date or a time in its ISO form.
    Timestamp(String),
    /// `<<`, which as a key merges mappings.
    Merge,
    /// `=`, which PyYAML knows and cannot read.
    Default,
    Text,
}

/// Resolves a plain scalar.
pub(super) fn implicit(text: &str) -> Implicit {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Implicit::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Implicit::Bool(true)
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Implicit::Bool(false)
        }
        "<<" => Implicit::Merge,
        "=" => Implicit::Default,
        _ if text.starts_with(|first: char| first.is_ascii_digit() || "-+.".contains(first)) => {
            float(text)
                .map(Implicit::Float)
                .or_else(|| int(text))
                .or_else(|| timestamp(text).map(Implicit::Timestamp))
                .unwrap_or(Implicit::Text)
        }
        _ => Implicit::Text,
    }
}

/// A leading sign: whether it is a minus, and what follows it.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_digits(text: &str, digit: impl Fn(char) -> bool) -> bool {
    text.chars().all(|c| c == '_' || digit(c))
}

/// `1_000`: starts with a digit, the rest are digits and underscores.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && is_digits(text, |c| c.is_ascii_digit())
}

fn int(text: &str) -> Option<Implicit> {
    let (negative, digits) = sign(text);
    let of = |radix, digits: &str| {
        let digits = digits.replace('_', "");
        let number = i128::from_str_radix(&digits, radix);
        if number.is_err() && radix == 10 && !digits.is_empty() {
            let sign = if negative { "-" } else { "" };
            return Some(Implicit::Big(format!("{sign}{digits}")));
        }
        number.ok().map(|number| whole(negative, number))
    };
    if let Some(digits) = digits.strip_prefix("0b") {
        return is_digits(digits, |c| matches!(c, '0' | '1')).then(|| of(2, digits))?;
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return is_digits(digits, |c| c.is_ascii_hexdigit()).then(|| of(16, digits))?;
    }
    if digits.starts_with('0') {
        return is_digits(digits, |c| matches!(c, '0'..='7')).then(|| of(8, digits))?;
    }
    if is_number(digits) {
        return of(10, digits);
    }
    let (first, places) = digits.split_once(':')?;
    if !is_number(first) || !places.split(':').all(is_sexagesimal) {
        return None;
    }
    let number = digits.replace('_', "").split(':').try_fold(0_i128, |sum, place| {
        sum.checked_mul(60)?.checked_add(place.parse::<i128>().ok()?)
    });
    number.map(|number| whole(negative, number))
}

fn whole(negative: bool, number: i128) -> Implicit {
    let number = if negative { -number } else { number };
    i64::try_from(number).map_or_else(|_| Implicit::Big(number.to_string()), Implicit::Int)
}

/// A place of a number to the base of 60.
fn is_sexagesimal(place: &str) -> bool {
    match place.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
        _ => false,
    }
}

fn float(text: &str) -> Option<f64> {
    let (negative, digits) = sign(text);
    let magnitude = match digits {
        ".inf" | ".Inf" | ".INF" => f64::INFINITY,
        ".nan" | ".NaN" | ".NAN" if digits.len() == text.len() => f64::NAN,
        _ => {
            let (whole, fraction) = digits.split_once('.')?;
            if whole.contains(':') {
                sexagesimal_float(whole, fraction)?
            } else {
                decimal(whole, fraction, digits.len() == text.len())?
            }
        }
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// `1.5`, `1.`, `.5` (without a sign), `1.5e+3`.
fn decimal(whole: &str, fraction: &str, unsigned: bool) -> Option<f64> {
    let (places, exponent) = match fraction.find(['e', 'E']) {
        Some(at) => (&fraction[..at], &fraction[at + 1..]),
        None => (fraction, "+0"),
    };
    let power = exponent.strip_prefix(['-', '+'])?;
    let right_exponent = !power.is_empty() && power.bytes().all(|c| c.is_ascii_digit());
    let right_whole = if whole.is_empty() {
        unsigned && places.starts_with(|c: char| c.is_ascii_digit())
    } else {
        is_number(whole)
    };
    if !right_exponent || !right_whole || !is_digits(places, |c| c.is_ascii_digit()) {
        return None;
    }
    format!("0{whole}.{places}0e{exponent}").replace('_', "").parse().ok()
}

/// `190:20:30.15`.
fn sexagesimal_float(whole: &str, fraction: &str) -> Option<f64> {
    let (first, places) = whole.split_once(':')?;
    let right_places = is_number(first) && places.split(':').all(is_sexagesimal);
    if !right_places || !is_digits(fraction, |c| c.is_ascii_digit()) {
        return None;
    }
    let whole = whole.replace('_', "");
    let seconds = whole
        .split(':')
        .try_fold(0.0, |sum, place| Some(sum * 60.0 + place.parse::<f64>().ok()?))?;
    let fraction: f64 = format!("0.{fraction}0").replace('_', "").parse().ok()?;
    Some(seconds + fraction)
}

#[cfg(test)]
mod tests {
    use super::Implicit::{Big, Bool, Float, Int, Null, Text, Timestamp};
    use super::*;

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("0", Int(0)),
            ("-0", Int(0)),
            ("010", Int(8)),
            ("08", Text),
            ("0o17", Text),
            ("0x1F", Int(31)),
            ("0x", Text),
            ("0b101", Int(5)),
            ("+12", Int(12)),
            ("1_000", Int(1000)),
            ("_1", Text),
            ("1:30", Int(90)),
            ("190:20:30", Int(685_230)),
            ("0:30", Text),
            ("1:60", Text),
            ("-1:30", Int(-90)),
            ("9223372036854775808", Big("9223372036854775808".to_owned())),
            ("-0xFFFFFFFFFFFFFFFFF", Big("-295147905179352825855".to_owned())),
            ("1.5", Float(1.5)),
            ("1.", Float(1.0)),
            (".5", Float(0.5)),
            ("-.5", Text),
            (".", Text),
            ("1e3", Text),
            ("1.0e3", Text),
            ("1.0e+3", Float(1000.0)),
            ("1.e+3", Float(1000.0)),
            ("190:20:30.15", Float(685_230.15)),
            ("-.inf", Float(f64::NEG_INFINITY)),
            ("1.2.3", Text),
            ("-", Text),
            ("+", Text),
            ("-.nan", Text),
        ] {
            assert_eq!(implicit(text), expected, "{text}");
        }
        assert!(matches!(implicit(".NaN"), Float(number) if number.is_nan()));
    }

    #[test]
    fn words() {
        for (text, expected) in [
            ("", Null),
            ("~", Null),
            ("nULL", Text),
            ("yes", Bool(true)),
            ("y", Text),
            ("Off", Bool(false)),
            ("n", Text),
            ("2001-01-01", Timestamp("2001-01-01".to_owned())),
            ("10.0.0.1", Text),
            ("é", Text),
        ] {
            assert_eq!(implicit(text), expected, "{text}");
        }
    }
}
