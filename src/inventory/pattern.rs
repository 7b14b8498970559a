//! Patterns that pick hosts: `web:&prod:!db[0:2],~regex*`.

use std::collections::HashSet;
use std::net::Ipv6Addr;
use std::path::Path;

use fancy_regex::Regex;
use indexmap::IndexMap;

use super::model::{ALL, is_localhost};
use super::{Host, Inventory};
use crate::base::{Diagnostic, Diagnostics, Sources, Span, did_you_mean};
use crate::value::{Wildcard, yaml};

const CODE: &str = "host-pattern";

/// A pattern as a play's `hosts` or `--limit` gives it.
///
/// Its parts stand between commas or colons: hosts are first added, then cut down to those that
/// an `&` part has too, then those of a `!` part are taken out.
#[derive(Debug, Clone)]
pub struct Pattern {
    parts: Vec<Part>,
    at: Span,
}

#[derive(Debug, Clone)]
struct Part {
    operator: Operator,
    names: Names,
    /// The part without its operator and its subscript.
    text: String,
    subscript: Option<Subscript>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    Add,
    Intersect,
    Exclude,
}

#[derive(Debug, Clone)]
enum Names {
    Exactly(String),
    Like(Wildcard),
    Matching(Regex),
}

/// `[2]`, `[-1]`, `[1:3]` (both ends included) or `[1:]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subscript {
    At(i64),
    From(i64, Option<i64>),
}

impl Pattern {
    /// Reads a pattern; a list of patterns is one with commas between.
    ///
    /// # Errors
    ///
    /// Where a regular expression in it is none.
    pub fn parse(text: &str, at: Span) -> Result<Self, Diagnostic> {
        let mut parts = vec![];
        for part in split(text) {
            parts.push(Part::parse(part, at)?);
        }
        Ok(Self::of(parts, at))
    }

    /// Reads the value of `--limit`, in which `@file` stands for the patterns on a file's lines.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, or a regular expression is none.
    pub fn parse_limit(text: &str, sources: &Sources) -> Result<Self, Diagnostic> {
        let mut parts = vec![];
        for part in split(text) {
            let Some(path) = part.strip_prefix('@') else {
                parts.push(Part::parse(part, Span::NOWHERE)?);
                continue;
            };
            if Path::new(path).is_dir() {
                // Scripts look for these words.
                let message = format!("the limit file `{path}` must be a file");
                return Err(Diagnostic::plain("file-unreadable", message));
            }
            let source = yaml::read_file(sources, Path::new(path))?;
            let lines = sources.with_text(source, str::to_owned);
            for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
                parts.push(Part::parse(line, Span::NOWHERE)?);
            }
        }
        Ok(Self::of(parts, Span::NOWHERE))
    }

    fn of(mut parts: Vec<Part>, at: Span) -> Self {
        if parts.iter().all(|part| part.operator != Operator::Add) {
            let names = Names::Exactly(ALL.to_owned());
            let (operator, text, subscript) = (Operator::Add, ALL.to_owned(), None);
            parts.push(Part { operator, names, text, subscript });
        }
        parts.sort_by_key(|part| part.operator);
        Self { parts, at }
    }
}

impl Part {
    fn parse(text: &str, at: Span) -> Result<Self, Diagnostic> {
        let (operator, rest) = match text.as_bytes() {
            [b'&', ..] => (Operator::Intersect, &text[1..]),
            [b'!', ..] => (Operator::Exclude, &text[1..]),
            _ => (Operator::Add, text),
        };
        if let Some(expression) = rest.strip_prefix('~') {
            let names = Names::Matching(regex(expression, at)?);
            return Ok(Self { operator, names, text: rest.to_owned(), subscript: None });
        }
        let (name, subscript) = subscript(rest);
        let names = if name.contains(['*', '?', '[']) {
            Names::Like(Wildcard::new(name).map_err(|fault| not_a_pattern(fault, at))?)
        } else {
            Names::Exactly(name.to_owned())
        };
        Ok(Self { operator, names, text: name.to_owned(), subscript })
    }

    fn matches(&self, name: &str) -> bool {
        match &self.names {
            Names::Exactly(wanted) => wanted == name,
            // One that gives up after too many steps matches nothing.
            Names::Like(wildcard) => wildcard.matches(name),
            Names::Matching(regex) => regex.is_match(name).unwrap_or(false),
        }
    }

    /// Names of hosts are matched too where no group is, and for what looks like more than a name.
    fn wants_hosts(&self) -> bool {
        self.text.starts_with('~') || self.text.contains(['.', '?', '*', '['])
    }
}

impl Inventory {
    /// The hosts that a pattern picks, in the order of its parts and, within a group, of the
    /// inventory, cut down to those that the limit picks too.
    ///
    /// Comes with a warning for each part that picks nothing.
    pub fn select(&self, pattern: &Pattern, limit: Option<&Pattern>) -> (Vec<&Host>, Diagnostics) {
        let mut warnings = Diagnostics::default();
        let mut hosts = self.pick(pattern, &mut warnings);
        if let Some(limit) = limit {
            let limited = self.pick(limit, &mut warnings);
            hosts.retain(|name, _| limited.contains_key(name));
        }
        (hosts.into_values().collect(), warnings)
    }

