//! QCOW2 (QEMU's docs/interop/qcow2).
//!
//! ```text
//! 0   4   signature, u32BE version; 20 u32BE bits of a cluster; 24 u64BE size of the disk; 36 u32BE entries of the first table (L1)
//! 40  …   u64BE L1, u64BE table of reference counts, u32BE its clusters; 96 (version 3) features, 100 bits of a count
//! L1, L2  u64BE: bits 9 to 55 where a cluster is (bit 62: compressed); L2 tables of a cluster each
//! ```
//!
//! The reference counts say which clusters are in use, and every one of them that tables name must be. The file ends with the
//! last cluster that is counted; of a compressed last one with its last sector. There is no checksum: *consistent*.

use exhibit_evidence::ByteRange;

use super::ENTRIES_MOST;
use crate::stop::{Progress, Stop};
use crate::verdict::{Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

const PLACE: u64 = 0x00ff_ffff_ffff_fe00;

struct Disk {
    cluster: u64,
    /// The end of the last byte that is named.
    named: u64,
    data: u64,
    /// Where compressed clusters end: at any sector.
    has_compressed: bool,
    /// End of the last table.
    anchored: u64,
}

pub(super) fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let version = window.u32_be(4)?;
    let bits = window.u32_be(20)?;
    let size = long(window, 24)?;
    let (entries, l1) = (u64::from(window.u32_be(36)?), long(window, 40)?);
    let (counts, count_clusters) = (long(window, 48)?, u64::from(window.u32_be(56)?));
    let snapshots = window.u32_be(60)?;
    let (features, order, header) = match version {
        2 => (0, 4, 72),
        _ => (long(window, 72)?, window.u32_be(96)?, window.u32_be(100)?),
    };
    let bad = |what: &str| Stop::bad(0, what.to_owned());
    if !(9..=21).contains(&bits) || order > 6 || !(72..=65_536).contains(&header) {
        return Err(bad("a header that no QCOW2 has"));
    }
    let cluster = 1_u64 << bits;
    let per_table = cluster / 8;
    let aligned = |place: u64| place.is_multiple_of(cluster) && place > 0;
    if !aligned(l1) || !aligned(counts) || count_clusters == 0 || entries > ENTRIES_MOST {
        return Err(bad("tables that lie between clusters"));
    }
    if size.div_ceil(cluster).div_ceil(per_table) > entries {
        return Err(bad("a first table too short for the disk"));
    }
    progress.level = Level::Header;
    // Data in another file, extended entries.
    if features & !0b1011 != 0 || snapshots != 0 {
        return Err(bad("a kind of QCOW2 that is not followed: with snapshots, extended entries or data elsewhere"));
    }
    let table_ends = counts.saturating_add(count_clusters.saturating_mul(cluster));
    let mut disk = Disk { cluster, named: table_ends, data: 0, has_compressed: false, anchored: table_ends };
    disk.name(l1, entries.saturating_mul(8).div_ceil(cluster).saturating_mul(cluster));
    disk.tables(window, l1, entries, size)?;
    let last = disk.counted(window, counts, count_clusters.saturating_mul(per_table), order)?;
    let counted = last.saturating_mul(cluster);
    // The last cluster may be shorter on disk than in the count: that of a new disk's first table, and a compressed one.
    let table_end = l1.saturating_add(entries.saturating_mul(8));
    let end = if table_end > counted.saturating_sub(cluster) && table_end <= counted && disk.data == 0 {
        table_end
    } else if disk.has_compressed {
        disk.named.next_multiple_of(512).min(counted)
    } else {
        counted
    };
    if disk.named > counted || counted.saturating_sub(disk.named) > cluster.saturating_mul(2) {
        return Err(Stop::bad(counts, "the reference counts do not go with the tables"));
    }
    progress.level = Level::Body;
    window.readable(ByteRange::between(0, end))?;
    let reasons = [
        format!("{} clusters of {cluster} bytes named by tables that lie in the file", disk.data),
        "the reference counts end with the last of them".to_owned(),
        "the format has no checksum".to_owned(),
    ];
    Ok(consistent(progress.file_type, end, reasons).anchored_to(disk.anchored))
}

fn long(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    Ok(u64::from_be_bytes(window.array::<8>(at)?))
}

impl Disk {
    fn name(&mut self, at: u64, length: u64) {
        self.named = self.named.max(at.saturating_add(length));
    }

    fn tables(&mut self, window: &mut Window<'_>, l1: u64, entries: u64, size: u64) -> Result<(), Stop> {
        let per_table = self.cluster / 8;
        let mut clusters = size.div_ceil(self.cluster);
        for index in 0..entries {
            window.budget.pay(4)?;
            let entry = long(window, l1.saturating_add(index.saturating_mul(8)))?;
            let (table, here) = (entry & PLACE, clusters.min(per_table));
            clusters = clusters.saturating_sub(here);
            if table == 0 {
                continue;
            }
            if !table.is_multiple_of(self.cluster) {
                return Err(Stop::bad(l1, "a table that lies between clusters"));
            }
            self.name(table, self.cluster);
            self.anchored = self.anchored.max(table.saturating_add(self.cluster));
            let bytes = usize::try_from(self.cluster.min(crate::window::WINDOW_BYTES as u64)).unwrap_or(0);
            for part in 0..self.cluster.div_ceil(bytes as u64) {
                let at = table.saturating_add(part.saturating_mul(bytes as u64));
                let piece = window.exact(at, bytes)?.to_vec();
                window.budget.pay(per_table)?;
                piece.as_chunks::<8>().0.iter().try_for_each(|entry| self.entry(u64::from_be_bytes(*entry), table))?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: u64, table: u64) -> Result<(), Stop> {
        if entry & 1 << 62 != 0 {
            let bits = 62_u32.saturating_sub(self.cluster.trailing_zeros().saturating_sub(8));
            let place = entry & ((1_u64 << bits) - 1);
            let sectors = (entry & ((1 << 62) - 1)) >> bits;
            self.has_compressed = true;
            self.named = self.named.max(place / 512 * 512 + (sectors + 1) * 512);
            self.data = self.data.saturating_add(1);
        } else if entry & PLACE != 0 {
            if !(entry & PLACE).is_multiple_of(self.cluster) {
                return Err(Stop::bad(table, "data that lies between clusters"));
            }
            self.name(entry & PLACE, self.cluster);
            self.data = self.data.saturating_add(1);
        }
        Ok(())
    }

    /// One more than the number of the last cluster with a count.
    fn counted(&mut self, window: &mut Window<'_>, at: u64, entries: u64, order: u32) -> Result<u64, Stop> {
        let per_block = self.cluster.saturating_mul(8) >> order;
        let mut last = 0_u64;
        for index in 0..entries {
            window.budget.pay(1)?;
            let block = long(window, at.saturating_add(index.saturating_mul(8)))? & PLACE;
            if block == 0 {
                continue;
            }
            if !block.is_multiple_of(self.cluster) {
                return Err(Stop::bad(at, "counts that lie between clusters"));
            }
            self.name(block, self.cluster);
            let mut highest = None;
            let mut offset = 0_u64;
            window.each(ByteRange::new(block, self.cluster), |bytes| {
                if let Some(place) = bytes.iter().rposition(|byte| *byte != 0) {
                    highest = Some(offset.saturating_add(place as u64));
                }
                offset = offset.saturating_add(bytes.len() as u64);
            })?;
            if let Some(highest) = highest {
                let count = highest.saturating_mul(8) >> order;
                last = last.max(index.saturating_mul(per_block).saturating_add(count).saturating_add(1));
            }
        }
        Ok(last)
    }
}
