//! The log: changes of the tables that were written down before they were made, and that the file may still lack.
//!
//! The log is a ring of entries. Those that count are the newest unbroken row of them (\[MS-VHDX\] 2.3.3): it begins where its
//! last entry says, and everything in it is written over the file, in order. Here that is done in memory.

use std::collections::BTreeMap;

use exhibit_evidence::{ReadFault, Source};

use super::layout::{Header, checked};
use super::replay::{Changes, Piece};
use crate::Part;
use crate::fields::{array, le32, le64};

/// Entries, their descriptors and their data come in sectors of so many bytes.
pub(super) const LOG_SECTOR_BYTES: u64 = 4096;
/// Longest log that is looked through, in bytes: 256 MiB. Hyper-V and QEMU make 1 MiB.
const LOG_BYTES_MAX: u64 = 256 << 20;
/// Longest entry whose checksum is computed, in bytes.
const ENTRY_BYTES_MAX: u64 = 8 << 20;
/// Bytes under checksums that are computed, for each byte of the log: an honest one has each byte in one entry.
const CHECKED_TIMES_MAX: u64 = 4;
/// Most changes that are kept in memory.
const CHANGES_MAX: usize = 1 << 20;
/// Bytes of an entry's own header, and of a descriptor.
const ENTRY_HEADER_BYTES: u64 = 64;
const DESCRIPTOR_BYTES: u64 = 32;

/// What the log holds that the file may lack.
pub(super) struct Pending {
    pub(super) changes: Changes,
    /// How many entries that are.
    pub(super) entries: u64,
    /// How long the file was, for good, when the last of them was written.
    pub(super) flushed_bytes: u64,
    /// How long it must be for all that is in it.
    pub(super) file_bytes: u64,
    /// Entries of this log whose checksum is wrong: where they lie in the file.
    pub(super) damaged: Vec<u64>,
    /// Where the newest entry lies, if the row that it belongs to is not whole: then nothing is pending that could be applied.
    pub(super) broken: Option<u64>,
}

/// Why a log could not be looked through.
pub(super) enum Trouble {
    /// The file could not be read.
    Read(ReadFault),
    /// A limit of ours.
    Limit(String),
}

impl From<ReadFault> for Trouble {
    fn from(fault: ReadFault) -> Self {
        Self::Read(fault)
    }
}

/// An entry that is whole.
#[derive(Clone, Copy)]
struct Entry {
    /// Where it begins in the log.
    at: u64,
    bytes: u64,
    /// Where the row begins to which it belongs.
    tail: u64,
    number: u64,
    descriptors: u64,
    flushed_bytes: u64,
    file_bytes: u64,
    /// Place of the first entry of its unbroken row.
    row: u64,
}

/// What is pending in the log of `part`, by the sound header `header`.
pub(super) fn pending(part: &Part, header: &Header) -> Result<Pending, Trouble> {
    let there = part.source.size().saturating_sub(header.log_offset).min(u64::from(header.log_length));
    let length = there / LOG_SECTOR_BYTES * LOG_SECTOR_BYTES;
    if length > LOG_BYTES_MAX {
        return Err(Trouble::Limit(format!("a log of {length} bytes, this version looks through {LOG_BYTES_MAX}")));
    }
    let ring = Ring { part, begin: header.log_offset, length };
    let (mut entries, damaged) = ring.entries(&header.log_guid)?;
    let mut pending =
        Pending { changes: Changes::default(), entries: 0, flushed_bytes: 0, file_bytes: 0, damaged, broken: None };
    let Some(row) = newest_row(&mut entries, length) else {
        // What an older row would change was changed long ago: to apply that would be wrong.
        pending.broken = entries.last().map(|entry| ring.place(entry.at));
        return Ok(pending);
    };
    for entry in row {
        ring.carry_out(&entry, &mut pending.changes)?;
        pending.entries = pending.entries.saturating_add(1);
        (pending.flushed_bytes, pending.file_bytes) = (entry.flushed_bytes, entry.file_bytes);
        if pending.changes.count() > CHANGES_MAX {
            return Err(Trouble::Limit(format!("a log of more than {CHANGES_MAX} changes")));
        }
    }
    Ok(pending)
}

