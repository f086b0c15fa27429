//! From a place of the medium to its block and sector.

use exhibit_evidence::{ByteRange, Cause, Finding};

use super::layout::{SECTOR_BYTES, UNUSED};
use crate::complain::Complain;
use crate::layered::{BlockMap, Place, Run};
use crate::paged::Paged;

/// Where the bytes of a VHD are.
pub(super) enum VhdMap {
    /// The medium is the file without its footer.
    Fixed {
        /// Name of the file.
        name: String,
        /// Where the footer begins.
        data_end: u64,
    },
    /// Blocks in any order.
    Blocks(Blocks),
}

/// The block table of a dynamic or differencing disk.
pub(super) struct Blocks {
    pub(super) file: Paged,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) table_offset: u64,
    pub(super) entries: u32,
    pub(super) block_bytes: u64,
    pub(super) bitmap_bytes: u64,
    pub(super) differencing: bool,
    /// Where the last block must end: at the footer.
    pub(super) data_end: u64,
}

impl Blocks {
    /// Where the bitmap of a block begins; `None` if the block is not in the file.
    fn block(&self, index: u64) -> Result<Option<u64>, Cause> {
        if index >= u64::from(self.entries) {
            return Err(Cause::Corrupt(format!("{}: the block table ends before block {index}", self.name)));
        }
        let entry_at = self.table_offset.saturating_add(index.saturating_mul(4));
        let sector = u32::from_be_bytes(self.file.entry(entry_at)?);
        Ok((sector != UNUSED).then(|| u64::from(sector).saturating_mul(SECTOR_BYTES)))
    }

    /// How far the sectors from `within` on are alike in the bitmap, and whether they are in this file.
    fn sectors(&self, bitmap_at: u64, within: u64) -> Result<(u64, bool), Cause> {
        let mut bitmap = vec![0; usize::try_from(self.bitmap_bytes).unwrap_or(0)];
        self.file.fill(bitmap_at, &mut bitmap)?;
        let here = |sector: u64| {
            let byte = usize::try_from(sector / 8).ok().and_then(|at| bitmap.get(at)).copied().unwrap_or(0);
            byte & (0x80_u8 >> (sector % 8)) != 0
        };
        let first = within / SECTOR_BYTES;
        let present = here(first);
        let alike =
            (first..self.block_bytes / SECTOR_BYTES).take_while(|&sector| here(sector) == present).count() as u64;
        Ok((alike.saturating_mul(SECTOR_BYTES).saturating_sub(within % SECTOR_BYTES), present))
    }

    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let (index, within) = (at / self.block_bytes, at % self.block_bytes);
        let left = self.block_bytes.saturating_sub(within);
        let Some(bitmap_at) = self.block(index)? else {
            return Ok(Run { length: left, place: Place::Below });
        };
        // In a dynamic disk the bits only say which sectors were ever written; the others are zero in the block.
        let (length, present) = if self.differencing { self.sectors(bitmap_at, within)? } else { (left, true) };
        if !present {
            return Ok(Run { length, place: Place::Below });
        }
        let offset = bitmap_at.saturating_add(self.bitmap_bytes).saturating_add(within);
        let stored = self.data_end.saturating_sub(offset).min(length);
        if stored == 0 {
            return Err(Cause::Corrupt(format!(
                "{}: block {index} should lie at {bitmap_at} (0x{bitmap_at:x}), the blocks end at {}",
                self.name, self.data_end
            )));
        }
        Ok(Run { length: stored, place: Place::Stored { file: 0, offset } })
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        let mut complain = Complain::new(format!("{}: block table", self.name), tell);
        let blocks = self.size.div_ceil(self.block_bytes);
        for index in 0..blocks.min(u64::from(self.entries)) {
            let entry_at = self.table_offset.saturating_add(index.saturating_mul(4));
            let range = ByteRange::new(index.saturating_mul(self.block_bytes), self.block_bytes);
            let range = range.intersect(ByteRange::new(0, self.size));
            match self.block(index) {
                Ok(None) => {}
                Ok(Some(at)) => {
                    let end = at.saturating_add(self.bitmap_bytes).saturating_add(range.length);
                    if end > self.data_end {
                        let text = format!(
                            "block {index} (medium {range}) ends at {end}, the blocks end at {}",
                            self.data_end
                        );
                        complain.mismatch("vhd-block-outside", entry_at, text);
                    } else if at < self.table_offset.saturating_add(u64::from(self.entries).saturating_mul(4)) {
                        complain.mismatch(
                            "vhd-block-in-header",
                            entry_at,
                            format!("block {index} begins at {at}, in the headers"),
                        );
                    }
                }
                Err(cause) => {
                    complain.mismatch("vhd-table-cut", entry_at, cause.to_string());
                    break;
                }
            }
        }
        complain.finish();
    }
}

impl BlockMap for VhdMap {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        match self {
            Self::Fixed { name, data_end } => match data_end.saturating_sub(at) {
                0 => Err(Cause::Corrupt(format!("{name}: the data end at {data_end}, before the medium"))),
                length => Ok(Run { length, place: Place::Stored { file: 0, offset: at } }),
            },
            Self::Blocks(blocks) => blocks.locate(at),
        }
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        if let Self::Blocks(blocks) = self {
            blocks.check(tell);
        }
    }
}
