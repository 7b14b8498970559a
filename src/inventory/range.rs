//! What a host line starts with: `web[01:20].example.com:2222`.

/// The most hosts that one expression may stand for.
const MOST: usize = 100_000;

/// The hosts that an expression stands for, and the port behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) names: Vec<String>,
    pub(super) port: Option<i64>,
}

/// Reads an expression.
///
/// # Errors
///
/// What is wrong with it, as a sentence fragment.
pub(super) fn expand(text: &str) -> Result<Expression, String> {
    let (pattern, port) = split_port(text)?;
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some((head, range, tail)) = next_range(rest)? {
        let members = members(range)?;
        if names.len().saturating_mul(members.len()) > MOST {
            return Err(format!("expected at most {MOST} hosts from one line"));
        }
        names = names
            .iter()
            .flat_map(|name| members.iter().map(move |member| format!("{name}{head}{member}")))
            .collect();
        rest = tail;
    }
    for name in &mut names {
        name.push_str(rest);
    }
    Ok(Expression { names, port })
}

/// What stands before the first range, what is in it, and what follows.
fn next_range(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some((head, rest)) = text.split_once('[') else {
        return if text.contains(']') { Err("a `]` without its `[`".to_owned()) } else { Ok(None) };
    };
    let (range, tail) = rest.split_once(']').ok_or("a `[` without its `]`")?;
    Ok(Some((head, range, tail)))
}

/// Takes a port off: `host:22`, `[fe80::1]:22`. An IPv6 address alone has none.
fn split_port(text: &str) -> Result<(&str, Option<i64>), String> {
    if let Some((address, after)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && address.matches(':').count() > 2
        && (after.is_empty() || after.starts_with(':'))
    {
        return Ok((address, after.strip_prefix(':').map(port).transpose()?));
    }
    let mut inside = 0_usize;
    let mut colons = text.char_indices().filter(|(_, c)| {
        match c {
            '[' => inside += 1,
            ']' => inside = inside.saturating_sub(1),
            _ => {}
        }
        *c == ':' && inside == 0
    });
    match (colons.next(), colons.next()) {
        (Some((at, _)), None) => Ok((&text[..at], Some(port(&text[at + 1..])?))),
        _ => Ok((text, None)),
    }
}

/// Reads a port.
pub(super) fn port(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|port| (1..=65535).contains(port))
        .ok_or_else(|| format!("expected a port from 1 to 65535, found `{text}`"))
}

fn members(range: &str) -> Result<Vec<String>, String> {
    let bad =
        |why: &str| format!("expected a range such as `[1:20]` or `[a:f]`, {why} in `[{range}]`");
    let parts: Vec<&str> = range.split(':').collect();
    let (first, last, step) = match parts[..] {
        [first, last] => (first, last, "1"),
        [first, last, step] => (first, last, step),
        _ => return Err(bad("found no `first:last`")),
    };
    let first = if first.is_empty() { "0" } else { first };
    let step: usize =
        step.parse().ok().filter(|step| *step > 0).ok_or_else(|| bad("found a bad step"))?;
    if let ([first], [last]) = (first.as_bytes(), last.as_bytes())
        && let (Some(first), Some(last)) = (letter(*first), letter(*last))
    {
        if first > last {
            return Err(bad("found an end before the start"));
        }
        return Ok((first..=last)
            .step_by(step)
            .map(|at| char::from(LETTERS[at]).to_string())
            .collect());
    }
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| digits).ok_or_else(|| bad("found something else"))
    };
    let (start, end) = (number(first)?, number(last)?);
    if start > end {
        return Err(bad("found an end before the start"));
    }
    let width = if first.len() > 1 && first.starts_with('0') { first.len() } else { 0 };
    if width > 0 && last.len() != width {
        return Err(bad("found bounds of different widths"));
    }
    if (end - start) / u64::try_from(step).unwrap_or(u64::MAX) >= MOST as u64 {
        return Err(format!("expected at most {MOST} hosts from one line, found `[{range}]`"));
    }
    Ok((start..=end).step_by(step).map(|number| format!("{number:0width$}")).collect())
}

const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn letter(byte: u8) -> Option<usize> {
    LETTERS.iter().position(|letter| *letter == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        expand(text).unwrap().names
    }

    #[test]
    fn ranges_stand_for_many() {
        assert_eq!(names("web[08:11].x"), ["web08.x", "web09.x", "web10.x", "web11.x"]);
        assert_eq!(names("x[1:10:3]"), ["x1", "x4", "x7", "x10"]);
        assert_eq!(names("x[:2]"), ["x0", "x1", "x2"]);
        assert_eq!(names("db-[a:e:2]"), ["db-a", "db-c", "db-e"]);
        assert_eq!(names("x[y:B]"), ["xy", "xz", "xA", "xB"]);
        assert_eq!(names("r[1:2]n[a:b]"), ["r1na", "r1nb", "r2na", "r2nb"]);
        assert_eq!(names("[1:2].x"), ["1.x", "2.x"]);
    }

    #[test]
    fn a_port_stands_behind_the_last_colon() {
        for (text, name, port) in [
            ("lone:2222", "lone", Some(2222)),
            ("[2001:db8::1]:2022", "2001:db8::1", Some(2022)),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("2001:db8::2", "2001:db8::2", None),
            ("::1", "::1", None),
            ("web", "web", None),
        ] {
            let expected = Expression { names: vec![name.to_owned()], port };
            assert_eq!(expand(text), Ok(expected), "{text}");
        }
        assert_eq!(expand("web[1:2]:22").unwrap().port, Some(22));
    }

    #[test]
    fn bad_expressions_are_explained() {
        for (text, why) in [
            ("x[1:3", "a `[` without its `]`"),
            ("x1:3]", "expected a port from 1 to 65535, found `3]`"),
            ("x]", "a `]` without its `[`"),
            ("x[3:1]", "found an end before the start"),
            ("x[a:3]", "found something else in `[a:3]`"),
            ("x[1-3]", "found no `first:last`"),
            ("x[1:]", "found something else"),
            ("x[1:3:0]", "found a bad step"),
            ("x[001:10]", "found bounds of different widths"),
            ("x:", "found ``"),
            ("x:abc", "expected a port from 1 to 65535, found `abc`"),
            ("x:70000", "found `70000`"),
            ("x[1:3000000]", "at most 100000 hosts"),
            ("x[0:18446744073709551615]", "at most 100000 hosts"),
            ("x[1:999][1:999]", "at most 100000 hosts"),
        ] {
            let fault = expand(text).unwrap_err();
            assert!(fault.contains(why), "{text}: {fault}");
        }
    }
}
