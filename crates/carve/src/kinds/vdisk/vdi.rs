//! VDI (version 1.1).
//!
//! ```text
//! 64  4   signature, version; 76 u32LE kind (1 grows, 2 fixed); 340 u32LE where the map is, where data begins
//! 368 …   u64LE size of the disk, u32LE block size, extra bytes of each, blocks, blocks that are there
//! map     u32LE for each block: its number in the data, FFFFFFFF none, FFFFFFFE zeros
//! ```
//!
//! Every block that is there must be in the map exactly once. There is no checksum: *consistent*.

use exhibit_evidence::ByteRange;

use super::ENTRIES_MOST;
use crate::stop::{Progress, Stop};
use crate::verdict::{Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

pub(super) fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let header = window.u32_le(72)?;
    let kind = window.u32_le(76)?;
    let (map_at, data_at) = (u64::from(window.u32_le(340)?), u64::from(window.u32_le(344)?));
    let (disk, block) = (window.u64_le(368)?, u64::from(window.u32_le(376)?));
    let (extra, blocks) = (u64::from(window.u32_le(380)?), u64::from(window.u32_le(384)?));
    let there = u64::from(window.u32_le(388)?);
    let map_end = map_at.saturating_add(blocks.saturating_mul(4));
    let fits = block.is_power_of_two() && block >= 4096 && disk.div_ceil(block) == blocks && there <= blocks;
    if !(384..=4096).contains(&header) || !matches!(kind, 1 | 2 | 4) || !fits || map_at < 400 || map_end > data_at {
        return Err(Stop::bad(64, "a header that no VDI has"));
    }
    if blocks > ENTRIES_MOST {
        return Err(Stop::Spent("limit of blocks in a virtual disk"));
    }
    progress.level = Level::Header;
    let _held = window.budget.memory(there)?;
    let mut met = vec![false; usize::try_from(there).unwrap_or(0)];
    for index in 0..blocks {
        window.budget.pay(1)?;
        let entry = window.u32_le(map_at.saturating_add(index.saturating_mul(4)))?;
        if entry >= 0xffff_fffe {
            continue;
        }
        match met.get_mut(entry as usize) {
            Some(met) if !*met => *met = true,
            _ => return Err(Stop::bad(map_at, "a block that is in the map twice, or is not there")),
        }
    }
    if met.contains(&false) {
        return Err(Stop::bad(map_at, "a block that the map does not name"));
    }
    let end = data_at.saturating_add(there.saturating_mul(block.saturating_add(extra)));
    progress.good = map_end;
    progress.level = Level::Body;
    window.readable(ByteRange::between(0, end))?;
    let reasons = [
        format!("{there} blocks of {block} bytes, each of which the map names once"),
        "the format has no checksum".to_owned(),
    ];
    Ok(consistent(progress.file_type, end, reasons).anchored_to(map_end))
}
