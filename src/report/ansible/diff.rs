//! What is different on a host, as a unified diff.

use std::time::Duration;

use similar::TextDiff;

use super::super::text::{Text, Tone};
use crate::base::{Diff, Side};

/// The longest that a diff is searched for; past it a longer one will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// Adds a diff and an empty line below it; nothing where the two sides are the same.
pub(super) fn show(text: &mut Text, diff: &Diff) {
    let (before, after) = (side(&diff.before), side(&diff.after));
    let compared = TextDiff::configure().timeout(PATIENCE).diff_lines(&before, &after);
    let header = (format!("before: {}", diff.subject), format!("after: {}", diff.subject));
    let unified = compared
        .unified_diff()
        .context_radius(3)
        .header(&header.0, &header.1)
        .missing_newline_hint(true)
        .to_string();
    if unified.is_empty() {
        return;
    }
    for line in unified.lines() {
        text.put(tone(line), line).end();
    }
    text.end();
}

fn tone(line: &str) -> Tone {
    match line.as_bytes().first() {
        Some(b'+') => Tone::Added,
        Some(b'-') => Tone::Removed,
        Some(b'@') => Tone::Skipped,
        _ => Tone::Plain,
    }
}

fn side(side: &Side) -> String {
    match side {
        Side::Opaque { bytes, .. } => format!("({bytes} bytes)\n"),
        Side::Absent | Side::Text(_) => side.text(),
        Side::Fields(_) | Side::Command(_) => side.text() + "\n",
    }
}
