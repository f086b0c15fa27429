//! Tables with a count and a checksum, and the sector tables among them: where and how each chunk is stored.

use exhibit_evidence::ReadFault;

use super::super::ewf::layout::{CHECKSUM_BYTES, ERRORS_MAX, TABLE_ENTRIES_MAX, adler32, u32_at, u64_at};
use super::super::ewf::section::bytes_at;
use super::layout::{TABLE_ENTRY_BYTES, TABLE_HEADER_BYTES};
use super::section::Section;
use crate::Part;

/// A sector table that holds together as far as its header goes.
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
}

/// One chunk in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// First byte; the pattern itself in a chunk that is filled with one.
    pub(super) offset: u64,
    /// Bytes stored.
    pub(super) length: u32,
    /// How they are stored.
    pub(super) flags: u32,
}

/// Reads and checks the header of the sector table in `section`.
pub(super) fn read_header(index: usize, part: &Part, section: &Section) -> Result<Result<TableRef, String>, ReadFault> {
    let head = match header(part, section, TABLE_ENTRY_BYTES, 8, TABLE_ENTRIES_MAX)? {
        Ok(head) => head,
        Err(text) => return Ok(Err(text)),
    };
    let entries_at = section.data().saturating_add(TABLE_HEADER_BYTES as u64);
    Ok(Ok(TableRef { part: index, first_chunk: u64_at(&head, 0), count: u32_at(&head, 8), entries_at }))
}

/// The entries of the error or session table in `section`, `size` bytes each.
pub(super) fn read_list(part: &Part, section: &Section, size: usize) -> Result<Result<Vec<u8>, String>, ReadFault> {
    let head = match header(part, section, size, 0, ERRORS_MAX)? {
        Ok(head) => head,
        Err(text) => return Ok(Err(text)),
    };
    let at = section.data().saturating_add(TABLE_HEADER_BYTES as u64);
    entries(part, at, u32_at(&head, 0), size)
}

/// The header of a table whose number of entries is at `count_at`, checked, with room for all of them.
fn header(
    part: &Part,
    section: &Section,
    size: usize,
    count_at: usize,
    most: u32,
) -> Result<Result<Vec<u8>, String>, ReadFault> {
    if section.length < TABLE_HEADER_BYTES as u64 {
        return Ok(Err(format!("{} bytes are too few for a table", section.length)));
    }
    let head = bytes_at(part, section.data(), TABLE_HEADER_BYTES)?;
    let (stored, computed) = (u32_at(&head, 16), adler32(head.get(..16).unwrap_or_default()));
    if stored != computed {
        return Ok(Err(format!("header checksum {stored:08x}, computed {computed:08x}")));
    }
    let count = u32_at(&head, count_at);
    let needed =
        u64::from(count).saturating_mul(size as u64).saturating_add((TABLE_HEADER_BYTES + CHECKSUM_BYTES) as u64);
    if count > most || needed > section.length {
        return Ok(Err(format!("{count} entries do not fit into {} bytes", section.length)));
    }
    Ok(Ok(head))
}

/// `count` entries of `size` bytes at `at`, compared with the checksum behind them.
fn entries(part: &Part, at: u64, count: u32, size: usize) -> Result<Result<Vec<u8>, String>, ReadFault> {
    let length = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(size);
    let mut bytes = bytes_at(part, at, length.saturating_add(CHECKSUM_BYTES))?;
    let stored = u32_at(&bytes, length);
    bytes.truncate(length);
    let computed = adler32(&bytes);
    if stored == computed {
        Ok(Ok(bytes))
    } else {
        Ok(Err(format!("checksum of the entries {stored:08x}, computed {computed:08x}")))
    }
}

/// The entries of `table`.
///
/// # Errors
/// A sentence, if they cannot be read or their checksum is wrong.
pub(super) fn load(part: &Part, table: &TableRef) -> Result<Vec<Entry>, String> {
    let bytes =
        entries(part, table.entries_at, table.count, TABLE_ENTRY_BYTES).map_err(|fault| fault.to_string())??;
    let entry = |bytes: &[u8; TABLE_ENTRY_BYTES]| Entry {
        offset: u64_at(bytes, 0),
        length: u32_at(bytes, 8),
        flags: u32_at(bytes, 12),
    };
    Ok(bytes.as_chunks::<TABLE_ENTRY_BYTES>().0.iter().map(entry).collect())
}
