//! Lines that several kinds of event have.

use super::super::text::{Text, Tone};
use crate::base::Place;
use crate::event::TaskRef;

/// Where a task stands.
pub(super) fn path(text: &mut Text, task: &TaskRef) {
    if let Some(at) = &task.at {
        let file = absolute(&at.file);
        text.put(Tone::Dim, format!("task path: {file}:{}", at.line)).end();
    }
}

/// A path as it is told: from the root.
pub(super) fn absolute(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string())
}

/// Adds a text line by line, so that no colour goes over the end of a line.
pub(super) fn lines(text: &mut Text, tone: Tone, said: &str) {
    for line in said.split('\n') {
        text.put(tone, line).end();
    }
}

/// A place in a file, with the lines up to it and a mark below the last one.
pub fn origin(place: &Place, excerpt: &[String], label: &str) -> String {
    let (file, line, column) = (absolute(&place.file), place.line, place.column);
    let mut text = format!("Origin: {file}:{line}:{column}\n\n");
    let first = (line + 1).saturating_sub(excerpt.len());
    let width = line.to_string().len();
    for (number, source) in (first..).zip(excerpt) {
        text += format!("{number:<width$} {source}").trim_end();
        text.push('\n');
    }
    text += &" ".repeat(width + column);
    text += "^ ";
    text + label
}