    fn pick(&self, pattern: &Pattern, warnings: &mut Diagnostics) -> IndexMap<&str, &Host> {
        let mut hosts: IndexMap<&str, &Host> = IndexMap::new();
        for part in &pattern.parts {
            let found = self.pick_part(part, pattern.at, warnings);
            match part.operator {
                Operator::Add => {
                    for host in found {
                        hosts.entry(&host.name).or_insert(host);
                    }
                }
                Operator::Intersect | Operator::Exclude => {
                    let names: HashSet<&str> =
                        found.iter().map(|host| host.name.as_str()).collect();
                    let keep = part.operator == Operator::Intersect;
                    hosts.retain(|name, _| names.contains(name) == keep);
                }
            }
        }
        hosts
    }

    fn pick_part(&self, part: &Part, at: Span, warnings: &mut Diagnostics) -> Vec<&Host> {
        let mut hosts: IndexMap<&str, &Host> = IndexMap::new();
        let mut add = |host: &'_ usize| {
            let host = &self.hosts[*host];
            hosts.entry(host.name.as_str()).or_insert(host);
        };
        let groups: Vec<usize> = match &part.names {
            Names::Exactly(name) => self.groups.get_index_of(name).into_iter().collect(),
            Names::Like(_) | Names::Matching(_) => {
                let names = self.groups.keys().enumerate();
                names.filter(|(_, name)| part.matches(name)).map(|(index, _)| index).collect()
            }
        };
        for group in &groups {
            self.members(*group).iter().for_each(&mut add);
        }
        if groups.is_empty() || part.wants_hosts() {
            match &part.names {
                Names::Exactly(name) => self.hosts.get_index_of(name).iter().for_each(&mut add),
                Names::Like(_) | Names::Matching(_) => {
                    let names = self.hosts.keys().enumerate();
                    let found = names.filter(|(_, name)| part.matches(name));
                    found.for_each(|(index, _)| add(&index));
                }
            }
        }
        if hosts.is_empty() && groups.is_empty() && is_localhost(&part.text) {
            hosts.extend(self.host(&part.text).map(|host| (host.name.as_str(), host)));
        }
        let found: Vec<&Host> = hosts.into_values().collect();
        let some = !found.is_empty();
        let found = part.subscript.map_or(found.clone(), |subscript| subscript.of(&found));
        if found.is_empty() && (some || groups.is_empty()) {
            warnings.push(self.unmatched(part, at, some));
        }
        found
    }

    fn unmatched(&self, part: &Part, at: Span, has_hosts: bool) -> Diagnostic {
        let text = &part.text;
        if has_hosts {
            let message = format!("the subscript behind `{text}` picks no host");
            return Diagnostic::error(CODE, message, at, "picks no host").warning();
        }
        let message = format!("no host and no group matches `{text}`");
        let groups: Vec<&str> = self.groups.keys().map(String::as_str).collect();
        let shown: Vec<&str> = groups.iter().copied().skip(2).take(20).collect();
        let otherwise = if shown.is_empty() {
            "the inventory has no groups".to_owned()
        } else {
            format!("groups: {}", shown.join(", "))
        };
        let names = groups.into_iter().chain(self.hosts.keys().map(String::as_str));
        Diagnostic::error(CODE, message, at, "picks no host")
            .help(did_you_mean(text, names, otherwise))
            .warning()
    }
}

impl Subscript {
    fn of<'h>(self, hosts: &[&'h Host]) -> Vec<&'h Host> {
        let length = i64::try_from(hosts.len()).unwrap_or(i64::MAX);
        let place = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
        let (first, last) = match self {
            Self::At(at) => (place(at), place(at)),
            Self::From(first, last) => (first, last.unwrap_or(length - 1)),
        };
        let places = hosts.iter().zip(0_i64..);
        places.filter(|(_, at)| (first..=last).contains(at)).map(|(host, _)| *host).collect()
    }
}

/// The parts of a pattern. Colons part it only where there is no comma, and never in brackets or
/// in an IPv6 address.
fn split(text: &str) -> Vec<&str> {
    let text = text.trim();
    let parts: Vec<&str> = if text.contains(',') {
        text.split(',').collect()
    } else if text.trim_start_matches(['!', '&']).parse::<Ipv6Addr>().is_ok() {
        vec![text]
    } else {
        let mut depth = 0_usize;
        text.split(|c: char| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && (c == ':' || c.is_whitespace())
        })
        .collect()
    };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Takes the subscript off a part.
fn subscript(text: &str) -> (&str, Option<Subscript>) {
    let read = || {
        let (name, inside) = text.strip_suffix(']')?.rsplit_once('[')?;
        let subscript = if let Ok(at) = inside.parse() {
            Subscript::At(at)
        } else {
            let (first, last) = inside.split_once([':', '-'])?;
            let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
            Subscript::From(first.parse().ok()?, last)
        };
        (!name.is_empty()).then_some((name, Some(subscript)))
    };
    read().unwrap_or((text, None))
}

/// A regular expression that must match from the start.
fn regex(expression: &str, at: Span) -> Result<Regex, Diagnostic> {
    Regex::new(&format!("^(?:{expression})")).map_err(|error| {
        let message = format!("expected a pattern of hosts, found `{expression}`: {error}");
        not_a_pattern(message, at)
    })
}

fn not_a_pattern(message: String, at: Span) -> Diagnostic {
    Diagnostic::error(CODE, message, at, "not a pattern")
}

#[cfg(test)]
mod tests;
