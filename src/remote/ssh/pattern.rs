//! Host patterns as OpenSSH's files have them.

/// Whether a text fits a pattern: `*` stands for any signs, `?` for one.
pub(super) fn fits(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut in_pattern) = (0, 0);
    // Where to go on when the last star has to stand for one sign more.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((at, in_pattern));
                in_pattern += 1;
            }
            Some(&sign) if sign == b'?' || sign == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((taken, star_at)) = star else { return false };
                star = Some((taken + 1, star_at));
                at = taken + 1;
                in_pattern = star_at + 1;
            }
        }
    }
    pattern[in_pattern..].iter().all(|&sign| sign == b'*')
}

/// Whether a text fits one of the patterns and none that is negated by `!`.
pub(super) fn fits_any<'p>(text: &str, patterns: impl IntoIterator<Item = &'p str>) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if fits(text, negated) => return false,
            Some(_) => {}
            None => found = found || fits(text, pattern),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        let cases = [
            ("web1", "web1", true),
            ("web1", "web?", true),
            ("web", "web?", false),
            ("web1.example.com", "*.example.com", true),
            (".example.com", "*.example.com", true),
            ("example.com", "*.example.com", false),
            ("aXbXc", "a*b*c", true),
            ("abab", "*ab", true),
            ("", "*", true),
            ("", "?", false),
            ("a", "", false),
            ("[10.0.0.1]:2222", "[10.0.0.?]:*", true),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(fits(text, pattern), expected, "{text} {pattern}");
        }
    }

    #[test]
    fn a_negated_pattern_outweighs_the_others() {
        assert!(fits_any("web1", ["db*", "web*"]));
        assert!(!fits_any("web1", ["web*", "!web1"]));
        assert!(!fits_any("web1", ["!db1"]));
    }
}
