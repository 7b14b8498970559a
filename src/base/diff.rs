//! What is different between a host as it is and as it must be.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One side of a [`Diff`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Nothing is there.
    Absent,
    /// A text, compared line by line.
    Text(String),
    /// Settings, compared one by one.
    Fields(Value),
    /// Bytes that are not shown: too many, or not text.
    Opaque {
        /// How many bytes.
        bytes: u64,
        /// Their SHA-256 in hexadecimal; empty where unknown.
        sha256: String,
    },
    /// A command that runs: what it changes is its own secret.
    Command(Vec<String>),
}

impl Side {
    /// The most bytes of a text that are shown line by line.
    pub const SHOWN: usize = 256 * 1024;

    /// A file's content: text where it is text of a bearable size, else its size.
    pub fn content(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if bytes.len() <= Self::SHOWN && !text.contains('\0') => {
                Self::Text(text.to_owned())
            }
            _ => Self::Opaque { bytes: bytes.len() as u64, sha256: String::new() },
        }
    }

    /// As text; empty where nothing of it is shown.
    pub fn text(&self) -> String {
        match self {
            Self::Absent | Self::Opaque { .. } => String::new(),
            Self::Text(text) => text.clone(),
            Self::Fields(fields) => serde_json::to_string_pretty(fields).unwrap_or_default(),
            Self::Command(argv) => argv.join(" "),
        }
    }

    /// Settings taken from anything that serialises.
    pub fn fields(value: &impl Serialize) -> Self {
        Self::Fields(serde_json::to_value(value).unwrap_or(Value::Null))
    }
}

/// A host's state before and after, for the reporters to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// What it is about: a path, `container web`.
    pub subject: String,
    /// As it is.
    pub before: Side,
    /// As it will be.
    pub after: Side,
}

impl Diff {
    /// A difference of two texts.
    pub fn text(
        subject: impl Into<String>,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        Self {
            subject: subject.into(),
            before: Side::Text(before.into()),
            after: Side::Text(after.into()),
        }
    }

    /// A difference of settings; only those that differ are kept where both are mappings.
    pub fn fields(
        subject: impl Into<String>,
        before: &impl Serialize,
        after: &impl Serialize,
    ) -> Self {
        let mut before = serde_json::to_value(before).unwrap_or(Value::Null);
        let mut after = serde_json::to_value(after).unwrap_or(Value::Null);
        if let (Value::Object(b), Value::Object(a)) = (&mut before, &mut after) {
            let same: Vec<String> = b
                .iter()
                .filter(|(key, value)| a.get(*key) == Some(value))
                .map(|(k, _)| k.clone())
                .collect();
            for key in same {
                b.shift_remove(&key);
                a.shift_remove(&key);
            }
        }
        let side = |value| if value == Value::Null { Side::Absent } else { Side::Fields(value) };
        Self { subject: subject.into(), before: side(before), after: side(after) }
    }

    /// A command that would run.
    pub fn command(argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let argv: Vec<String> = argv.into_iter().map(Into::into).collect();
        let subject = argv.first().cloned().unwrap_or_default();
        Self { subject, before: Side::Absent, after: Side::Command(argv) }
    }

    /// A change of state that has no more to show than two words.
    pub fn state(
        subject: impl Into<String>,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        let side = |word: String| Side::Fields(serde_json::json!({ "state": word }));
        Self { subject: subject.into(), before: side(before.into()), after: side(after.into()) }
    }

    /// Both sides, when neither has anything that differs.
    pub fn is_empty(&self) -> bool {
        self.before == self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_fields_that_differ_are_kept() {
        let diff = Diff::fields("x", &json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3, "c": 4}));
        assert_eq!(diff.before, Side::Fields(json!({"b": 2})));
        assert_eq!(diff.after, Side::Fields(json!({"b": 3, "c": 4})));
    }

    #[test]
    fn bytes_that_are_not_text_are_not_shown() {
        assert_eq!(Side::content(b"a\0b"), Side::Opaque { bytes: 3, sha256: String::new() });
    }
}
