//! Chunk tables: where each chunk begins in its segment file.

use exhibit_evidence::{Finding, ReadFault};

use super::layout::{CHECKSUM_BYTES, COMPRESSED, TABLE_ENTRIES_MAX, TABLE_HEADER_BYTES, adler32, u32_at, u64_at};
use super::section::{Section, bytes_at, mismatch};
use crate::Part;

/// A table section that holds together as far as its header goes.
#[derive(Debug, Clone)]
pub(super) struct TableRef {
    /// Index of the part in the image.
    pub(super) part: usize,
    /// Number of its first chunk on the medium.
    pub(super) first_chunk: u64,
    /// Chunks.
    pub(super) count: u32,
    /// Where the entries begin in the file.
    pub(super) entries_at: u64,
    /// What is added to each entry.
    pub(super) base: u64,
    /// First byte after the chunk data.
    pub(super) data_end: u64,
    /// Where the entries of `table2` begin, if there is one.
    pub(super) copy_at: Option<u64>,
    /// Whether a checksum follows the entries (not in SMART and original files).
    pub(super) checksum: bool,
}

/// One chunk in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// First byte.
    pub(super) offset: u64,
    /// Bytes up to the next chunk.
    pub(super) length: u32,
    /// Whether it is a zlib stream.
    pub(super) compressed: bool,
}

/// The header of a table section: entries and base offset.
pub(super) struct TableHeader {
    pub(super) count: u32,
    pub(super) base: u64,
}

/// Reads and checks the header of `section`.
pub(super) fn read_header(part: &Part, section: &Section) -> Result<Result<TableHeader, Finding>, ReadFault> {
    let at = section.payload();
    let name = section.title();
    let wrong = |text: String| Ok(Err(mismatch("ewf-table-header", part, &name, at, text)));
    if section.payload_bytes() < TABLE_HEADER_BYTES as u64 {
        return wrong(format!("{} bytes are too few for a table", section.payload_bytes()));
    }
    let bytes = bytes_at(part, at, TABLE_HEADER_BYTES)?;
    let (stored, computed) = (u32_at(&bytes, 20), adler32(bytes.get(..20).unwrap_or_default()));
    if stored != computed {
        return wrong(format!("header checksum {stored:08x}, computed {computed:08x}"));
    }
    let count = u32_at(&bytes, 0);
    let needed = u64::from(count).saturating_mul(4).saturating_add(TABLE_HEADER_BYTES as u64);
    if count > TABLE_ENTRIES_MAX || needed > section.payload_bytes() {
        return wrong(format!("{count} entries do not fit into {} bytes", section.payload_bytes()));
    }
    Ok(Ok(TableHeader { count, base: u64_at(&bytes, 8) }))
}

/// The raw entries at `at`, or a finding if their checksum is wrong.
fn read_entries(part: &Part, table: &TableRef, at: u64, name: &str) -> Result<Result<Vec<u32>, Finding>, ReadFault> {
    let length = usize::try_from(table.count).unwrap_or(usize::MAX).saturating_mul(4);
    let trailer = if table.checksum { CHECKSUM_BYTES } else { 0 };
    let bytes = bytes_at(part, at, length.saturating_add(trailer))?;
    let (entries, _) = bytes.split_at_checked(length).unwrap_or_default();
    let (stored, computed) = (u32_at(&bytes, length), adler32(entries));
    if table.checksum && stored != computed {
        let text = format!("checksum of the entries {stored:08x}, computed {computed:08x}");
        return Ok(Err(mismatch("ewf-table-checksum", part, name, at.saturating_add(length as u64), text)));
    }
    Ok(Ok(entries.as_chunks::<4>().0.iter().map(|entry| u32::from_le_bytes(*entry)).collect()))
}

/// The entries of `table`, from `table2` if `table` is damaged, with everything that is wrong with either.
///
/// # Errors
/// If neither can be had.
pub(super) fn load(part: &Part, table: &TableRef, findings: &mut Vec<Finding>) -> Result<Vec<Entry>, String> {
    let first = read_entries(part, table, table.entries_at, "table").map_err(|fault| fault.to_string())?;
    let raw = match (first, table.copy_at) {
        (Ok(raw), _) => raw,
        (Err(finding), Some(copy_at)) => {
            let text = finding.to_string();
            findings.push(finding);
            match read_entries(part, table, copy_at, "table2").map_err(|fault| fault.to_string())? {
                Ok(raw) => raw,
                Err(finding) => {
                    findings.push(finding);
                    return Err(format!("{text}; and its copy, table2, is damaged too"));
                }
            }
        }
        (Err(finding), None) => {
            let text = finding.to_string();
            findings.push(finding);
            return Err(text);
        }
    };
    Ok(resolve(&raw, table))
}

/// Checks `table` and `table2` against each other and for themselves.
pub(super) fn check(part: &Part, table: &TableRef, findings: &mut Vec<Finding>) -> Result<(), ReadFault> {
    let first = read_entries(part, table, table.entries_at, "table")?;
    let second = table.copy_at.map(|at| read_entries(part, table, at, "table2")).transpose()?;
    match (first, second) {
        (Ok(first), Some(Ok(second))) if first != second => {
            let index = first.iter().zip(&second).position(|(a, b)| a != b).unwrap_or(0);
            let at = table.entries_at.saturating_add((index as u64).saturating_mul(4));
            findings.push(mismatch("ewf-table-copy", part, "table2", at, format!("entry {index} differs from table")));
        }
        (first, second) => findings.extend(first.err().into_iter().chain(second.and_then(Result::err))),
    }
    Ok(())
}

/// Raw entries to chunk places. An entry ends where the next begins; lengths that make no sense become 0, which no chunk
/// can have, so that reading it is a fault with a place.
fn resolve(raw: &[u32], table: &TableRef) -> Vec<Entry> {
    // EnCase 6.7.1 uses all 32 bits once past 2 GiB: from where the 31-bit offsets go backwards, entries are plain.
    let mask = |entry: u32| entry & !COMPRESSED;
    let backwards = raw.windows(2).position(|pair| matches!(pair, [a, b] if mask(*b) < mask(*a)));
    let plain_from = backwards.map_or(usize::MAX, |index| index.saturating_add(1));
    let place = |(index, &entry): (usize, &u32)| {
        let (offset, compressed) =
            if index >= plain_from { (entry, false) } else { (mask(entry), entry & COMPRESSED != 0) };
        (table.base.saturating_add(u64::from(offset)), compressed)
    };
    let places: Vec<(u64, bool)> = raw.iter().enumerate().map(place).collect();
    let ends = places.iter().skip(1).map(|(offset, _)| *offset).chain([table.data_end]);
    let entry = |(&(offset, compressed), end): (&(u64, bool), u64)| {
        let length = u32::try_from(end.saturating_sub(offset)).unwrap_or(0);
        Entry { offset, length, compressed }
    };
    places.iter().zip(ends).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_beyond_two_gibibytes_written_by_encase_671_are_understood() {
        let table = TableRef {
            part: 0,
            first_chunk: 0,
            count: 3,
            entries_at: 0,
            base: 0,
            data_end: 0x8001_0010,
            copy_at: None,
            checksum: true,
        };
        let entries = resolve(&[0x7fff_8000, 0x8000_0004, 0x8000_8008], &table);
        assert_eq!(entries[1], Entry { offset: 0x8000_0004, length: 0x8004, compressed: false });
        assert_eq!(entries[2], Entry { offset: 0x8000_8008, length: 0x8008, compressed: false });
    }
}
