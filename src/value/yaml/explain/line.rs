//! One line of a text, cut into what a playbook's line is made of.

/// A line, or the rest of one, and where it starts in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// The byte it starts at.
    pub(super) start: usize,
    pub(super) text: &'t str,
    /// How many characters stand before it on its line.
    before: usize,
}

impl<'t> Line<'t> {
    /// The line around a byte of the text.
    pub(super) fn at(text: &'t str, byte: usize) -> Self {
        let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        Self { start, text: text[start..end].trim_end_matches('\r'), before: 0 }
    }

    /// What follows a byte on this line.
    pub(super) fn from(&self, byte: usize) -> Self {
        let at = (byte - self.start).min(self.text.len());
        let before = self.before + self.text[..at].chars().count();
        Self { start: self.start + at, text: &self.text[at..], before }
    }

    /// The nearest line above that is neither blank nor a comment.
    pub(super) fn above(&self, text: &'t str) -> Option<Self> {
        let mut line = *self;
        while line.start > 0 {
            line = Self::at(text, line.start - 1);
            let content = line.text.trim_start();
            if !content.is_empty() && !content.starts_with('#') {
                return Some(line);
            }
        }
        None
    }

    /// The line above, down from the byte `first`, that it was most likely meant to line up with:
    /// an item for an item, a key for a key, and the one whose indentation differs least.
    pub(super) fn peer(&self, text: &'t str, first: usize) -> Option<Self> {
        let column = |line: &Self| {
            let place = if self.is_item() { line.content() } else { line.entry().start };
            line.column_of(place)
        };
        let above = std::iter::successors(self.above(text), |line| line.above(text));
        above
            .take_while(|line| line.start + line.text.len() >= first)
            .filter(|line| if self.is_item() { line.is_item() } else { line.key_end().is_some() })
            .min_by_key(|line| column(line).abs_diff(column(self)))
    }

    /// Whether it starts an item of a list.
    pub(super) fn is_item(&self) -> bool {
        let content = self.text.trim_start();
        content.starts_with("- ") || content == "-"
    }

    /// Its number in the text, from 1.
    pub(super) fn number(&self, text: &str) -> usize {
        text[..self.start].matches('\n').count() + 1
    }

    /// How many characters stand before a byte of it.
    pub(super) fn column_of(&self, byte: usize) -> usize {
        let at = byte.saturating_sub(self.start).min(self.text.len());
        self.before + self.text[..at].chars().count()
    }

    /// One past its last byte, blanks left out.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.trim_end().len()
    }

    /// The blanks it starts with.
    pub(super) fn indent(&self) -> &'t str {
        &self.text[..self.text.len() - self.text.trim_start().len()]
    }

    /// The byte of its first character that is no blank.
    pub(super) fn content(&self) -> usize {
        self.start + self.indent().len()
    }

    /// What stands behind its indentation and its dashes.
    pub(super) fn entry(&self) -> Self {
        let mut rest = self.from(self.content());
        while let Some(item) = rest.text.strip_prefix("- ") {
            let skipped = rest.text.len() - item.trim_start().len();
            rest = rest.from(rest.start + skipped);
        }
        Self { text: rest.text.trim_end(), ..rest }
    }

    /// The byte of the colon that ends its key.
    pub(super) fn key_end(&self) -> Option<usize> {
        let entry = self.entry();
        if entry.text.starts_with(['"', '\'', '{', '[']) {
            return None;
        }
        let colon = entry
            .text
            .find(": ")
            .or_else(|| entry.text.ends_with(':').then(|| entry.text.len() - 1))?;
        Some(entry.start + colon)
    }

    /// `key: ` where it has a key.
    pub(super) fn key_prefix(&self) -> String {
        let entry = self.entry();
        let key = self.key_end().map(|end| &entry.text[..end - entry.start]);
        key.map_or_else(String::new, |key| format!("{key}: "))
    }

    /// What stands behind its key, or behind its dashes where it has none.
    pub(super) fn value(&self) -> Self {
        let entry = self.entry();
        let Some(end) = self.key_end() else { return entry };
        let rest = entry.from(end + 1);
        rest.from(rest.content())
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn cuts_a_line_into_key_and_value() {
        let text = "a: 1\n  - - name:  héllo there  \n";
        let line = Line::at(text, 12);
        assert_eq!(line.entry().text, "name:  héllo there");
        assert_eq!(line.key_prefix(), "name: ");
        assert_eq!(line.value().text, "héllo there");
        assert_eq!(&text[line.value().start..line.value().end()], "héllo there");
        assert_eq!(line.column_of(line.entry().start), 6);
        assert_eq!(line.number(text), 2);
        assert_eq!(line.above(text).map(|above| above.text), Some("a: 1"));
    }

    #[test]
    fn a_line_without_a_key_is_all_value() {
        let line = Line::at("- \"a: b\"", 0);
        assert_eq!(line.key_prefix(), "");
        assert_eq!(line.value().text, "\"a: b\"");
        assert_eq!(Line::at("", 0).value().text, "");
    }
}
