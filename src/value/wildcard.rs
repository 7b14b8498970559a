//! Names by wildcards.

use super::regex::{Regex, RegexOptions};

/// A pattern with `*`, `?`, `[abc]` and `[!abc]` that must match the whole of a name, slashes and
/// all: Python's `fnmatch`.
#[derive(Debug, Clone)]
pub struct Wildcard(Regex);

impl Wildcard {
    /// Compiles a pattern; says what is wrong with one that is none.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let options = RegexOptions { dot_all: true, ..RegexOptions::default() };
        Regex::new(&format!(r"\A(?:{})\Z", translate(pattern)), options)
            .map(Self)
            .map_err(|fault| format!("`{pattern}` is not a pattern: {fault}"))
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name).unwrap_or(false)
    }
}

fn translate(pattern: &str) -> String {
    let mut expression = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => match set(rest) {
                Some((set, behind)) => {
                    expression.push_str(&set);
                    rest = behind;
                }
                // A bracket that is not closed stands for itself.
                None => expression.push_str(r"\["),
            },
            c => expression.push_str(&Regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    expression
}

/// The set behind a bracket as an expression, and what stands behind it.
fn set(text: &str) -> Option<(String, &str)> {
    let (negated, members) = match text.strip_prefix('!') {
        Some(members) => ("^", members),
        None => ("", text),
    };
    // The first member may be a closing bracket.
    let first = members.chars().next()?.len_utf8();
    let end = first + members.get(first..)?.find(']')?;
    let mut expression = format!("[{negated}");
    for c in members[..end].chars() {
        if c != '-' && !c.is_alphanumeric() {
            expression.push('\\');
        }
        expression.push(c);
    }
    expression.push(']');
    Some((expression, &members[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Wildcard;

    fn matches(pattern: &str, name: &str) -> bool {
        Wildcard::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn the_whole_name_must_match() {
        assert!(matches("*.txt", ".txt") && matches("*.txt", "a\nb.txt"));
        assert!(!matches("*.txt", "a.txt~") && !matches("*.txt", "a.txt\n"));
        assert!(matches("exclude/*", "exclude/a/b"));
        assert!(matches("a?c", "aüc") && !matches("a?c", "ac"));
        assert!(matches("a.c", "a.c") && !matches("a.c", "abc"));
    }

    #[test]
    fn brackets_hold_a_set() {
        assert!(matches("[a-c]x", "bx") && !matches("[a-c]x", "dx"));
        assert!(matches("[!a-c]x", "dx") && !matches("[!a-c]x", "bx"));
        assert!(matches("[]]", "]") && matches("[!]]", "a") && !matches("[!]]", "]"));
        assert!(matches("[^a]", "^") && matches(r"[\]", r"\"));
        assert!(matches("a[b", "a[b") && matches("[", "["));
        assert!(Wildcard::new("[z-a]").is_err());
    }
}
