//! Argument text: `name=web state=present`, quotes and templates respected.

/// One word of an argument text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The name before the first `=` outside quotes and templates, where it is a name.
    pub key: Option<String>,
    /// The text behind it, or the whole word; quotes around it taken off.
    pub value: String,
    /// Where the word stands in the text, in bytes.
    pub range: std::ops::Range<usize>,
}

/// Splits text into words at blanks that stand neither in quotes nor in a template.
///
/// `Err` holds what is not closed, and where it begins.
pub fn split_words(text: &str) -> Result<Vec<Word>, (&'static str, usize)> {
    let bytes = text.as_bytes();
    let mut words = vec![];
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let end = word_end(bytes, at)?;
        if &text[at..end] != CONTINUATION {
            words.push(word(&text[at..end], at..end));
        }
        at = end;
    }
    Ok(words)
}

/// A word that only says that the text goes on: where lines are folded, it is still there.
const CONTINUATION: &str = "\\";

/// The stretches of a free text that only say that it goes on: a backslash that is a word of its
/// own outside of quotes, with the blank before it and the end of the line behind it.
///
/// As ansible-core counts them, any quote opens one, not only that at the beginning of a value.
pub fn continuations(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = vec![];
    let mut quote = None;
    let mut at = 0;
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end_matches([' ', '\n']);
        if quote.is_none() && bare == CONTINUATION {
            let start = at - usize::from(text[..at].ends_with(' '));
            let end = at + bare.len() + usize::from(word.ends_with('\n'));
            found.push(start..end);
        }
        let mut before = ' ';
        for c in bare.chars() {
            if matches!(c, '"' | '\'') && before != '\\' {
                match quote {
                    None => quote = Some(c),
                    Some(open) if open == c => quote = None,
                    Some(_) => {}
                }
            }
            before = c;
        }
        at += word.len();
    }
    found
}

/// One past the last byte of the word that begins at `start`.
fn word_end(bytes: &[u8], start: usize) -> Result<usize, (&'static str, usize)> {
    let mut quote: Option<(u8, usize)> = None;
    let mut template: Option<(&[u8], usize)> = None;
    let mut at = start;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if let Some((close, _)) = template {
            if rest.starts_with(close) {
                template = None;
                at += 2;
                continue;
            }
        } else if let Some(close) = closing(rest) {
            template = Some((close, at));
            at += 2;
            continue;
        } else if let Some((mark, _)) = quote {
            match bytes[at] {
                b'\\' => at += 1,
                byte if byte == mark => quote = None,
                _ => {}
            }
        } else {
            match bytes[at] {
                b'\\' if at == start && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace) => {
                    return Ok(at + 1);
                }
                b'\\' => at += 1,
                // A quote opens only where a value begins: `it's` is a word.
                byte @ (b'"' | b'\'') if at == start || bytes[at - 1] == b'=' => {
                    quote = Some((byte, at));
                }
                byte if byte.is_ascii_whitespace() => break,
                _ => {}
            }
        }
        at += 1;
    }
    match (quote, template) {
        (_, Some((_, opened))) => Err(("template", opened)),
        (Some((_, opened)), _) => Err(("quote", opened)),
        _ => Ok(at.min(bytes.len())),
    }
}

/// What ends the template that begins here.
fn closing(rest: &[u8]) -> Option<&'static [u8]> {
    match rest.get(..2)? {
        b"{{" => Some(b"}}"),
        b"{%" => Some(b"%}"),
        b"{#" => Some(b"#}"),
        _ => None,
    }
}

fn word(text: &str, range: std::ops::Range<usize>) -> Word {
    let named = name_end(text).map(|at| (&text[..at], &text[at + 1..]));
    match named {
        Some((key, value)) => Word { key: Some(key.to_owned()), value: unquoted(value), range },
        None => Word { key: None, value: unquoted(text), range },
    }
}

/// Where the name before a `=` ends: it is of letters, digits, `_`, `-`, `.` and of templates.
fn name_end(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if text[at..].starts_with("{{") {
            at += text[at..].find("}}")? + 2;
        } else if c == '=' {
            return (at > 0).then_some(at);
        } else if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') {
            at += c.len_utf8();
        } else {
            return None;
        }
    }
    None
}

/// The text without the quotes around it.
fn unquoted(text: &str) -> String {
    for quote in ['"', '\''] {
        let inner = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.replace(&format!("\\{quote}"), &quote.to_string());
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(Option<String>, String)> {
        split_words(text).unwrap().into_iter().map(|word| (word.key, word.value)).collect()
    }

    fn pair(key: &str, value: &str) -> (Option<String>, String) {
        (Some(key.to_owned()), value.to_owned())
    }

    #[test]
    fn keeps_quotes_and_templates_together() {
        assert_eq!(
            pairs(r#"name="a b" state={{ x | default("y z") }} msg='it is "so"'"#),
            [
                pair("name", "a b"),
                pair("state", r#"{{ x | default("y z") }}"#),
                pair("msg", r#"it is "so""#)
            ]
        );
    }

    #[test]
    fn words_without_a_name_stay_whole() {
        assert_eq!(
            pairs("echo it's fine chdir=/tmp"),
            [
                (None, "echo".into()),
                (None, "it's".into()),
                (None, "fine".into()),
                pair("chdir", "/tmp")
            ]
        );
    }

    #[test]
    fn a_backslash_alone_is_no_word() {
        let expected = [pair("dest", "/a"), pair("line", "b c")];
        assert_eq!(pairs("dest=/a \\ line=\"b c\""), expected);
        assert_eq!(pairs("dest=/a \\\n  line=\"b c\" \\"), expected);
        assert_eq!(pairs(r"a\ b"), [(None, r"a\ b".into())]);
    }

    #[test]
    fn a_backslash_alone_goes_out_of_a_free_text() {
        let without = |text: &str| {
            let mut text = text.to_owned();
            for range in continuations(&text).into_iter().rev() {
                text.replace_range(range, "");
            }
            text
        };
        assert_eq!(without("a \\ b \\ c"), "a b c");
        assert_eq!(without("a \\\n  b \\"), "a  b");
        assert_eq!(without("\\ a"), " a");
        for kept in [r"a\ b", r#"echo "a \ b""#, r"echo x'a \ b'", r"a \\ b", "a\\\n b", ""] {
            assert_eq!(without(kept), kept);
        }
    }

    #[test]
    fn says_what_is_not_closed() {
        assert_eq!(split_words("a=\"b"), Err(("quote", 2)));
        assert_eq!(split_words("a={{ b"), Err(("template", 2)));
    }
}
