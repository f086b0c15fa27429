//! exFAT: a bitmap of the cluster heap, named by an entry of the root folder (Microsoft's published specification).

use exhibit_evidence::ByteRange;

use super::volume::{Volume, u32_le, u64_le};
use super::{Problem, Runs, Used};

const ENTRY_BITMAP: u8 = 0x81;
const ENTRY_END: u8 = 0;
/// Clusters of the root folder that are looked through; the bitmap is among its first entries.
const ROOT_CLUSTERS_MAX: u64 = 64;
/// The first cluster has this number.
const FIRST_CLUSTER: u64 = 2;

struct Heap {
    table_at: u64,
    heap_at: u64,
    cluster_bytes: u64,
    clusters: u64,
    root: u64,
}

impl Heap {
    fn parse(boot: &[u8]) -> Option<Self> {
        let sector_shift = u32::from(*boot.get(108)?);
        let cluster_shift = u32::from(*boot.get(109)?).checked_add(sector_shift)?;
        if !(9..=12).contains(&sector_shift) || cluster_shift > 25 {
            return None;
        }
        Some(Self {
            table_at: u32_le(boot, 80)? << sector_shift,
            heap_at: u32_le(boot, 88)? << sector_shift,
            cluster_bytes: 1 << cluster_shift,
            clusters: u32_le(boot, 92)?,
            root: u32_le(boot, 96)?,
        })
    }

    fn at(&self, cluster: u64) -> Option<u64> {
        let index = cluster.checked_sub(FIRST_CLUSTER).filter(|index| *index < self.clusters)?;
        index.checked_mul(self.cluster_bytes)?.checked_add(self.heap_at)
    }

    /// The cluster after `cluster` in its chain.
    fn next(&self, volume: &Volume<'_>, cluster: u64) -> Option<u64> {
        let entry = volume.bytes(self.table_at.checked_add(cluster.checked_mul(4)?)?, 4)?;
        u32_le(&entry, 0)
    }

    /// The bitmap's first cluster and length, from the root folder.
    fn bitmap(&self, volume: &Volume<'_>) -> Option<(u64, u64)> {
        let mut cluster = self.root;
        for _ in 0..ROOT_CLUSTERS_MAX {
            // The beginning of a large cluster is enough: this entry is one of the first.
            let length = self.cluster_bytes.min(super::volume::PIECE_BYTES);
            let bytes = volume.bytes(self.at(cluster)?, length)?;
            for entry in bytes.as_chunks::<32>().0 {
                match entry[0] {
                    ENTRY_END => return None,
                    // Bit 0 of the flags says that it is the second of two; only TexFAT has one.
                    ENTRY_BITMAP if entry[1] & 1 == 0 => return Some((u32_le(entry, 20)?, u64_le(entry, 24)?)),
                    _ => {}
                }
            }
            cluster = self.next(volume, cluster)?;
        }
        None
    }
}

pub(super) fn used(volume: &Volume<'_>) -> Result<Used, Problem> {
    let boot = volume.bytes(0, 512).ok_or("its boot sector cannot be read")?;
    let heap = Heap::parse(&boot).ok_or("its boot sector does not add up")?;
    let (mut cluster, length) = heap.bitmap(volume).ok_or("its allocation bitmap was not found")?;
    if length < heap.clusters.div_ceil(8) {
        return Err("its allocation bitmap is shorter than its clusters".into());
    }
    let mut runs = Runs::new(heap.heap_at, heap.cluster_bytes);
    runs.bytes(ByteRange::new(0, heap.heap_at.min(volume.size())))?;
    let (mut done, mut unread) = (0_u64, 0_u64);
    let needed = heap.clusters.div_ceil(8);
    while done < needed {
        let at = heap.at(cluster).ok_or("its allocation bitmap leaves the cluster heap")?;
        let here = heap.cluster_bytes.min(needed.saturating_sub(done));
        let lost = volume.pieces(at, here, |from, bytes| {
            runs.bitmap(done.saturating_add(from).saturating_mul(8), bytes, heap.clusters)
        })?;
        unread = unread.saturating_add(lost);
        done = done.saturating_add(here);
        if done < needed {
            cluster = heap.next(volume, cluster).ok_or("the chain of its allocation bitmap cannot be read")?;
        }
    }
    Ok(Used { runs, unread })
}
