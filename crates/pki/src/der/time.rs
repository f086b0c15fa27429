//! The two times of ASN.1, as RFC 5280 and RFC 3161 restrict them: UTC, with seconds.

use exhibit_evidence::Instant;

/// `YYMMDDHHMMSSZ`; years from 50 on are of the last century (RFC 5280, section 4.1.2.5.1).
pub(super) fn utc(text: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() == 13)?;
    let century = if text.get(..2)?.parse::<u8>().ok()? >= 50 { "19" } else { "20" };
    whole_seconds(&format!("{century}{}", text.strip_suffix('Z')?))
}

/// `YYYYMMDDHHMMSS[.f…]Z`; a fraction neither is empty nor ends with a zero (RFC 3161, section 2.4.2).
pub(super) fn generalized(text: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => return whole_seconds(text),
    };
    let digits = !fraction.is_empty() && fraction.len() <= 9 && fraction.bytes().all(|c| c.is_ascii_digit());
    if !digits || fraction.ends_with('0') {
        return None;
    }
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
    let seconds = i128::from(whole_seconds(whole)?.unix_seconds());
    Some(Instant::from_unix_nanoseconds(seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)?))
}

/// `YYYYMMDDHHMMSS`.
fn whole_seconds(text: &str) -> Option<Instant> {
    if text.len() != 14 || !text.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    Instant::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_nothing_but_utc_with_seconds() {
        assert_eq!(utc(b"250509115855Z").unwrap().to_string(), "2025-05-09T11:58:55Z");
        assert_eq!(utc(b"500101000000Z").unwrap().to_string(), "1950-01-01T00:00:00Z");
        assert_eq!(generalized(b"20500101000000Z").unwrap().to_string(), "2050-01-01T00:00:00Z");
        let half = generalized(b"20250509115855.5Z").unwrap();
        assert_eq!(half, Instant::from_unix_nanoseconds(1_746_791_935_500_000_000));
        for bad in ["2505091158Z", "250509115855+0100", "251309115855Z", "25050911585Z", "é50509115855"] {
            assert!(utc(bad.as_bytes()).is_none(), "{bad}");
        }
        for bad in ["20250509115855", "20250509115855.Z", "20250509115855.50Z", "20250230000000Z", "2025050911585Z"] {
            assert!(generalized(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
