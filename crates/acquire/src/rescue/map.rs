//! What is known of every byte of a medium: runs of equal status, without holes.

use std::collections::BTreeMap;
use std::ops::Bound;

use exhibit_evidence::ByteRange;

/// What is known of a range. The order of work: first copied, then trimmed, then scraped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not tried yet.
    Untried,
    /// Part of a longer read that failed: its edges may be readable.
    Untrimmed,
    /// Between two bad sectors: each sector must be tried by itself.
    Unscraped,
    /// A sector that was read by itself and failed; the number is that of the cause.
    Bad(u16),
    /// Read.
    Good,
}

impl Status {
    /// The character that stands for it in a map file, as in GNU ddrescue's.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Untried => '?',
            Self::Untrimmed => '*',
            Self::Unscraped => '/',
            Self::Bad(_) => '-',
            Self::Good => '+',
        }
    }

    /// Which of the five it is, whatever the cause.
    const fn kind(self) -> usize {
        match self {
            Self::Untried => 0,
            Self::Untrimmed => 1,
            Self::Unscraped => 2,
            Self::Bad(_) => 3,
            Self::Good => 4,
        }
    }
}

/// A status for every byte from 0 to the end of the medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    size: u64,
    /// Start of each run; neighbours differ; the first starts at 0. Empty for an empty medium.
    runs: BTreeMap<u64, Status>,
    /// Bytes of each status, by [`Status::kind`].
    bytes: [u64; 5],
}

impl Map {
    /// A medium of `size` bytes of which nothing was tried.
    #[must_use]
    pub fn new(size: u64) -> Self {
        let runs = (size > 0).then_some((0, Status::Untried)).into_iter().collect();
        Self { size, runs, bytes: [size, 0, 0, 0, 0] }
    }

    /// Size of the medium in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Number of runs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether the medium is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Bytes with the status of `like`; bad ones count together, whatever the cause.
    #[must_use]
    pub fn bytes(&self, like: Status) -> u64 {
        self.bytes.get(like.kind()).copied().unwrap_or(0)
    }

    /// Gives `range`, as far as it lies on the medium, a status.
    pub fn set(&mut self, range: ByteRange, status: Status) {
        let range = range.intersect(ByteRange::new(0, self.size));
        if range.is_empty() {
            return;
        }
        self.split(range.offset);
        self.split(range.end());
        let old: Vec<(ByteRange, Status)> = self.runs_in(range).collect();
        for (run, status) in old {
            self.count(status, |bytes| bytes.saturating_sub(run.length));
            self.runs.remove(&run.offset);
        }
        self.count(status, |bytes| bytes.saturating_add(range.length));
        self.runs.insert(range.offset, status);
        self.join(range.offset);
        self.join(range.end());
    }

    /// The run that holds byte `at`.
    #[must_use]
    pub fn run_at(&self, at: u64) -> Option<(ByteRange, Status)> {
        let (&start, &status) = self.runs.range(..=at).next_back()?;
        let run = ByteRange::between(start, self.end_of_run(start));
        (at < run.end()).then_some((run, status))
    }

    /// All runs, in order.
    pub fn runs(&self) -> impl DoubleEndedIterator<Item = (ByteRange, Status)> + '_ {
        self.runs_in(ByteRange::new(0, self.size))
    }

    /// The runs that overlap `range`, in order, cut to it.
    pub fn runs_in(&self, range: ByteRange) -> impl DoubleEndedIterator<Item = (ByteRange, Status)> + '_ {
        let range = range.intersect(ByteRange::new(0, self.size));
        let first = self.runs.range(..=range.offset).next_back().map_or(range.offset, |(&start, _)| start);
        let runs = self.runs.range(first..range.end().max(first));
        runs.map(move |(&start, &status)| (ByteRange::between(start, self.end_of_run(start)).intersect(range), status))
            .filter(|(run, _)| !run.is_empty())
    }

    fn end_of_run(&self, start: u64) -> u64 {
        let next = self.runs.range((Bound::Excluded(start), Bound::Unbounded)).next();
        next.map_or(self.size, |(&next, _)| next)
    }

    /// Makes a run begin at `at`.
    fn split(&mut self, at: u64) {
        if let Some((run, status)) = self.run_at(at)
            && run.offset < at
        {
            self.runs.insert(at, status);
        }
    }

    /// Makes no run begin at `at` if the one before has the same status.
    fn join(&mut self, at: u64) {
        let before = self.runs.range(..at).next_back().map(|(_, status)| *status);
        if before.is_some() && self.runs.get(&at).copied() == before {
            self.runs.remove(&at);
        }
    }

    fn count(&mut self, status: Status, change: impl FnOnce(u64) -> u64) {
        if let Some(bytes) = self.bytes.get_mut(status.kind()) {
            *bytes = change(*bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_of_every_byte_what_was_said_last() {
        let statuses =
            [Status::Good, Status::Bad(0), Status::Bad(1), Status::Untrimmed, Status::Unscraped, Status::Untried];
        let (mut map, mut plain) = (Map::new(200), vec![Status::Untried; 200]);
        let mut seed = 7_u64;
        for _ in 0..5000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (at, length) = ((seed >> 33) % 210, (seed >> 45) % 40);
            let status = statuses[(seed >> 58) as usize % 6];
            map.set(ByteRange::new(at, length), status);
            plain.iter_mut().skip(at as usize).take(length as usize).for_each(|byte| *byte = status);
            let runs: Vec<_> = map.runs().collect();
            let unrolled: Vec<Status> =
                runs.iter().flat_map(|(run, status)| std::iter::repeat_n(*status, run.length as usize)).collect();
            assert_eq!(unrolled, plain);
            assert!(runs.windows(2).all(|pair| pair[0].1 != pair[1].1), "{runs:?}");
            for like in statuses {
                let counted = plain.iter().filter(|status| status.kind() == like.kind()).count();
                assert_eq!(map.bytes(like), counted as u64);
            }
            let mut reversed: Vec<_> = map.runs_in(ByteRange::new(at, length)).rev().collect();
            reversed.reverse();
            assert_eq!(reversed, map.runs_in(ByteRange::new(at, length)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_empty_medium_has_no_runs_and_no_status() {
        let mut map = Map::new(0);
        map.set(ByteRange::new(0, 10), Status::Good);
        assert!(map.is_empty() && map.run_at(0).is_none() && map.runs().next().is_none());
        assert_eq!(Map::new(5).run_at(5), None);
    }
}
