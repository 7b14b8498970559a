//! A compiled expression.

use fancy_regex::RegexBuilder;

use super::Replacement;
use super::translate::translate;

/// How an expression matches: Python's flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegexOptions {
    /// `re.IGNORECASE`
    pub ignore_case: bool,
    /// `re.MULTILINE`: `^` and `$` match at every line.
    pub multiline: bool,
    /// `re.DOTALL`: the dot matches line feeds too.
    pub dot_all: bool,
}

/// What the groups of one match hold.
pub type Captures<'t> = fancy_regex::Captures<'t, str>;

/// A regular expression in Python's dialect.
#[derive(Debug, Clone)]
pub struct Regex(fancy_regex::Regex);

impl Regex {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// What Python would say of it, as a fragment: the expression is not valid.
    pub fn new(pattern: &str, options: RegexOptions) -> Result<Self, String> {
        let translated = translate(pattern, options.multiline)?;
        RegexBuilder::new(&translated)
            .case_insensitive(options.ignore_case)
            .multi_line(options.multiline)
            .dot_matches_new_line(options.dot_all)
            .build()
            .map(Self)
            .map_err(|error| {
                let said = error.to_string();
                said.replace("Target of repeat operator is invalid", "nothing to repeat")
            })
    }

    /// The first match anywhere in the text: `re.search`.
    ///
    /// # Errors
    ///
    /// The expression needs too many steps on this text.
    pub fn search<'t>(&self, text: &'t str) -> Result<Option<Captures<'t>>, String> {
        self.0.captures(text).map_err(too_complex)
    }

    /// Whether it matches anywhere in the text.
    ///
    /// # Errors
    ///
    /// The expression needs too many steps on this text.
    pub fn is_match(&self, text: &str) -> Result<bool, String> {
        self.0.is_match(text).map_err(too_complex)
    }

    /// Every match, from left to right, none overlapping: `re.finditer`.
    ///
    /// # Errors
    ///
    /// The expression needs too many steps on this text.
    pub fn find_all<'t>(&self, text: &'t str) -> Result<Vec<Captures<'t>>, String> {
        self.matches(text).collect()
    }

    /// Unlike the crate, Python finds an empty match right behind one that is not empty.
    fn matches<'a, 't>(
        &'a self,
        text: &'t str,
    ) -> impl Iterator<Item = Result<Captures<'t>, String>> + use<'a, 't> {
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let start = from.take().filter(|start| *start <= text.len())?;
            match self.0.captures_from_pos(text, start).transpose()? {
                Ok(captures) => {
                    let whole = captures.get(0)?;
                    let step = text[whole.end()..].chars().next().map_or(1, char::len_utf8);
                    from = Some(whole.end() + if whole.range().is_empty() { step } else { 0 });
                    Some(Ok(captures))
                }
                Err(error) => Some(Err(too_complex(error))),
            }
        })
    }

    /// Replaces the first `limit` matches, all where it is 0, and counts them: `re.subn`.
    ///
    /// # Errors
    ///
    /// The expression needs too many steps on this text, or the replacement names a group that is
    /// not there.
    pub fn replace(
        &self,
        text: &str,
        replacement: &Replacement,
        limit: usize,
    ) -> Result<(String, usize), String> {
        replacement.check(self)?;
        let limit = if limit == 0 { usize::MAX } else { limit };
        let (mut replaced, mut last, mut count) = (String::with_capacity(text.len()), 0, 0);
        for captures in self.matches(text).take(limit) {
            let captures = captures?;
            let Some(whole) = captures.get(0) else { continue };
            replaced.push_str(&text[last..whole.start()]);
            replacement.write(&captures, &mut replaced);
            last = whole.end();
            count += 1;
        }
        replaced.push_str(&text[last..]);
        Ok((replaced, count))
    }

    /// What a match is replaced by: `match.expand`.
    ///
    /// # Errors
    ///
    /// The replacement names a group that is not there.
    pub fn expand(
        &self,
        captures: &Captures<'_>,
        replacement: &Replacement,
    ) -> Result<String, String> {
        replacement.check(self)?;
        let mut expanded = String::new();
        replacement.write(captures, &mut expanded);
        Ok(expanded)
    }

    /// The number of groups, not counting the whole match.
    pub fn groups(&self) -> usize {
        self.0.captures_len() - 1
    }

    /// The names of the groups by their number; the first is the whole match.
    pub fn group_names(&self) -> Vec<Option<&str>> {
        self.0.capture_names().collect()
    }

    /// Compiles what matches a text as it stands: `re.escape`.
    pub fn escape(text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii() && !c.is_ascii_alphanumeric() && !"_!\"%',/:;<=>@`".contains(c) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        escaped
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn too_complex(error: fancy_regex::Error) -> String {
    format!("the expression is too complex for this text ({error})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(pattern: &str, replacement: &str, text: &str) -> Result<(String, usize), String> {
        let regex = Regex::new(pattern, RegexOptions::default())?;
        regex.replace(text, &Replacement::parse(replacement)?, 0)
    }

    fn matches(pattern: &str, text: &str) -> bool {
        let regex = Regex::new(pattern, RegexOptions::default()).unwrap();
        regex.is_match(text).unwrap()
    }

    #[test]
    fn the_end_of_a_text_is_before_its_last_newline_too() {
        assert!(matches("a$", "a\n"));
        assert!(!matches("a$", "a\n\n"));
        assert!(!matches(r"a\Z", "a\n"));
        let lines = RegexOptions { multiline: true, ..RegexOptions::default() };
        let regex = Regex::new("^b$", lines).unwrap();
        assert!(regex.is_match("a\nb\nc").unwrap());
        assert!(
            Regex::new("(?m)^b$", RegexOptions::default()).unwrap().is_match("a\nb\n").unwrap()
        );
    }

    #[test]
    fn braces_and_brackets_may_stand_for_themselves() {
        assert!(matches("{{ name }}", "{{ name }}"));
        assert!(matches("a{,2}$", "aa"));
        assert!(matches("x{", "x{"));
        assert!(matches("^[[:x]$", "["));
        assert!(matches("^[]a]$", "]"));
        assert!(matches("^[a&&b]$", "&"));
        assert!(matches(r"^[\w.-]+$", "a.b-c"));
        assert!(!matches("[+--]", "*"));
        assert!(matches("^[+--]$", ","));
        assert!(matches(r"^\<x\>\/\-\_$", "<x>/-_"));
        assert!(matches(r"^\101\0$", "A\0"));
        assert!(matches(r"^[\b]$", "\u{8}"));
    }

    #[test]
    fn python_refuses_what_it_does_not_know() {
        let refused = |pattern| Regex::new(pattern, RegexOptions::default()).unwrap_err();
        assert_eq!(refused(r"\h"), "bad escape \\h at position 0");
        assert_eq!(refused("a\\"), "bad escape (end of pattern) at position 1");
        assert_eq!(refused("[a"), "unterminated character set at position 0");
        assert!(!refused("(a").is_empty());
        assert!(!refused("*a").is_empty());
    }

    #[test]
    fn groups_come_back_in_replacements() {
        assert_eq!(replaced(r"(\w+)=(?P<v>\w+)", r"\2=\g<1>\g<v>!", "a=b").unwrap().0, "b=ab!");
        assert_eq!(replaced("(a)|(b)", r"[\1\2]", "ab").unwrap(), ("[a][b]".to_owned(), 2));
        assert_eq!(replaced("x*", "-", "axb").unwrap().0, "-a--b-");
        assert_eq!(replaced("a", "$1", "a").unwrap().0, "$1");
        assert_eq!(replaced("a", r"\3", "a").unwrap_err(), "invalid group reference 3");
        assert_eq!(replaced(r"(?i)(HO)st", r"\1", "host").unwrap().0, "ho");
    }

    #[test]
    fn a_hopeless_search_ends() {
        let regex = Regex::new(r"(a|a|b\1)*\Zc", RegexOptions::default()).unwrap();
        assert!(regex.is_match(&"a".repeat(64)).unwrap_err().contains("too complex"));
    }
}
