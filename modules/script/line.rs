//! The line that names a script.

use crate::sdk::{Failure, coerce};

/// A script and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The script's name, without quotes.
    pub(super) script: String,
    /// The rest of the line as it was written, for the host's shell.
    pub(super) rest: String,
}

impl Line {
    /// Takes the first word off a line; quotes group blanks into it.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let (first, rest) = text.split_at(end_of_word(text));
        match coerce::to_words(first).as_deref() {
            Some([script]) if !script.is_empty() => {
                Ok(Self { script: script.clone(), rest: rest.to_owned() })
            }
            Some(_) => Err(Failure::new("no script is given")),
            None => Err(Failure::new(format!("a quote is not closed in the line: {text}"))),
        }
    }
}

/// Where the first word ends, as a shell splits words.
fn end_of_word(text: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, c) if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, String) {
        let line = Line::parse(text).unwrap();
        (line.script, line.rest)
    }

    #[test]
    fn the_first_word_is_the_script() {
        let line = |script: &str, rest: &str| (script.to_owned(), rest.to_owned());
        assert_eq!(parse(" a.sh "), line("a.sh", ""));
        assert_eq!(parse("a.sh -x 'b  c' | d"), line("a.sh", " -x 'b  c' | d"));
        assert_eq!(parse("'my path/a.sh' b"), line("my path/a.sh", " b"));
        assert_eq!(parse("\"my \\\"path\"/a\\ b.sh\tc"), line("my \"path/a b.sh", "\tc"));
    }

    #[test]
    fn a_line_without_a_script_is_refused() {
        let said = |text| Line::parse(text).unwrap_err().to_string();
        assert_eq!(said("  "), "no script is given");
        assert_eq!(said("'' x"), "no script is given");
        assert_eq!(said("'a.sh b"), "a quote is not closed in the line: 'a.sh b");
    }
}
