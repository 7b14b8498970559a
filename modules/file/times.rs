//! The times of a file.

use serde::{Deserialize, Serialize};

use crate::sdk::Failure;

/// A file's times, as `touch -t` takes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stamps {
    pub(super) modified: String,
    pub(super) accessed: String,
}

/// What a time is set to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timestamp {
    /// It stays as it is.
    Preserve,
    /// The host's time when it is set.
    Now,
    /// This time in the host's time zone, as `touch -t` takes it.
    At(String),
}

impl Timestamp {
    /// Reads a time by a format of `strftime`'s: `%Y %m %d %H %M %S` and text between them.
    pub(super) fn read(text: &str, format: &str) -> Result<Self, Failure> {
        Self::parse(text, format).ok_or_else(|| {
            Failure::new(format!("`{text}` is not a time in the format {format}"))
                .help("the format may hold %Y, %m, %d, %H, %M, %S and text between them")
        })
    }

    fn parse(text: &str, format: &str) -> Option<Self> {
        let mut parts: [Option<String>; 6] = Default::default();
        let (mut text, mut format) = (text, format.chars());
        while let Some(sign) = format.next() {
            if sign != '%' {
                text = text.strip_prefix(sign)?;
                continue;
            }
            let place = "YmdHMS".find(format.next()?)?;
            let width = if place == 0 { 4 } else { 2 };
            // All but the year may be written without its leading zero.
            let length = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
            if length == 0 || place == 0 && length < width {
                return None;
            }
            parts[place] = Some(format!("{:0>width$}", &text[..length]));
            text = &text[length..];
        }
        let [year, month, day, hour, minute, second] = parts;
        let or = |part: Option<String>, first: &str| part.unwrap_or_else(|| first.to_owned());
        let date = [year?, or(month, "01"), or(day, "01")].concat();
        let time = [or(hour, "00"), or(minute, "00")].concat();
        text.is_empty().then(|| Self::At(format!("{date}{time}.{}", or(second, "00"))))
    }

    /// Whether it names a moment that can be compared.
    pub(super) fn is_given(&self) -> bool {
        matches!(self, Self::At(_))
    }

    /// Whether a file with this time has to be touched.
    pub(super) fn differs(&self, now: &str) -> bool {
        match self {
            Self::Preserve => false,
            Self::Now => true,
            Self::At(time) => time != now,
        }
    }

    /// How it is shown.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Preserve => "preserve",
            Self::Now => "now",
            Self::At(time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn times_are_read_by_their_format() {
        let read = |text, format| match Timestamp::read(text, format) {
            Ok(Timestamp::At(time)) => time,
            other => panic!("{other:?}"),
        };
        assert_eq!(read("202601311200.05", "%Y%m%d%H%M.%S"), "202601311200.05");
        assert_eq!(read("202001011200.0", "%Y%m%d%H%M.%S"), "202001011200.00");
        assert_eq!(read("31.01.2026", "%d.%m.%Y"), "202601310000.00");
        for (text, format) in [("2026", "%Y%m"), ("2026x", "%Y"), ("26", "%y"), ("12", "%m")] {
            assert!(Timestamp::read(text, format).is_err(), "{text} {format}");
        }
    }
}
