//! Dates and times as YAML 1.1 spells them.

/// Whether a text is a date, or a date and a time, in any of YAML's spellings.
pub fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

/// The ISO form of a plain scalar that PyYAML reads as a date or a time, else nothing.
pub(super) fn timestamp(text: &str) -> Option<String> {
    let mut rest = Rest(text);
    let year = rest.digits(4, 4)?;
    rest.take("-")?;
    let month = rest.digits(1, 2)?;
    rest.take("-")?;
    let day = rest.digits(1, 2)?;
    if !(1..=12).contains(&month) || year == 0 || day == 0 || day > days(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.0.is_empty() {
        return (text.len() == date.len()).then_some(date);
    }
    if rest.take("T").or_else(|| rest.take("t")).is_none() && !rest.blanks() {
        return None;
    }
    Some(format!("{date}T{}{}", time(&mut rest)?, zone(&mut rest)?))
}

/// `21:59:43.10`, its fraction in microseconds where it is not zero.
fn time(rest: &mut Rest) -> Option<String> {
    let hour = rest.digits(1, 2)?;
    rest.take(":")?;
    let minute = rest.digits(2, 2)?;
    rest.take(":")?;
    let second = rest.digits(2, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let fraction = if rest.take(".").is_some() { rest.run() } else { "" };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(if micros == "000000" { time } else { format!("{time}.{micros}") })
}

/// `Z`, `+1`, `-05:30`, or nothing; it ends the text.
fn zone(rest: &mut Rest) -> Option<String> {
    rest.blanks();
    if rest.take("Z").is_some() {
        return rest.0.is_empty().then(|| "+00:00".to_owned());
    }
    let Some(sign) = rest.take("+").or_else(|| rest.take("-")) else {
        return rest.0.is_empty().then(String::new);
    };
    let hours = rest.digits(1, 2)?;
    let minutes = if rest.take(":").is_some() { rest.digits(2, 2)? } else { 0 };
    rest.0.is_empty().then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left to read.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    fn take(&mut self, sign: &'static str) -> Option<&'static str> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(sign)
    }

    /// At least `min` digits, of which at most `max` are taken.
    fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let count = self.0.bytes().take(max).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(count);
        self.0 = rest;
        if count < min { None } else { number.parse().ok() }
    }

    /// Every digit that follows.
    fn run(&mut self) -> &'t str {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (run, rest) = self.0.split_at(count);
        self.0 = rest;
        run
    }

    /// Skips blanks; whether there were any.
    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start_matches([' ', '\t']);
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn reads_what_pyyaml_reads() {
        let read = |text: &str| timestamp(text).unwrap_or_else(|| "text".to_owned());
        assert_eq!(read("2001-12-14"), "2001-12-14");
        assert_eq!(read("2001-12-14t21:59:43.10-05:00"), "2001-12-14T21:59:43.100000-05:00");
        assert_eq!(read("2001-12-14 21:59:43.10 -5"), "2001-12-14T21:59:43.100000-05:00");
        assert_eq!(read("2001-12-15 2:59:43.10Z"), "2001-12-15T02:59:43.100000+00:00");
        assert_eq!(read("2001-2-3 1:02:03"), "2001-02-03T01:02:03");
    }

    #[test]
    fn leaves_the_rest_as_text() {
        for text in [
            "2001-2-3",
            "2001-13-01",
            "2001-02-30",
            "2001-01-01T25:00:00",
            "1-1-1",
            "",
            "2001-01-01x",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
