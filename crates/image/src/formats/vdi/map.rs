//! From a place of the medium to its block.

use exhibit_evidence::{ByteRange, Cause, Finding};

use super::layout::{Header, UNALLOCATED, ZERO};
use crate::complain::Complain;
use crate::layered::{BlockMap, Place, Run};
use crate::paged::Paged;

/// The block map of a VDI.
pub(super) struct VdiMap {
    pub(super) file: Paged,
    pub(super) name: String,
    pub(super) header: Header,
}

impl VdiMap {
    /// The entry of block `index`, and where it lies.
    fn entry(&self, index: u64) -> Result<(u32, u64), Cause> {
        if index >= u64::from(self.header.blocks) {
            return Err(Cause::Corrupt(format!("{}: the block map ends before block {index}", self.name)));
        }
        let entry_at = u64::from(self.header.blocks_offset).saturating_add(index.saturating_mul(4));
        Ok((u32::from_le_bytes(self.file.entry(entry_at)?), entry_at))
    }

    /// Where the contents of the block with this entry begin.
    fn offset(&self, entry: u32) -> u64 {
        let (block, extra) = (u64::from(self.header.block_bytes), u64::from(self.header.block_extra_bytes));
        let before = u64::from(entry).saturating_mul(block.saturating_add(extra));
        u64::from(self.header.data_offset).saturating_add(before).saturating_add(extra)
    }
}

impl BlockMap for VdiMap {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let block = u64::from(self.header.block_bytes).max(1);
        let (index, within) = (at / block, at % block);
        let (entry, _) = self.entry(index)?;
        let place = match entry {
            UNALLOCATED => Place::Below,
            ZERO => Place::Zero,
            entry => Place::Stored { file: 0, offset: self.offset(entry).saturating_add(within) },
        };
        Ok(Run { length: block.saturating_sub(within), place })
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        let mut complain = Complain::new(format!("{}: block map", self.name), tell);
        let (block, size) = (u64::from(self.header.block_bytes).max(1), self.header.disk_bytes);
        let mut stored = 0_u64;
        for index in 0..size.div_ceil(block).min(u64::from(self.header.blocks)) {
            let range = ByteRange::new(index.saturating_mul(block), block).intersect(ByteRange::new(0, size));
            match self.entry(index) {
                Ok((UNALLOCATED | ZERO, _)) => {}
                Ok((entry, entry_at)) => {
                    stored = stored.saturating_add(1);
                    let end = self.offset(entry).saturating_add(range.length);
                    if end > self.file.size() {
                        let text =
                            format!("block {index} (medium {range}) ends at {end}, the file at {}", self.file.size());
                        complain.mismatch("vdi-block-outside", entry_at, text);
                    }
                }
                Err(cause) => {
                    complain.mismatch("vdi-map-cut", u64::from(self.header.blocks_offset), cause.to_string());
                    break;
                }
            }
        }
        if stored != u64::from(self.header.blocks_allocated) {
            let text = format!("{} blocks are stored by the header, {stored} by the map", self.header.blocks_allocated);
            complain.mismatch("vdi-block-count", 388, text);
        }
        complain.finish();
    }
}
