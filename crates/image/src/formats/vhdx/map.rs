//! From a place of the medium to its block and, in a differencing disk, its sector.

use exhibit_evidence::{ByteRange, Cause, Finding};

use super::layout::{CHUNK_SECTORS, FULLY_PRESENT, MIB, NOT_PRESENT, PARTIALLY_PRESENT, UNDEFINED, UNMAPPED, ZERO};
use crate::complain::Complain;
use crate::layered::{BlockMap, Place, Run};
use crate::paged::Paged;

/// Bytes of a bitmap that are looked at for one run: 4096 sectors.
const BITMAP_PIECE_BYTES: u64 = 512;

/// The block table of a VHDX.
pub(super) struct VhdxMap {
    pub(super) file: Paged,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) block_bytes: u64,
    pub(super) sector_bytes: u64,
    pub(super) table_offset: u64,
    pub(super) table_entries: u64,
    pub(super) differencing: bool,
}

impl VhdxMap {
    /// Blocks of data before each entry for a bitmap.
    pub(super) fn chunk_ratio(sector_bytes: u64, block_bytes: u64) -> u64 {
        CHUNK_SECTORS.saturating_mul(sector_bytes).checked_div(block_bytes).unwrap_or(1).max(1)
    }

    /// Entries of a table for a disk of `size` bytes, those for bitmaps included.
    pub(super) fn entries(size: u64, sector_bytes: u64, block_bytes: u64) -> u64 {
        let blocks = size.div_ceil(block_bytes.max(1));
        blocks.saturating_add(blocks.saturating_sub(1) / Self::chunk_ratio(sector_bytes, block_bytes))
    }

    fn ratio(&self) -> u64 {
        Self::chunk_ratio(self.sector_bytes, self.block_bytes)
    }

    /// Where the entry of a block of data lies.
    fn entry_at(&self, block: u64) -> u64 {
        let index = block.saturating_add(block / self.ratio());
        self.table_offset.saturating_add(index.saturating_mul(8))
    }

    /// State and offset in the entry at `entry_at`.
    fn entry(&self, entry_at: u64) -> Result<(u64, u64), Cause> {
        if entry_at.saturating_sub(self.table_offset) / 8 >= self.table_entries {
            return Err(Cause::Corrupt(format!(
                "{}: the block table ends before {entry_at} (0x{entry_at:x})",
                self.name
            )));
        }
        let entry = u64::from_le_bytes(self.file.entry(entry_at)?);
        Ok((entry & 7, (entry >> 20).saturating_mul(MIB)))
    }

    /// Whether the sector at `at` is in this file, and how far that is so.
    fn sectors(&self, at: u64) -> Result<(u64, bool), Cause> {
        let ratio = self.ratio();
        let chunk_bytes = ratio.saturating_mul(self.block_bytes);
        let (chunk, within) = (at / chunk_bytes, at % chunk_bytes);
        let index = chunk.saturating_mul(ratio.saturating_add(1)).saturating_add(ratio);
        let (state, bitmap) = self.entry(self.table_offset.saturating_add(index.saturating_mul(8)))?;
        if state != FULLY_PRESENT {
            return Err(Cause::Corrupt(format!("{}: chunk {chunk} has no sector bitmap (state {state})", self.name)));
        }
        let first = within / self.sector_bytes;
        let start = bitmap.saturating_add(first / 8);
        let length = MIB.saturating_sub(first / 8).min(BITMAP_PIECE_BYTES);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file.fill(start, &mut bytes)?;
        let here = |sector: u64| {
            let byte =
                usize::try_from((sector / 8).saturating_sub(first / 8)).ok().and_then(|at| bytes.get(at)).copied();
            byte.unwrap_or(0) >> (sector % 8) & 1 != 0
        };
        let end = (first / 8).saturating_add(length).saturating_mul(8);
        let present = here(first);
        let alike = (first..end).take_while(|&sector| here(sector) == present).count() as u64;
        Ok((alike.saturating_mul(self.sector_bytes).saturating_sub(within % self.sector_bytes), present))
    }
}

impl BlockMap for VhdxMap {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let (block, within) = (at / self.block_bytes, at % self.block_bytes);
        let entry_at = self.entry_at(block);
        let (state, offset) = self.entry(entry_at)?;
        let left = self.block_bytes.saturating_sub(within);
        let stored = Place::Stored { file: 0, offset: offset.saturating_add(within) };
        match state {
            NOT_PRESENT => Ok(Run { length: left, place: Place::Below }),
            UNDEFINED | ZERO | UNMAPPED => Ok(Run { length: left, place: Place::Zero }),
            // Nothing of the disk lies in the first MiB: the headers do.
            FULLY_PRESENT if offset >= MIB => Ok(Run { length: left, place: stored }),
            PARTIALLY_PRESENT if offset >= MIB && self.differencing => {
                let (length, here) = self.sectors(at)?;
                Ok(Run { length: length.min(left), place: if here { stored } else { Place::Below } })
            }
            _ => Err(Cause::Corrupt(format!(
                "{}: block table, entry at {entry_at} (0x{entry_at:x}): state {state} at offset {offset} is not possible",
                self.name
            ))),
        }
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        let mut complain = Complain::new(format!("{}: block table", self.name), tell);
        for block in 0..self.size.div_ceil(self.block_bytes) {
            let entry_at = self.entry_at(block);
            let range = ByteRange::new(block.saturating_mul(self.block_bytes), self.block_bytes);
            let range = range.intersect(ByteRange::new(0, self.size));
            let (state, offset) = match self.entry(entry_at) {
                Ok(entry) => entry,
                Err(cause) => {
                    complain.mismatch("vhdx-table-cut", entry_at, cause.to_string());
                    break;
                }
            };
            match state {
                NOT_PRESENT | UNDEFINED | ZERO | UNMAPPED => {}
                FULLY_PRESENT | PARTIALLY_PRESENT if offset.saturating_add(range.length) > self.file.size() => {
                    let text = format!("block {block} (medium {range}) begins at {offset} and ends behind the file");
                    complain.mismatch("vhdx-block-outside", entry_at, text);
                }
                FULLY_PRESENT if offset >= MIB => {}
                PARTIALLY_PRESENT if offset >= MIB && self.differencing => {}
                _ => complain.mismatch(
                    "vhdx-block-state",
                    entry_at,
                    format!("state {state} at offset {offset} is not possible"),
                ),
            }
        }
        complain.finish();
    }
}
