//! The form of an encrypted text: a header line, then hexadecimal digits in lines of 80.

use std::fmt;

use super::keyring::VaultError;

const MAGIC: &str = "$ANSIBLE_VAULT";
const CIPHER: &str = "AES256";
/// The id of a text that names none.
pub(super) const DEFAULT_ID: &str = "default";
/// Digits in a line.
const WIDTH: usize = 80;

/// Whether a text is an encrypted one.
pub fn is_vault(text: &str) -> bool {
    text.trim_start().strip_prefix(MAGIC).is_some_and(|rest| rest.starts_with(';'))
}

/// An encrypted text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The vault id it was encrypted for.
    pub(super) id: String,
    pub(super) salt: Vec<u8>,
    /// HMAC-SHA256 of the ciphertext.
    pub(super) hmac: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
}

impl Envelope {
    pub(super) fn parse(text: &str) -> Result<Self, VaultError> {
        let mut lines = text.trim().lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().trim().split(';').collect();
        let (version, cipher, id) = match header[..] {
            [MAGIC, version, cipher] => (version, cipher, DEFAULT_ID),
            [MAGIC, version, cipher, id] => (version, cipher, id),
            _ => return Err(VaultError::Corrupt("its first line is not a header")),
        };
        if !matches!(version, "1.1" | "1.2") {
            return Err(VaultError::Version(version.to_owned()));
        }
        if cipher != CIPHER {
            return Err(VaultError::Cipher(cipher.to_owned()));
        }
        let body: String = lines.map(str::trim).collect();
        let not_hex = if body.len().is_multiple_of(2) { NOT_HEX } else { ODD };
        let body = from_hex(body.as_bytes()).ok_or(VaultError::Corrupt(not_hex))?;
        let parts: Option<Vec<_>> = body.split(|byte| *byte == b'\n').map(from_hex).collect();
        let Ok([salt, hmac, ciphertext]) = <[_; 3]>::try_from(parts.unwrap_or_default()) else {
            return Err(VaultError::Corrupt("it does not hold salt, HMAC and ciphertext"));
        };
        Ok(Self { id: id.to_owned(), salt, hmac, ciphertext })
    }
}

// With the words that users look for, which are Python's.
const NOT_HEX: &str = "its lines are not pairs of hexadecimal digits (Vault format unhexlify error: \
                       Non-hexadecimal digit found)";
const ODD: &str =
    "a hexadecimal digit is missing (Vault format unhexlify error: Odd-length string)";

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id == DEFAULT_ID {
            writeln!(f, "{MAGIC};1.1;{CIPHER}")?;
        } else {
            writeln!(f, "{MAGIC};1.2;{CIPHER};{}", self.id)?;
        }
        let parts = [&self.salt, &self.hmac, &self.ciphertext].map(|part| hex(part));
        let body = hex(parts.join("\n").as_bytes());
        for line in body.as_bytes().chunks(WIDTH) {
            writeln!(f, "{}", String::from_utf8_lossy(line))?;
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        let _never_fails = write!(digits, "{byte:02x}");
        digits
    })
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_written_as_it_is_read() {
        for id in [DEFAULT_ID, "prod"] {
            let envelope = Envelope {
                id: id.to_owned(),
                salt: vec![1; 32],
                hmac: vec![2; 32],
                ciphertext: vec![0xab; 48],
            };
            let text = envelope.to_string();
            assert!(is_vault(&text));
            assert!(text.lines().all(|line| line.len() <= WIDTH));
            assert_eq!(Envelope::parse(&text), Ok(envelope));
        }
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let fault = |text: &str| Envelope::parse(text).unwrap_err().to_string();
        assert_eq!(fault("hello"), "the encrypted text is damaged: its first line is not a header");
        assert_eq!(
            fault("$ANSIBLE_VAULT;1.0;AES"),
            "expected vault version 1.1 or 1.2, found `1.0`"
        );
        assert_eq!(fault("$ANSIBLE_VAULT;1.1;AES"), "expected the cipher AES256, found `AES`");
        let damaged = "the encrypted text is damaged:";
        assert_eq!(fault("$ANSIBLE_VAULT;1.1;AES256\n6x"), format!("{damaged} {NOT_HEX}"));
        assert_eq!(fault("$ANSIBLE_VAULT;1.1;AES256\n616"), format!("{damaged} {ODD}"));
        assert!(fault("$ANSIBLE_VAULT;1.1;AES256\n6162").contains("salt, HMAC and ciphertext"));
    }
}
