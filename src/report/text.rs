//! Text for a terminal or a log, safe from what hosts put into it.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use console::Style;

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary text.
    Plain,
    /// The head of a play, a task, a section.
    Heading,
    /// As it should be.
    Ok,
    /// Changed, or would be.
    Changed,
    /// Failed, lost, not reached.
    Failed,
    /// Passed over.
    Skipped,
    /// A warning.
    Warning,
    /// Of less weight.
    Dim,
    /// A line that goes.
    Removed,
    /// A line that comes.
    Added,
}

impl Tone {
    fn style(self) -> Style {
        let style = Style::new().force_styling(true);
        match self {
            Self::Plain => style,
            Self::Heading => style.bold(),
            Self::Ok | Self::Added => style.green(),
            Self::Changed => style.yellow(),
            Self::Failed => style.red().bold(),
            Self::Removed => style.red(),
            Self::Skipped => style.cyan(),
            Self::Warning => style.magenta(),
            Self::Dim => style.dim(),
        }
    }
}

/// Text that is being put together.
///
/// All that goes in is stripped of its control characters: a host cannot move the cursor, set
/// the title of the window, or turn the order of the letters around.
#[derive(Debug, Clone, Default)]
pub struct Text {
    out: String,
    colour: bool,
}

impl Text {
    /// An empty text.
    pub fn new(colour: bool) -> Self {
        Self { out: String::new(), colour }
    }

    /// Adds a piece.
    pub fn put(&mut self, tone: Tone, piece: impl Display) -> &mut Self {
        let piece = piece.to_string();
        let piece = visible(&piece);
        if self.colour && tone != Tone::Plain && !piece.is_empty() {
            let _ = write!(self.out, "{}", tone.style().apply_to(piece));
        } else {
            self.out.push_str(&piece);
        }
        self
    }

    /// Adds an ordinary piece.
    pub fn plain(&mut self, piece: impl Display) -> &mut Self {
        self.put(Tone::Plain, piece)
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Self {
        self.out.push('\n');
        self
    }

    /// Adds each line of a text as a line of its own, moved in by `indent` columns.
    pub fn block(&mut self, indent: usize, tone: Tone, text: &str) -> &mut Self {
        for line in text.lines() {
            if !line.is_empty() {
                self.plain(" ".repeat(indent)).put(tone, line);
            }
            self.end();
        }
        self
    }

    /// Adds a text as [`Text::block`] does, the middle of a long one left out.
    pub fn folded(&mut self, indent: usize, tone: Tone, text: &str, limit: usize) -> &mut Self {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() <= limit.saturating_add(1) {
            return self.block(indent, tone, text);
        }
        let tail = limit / 2;
        let (head, rest) = lines.split_at(limit - tail);
        let (left_out, tail) = rest.split_at(rest.len() - tail);
        self.block(indent, tone, &head.join("\n"));
        let note = format!("… {} more lines; -v shows them", left_out.len());
        self.block(indent, Tone::Dim, &note).block(indent, tone, &tail.join("\n"))
    }

    /// Adds a text that was put together before.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.out.push_str(&other.out);
        self
    }

    /// Whether it is coloured.
    pub fn has_colour(&self) -> bool {
        self.colour
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What it has come to.
    pub fn as_str(&self) -> &str {
        &self.out
    }
}

/// The text with its control characters spelt out; line ends and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| !matches!(c, '\n' | '\t') && (c.is_control() || turns(c));
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            c if hidden(c) && u32::from(c) < 0x100 => {
                let _ = write!(shown, "\\x{:02x}", u32::from(c));
            }
            c if hidden(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character turns the direction of writing, so that a text reads as what it is not.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A count with its noun: `1 host`, `3 hosts`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A time as a person reads it: `0.4 s`, `12.3 s`, `4 min 05 s`, `1 h 02 min`.
pub(super) fn duration(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Names in a row, those past the limit only counted.
pub(super) fn names<'n>(names: impl ExactSizeIterator<Item = &'n str>, limit: usize) -> String {
    let more = names.len().saturating_sub(limit);
    let mut row = names.take(limit).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(row, " and {more} more");
    }
    row
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_host_cannot_steer_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\x07\u{9b}1m"), "a\\x1b[2Jb\\x07\\x9b1m");
        assert_eq!(visible("if \u{202e}nimda"), "if \\u{202e}nimda");
        assert_eq!(visible("one\r\ntwo\rthree\tfour"), "one\ntwo\\x0dthree\tfour");
    }

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        let lines: Vec<String> = (1..=9).map(|n| n.to_string()).collect();
        let mut text = Text::new(false);
        text.folded(2, Tone::Plain, &lines.join("\n"), 4);
        assert_eq!(text.as_str(), "  1\n  2\n  … 5 more lines; -v shows them\n  8\n  9\n");
    }

    #[test]
    fn colour_is_put_on_only_where_it_is_wanted() {
        let mut plain = Text::new(false);
        plain.put(Tone::Failed, "failed");
        assert_eq!(plain.as_str(), "failed");
        let mut coloured = Text::new(true);
        coloured.put(Tone::Ok, "\x1b[31mok");
        assert_eq!(coloured.as_str(), "\x1b[32m\\x1b[31mok\x1b[0m");
    }

    #[test]
    fn times_are_as_a_person_reads_them() {
        let shown: Vec<String> = [420, 12_340, 245_000, 3_720_000]
            .map(|ms| duration(Duration::from_millis(ms)))
            .to_vec();
        assert_eq!(shown, ["0.4 s", "12.3 s", "4 min 05 s", "1 h 02 min"]);
    }
}
