//! What is wrong with a text that is not YAML, in words for those who write playbooks.
//!
//! libyaml says where it could not go on, which is often not where the mistake is: a forgotten
//! quote is noticed lines later. So the line itself is looked at for the usual mistakes first.

mod layout;
mod line;

use line::Line;

use super::events::Fault;
use crate::base::{Diagnostic, SourceId, Span};

const CODE: &str = "yaml-syntax";

/// Turns libyaml's fault into a diagnostic.
pub(super) fn explain(fault: &Fault, source: SourceId, text: &str) -> Diagnostic {
    let case = Case { fault, source, text, line: Line::at(text, fault.at) };
    case.blank()
        .or_else(|| case.template())
        .or_else(|| case.open_quote())
        .or_else(|| case.closed_quote())
        .or_else(|| case.colon())
        .or_else(|| case.missing_colon())
        .or_else(|| case.list_start())
        .or_else(|| case.indentation())
        .or_else(|| case.document_end())
        .or_else(|| case.block_text())
        .or_else(|| case.bracket())
        .or_else(|| case.first_character())
        .or_else(|| case.escape())
        .unwrap_or_else(|| case.other())
}

struct Case<'t> {
    fault: &'t Fault,
    source: SourceId,
    text: &'t str,
    /// The line that libyaml stopped at.
    line: Line<'t>,
}

