//! Files in two pieces: where the first may end, where the second may begin.

use exhibit_evidence::{ByteRange, Concat, ReadFault, Slice, Source};

use crate::budget::Budget;
use crate::kind::{Joined, Kind};
use crate::stop::Stop;
use crate::verdict::{Class, Verdict, Whole};
use crate::window::Window;

/// Cluster sizes to guess, in bytes, the most common first. A file begins at a cluster's start, so both the length of the
/// first fragment and the gap are multiples of the cluster size.
const CLUSTER_BYTES: [u64; 5] = [4096, 2048, 1024, 512, 32_768];

/// Smallest step of a split, in bytes.
pub(crate) const SECTOR_BYTES: u64 = 512;

/// Which gaps may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    /// Longest gap, in clusters.
    pub clusters: u64,
    /// The cluster size in bytes, if the files around tell; then only its multiples are tried.
    pub cluster: Option<u64>,
    /// Where other whole files lie, in bytes from the beginning of the candidate: sorted, none overlapping.
    pub taken: Vec<ByteRange>,
}

impl Gaps {
    /// Cluster sizes to try, the likeliest first.
    fn cluster_sizes(&self) -> impl Iterator<Item = u64> {
        let known = self.cluster;
        let others = CLUSTER_BYTES.into_iter().filter(move |size| known.is_none_or(|of| *size > of));
        known.into_iter().chain(others)
    }

    /// Gap lengths in bytes with the finest cluster that allows them, each once, shorter clusters' counts bounded alike:
    /// ordered by how common the cluster size is, then by length.
    pub(crate) fn lengths(&self) -> Vec<(u64, u64)> {
        let mut lengths: Vec<(u64, u64)> = Vec::new();
        for cluster in self.cluster_sizes() {
            for count in 1..=self.clusters {
                let gap = cluster.saturating_mul(count);
                if !lengths.iter().any(|&(known, with)| known == gap && cluster % with == 0) {
                    lengths.push((gap, cluster));
                }
            }
        }
        lengths
    }

    /// The longest gap that is tried, in bytes.
    pub(crate) fn longest(&self) -> u64 {
        self.clusters.saturating_mul(CLUSTER_BYTES.iter().copied().max().unwrap_or(0))
    }

    /// Gap lengths that fit a first fragment of `split` bytes, in bytes: both are multiples of the same cluster size.
    pub(crate) fn at(&self, split: u64) -> Vec<u64> {
        let clusters = self.cluster_sizes().filter(|cluster| split.is_multiple_of(*cluster));
        let mut gaps: Vec<u64> =
            clusters.flat_map(|cluster| (1..=self.clusters).map(move |count| cluster.saturating_mul(count))).collect();
        gaps.sort_unstable();
        gaps.dedup();
        gaps
    }

    /// The finest step of splits, in bytes.
    pub(crate) fn step(&self) -> u64 {
        self.cluster.unwrap_or(SECTOR_BYTES)
    }

    /// Whether the other files allow this join: no whole file is cut by either end of the gap. A file of our own parts
    /// (a picture in an archive) is not cut, for it would not be whole.
    pub(crate) fn allow(&self, split: u64, gap: u64) -> bool {
        let cuts = |at: u64| self.taken_before(at).is_some_and(|file| at < file.end());
        !cuts(split) && !cuts(split.saturating_add(gap))
    }

    /// As [`Gaps::allow`], for a file that holds no others: its second fragment does not begin another file either.
    pub(crate) fn allow_plain(&self, split: u64, gap: u64) -> bool {
        let second = split.saturating_add(gap);
        self.allow(split, gap) && !self.taken.iter().any(|file| file.offset == second)
    }

    /// The last file that begins before `at`.
    fn taken_before(&self, at: u64) -> Option<&ByteRange> {
        let count = self.taken.partition_point(|file| file.offset < at);
        self.taken.get(count.checked_sub(1)?)
    }
}

/// The candidate with `gap` bytes left out after its first `split` bytes.
pub(crate) fn join(candidate: &dyn Source, split: u64, gap: u64) -> Concat<Slice<&dyn Source>> {
    let second = split.saturating_add(gap);
    let first = Slice::new(candidate, ByteRange::new(0, split));
    Concat::new([first, Slice::new(candidate, ByteRange::between(second, candidate.size()))])
}

/// Judges one join from its first byte; `Some` only if the file is whole, uses the second fragment, and is at least `least`.
pub(crate) fn judge_join(
    kind: &dyn Kind,
    candidate: &dyn Source,
    (split, gap): (u64, u64),
    least: Class,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    if !gaps.allow(split, gap) {
        return Ok(None);
    }
    judge_split(kind, candidate, (split, gap), least, budget)
}

