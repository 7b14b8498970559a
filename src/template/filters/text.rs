//! Filters on text.

use std::collections::VecDeque;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad};
use crate::template::objects::{List, Mapping};
use crate::template::percent::percent;
use crate::template::{operators, python};

pub(super) const FILTERS: Family = &[
    ("upper", |_, args| text(args, |text| text.to_uppercase())),
    ("lower", |_, args| text(args, |text| text.to_lowercase())),
    ("capitalize", |_, args| text(args, |text| capitalize(&text))),
    ("title", |_, args| text(args, |text| title(&text))),
    ("trim", trim),
    ("replace", replace),
    ("split", split),
    ("indent", indent),
    ("center", center),
    ("truncate", truncate),
    ("wordwrap", word_wrap),
    ("wordcount", |_, args| {
        let text = python::text(args.value())?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        Ok(Value::from(text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).count()))
    }),
    ("format", format),
    ("comment", comment),
];

fn text(args: &Args, change: impl Fn(String) -> String) -> Result<Value, Error> {
    Ok(Value::from(change(python::text(args.value())?)))
}

pub(in crate::template) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

/// Jinja's title case: words begin after space, `-` and opening brackets.
fn title(text: &str) -> String {
    let mut begins = true;
    text.chars()
        .flat_map(|c| {
            let changed: Vec<char> =
                if begins { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
            begins = c.is_whitespace() || "-([{<".contains(c);
            changed
        })
        .collect()
}

fn trim(_: &mut State, args: &Args) -> Result<Value, Error> {
    let signs = args.text(1, "chars")?;
    text(args, |text| match &signs {
        Some(signs) => text.trim_matches(|c| signs.contains(c)).to_owned(),
        None => text.trim().to_owned(),
    })
}

fn replace(state: &mut State, args: &Args) -> Result<Value, Error> {
    let (old, new) = (python::text(&args.need(1, "old")?)?, python::text(&args.need(2, "new")?)?);
    let count = args.int(3, "count")?.and_then(|count| usize::try_from(count).ok());
    let text = python::text(args.value())?;
    let replaced = match count {
        Some(count) => text.replacen(&old, &new, count),
        None => text.replace(&old, &new),
    };
    operators::count(state, replaced.len())?;
    Ok(Value::from(replaced))
}

fn split(_: &mut State, args: &Args) -> Result<Value, Error> {
    let separator = args.text(1, "sep")?;
    let most = args.int(2, "maxsplit")?.and_then(|most| usize::try_from(most).ok());
    split_text(&python::text(args.value())?, separator.as_deref(), most)
}

/// Python's `str.split`.
pub(in crate::template) fn split_text(
    text: &str,
    separator: Option<&str>,
    most: Option<usize>,
) -> Result<Value, Error> {
    let parts: Vec<Value> = match (separator, most) {
        (Some(""), _) => return Err(bad("empty separator")),
        (Some(separator), Some(most)) => {
            text.splitn(most + 1, separator).map(Value::from).collect()
        }
        (Some(separator), None) => text.split(separator).map(Value::from).collect(),
        (None, None) => text.split_whitespace().map(Value::from).collect(),
        (None, Some(most)) => {
            let (mut parts, mut rest) = (Vec::new(), text.trim_start());
            while !rest.is_empty() && parts.len() < most {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                parts.push(Value::from(&rest[..end]));
                rest = rest[end..].trim_start();
            }
            if !rest.is_empty() {
                parts.push(Value::from(rest));
            }
            parts
        }
    };
    Ok(List::value(parts))
}

fn indent(state: &mut State, args: &Args) -> Result<Value, Error> {
    let width = args.get(1, "width")?.unwrap_or_else(|| Value::from(4));
    let first = args.flag(2, "first")?;
    let blank = args.flag(3, "blank")?;
    let margin = match width.as_str() {
        Some(margin) => margin.to_owned(),
        None => " ".repeat(width.as_usize().filter(|width| *width < 10_000).unwrap_or_default()),
    };
    let text = python::text(args.value())?;
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if if index == 0 { first } else { blank || !line.is_empty() } {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    operators::count(state, out.len())?;
    Ok(Value::from(out))
}

fn center(_: &mut State, args: &Args) -> Result<Value, Error> {
    let width = args.int(1, "width")?.unwrap_or(80);
    text(args, |text| pad(&text, width, ' ', Side::Both))
}

/// Where a text is padded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::template) enum Side {
    Left,
    Right,
    Both,
}

/// Pads a text to a width in characters, as Python's `center`, `ljust` and `rjust` do.
pub(in crate::template) fn pad(text: &str, width: i64, fill: char, side: Side) -> String {
    let width = usize::try_from(width).unwrap_or(0).min(1_000_000);
    let missing = width.saturating_sub(text.chars().count());
    let left = match side {
        Side::Left => missing,
        Side::Right => 0,
        Side::Both => missing / 2 + (missing & width & 1),
    };
    let fill = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
    format!("{}{text}{}", fill(left), fill(missing - left))
}

fn truncate(_: &mut State, args: &Args) -> Result<Value, Error> {
    let length = args.int(1, "length")?.unwrap_or(255);
    let kill_words = args.flag(2, "killwords")?;
    let end = args.text(3, "end")?.unwrap_or_else(|| "...".to_owned());
    let leeway = args.int(4, "leeway")?.unwrap_or(5);
    let text = python::text(args.value())?;
    let length = usize::try_from(length).unwrap_or(0);
    let allowed = length + usize::try_from(leeway).unwrap_or(0);
    if text.chars().count() <= allowed {
        return Ok(Value::from(text));
    }
    let room = length.checked_sub(end.chars().count());
    let room = room.ok_or_else(|| bad("`length` is shorter than `end`"))?;
    let kept: String = text.chars().take(room).collect();
    let kept = if kill_words {
        kept.as_str()
    } else {
        kept.rsplit_once(' ').map_or(kept.as_str(), |(words, _)| words)
    };
    Ok(Value::from(format!("{kept}{end}")))
}

fn word_wrap(_: &mut State, args: &Args) -> Result<Value, Error> {
    let width = args.int(1, "width")?.unwrap_or(79);
    let width = usize::try_from(width).ok().filter(|width| *width > 0);
    let width = width.ok_or_else(|| bad("`width` must be 1 or more"))?;
    let break_long = args.get(2, "break_long_words")?.is_none_or(|value| value.is_true());
    let newline = args.text(3, "wrapstring")?.unwrap_or_else(|| "\n".to_owned());
    let hyphens = args.get(4, "break_on_hyphens")?.is_none_or(|value| value.is_true());
    let text = python::text(args.value())?;
    let lines: Vec<String> =
        text.lines().map(|line| wrap(line, width, break_long, hyphens).join(&newline)).collect();
    Ok(Value::from(lines.join(&newline)))
}

/// What a line may be broken between: words, the spaces between them, and parts of words that
/// end with a hyphen.
fn chunks(line: &str, hyphens: bool) -> VecDeque<Vec<char>> {
    let mut chunks: VecDeque<Vec<char>> = VecDeque::new();
    let signs: Vec<char> = line.chars().collect();
    let is_dash = if hyphens { dashes(&signs) } else { vec![false; signs.len()] };
    for (at, sign) in signs.iter().enumerate() {
        let hyphen = hyphens
            && at >= 2
            && signs[at - 1] == '-'
            && signs[at - 2].is_alphanumeric()
            && sign.is_alphabetic();
        let together = at > 0
            && !hyphen
            && (signs[at - 1] == ' ') == (*sign == ' ')
            && is_dash[at - 1] == is_dash[at];
        match chunks.back_mut().filter(|_| together) {
            Some(chunk) => chunk.push(*sign),
            None => chunks.push_back(vec![*sign]),
        }
    }
    chunks
}

/// Which hyphens belong to a dash of several between words, which stands for itself.
fn dashes(signs: &[char]) -> Vec<bool> {
    let mut all = vec![false; signs.len()];
    let mut at = 0;
    while at < signs.len() {
        let length = signs[at..].iter().take_while(|sign| **sign == '-').count();
        let end = at + length;
        let between = at > 0
            && signs[at - 1] != ' '
            && signs.get(end).is_some_and(|behind| behind.is_alphanumeric());
        if length > 1 && between {
            all[at..end].fill(true);
        }
        at = end.max(at + 1);
    }
    all
}

/// Breaks a line as Python's `textwrap.wrap` does.
fn wrap(line: &str, width: usize, break_long: bool, hyphens: bool) -> Vec<String> {
    let mut chunks = chunks(line, hyphens);
    let mut lines: Vec<String> = vec![];
    let blank = |chunk: &[char]| chunk.iter().all(|sign| *sign == ' ');
    while !chunks.is_empty() {
        if !lines.is_empty() && chunks.front().is_some_and(|chunk| blank(chunk)) {
            chunks.pop_front();
        }
        let (mut taken, mut used): (Vec<Vec<char>>, usize) = (vec![], 0);
        while chunks.front().is_some_and(|chunk| used + chunk.len() <= width) {
            let chunk = chunks.pop_front().unwrap_or_default();
            used += chunk.len();
            taken.push(chunk);
        }
        if let Some(long) = chunks.front_mut().filter(|chunk| chunk.len() > width) {
            if break_long {
                let fits = (width - used).max(usize::from(used == 0));
                // Rather behind a hyphen than within a part, where there is a part before it.
                let hyphen = long[..fits]
                    .iter()
                    .rposition(|sign| *sign == '-')
                    .filter(|at| hyphens && long[..*at].iter().any(|sign| *sign != '-'));
                let rest = long.split_off(hyphen.map_or(fits, |at| at + 1));
                taken.push(std::mem::replace(long, rest));
            } else if taken.is_empty() {
                taken.extend(chunks.pop_front());
            }
        }
        if taken.last().is_some_and(|chunk| blank(chunk)) {
            taken.pop();
        }
        if !taken.is_empty() {
            lines.push(taken.into_iter().flatten().collect());
        }
    }
    lines
}

fn format(state: &mut State, args: &Args) -> Result<Value, Error> {
    let pattern = python::text(args.value())?;
    let named = args.named()?;
    let value = if named.is_empty() {
        Value::from(minijinja::value::Tuple::from(args.positional()[1..].to_vec()))
    } else {
        Mapping::value(named.into_iter().map(|(name, value)| (Value::from(name), value)))
    };
    let text = percent(&pattern, &value)?;
    operators::count(state, text.len())?;
    Ok(Value::from(text))
}

/// The signs of a style of comment.
struct Comment {
    beginning: &'static str,
    decoration: &'static str,
    end: &'static str,
}

fn comment(_: &mut State, args: &Args) -> Result<Value, Error> {
    let style = args.text(1, "style")?.unwrap_or_else(|| "plain".to_owned());
    let known = match style.as_str() {
        "plain" => Comment { beginning: "", decoration: "# ", end: "" },
        "erlang" => Comment { beginning: "", decoration: "% ", end: "" },
        "c" => Comment { beginning: "", decoration: "// ", end: "" },
        "cblock" => Comment { beginning: "/*", decoration: " * ", end: " */" },
        "xml" => Comment { beginning: "<!--", decoration: " - ", end: "-->" },
        other => {
            return Err(bad(format!(
                "Invalid style '{other}': it must be plain, erlang, c, cblock or xml"
            )));
        }
    };
    let given = |name: &str, default: &str| -> Result<String, Error> {
        Ok(args.text(usize::MAX, name)?.unwrap_or_else(|| default.to_owned()))
    };
    let newline = given("newline", "\n")?;
    let decoration = given("decoration", known.decoration)?;
    let beginning = given("beginning", known.beginning)?;
    let prefix = given("prefix", decoration.trim_end())?;
    let postfix = given("postfix", decoration.trim_end())?;
    let end = given("end", known.end)?;
    let times = |name: &str| -> Result<usize, Error> {
        let count = args.int(usize::MAX, name)?.unwrap_or(1);
        Ok(usize::try_from(count).unwrap_or(0).min(1000))
    };
    let (prefixes, postfixes) = (times("prefix_count")?, times("postfix_count")?);
    let text = match args.value().kind() {
        ValueKind::String => args.value().as_str().unwrap_or_default().to_owned(),
        _ => python::text(args.value())?,
    };
    let mut out = String::new();
    if !beginning.is_empty() {
        out.push_str(&beginning);
        out.push_str(&newline);
    }
    for _ in (0..prefixes).filter(|_| !prefix.is_empty()) {
        if prefix != newline {
            out.push_str(&prefix);
        }
        out.push_str(&newline);
    }
    let body: Vec<String> =
        text.split(newline.as_str()).map(|line| format!("{decoration}{line}")).collect();
    // On a line of its own, the decoration loses the blanks at its end.
    let bare = format!("{}{newline}", decoration.trim_end());
    out.push_str(&body.join(&newline).replace(&format!("{decoration}{newline}"), &bare));
    for _ in 0..postfixes {
        out.push_str(&newline);
        out.push_str(&postfix);
    }
    if !end.is_empty() {
        out.push_str(&newline);
        out.push_str(&end);
    }
    Ok(Value::from(out))
}
