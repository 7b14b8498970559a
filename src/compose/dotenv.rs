//! Files of variables: `.env`, `env_file`.

use std::collections::BTreeMap;

use super::interpolate::Interpolation;
use crate::base::Span;

/// Variables by name.
pub type Variables = BTreeMap<String, String>;

/// Reads `NAME=value` lines, in their order: `export` before the name, comments, values in single
/// quotes as they stand, in double quotes with escapes, over several lines; in all but single
/// quotes, variables are put in: of `known`, else of the lines before, else of the files `before`.
/// A name alone has no value.
///
/// # Errors
///
/// The number of the first line that is none of these, with what is wrong.
pub fn read_dotenv(
    text: &str,
    known: &Variables,
    before: &Variables,
) -> Result<Vec<(String, Option<String>)>, String> {
    let mut variables = before.clone();
    variables.extend(known.clone());
    let mut entries = vec![];
    let mut rest = text.trim_start_matches('\u{feff}');
    while !rest.is_empty() {
        let number = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let (line, next) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = next;
            continue;
        }
        let begin = trimmed.strip_prefix("export ").unwrap_or(trimmed).trim_start();
        let Some(split) = begin.find(['=', ':']) else {
            let name = begin.split(" #").next().unwrap_or(begin).trim();
            if name.contains(char::is_whitespace) {
                return Err(format!("line {number}: expected `NAME=value`, found `{begin}`"));
            }
            entries.push((name.to_owned(), None));
            rest = next;
            continue;
        };
        let name = begin[..split].trim();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("line {number}: `{name}` is no name of a variable"));
        }
        // From here on by position: a quoted value may go over several lines.
        let offset =
            line.len() - line.trim_start().len() + (trimmed.len() - begin.len()) + split + 1;
        let (value, after) = value(&rest[offset..], &variables)
            .ok_or_else(|| format!("line {number}: a quote of `{name}` is not closed"))?;
        if !known.contains_key(name) {
            variables.insert(name.to_owned(), value.clone());
        }
        entries.push((name.to_owned(), Some(value)));
        rest = after;
    }
    Ok(entries)
}

/// Reads `NAME=value` lines, in their order, with the values as they stand: whatever comes after
/// the first `=` is one. A name alone has no value.
///
/// # Errors
///
/// The number of the first line that has no name, with what is wrong.
pub fn read_raw(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines = lines.map(|(at, line)| (at + 1, line.trim_start()));
    let pair = |(number, line): (usize, &str)| {
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line, None),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("line {number}: `{name}` is no name of a variable"));
        }
        Ok((name.to_owned(), value))
    };
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(pair).collect()
}

/// A value and what comes after its line.
fn value<'t>(text: &'t str, variables: &Variables) -> Option<(String, &'t str)> {
    let start = text.trim_start_matches([' ', '\t']);
    let line_end = |rest: &'t str| rest.split_once('\n').map_or("", |(_, after)| after);
    let expand = |text: &str| {
        let mut interpolation = Interpolation::new(variables);
        interpolation.text(text, Span::NOWHERE).unwrap_or_else(|| text.to_owned())
    };
    if let Some(quoted) = start.strip_prefix('\'') {
        let (value, rest) = quoted.split_once('\'')?;
        return Some((value.to_owned(), line_end(rest)));
    }
    if let Some(quoted) = start.strip_prefix('"') {
        let mut value = String::new();
        let mut signs = quoted.char_indices();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' => return Some((expand(&value), line_end(&quoted[at + 1..]))),
                '\\' => match signs.next()?.1 {
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    't' => value.push('\t'),
                    '$' => value.push_str("$$"),
                    other @ ('"' | '\\' | '\'') => value.push(other),
                    other => value.extend(['\\', other]),
                },
                other => value.push(other),
            }
        }
        return None;
    }
    let (line, rest) = start.split_once('\n').unwrap_or((start, ""));
    let line = line.split(" #").next().unwrap_or(line).trim();
    Some((expand(line), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_docker_does() {
        let text = "# c\nA=1\nexport B = two # no\nC='a $A'\nD=\"x\\n${A}\"\nE=\nF\nG: g\n\nH=\"l1\nl2\"\nI=a#b\n";
        let entries = read_dotenv(text, &Variables::default(), &Variables::default()).unwrap();
        let shown: Vec<String> =
            entries.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        A=Some("1")
        B=Some("two")
        C=Some("a $A")
        D=Some("x\n1")
        E=Some("")
        F=None
        G=Some("g")
        H=Some("l1\nl2")
        I=Some("a#b")
        "#);
    }

    #[test]
    fn faults_have_lines() {
        let said =
            |text| read_dotenv(text, &Variables::default(), &Variables::default()).unwrap_err();
        assert_eq!(said("A=1\nB=\"x"), "line 2: a quote of `B` is not closed");
        assert_eq!(said("a b"), "line 1: expected `NAME=value`, found `a b`");
        assert_eq!(said("=x"), "line 1: `` is no name of a variable");
    }

    #[test]
    fn known_variables_go_before_lines_and_lines_before_files() {
        let one = |name: &str, text: &str| Variables::from([(name.to_owned(), text.to_owned())]);
        let text = "K=2\nL=2\nX=$K$L$F";
        let mut before = one("L", "1");
        before.extend(one("F", "1"));
        let entries = read_dotenv(text, &one("K", "0"), &before).unwrap();
        assert_eq!(entries[2].1.as_deref(), Some("021"));
    }

    #[test]
    fn raw_values_are_taken_as_they_stand() {
        let text = "\u{feff}# c\nA=a$b\n  B=\"x\" # y\nC\n\nD=\nE= '1'\r\n";
        let entries = read_raw(text).unwrap();
        let shown: Vec<String> =
            entries.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        A=Some("a$b")
        B=Some("\"x\" # y")
        C=None
        D=Some("")
        E=Some(" '1'")
        "#);
        assert_eq!(read_raw("A=1\nb c=2").unwrap_err(), "line 2: `b c` is no name of a variable");
        assert_eq!(read_raw("=2").unwrap_err(), "line 1: `` is no name of a variable");
    }
}
