//! Directories as bytes.

use super::name::{Short, long_name};

/// What the first byte of a slot becomes when its file is deleted; the rest of the slot stays.
const DELETED: u8 = 0xE5;
const ATTRIBUTE_LABEL: u8 = 0x08;
const ATTRIBUTE_DIRECTORY: u8 = 0x10;
const ATTRIBUTE_ARCHIVE: u8 = 0x20;

/// A time in the two words of FAT, which has no time zone and counts two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) date: u16,
    pub(crate) time: u16,
}

impl Stamp {
    /// A moment of the year 2025. The month is 1 to 12, the day 1 to 28.
    pub(crate) const fn in_2025(month: u16, day: u16, hour: u16, minute: u16, second: u16) -> Self {
        Self { date: ((2025 - 1980) << 9) | (month << 5) | day, time: (hour << 11) | (minute << 5) | (second / 2) }
    }
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) long: String,
    pub(crate) short: Short,
    pub(crate) directory: bool,
    pub(crate) deleted: bool,
    pub(crate) created: Stamp,
    pub(crate) written: Stamp,
    pub(crate) first_cluster: u64,
    pub(crate) size: u32,
}

impl Entry {
    /// The slots of the entry: long name, then short.
    pub(crate) fn slots(&self) -> Vec<[u8; 32]> {
        let attribute = if self.directory { ATTRIBUTE_DIRECTORY } else { ATTRIBUTE_ARCHIVE };
        let short = slot(&self.short, attribute, (self.created, self.written), self.first_cluster, self.size);
        let mut slots = long_name(&self.long, &self.short);
        slots.push(short);
        if self.deleted {
            slots.iter_mut().filter_map(|slot| slot.first_mut()).for_each(|first| *first = DELETED);
        }
        slots
    }
}

/// The volume label, kept as an entry of the root.
pub(crate) fn label(label: &Short, stamp: Stamp) -> [u8; 32] {
    slot(label, ATTRIBUTE_LABEL, (stamp, stamp), 0, 0)
}

/// `.` and `..`; a parent that is the root is written as cluster 0.
pub(crate) fn dots(own: u64, parent: u64, stamp: Stamp) -> [[u8; 32]; 2] {
    let dot = |name, cluster| slot(name, ATTRIBUTE_DIRECTORY, (stamp, stamp), cluster, 0);
    [dot(b".          ", own), dot(b"..         ", parent)]
}

fn slot(name: &Short, attribute: u8, (created, written): (Stamp, Stamp), cluster: u64, size: u32) -> [u8; 32] {
    let (low, high) = (cluster as u16, (cluster >> 16) as u16);
    let fields = [
        name.to_vec(),
        vec![attribute, 0, 0],
        created.time.to_le_bytes().to_vec(),
        created.date.to_le_bytes().to_vec(),
        // Last access is a date without a time.
        written.date.to_le_bytes().to_vec(),
        high.to_le_bytes().to_vec(),
        written.time.to_le_bytes().to_vec(),
        written.date.to_le_bytes().to_vec(),
        low.to_le_bytes().to_vec(),
        size.to_le_bytes().to_vec(),
    ];
    let mut slot = [0; 32];
    slot.iter_mut().zip(fields.concat()).for_each(|(to, from)| *to = from);
    slot
}
