//! Releases, and the conditions that requirements make of them.

use std::cmp::Ordering;

/// The greatest release that meets a condition such as `>=1.0,<2`, `1.2.3` or none.
pub(super) fn best<'v>(
    versions: impl Iterator<Item = &'v str>,
    wanted: Option<&str>,
) -> Option<&'v str> {
    let wanted = wanted.unwrap_or("*");
    versions.filter(|version| meets(version, wanted)).max_by(|a, b| compare(a, b))
}

fn meets(version: &str, wanted: &str) -> bool {
    // A pre-release is only taken where it is named.
    if is_early(version) && !wanted.contains(version) {
        return false;
    }
    wanted.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "*").all(|part| {
        let end = part.find(|sign: char| !"<>=!".contains(sign)).unwrap_or(part.len());
        let order = compare(version, part[end..].trim());
        match &part[..end] {
            ">=" => order.is_ge(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            "!=" => order.is_ne(),
            _ => order.is_eq(),
        }
    })
}

fn is_early(version: &str) -> bool {
    version.split('+').next().is_some_and(|version| version.contains('-'))
}

/// Orders releases: number by number, a pre-release before its release.
fn compare(one: &str, other: &str) -> Ordering {
    let parts = |version: &str| {
        let version = version.trim_start_matches('v');
        let version = version.split('+').next().unwrap_or_default();
        let (numbers, early) = version.split_once('-').unwrap_or((version, ""));
        let mut numbers: Vec<u64> =
            numbers.split('.').map(|number| number.parse().unwrap_or(0)).collect();
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        (numbers, early.is_empty(), early.to_owned())
    };
    parts(one).cmp(&parts(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_release_that_fits_is_taken() {
        let all = ["1.0.0", "1.9.0", "1.10.0", "2.0.0", "2.1.0-beta.1"];
        let best = |wanted| best(all.into_iter(), wanted);
        assert_eq!(best(None), Some("2.0.0"));
        assert_eq!(best(Some("*")), Some("2.0.0"));
        assert_eq!(best(Some(">=1.0, <2")), Some("1.10.0"));
        assert_eq!(best(Some("1.9")), Some("1.9.0"));
        assert_eq!(best(Some("==1.0.0")), Some("1.0.0"));
        assert_eq!(best(Some("!=2.0.0")), Some("1.10.0"));
        assert_eq!(best(Some("2.1.0-beta.1")), Some("2.1.0-beta.1"));
        assert_eq!(best(Some(">3")), None);
    }
}
