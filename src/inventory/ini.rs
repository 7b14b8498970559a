//! Inventories in the form of INI files.

use super::builder::{Builder, CHILD, Named, VARIABLES};
use super::literal::literal;
use super::model::UNGROUPED;
use super::words::{Word, words};
use crate::base::{Diagnostic, SourceId, Span, did_you_mean};
use crate::value::Variable;

/// Reads an INI inventory into the builder.
pub(super) fn read(builder: &mut Builder, source: SourceId, text: &str) {
    let mut reader = Reader { builder, source, section: None };
    let mut start = 0;
    for line in text.split('\n') {
        reader.line(Line { text: line.trim_end_matches('\r'), start });
        start += line.len() + 1;
    }
}

struct Reader<'b> {
    builder: &'b mut Builder,
    source: SourceId,
    /// Nothing before the first section.
    section: Option<Section>,
}

#[derive(Clone, Copy)]
enum Section {
    Hosts(usize),
    Children(usize),
    Vars(usize),
    /// One that has been complained about: its lines could mean anything.
    Unknown,
}

/// A line and the byte it starts at.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    start: usize,
}

impl Line<'_> {
    /// The part from one byte to another, blanks left out.
    fn part(&self, start: usize, end: usize) -> Self {
        let part = &self.text[start..end];
        let blanks = part.len() - part.trim_start().len();
        Self { text: part.trim(), start: self.start + start + blanks }
    }
}

impl Reader<'_> {
    fn line(&mut self, line: Line) {
        let line = line.part(0, line.text.len());
        if line.text.is_empty() || line.text.starts_with(['#', ';']) {
            return;
        }
        if let Some(header) = header(line.text) {
            self.section = Some(self.header(line, header));
            return;
        }
        match self.section {
            None => {
                let group = self.builder.group(UNGROUPED);
                self.host(group, line);
            }
            Some(Section::Hosts(group)) => self.host(group, line),
            Some(Section::Children(group)) => self.child(group, line),
            Some(Section::Vars(group)) => self.variable(group, line),
            Some(Section::Unknown) => {}
        }
    }

    fn span(&self, line: Line) -> Span {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            source: self.source,
            start: byte(line.start),
            end: byte(line.start + line.text.len()),
        }
    }

    fn header(&mut self, line: Line, header: &str) -> Section {
        let (name, kind) = header.split_once(':').unwrap_or((header, "hosts"));
        let at = self.span(line.part(1, 1 + header.len()));
        if name.is_empty() || header.contains(|c: char| c.is_whitespace() || c == '[') {
            let message = "expected `[group]`, `[group:children]` or `[group:vars]`";
            self.fault(
                message.to_owned(),
                at,
                "not the name of a group",
                "a name holds no blanks, colons or brackets",
            );
            return Section::Unknown;
        }
        let named = Named { text: name.to_owned(), span: at };
        match kind {
            "hosts" => Section::Hosts(self.builder.group(name)),
            "children" => Section::Children(self.builder.group(name)),
            "vars" => Section::Vars(self.builder.mention(named, VARIABLES)),
            _ => {
                let known = ["hosts", "children", "vars"];
                let help = did_you_mean(kind, known, "a section is `hosts`, `children` or `vars`");
                let message =
                    format!("expected `[{name}:children]` or `[{name}:vars]`, found `{kind}`");
                self.fault(message, at, "no kind of section", &help);
                Section::Unknown
            }
        }
    }

    fn host(&mut self, group: usize, line: Line) {
        let words = match words(line.text) {
            Ok(words) => words,
            Err(at) => {
                let at = self.span(Line { text: &line.text[at..=at], start: line.start + at });
                let message = "a quote or an escape is opened and never closed".to_owned();
                return self.fault(message, at, "opened here", "close it on the same line");
            }
        };
        let Some((first, rest)) = words.split_first() else { return };
        let span = self.span(line.part(first.start, first.end));
        let vars: Vec<(String, Variable)> =
            rest.iter().filter_map(|word| self.host_var(word, line)).collect();
        self.builder.hosts(group, &Named { text: first.text.clone(), span }, &vars);
    }

    /// A variable behind a host: `name=value`.
    fn host_var(&mut self, word: &Word, line: Line) -> Option<(String, Variable)> {
        let span = self.span(line.part(word.start, word.end));
        let Some((name, value)) = word.text.split_once('=') else {
            let message = format!("expected `name=value` behind the host, found `{}`", word.text);
            self.fault(
                message,
                span,
                "no value",
                "one host stands on a line; quote a value that holds blanks",
            );
            return None;
        };
        let written = &line.text[word.start..word.end];
        let skip = if written.starts_with(name) { name.len() + 1 } else { 0 };
        let skip = u32::try_from(skip).unwrap_or(0);
        let span = Span { start: span.start.saturating_add(skip).min(span.end), ..span };
        Some((name.to_owned(), literal(value, span).into()))
    }

    fn child(&mut self, parent: usize, line: Line) {
        let end = line.text.find('#').unwrap_or(line.text.len());
        let name = line.part(0, end);
        let span = self.span(name);
        if name.text.contains(|c: char| c.is_whitespace() || "=:[]".contains(c)) {
            let message = format!("expected the name of a group, found `{}`", name.text);
            return self.fault(
                message,
                span,
                "not a group",
                "hosts belong in the section of a group itself",
            );
        }
        let named = Named { text: name.text.to_owned(), span };
        let child = self.builder.mention(named, CHILD);
        self.builder.child(parent, child, span);
    }

    /// A variable of a group: `name = value`, the value up to the end of the line.
    fn variable(&mut self, group: usize, line: Line) {
        let Some(equals) = line.text.find('=') else {
            let span = self.span(line);
            let message = format!("expected `name=value`, found `{}`", line.text);
            return self.fault(
                message,
                span,
                "no `=`",
                "hosts belong in the section of the group itself",
            );
        };
        let name = line.part(0, equals).text.to_owned();
        let value = line.part(equals + 1, line.text.len());
        let value = literal(value.text, self.span(value));
        self.builder.group_var(group, name, value);
    }

    fn fault(&mut self, message: String, at: Span, label: &str, help: &str) {
        self.builder.fault(Diagnostic::error("inventory-syntax", message, at, label).help(help));
    }
}

/// What stands in the brackets of a section's header; a comment may follow.
fn header(line: &str) -> Option<&str> {
    let (inside, after) = line.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    let range = inside.split_once(':').is_some_and(|(first, last)| {
        first.len() <= 1 && last.len() == 1 || first.bytes().all(|c| c.is_ascii_digit())
    });
    ((after.is_empty() && !range) || after.starts_with('#')).then_some(inside)
}
