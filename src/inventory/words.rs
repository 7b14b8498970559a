//! A host's line cut into words, as a shell would cut it.

/// One word, its quotes taken off, and the bytes it was written in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts a line at blanks; quotes and backslashes hold a word together, and `#` ends the line.
///
/// # Errors
///
/// The place of a quote that is never closed, or of a backslash at the end.
pub(super) fn words(line: &str) -> Result<Vec<Word>, usize> {
    let mut words = vec![];
    let mut word: Option<Word> = None;
    let mut end = line.len();
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '#' => {
                end = at;
                break;
            }
            blank if blank.is_whitespace() => {
                words.extend(word.take().map(|word| Word { end: at, ..word }));
                continue;
            }
            _ => {}
        }
        let word = word.get_or_insert(Word { text: String::new(), start: at, end: line.len() });
        match character {
            '\\' => word.text.push(characters.next().ok_or(at)?.1),
            '\'' | '"' => quoted(&mut characters, character, &mut word.text).ok_or(at)?,
            plain => word.text.push(plain),
        }
    }
    words.extend(word.map(|word| Word { end, ..word }));
    Ok(words)
}

/// Takes what stands in quotes; nothing where they are never closed.
fn quoted(characters: &mut std::str::CharIndices, quote: char, text: &mut String) -> Option<()> {
    loop {
        match characters.next()?.1 {
            end if end == quote => return Some(()),
            '\\' if quote == '"' => {
                let (_, escaped) = characters.next()?;
                if !matches!(escaped, '"' | '\\') {
                    text.push('\\');
                }
                text.push(escaped);
            }
            inner => text.push(inner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn texts(line: &str) -> Vec<String> {
        words(line).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn quotes_and_backslashes_hold_a_word_together() {
        assert_eq!(texts("h a=\"b c\" d='e \"f' g=h\\ i"), ["h", "a=b c", "d=e \"f", "g=h i"]);
        assert_eq!(
            texts("a='x'\"y\" b=\"a\\\"b\\n\" c='a\\b' o=''"),
            ["a=xy", "b=a\"b\\n", "c=a\\b", "o="]
        );
    }

    #[test]
    fn a_hash_ends_the_line_wherever_it_stands() {
        assert_eq!(texts("a b # c d"), ["a", "b"]);
        assert_eq!(texts("a b=c#d e"), ["a", "b=c"]);
        assert_eq!(texts("a 'b # c'"), ["a", "b # c"]);
        assert_eq!(texts("# a"), Vec::<String>::new());
    }

    #[test]
    fn words_know_where_they_stand() {
        let line = "é  b='c d' e#f";
        let shown = words(line).unwrap().into_iter().map(|word| &line[word.start..word.end]);
        assert_eq!(shown.collect::<Vec<_>>(), ["é", "b='c d'", "e"]);
    }

    #[test]
    fn says_where_a_quote_was_opened() {
        assert_eq!(words("a b='c"), Err(4));
        assert_eq!(words("a \\"), Err(2));
    }
}
