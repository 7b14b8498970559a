//! What the probe shipped, as the collectors ask for it.

use crate::sdk::{Fields, Sections};

/// A probe's output and the lines of the files in it.
pub(super) struct Report<'s> {
    parts: &'s Sections,
    lines: Vec<(&'s str, &'s str)>,
}

impl<'s> Report<'s> {
    pub(super) fn new(parts: &'s Sections) -> Self {
        let lines = parts.get("files").lines().filter_map(|line| line.split_once(':')).collect();
        Self { parts, lines }
    }

    /// One part of the output.
    pub(super) fn part(&self, name: &str) -> &'s str {
        self.parts.get(name).trim_end_matches('\n')
    }

    /// Every part whose name begins so, with the rest of the name.
    pub(super) fn parts(&self, prefix: &str) -> impl Iterator<Item = (&'s str, &'s str)> {
        self.parts
            .iter()
            .filter_map(move |(name, content)| Some((name.strip_prefix(prefix)?, content)))
    }

    /// Whether a file or folder is there.
    pub(super) fn there(&self, path: &str) -> bool {
        self.parts.get("there").lines().any(|line| line == path)
    }

    /// The lines of a file.
    pub(super) fn file<'r>(&'r self, path: &'r str) -> impl Iterator<Item = &'s str> + 'r {
        self.lines.iter().filter(move |(name, _)| *name == path).map(|(_, line)| *line)
    }

    /// The first line of a file, without the blanks around it; `None` where that is nothing.
    pub(super) fn word(&self, path: &str) -> Option<&'s str> {
        self.file(path).next().map(str::trim).filter(|word| !word.is_empty())
    }

    /// The first line of every file in a folder: the path below the folder, and the line.
    pub(super) fn folder<'r>(
        &'r self,
        folder: &'r str,
    ) -> impl Iterator<Item = (&'s str, &'s str)> + 'r {
        self.lines
            .iter()
            .filter_map(move |(path, line)| Some((path.strip_prefix(folder)?, line.trim())))
    }

    /// The value of a key in a file of `key: value` lines.
    pub(super) fn status(&self, path: &str, key: &str) -> Option<&'s str> {
        self.file(path).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == key).then(|| value.trim())
        })
    }

    /// A file of `KEY="value"` lines, such as os-release.
    pub(super) fn assignments(&self, path: &str) -> Vec<(&'s str, String)> {
        self.file(path)
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| line.trim().split_once('='))
            .map(|(key, value)| (key, unquote(value)))
            .collect()
    }
}

/// The value of a shell assignment, whose quotes and escapes mean nothing more.
fn unquote(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value);
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

/// Sets a fact.
pub(super) fn set(facts: &mut Fields, name: &str, value: impl Into<crate::sdk::Value>) {
    facts.insert(name.to_owned(), value.into());
}
