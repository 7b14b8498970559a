//! Comparing versions.

use std::cmp::Ordering;

use minijinja::Error;

use super::arguments::bad;

/// By which rules versions are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Numbers and words in turn, whatever there is: `1.10rc2`.
    Loose,
    /// `1.2`, `1.2.3`, `1.2a1`.
    Strict,
    /// Semantic Versioning 2.
    Semantic,
    /// Python's PEP 440.
    Pep440,
}

/// Which of two versions comes first.
pub(super) fn compare(scheme: Scheme, a: &str, b: &str) -> Result<Ordering, Error> {
    match scheme {
        Scheme::Loose => compare_loose(a, b),
        Scheme::Strict => Ok(strict(a)?.cmp(&strict(b)?)),
        Scheme::Semantic => compare_semantic(a, b),
        Scheme::Pep440 => Ok(pep440(a)?.cmp(&pep440(b)?)),
    }
}

fn invalid(text: &str, what: &str) -> Error {
    bad(format!("`{text}` is no {what}"))
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Number(u64),
    Word(String),
}

/// Splits at dots and wherever digits, small letters and other signs meet.
fn loose(text: &str) -> Vec<Part> {
    let kind = |c: char| match c {
        '.' => 0,
        '0'..='9' => 1,
        'a'..='z' => 2,
        _ => 3,
    };
    let mut parts: Vec<(u8, String)> = vec![];
    for c in text.trim().chars() {
        match parts.last_mut() {
            Some((last, part)) if *last == kind(c) && *last != 0 => part.push(c),
            _ => parts.push((kind(c), c.to_string())),
        }
    }
    let parts = parts.into_iter().filter(|(kind, _)| *kind != 0);
    parts
        .map(|(kind, part)| match part.parse() {
            Ok(number) if kind == 1 => Part::Number(number),
            _ => Part::Word(part),
        })
        .collect()
}

fn compare_loose(a: &str, b: &str) -> Result<Ordering, Error> {
    let (left, right) = (loose(a), loose(b));
    for pair in left.iter().zip(&right) {
        let ordering = match pair {
            (Part::Number(x), Part::Number(y)) => x.cmp(y),
            (Part::Word(x), Part::Word(y)) => x.cmp(y),
            _ => {
                return Err(bad(format!(
                    "`{a}` and `{b}` cannot be compared: a number stands against a word"
                )));
            }
        };
        if ordering.is_ne() {
            return Ok(ordering);
        }
    }
    Ok(left.len().cmp(&right.len()))
}

/// The numbers, then whether it is a release, and which pre-release.
type Strict = ([u64; 3], bool, char, u64);

fn strict(text: &str) -> Result<Strict, Error> {
    let fault = || invalid(text, "strict version such as 1.2.3");
    let text = text.trim();
    let at = text.find(['a', 'b']).unwrap_or(text.len());
    let mut numbers = [0; 3];
    let parts: Vec<&str> = text[..at].split('.').collect();
    if !(2..=3).contains(&parts.len()) {
        return Err(fault());
    }
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.parse().map_err(|_| fault())?;
    }
    let pre = text[at..].chars().next();
    let number = match pre {
        Some(_) => text[at + 1..].parse().map_err(|_| fault())?,
        None => 0,
    };
    Ok((numbers, pre.is_none(), pre.unwrap_or_default(), number))
}

fn compare_semantic(a: &str, b: &str) -> Result<Ordering, Error> {
    let read = |text: &str| {
        let fault = || invalid(text, "semantic version such as 1.2.3-rc.1");
        let plain = text.trim().split('+').next().unwrap_or_default().to_owned();
        let (core, pre) = match plain.split_once('-') {
            Some((core, pre)) => (core.to_owned(), Some(pre.to_owned())),
            None => (plain, None),
        };
        let numbers = core
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u64>, _>>()
            .map_err(|_| fault())?;
        if numbers.len() == 3 { Ok((numbers, pre)) } else { Err(fault()) }
    };
    let ((core_a, pre_a), (core_b, pre_b)) = (read(a)?, read(b)?);
    let by_pre = || match (&pre_a, &pre_b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => pre_release(a, b),
    };
    Ok(core_a.cmp(&core_b).then_with(by_pre))
}

