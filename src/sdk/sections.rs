//! Several answers of a host in one output.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::remote::Output;

/// The parts of a probe's output, by name: `name NUL content NUL`, one after the other.
///
/// What a probe prints this way may hold anything but NUL, so that files are shipped as they
/// stand and read on the controller. Bytes that are not UTF-8 are replaced.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sections(IndexMap<String, String>);

impl Sections {
    /// Reads an output; a part that was cut off holds what arrived.
    pub fn parse(output: &Output) -> Self {
        let text = output.stdout_text();
        let mut words = text.split('\0');
        let mut parts = IndexMap::new();
        while let (Some(name), Some(content)) = (words.next(), words.next()) {
            parts.insert(name.to_owned(), content.to_owned());
        }
        Self(parts)
    }

    /// One part as it stands; empty where the probe did not print it.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// One part without the blanks around it.
    pub fn word(&self, name: &str) -> &str {
        self.get(name).trim()
    }

    /// Whether the probe printed the part.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every part, in the order printed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, content)| (name.as_str(), content.as_str()))
    }
}

impl<N: Into<String>, C: Into<String>> FromIterator<(N, C)> for Sections {
    fn from_iter<I: IntoIterator<Item = (N, C)>>(parts: I) -> Self {
        Self(parts.into_iter().map(|(name, content)| (name.into(), content.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(stdout: &[u8]) -> Sections {
        Sections::parse(&Output { stdout: stdout.to_vec(), ..Output::default() })
    }

    #[test]
    fn parts_hold_whatever_was_printed() {
        let sections = parse(b"a\0one\ntwo\n\0b\0\0c\0 x=\0");
        assert_eq!(sections.get("a"), "one\ntwo\n");
        assert!(sections.has("b") && sections.get("b").is_empty());
        assert_eq!(sections.word("c"), "x=");
        assert!(!sections.has("d"));
    }

    #[test]
    fn an_output_that_was_cut_off_is_read_as_far_as_it_goes() {
        let sections = parse(b"a\0one\0b\0tw");
        assert_eq!(sections.iter().collect::<Vec<_>>(), [("a", "one"), ("b", "tw")]);
        assert_eq!(parse(b"a"), Sections::default());
    }
}
