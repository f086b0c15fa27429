//! Names: eight characters and three, and the long ones in front of them.

use std::collections::BTreeSet;

/// A name of 8.3 as it is stored: padded with spaces, without the dot.
pub(crate) type Short = [u8; 11];

/// UTF-16 units in one slot of a long name.
const UNITS_PER_SLOT: usize = 13;

/// Short names already given in one directory.
#[derive(Debug, Default)]
pub(crate) struct ShortNames(BTreeSet<Short>);

impl ShortNames {
    /// A short name for `long` that nobody in the directory has: the upper-case name itself if it fits, else its
    /// first letters, a tilde and a number.
    pub(crate) fn give(&mut self, long: &str) -> Short {
        let (stem, extension) = long.rsplit_once('.').unwrap_or((long, ""));
        let (clean_stem, clean_extension) = (clean(stem), clean(extension));
        let fits = clean_stem.eq_ignore_ascii_case(stem) && clean_extension.eq_ignore_ascii_case(extension);
        if fits && (1..=8).contains(&clean_stem.len()) && clean_extension.len() <= 3 {
            let short = joined(&clean_stem, &clean_extension);
            if self.0.insert(short) {
                return short;
            }
        }
        let start = if clean_stem.is_empty() { "FILE" } else { &clean_stem };
        for number in 1_u32.. {
            let tail = format!("~{number}");
            let kept = start.get(..start.len().min(8_usize.saturating_sub(tail.len()))).unwrap_or_default();
            let short = joined(&format!("{kept}{tail}"), &clean_extension);
            if self.0.insert(short) {
                return short;
            }
        }
        [b' '; 11]
    }
}

/// Letters, digits, `_` and `-` in upper case; everything else is left out.
fn clean(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

fn joined(stem: &str, extension: &str) -> Short {
    let mut short = [b' '; 11];
    let (first, last) = short.split_at_mut(8);
    first.iter_mut().zip(stem.bytes()).for_each(|(to, from)| *to = from);
    last.iter_mut().zip(extension.bytes()).for_each(|(to, from)| *to = from);
    short
}

/// Ties a long name to its short one.
pub(crate) fn checksum(short: &Short) -> u8 {
    short.iter().fold(0_u8, |sum, &byte| sum.rotate_right(1).wrapping_add(byte))
}

/// Number of slots that the long name takes.
pub(crate) fn long_slots(long: &str) -> usize {
    long.encode_utf16().count().div_ceil(UNITS_PER_SLOT)
}

/// The slots of a long name in the order in which they are stored: the last part first.
pub(crate) fn long_name(long: &str, short: &Short) -> Vec<[u8; 32]> {
    let units: Vec<u16> = long.encode_utf16().collect();
    let parts: Vec<&[u16]> = units.chunks(UNITS_PER_SLOT).collect();
    let count = parts.len();
    let slots = (1_u8..).zip(parts).map(|(number, part)| {
        let last = usize::from(number) == count;
        slot(if last { number | 0x40 } else { number }, part, checksum(short))
    });
    let mut slots: Vec<_> = slots.collect();
    slots.reverse();
    slots
}

/// One slot: the units lie in three groups of 5, 6 and 2; a short part ends with 0 and is filled with 0xFFFF.
fn slot(order: u8, part: &[u16], checksum: u8) -> [u8; 32] {
    let filled = part.iter().copied().chain([0]).chain(std::iter::repeat(0xFFFF)).take(UNITS_PER_SLOT);
    let bytes: Vec<u8> = filled.flat_map(u16::to_le_bytes).collect();
    let mut slot = [0; 32];
    let (first, rest) = bytes.split_at(10);
    let (second, third) = rest.split_at(12);
    let fields = [&[order], first, &[0x0F, 0, checksum], second, &[0, 0], third];
    slot.iter_mut().zip(fields.concat()).for_each(|(to, from)| *to = from);
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_unique_and_keep_what_fits() {
        let mut names = ShortNames::default();
        let mut give = |long| String::from_utf8(names.give(long).to_vec()).unwrap();
        assert_eq!(give("IMG_0001.jpg"), "IMG_0001JPG");
        assert_eq!(give("img_0001.JPG"), "IMG_00~1JPG");
        assert_eq!(give("Meeting notes.docx"), "MEETIN~1DOC");
        assert_eq!(give("Отчёт.pdf"), "FILE~1  PDF");
        assert_eq!(give("照片"), "FILE~1     ");
    }

    #[test]
    fn long_names_fill_their_slots_backwards() {
        let slots = long_name("abcdefghijklmn", b"ABCDEF~1   ");
        assert_eq!((slots.len(), slots[0][0], slots[1][0]), (2, 0x42, 1));
        assert_eq!((slots[0][1], slots[0][3], slots[0][5]), (b'n', 0, 0xFF));
        assert_eq!(long_slots("abcdefghijklmn"), 2);
        assert_eq!(long_name("abcdefghijklm", b"ABCDEF~1   ")[0][30..], [b'm', 0]);
    }
}
