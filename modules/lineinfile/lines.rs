//! What becomes of the lines of a file.

use super::Args;
use crate::sdk::file::Edit;
use crate::sdk::{Failure, Presence, Regex, RegexOptions, Replacement};

/// What is asked of the lines.
pub(super) struct Request<'a> {
    matcher: Option<Matcher<'a>>,
    line: &'a str,
    /// The line with groups of the match in it.
    template: Option<Replacement>,
    place: Place,
    firstmatch: bool,
}

/// What tells the line that is meant.
enum Matcher<'a> {
    Regexp(Regex),
    Text(&'a str),
}

/// Where a new line goes.
enum Place {
    First,
    Last,
    Before(Regex),
    After(Regex),
}

/// What was found for a line that must be there.
enum Found {
    /// The line to replace, and by what.
    Line(usize, String),
    /// Where it goes.
    Place(usize),
    /// Nothing: it goes to the start or the end.
    Nothing,
}

impl<'a> Request<'a> {
    /// # Errors
    ///
    /// An expression cannot be read, or arguments do not go together.
    pub(super) fn new(args: &'a Args) -> Result<Self, Failure> {
        if args.backrefs && args.regexp.is_none() && args.state == Presence::Present {
            return Err(Failure::new("`backrefs` needs `regexp`"));
        }
        let matcher = match (&args.regexp, &args.search_string) {
            (Some(regexp), _) => Some(Matcher::Regexp(compile("regexp", regexp)?)),
            (None, Some(text)) => Some(Matcher::Text(text)),
            (None, None) => None,
        };
        let line = args.line.as_deref().unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let template = args.backrefs.then(|| Replacement::parse(line)).transpose();
        let template = template.map_err(|fault| Failure::new(format!("`line`: {fault}")))?;
        let place = match (args.insertbefore.as_deref(), args.insertafter.as_deref()) {
            (Some("BOF"), _) | (None, Some("BOF")) => Place::First,
            (Some(before), _) => Place::Before(compile("insertbefore", before)?),
            (None, None | Some("EOF")) => Place::Last,
            (None, Some(after)) => Place::After(compile("insertafter", after)?),
        };
        Ok(Self { matcher, line, template, place, firstmatch: args.firstmatch })
    }

    /// The text with the line in it.
    pub(super) fn insert(&self, text: &str) -> Result<Edit, Failure> {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let found = match self.find(&lines)? {
            Some((at, line)) => Found::Line(at, line),
            None => self.find_place(&lines)?,
        };
        let message = match (found, &self.template) {
            (Found::Line(at, line), _) => {
                let line = format!("{line}\n");
                let differs = lines[at] != line;
                lines[at] = line;
                if differs { "line replaced" } else { "" }
            }
            // Without a match there are no groups to put into the line.
            (_, Some(_)) => "",
            (Found::Place(at), None) if matches!(self.place, Place::After(_)) => {
                match lines.get(at) {
                    Some(next) if cut(next) == self.line => "",
                    _ => self.add(&mut lines, at),
                }
            }
            (Found::Place(at), None) => self.add(&mut lines, at),
            (Found::Nothing, None) => {
                let end = if matches!(self.place, Place::First) { 0 } else { lines.len() };
                self.add(&mut lines, end)
            }
        };
        Ok(Edit { text: lines.concat(), message: message.to_owned() })
    }

    /// The line that matches, and what it becomes.
    fn find(&self, lines: &[String]) -> Result<Option<(usize, String)>, Failure> {
        let mut found = None;
        for (at, current) in lines.iter().enumerate() {
            let Some(line) = self.replaced(current)? else { continue };
            found = Some((at, line));
            if self.firstmatch {
                break;
            }
        }
        Ok(found)
    }

    /// Where the line stands already, or else the place where it goes.
    ///
    /// As in Ansible, `firstmatch` ends the search at the first place, so that the line is added
    /// there though it stands further down.
    fn find_place(&self, lines: &[String]) -> Result<Found, Failure> {
        let (mut same, mut place) = (None, None);
        for (at, current) in lines.iter().enumerate() {
            if cut(current) == self.line {
                same = Some(at);
                continue;
            }
            place = match &self.place {
                Place::Before(regexp) if is_match(regexp, current)? => Some(at),
                Place::After(regexp) if is_match(regexp, current)? => Some(at + 1),
                _ => continue,
            };
            if self.firstmatch {
                break;
            }
        }
        Ok(match (same, place) {
            (Some(at), _) => Found::Line(at, self.line.to_owned()),
            (None, Some(at)) => Found::Place(at),
            (None, None) => Found::Nothing,
        })
    }

    /// What a line becomes where it matches.
    fn replaced(&self, current: &str) -> Result<Option<String>, Failure> {
        let plain = || Some(self.line.to_owned());
        match &self.matcher {
            None => Ok(None),
            Some(Matcher::Text(text)) => Ok(plain().filter(|_| current.contains(text))),
            Some(Matcher::Regexp(regexp)) => {
                let captures = regexp.search(current).map_err(Failure::new)?;
                match (&self.template, captures) {
                    (_, None) => Ok(None),
                    (None, Some(_)) => Ok(plain()),
                    (Some(template), Some(captures)) => {
                        let line = regexp.expand(&captures, template);
                        line.map(Some).map_err(|fault| Failure::new(format!("`line`: {fault}")))
                    }
                }
            }
        }
    }

    fn add(&self, lines: &mut Vec<String>, at: usize) -> &'static str {
        // The new line must not stick to a last line without an end.
        if at == lines.len()
            && let Some(last) = lines.last_mut().filter(|last| !last.ends_with(['\n', '\r']))
        {
            last.push('\n');
        }
        lines.insert(at, format!("{}\n", self.line));
        "line added"
    }

    /// The text without the lines that match, and how many they were.
    pub(super) fn remove(&self, text: &str) -> Result<(Edit, usize), Failure> {
        let (mut kept, mut found) = (String::with_capacity(text.len()), 0);
        for current in text.split_inclusive('\n') {
            let matches = match &self.matcher {
                None => cut(current) == self.line,
                Some(Matcher::Text(text)) => current.contains(text),
                Some(Matcher::Regexp(regexp)) => is_match(regexp, current)?,
            };
            if matches {
                found += 1;
            } else {
                kept.push_str(current);
            }
        }
        let message = if found > 0 { format!("{found} line(s) removed") } else { String::new() };
        Ok((Edit { text: kept, message }, found))
    }
}

fn compile(argument: &str, regexp: &str) -> Result<Regex, Failure> {
    Regex::new(regexp, RegexOptions::default()).map_err(|fault| {
        Failure::new(format!("`{argument}` is not a regular expression: {fault}: {regexp}"))
    })
}

fn is_match(regexp: &Regex, line: &str) -> Result<bool, Failure> {
    regexp.is_match(line).map_err(Failure::new)
}

/// A line without its end.
fn cut(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

#[cfg(test)]
mod tests;
