//! Python's `%` on a text.

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::arguments::{bad, items, type_name};
use super::filters::text::{Side, pad};
use super::python;

/// The most characters of one filled-in value.
const WIDEST: usize = 1_000_000;

/// One `%…` of a pattern.
#[derive(Default)]
struct Spec {
    /// The name in `%(name)s`.
    key: Option<String>,
    alternate: bool,
    zero: bool,
    left: bool,
    space: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

/// Where the values come from.
enum Source<'v> {
    /// One after the other.
    Tuple(std::vec::IntoIter<Value>),
    /// By their names, or itself.
    One(Option<&'v Value>),
}

impl Source<'_> {
    fn next(&mut self) -> Result<Value, Error> {
        let next = match self {
            Self::Tuple(values) => values.next(),
            Self::One(value) => value.take().cloned(),
        };
        next.ok_or_else(|| bad("not enough arguments for format string"))
    }
}

/// Fills values into a pattern: `"%s-%02d" % (a, b)`, `"%(name)s" % mapping`.
pub(super) fn percent(pattern: &str, value: &Value) -> Result<String, Error> {
    let mut source = if value.is_tuple() {
        Source::Tuple(items(value)?.into_iter())
    } else {
        Source::One(Some(value))
    };
    let (mut out, mut rest, mut named) = (String::with_capacity(pattern.len()), pattern, false);
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (spec, after) = read(&rest[at + 1..], &mut source)?;
        rest = after;
        if spec.kind == '%' {
            out.push('%');
            continue;
        }
        let item = match &spec.key {
            Some(key) if value.kind() == ValueKind::Map => {
                named = true;
                let item = value.get_item(&Value::from(key.as_str()))?;
                if item.is_undefined() {
                    return Err(bad(format!("the mapping has no key `{key}`")));
                }
                item
            }
            Some(_) => return Err(bad("format requires a mapping")),
            None => source.next()?,
        };
        out.push_str(&fill(&spec, &item)?);
    }
    let unused = match &source {
        Source::Tuple(values) => values.len() > 0,
        Source::One(value) => value.is_some_and(|value| !is_container(value)) && !named,
    };
    if unused {
        return Err(bad("not all arguments converted during string formatting"));
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads what follows a `%`, and gives what comes after it.
fn read<'p>(text: &'p str, source: &mut Source) -> Result<(Spec, &'p str), Error> {
    let (mut spec, mut rest) = (Spec::default(), text);
    if let Some(inner) = rest.strip_prefix('(') {
        let end = inner.find(')').ok_or_else(|| bad("incomplete format key"))?;
        spec.key = Some(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    while let Some(flag) = rest.chars().next().filter(|c| "#0- +".contains(*c)) {
        match flag {
            '#' => spec.alternate = true,
            '0' => spec.zero = true,
            '-' => spec.left = true,
            ' ' => spec.space = true,
            _ => spec.plus = true,
        }
        rest = &rest[1..];
    }
    let mut number = |rest: &mut &'p str| -> Result<Option<usize>, Error> {
        if let Some(after) = rest.strip_prefix('*') {
            *rest = after;
            let given = source.next()?.as_usize();
            return given.map(Some).ok_or_else(|| bad("* wants a whole number"));
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = &rest[..end];
        *rest = &rest[end..];
        Ok(digits.parse().ok())
    };
    spec.width = number(&mut rest)?.unwrap_or(0);
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        spec.precision = Some(number(&mut rest)?.unwrap_or(0));
    }
    if spec.width.max(spec.precision.unwrap_or(0)) > WIDEST {
        return Err(bad("the width is too large"));
    }
    rest = rest.trim_start_matches(['h', 'l', 'L']);
    spec.kind = rest.chars().next().ok_or_else(|| bad("incomplete format"))?;
    let after = &rest[spec.kind.len_utf8()..];
    Ok((spec, after))
}

fn fill(spec: &Spec, value: &Value) -> Result<String, Error> {
    let cut = |text: String| match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text,
    };
    let text = match spec.kind {
        's' => cut(python::text(value)?),
        'r' | 'a' => cut(python::repr(value)?),
        'c' => match value.as_usize().and_then(|code| u32::try_from(code).ok()) {
            Some(code) => char::from_u32(code).map(String::from).unwrap_or_default(),
            None => python::text(value)?.chars().take(1).collect(),
        },
        'd' | 'i' | 'u' => return Ok(sign(spec, &digits(spec, &whole(spec, value)?.to_string()))),
        'x' => {
            return Ok(sign(spec, &based(spec, "0x", whole(spec, value)?, |n| format!("{n:x}"))));
        }
        'X' => {
            return Ok(sign(spec, &based(spec, "0X", whole(spec, value)?, |n| format!("{n:X}"))));
        }
        'o' => {
            return Ok(sign(spec, &based(spec, "0o", whole(spec, value)?, |n| format!("{n:o}"))));
        }
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => return Ok(sign(spec, &float(spec, value)?)),
        other => return Err(bad(format!("unsupported format character `{other}`"))),
    };
    let side = if spec.left { Side::Right } else { Side::Left };
    Ok(padded(&text, spec.width, ' ', side))
}

