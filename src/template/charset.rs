//! Encodings of text beside UTF-8.

/// An encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Utf16 { big_endian: bool },
    Latin1,
    Latin9,
    Ascii,
}

/// What Latin-9 has in place of Latin-1's signs.
const LATIN9: [(u8, char); 8] = [
    (0xa4, '\u{20ac}'),
    (0xa6, '\u{160}'),
    (0xa8, '\u{161}'),
    (0xb4, '\u{17d}'),
    (0xb8, '\u{17e}'),
    (0xbc, '\u{152}'),
    (0xbd, '\u{153}'),
    (0xbe, '\u{178}'),
];

impl Charset {
    /// Reads a name as Python knows it: `utf-8`, `UTF_16_LE`, `iso8859-1`.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let plain: String =
            name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        Ok(match plain.as_str() {
            "utf8" | "u8" => Self::Utf8,
            "utf16le" => Self::Utf16 { big_endian: false },
            "utf16be" => Self::Utf16 { big_endian: true },
            "latin1" | "iso88591" | "l1" => Self::Latin1,
            "latin9" | "iso885915" => Self::Latin9,
            "ascii" | "usascii" => Self::Ascii,
            _ => {
                return Err(format!(
                    "unknown encoding: {name}; use utf-8, utf-16-le, utf-16-be, ascii, \
                     iso8859-1 or iso8859-15"
                ));
            }
        })
    }

    /// The text that bytes are.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<String, String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes)
                .map(str::to_owned)
                .map_err(|error| format!("no UTF-8 text: {error}")),
            Self::Utf16 { big_endian } => {
                let (pairs, rest) = bytes.as_chunks::<2>();
                let unit = |pair: &[u8; 2]| {
                    if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
                };
                let units = pairs.iter().map(unit);
                let text: Result<String, _> = char::decode_utf16(units).collect();
                text.ok().filter(|_| rest.is_empty()).ok_or_else(|| "no UTF-16 text".to_owned())
            }
            Self::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Latin9 => Ok(bytes.iter().copied().map(latin9).collect()),
            Self::Ascii if bytes.is_ascii() => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii => Err("no ASCII text".to_owned()),
        }
    }

    /// A text as bytes.
    pub(super) fn encode(self, text: &str) -> Result<Vec<u8>, String> {
        let one_byte = |c: char| {
            let byte = match self {
                Self::Latin9 => (0..=255).find(|byte| latin9(*byte) == c),
                Self::Ascii => u8::try_from(c).ok().filter(u8::is_ascii),
                _ => u8::try_from(u32::from(c)).ok(),
            };
            byte.ok_or_else(|| format!("the encoding has no `{c}`"))
        };
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16 { big_endian: true } => {
                Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
            }
            Self::Utf16 { big_endian: false } => {
                Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
            }
            Self::Latin1 | Self::Latin9 | Self::Ascii => text.chars().map(one_byte).collect(),
        }
    }
}

fn latin9(byte: u8) -> char {
    let own = LATIN9.iter().find(|(known, _)| *known == byte);
    own.map_or_else(|| char::from(byte), |(_, c)| *c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_from_every_encoding_that_has_their_signs() {
        for name in ["utf-8", "utf-16-le", "UTF_16_BE", "iso8859-15"] {
            let charset = Charset::parse(name).unwrap();
            let bytes = charset.encode("5 \u{20ac} é").unwrap();
            assert_eq!(charset.decode(&bytes).unwrap(), "5 \u{20ac} é", "{name}");
        }
        assert_eq!(Charset::Latin1.encode("é").unwrap(), [0xe9]);
        assert_eq!(
            Charset::Latin1.encode("\u{20ac}").unwrap_err(),
            "the encoding has no `\u{20ac}`"
        );
        assert!(Charset::Utf16 { big_endian: false }.decode(b"abc").is_err());
        assert!(Charset::parse("klingon").is_err());
    }
}
