//! Reading the medium out of its chunks.

use std::cell::RefCell;

use exhibit_evidence::{ByteRange, Cause, Finding, Known, ReadFault, Source};
use exhibit_hash::algorithm;

use super::super::ewf::layout::{CHECKSUM_BYTES, adler32, u32_at};
use super::super::ewf::section::mismatch;
use super::layout::{CHUNK_CHECKSUM, CHUNK_COMPRESSED, CHUNK_PATTERN, title};
use super::section::Section;
use super::table::{self, Entry, TableRef};
use super::unpack::Method;
use crate::chunk_cache::ChunkCache;
use crate::table_cache::TableCache;
use crate::{Description, Image, Part};

/// Bytes behind a compressed chunk that are taken for its padding.
const PADDING_MAX: usize = 16;

/// An opened Ex01, or the stream of contents of an Lx01.
pub(super) struct Ewf2Image {
    parts: Vec<Part>,
    /// By the number of their first chunk; none overlaps another.
    tables: Vec<TableRef>,
    method: Method,
    description: Description,
    chunks: ChunkCache,
    loaded: TableCache<Entry>,
    /// Sections with an MD5 of their own that opening did not compare.
    hashed: Vec<(usize, Section)>,
}

thread_local! {
    /// Stored bytes of one chunk, used again for each.
    static STORED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Ewf2Image {
    pub(super) fn new(
        parts: Vec<Part>,
        (tables, method): (Vec<TableRef>, Method),
        chunk_bytes: u64,
        description: Description,
        hashed: Vec<(usize, Section)>,
    ) -> Self {
        let chunks = ChunkCache::new(chunk_bytes, description.size_bytes);
        Self { parts, tables, method, description, chunks, loaded: TableCache::new(), hashed }
    }

    /// Fills `out`, which is as long as the chunk, with the chunk.
    fn read_chunk(&self, chunk: u64, out: &mut [u8]) -> Result<(), Cause> {
        let missing = || Cause::Unreadable(format!("chunk {chunk} is in no segment at hand"));
        let index = self.tables.partition_point(|table| table.first_chunk <= chunk).checked_sub(1);
        let (index, table) = index.and_then(|index| Some((index, self.tables.get(index)?))).ok_or_else(missing)?;
        let within = chunk.saturating_sub(table.first_chunk);
        if within >= u64::from(table.count) {
            return Err(missing());
        }
        let part = self.parts.get(table.part).ok_or_else(missing)?;
        let loaded = self.loaded.get(index, || table::load(part, table));
        let entries = loaded.as_ref().as_ref().map_err(|text| Cause::Corrupt(text.clone()))?;
        let entry = usize::try_from(within).ok().and_then(|within| entries.get(within)).ok_or_else(missing)?;
        STORED.with_borrow_mut(|stored| self.read_entry(part, entry, stored, out)).map_err(|text| {
            let range = self.chunks.range(chunk);
            let sector = u64::from(self.description.sector_bytes).max(1);
            let (first, last) = (range.offset / sector, range.end().saturating_sub(1) / sector);
            Cause::Corrupt(format!(
                "chunk {chunk} (sectors {first} to {last}) in {} at offset {} (0x{:x}): {text}",
                part.name, entry.offset, entry.offset
            ))
        })
    }

    fn read_entry(&self, part: &Part, entry: &Entry, stored: &mut Vec<u8>, out: &mut [u8]) -> Result<(), String> {
        if entry.is_pattern() {
            return fill(entry, out);
        }
        stored_bytes(part, entry, self.chunks.chunk_bytes(), stored)?;
        if entry.flags & CHUNK_COMPRESSED != 0 {
            let taken = self.method.exact(stored, out)?;
            let more = stored.len().saturating_sub(taken);
            return if more <= PADDING_MAX { Ok(()) } else { Err(format!("{more} bytes follow the compressed chunk")) };
        }
        let (bytes, rest) = stored.split_at_checked(out.len()).unwrap_or_default();
        let checked = entry.flags & CHUNK_CHECKSUM != 0;
        if bytes.len() != out.len() || rest.len() != if checked { CHECKSUM_BYTES } else { 0 } {
            return Err(format!("{} bytes stored for a chunk of {}", stored.len(), out.len()));
        }
        let (expected, computed) = (u32_at(rest, 0), adler32(bytes));
        if checked && expected != computed {
            return Err(format!("checksum {expected:08x}, computed {computed:08x}"));
        }
        out.copy_from_slice(bytes);
        Ok(())
    }
}

impl Entry {
    /// Whether nothing is stored but a pattern. The flag counts only together with the one for compression.
    fn is_pattern(&self) -> bool {
        self.flags & (CHUNK_COMPRESSED | CHUNK_PATTERN) == CHUNK_COMPRESSED | CHUNK_PATTERN
    }
}

/// Fills a chunk with its pattern of 8 bytes.
fn fill(entry: &Entry, out: &mut [u8]) -> Result<(), String> {
    // The document says size 0, libewf writes 8.
    if !matches!(entry.length, 0 | 8) {
        return Err(format!("a pattern of {} bytes", entry.length));
    }
    let pattern = entry.offset.to_le_bytes();
    for piece in out.chunks_mut(pattern.len()) {
        piece.copy_from_slice(pattern.get(..piece.len()).unwrap_or_default());
    }
    Ok(())
}

/// Reads what is stored of a chunk.
fn stored_bytes(part: &Part, entry: &Entry, chunk_bytes: u64, stored: &mut Vec<u8>) -> Result<(), String> {
    // Deflate never grows a chunk by more than a few bytes for each 16 KiB; anything longer is a broken table.
    let longest = chunk_bytes.saturating_add(chunk_bytes / 512).saturating_add(1024);
    let length = u64::from(entry.length);
    if length == 0 || length > longest || entry.offset.saturating_add(length) > part.source.size() {
        return Err(format!("a length of {length} bytes is not possible"));
    }
    stored.resize(usize::try_from(length).unwrap_or(0), 0);
    part.source.read_at(entry.offset, stored).map_err(|fault| fault.to_string())
}

/// Bytes that the last chunk of `table` unpacks to; `None` if it cannot be read.
pub(super) fn last_chunk(part: &Part, table: &TableRef, method: Method, chunk_bytes: u64) -> Option<u64> {
    let entries = table::load(part, table).ok()?;
    let entry = entries.last()?;
    if entry.is_pattern() {
        return Some(chunk_bytes);
    }
    if entry.flags & CHUNK_COMPRESSED == 0 {
        let checksum = if entry.flags & CHUNK_CHECKSUM != 0 { CHECKSUM_BYTES as u64 } else { 0 };
        return u64::from(entry.length).checked_sub(checksum).filter(|length| *length <= chunk_bytes);
    }
    let mut stored = Vec::new();
    stored_bytes(part, entry, chunk_bytes, &mut stored).ok()?;
    method.bounded(&stored, usize::try_from(chunk_bytes).ok()?).ok().map(|bytes| bytes.len() as u64)
}

/// Compares the MD5 of a section with the one in its descriptor.
pub(super) fn check_hash(part: &Part, section: &Section) -> Option<Finding> {
    let mut digester = algorithm("md5")?.start();
    let mut piece = vec![0; 64 * 1024];
    let mut at = section.data();
    while at < section.offset {
        let length = usize::try_from(section.offset.saturating_sub(at)).unwrap_or(usize::MAX).min(piece.len());
        let out = piece.get_mut(..length)?;
        if let Err(fault) = part.source.read_at(at, out) {
            return Some(mismatch("ewf2-unreadable", part, &title(section.kind), at, fault.to_string()));
        }
        digester.update(out);
        at = at.saturating_add(length as u64);
    }
    let computed = digester.digest();
    (computed.bytes() != section.md5).then(|| {
        let text = format!("MD5 {}, computed {computed}", exhibit_evidence::to_hex(&section.md5));
        mismatch("ewf2-section-digest", part, &title(section.kind), section.data(), text)
    })
}

impl Source for Ewf2Image {
    fn size(&self) -> u64 {
        self.description.size_bytes
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.chunks.read(at, buf, &|chunk, out| self.read_chunk(chunk, out))
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        super::super::ewf::known_gaps(&self.description.gaps, range)
    }
}

impl Image for Ewf2Image {
    fn description(&self) -> &Description {
        &self.description
    }

    fn check_structure(&self, tell: &mut dyn FnMut(Finding)) {
        for table in &self.tables {
            let Some(part) = self.parts.get(table.part) else { continue };
            if let Err(text) = table::load(part, table) {
                tell(mismatch("ewf2-table", part, "sector table", table.entries_at, text));
            }
        }
        for (index, section) in &self.hashed {
            self.parts.get(*index).and_then(|part| check_hash(part, section)).into_iter().for_each(&mut *tell);
        }
    }

    fn unit_bytes(&self) -> u64 {
        self.chunks.chunk_bytes()
    }
}
