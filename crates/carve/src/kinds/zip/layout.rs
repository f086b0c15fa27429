//! The records of a ZIP archive (PKWARE APPNOTE 6.3.10, section 4.3 and 4.5), as far as the carver compares them.

use crate::stop::Stop;
use crate::window::Window;

pub(super) const LOCAL: u32 = 0x0403_4b50;
pub(super) const CENTRAL: u32 = 0x0201_4b50;
pub(super) const SIGNATURE: u32 = 0x0505_4b50;
pub(super) const EXTRA_DATA: u32 = 0x0806_4b50;
pub(super) const END64: u32 = 0x0606_4b50;
pub(super) const LOCATOR64: u32 = 0x0706_4b50;
pub(super) const END: u32 = 0x0605_4b50;
pub(super) const DESCRIPTOR: u32 = 0x0807_4b50;

/// General purpose bit 0: encrypted.
pub(super) const ENCRYPTED: u16 = 1;
/// General purpose bit 3: sizes follow the data.
pub(super) const DESCRIBED: u16 = 8;
/// General purpose bits without a meaning; set, they speak against a header.
const UNUSED_FLAGS: u16 = 0xd780;

/// What a local header and its twin in the central directory both say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Offset of the local header.
    pub(super) at: u64,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// MS-DOS time and date.
    pub(super) time: u32,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// CRC-32 of the name, to compare names without keeping them.
    pub(super) name: u32,
}

/// A header with its name and what comes after it.
pub(super) struct Head {
    pub(super) entry: Entry,
    pub(super) name: Vec<u8>,
    /// Offset after the header.
    pub(super) next: u64,
}

/// Whether `flags` and `method` are ones that archives have.
pub(super) const fn plausible(version: u16, flags: u16, method: u16) -> bool {
    (version & 0xff) <= 63 && flags & UNUSED_FLAGS == 0 && matches!(method, 0..=10 | 12 | 14 | 16 | 18..=20 | 93..=99)
}

/// The local header at `at`.
pub(super) fn local(window: &mut Window<'_>, at: u64) -> Result<Head, Stop> {
    let bad = |what: &str| Stop::bad(at, format!("local header: {what}"));
    let head = window.array::<30>(at)?;
    if le32(&head, 0) != LOCAL {
        return Err(bad("no signature"));
    }
    let (version, flags, method) = (le16(&head, 4), le16(&head, 6), le16(&head, 8));
    let (name_length, extra_length) = (le16(&head, 26), le16(&head, 28));
    if !plausible(version, flags, method) || name_length == 0 {
        return Err(bad("impossible version, flags, method or name"));
    }
    let mut sizes = [u64::from(le32(&head, 22)), u64::from(le32(&head, 18))];
    let name_at = at.saturating_add(30);
    let name = window.exact(name_at, usize::from(name_length))?.to_vec();
    let extra_at = name_at.saturating_add(u64::from(name_length));
    let extra = window.exact(extra_at, usize::from(extra_length))?;
    widen(&mut sizes, extra).ok_or_else(|| bad("sizes refer to a ZIP64 field that is not there"))?;
    let [size, compressed] = sizes;
    let entry = Entry {
        at,
        flags,
        method,
        time: le32(&head, 10),
        crc: le32(&head, 14),
        compressed,
        size,
        name: crc32fast::hash(&name),
    };
    Ok(Head { entry, name, next: extra_at.saturating_add(u64::from(extra_length)) })
}

/// The central directory header at `at`; its entry's `at` is the offset it states.
pub(super) fn central(window: &mut Window<'_>, at: u64) -> Result<Head, Stop> {
    let bad = |what: &str| Stop::bad(at, format!("central directory: {what}"));
    let head = window.array::<46>(at)?;
    if le32(&head, 0) != CENTRAL || !plausible(le16(&head, 6), le16(&head, 8), le16(&head, 10)) {
        return Err(bad("no entry"));
    }
    let (name_length, extra_length, comment_length) = (le16(&head, 28), le16(&head, 30), le16(&head, 32));
    let mut sizes = [u64::from(le32(&head, 24)), u64::from(le32(&head, 20)), u64::from(le32(&head, 42))];
    let name_at = at.saturating_add(46);
    let name = window.exact(name_at, usize::from(name_length))?.to_vec();
    let extra_at = name_at.saturating_add(u64::from(name_length));
    let extra = window.exact(extra_at, usize::from(extra_length))?;
    widen(&mut sizes, extra).ok_or_else(|| bad("sizes refer to a ZIP64 field that is not there"))?;
    let [size, compressed, local_at] = sizes;
    let entry = Entry {
        at: local_at,
        flags: le16(&head, 8),
        method: le16(&head, 10),
        time: le32(&head, 12),
        crc: le32(&head, 16),
        compressed,
        size,
        name: crc32fast::hash(&name),
    };
    let next = extra_at.saturating_add(u64::from(extra_length)).saturating_add(u64::from(comment_length));
    Ok(Head { entry, name, next })
}

