//! Values that must not be shown, and the one place that sees to it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;

/// A value that neither `Debug` nor `Display` nor a serialiser shows.
///
/// Only [`Secret::reveal`] gives it out, so that each place where it leaves is easily found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Redactor::MASK)
    }
}

impl<T> serde::Serialize for Secret<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Redactor::MASK)
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Secret<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[derive(Debug, Default)]
struct Known {
    /// Every spelling to hide, longest first where one contains another.
    spellings: Vec<String>,
    /// Built at the first use after a spelling was added.
    finder: Option<Arc<AhoCorasick>>,
}

/// Replaces every known secret in what leaves the program. A clone knows the same secrets.
///
/// A secret is hidden as it stands and in the spellings it takes on the way out: escaped for
/// JSON, in base64 (both alphabets), and per-cent encoded.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Arc<RwLock<Known>>);

impl Redactor {
    /// What stands in a secret's place.
    pub const MASK: &'static str = "********";
    /// Shorter values are not secrets that can be hidden: they would blot out ordinary text.
    const SHORTEST: usize = 4;

    /// Learns a secret. Each line of a secret of several lines is one too.
    pub fn add(&self, secret: &str) {
        let lines = secret.lines().map(str::trim).filter(|_| secret.trim().contains('\n'));
        let whole = [secret, secret.trim()];
        let new: Vec<String> = whole
            .into_iter()
            .chain(lines)
            .filter(|text| text.chars().count() >= Self::SHORTEST)
            .flat_map(spellings)
            .collect();
        let mut known = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for spelling in new {
            if !known.spellings.contains(&spelling) {
                known.spellings.push(spelling);
                known.finder = None;
            }
        }
    }

    /// The text with every secret masked.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(finder) = self.finder() else { return Cow::Borrowed(text) };
        if !finder.is_match(text) {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        finder.replace_all_with(text, &mut masked, |_, _, out| {
            out.push_str(Self::MASK);
            true
        });
        Cow::Owned(masked)
    }

    /// A value with every string and key in it masked.
    pub fn redact_value(&self, value: &mut serde_json::Value) {
        use serde_json::Value;
        if self.finder().is_none() {
            return;
        }
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.redact(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_value(item)),
            Value::Object(fields) => {
                let masked = std::mem::take(fields).into_iter().map(|(key, mut item)| {
                    self.redact_value(&mut item);
                    (self.redact(&key).into_owned(), item)
                });
                *fields = masked.collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn finder(&self) -> Option<Arc<AhoCorasick>> {
        {
            let known = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            if known.spellings.is_empty() || known.finder.is_some() {
                return known.finder.clone();
            }
        }
        let mut known = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&known.spellings)
            .ok()
            .map(Arc::new);
        known.finder.clone_from(&finder);
        finder
    }
}

/// A secret as it stands and as outputs spell it.
fn spellings(secret: &str) -> Vec<String> {
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let json = serde_json::to_string(secret).unwrap_or_default();
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let mut all = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        percent,
    ];
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_a_secret_in_every_spelling() {
        let redactor = Redactor::default();
        redactor.add("hun\"ter 2?");
        let text = "hun\"ter 2? {\"p\":\"hun\\\"ter 2?\"} aHVuInRlciAyPw== hun%22ter%202%3F";
        assert_eq!(redactor.redact(text), "******** {\"p\":\"********\"} ********== ********");
    }

    #[test]
    fn short_values_are_left_alone() {
        let redactor = Redactor::default();
        redactor.add("yes");
        assert_eq!(redactor.redact("yes"), "yes");
    }

    #[test]
    fn a_secret_is_never_shown_by_debug_or_json() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "********");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"********\"");
    }
}
