//! Files of variables: `.env`, `env_file`.

use std::collections::BTreeMap;

use super::interpolate::Interpolation;
use crate::base::Span;

/// Variables by name.
pub type Variables = BTreeMap<String, String>;

/// Reads `NAME=value` lines, in their order: `export` before the name, comments, values in single
/// quotes as they stand, in double quotes with escapes, over several lines; in all but single
/// quotes, variables of `known` and of the lines before are put in. A name alone has no value.
///
/// # Errors
///
/// The number of the first line that is none of these, with what is wrong.
pub fn read_dotenv(text: &str, known: &Variables) -> Result<Vec<(String, Option<String>)>, String> {
    let mut variables = known.clone();
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
        variables.entry(name.to_owned()).or_insert_with(|| value.clone());
        entries.push((name.to_owned(), Some(value)));
        rest = after;
    }
    Ok(entries)
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
        let entries = read_dotenv(text, &Variables::default()).unwrap();
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
        let said = |text| read_dotenv(text, &Variables::default()).unwrap_err();
        assert_eq!(said("A=1\nB=\"x"), "line 2: a quote of `B` is not closed");
        assert_eq!(said("a b"), "line 1: expected `NAME=value`, found `a b`");
        assert_eq!(said("=x"), "line 1: `` is no name of a variable");
    }
}
