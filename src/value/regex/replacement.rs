//! What a match is replaced by.

use super::{Captures, Regex};

/// A replacement in Python's spelling: `\1`, `\g<1>`, `\g<name>`, `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Number(usize),
    Name(String),
}

impl Replacement {
    /// Reads a replacement.
    ///
    /// # Errors
    ///
    /// What Python would say of it: an unknown escape, an unclosed group name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![];
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let (escape, length) = Escape::read(rest)?;
            rest = &rest[length..];
            match escape {
                Escape::Text(text) => plain.push_str(&text),
                Escape::Group(piece) => {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    pieces.push(piece);
                }
            }
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    /// A text that stands for itself.
    pub fn literal(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// Whether the expression has every group that is named here.
    pub(super) fn check(&self, regex: &Regex) -> Result<(), String> {
        let names = regex.group_names();
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Number(number) if *number > regex.groups() => {
                Err(format!("invalid group reference {number}"))
            }
            Piece::Name(name) if !names.contains(&Some(name.as_str())) => {
                Err(format!("unknown group name '{name}'"))
            }
            _ => Ok(()),
        })
    }

    /// Writes the replacement of one match; a group that took no part is empty.
    pub(super) fn write(&self, captures: &Captures<'_>, out: &mut String) {
        for piece in &self.0 {
            let group = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Number(number) => captures.get(*number),
                Piece::Name(name) => captures.name(name),
            };
            out.push_str(group.map_or("", |group| group.as_str()));
        }
    }
}

enum Escape {
    Text(String),
    Group(Piece),
}

impl Escape {
    /// Reads what follows a backslash, and tells how many bytes it takes.
    fn read(rest: &str) -> Result<(Self, usize), String> {
        let text = |text: &str, length| Ok((Self::Text(text.to_owned()), length));
        match rest.as_bytes() {
            [] => Err("bad escape (end of pattern)".to_owned()),
            [b'g', ..] => Self::named(rest),
            [b'0', ..] => Ok(Self::octal(rest, 3)),
            [a @ b'1'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                let _ = (a, b, c);
                Ok(Self::octal(rest, 3))
            }
            [b'1'..=b'9', ..] => {
                let length = 1 + usize::from(rest[1..].starts_with(|c: char| c.is_ascii_digit()));
                let number = rest[..length].parse().unwrap_or(usize::MAX);
                Ok((Self::Group(Piece::Number(number)), length))
            }
            [b'n', ..] => text("\n", 1),
            [b't', ..] => text("\t", 1),
            [b'r', ..] => text("\r", 1),
            [b'a', ..] => text("\u{7}", 1),
            [b'b', ..] => text("\u{8}", 1),
            [b'f', ..] => text("\u{c}", 1),
            [b'v', ..] => text("\u{b}", 1),
            [b'\\', ..] => text("\\", 1),
            [c, ..] if c.is_ascii_alphabetic() => Err(format!("bad escape \\{}", char::from(*c))),
            // Python keeps the backslash before anything else.
            _ => text("\\", 0),
        }
    }

    fn octal(rest: &str, most: usize) -> (Self, usize) {
        let length = rest.bytes().take(most).take_while(|c| (b'0'..=b'7').contains(c)).count();
        let code = u32::from_str_radix(&rest[..length], 8).unwrap_or_default();
        (Self::Text(char::from_u32(code).unwrap_or_default().to_string()), length)
    }

    fn named(rest: &str) -> Result<(Self, usize), String> {
        let inner = rest.strip_prefix("g<").ok_or("missing < in group reference")?;
        let end = inner.find('>').ok_or("missing >, unterminated name in group reference")?;
        let name = &inner[..end];
        if name.is_empty() {
            return Err("missing group name".to_owned());
        }
        let piece = match name.parse() {
            Ok(number) => Piece::Number(number),
            Err(_) => Piece::Name(name.to_owned()),
        };
        Ok((Self::Group(piece), end + 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_escapes_as_python_does() {
        let plain = |text: &str| match Replacement::parse(text).unwrap().0.as_slice() {
            [Piece::Text(text)] => text.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(plain(r"a\n\t\\\.\/"), "a\n\t\\\\.\\/");
        assert_eq!(plain(r"\0\101"), "\0A");
        for (bad, why) in [
            (r"\q", "bad escape \\q"),
            ("\\", "bad escape (end of pattern)"),
            (r"\g1", "missing < in group reference"),
            (r"\g<1", "missing >, unterminated name in group reference"),
            (r"\g<>", "missing group name"),
        ] {
            assert_eq!(Replacement::parse(bad).unwrap_err(), why, "{bad}");
        }
    }
}
