//! Documentation, which is Markdown, as a terminal shows it.

use crate::report::{Text, Tone};

/// Adds Markdown to a text, moved in by `indent` columns and no wider than `width`.
///
/// Knows what doc comments use: paragraphs, lists, code in lines and in blocks, emphasis, links.
pub(super) fn show(text: &mut Text, markdown: &str, indent: usize, width: usize) {
    let mut paragraph = Paragraph { indent, width, ..Paragraph::default() };
    let mut code = false;
    for line in markdown.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            paragraph.flush(text);
            code = !code;
        } else if code && !trimmed.is_empty() {
            text.block(indent + 4, Tone::Plain, line);
        } else if trimmed.is_empty() {
            paragraph.flush(text);
            text.end();
        } else if let Some(item) = trimmed.strip_prefix("- ").or(trimmed.strip_prefix("* ")) {
            paragraph.flush(text);
            paragraph.bullet = true;
            paragraph.add(item);
        } else if let Some(title) = trimmed.strip_prefix('#') {
            paragraph.flush(text);
            text.block(indent, Tone::Heading, title.trim_start_matches('#').trim());
        } else {
            paragraph.add(trimmed);
        }
    }
    paragraph.flush(text);
}

/// A paragraph, or an item of a list, that is being collected.
#[derive(Default)]
struct Paragraph {
    indent: usize,
    width: usize,
    bullet: bool,
    content: String,
}

impl Paragraph {
    fn add(&mut self, line: &str) {
        if !self.content.is_empty() {
            self.content.push(' ');
        }
        self.content.push_str(line);
    }

    /// Writes it; the lines of an item stand to the right of its bullet.
    fn flush(&mut self, text: &mut Text) {
        let content = without_links(&std::mem::take(&mut self.content));
        let (bullet, hanging) =
            if std::mem::take(&mut self.bullet) { ("• ", 2) } else { ("", 0) };
        let mut column = 0;
        let mut in_code = false;
        for (index, word) in content.split_whitespace().enumerate() {
            let length = word.replace(['`', '*'], "").chars().count();
            if index == 0 {
                text.plain(" ".repeat(self.indent)).plain(bullet);
                column = self.indent + hanging;
            } else if column + 1 + length > self.width {
                text.end().plain(" ".repeat(self.indent + hanging));
                column = self.indent + hanging;
            } else {
                text.plain(" ");
                column += 1;
            }
            in_code = put_word(text, word, in_code);
            column += length;
        }
        if !content.is_empty() {
            text.end();
        }
    }
}

/// Adds one word, the code in it in colour; says whether code goes on after it.
fn put_word(text: &mut Text, word: &str, mut in_code: bool) -> bool {
    let coloured = text.has_colour();
    for (index, part) in word.split('`').enumerate() {
        if index > 0 {
            in_code = !in_code;
            if !coloured {
                text.plain('`');
            }
        }
        let part = if in_code { part.to_owned() } else { part.replace("**", "") };
        text.put(if in_code { Tone::Skipped } else { Tone::Plain }, part);
    }
    in_code
}

/// `[text](address)` and `[text]` as their text.
fn without_links(paragraph: &str) -> String {
    let mut out = String::with_capacity(paragraph.len());
    let mut rest = paragraph;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        let Some((title, after)) = link.split_once(']') else {
            out.push('[');
            rest = link;
            continue;
        };
        out.push_str(title);
        rest = match after.strip_prefix('(').and_then(|address| address.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_and_lists_hang() {
        let markdown = "Ensures that a `network` **exists**, see [the docs](https://x.y).\n\n\
                        - one thing that is rather long\n- another\n\n```yaml\na:\n  b: 1\n```\n";
        let mut text = Text::new(false);
        show(&mut text, markdown, 2, 28);
        insta::assert_snapshot!(text.as_str(), @r"
          Ensures that a `network`
          exists, see the docs.

          • one thing that is rather
            long
          • another

              a:
                b: 1
        ");
    }
}
