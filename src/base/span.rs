//! Where in the user's files something stands.

use std::fmt;
use std::sync::{Arc, RwLock};

use serde::{Deserialize, Serialize};

/// A text that was read: a file, or an argument of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceId(u32);

/// A stretch of one source, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The source it lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A place in no file: what the program itself supplies.
    pub const NOWHERE: Self = Self { source: SourceId(0), start: 0, end: 0 };

    /// The stretch as a range into the source's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it lies in a source that the user wrote.
    pub fn is_somewhere(self) -> bool {
        self.source != SourceId(0)
    }
}

/// Where something starts in a file, as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The path as it is shown.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[derive(Debug)]
struct Source {
    path: String,
    text: String,
}

/// Every text that was read, by id. A clone shares the same texts.
///
/// Files are still read while a run is under way (`include_tasks`), so it can be added to through
/// a shared reference.
#[derive(Debug, Clone)]
pub struct Sources(Arc<RwLock<Vec<Arc<Source>>>>);

impl Default for Sources {
    fn default() -> Self {
        let nowhere = Source { path: "(rplay)".to_owned(), text: String::new() };
        Self(Arc::new(RwLock::new(vec![Arc::new(nowhere)])))
    }
}

impl Sources {
    /// Adds a text under the path that messages will show.
    pub fn add(&self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        let mut all = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.push(Arc::new(Source { path: path.into(), text: text.into() }));
        SourceId(u32::try_from(all.len() - 1).unwrap_or(u32::MAX))
    }

    /// The path shown to the user.
    pub fn path(&self, id: SourceId) -> String {
        self.get(id).path.clone()
    }

    /// Runs `f` on the whole text.
    pub fn with_text<R>(&self, id: SourceId, f: impl FnOnce(&str) -> R) -> R {
        f(&self.get(id).text)
    }

    /// The text a span covers.
    pub fn slice(&self, span: Span) -> String {
        self.get(span.source).text.get(span.range()).unwrap_or_default().to_owned()
    }

    /// Line and column of a span's start, both from 1; the column counts characters.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let source = self.get(span.source);
        let start = (span.start as usize).min(source.text.len());
        let before = source.text.get(..start).unwrap_or(&source.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// `path:line:column` of a span's start, as editors and terminals recognise it.
    pub fn place(&self, span: Span) -> String {
        let (line, column) = self.line_column(span);
        format!("{}:{line}:{column}", self.get(span.source).path)
    }

    /// `path:line` of a span's start, as it is told in the middle of a sentence.
    pub fn line(&self, span: Span) -> String {
        format!("{}:{}", self.path(span.source), self.line_column(span).0)
    }

    /// Where a span starts, for those who do not have the sources; `None` for a place in no file.
    pub fn locate(&self, span: Span) -> Option<Place> {
        let (line, column) = self.line_column(span);
        span.is_somewhere().then(|| Place { file: self.path(span.source), line, column })
    }

    /// The line a span starts in, below as many of those before it.
    pub fn excerpt(&self, span: Span, before: usize) -> Vec<String> {
        let line = self.line_column(span).0;
        let lines = |text: &str| {
            let skipped = line.saturating_sub(before + 1);
            let wanted = text.lines().skip(skipped).take(line - skipped);
            wanted.map(str::to_owned).collect()
        };
        if span.is_somewhere() { self.with_text(span.source, lines) } else { vec![] }
    }

    fn get(&self, id: SourceId) -> Arc<Source> {
        let all = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(all.get(id.0 as usize).unwrap_or(&all[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let sources = Sources::default();
        let source = sources.add("site.yml", "a: é\nbé: c\n");
        let span = Span { source, start: 11, end: 12 };
        assert_eq!(sources.slice(span), "c");
        assert_eq!(sources.place(span), "site.yml:2:5");
    }
}
