//! Numbers, times and foreign text as people read them. Everything from outside passes through [`text`] or [`name`].

use exhibit_evidence::{Instant, Name};

/// Printed on sheets where a fact is missing.
pub(crate) const NOT_KNOWN: &str = "not known";

/// Between groups of digits: a narrow space that no line ends at, since comma and point each mean thousands somewhere.
const GROUP: &str = "\u{202f}";

/// Text from outside: what deceives a reader is escaped, line breaks stay. HTML is escaped later, by the template.
pub(crate) fn text(outside: &str) -> String {
    let mut shown = String::with_capacity(outside.len());
    for c in outside.trim().chars() {
        match c {
            '\n' | '\\' | ' '..='~' => shown.push(c),
            c => shown += &Name::new(c.to_string()).to_string(),
        }
    }
    shown
}

/// A name from evidence, in its own escaping: there a backslash is doubled, so that the exact bytes can be told.
pub(crate) fn name(name: &Name) -> String {
    name.to_string()
}

/// `1 234 567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at_checked(first).unwrap_or(("", &digits));
    let groups = tail.as_bytes().chunks(3).map(String::from_utf8_lossy);
    let groups: Vec<_> = (!head.is_empty()).then(|| head.into()).into_iter().chain(groups).collect();
    groups.join(GROUP)
}

/// `1 234 567 bytes (1.2 MiB)`, in English; the rounded form only where it is shorter to grasp.
pub(crate) fn bytes(number: u64) -> String {
    let exact = if number == 1 { "1 byte".to_owned() } else { format!("{} bytes", grouped(number)) };
    match rounded(number, '.') {
        Some(rounded) => format!("{exact} ({rounded})"),
        None => exact,
    }
}

/// `1.2 MiB` with that decimal mark; `None` below 1 KiB.
pub(crate) fn rounded(number: u64, decimal: char) -> Option<String> {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let shift = u64::BITS.saturating_sub(1).saturating_sub(number.leading_zeros()) / 10;
    let unit = UNITS.get(usize::try_from(shift.checked_sub(1)?).ok()?)?;
    let one = 1_u64.checked_shl(shift.saturating_mul(10))?;
    // Tenths, rounded down: a size is never shown larger than it is.
    let tenths = (u128::from(number) * 10) / u128::from(one);
    Some(format!("{}{decimal}{}\u{a0}{unit}", tenths / 10, tenths % 10))
}

/// `1 range`, `2 ranges`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// `4096 (0x1000)`.
pub(crate) fn offset(at: u64) -> String {
    format!("{} (0x{at:x})", grouped(at))
}

/// `2026-11-20 08:12:33 UTC`; a text that is no time of ours is shown as it is.
pub(crate) fn time(rfc3339: &str) -> String {
    Instant::parse(rfc3339).map_or_else(|| text(rfc3339), moment)
}

/// The same for a moment. ISO 8601 in every language: no order of day and month can be mistaken.
pub(crate) fn moment(moment: Instant) -> String {
    let (year, month, day, hour, minute, second) = moment.civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}\u{a0}UTC")
}

/// Hours, minutes and seconds between two RFC 3339 times; `None` if one of them cannot be read or they are in the wrong order.
pub(crate) fn duration(from: &str, to: &str) -> Option<(u64, u64, u64)> {
    let seconds = Instant::parse(to)?.unix_seconds().checked_sub(Instant::parse(from)?.unix_seconds())?;
    let seconds = u64::try_from(seconds).ok()?;
    Some((seconds / 3600, seconds / 60 % 60, seconds % 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_never_rounded_up() {
        let cases = [(0, "0"), (7, "7"), (999, "999"), (1000, "1_000"), (1_234_567, "1_234_567")];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected.replace('_', GROUP));
        }
        let bytes = |number| bytes(number).replace(GROUP, ",").replace('\u{a0}', " ");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1023), "1,023 bytes");
        assert_eq!(bytes(1024), "1,024 bytes (1.0 KiB)");
        assert_eq!(bytes(2 * 1024 * 1024 - 1), "2,097,151 bytes (1.9 MiB)");
        assert_eq!(bytes(u64::MAX), "18,446,744,073,709,551,615 bytes (15.9 EiB)");
    }

    #[test]
    fn times_are_spelled_out_and_what_is_no_time_is_not_hidden() {
        assert_eq!(time("2026-11-20T08:12:33Z"), "2026-11-20 08:12:33\u{a0}UTC");
        assert_eq!(time("yesterday\u{202e}"), "yesterday\\u{202e}");
        assert_eq!(duration("2026-11-20T08:12:33Z", "2026-11-20T09:55:38Z").unwrap(), (1, 43, 5));
        assert_eq!(duration("2026-11-20T08:12:33Z", "2026-11-20T08:12:32Z"), None);
    }

    #[test]
    fn foreign_text_keeps_its_lines_and_loses_its_tricks() {
        assert_eq!(text("a\u{202e}b\u{1b}[2J\nC:\\x ä"), "a\\u{202e}b\\u{1b}[2J\nC:\\x ä");
    }
}
