//! In order: a failed read is retried, then cut into small pieces, then into sectors; a sector that still fails is a gap.

use std::collections::VecDeque;

use exhibit_evidence::ByteRange;

use super::{PolicySpec, ReadPolicy, Step};

/// Pieces a failed block is cut into before single sectors: 64 KiB, so that one bad sector in a MiB costs 16 + 128 reads
/// and not 2048.
const PIECE_BYTES: u64 = 64 * 1024;

pub(super) const SPEC: PolicySpec = PolicySpec { id: "linear", describe, rescues: false, start };

fn describe(sector_bytes: u32, retries: u32) -> String {
    format!(
        "linear: a failed read is repeated in pieces of 64 KiB, then sector by sector ({sector_bytes} bytes); each failing \
         sector is tried {retries} more times and then recorded as a gap"
    )
}

pub(super) fn start(sector_bytes: u32, retries: u32) -> Box<dyn ReadPolicy> {
    Box::new(Linear { sector_bytes: u64::from(sector_bytes.max(1)), retries, open: VecDeque::new() })
}

struct Linear {
    sector_bytes: u64,
    retries: u32,
    /// What is still to be read, in order, and how often each failed.
    open: VecDeque<(ByteRange, u32)>,
}

impl Linear {
    /// `range` cut at multiples of `step` of the medium.
    fn cut(range: ByteRange, step: u64) -> impl DoubleEndedIterator<Item = ByteRange> {
        let first = range.offset / step;
        let last = range.end().div_ceil(step);
        (first..last).map(move |n| {
            let start = n.saturating_mul(step);
            range.intersect(ByteRange::new(start, step))
        })
    }
}

impl ReadPolicy for Linear {
    fn begin(&mut self, block: ByteRange) {
        self.open.clear();
        self.open.push_back((block, 0));
    }

    fn next(&mut self) -> Step {
        match self.open.front().copied() {
            None => Step::Done,
            Some((range, _)) if range.is_empty() => {
                self.open.pop_front();
                self.next()
            }
            Some((range, failures)) if failures > self.retries && range.length <= self.sector_bytes => {
                self.open.pop_front();
                Step::Gap { range, retries: self.retries }
            }
            Some((range, _)) => Step::Read(range),
        }
    }

    fn result(&mut self, range: ByteRange, good: u64, failed: bool) {
        let Some((_, failures)) = self.open.pop_front() else { return };
        if !failed {
            return;
        }
        if range.length <= self.sector_bytes {
            self.open.push_front((range, failures.saturating_add(1)));
            return;
        }
        // Only whole sectors before the fault are taken as good: a device delivers sectors, not bytes.
        let good_end = range.offset.saturating_add(good.min(range.length)) / self.sector_bytes * self.sector_bytes;
        let rest = ByteRange::between(good_end.max(range.offset), range.end());
        let step = if rest.length > PIECE_BYTES { PIECE_BYTES } else { self.sector_bytes };
        for piece in Self::cut(rest, step).rev() {
            self.open.push_front((piece, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays a block on a disk where `bad` sectors fail `times` times (forever if `None`).
    fn play(block: ByteRange, bad: &[u64], times: Option<u32>, retries: u32) -> (Vec<ByteRange>, u32) {
        let mut policy = start(512, retries);
        let (mut gaps, mut reads, mut failures) = (Vec::new(), 0, std::collections::BTreeMap::new());
        policy.begin(block);
        loop {
            match policy.next() {
                Step::Done => return (gaps, reads),
                Step::Gap { range, retries: counted } => {
                    assert_eq!(counted, retries);
                    gaps.push(range);
                }
                Step::Read(range) => {
                    reads += 1;
                    assert!(reads < 100_000, "endless");
                    let first_bad = bad.iter().find(|&&sector| {
                        let hit = range.overlaps(ByteRange::new(sector * 512, 512));
                        hit && times.is_none_or(|limit| {
                            let count = failures.entry(sector).or_insert(0);
                            *count += 1;
                            *count <= limit
                        })
                    });
                    let good = first_bad.map_or(range.length, |sector| (sector * 512).saturating_sub(range.offset));
                    policy.result(range, good, first_bad.is_some());
                }
            }
        }
    }

    #[test]
    fn exactly_the_bad_sectors_become_gaps() {
        let mib = ByteRange::new(1 << 20, 1 << 20);
        for bad in [vec![2048], vec![4095], vec![2055, 2056, 3000], (2048..2304).collect()] {
            let (gaps, _) = play(mib, &bad, None, 2);
            assert_eq!(gaps, bad.iter().map(|sector| ByteRange::new(sector * 512, 512)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sector_that_reads_at_the_last_retry_is_no_gap() {
        let block = ByteRange::new(0, 4096);
        // Once in the whole block, once in the run of sectors, then by itself.
        assert_eq!(play(block, &[3], Some(3), 2).0, []);
        assert_eq!(play(block, &[3], Some(20), 2).0, [ByteRange::new(1536, 512)]);
    }

    #[test]
    fn a_block_that_ends_inside_a_sector_keeps_its_length() {
        let (gaps, _) = play(ByteRange::new(0, 1000), &[1], None, 1);
        assert_eq!(gaps, [ByteRange::new(512, 488)]);
    }
}