/// Replaces each value that is all ones by the next value of the ZIP64 extra field (id 1); `None` if the field is too short.
fn widen(values: &mut [u64], extra: &[u8]) -> Option<()> {
    const ALL_ONES: u64 = 0xffff_ffff;
    if values.iter().all(|value| *value != ALL_ONES) {
        return Some(());
    }
    let mut wide = field(extra, 1)?;
    for value in values.iter_mut().filter(|value| **value == ALL_ONES) {
        let (eight, rest) = wide.split_first_chunk::<8>()?;
        (*value, wide) = (u64::from_le_bytes(*eight), rest);
    }
    Some(())
}

/// The data of extra field `id`.
fn field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    loop {
        let (&[i0, i1, l0, l1], rest) = extra.split_first_chunk::<4>()?;
        let (data, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([l0, l1])))?;
        if u16::from_le_bytes([i0, i1]) == id {
            return Some(data);
        }
        extra = rest;
    }
}

/// What the end records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Entries of the central directory.
    pub(super) entries: u64,
    /// Its size in bytes.
    pub(super) directory_size: u64,
    /// Its offset from the beginning of the archive.
    pub(super) directory_at: u64,
    /// Where the archive ends, comment included.
    pub(super) length: u64,
    /// Bytes of comment.
    pub(super) comment: u16,
}

/// The end records at `at`: ZIP64 record and locator if present, then the end of central directory.
pub(super) fn end(window: &mut Window<'_>, mut at: u64) -> Result<End, Stop> {
    let mut wide = None;
    if window.u32_le(at)? == END64 {
        let size = window.u64_le(at.saturating_add(4))?;
        let (entries, directory_size, directory_at) = (
            window.u64_le(at.saturating_add(32))?,
            window.u64_le(at.saturating_add(40))?,
            window.u64_le(at.saturating_add(48))?,
        );
        wide = Some((entries, directory_size, directory_at));
        at = at.saturating_add(12).saturating_add(size);
        if size < 44 || window.u32_le(at)? != LOCATOR64 {
            return Err(Stop::bad(at, "no ZIP64 locator after the ZIP64 end record"));
        }
        at = at.saturating_add(20);
    }
    let record = window.array::<22>(at)?;
    if le32(&record, 0) != END || le16(&record, 4) != le16(&record, 6) {
        return Err(Stop::bad(
            at,
            "no end of central directory after the central directory, or one of several volumes",
        ));
    }
    let narrow = (u64::from(le16(&record, 10)), u64::from(le32(&record, 12)), u64::from(le32(&record, 16)));
    let choose =
        |narrow: u64, ones: u64, wide: Option<u64>| if narrow == ones { wide.unwrap_or(narrow) } else { narrow };
    let comment = le16(&record, 20);
    Ok(End {
        entries: choose(narrow.0, 0xffff, wide.map(|wide| wide.0)),
        directory_size: choose(narrow.1, 0xffff_ffff, wide.map(|wide| wide.1)),
        directory_at: choose(narrow.2, 0xffff_ffff, wide.map(|wide| wide.2)),
        length: at.saturating_add(22).saturating_add(u64::from(comment)),
        comment,
    })
}

/// Two bytes of a record; `at` is a constant within it.
pub(super) fn le16(record: &[u8], at: usize) -> u16 {
    record.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |two| u16::from_le_bytes(*two))
}

/// Four bytes of a record; `at` is a constant within it.
pub(super) fn le32(record: &[u8], at: usize) -> u32 {
    record.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_of_all_ones_are_widened_in_order() {
        let extra = [9, 0, 1, 0, 7, 1, 0, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0];
        let mut values = [5, 0xffff_ffff];
        assert_eq!(widen(&mut values, &extra), Some(()));
        assert_eq!(values, [5, 0x1_0000_0001]);
        assert_eq!(widen(&mut [0xffff_ffff], &extra[..12]), None);
        assert_eq!(widen(&mut [1, 2], &[]), Some(()));
    }
}
