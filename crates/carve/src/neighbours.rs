//! What whole files around a torn one tell about its gap: where it cannot end, and how large clusters are.

use exhibit_evidence::ByteRange;

use crate::fragments::{Gaps, SECTOR_BYTES};

/// Files that must agree before a cluster size is taken for known, and how many of a hundred.
const FILES_LEAST: usize = 16;
const AGREEING_LEAST: usize = 90;
/// Largest cluster size looked for, in bytes.
const CLUSTER_MOST: u64 = 32_768;
/// Neighbours handed to one fragment search.
const TAKEN_MOST: usize = 256;

/// Whole files that were found, sorted; files within files are left out.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    extents: Vec<ByteRange>,
    /// Where the first extents of files begin.
    starts: Vec<u64>,
}

impl Neighbours {
    /// Of the `extents` of whole files, the first one of each file being marked.
    pub(crate) fn new(extents: impl Iterator<Item = (ByteRange, bool)>) -> Self {
        let mut all: Vec<(ByteRange, bool)> = extents.filter(|(extent, _)| !extent.is_empty()).collect();
        // The longer one first where two begin together: it contains the other.
        all.sort_unstable_by_key(|(extent, _)| (extent.offset, std::cmp::Reverse(extent.length)));
        let mut kept = Self::default();
        let mut end = 0_u64;
        for (extent, is_first) in all {
            if extent.offset < end {
                continue;
            }
            end = extent.end();
            kept.extents.push(extent);
            if is_first {
                kept.starts.push(extent.offset);
            }
        }
        kept
    }

    /// Which gaps to try for a torn file at `offset`, seen to be broken after `seen` bytes.
    pub(crate) fn gaps(&self, offset: u64, seen: u64, clusters: u64) -> Gaps {
        let mut gaps = Gaps { clusters, cluster: self.cluster(offset), taken: Vec::new() };
        let end = offset.saturating_add(seen).saturating_add(gaps.longest());
        let first = self.extents.partition_point(|extent| extent.end() <= offset);
        let here = self.extents.iter().skip(first).take_while(|extent| extent.offset < end);
        let own = |extent: &&ByteRange| extent.offset > offset;
        let relative = |extent: &ByteRange| ByteRange::new(extent.offset.saturating_sub(offset), extent.length);
        gaps.taken = here.filter(own).take(TAKEN_MOST).map(relative).collect();
        gaps
    }

    /// The largest cluster size on whose grid nearly all files begin, this one included.
    fn cluster(&self, offset: u64) -> Option<u64> {
        if self.starts.len() < FILES_LEAST {
            return None;
        }
        let sizes = std::iter::successors(Some(CLUSTER_MOST), |size| Some(size / 2));
        let agree = |size: &u64| {
            let count = self.starts.iter().filter(|start| start.abs_diff(offset).is_multiple_of(*size)).count();
            count.saturating_mul(100) >= self.starts.len().saturating_mul(AGREEING_LEAST)
        };
        sizes.take_while(|size| *size > SECTOR_BYTES).find(agree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(starts: impl Iterator<Item = u64>) -> Neighbours {
        Neighbours::new(starts.map(|start| (ByteRange::new(start, 700), true)))
    }

    #[test]
    fn the_cluster_size_is_that_of_nearly_all_files_or_not_known() {
        let grid = |count: u64| (0..count).map(|index| 7 * 512 + index * 3 * 2048);
        assert_eq!(files(grid(20)).gaps(7 * 512 + 2048, 0, 64).cluster, Some(2048));
        assert_eq!(files(grid(15)).gaps(7 * 512, 0, 64).cluster, None, "too few files");
        assert_eq!(files(grid(20)).gaps(8 * 512, 0, 64).cluster, None, "not on their grid");
        assert_eq!(files(grid(20).chain([100_000_512])).gaps(7 * 512, 0, 64).cluster, Some(2048), "one stray file");
        assert_eq!(files(grid(20).chain((1..9).map(|n| 100_000_000 + n * 1000))).gaps(7 * 512, 0, 64).cluster, None);
    }

    #[test]
    fn files_behind_a_torn_one_are_taken_and_files_within_files_do_not_count() {
        let range = ByteRange::new;
        let all = [range(100, 50), range(1000, 5000), range(1200, 100), range(9000, 10), range(1 << 40, 9)];
        let known = Neighbours::new(all.into_iter().map(|extent| (extent, true)));
        assert_eq!(known.gaps(500, 600, 64).taken, [range(500, 5000), range(8500, 10)]);
    }
}
