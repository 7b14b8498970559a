//! From Python's dialect to that of the `fancy-regex` crate.

use std::fmt::Write as _;

/// Translates an expression; `multiline` tells whether `$` matches at every line.
///
/// # Errors
///
/// Python's own words for what it does not take.
pub(super) fn translate(pattern: &str, multiline: bool) -> Result<String, String> {
    let mut translator = Translator {
        pattern: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        multiline,
    };
    while translator.at < translator.pattern.len() {
        translator.item()?;
    }
    Ok(translator.out)
}

struct Translator {
    pattern: Vec<char>,
    at: usize,
    out: String,
    multiline: bool,
}

/// What a backslash and the character after it stand for.
enum Escaped {
    /// One character.
    Literal(char),
    /// A class, an assertion or a reference, as both dialects write it.
    Same(String),
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.pattern.get(self.at + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, c)| self.peek(index) == Some(c))
    }

    fn item(&mut self) -> Result<(), String> {
        match self.peek(0) {
            Some('\\') => match self.escape(false)? {
                Escaped::Literal(c) => self.literal(c),
                Escaped::Same(text) => self.out.push_str(&text),
            },
            Some('[') => self.class()?,
            Some('(') => self.group(),
            Some('{') => self.brace(),
            Some('}') => {
                self.at += 1;
                self.out.push_str(r"\}");
            }
            Some('$') => {
                self.at += 1;
                self.out.push_str(if self.multiline { "$" } else { r"(?=\n?\z)" });
            }
            Some(c) => {
                self.at += 1;
                self.out.push(c);
            }
            None => {}
        }
        Ok(())
    }

    /// Writes a character that stands for itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            let _ = write!(self.out, "\\x{:02x}", u32::from(c));
        } else {
            self.out.push(c);
        }
    }

    /// Reads a backslash and what belongs to it.
    fn escape(&mut self, in_class: bool) -> Result<Escaped, String> {
        let start = self.at;
        let Some(c) = self.peek(1) else {
            return Err(format!("bad escape (end of pattern) at position {start}"));
        };
        self.at += 2;
        let same = |text: String| Ok(Escaped::Same(text));
        match c {
            'a' => Ok(Escaped::Literal('\u{7}')),
            'f' => Ok(Escaped::Literal('\u{c}')),
            'n' => Ok(Escaped::Literal('\n')),
            'r' => Ok(Escaped::Literal('\r')),
            't' => Ok(Escaped::Literal('\t')),
            'v' => Ok(Escaped::Literal('\u{b}')),
            'b' if in_class => Ok(Escaped::Literal('\u{8}')),
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => same(format!("\\{c}")),
            'b' | 'B' | 'A' if !in_class => same(format!("\\{c}")),
            'Z' if !in_class => same(r"\z".to_owned()),
            'x' => self.code(start, 2),
            'u' => self.code(start, 4),
            'U' => self.code(start, 8),
            '0' => Ok(Escaped::Literal(self.octal(c))),
            '1'..='9' if in_class || self.is_octal(c) => Ok(Escaped::Literal(self.octal(c))),
            '1'..='9' => {
                let mut number = String::from(c);
                if let Some(digit) = self.peek(0).filter(char::is_ascii_digit) {
                    number.push(digit);
                    self.at += 1;
                }
                same(format!("(?:\\{number})"))
            }
            _ if c.is_ascii_alphabetic() => Err(format!("bad escape \\{c} at position {start}")),
            _ => Ok(Escaped::Literal(c)),
        }
    }

    fn code(&mut self, start: usize, digits: usize) -> Result<Escaped, String> {
        let text: String = self.pattern.iter().skip(self.at).take(digits).collect();
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits);
        self.at += digits;
        code.and_then(char::from_u32)
            .map(Escaped::Literal)
            .ok_or_else(|| format!("incomplete escape at position {start}"))
    }

    /// Whether a backslash and three octal digits stand here: a character, not a group.
    fn is_octal(&self, first: char) -> bool {
        let digit = |c: Option<char>| c.is_some_and(|c| ('0'..='7').contains(&c));
        ('0'..='3').contains(&first) && digit(self.peek(0)) && digit(self.peek(1))
    }

    fn octal(&mut self, first: char) -> char {
        let mut code = first.to_digit(8).unwrap_or_default();
        for _ in 0..2 {
            let Some(digit) = self.peek(0).and_then(|c| c.to_digit(8)) else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        char::from_u32(code).unwrap_or_default()
    }

    /// A class: in Python, brackets and set operators have no meaning inside one.
    fn class(&mut self) -> Result<(), String> {
        let start = self.at;
        self.at += 1;
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let first = self.at;
        loop {
            match self.peek(0) {
                None => return Err(format!("unterminated character set at position {start}")),
                Some(']') if self.at > first => break,
                Some(_) => {
                    let from = self.member()?;
                    let is_range = self.peek(0) == Some('-')
                        && self.peek(1).is_some_and(|c| c != ']')
                        && matches!(from, Escaped::Literal(_));
                    self.member_out(&from);
                    if is_range {
                        self.at += 1;
                        self.out.push('-');
                        let to = self.member()?;
                        self.member_out(&to);
                    }
                }
            }
        }
        self.at += 1;
        self.out.push(']');
        Ok(())
    }

    fn member(&mut self) -> Result<Escaped, String> {
        match self.peek(0) {
            Some('\\') => self.escape(true),
            Some(c) => {
                self.at += 1;
                Ok(Escaped::Literal(c))
            }
            None => Ok(Escaped::Same(String::new())),
        }
    }

    fn member_out(&mut self, member: &Escaped) {
        match member {
            Escaped::Literal(c) => self.literal(*c),
            Escaped::Same(text) => self.out.push_str(text),
        }
    }

    /// The start of a group: comments and flags that only Python has are dropped.
    fn group(&mut self) {
        if self.starts_with("(?#") {
            while self.peek(0).is_some_and(|c| c != ')') {
                self.at += 1;
            }
            self.at += 1;
            return;
        }
        let flags: String = self
            .pattern
            .iter()
            .skip(self.at + 2)
            .take_while(|c| "aiLmsux-".contains(**c))
            .collect();
        let end = self.peek(2 + flags.len());
        if !self.starts_with("(?") || flags.is_empty() || !matches!(end, Some(')' | ':')) {
            self.at += 1;
            self.out.push('(');
            return;
        }
        self.at += 2 + flags.len();
        let (on, _) = flags.split_once('-').unwrap_or((&flags, ""));
        self.multiline |= on.contains('m');
        let kept: String = flags.chars().filter(|c| !"aLu".contains(*c)).collect();
        let kept = kept.trim_end_matches('-');
        if kept.is_empty() && end == Some(')') {
            self.at += 1;
        } else {
            self.out.push_str("(?");
            self.out.push_str(kept);
        }
    }

    /// A brace counts repetitions or stands for itself.
    fn brace(&mut self) {
        let inner: String =
            self.pattern.iter().skip(self.at + 1).take_while(|c| **c != '}').collect();
        let closed = self.peek(1 + inner.chars().count()) == Some('}');
        let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let counts = match inner.split_once(',') {
            Some((least, most)) => is_number(least) && is_number(most),
            None => !inner.is_empty() && is_number(&inner),
        };
        if closed && counts {
            self.at += inner.len() + 2;
            let zero = if inner.starts_with(',') { "0" } else { "" };
            let _ = write!(self.out, "{{{zero}{inner}}}");
        } else {
            self.at += 1;
            self.out.push_str(r"\{");
        }
    }
}