/// The unbroken row of entries that ends with the highest number and begins where its last entry says, in order; `None` if there
/// is no entry, or that row is not whole.
fn newest_row(entries: &mut [Entry], length: u64) -> Option<Vec<Entry>> {
    entries.sort_by_key(|entry| entry.number);
    // By where they end, so that the one before is found at once; rows grow from their first entry.
    let mut ends: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for entry in entries.iter_mut() {
        entry.row = match ends.get(&entry.at) {
            Some((number, row)) if number.checked_add(1) == Some(entry.number) => *row,
            _ => entry.at,
        };
        let end = entry.at.saturating_add(entry.bytes).checked_rem(length).unwrap_or(0);
        ends.insert(end, (entry.number, entry.row));
    }
    let places: BTreeMap<u64, Entry> = entries.iter().map(|entry| (entry.at, *entry)).collect();
    let last = entries.last()?;
    let first = places.get(&last.tail).filter(|first| first.row == last.row && first.number <= last.number)?;
    let from = first.number;
    let of_row = |entry: &&Entry| entry.row == last.row && (from..=last.number).contains(&entry.number);
    Some(entries.iter().filter(of_row).copied().collect())
}

/// The log in its file.
struct Ring<'a> {
    part: &'a Part,
    begin: u64,
    length: u64,
}

