//! The host's clock.

use serde_json::json;

use crate::sdk::Value;

/// What `date` said.
pub(super) struct Clock<'s> {
    epoch: i64,
    microseconds: u32,
    offset: &'s str,
    zone: &'s str,
    local: [&'s str; 6],
    weekday: &'s str,
    weekday_number: &'s str,
    week: &'s str,
}

impl<'s> Clock<'s> {
    /// Reads `%s %N %z %Z %Y %m %d %H %M %S %A %w %W`; `%N` is not known to every `date`.
    pub(super) fn parse(text: &'s str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [
            epoch,
            nanos,
            offset,
            zone,
            year,
            month,
            day,
            hour,
            minute,
            second,
            weekday,
            weekday_number,
            week,
        ] = words[..]
        else {
            return None;
        };
        Some(Self {
            epoch: epoch.parse().ok()?,
            microseconds: nanos.parse::<u32>().map_or(0, |nanos| nanos / 1000),
            offset,
            zone,
            local: [year, month, day, hour, minute, second],
            weekday,
            weekday_number,
            week,
        })
    }

    /// The fact `date_time`.
    pub(super) fn fact(&self) -> Value {
        let [year, month, day, hour, minute, second] = self.local;
        let (date, time) = (utc_date(self.epoch), utc_time(self.epoch));
        let micro = format!("{:06}", self.microseconds);
        let basic = format!("{year}{month}{day}T{hour}{minute}{second}");
        json!({
            "year": year, "month": month, "day": day,
            "hour": hour, "minute": minute, "second": second,
            "weekday": self.weekday, "weekday_number": self.weekday_number,
            "weeknumber": self.week,
            "epoch": self.epoch.to_string(), "epoch_int": self.epoch.to_string(),
            "date": format!("{year}-{month}-{day}"),
            "time": format!("{hour}:{minute}:{second}"),
            "iso8601": format!("{date}T{time}Z"),
            "iso8601_micro": format!("{date}T{time}.{micro}Z"),
            "iso8601_basic": format!("{basic}{micro}"),
            "iso8601_basic_short": basic,
            "tz": self.zone, "tz_offset": self.offset,
        })
    }
}

fn utc_time(epoch: i64) -> String {
    let second = epoch.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

/// The day of the Gregorian calendar, counted in years that begin in March.
fn utc_date(epoch: i64) -> String {
    let days = epoch.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_and_universal_time_stand_side_by_side() {
        let text = "1795253540 327409990 +0100 CET 2026 11 21 10 32 20 Saturday 6 46\n";
        let fact = Clock::parse(text).unwrap().fact();
        assert_eq!(fact["date"], "2026-11-21");
        assert_eq!(fact["time"], "10:32:20");
        assert_eq!(fact["iso8601"], "2026-11-21T09:32:20Z");
        assert_eq!(fact["iso8601_micro"], "2026-11-21T09:32:20.327409Z");
        assert_eq!(fact["iso8601_basic_short"], "20261121T103220");
        assert_eq!(fact["tz_offset"], "+0100");
    }

    #[test]
    fn days_of_the_calendar() {
        for (epoch, date) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(utc_date(epoch), date);
        }
    }

    #[test]
    fn a_clock_that_says_less_is_no_clock() {
        assert!(Clock::parse("").is_none());
        assert!(Clock::parse("x N +0000 UTC 2026 11 21 10 32 20 Saturday 6 46").is_none());
    }

    #[test]
    fn a_date_without_nanoseconds() {
        let fact = Clock::parse("0 %N +0000 UTC 1970 01 01 00 00 00 Thursday 4 00").unwrap().fact();
        assert_eq!(fact["iso8601_micro"], "1970-01-01T00:00:00.000000Z");
    }
}