fn pre_release(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

/// Epoch, release without trailing zeros, then what ranks before and after the release itself.
type Pep440 = (u64, Vec<u64>, (i8, u64), (i8, u64), (i8, u64));

fn pep440(text: &str) -> Result<Pep440, Error> {
    let fault = || invalid(text, "version by PEP 440 such as 1.2rc1");
    let lower = text.trim().to_lowercase();
    let lower = lower.strip_prefix('v').unwrap_or(&lower);
    let lower = lower.split('+').next().unwrap_or_default();
    let (epoch, rest) = match lower.split_once('!') {
        Some((epoch, rest)) => (epoch.parse().map_err(|_| fault())?, rest),
        None => (0, lower),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let release = rest[..end].trim_end_matches('.');
    let mut numbers =
        release.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().map_err(|_| fault())?;
    while numbers.len() > 1 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    let (mut pre, mut post, mut dev) = (None, None, None);
    let mut rest = rest[release.len()..].trim_start_matches(['.', '-', '_']);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after = after.trim_start_matches(['.', '-', '_']);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let number = after[..digits].parse().unwrap_or(0);
        match word {
            "a" | "alpha" => pre = Some((0, number)),
            "b" | "beta" => pre = Some((1, number)),
            "c" | "rc" | "pre" | "preview" => pre = Some((2, number)),
            "post" | "rev" | "r" => post = Some((1, number)),
            "dev" => dev = Some((0, number)),
            _ => return Err(fault()),
        }
        rest = after[digits..].trim_start_matches(['.', '-', '_']);
    }
    // A development release of a release comes before its pre-releases.
    let none_yet = if dev.is_some() && post.is_none() { (-1, 0) } else { (3, 0) };
    Ok((epoch, numbers, pre.unwrap_or(none_yet), post.unwrap_or((0, 0)), dev.unwrap_or((1, 0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascending(scheme: Scheme, versions: &[&str]) {
        for pair in versions.windows(2) {
            assert_eq!(compare(scheme, pair[0], pair[1]).unwrap(), Ordering::Less, "{pair:?}");
            assert_eq!(compare(scheme, pair[1], pair[0]).unwrap(), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn loose_versions_compare_numbers_as_numbers() {
        ascending(Scheme::Loose, &["1.2", "1.9", "1.10", "1.10.1", "1.10.1a", "2"]);
        ascending(Scheme::Loose, &["5:19.03.1~3-0~debian", "5:20.10.24~3-0~debian"]);
        assert!(compare(Scheme::Loose, "1.a", "1.1").is_err());
    }

    #[test]
    fn semantic_versions_know_pre_releases() {
        let versions = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0"];
        ascending(Scheme::Semantic, &versions);
        assert!(compare(Scheme::Semantic, "1.0", "1.0.0").is_err());
        assert!(compare(Scheme::Semantic, "1.0.0+a", "1.0.0+b").unwrap().is_eq());
    }

    #[test]
    fn python_versions_know_development_and_post_releases() {
        ascending(Scheme::Pep440, &["1.0.dev1", "1.0a1", "1.0b2.dev1", "1.0b2", "1.0rc1", "1.0"]);
        ascending(Scheme::Pep440, &["1.0", "1.0.post1", "1.1", "1!0.1"]);
        assert!(compare(Scheme::Pep440, "1.0", "1.0.0").unwrap().is_eq());
    }

    #[test]
    fn strict_versions_have_two_or_three_numbers() {
        ascending(Scheme::Strict, &["0.4a1", "0.4b1", "0.4", "0.4.1", "1.10"]);
        assert!(compare(Scheme::Strict, "1", "1.0").is_err());
    }
}
