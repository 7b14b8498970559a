//! How the arguments are read that have rules of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sdk::{Choice, Failure, Value, coerce};

/// How permissions are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Choice)]
pub(super) enum ModeParse {
    /// As a number: `0644` is octal, but `"0644"`, in quotes, is decimal.
    #[default]
    Legacy,
    /// As `copy` does: digits in quotes are octal, and a number is a number.
    Modern,
    /// Octal digits in quotes, and nothing else.
    OctalStringOnly,
}

impl ModeParse {
    /// The permission bits, and a warning where they may not be what was meant.
    pub(super) fn read(self, mode: &Value) -> Result<(u32, Option<String>), Failure> {
        let wrong = |what: &str| Failure::new(format!("Error while parsing 'mode': {what}"));
        let shown = mode.as_str().map_or_else(|| mode.to_string(), |text| format!("'{text}'"));
        let octal = |text: &str| i64::from_str_radix(text.trim().trim_start_matches("0o"), 8).ok();
        let mut warning = None;
        let number = match (self, mode) {
            (Self::Legacy, Value::String(text)) => {
                warning = Some(format!(
                    "`mode` {shown} is in quotes, and read as a decimal number; `mode_parse: \
                     modern` reads it as an octal one"
                ));
                text.trim().parse().ok()
            }
            (Self::Modern | Self::OctalStringOnly, Value::String(text)) => octal(text),
            (Self::OctalStringOnly, _) => {
                return Err(wrong(&format!("must be an octal string, got {shown}")));
            }
            (_, other) => coerce::to_int(other),
        };
        let number = number.ok_or_else(|| wrong(&format!("{shown} is no number")))?;
        if number < 0 {
            return Err(Failure::new(format!("'mode' must not be negative; got {number}")));
        }
        let bits = u32::try_from(number).ok().filter(|bits| *bits <= 0o7777);
        bits.map(|bits| (bits, warning)).ok_or_else(|| wrong(&format!("{shown} is too large")))
    }
}

/// The bytes of the argument `content`.
pub(super) fn content(text: &str, is_base64: bool) -> Result<Vec<u8>, Failure> {
    if !is_base64 {
        return Ok(text.as_bytes().to_vec());
    }
    let text: String = text.split_whitespace().collect();
    STANDARD
        .decode(text)
        .map_err(|error| Failure::new(format!("Cannot Base64 decode the content option: {error}")))
}