/// As [`judge_join`], whatever lies around.
pub(crate) fn judge_split(
    kind: &dyn Kind,
    candidate: &dyn Source,
    (split, gap): (u64, u64),
    least: Class,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    if split == 0 || split.saturating_add(gap) >= candidate.size() {
        return Ok(None);
    }
    match kind.validate(&join(candidate, split, gap), budget)? {
        Verdict::Whole(whole) if whole.class <= least && whole.length > split => {
            Ok(Some(Joined { split, gap, whole: joined_whole(whole, split, gap) }))
        }
        _ => Ok(None),
    }
}

/// Looks for the gap in one record of a file whose earlier records are vouched for: `record` is where it begins and the
/// most it may take. `is_whole` says of a joined view whether the record is whole in it; the full judge has the last word.
pub(crate) fn bridge_record(
    kind: &dyn Kind,
    candidate: &dyn Source,
    (at, reach): (u64, u64),
    gaps: &Gaps,
    budget: &Budget<'_>,
    mut is_whole: impl FnMut(&mut Window<'_>) -> Result<bool, Stop>,
) -> Result<Option<Joined>, ReadFault> {
    for (gap, cluster) in gaps.lengths() {
        for split in splits_down(at, at.saturating_add(reach), cluster).filter(|split| gaps.allow(*split, gap)) {
            let joined = join(candidate, split, gap);
            match is_whole(&mut Window::new(&joined, budget)) {
                Ok(true) => {}
                Ok(false) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => continue,
                Err(Stop::Spent(_)) => return Ok(None),
                Err(Stop::Io(fault)) => return Err(fault),
            }
            if let Some(joined) = judge_join(kind, candidate, (split, gap), Class::Proven, gaps, budget)? {
                return Ok(Some(joined));
            }
        }
    }
    Ok(None)
}

/// The verdict on a joined file, saying that it is one.
pub(crate) fn joined_whole(mut whole: Whole, split: u64, gap: u64) -> Whole {
    let rest = whole.length.saturating_sub(split);
    whole
        .reasons
        .push(format!("joined from two fragments: {split} bytes, then a gap of {gap} bytes, then {rest} bytes"));
    whole
}

/// Multiples of `cluster` from the last one at or below `high` down to the first one at or above `low`; never zero.
pub(crate) fn splits_down(low: u64, high: u64, cluster: u64) -> impl Iterator<Item = u64> {
    let cluster = cluster.max(1);
    let first = low.div_ceil(cluster).max(1);
    let last = high / cluster;
    (first..=last).rev().map(move |index| index.saturating_mul(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_go_down_and_never_to_zero() {
        assert_eq!(splits_down(0, 2000, 512).collect::<Vec<_>>(), [1536, 1024, 512]);
        assert_eq!(splits_down(1024, 2048, 512).collect::<Vec<_>>(), [2048, 1536, 1024]);
        assert_eq!(splits_down(1025, 1535, 512).count(), 0);
    }

    #[test]
    fn gap_lengths_are_tried_most_common_cluster_first() {
        let lengths = Gaps { clusters: 2, cluster: None, taken: Vec::new() }.lengths();
        assert_eq!(lengths.first(), Some(&(4096, 4096)));
        assert!(lengths.contains(&(512, 512)) && lengths.contains(&(65_536, 32_768)));
    }

    #[test]
    fn a_known_cluster_size_leaves_its_multiples() {
        let gaps = Gaps { clusters: 3, cluster: Some(2048), taken: Vec::new() };
        assert_eq!(gaps.lengths().first(), Some(&(2048, 2048)));
        assert!(gaps.lengths().iter().all(|(gap, _)| gap % 2048 == 0) && gaps.longest() == 3 * 32_768);
        assert_eq!(gaps.at(2048), [2048, 4096, 6144]);
        assert!(gaps.at(1024).is_empty());
    }

    #[test]
    fn no_end_of_a_gap_lies_in_another_file() {
        let gaps =
            Gaps { clusters: 9, cluster: None, taken: vec![ByteRange::new(1000, 500), ByteRange::new(2000, 10)] };
        assert!(gaps.allow(1000, 500) && gaps.allow(500, 1500) && gaps.allow(512, 512 - 24));
        for (split, gap) in [(1001, 1000), (1499, 600), (600, 600), (600, 1401)] {
            assert!(!gaps.allow(split, gap), "{split} {gap}");
        }
        assert!(!gaps.allow_plain(500, 1500) && gaps.allow_plain(500, 1000));
    }
}
