//! A message to the user about their files, with the places it is about.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Redactor, Sources, Span};

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The run cannot go on.
    Error,
    /// The run goes on.
    Warning,
    /// The run goes on; the task that this is about fails with it when it is reached.
    Later,
}

/// One message about the user's files.
///
/// Holds only where the places are; the text is read from [`Sources`] when it is rendered, so
/// that a diagnostic is cheap to build, to send and to compare in tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name, shown in brackets.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong, as a lower-case sentence fragment.
    pub message: String,
    /// The places, the first of them the main one.
    pub labels: Vec<(Span, String)>,
    /// What the user can do.
    pub help: Option<String>,
    /// What a task returns of it, where that is not the message alone.
    pub told: Option<Box<Told>>,
}

/// What a task returns of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The message after what was being done when it was found.
    During(String),
    /// A sentence that playbooks match on.
    As(String),
}

impl Diagnostic {
    /// An error about one place.
    pub fn error(
        code: &'static str,
        message: impl Into<String>,
        at: Span,
        label: impl Into<String>,
    ) -> Self {
        let labels = vec![(at, label.into())];
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels,
            help: None,
            told: None,
        }
    }

    /// An error that is about no place in a file.
    pub fn plain(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![],
            help: None,
            told: None,
        }
    }

    /// The same message, told again when its task is reached.
    #[must_use]
    pub fn later(mut self) -> Self {
        if self.severity == Severity::Error {
            self.severity = Severity::Later;
        }
        self
    }

    /// The same message as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the sentence that playbooks match on.
    #[must_use]
    pub fn msg(mut self, msg: impl Into<String>) -> Self {
        self.told = Some(Box::new(Told::As(msg.into())));
        self
    }

    /// What was being done when it was found, where what a task returns is to say so.
    pub fn done(&self) -> Option<&str> {
        match self.told.as_deref() {
            Some(Told::During(what)) => Some(what),
            _ => None,
        }
    }

    /// The sentence that a task returns in place of the message, where there is one.
    pub fn sentence(&self) -> Option<&str> {
        match self.told.as_deref() {
            Some(Told::As(sentence)) => Some(sentence),
            _ => None,
        }
    }

    /// Adds a second place, such as where the first of two definitions stands.
    #[must_use]
    pub fn also(mut self, at: Span, label: impl Into<String>) -> Self {
        self.labels.push((at, label.into()));
        self
    }

    /// Says what was being done when it was found; what is said already is nearer to it.
    #[must_use]
    pub fn during(mut self, what: impl Into<String>) -> Self {
        self.told = self.told.or_else(|| Some(Box::new(Told::During(what.into()))));
        self
    }

    /// The main place, where there is one.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|(span, _)| *span).filter(|span| span.is_somewhere())
    }

    /// Renders the message with an excerpt of each file it is about.
    ///
    /// The excerpts pass through the redactor: a secret stands in the file it is written in.
    pub fn render(&self, sources: &Sources, redactor: &Redactor, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning | Severity::Later => Level::WARNING,
        };
        let places: Vec<(String, String, std::ops::Range<usize>, &str)> = self
            .labels
            .iter()
            .filter(|(span, _)| span.is_somewhere())
            .map(|(span, label)| {
                let text = sources.with_text(span.source, str::to_owned);
                let range = clamp(&text, span.range());
                (sources.path(span.source), text, range, label.as_str())
            })
            .collect();
        let mut group = level.primary_title(&self.message).id(self.code).elements(
            places.iter().enumerate().map(|(index, (path, text, range, label))| {
                let kind =
                    if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                Snippet::source(text).path(path).annotation(kind.span(range.clone()).label(*label))
            }),
        );
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        redactor.redact(&renderer.render(&[group])).into_owned()
    }
}

/// A range that lies in the text, on character boundaries, and on its first line only.
fn clamp(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.floor_char_boundary(range.end.clamp(start, text.len()));
    let line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line
}

/// Diagnostics as they are collected; errors and warnings in the order they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Notes one more.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Notes several more.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Diagnostic>) {
        more.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Takes all of them out.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_source_line_and_hides_the_secret() {
        let sources = Sources::default();
        let source = sources.add("site.yml", "- copy:\n    contnet: hunter2\n");
        let redactor = Redactor::default();
        redactor.add("hunter2");
        let shown = Diagnostic::error(
            "unknown-argument",
            "`copy` has no argument `contnet`",
            Span { source, start: 12, end: 19 },
            "not an argument of this module",
        )
        .help("did you mean `content`?")
        .render(&sources, &redactor, false);
        insta::assert_snapshot!(shown, @r"
        error[unknown-argument]: `copy` has no argument `contnet`
         --> site.yml:2:5
          |
        2 |     contnet: ********
          |     ^^^^^^^ not an argument of this module
          |
          = help: did you mean `content`?
        ");
    }
}
