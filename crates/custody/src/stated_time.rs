//! A time as a person states it: by a clock of some zone, with that zone's offset (RFC 3339).

use std::fmt;

use exhibit_evidence::Instant;

/// Largest offset of a zone in minutes. The largest in use is +14:00; RFC 3339 allows up to 23:59.
const OFFSET_MINUTES_MAX: i64 = 23 * 60 + 59;

/// A moment, and the offset from UTC in which it was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatedTime {
    utc: Instant,
    offset_minutes: i64,
}

impl StatedTime {
    /// `2026-11-23T09:58:00+01:00`, seconds may be left out, `Z` is an offset of zero; anything else is `None`.
    ///
    /// ```
    /// # use exhibit_custody::StatedTime;
    /// let stated = StatedTime::parse("2026-11-23T09:58+01:00").unwrap();
    /// assert_eq!(stated.utc().to_string(), "2026-11-23T08:58:00Z");
    /// assert_eq!(stated.to_string(), "2026-11-23T09:58:00+01:00");
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (civil, offset_minutes) = match text.strip_suffix('Z') {
            Some(civil) => (civil, 0),
            None => {
                let (civil, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
                (civil, parse_offset(zone)?)
            }
        };
        let seconds = if civil.len() == 16 { ":00" } else { "" };
        let local = Instant::parse(&format!("{civil}{seconds}Z"))?;
        let utc = local.unix_seconds().checked_sub(offset_minutes.checked_mul(60)?)?;
        Some(Self { utc: Instant::from_unix_seconds(utc), offset_minutes })
    }

    /// The moment.
    #[must_use]
    pub const fn utc(self) -> Instant {
        self.utc
    }
}

/// `+01:00` or `-03:30`, in minutes. `-00:00`, which RFC 3339 reads as "offset unknown", is refused.
fn parse_offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) if digits != "00:00" => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let number = |text: &str| -> Option<i64> {
        if text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit()) { text.parse().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && total <= OFFSET_MINUTES_MAX).then(|| sign * total)
}

impl fmt::Display for StatedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.utc.unix_seconds().saturating_add(self.offset_minutes.saturating_mul(60));
        let text = Instant::from_unix_seconds(local).to_string();
        let civil = text.strip_suffix('Z').unwrap_or(&text);
        match self.offset_minutes {
            0 => f.write_str(&text),
            minutes => {
                let (sign, size) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
                write!(f, "{civil}{sign}{:02}:{:02}", size / 60, size % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_with_a_zone_are_read_and_others_are_not() {
        for (text, utc) in [
            ("2026-11-23T10:11:12Z", "2026-11-23T10:11:12Z"),
            ("2026-11-23T10:11Z", "2026-11-23T10:11:00Z"),
            ("2026-11-23T00:30:00+05:45", "2026-11-22T18:45:00Z"),
            ("2026-12-31T23:59:59-03:30", "2027-01-01T03:29:59Z"),
        ] {
            assert_eq!(StatedTime::parse(text).unwrap().utc().to_string(), utc, "{text}");
        }
        for text in [
            "",
            "Z",
            "2026-11-23",
            "2026-11-23T10:11:12",
            "2026-11-23 10:11:12Z",
            "2026-11-23T10:11:12-00:00",
            "2026-11-23T10:11:12+24:00",
            "2026-11-23T10:11:12+01:60",
            "2026-11-23T10:11:12+1:00",
            "2026-02-30T10:11:12Z",
            "2026-11-23T10:11:12é+01:00",
            "+01:00",
        ] {
            assert_eq!(StatedTime::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(text in "[0-9T:+Z-]{0,26}") {
            let _ = StatedTime::parse(&text);
        }

        #[test]
        fn there_and_back(seconds in 0_i64..4_000_000_000, minutes in -1439_i64..1440) {
            let stated = StatedTime { utc: Instant::from_unix_seconds(seconds), offset_minutes: minutes };
            prop_assert_eq!(StatedTime::parse(&stated.to_string()), Some(stated));
        }
    }
}
