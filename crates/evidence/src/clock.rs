//! Time as a value, handed in from outside so that every run can be replayed.

use std::fmt;

/// A moment in UTC: nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored as POSIX does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    nanoseconds: i128,
}

impl Instant {
    /// The moment `nanoseconds` after (or, if negative, before) the epoch.
    #[must_use]
    pub const fn from_unix_nanoseconds(nanoseconds: i128) -> Self {
        Self { nanoseconds }
    }

    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self { nanoseconds: seconds as i128 * 1_000_000_000 }
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        i64::try_from(self.nanoseconds.div_euclid(1_000_000_000)).unwrap_or(i64::MAX)
    }

    /// Year, month, day, hour, minute, second in UTC (proleptic Gregorian calendar).
    ///
    /// ```
    /// # use exhibit_evidence::Instant;
    /// assert_eq!(Instant::from_unix_seconds(951_782_400).civil(), (2000, 2, 29, 0, 0, 0));
    /// ```
    #[must_use]
    pub fn civil(self) -> (i64, u8, u8, u8, u8, u8) {
        let seconds = self.unix_seconds();
        let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days are counted from 0000-03-01, so that the leap day is the last day of a 400-year era's years.
        let shifted = days.saturating_add(719_468);
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |n: i64| u8::try_from(n).unwrap_or(0);
        (year, small(month), small(day), small(of_day / 3600), small(of_day / 60 % 60), small(of_day % 60))
    }

    /// Days in this month etc. are not needed to read our own times back: `2026-11-23T10:11:12Z` to a moment.
    ///
    /// Accepts exactly the form that `Display` writes; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() != 20 || !text.is_ascii() {
            return None;
        }
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
        if separators.iter().any(|&(at, want)| b.get(at) != Some(&want)) {
            return None;
        }
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = text.get(from..to)?;
            if digits.bytes().all(|c| c.is_ascii_digit()) { digits.parse().ok() } else { None }
        };
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (shifted_year.div_euclid(400), shifted_year.rem_euclid(400));
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        let moment = Self::from_unix_seconds(days * 86_400 + hour * 3600 + minute * 60 + second);
        // Dates that do not exist (month 13, 30 February, 25 o'clock) do not survive the way back.
        (moment.to_string() == text).then_some(moment)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with whole seconds: `2026-11-23T10:11:12Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Where time comes from. Only the command line owns a real one.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_survives_the_way_through_text() {
        for day in -1_000..146_097 {
            let moment = Instant::from_unix_seconds(day * 86_400 + 3_661);
            assert_eq!(Instant::parse(&moment.to_string()), Some(moment), "{moment}");
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01 00:00:00Z", ""]
        {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
