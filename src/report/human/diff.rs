//! What is different on a host, line by line.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::super::text::{Text, Tone};
use crate::base::{Diff, Side};

/// The most lines of one diff, unless the user asks for all.
const LINES: usize = 200;

/// The longest that a diff is searched for; past it a longer one will do.
const PATIENCE: Duration = Duration::from_millis(500);

/// Adds a diff, moved in by four columns. `done` says whether it is what was done, or what would
/// be; `full` whether a long one is shown whole.
pub(crate) fn show(text: &mut Text, diff: &Diff, done: bool, full: bool) {
    if let Side::Command(argv) = &diff.after {
        let verb = if done { "ran" } else { "would run" };
        let line = command_line(argv);
        let (first, rest) = line.split_once('\n').unwrap_or((&line, ""));
        text.plain("    ").put(Tone::Dim, format!("{verb}: ")).plain(first).end();
        text.block(6, Tone::Plain, rest);
        return;
    }
    let header = |side: &Side| match side {
        Side::Absent => format!("{} (absent)", diff.subject),
        Side::Opaque { bytes, sha256 } if sha256.is_empty() => {
            format!("{} ({bytes} bytes)", diff.subject)
        }
        Side::Opaque { bytes, sha256 } => {
            format!("{} ({bytes} bytes, SHA-256 {:.12}…)", diff.subject, sha256)
        }
        Side::Text(_) | Side::Fields(_) | Side::Command(_) => diff.subject.clone(),
    };
    text.block(4, Tone::Removed, &format!("--- before: {}", header(&diff.before)));
    text.block(4, Tone::Added, &format!("+++ after: {}", header(&diff.after)));
    let lines = changes(diff);
    let limit = if full { lines.len() } else { LINES };
    for (tone, line) in lines.iter().take(limit) {
        text.plain("    ").put(*tone, line).end();
    }
    if lines.len() > limit {
        let note = format!("… {} more lines of this diff; -v shows them", lines.len() - limit);
        text.block(4, Tone::Dim, &note);
    }
}

/// The lines of a unified diff; settings are compared as YAML, where line numbers mean nothing.
fn changes(diff: &Diff) -> Vec<(Tone, String)> {
    let (before, after) = (side_text(&diff.before), side_text(&diff.after));
    let numbered = matches!((&diff.before, &diff.after), (Side::Text(_), _) | (_, Side::Text(_)));
    let compared = TextDiff::configure().timeout(PATIENCE).diff_lines(&before, &after);
    let mut lines = vec![];
    for hunk in compared.unified_diff().context_radius(3).iter_hunks() {
        if numbered {
            lines.push((Tone::Dim, hunk.header().to_string()));
        }
        for change in hunk.iter_changes() {
            let (sign, tone) = match change.tag() {
                ChangeTag::Delete => ('-', Tone::Removed),
                ChangeTag::Insert => ('+', Tone::Added),
                ChangeTag::Equal => (' ', Tone::Plain),
            };
            let line = change.value().trim_end_matches('\n');
            lines.push((tone, format!("{sign}{line}")));
            if change.missing_newline() {
                lines.push((Tone::Dim, "\\ no newline at the end".to_owned()));
            }
        }
    }
    lines
}

fn side_text(side: &Side) -> String {
    match side {
        Side::Absent | Side::Opaque { .. } => String::new(),
        Side::Text(text) => text.clone(),
        Side::Fields(fields) => serde_yaml::to_string(fields).unwrap_or_default(),
        Side::Command(argv) => format!("{}\n", command_line(argv)),
    }
}

/// A command as it could be typed.
pub(super) fn command_line(argv: &[String]) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    let quoted = argv.iter().map(|word| {
        if !word.is_empty() && word.chars().all(safe) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(diff: &Diff) -> String {
        let mut text = Text::new(false);
        show(&mut text, diff, false, false);
        text.as_str().to_owned()
    }

    #[test]
    fn a_file_is_compared_line_by_line() {
        let diff = Diff::text("/etc/app.conf", "a\nport = 80\nc\n", "a\nport = 8080\nc");
        insta::assert_snapshot!(shown(&diff), @r"
            --- before: /etc/app.conf
            +++ after: /etc/app.conf
            @@ -1,3 +1,3 @@
             a
            -port = 80
            -c
            +port = 8080
            +c
            \ no newline at the end
        ");
    }

    #[test]
    fn settings_are_compared_as_yaml() {
        let before = json!({"driver": "bridge", "labels": {"a": "1", "b": "2"}});
        let after = json!({"driver": "overlay", "labels": {"a": "1"}});
        insta::assert_snapshot!(shown(&Diff::fields("network web", &before, &after)), @r"
            --- before: network web
            +++ after: network web
            -driver: bridge
            +driver: overlay
             labels:
               a: '1'
            -  b: '2'
        ");
    }

    #[test]
    fn what_is_not_text_is_named_only() {
        let diff = Diff {
            subject: "/bin/x".to_owned(),
            before: Side::Absent,
            after: Side::Opaque { bytes: 12, sha256: "0123456789abcdef".to_owned() },
        };
        insta::assert_snapshot!(shown(&diff), @r"
            --- before: /bin/x (absent)
            +++ after: /bin/x (12 bytes, SHA-256 0123456789ab…)
        ");
        let command = Diff::command(["sh", "-c", "echo it's"]);
        assert_eq!(shown(&command), "    would run: sh -c 'echo it'\\''s'\n");
    }

    #[test]
    fn a_long_diff_is_folded() {
        let diff = Diff::text("x", "", "line\n".repeat(500));
        let shown = shown(&diff);
        assert_eq!(shown.lines().count(), 2 + LINES + 1);
        assert!(shown.ends_with("    … 301 more lines of this diff; -v shows them\n"), "{shown}");
    }
}
