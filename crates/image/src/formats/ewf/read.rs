//! Reading the medium out of its chunks.

use std::cell::RefCell;

use exhibit_evidence::{ByteRange, Cause, Finding, Known, ReadFault, Severity, Source};

use super::geometry::Geometry;
use super::layout::{CHECKSUM_BYTES, adler32, u32_at};
use super::section::mismatch;
use super::table::{self, Entry, TableRef};
use crate::chunk_cache::ChunkCache;
use crate::inflate::inflate_exact;
use crate::table_cache::{Loaded, TableCache};
use crate::{Description, Image, Part};

/// An opened E01.
pub(super) struct EwfImage {
    parts: Vec<Part>,
    tables: Vec<TableRef>,
    geometry: Geometry,
    description: Description,
    /// The medium as stored, which may be longer than the medium by less than a sector.
    chunks: ChunkCache,
    loaded: TableCache<Entry>,
}

thread_local! {
    /// Compressed bytes of one chunk, used again for each.
    static COMPRESSED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl EwfImage {
    pub(super) fn new(parts: Vec<Part>, tables: Vec<TableRef>, geometry: Geometry, description: Description) -> Self {
        let chunks = ChunkCache::new(geometry.chunk_bytes, description.size_bytes);
        Self { parts, tables, geometry, description, chunks, loaded: TableCache::new() }
    }

    /// Takes the true length from the notes for the size of the medium, if it fits the last sector and only zeros
    /// follow it. Whoever can make an image could otherwise hide bytes there.
    pub(super) fn pad(&mut self, length: u64, stored_bytes: u64, mut description: Description) -> Option<Finding> {
        let place = self.parts.first().map(|part| part.name.clone()).unwrap_or_default();
        let padding = stored_bytes.saturating_sub(length);
        if length > stored_bytes || padding == 0 || padding >= u64::from(self.geometry.sector_bytes) {
            let text = format!(
                "the notes tell a source length of {length} bytes, which {stored_bytes} stored bytes cannot be"
            );
            return Some(Finding::new(Severity::Note, "ewf-source-length", place, text));
        }
        let mut tail = vec![0; usize::try_from(padding).unwrap_or(0)];
        let readable = self.read_stored(length, &mut tail);
        if readable.is_ok() && tail.iter().any(|&byte| byte != 0) {
            let text = format!(
                "the notes tell a source length of {length} bytes, but what follows is not zero; all of it is shown"
            );
            return Some(Finding::new(Severity::Mismatch, "ewf-source-length", place, text));
        }
        // The last sector may be marked as unread as a whole: of its padding there is nothing to say.
        description.gaps.retain(|gap| gap.offset < length);
        description.gaps.iter_mut().for_each(|gap| *gap = gap.intersect(ByteRange::new(0, length)));
        description.size_bytes = length;
        description.padding_bytes = u32::try_from(padding).unwrap_or(0);
        self.description = description;
        None
    }

    /// The table that holds `chunk`, and its index.
    fn table_of(&self, chunk: u64) -> Option<(usize, &TableRef)> {
        let index = self.tables.partition_point(|table| table.first_chunk <= chunk).checked_sub(1)?;
        let table = self.tables.get(index)?;
        (chunk.saturating_sub(table.first_chunk) < u64::from(table.count)).then_some((index, table))
    }

    fn entries(&self, index: usize, table: &TableRef) -> Loaded<Entry> {
        self.loaded.get(index, || match self.parts.get(table.part) {
            Some(part) => table::load(part, table, &mut Vec::new()),
            None => Err("the segment is missing".to_owned()),
        })
    }

    /// Fills `out`, which is as long as the chunk, with the chunk.
    fn read_chunk(&self, chunk: u64, out: &mut [u8]) -> Result<(), Cause> {
        let Some((index, table)) = self.table_of(chunk) else {
            return Err(Cause::Unreadable(format!("chunk {chunk} is in no segment at hand")));
        };
        let loaded = self.entries(index, table);
        let entries = loaded.as_ref().as_ref().map_err(|text| Cause::Corrupt(text.clone()))?;
        let within = usize::try_from(chunk.saturating_sub(table.first_chunk)).unwrap_or(usize::MAX);
        let (Some(entry), Some(part)) = (entries.get(within), self.parts.get(table.part)) else {
            return Err(Cause::Corrupt(format!("chunk {chunk} has no table entry")));
        };
        COMPRESSED.with_borrow_mut(|stored| {
            self.read_entry(part, entry, stored, out).map_err(|text| {
                let range = self.chunks.range(chunk);
                let sector = u64::from(self.description.sector_bytes).max(1);
                Cause::Corrupt(format!(
                    "chunk {chunk} (sectors {} to {}) in {} at offset {} (0x{:x}): {text}",
                    range.offset / sector,
                    range.end().saturating_sub(1) / sector,
                    part.name,
                    entry.offset,
                    entry.offset
                ))
            })
        })
    }

    fn read_entry(&self, part: &Part, entry: &Entry, stored: &mut Vec<u8>, out: &mut [u8]) -> Result<(), String> {
        // Deflate never grows a chunk by more than a few bytes for each 16 KiB; anything longer is a broken table.
        let longest = self.chunks.chunk_bytes().saturating_add(self.chunks.chunk_bytes() / 512).saturating_add(1024);
        let length = u64::from(entry.length);
        if length == 0 || length > longest || entry.offset.saturating_add(length) > part.source.size() {
            return Err(format!("a length of {length} bytes is not possible"));
        }
        let fault = |fault: ReadFault| fault.to_string();
        if entry.compressed {
            stored.resize(usize::try_from(length).unwrap_or(0), 0);
            part.source.read_at(entry.offset, stored).map_err(fault)?;
            let taken = inflate_exact(stored, out)?;
            // Some writers leave four bytes behind the stream; more is not explained by anything.
            return match stored.len().saturating_sub(taken) {
                0 | CHECKSUM_BYTES => Ok(()),
                more => Err(format!("{more} bytes follow the compressed chunk")),
            };
        }
        if length != (out.len() as u64).saturating_add(CHECKSUM_BYTES as u64) {
            return Err(format!("{length} bytes stored, expected {} and a checksum", out.len()));
        }
        // Straight to where it is wanted: a copy would cost more than the second call.
        part.source.read_at(entry.offset, out).map_err(fault)?;
        let mut checksum = [0; CHECKSUM_BYTES];
        part.source.read_at(entry.offset.saturating_add(out.len() as u64), &mut checksum).map_err(fault)?;
        let (expected, computed) = (u32_at(&checksum, 0), adler32(out));
        if expected != computed {
            return Err(format!("checksum {expected:08x}, computed {computed:08x}"));
        }
        Ok(())
    }

    /// Reads anywhere in the medium as stored, padding included.
    fn read_stored(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        self.chunks.read(at, buf, &|chunk, out| self.read_chunk(chunk, out))
    }
}

/// What is known of a range from the gaps that the container lists, in order.
pub(in crate::formats) fn known_gaps(gaps: &[ByteRange], range: ByteRange) -> (ByteRange, Known) {
    let next = gaps.partition_point(|gap| gap.end() <= range.offset);
    match gaps.get(next) {
        Some(gap) if gap.offset <= range.offset && !gap.is_empty() => (range.intersect(*gap), Known::Unreadable),
        Some(gap) if gap.offset < range.end() => (ByteRange::between(range.offset, gap.offset), Known::Data),
        _ => (range, Known::Data),
    }
}

impl Source for EwfImage {
    fn size(&self) -> u64 {
        self.description.size_bytes
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size())?;
        // The last chunk of a padded medium is read whole and cut.
        self.read_stored(at, buf)
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        known_gaps(&self.description.gaps, range)
    }
}

impl Image for EwfImage {
    fn description(&self) -> &Description {
        &self.description
    }

    fn check_structure(&self, tell: &mut dyn FnMut(Finding)) {
        for table in &self.tables {
            let Some(part) = self.parts.get(table.part) else { continue };
            let mut findings = Vec::new();
            if let Err(fault) = table::check(part, table, &mut findings) {
                findings.push(mismatch("ewf-table-unreadable", part, "table", table.entries_at, fault.to_string()));
            }
            findings.into_iter().for_each(&mut *tell);
        }
    }

    fn unit_bytes(&self) -> u64 {
        self.chunks.chunk_bytes()
    }
}