impl Ring<'_> {
    /// Where byte `at` of the log lies in the file; behind its end it goes on at its beginning.
    fn place(&self, at: u64) -> u64 {
        self.begin.saturating_add(at.checked_rem(self.length).unwrap_or(0))
    }

    /// All whole entries with this identifier, and the places of those that are not whole.
    fn entries(&self, log: &[u8; 16]) -> Result<(Vec<Entry>, Vec<u64>), Trouble> {
        let (mut entries, mut damaged) = (Vec::new(), Vec::new());
        let (mut at, mut checked) = (0_u64, 0_u64);
        while at < self.length {
            let mut head = [0; ENTRY_HEADER_BYTES as usize];
            self.part.source.read_at(self.place(at), &mut head)?;
            let bytes = u64::from(le32(&head, 8));
            let is_ours = head.starts_with(b"loge") && array::<16>(&head, 32) == *log && le64(&head, 16) > 0;
            let is_possible =
                (LOG_SECTOR_BYTES..=self.length.min(ENTRY_BYTES_MAX)).contains(&bytes) && bytes % LOG_SECTOR_BYTES == 0;
            let mut step = LOG_SECTOR_BYTES;
            if is_ours && is_possible {
                checked = checked.saturating_add(bytes);
                if checked > self.length.saturating_mul(CHECKED_TIMES_MAX) {
                    return Err(Trouble::Limit("a log whose entries overlap each other again and again".to_owned()));
                }
                let entry = Entry {
                    at,
                    bytes,
                    tail: u64::from(le32(&head, 12)),
                    number: le64(&head, 16),
                    descriptors: u64::from(le32(&head, 24)),
                    flushed_bytes: le64(&head, 48),
                    file_bytes: le64(&head, 56),
                    row: at,
                };
                if self.is_whole(&entry)? {
                    step = bytes;
                    entries.push(entry);
                } else {
                    damaged.push(self.place(at));
                }
            } else if is_ours {
                damaged.push(self.place(at));
            }
            at = at.saturating_add(step);
        }
        Ok((entries, damaged))
    }

    /// Whether the checksum of an entry is right, and its descriptors and data are what they should be.
    fn is_whole(&self, entry: &Entry) -> Result<bool, ReadFault> {
        let mut bytes = vec![0; usize::try_from(entry.bytes).unwrap_or(0)];
        let straight = usize::try_from(self.length.saturating_sub(entry.at).min(entry.bytes)).unwrap_or(0);
        let Some((first, second)) = bytes.split_at_mut_checked(straight) else { return Ok(false) };
        self.part.source.read_at(self.place(entry.at), first)?;
        self.part.source.read_at(self.begin, second)?;
        if checked(&bytes).is_err() {
            return Ok(false);
        }
        let mut data = data_at(entry);
        for index in 0..entry.descriptors {
            match Descriptor::decode(&bytes, index, entry.number) {
                Some(Descriptor::Zero { .. }) => {}
                Some(Descriptor::Data { .. }) if is_data(&bytes, data, entry.number) => {
                    data = data.saturating_add(LOG_SECTOR_BYTES);
                }
                _ => return Ok(false),
            }
        }
        Ok(data <= entry.bytes)
    }

    /// Notes what `entry` changes.
    fn carry_out(&self, entry: &Entry, changes: &mut Changes) -> Result<(), ReadFault> {
        let mut data = data_at(entry);
        let mut sector = [0; LOG_SECTOR_BYTES as usize];
        let mut loaded = None;
        for index in 0..entry.descriptors {
            let within = ENTRY_HEADER_BYTES.saturating_add(index.saturating_mul(DESCRIPTOR_BYTES));
            let number = within / LOG_SECTOR_BYTES;
            if loaded != Some(number) {
                let at = entry.at.saturating_add(number.saturating_mul(LOG_SECTOR_BYTES));
                self.part.source.read_at(self.place(at), &mut sector)?;
                loaded = Some(number);
            }
            let at = usize::try_from(within % LOG_SECTOR_BYTES).unwrap_or(0);
            let end = at.saturating_add(DESCRIPTOR_BYTES as usize);
            match Descriptor::of(sector.get(at..end).unwrap_or_default(), entry.number) {
                Some(Descriptor::Zero { offset, length }) => {
                    changes.put(offset, offset.saturating_add(length), Piece::Zero);
                }
                Some(Descriptor::Data { offset, leading, trailing }) => {
                    let piece = Piece::Data { at: self.place(entry.at.saturating_add(data)), leading, trailing };
                    changes.put(offset, offset.saturating_add(LOG_SECTOR_BYTES), piece);
                    data = data.saturating_add(LOG_SECTOR_BYTES);
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Where the data sectors of an entry begin in it: behind the last sector with descriptors.
fn data_at(entry: &Entry) -> u64 {
    let descriptors = entry.descriptors.saturating_mul(DESCRIPTOR_BYTES);
    ENTRY_HEADER_BYTES.saturating_add(descriptors).next_multiple_of(LOG_SECTOR_BYTES)
}

/// Whether a data sector with the number of its entry lies at `at`.
fn is_data(entry: &[u8], at: u64, number: u64) -> bool {
    let sector = usize::try_from(at).ok().and_then(|at| entry.get(at..at.checked_add(LOG_SECTOR_BYTES as usize)?));
    sector.is_some_and(|sector| {
        let [high, low] = [le32(sector, 4), le32(sector, LOG_SECTOR_BYTES as usize - 4)].map(u64::from);
        sector.starts_with(b"data") && (high << 32 | low) == number
    })
}

/// A change.
enum Descriptor {
    /// So many bytes become zero.
    Zero { offset: u64, length: u64 },
    /// A sector becomes what a data sector of the entry holds, with these bytes at its two ends.
    Data { offset: u64, leading: [u8; 8], trailing: [u8; 4] },
}

impl Descriptor {
    /// Number `index` in the bytes of an entry.
    fn decode(entry: &[u8], index: u64, number: u64) -> Option<Self> {
        let at = usize::try_from(index.checked_mul(DESCRIPTOR_BYTES)?.checked_add(ENTRY_HEADER_BYTES)?).ok()?;
        Self::of(entry.get(at..at.checked_add(DESCRIPTOR_BYTES as usize)?)?, number)
    }

    /// `None` if it is not possible, or of another entry.
    fn of(bytes: &[u8], number: u64) -> Option<Self> {
        let offset = le64(bytes, 16);
        if le64(bytes, 24) != number || !offset.is_multiple_of(LOG_SECTOR_BYTES) {
            return None;
        }
        if bytes.starts_with(b"zero") {
            let length = le64(bytes, 8);
            let is_possible = length.is_multiple_of(LOG_SECTOR_BYTES) && offset.checked_add(length).is_some();
            return is_possible.then_some(Self::Zero { offset, length });
        }
        let is_possible = bytes.starts_with(b"desc") && offset.checked_add(LOG_SECTOR_BYTES).is_some();
        is_possible.then(|| Self::Data { offset, leading: array(bytes, 8), trailing: array(bytes, 4) })
    }
}
