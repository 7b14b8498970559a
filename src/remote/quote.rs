//! The one place where a value becomes a word of a shell's text.

/// Appends a value as exactly one word, read back by any POSIX shell byte for byte.
///
/// The value must not hold a NUL byte: no shell can take one.
pub(super) fn quote_into(text: &mut Vec<u8>, value: &[u8]) {
    if !value.is_empty() && value.iter().all(|&byte| is_plain(byte)) {
        text.extend_from_slice(value);
        return;
    }
    text.push(b'\'');
    for &byte in value {
        if byte == b'\'' {
            text.extend_from_slice(b"'\\''");
        } else {
            text.push(byte);
        }
    }
    text.push(b'\'');
}

/// A text as one word.
pub(crate) fn quote(value: &str) -> String {
    let mut word = Vec::with_capacity(value.len() + 2);
    quote_into(&mut word, value.as_bytes());
    String::from_utf8_lossy(&word).into_owned()
}

/// Appends the bytes as the format of a `printf`, so that it prints them, NUL bytes too.
pub(super) fn printf_format_into(text: &mut Vec<u8>, bytes: &[u8]) {
    text.push(b'\'');
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            // At the beginning it would be an option's.
            b'-' if at == 0 => text.extend_from_slice(b"\\055"),
            b'%' | b'\\' | b'\'' | 0..=0x1f | 0x7f..=0xff => {
                text.extend_from_slice(format!("\\{byte:03o}").as_bytes());
            }
            _ => text.push(byte),
        }
    }
    text.push(b'\'');
}

/// Whether a byte means nothing to any shell, wherever it stands in a word.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// The shells of this machine that a host may have as `/bin/sh`.
    fn shells() -> impl Iterator<Item = Vec<&'static str>> {
        [vec!["dash"], vec!["bash", "--posix"], vec!["busybox", "sh"], vec!["ksh93"], vec!["mksh"]]
            .into_iter()
            .filter(|argv| {
                Command::new(argv[0]).args(&argv[1..]).args(["-c", ":"]).output().is_ok()
            })
    }

    fn run(shell: &[&str], script: &[u8]) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .arg("-c")
            .arg(std::ffi::OsStr::from_bytes(script))
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{shell:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_word_comes_back_byte_for_byte(value in prop::collection::vec(1_u8.., 0..40)) {
            for shell in shells() {
                let mut script = b"printf %s ".to_vec();
                quote_into(&mut script, &value);
                prop_assert_eq!(&run(&shell, &script), &value, "{:?}", shell);
            }
        }

        #[test]
        fn printf_prints_any_bytes(value in prop::collection::vec(any::<u8>(), 0..40)) {
            for shell in shells() {
                let mut script = b"printf ".to_vec();
                printf_format_into(&mut script, &value);
                prop_assert_eq!(&run(&shell, &script), &value, "{:?}", shell);
            }
        }
    }

    #[test]
    fn what_begins_with_a_dash_is_no_option_of_printf() {
        for shell in shells() {
            for text in ["---\n- a\n", "-----BEGIN CERTIFICATE-----", "-", "-v x"] {
                let mut script = b"printf ".to_vec();
                printf_format_into(&mut script, text.as_bytes());
                assert_eq!(run(&shell, &script), text.as_bytes(), "{shell:?}");
            }
        }
    }

    #[test]
    fn what_shells_read_otherwise_is_quoted() {
        let cases = [
            ("", "''"),
            ("plain-1.0/x", "plain-1.0/x"),
            ("~root", "'~root'"),
            ("a=b", "'a=b'"),
            ("$(id)", "'$(id)'"),
            ("it's", "'it'\\''s'"),
            ("a\nb", "'a\nb'"),
        ];
        for (value, word) in cases {
            assert_eq!(quote(value), word);
        }
    }
}
