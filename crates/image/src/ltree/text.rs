//! Lines and values of UTF-16 text that may hold unpaired surrogates.

/// Code units, little-endian.
pub(super) type Units<'a> = &'a [[u8; 2]];

const LINE_FEED: [u8; 2] = [b'\n', 0];
const TAB: [u8; 2] = [b'\t', 0];
const BYTE_ORDER_MARK: [u8; 2] = [0xff, 0xfe];

/// The lines of a text, one after another.
pub(super) struct Lines<'a> {
    rest: Option<Units<'a>>,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Lines of `bytes`; an odd last byte is no code unit and left out.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let (units, _) = bytes.as_chunks::<2>();
        let units = units.strip_prefix(&[BYTE_ORDER_MARK]).unwrap_or(units);
        Self { rest: Some(units), number: 0 }
    }

    /// The next line without its end; `None` behind the last.
    pub(super) fn take(&mut self) -> Option<Units<'a>> {
        let rest = self.rest?;
        let (line, rest) = match rest.iter().position(|unit| *unit == LINE_FEED) {
            Some(at) => (rest.get(..at)?, rest.get(at.saturating_add(1)..)),
            None if rest.is_empty() => return None,
            None => (rest, None),
        };
        self.rest = rest;
        self.number = self.number.saturating_add(1);
        Some(line)
    }

    /// Number of the line that was taken last, from 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }
}

/// The values of a line.
pub(super) fn fields(line: Units<'_>) -> impl Iterator<Item = Units<'_>> {
    line.split(|unit| *unit == TAB)
}

/// A text for people; what is no character becomes the replacement character.
pub(super) fn decode(units: Units<'_>) -> String {
    let units = units.iter().map(|unit| unescaped(u16::from_le_bytes(*unit)));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The exact name as bytes: UTF-8, an unpaired surrogate as the three bytes that it would have there, which no UTF-8 is.
pub(super) fn exact(units: Units<'_>) -> Vec<u8> {
    let units = units.iter().map(|unit| unescaped(u16::from_le_bytes(*unit)));
    let mut bytes = Vec::with_capacity(units.len());
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(lone) => {
                let [high, low] = lone.unpaired_surrogate().to_be_bytes();
                bytes.extend_from_slice(&[0xe0 | high >> 4, 0x80 | (high & 15) << 2 | low >> 6, 0x80 | low & 63]);
            }
        }
    }
    bytes
}

/// Line ends and tabs cannot stand in a value, so they are written as the first three control characters.
fn unescaped(unit: u16) -> u16 {
    match unit {
        1 => 0x0a,
        2 => 0x0d,
        3 => 0x09,
        other => other,
    }
}

/// A decimal number; `None` for anything else, nothing included.
pub(super) fn number(units: Units<'_>) -> Option<u64> {
    let digit = |unit: &[u8; 2]| (unit[1] == 0 && unit[0].is_ascii_digit()).then(|| u64::from(unit[0] - b'0'));
    let more = |sum: u64, unit| sum.checked_mul(10)?.checked_add(digit(unit)?);
    if units.is_empty() { None } else { units.iter().try_fold(0, more) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<[u8; 2]> {
        text.encode_utf16().map(u16::to_le_bytes).collect()
    }

    #[test]
    fn lines_end_with_the_text_and_a_byte_order_mark_is_none_of_them() {
        let bytes = units("\u{feff}a\n\nb").concat();
        let mut lines = Lines::new(&bytes);
        assert_eq!(lines.take().map(decode).as_deref(), Some("a"));
        assert_eq!(lines.take().map(decode).as_deref(), Some(""));
        assert_eq!((lines.take().map(decode).as_deref(), lines.number()), (Some("b"), 3));
        assert!(lines.take().is_none() && lines.take().is_none());
    }

    #[test]
    fn names_are_exact_even_where_they_are_no_text() {
        let mut lone = units("a😀\u{1}");
        lone.push(0xd800_u16.to_le_bytes());
        assert_eq!(exact(&lone), b"a\xf0\x9f\x98\x80\n\xed\xa0\x80");
        assert_eq!(decode(&lone), "a😀\n\u{fffd}");
    }

    #[test]
    fn only_numbers_are_numbers() {
        assert_eq!(number(&units("18446744073709551615")), Some(u64::MAX));
        for bad in ["", "18446744073709551616", "-1", "1 ", "0x1", "٣"] {
            assert_eq!(number(&units(bad)), None, "{bad}");
        }
    }
}