fn padded(text: &str, width: usize, fill: char, side: Side) -> String {
    pad(text, i64::try_from(width).unwrap_or(0), fill, side)
}

fn whole(spec: &Spec, value: &Value) -> Result<i128, Error> {
    let number = match value.kind() {
        ValueKind::Number if !value.is_integer() && matches!(spec.kind, 'd' | 'i' | 'u') => {
            let float = python::number(value).trunc();
            #[expect(clippy::cast_possible_truncation, reason = "only numbers within range pass")]
            (float.abs() < 1e38).then_some(float as i128)
        }
        ValueKind::Number | ValueKind::Bool => i128::try_from(value.clone()).ok(),
        _ => None,
    };
    number.ok_or_else(|| {
        bad(format!("%{} format: a number is required, not {}", spec.kind, type_name(value)))
    })
}

/// At least as many digits as the precision says.
fn digits(spec: &Spec, number: &str) -> String {
    let (minus, bare) = match number.strip_prefix('-') {
        Some(bare) => ("-", bare),
        None => ("", number),
    };
    format!("{minus}{}", padded(bare, spec.precision.unwrap_or(0), '0', Side::Left))
}

fn based(spec: &Spec, prefix: &str, number: i128, write: impl Fn(u128) -> String) -> String {
    let prefix = if spec.alternate { prefix } else { "" };
    let minus = if number < 0 { "-" } else { "" };
    format!("{minus}{prefix}{}", digits(spec, &write(number.unsigned_abs())))
}

fn float(spec: &Spec, value: &Value) -> Result<String, Error> {
    if !matches!(value.kind(), ValueKind::Number | ValueKind::Bool) {
        return Err(bad(format!("must be real number, not {}", type_name(value))));
    }
    let number = python::number(value);
    let precision = spec.precision.unwrap_or(6);
    let text = match spec.kind.to_ascii_lowercase() {
        _ if !number.is_finite() => python::float(number),
        'f' => format!("{number:.precision$}"),
        'e' => exponent(&format!("{number:.precision$e}")),
        _ => general(number, precision.max(1), spec.alternate),
    };
    Ok(if spec.kind.is_ascii_uppercase() { text.to_uppercase() } else { text })
}

/// An exponent with its sign and at least two digits: `1e+05`.
fn exponent(text: &str) -> String {
    let (digits, power) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{digits}e{sign}{power:0>2}")
}

