//! Sizes as people write them: `512`, `10M`, `1.5 GB`.

/// The letters of the units, the least first; each is 1024 times the one before it.
const UNITS: &str = "BKMGTPEZY";

/// What a size counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Bytes,
    Bits,
}

/// Whether a text is a size: a number, and a unit that counts the right thing.
pub(super) fn is_size(text: &str, counted: Counted) -> bool {
    let text = text.trim_end();
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim_start());
    if !is_number(number) || !unit.chars().all(|sign| sign.is_ascii_alphabetic()) {
        return false;
    }
    let Some(first) = unit.chars().next() else { return true };
    let letter = first.to_ascii_uppercase();
    if !UNITS.contains(letter) {
        return false;
    }
    unit.len() == 1 || is_unit(unit, letter, counted)
}

/// Digits, with a point before the last of them at most.
fn is_number(text: &str) -> bool {
    text.ends_with(|sign: char| sign.is_ascii_digit()) && text.matches('.').count() < 2
}

/// Whether a unit of several letters is the short or the long name of one.
fn is_unit(unit: &str, letter: char, counted: Counted) -> bool {
    let (short, long) = match counted {
        Counted::Bytes => ("B", "byte"),
        Counted::Bits => ("b", "bit"),
    };
    let prefix = match letter {
        'K' => "kilo",
        'M' => "mega",
        'G' => "giga",
        'T' => "tera",
        'P' => "peta",
        'E' => "exa",
        'Z' => "zetta",
        'Y' => "yotta",
        _ => return unit.eq_ignore_ascii_case(long),
    };
    unit == format!("{letter}{short}") || unit.eq_ignore_ascii_case(&format!("{prefix}{long}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_number_and_a_unit() {
        for text in ["512", ".5K", "1.5 GB", "10m", "2kilobyte", "1b", "3 Bytes"] {
            let plural = text == "3 Bytes";
            assert_eq!(is_size(text, Counted::Bytes), !plural, "{text}");
        }
        for text in ["", "foo", "1.", "1..2", "1X", "1Mb", "-1", "1 M B"] {
            assert!(!is_size(text, Counted::Bytes), "{text}");
        }
        assert!(is_size("1Mb", Counted::Bits));
        assert!(!is_size("1MB", Counted::Bits));
    }
}
