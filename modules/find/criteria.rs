//! What must hold of what is found.

use super::tree::Entry;
use super::{Args, Stamp, Wanted};
use crate::sdk::file::{FileKind, Permissions};
use crate::sdk::{Failure, Mode, Regex, RegexOptions, Returned, Wildcard};

/// What was asked for, read.
#[derive(Debug)]
pub(super) struct Criteria {
    patterns: Vec<Pattern>,
    excludes: Vec<Pattern>,
    wanted: Wanted,
    hidden: bool,
    depth: usize,
    age: Option<i64>,
    stamp: Stamp,
    size: Option<i64>,
    mode: Option<(Mode, bool)>,
    /// The expression for the content.
    pub(super) contains: Option<Regex>,
}

#[derive(Debug)]
enum Pattern {
    Wildcard(Wildcard),
    Regex(Regex),
}

impl Pattern {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Wildcard(wildcard) => wildcard.matches(name),
            Self::Regex(regex) => matches_at_start(regex, name),
        }
    }
}

/// Whether an expression matches from the start of a text.
pub(super) fn matches_at_start(regex: &Regex, text: &str) -> bool {
    let found = regex.search(text).ok().flatten();
    found.and_then(|found| found.get(0)).is_some_and(|whole| whole.start() == 0)
}

const AGES: &[(char, i64)] = &[('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)];
const SIZES: &[(char, i64)] =
    &[('b', 1), ('k', 1 << 10), ('m', 1 << 20), ('g', 1 << 30), ('t', 1 << 40)];

impl Criteria {
    pub(super) fn new(args: &Args) -> Result<Self, Failure> {
        if args.limit == Some(0) {
            return Err(Failure::new("limit cannot be 0 (use None for unlimited)"));
        }
        let patterns = |patterns: &[String]| -> Result<Vec<Pattern>, Failure> {
            patterns.iter().map(|pattern| compile(pattern, args.use_regex)).collect()
        };
        let quantity = |name: &str, text: &Option<String>, units: &[(char, i64)]| match text {
            None => Ok(None),
            Some(text) => quantity(text, units).map(Some).ok_or_else(|| {
                let units: Vec<String> = units.iter().map(|(unit, _)| unit.to_string()).collect();
                Failure::new(format!("failed to process {name}"))
                    .help(format!(
                        "`{name}` is a whole number, with one of the units {}; this is {text}",
                        units.join(", ")
                    ))
                    .returning(Returned::new().with(name, text))
            }),
        };
        Ok(Self {
            patterns: patterns(&args.patterns)?,
            excludes: patterns(&args.excludes)?,
            wanted: args.file_type,
            hidden: args.hidden,
            depth: args.depth.filter(|depth| *depth > 0).map_or(usize::MAX, |d| d as usize),
            age: quantity("age", &args.age, AGES)?,
            stamp: args.age_stamp,
            size: quantity("size", &args.size, SIZES)?,
            mode: args.mode.clone().map(|mode| (mode, args.exact_mode)),
            contains: args.contains.as_deref().map(expression).transpose()?,
        })
    }

    /// Whether all but the content is as it must be; `now` is the host's time.
    pub(super) fn fits(&self, entry: &Entry, now: i64, umask: Permissions) -> bool {
        let name = entry.names.last().map_or("", String::as_str);
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        entry.names.len() <= self.depth
            && (self.hidden || !name.starts_with('.'))
            && self.is_wanted(entry.stat.kind)
            && (self.patterns.is_empty() || any(&self.patterns))
            && !any(&self.excludes)
            && self.age.is_none_or(|age| reaches(now - self.time(entry), age))
            && self.size_fits(entry)
            && self.mode.as_ref().is_none_or(|(mode, exact)| {
                let wanted = Permissions::default().with(mode, false, umask).bits();
                let bits = entry.stat.mode.bits();
                if *exact { bits == wanted } else { bits & wanted != 0 }
            })
    }

    fn is_wanted(&self, kind: FileKind) -> bool {
        match self.wanted {
            Wanted::Any => true,
            Wanted::Directory => kind == FileKind::Directory,
            Wanted::File => kind == FileKind::File,
            Wanted::Link => kind == FileKind::Link,
        }
    }

    fn size_fits(&self, entry: &Entry) -> bool {
        let size = i64::try_from(entry.stat.size).unwrap_or(i64::MAX);
        entry.stat.kind != FileKind::File || self.size.is_none_or(|wanted| reaches(size, wanted))
    }

    fn time(&self, entry: &Entry) -> i64 {
        match self.stamp {
            Stamp::Atime => entry.stat.atime,
            Stamp::Ctime => entry.stat.ctime,
            Stamp::Mtime => entry.stat.mtime,
        }
    }
}

/// Whether a quantity is at least what is wanted, or at most that where it is negative.
fn reaches(now: i64, wanted: i64) -> bool {
    if wanted >= 0 { now >= wanted } else { now <= -wanted }
}

fn compile(pattern: &str, is_regex: bool) -> Result<Pattern, Failure> {
    if is_regex {
        expression(pattern).map(Pattern::Regex)
    } else {
        Wildcard::new(pattern).map(Pattern::Wildcard).map_err(Failure::new)
    }
}

fn expression(text: &str) -> Result<Regex, Failure> {
    Regex::new(text, RegexOptions::default())
        .map_err(|fault| Failure::new(format!("`{text}` is not a regular expression: {fault}")))
}

/// A whole number with a unit behind it.
fn quantity(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let text = text.to_lowercase();
    let unit = text.chars().last().and_then(|last| units.iter().find(|(unit, _)| *unit == last));
    let (digits, factor) = match unit {
        Some((_, factor)) => (&text[..text.len() - 1], *factor),
        None => (text.as_str(), 1),
    };
    let is_number = digits.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit());
    digits.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_units() {
        assert_eq!(quantity("-2D", AGES), Some(-172_800));
        assert_eq!(quantity("3600", AGES), Some(3600));
        assert_eq!(quantity("1k", SIZES), Some(1024));
        for bad in ["", "d", "1x", "1.5h", "+1", "1 d", "99999999999t"] {
            assert_eq!(quantity(bad, SIZES), None, "{bad}");
        }
    }

    #[test]
    fn a_negative_quantity_is_the_most() {
        assert!(reaches(5, 5) && reaches(6, 5) && !reaches(4, 5));
        assert!(reaches(5, -5) && reaches(4, -5) && !reaches(6, -5));
    }
}
