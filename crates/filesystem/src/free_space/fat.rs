//! FAT12, FAT16, FAT32: an entry of the table is 0 if its cluster is free. Clusters marked as bad belong to no file and
//! count as free, for things are hidden there.

use exhibit_evidence::ByteRange;

use super::volume::{Volume, u16_le, u32_le};
use super::{Problem, Runs, Used};

/// A FAT12 has fewer clusters than this, a FAT16 fewer than the second (Microsoft's specification).
const FAT12_CLUSTERS: u64 = 4085;
const FAT16_CLUSTERS: u64 = 65_525;
/// The first two entries of the table stand for no cluster.
const RESERVED_ENTRIES: u64 = 2;

struct Geometry {
    table_at: u64,
    table_bytes: u64,
    data_at: u64,
    cluster_bytes: u64,
    clusters: u64,
    bits: u64,
}

fn geometry(boot: &[u8]) -> Option<Geometry> {
    let sector = u16_le(boot, 11)?;
    let (per_cluster, fats) = (u64::from(*boot.get(13)?), u64::from(*boot.get(16)?));
    let (reserved, root_entries) = (u16_le(boot, 14)?, u16_le(boot, 17)?);
    let total = u16_le(boot, 19).filter(|total| *total != 0).or_else(|| u32_le(boot, 32))?;
    let small_table = u16_le(boot, 22)?;
    let table = if small_table == 0 { u32_le(boot, 36)? } else { small_table };
    let root = root_entries.checked_mul(32)?.div_ceil(sector.max(1));
    let data = reserved.checked_add(fats.checked_mul(table)?)?.checked_add(root)?;
    let clusters = total.checked_sub(data)?.checked_div(per_cluster)?;
    let bits = match clusters {
        _ if small_table == 0 => 32,
        ..FAT12_CLUSTERS => 12,
        FAT12_CLUSTERS..FAT16_CLUSTERS => 16,
        _ => return None,
    };
    Some(Geometry {
        table_at: reserved.checked_mul(sector)?,
        table_bytes: table.checked_mul(sector)?,
        data_at: data.checked_mul(sector)?,
        cluster_bytes: per_cluster.checked_mul(sector)?,
        clusters,
        bits,
    })
}

pub(super) fn used(volume: &Volume<'_>) -> Result<Used, Problem> {
    let boot = volume.bytes(0, 512).ok_or("its boot sector cannot be read")?;
    let geometry = geometry(&boot).ok_or("its boot sector does not add up")?;
    let Geometry { table_at, table_bytes, data_at, cluster_bytes, clusters, bits } = geometry;
    let entries = clusters.saturating_add(RESERVED_ENTRIES);
    let needed = entries.saturating_mul(bits).div_ceil(8);
    if needed > table_bytes {
        return Err("its table is shorter than its clusters".into());
    }
    let mut runs = Runs::new(data_at, cluster_bytes);
    runs.bytes(ByteRange::new(0, data_at.min(volume.size())))?;
    let mut mark = |entry: u64, value: u64| match entry.checked_sub(RESERVED_ENTRIES) {
        Some(cluster) if is_used(value, bits) => runs.add(cluster, 1),
        _ => Ok(()),
    };
    let unread = if bits == 12 {
        // At most 6 KiB: in one piece, because its entries lie across bytes.
        match volume.bytes(table_at, needed) {
            Some(table) => {
                for entry in 0..entries {
                    let at = usize::try_from(entry.saturating_mul(3) / 2).unwrap_or(usize::MAX);
                    // The last entry may end with the table's last byte.
                    let low = table.get(at).copied().map_or(0, u64::from);
                    let high = table.get(at.saturating_add(1)).copied().map_or(0, u64::from);
                    let both = high << 8 | low;
                    mark(entry, if entry % 2 == 0 { both & 0xfff } else { both >> 4 })?;
                }
                0
            }
            None => 1,
        }
    } else {
        let width = bits / 8;
        volume.pieces(table_at, needed, |done, bytes| {
            for (place, entry) in bytes.chunks_exact(usize::try_from(width).unwrap_or(4)).zip(done / width..) {
                let value = if bits == 16 { u16_le(place, 0) } else { u32_le(place, 0) };
                mark(entry, value.unwrap_or(0) & 0x0fff_ffff)?;
            }
            Ok(())
        })?
    };
    Ok(Used { runs, unread })
}

/// Neither free nor bad.
const fn is_used(value: u64, bits: u64) -> bool {
    let bad = match bits {
        12 => 0xff7,
        16 => 0xfff7,
        _ => 0x0fff_fff7,
    };
    value != 0 && value != bad
}