impl Case<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        span(self.source, start, end)
    }

    /// The one character at a place.
    fn character(&self, at: usize) -> Span {
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        self.span(at, at + width)
    }

    fn is(&self, problem: &str) -> bool {
        self.fault.problem.contains(problem)
    }

    /// Where what libyaml was reading had begun.
    fn began(&self, context: &str) -> Option<usize> {
        let (words, at) = self.fault.context.as_ref()?;
        words.contains(context).then_some(*at)
    }

    fn template(&self) -> Option<Diagnostic> {
        template(self.source, &self.line)
    }

    /// A quote that is never closed.
    fn open_quote(&self) -> Option<Diagnostic> {
        let at = self.began("while scanning a quoted scalar")?;
        if !self.is("unexpected end of stream") && !self.is("document indicator") {
            return None;
        }
        let help = match Line::at(self.text, at).text.trim_end().chars().next_back() {
            Some(last @ ('"' | '\''))
                if self.text[at..].len() > 1 && !self.text[at..].starts_with(last) =>
            {
                "close it with the quote it was opened with"
            }
            _ => "close it at the end of the value",
        };
        let message = "a quote is opened and never closed";
        Some(Diagnostic::error(CODE, message, self.character(at), "opened here").help(help))
    }

    /// Text after a closing quote.
    fn closed_quote(&self) -> Option<Diagnostic> {
        let before = self.text[..self.fault.at].trim_end_matches(' ');
        let quote = before.chars().next_back().filter(|last| "'\"".contains(*last))?;
        if !self.is("did not find expected") {
            return None;
        }
        let closing = before.len() - 1;
        let opening = self.text[..closing].rfind(quote)?;
        let fault = Diagnostic::error(
            CODE,
            "text goes on after the closing quote",
            self.character(self.fault.at),
            "after the quote",
        );
        let value = self.line.value();
        if opening < self.line.start {
            let label = "opened here, and closed only on the marked line";
            return Some(
                fault.also(self.character(opening), label).help("close the quote on its own line"),
            );
        }
        (opening == value.start).then(|| {
            let help =
                format!("quote the whole value: {}{}", self.line.key_prefix(), quoted(value.text));
            fault.help(help)
        })
    }

    /// A second `: ` on a line, or a key that is indented as if it went on the line above.
    fn colon(&self) -> Option<Diagnostic> {
        if !self.is("mapping values are not allowed") {
            return None;
        }
        let colon = self.line.key_end()?;
        if self.fault.at > colon {
            let value = self.line.value();
            return Some(
                Diagnostic::error(
                    CODE,
                    "a value that holds a colon and a space must be quoted",
                    self.character(self.fault.at),
                    "this colon looks like a second key",
                )
                .help(format!(
                    "write {}{}",
                    self.line.key_prefix(),
                    quoted(value.text)
                )),
            );
        }
        let above = self.line.above(self.text)?;
        Some(self.misplaced(&above))
    }

    /// A line that should be `key: value` and has no colon, or none with a space behind it.
    fn missing_colon(&self) -> Option<Diagnostic> {
        let at = self.began("while scanning a simple key").filter(|_| self.is("expected ':'"))?;
        let line = Line::at(self.text, at);
        let entry = line.entry();
        if let Some(colon) = entry.text.find(':') {
            let message = "a space is missing after the colon of `key: value`";
            let at = entry.start + colon;
            let (key, value) = entry.text.split_at(colon);
            return Some(
                Diagnostic::error(CODE, message, self.character(at), "no space after it")
                    .help(format!("write {key}: {}", &value[1..])),
            );
        }
        let line = self.span(entry.start, entry.end());
        if entry.text.starts_with('-') {
            return Some(missing_blank(line));
        }
        let message = "expected `key: value`, found no colon";
        let label = "neither a key nor the continuation of the value above";
        Some(
            Diagnostic::error(CODE, message, line, label)
                .help("add the colon, or indent the line so that it continues the value above"),
        )
    }

    fn bracket(&self) -> Option<Diagnostic> {
        let at = self.began("while parsing a flow")?;
        let (open, close) = if self.text[at..].starts_with('[') { ('[', ']') } else { ('{', '}') };
        if !self.is("did not find expected ','") {
            return None;
        }
        Some(
            Diagnostic::error(
                CODE,
                format!("expected `,` or `{close}`"),
                self.character(self.fault.at),
                "found this instead",
            )
            .also(self.character(at), format!("the `{open}` is opened here"))
            .help(format!("add the `,` or the `{close}`; quote a text that starts with `{open}`")),
        )
    }

    /// Characters that no plain value may start with.
    fn first_character(&self) -> Option<Diagnostic> {
        let at = if self.is("cannot start any token") || self.is("expected node content") {
            self.fault.at
        } else {
            self.began("while scanning an a")?
        };
        let sign = self.text[at..].chars().next().filter(|sign| !sign.is_control())?;
        let rest = Line::at(self.text, at).from(at);
        Some(
            Diagnostic::error(
                CODE,
                format!("a value cannot start with `{sign}`"),
                self.character(at),
                "has a meaning of its own in YAML",
            )
            .help(format!("quote the value: {}", quoted(rest.text.trim_end()))),
        )
    }

    fn escape(&self) -> Option<Diagnostic> {
        self.began("while parsing a quoted scalar")?;
        let message = "not an escape that YAML knows in double quotes";
        Some(
            Diagnostic::error(CODE, message, self.character(self.fault.at), "this backslash")
                .help("use single quotes, where a backslash is just that, or write `\\\\`"),
        )
    }

    fn other(&self) -> Diagnostic {
        let problem = &self.fault.problem;
        let fault = Diagnostic::error(
            CODE,
            format!("this is not YAML: {problem}"),
            self.character(self.fault.at),
            "here",
        );
        match &self.fault.context {
            Some((context, at)) if *at < self.fault.at => {
                fault.also(self.character(*at), context.clone())
            }
            _ => fault,
        }
    }
}

/// A value that starts with a template and is not quoted: to YAML it starts a mapping.
pub(super) fn unquoted_template(at: Span, text: &str) -> Option<Diagnostic> {
    template(at.source, &Line::at(text, at.range().start))
}

fn template(source: SourceId, line: &Line) -> Option<Diagnostic> {
    let value = line.value();
    if !value.text.starts_with("{{") && !value.text.starts_with("{%") {
        return None;
    }
    let message = "a value that starts with a template must be quoted";
    let fault =
        Diagnostic::error(CODE, message, span(source, value.start, value.end()), "not quoted");
    Some(fault.help(format!("write {}{}", line.key_prefix(), quoted(value.text))))
}

/// A dash with no space behind it.
fn missing_blank(line: Span) -> Diagnostic {
    let message = "a space is missing after the dash of a list item";
    Diagnostic::error(CODE, message, line, "this line").help("write `- ` before the item")
}

fn span(source: SourceId, start: usize, end: usize) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: byte(start), end: byte(end) }
}

/// The text in the quotes it holds none of.
fn quoted(text: &str) -> String {
    let inner = text.trim_end();
    if inner.contains(['"', '\\']) {
        format!("'{}'", inner.replace('\'', "''"))
    } else {
        format!("\"{inner}\"")
    }
}

#[cfg(test)]
mod tests;
