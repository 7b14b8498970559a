//! What becomes of the lines of a file.

use super::Args;
use crate::sdk::file::Edit;
use crate::sdk::{Failure, Presence, Regex, RegexOptions};

impl Args {
    /// The text with the block in it, or without it; `None` is a file that is not there.
    pub(super) fn edit(&self, text: Option<&str>) -> Result<Edit, Failure> {
        let present = self.state == Presence::Present && !self.block.is_empty();
        let mut lines: Vec<String> = lines(text.unwrap_or_default());
        let (begin, end) = (self.mark(&self.marker_begin), self.mark(&self.marker_end));
        let last = |mark: &String| lines.iter().rposition(|line| line == mark);
        let mut at = match (last(&begin), last(&end)) {
            (Some(first), Some(second)) => {
                let (first, second) = (first.min(second), first.max(second));
                lines.drain(first..=second);
                first
            }
            _ if !present => return Ok(unchanged(text)),
            _ => self.place(&lines, text.unwrap_or_default())?,
        };
        if let Some(before) = at.checked_sub(1).map(|index| &mut lines[index])
            && !before.ends_with('\n')
        {
            before.push('\n');
        }
        let is_blank = |line: Option<&String>| line.is_none_or(|line| line == "\n");
        if present {
            if self.prepend_newline && !is_blank(at.checked_sub(1).map(|index| &lines[index])) {
                lines.insert(at, "\n".to_owned());
                at += 1;
            }
            let block = self.block.strip_suffix('\n').unwrap_or(&self.block);
            lines.splice(at..at, [begin, format!("{block}\n"), end]);
            at += 3;
        }
        if self.append_newline && self.state == Presence::Present && !is_blank(lines.get(at)) {
            lines.insert(at, "\n".to_owned());
        }
        let new = lines.concat();
        let message = match (text, present) {
            (Some(old), _) if old == new => "",
            (None, _) => "File created",
            (Some(_), true) => "Block inserted",
            (Some(_), false) => "Block removed",
        };
        Ok(Edit { text: new, message: message.to_owned() })
    }

    fn mark(&self, word: &str) -> String {
        format!("{}\n", self.marker.replace("{mark}", word))
    }

    /// The line before which a new block goes.
    fn place(&self, lines: &[String], text: &str) -> Result<usize, Failure> {
        let (expression, after) = match (self.insertbefore.as_deref(), self.insertafter.as_deref())
        {
            (Some("BOF"), _) => return Ok(0),
            (Some(before), _) => (before, false),
            (None, None | Some("EOF")) => return Ok(lines.len()),
            (None, Some(after)) => (after, true),
        };
        let regexp = Regex::new(expression, RegexOptions::default()).map_err(|fault| {
            Failure::new(format!("not a regular expression: {fault}: {expression}"))
        })?;
        let found = if spans_lines(expression) {
            let whole = regexp.search(text).map_err(Failure::new)?.and_then(|all| all.get(0));
            let end = whole.map(|whole| if after { whole.end() } else { whole.start() });
            end.map(|end| text[..end].matches('\n').count())
        } else {
            let mut found = None;
            for (at, line) in lines.iter().enumerate() {
                if regexp.is_match(line).map_err(Failure::new)? {
                    found = Some(at);
                }
            }
            found
        };
        Ok(found.map_or(lines.len(), |at| (at + usize::from(after)).min(lines.len())))
    }
}

/// Whether an expression sets the flag that makes it match over lines.
fn spans_lines(expression: &str) -> bool {
    expression
        .strip_prefix("(?")
        .and_then(|flags| flags.split_once(')'))
        .is_some_and(|(flags, _)| flags.contains('m') && flags.chars().all(char::is_alphabetic))
}

fn unchanged(text: Option<&str>) -> Edit {
    let message = if text.is_none() { "File created" } else { "" };
    Edit { text: text.unwrap_or_default().to_owned(), message: message.to_owned() }
}

/// A text's lines with their ends: line feeds, carriage returns, or both together.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![];
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix("\r\n") {
            Some(body) => (body, "\r\n"),
            None => (line, ""),
        };
        lines.extend(body.split_inclusive('\r').map(str::to_owned));
        match lines.last_mut() {
            Some(last) if !body.is_empty() => last.push_str(end),
            _ if !end.is_empty() => lines.push(end.to_owned()),
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_end_in_three_ways() {
        assert_eq!(lines("a\nb\r\n\r\nc\rd"), ["a\n", "b\r\n", "\r\n", "c\r", "d"]);
        assert!(lines("").is_empty());
    }
}