/// `%g`: so many significant digits, without zeros at the end.
fn general(number: f64, precision: usize, keep: bool) -> String {
    let scientific = format!("{number:.*e}", precision - 1);
    let power: i32 = scientific.split_once('e').and_then(|(_, p)| p.parse().ok()).unwrap_or(0);
    let fits = i32::try_from(precision).unwrap_or(i32::MAX);
    let text = if (-4..fits).contains(&power) {
        let decimals = usize::try_from(fits - 1 - power).unwrap_or(0);
        format!("{number:.decimals$}")
    } else {
        scientific
    };
    let (digits, rest) = text.split_once('e').map_or((text.as_str(), None), |(d, e)| (d, Some(e)));
    let digits = if keep || !digits.contains('.') {
        digits
    } else {
        digits.trim_end_matches('0').trim_end_matches('.')
    };
    match rest {
        Some(power) => exponent(&format!("{digits}e{power}")),
        None => digits.to_owned(),
    }
}

/// Puts the sign before a number, and fills it up to its width.
fn sign(spec: &Spec, number: &str) -> String {
    let (mark, bare) = match number.strip_prefix('-') {
        Some(bare) => ("-", bare),
        None if spec.plus => ("+", number),
        None if spec.space => (" ", number),
        None => ("", number),
    };
    if spec.zero && !spec.left {
        let width = spec.width.saturating_sub(mark.len());
        return format!("{mark}{}", padded(bare, width, '0', Side::Left));
    }
    let side = if spec.left { Side::Right } else { Side::Left };
    padded(&format!("{mark}{bare}"), spec.width, ' ', side)
}

/// A list or a mapping, of which Python lets everything go unused.
fn is_container(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Map | ValueKind::Seq | ValueKind::Iterable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_filled_as_python_fills_them() {
        let tuple = |values: &[Value]| Value::from(minijinja::value::Tuple::from(values.to_vec()));
        let one = |value: Value| tuple(&[value]);
        for (pattern, value, expected) in [
            ("%s and %s", tuple(&[1.into(), "b".into()]), "1 and b"),
            ("%05.2f", 2.345_678.into(), "02.35"),
            ("%+d|%x", tuple(&[5.into(), 255.into()]), "+5|ff"),
            ("%#o %X", tuple(&[8.into(), 255.into()]), "0o10 FF"),
            ("%-5s|%5s|", tuple(&["a".into(), "b".into()]), "a    |    b|"),
            ("%r %%", one("it's".into()), "\"it's\" %"),
            (
                "%e %g %g",
                tuple(&[1234.5.into(), 0.0001.into(), 1e10.into()]),
                "1.234500e+03 0.0001 1e+10",
            ),
            ("%d", 3.99.into(), "3"),
            (
                "%.3d|%3d|%-3d|%03d",
                tuple(&[5.into(), 5.into(), 5.into(), (-5).into()]),
                "005|  5|5  |-05",
            ),
            ("%s", Value::from(vec![1, 2]), "[1, 2]"),
            ("%.2s", "abc".into(), "ab"),
            ("%*d", tuple(&[4.into(), 7.into()]), "   7"),
            ("%c%c", tuple(&[65.into(), "B".into()]), "AB"),
            ("no", Value::from_pairs([("a", 1)]), "no"),
            ("%(a)s", Value::from_pairs([("a", 1)]), "1"),
        ] {
            assert_eq!(percent(pattern, &value).unwrap(), expected, "{pattern}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (pattern, value, expected) in [
            ("%d", Value::from("x"), "%d format: a number is required, not str"),
            ("%s %s", Value::from(1), "not enough arguments for format string"),
            ("none", Value::from(1), "not all arguments converted during string formatting"),
            ("%(a)s", Value::from_pairs([("b", 1)]), "the mapping has no key `a`"),
            ("%y", Value::from(1), "unsupported format character `y`"),
            ("%", Value::from(1), "incomplete format"),
            ("%9999999999d", Value::from(1), "the width is too large"),
        ] {
            assert_eq!(percent(pattern, &value).unwrap_err().detail(), Some(expected), "{pattern}");
        }
    }
}
