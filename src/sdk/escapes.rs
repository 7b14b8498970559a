//! Text with backslashes that stand for other bytes.

/// The bytes of a text in which `\n`, `\t`, `\\`, `\x41` or `\101` stand for one byte, as in a
/// string of C or Python; what is no such sequence stands as it is.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let escaped = if *byte == b'\\' { sequence(behind) } else { None };
        let (meant, length) = escaped.unwrap_or((Some(*byte), 0));
        bytes.extend(meant);
        rest = &behind[length..];
    }
    bytes
}

/// The byte that a sequence stands for, and how long it is without its backslash.
fn sequence(text: &[u8]) -> Option<(Option<u8>, usize)> {
    let byte = match text.first()? {
        b'\n' => return Some((None, 1)),
        letter @ (b'\\' | b'\'' | b'"') => *letter,
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'x' => return number(text.get(1..3)?, 16).map(|byte| (Some(byte), 3)),
        b'0'..=b'7' => {
            let digits = text.iter().take(3).take_while(|c| (b'0'..=b'7').contains(c)).count();
            return number(&text[..digits], 8).map(|byte| (Some(byte), digits));
        }
        _ => return None,
    };
    Some((Some(byte), 1))
}

fn number(digits: &[u8], base: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn sequences_stand_for_bytes() {
        assert_eq!(unescape(r"a\tb\n\\n\x41\101\0ü"), "a\tb\n\\nAA\0ü".as_bytes());
        assert_eq!(unescape(r"\303\251"), "é".as_bytes());
        assert_eq!(unescape(r"\q\x4\"), br"\q\x4\".as_slice());
        assert_eq!(unescape("a\\\nb"), b"ab");
    }
}
