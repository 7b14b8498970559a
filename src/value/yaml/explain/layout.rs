//! Faults in how lines are indented and follow each other.

use super::line::Line;
use super::{CODE, Case, missing_blank};
use crate::base::Diagnostic;

impl Case<'_> {
    /// A tab, or a blank that only looks like a space, where a line is indented.
    pub(super) fn blank(&self) -> Option<Diagnostic> {
        let at = if self.text[self.fault.at..].starts_with('\t') {
            self.fault.at
        } else {
            self.line.start + self.line.indent().find(|blank| blank != ' ')?
        };
        let (message, label) = if self.text[at..].starts_with('\t') {
            ("a tab cannot indent YAML", "a tab")
        } else {
            ("only spaces can indent YAML", "looks like a space, and is another character")
        };
        Some(Diagnostic::error(CODE, message, self.character(at), label).help("use spaces"))
    }

    /// A dash where no list can start.
    pub(super) fn list_start(&self) -> Option<Diagnostic> {
        if !self.is("block sequence entries are not allowed") {
            return None;
        }
        let message = "a list cannot start here";
        let help = "put `- …` on a line of its own, indented under its key; quote a text that \
                    starts with a dash";
        let dash = self.character(self.fault.at);
        Some(Diagnostic::error(CODE, message, dash, "this dash").help(help))
    }

    /// A line that neither continues the list or mapping it stands in, nor lines up with it.
    pub(super) fn indentation(&self) -> Option<Diagnostic> {
        let begun = self
            .began("while parsing a block mapping")
            .or_else(|| self.began("while parsing a block collection"))?;
        if self.fault.at != self.line.entry().start && self.fault.at != self.line.content() {
            return None;
        }
        let first = Line::at(self.text, begun);
        if first.column_of(begun) != self.line.column_of(self.fault.at) {
            return Some(self.misplaced(&self.line.peer(self.text, begun).unwrap_or(first)));
        }
        let list = self.text[begun..].starts_with('-');
        let started = if list { "the list starts here" } else { "the mapping starts here" };
        let line = self.span(self.fault.at, self.line.end());
        if list && self.line.entry().text.starts_with('-') {
            return Some(missing_blank(line).also(self.character(begun), started));
        }
        let (message, help) = if list {
            (
                "expected the next item of the list, found a line without a dash",
                "start the line with `- `, or indent it so that it belongs to the item above",
            )
        } else if self.line.is_item() {
            (
                "expected the next key of the mapping, found a list item",
                "indent the list so that it belongs to the key above",
            )
        } else {
            ("expected the next key of the mapping", "write `key: value`, or quote the key")
        };
        Some(
            Diagnostic::error(CODE, message, line, "this line")
                .also(self.character(begun), started)
                .help(help),
        )
    }

    /// A line that does not line up with the one it belongs to.
    pub(super) fn misplaced(&self, peer: &Line) -> Diagnostic {
        let found = self.line.column_of(self.line.content());
        let place = if self.line.is_item() && peer.is_item() {
            peer.from(peer.content())
        } else {
            peer.entry()
        };
        let help = match peer.column_of(place.start) {
            0 => "start it at the left edge".to_owned(),
            column => format!("indent it with {}", spaces(column)),
        };
        let number = peer.number(self.text);
        Diagnostic::error(
            CODE,
            format!("bad indentation: this line does not line up with line {number}"),
            self.span(self.line.content(), self.line.end()),
            format!("indented with {}", spaces(found)),
        )
        .also(self.span(place.start, place.end()), "what it should line up with")
        .help(format!("{help}; with more, where it belongs to the line above"))
    }

    /// A line after the end of the document: indented less than its first, or behind a text.
    pub(super) fn document_end(&self) -> Option<Diagnostic> {
        if !self.is("expected <document start>") {
            return None;
        }
        let message = "the document ends above this line";
        let line = self.span(self.fault.at, self.line.end());
        Some(Diagnostic::error(CODE, message, line, "belongs to nothing").help(
            "indent every line at least as far as the first; start another document with `---`",
        ))
    }

    /// Text on the line of the `|` or `>` that announces it.
    pub(super) fn block_text(&self) -> Option<Diagnostic> {
        let at = self.began("while scanning a block scalar")?;
        let sign = self.text[at..].chars().next()?;
        let message = format!("the text behind `{sign}` starts on the next line");
        let rest = self.span(self.fault.at, self.line.end());
        Some(
            Diagnostic::error(CODE, message, rest, "on the same line").help(format!(
                "move it down and indent it; quote a text that starts with `{sign}`"
            )),
        )
    }
}

fn spaces(count: usize) -> String {
    if count == 1 { "1 space".to_owned() } else { format!("{count} spaces") }
}

#[cfg(test)]
mod tests;
