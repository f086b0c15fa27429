//! What is read next: a machine without a disk, so that every case can be played through in a test.
//!
//! Good data first: large reads jump over what fails, further each time (pass 1 forward, pass 2 backward), then what was
//! jumped over is read in small pieces (pass 3). What failed is *trimmed*, sector by sector from both edges up to the
//! first bad one, what is left is *scraped*, every sector by itself, and what is bad is *retried*. A sector is called
//! bad only after a read of that sector alone has failed.

use exhibit_evidence::ByteRange;

use super::map::{Map, Status};

/// Longest read while nothing fails: 1 MiB, a block of the read loop.
const LARGE_BYTES: u64 = 1 << 20;
/// Read where something failed nearby, and what is called failed when a longer read fails; also the first jump. 64 KiB.
const PIECE_BYTES: u64 = 64 << 10;
/// Longest jump: 1 GiB, or a hundredth of what is to be read if that is less.
const JUMP_BYTES_MAX: u64 = 1 << 30;

/// What is being done. The order is that of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Copying what was not tried, in three passes.
    Copying,
    /// Reading failed ranges from their edges.
    Trimming,
    /// Reading the rest of them sector by sector.
    Scraping,
    /// Reading bad sectors again, in as many passes as there are retries.
    Retrying,
    /// Nothing is left to do.
    Finished,
}

impl Phase {
    /// The character that stands for it in a map file, as in GNU ddrescue's.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Copying => '?',
            Self::Trimming => '*',
            Self::Scraping => '/',
            Self::Retrying => '-',
            Self::Finished => '+',
        }
    }
}

/// Passes of [`Phase::Copying`]: forward, backward, and the rest.
const COPY_PASSES: u32 = 3;

/// How a read ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is there.
    Read,
    /// The first so many bytes are there; then the medium failed, with the cause of this number.
    Failed {
        /// Bytes.
        good: u64,
        /// Number of the cause, for [`Status::Bad`].
        cause: u16,
    },
    /// The first so many bytes are there; the source ends behind them now.
    Ended {
        /// Bytes.
        good: u64,
        /// Number of the cause, for [`Status::Bad`].
        cause: u16,
    },
}

/// Decides what of one window of a medium is read next, until everything in it is good or bad.
///
/// Every answer makes something good, or brings a range nearer to being called bad, or moves on within a pass that is made
/// once: the number of reads is bounded, whatever the disk does.
#[derive(Debug)]
pub struct Plan {
    map: Map,
    window: ByteRange,
    sector_bytes: u64,
    retries: u32,
    phase: Phase,
    /// Pass of copying or of retrying, from 1.
    pass: u32,
    /// Where the pass has come to: forward the next byte, backward the byte behind the next.
    position: u64,
    jump: u64,
}

impl Plan {
    /// Begins, or goes on, with what of `window` is neither good nor bad in `map`. Sectors that are bad already are tried
    /// again in the retries.
    #[must_use]
    pub fn new(map: Map, window: ByteRange, sector_bytes: u32, retries: u32) -> Self {
        let window = window.intersect(ByteRange::new(0, map.size()));
        let sector_bytes = u64::from(sector_bytes.max(1));
        let position = window.offset;
        let phase = Phase::Copying;
        Self { map, window, sector_bytes, retries, phase, pass: 1, position, jump: PIECE_BYTES }
    }

    /// What is known of the medium.
    #[must_use]
    pub const fn map(&self) -> &Map {
        &self.map
    }

    /// The same, at the end.
    #[must_use]
    pub fn into_map(self) -> Map {
        self.map
    }

    /// What is being done.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The pass of copying or retrying, from 1.
    #[must_use]
    pub const fn pass(&self) -> u32 {
        self.pass
    }

    /// Where it has come to, in bytes of the medium.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// What to read next; `None` when everything in the window is good or bad.
    pub fn step(&mut self) -> Option<ByteRange> {
        loop {
            let step = match self.phase {
                Phase::Copying => self.copy(),
                Phase::Trimming => self.trim(),
                Phase::Scraping => self.first(Status::Unscraped).map(|run| self.first_sector(run)),
                Phase::Retrying => self.retry(),
                Phase::Finished => return None,
            };
            match step {
                Some(range) => return Some(range),
                None => self.advance(),
            }
        }
    }

    /// How the read of `range` ended. `range` is what [`Plan::step`] said last.
    pub fn result(&mut self, range: ByteRange, outcome: Outcome) {
        match outcome {
            Outcome::Read => {
                self.map.set(range, Status::Good);
                self.jump = PIECE_BYTES;
                self.move_to(if self.is_backward() { range.offset } else { range.end() });
            }
            Outcome::Failed { good, cause } => self.failed(range, good, cause),
            Outcome::Ended { good, cause } => {
                let end = range.offset.saturating_add(good.min(range.length));
                self.map.set(ByteRange::between(range.offset, end), Status::Good);
                self.give_up(ByteRange::between(end, self.window.end()), cause);
                // What the source no longer has needs no second try.
                self.window = ByteRange::between(self.window.offset, end);
                self.position = self.position.min(end);
            }
        }
    }

    fn failed(&mut self, range: ByteRange, good: u64, cause: u16) {
        // Only whole sectors before the fault are taken as good: a device delivers sectors, not bytes.
        let reached = range.offset.saturating_add(good.min(range.length));
        let good_end = (reached / self.sector_bytes).saturating_mul(self.sector_bytes).max(range.offset);
        self.map.set(ByteRange::between(range.offset, good_end), Status::Good);
        let is_one_sector = range.end() <= self.sector_at(range.offset).end();
        let bad = ByteRange::between(good_end, range.end().min(good_end.saturating_add(PIECE_BYTES)));
        self.map.set(bad, if is_one_sector { Status::Bad(cause) } else { Status::Untrimmed });
        self.move_to(match (self.is_backward(), self.phase, self.pass) {
            (true, Phase::Copying, _) => range.offset.saturating_sub(self.jump),
            (true, _, _) => range.offset,
            (false, Phase::Copying, 1) => bad.end().saturating_add(self.jump),
            (false, _, _) => bad.end(),
        });
        let longest = JUMP_BYTES_MAX.min(self.window.length / 100).max(PIECE_BYTES);
        self.jump = self.jump.saturating_mul(2).min(longest);
    }

    /// Calls everything in `range` bad that was not read before.
    fn give_up(&mut self, range: ByteRange, cause: u16) {
        let missing = |status| !matches!(status, Status::Good | Status::Bad(_));
        let open: Vec<ByteRange> =
            self.map.runs_in(range).filter(|(_, status)| missing(*status)).map(|(run, _)| run).collect();
        open.into_iter().for_each(|run| self.map.set(run, Status::Bad(cause)));
    }

    /// The pass goes on from `position`. Trimming reads both edges of a range and stays at its beginning meanwhile.
    const fn move_to(&mut self, position: u64) {
        if !matches!(self.phase, Phase::Trimming) {
            self.position = position;
        }
    }

    /// Begins the next pass or phase.
    fn advance(&mut self) {
        (self.phase, self.pass) = match self.phase {
            Phase::Copying if self.pass < COPY_PASSES => (Phase::Copying, self.pass.saturating_add(1)),
            Phase::Copying => (Phase::Trimming, 1),
            Phase::Trimming => (Phase::Scraping, 1),
            Phase::Scraping if self.retries > 0 => (Phase::Retrying, 1),
            Phase::Retrying if self.pass < self.retries => (Phase::Retrying, self.pass.saturating_add(1)),
            _ => (Phase::Finished, 1),
        };
        self.jump = PIECE_BYTES;
        self.position = if self.is_backward() { self.window.end() } else { self.window.offset };
    }

    /// Every second pass runs backward: a head that skips a place from one side may read it from the other.
    const fn is_backward(&self) -> bool {
        matches!(self.phase, Phase::Copying | Phase::Retrying) && self.pass.is_multiple_of(2)
    }

    fn copy(&self) -> Option<ByteRange> {
        let longest = if self.pass < COPY_PASSES { LARGE_BYTES } else { PIECE_BYTES };
        if self.is_backward() {
            let run = self.last(Status::Untried)?;
            let start = self.cut(run.end().saturating_sub(1), longest).max(run.offset);
            return Some(ByteRange::between(start, run.end()));
        }
        let run = self.first(Status::Untried)?;
        let cut = self.cut(run.offset.saturating_add(longest), longest);
        // Where a cut would come before the first byte, sectors are larger than reads: one sector then.
        let end = if cut > run.offset { cut } else { self.sector_at(run.offset).end() };
        Some(ByteRange::between(run.offset, end.min(run.end())))
    }

    /// The last place not after `at` that is a multiple of `unit`, moved down to the beginning of its sector.
    const fn cut(&self, at: u64, unit: u64) -> u64 {
        let at = at.saturating_sub(at % unit);
        at.saturating_sub(at % self.sector_bytes)
    }

    /// The edge of the first failed range: its first sector until one is bad, then its last, then the rest is to be scraped.
    fn trim(&mut self) -> Option<ByteRange> {
        loop {
            let run = self.first(Status::Untrimmed)?;
            self.position = run.offset;
            if !self.is_bad(run.offset.checked_sub(1)) {
                return Some(self.first_sector(run));
            }
            let last = self.sector_at(run.end().saturating_sub(1)).intersect(run);
            if last.length < run.length && !self.is_bad(Some(run.end())) {
                return Some(last);
            }
            self.map.set(run, Status::Unscraped);
        }
    }

    fn retry(&self) -> Option<ByteRange> {
        let is_bad = |&(_, status): &(ByteRange, Status)| matches!(status, Status::Bad(_));
        if self.is_backward() {
            let (run, _) = self.map.runs_in(self.passed()).rev().find(is_bad)?;
            return Some(self.sector_at(run.end().saturating_sub(1)).intersect(run));
        }
        let (run, _) = self.map.runs_in(self.ahead()).find(is_bad)?;
        Some(self.first_sector(run))
    }

    /// The part of the window that a forward pass has still to do.
    const fn ahead(&self) -> ByteRange {
        ByteRange::between(self.position, self.window.end())
    }

    /// The part of the window that a backward pass has still to do.
    const fn passed(&self) -> ByteRange {
        ByteRange::between(self.window.offset, self.position)
    }

    fn first(&self, wanted: Status) -> Option<ByteRange> {
        self.map.runs_in(self.ahead()).find(|(_, status)| *status == wanted).map(|(run, _)| run)
    }

    fn last(&self, wanted: Status) -> Option<ByteRange> {
        self.map.runs_in(self.passed()).rev().find(|(_, status)| *status == wanted).map(|(run, _)| run)
    }

    fn is_bad(&self, at: Option<u64>) -> bool {
        let status = at.and_then(|at| self.map.run_at(at)).map(|(_, status)| status);
        matches!(status, Some(Status::Bad(_)))
    }

    fn first_sector(&self, run: ByteRange) -> ByteRange {
        self.sector_at(run.offset).intersect(run)
    }

    /// The sector that holds byte `at`.
    const fn sector_at(&self, at: u64) -> ByteRange {
        ByteRange::new(at.saturating_sub(at % self.sector_bytes), self.sector_bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A disk: its size, its sectors, and which of them fail how often (`u32::MAX`: for ever).
    struct Disk {
        size: u64,
        sector: u64,
        bad: BTreeMap<u64, u32>,
        /// Whether a failing read tells what is good before the bad sector.
        tells: bool,
        ends: u64,
        reads: Vec<ByteRange>,
    }

    impl Disk {
        fn new(size: u64, sector: u64, bad: impl IntoIterator<Item = u64>) -> Self {
            let bad = bad.into_iter().map(|number| (number, u32::MAX)).collect();
            Self { size, sector, bad, tells: true, ends: u64::MAX, reads: Vec::new() }
        }

        fn read(&mut self, range: ByteRange) -> Outcome {
            self.reads.push(range);
            if range.end() > self.ends {
                return Outcome::Ended { good: self.ends.saturating_sub(range.offset), cause: 9 };
            }
            let sectors = range.offset / self.sector..range.end().div_ceil(self.sector);
            match self.bad.range_mut(sectors).find(|(_, times)| **times > 0) {
                None => Outcome::Read,
                Some((number, times)) => {
                    *times = if *times == u32::MAX { u32::MAX } else { *times - 1 };
                    let good = (number * self.sector).saturating_sub(range.offset);
                    Outcome::Failed { good: if self.tells { good } else { 0 }, cause: 3 }
                }
            }
        }

        /// Plays a plan to its end; the numbers of the sectors it calls bad.
        fn play(&mut self, plan: &mut Plan) -> Vec<u64> {
            while let Some(range) = plan.step() {
                assert!(!range.is_empty() && range.end() <= self.size, "{range}");
                assert!(self.reads.len() < 200_000, "endless");
                let outcome = self.read(range);
                plan.result(range, outcome);
            }
            assert_eq!(plan.phase(), Phase::Finished);
            let bad = plan.map().runs_in(plan.window).filter(|(_, status)| {
                assert!(matches!(status, Status::Good | Status::Bad(3 | 9)), "{status:?}");
                *status != Status::Good
            });
            bad.flat_map(|(run, _)| run.offset / self.sector..run.end().div_ceil(self.sector)).collect()
        }
    }

    const MIB: u64 = 1 << 20;

    fn plan(disk: &Disk, retries: u32) -> Plan {
        Plan::new(Map::new(disk.size), ByteRange::new(0, disk.size), disk.sector as u32, retries)
    }

    #[test]
    fn exactly_the_bad_sectors_are_called_bad() {
        let cases: Vec<Vec<u64>> = vec![
            vec![],
            vec![0],
            vec![1],
            vec![7, 8],
            vec![127, 128, 129],
            vec![2047, 2048],
            vec![4095, 4096],
            vec![10_239],
            vec![0, 10_239],
            (100..400).collect(),
            (0..10_240).step_by(2).collect(),
            (0..10_240).step_by(97).collect(),
            (2048..4096).collect(),
            (0..10_240).collect(),
        ];
        for tells in [true, false] {
            for (sector, size) in
                [(512, 5 * MIB), (512, 5 * MIB - 100), (4096, 40 * MIB), (520, 5 * MIB), (2 << 20, 40 * MIB)]
            {
                for bad in &cases {
                    let mut disk = Disk::new(size, sector, bad.iter().copied());
                    disk.tells = tells;
                    let mut plan = plan(&disk, 1);
                    let there = bad.iter().copied().filter(|number| number * sector < size);
                    let found = disk.play(&mut plan);
                    assert_eq!(found, there.collect::<Vec<_>>(), "sectors of {sector}, tells: {tells}");
                }
            }
        }
    }

    #[test]
    fn a_healthy_medium_is_read_once_from_front_to_back_in_large_reads() {
        let mut disk = Disk::new(5 * MIB + 100, 512, []);
        let mut plan = plan(&disk, 2);
        disk.play(&mut plan);
        let expected: Vec<_> = (0..6).map(|n| ByteRange::new(n * MIB, MIB.min(5 * MIB + 100 - n * MIB))).collect();
        assert_eq!(disk.reads, expected);
    }

    #[test]
    fn good_data_come_before_bad_places() {
        // 40 MiB, of which the second to the fifth are dead: when the first sector is tried by itself, all else was read.
        let dead = ByteRange::new(MIB, 4 * MIB);
        let mut disk = Disk::new(40 * MIB, 512, dead.offset / 512..dead.end() / 512);
        let mut plan = plan(&disk, 0);
        while let Some(range) = plan.step() {
            if range.length == 512 {
                break;
            }
            let outcome = disk.read(range);
            plan.result(range, outcome);
        }
        assert_eq!(plan.phase(), Phase::Trimming);
        assert_eq!(plan.map().bytes(Status::Good), 36 * MIB);
        // Jumps of 64, 128, 256, … KiB: far fewer attempts in the dead part than reads of 64 KiB would need in pass 1.
        let first_pass =
            disk.reads.iter().take_while(|read| read.end() < 40 * MIB).filter(|read| dead.overlaps(**read));
        assert!(first_pass.count() < 20);
    }

    #[test]
    fn a_sector_that_reads_at_the_last_retry_is_good_and_one_that_reads_later_is_bad() {
        // Sector 7 stops the first reading of the block, the reading by itself, and one retry.
        for (times, bad) in [(3, vec![]), (4, vec![7])] {
            let mut disk = Disk::new(MIB, 512, []);
            disk.bad.insert(7, times);
            let mut plan = plan(&disk, 2);
            assert_eq!(disk.play(&mut plan), bad, "{times}");
        }
    }

    #[test]
    fn what_a_source_no_longer_has_is_given_up_at_once_and_nothing_else() {
        for ends in [0, 700, 3 * MIB, 3 * MIB + 512] {
            let mut disk = Disk::new(40 * MIB, 512, []);
            disk.ends = ends;
            let mut plan = plan(&disk, 5);
            disk.play(&mut plan);
            assert!(disk.reads.len() < 10, "{:?}", disk.reads);
            assert_eq!(plan.map().bytes(Status::Good), ends);
        }
        // What was read behind the end before the source became shorter stays good.
        let mut map = Map::new(4 * MIB);
        map.set(ByteRange::new(3 * MIB, MIB), Status::Good);
        let mut plan = Plan::new(map, ByteRange::new(0, 4 * MIB), 512, 1);
        let range = plan.step().unwrap();
        plan.result(range, Outcome::Ended { good: 0, cause: 9 });
        assert_eq!((plan.step(), plan.map().bytes(Status::Good)), (None, MIB));
    }

    #[test]
    fn work_that_was_interrupted_anywhere_ends_with_the_same_map() {
        let bad = || (50..60).chain([300, 2048, 5000]);
        let mut whole = Disk::new(4 * MIB, 512, bad());
        let mut plan_whole = plan(&whole, 1);
        whole.play(&mut plan_whole);
        for stop in (0..whole.reads.len()).step_by(7) {
            let mut disk = Disk::new(4 * MIB, 512, bad());
            let mut first = plan(&disk, 1);
            for _ in 0..stop {
                let Some(range) = first.step() else { break };
                let outcome = disk.read(range);
                first.result(range, outcome);
            }
            let mut second = Plan::new(first.into_map(), ByteRange::new(0, 4 * MIB), 512, 1);
            disk.play(&mut second);
            assert_eq!(second.map(), plan_whole.map(), "stopped after {stop} reads");
        }
    }

    #[test]
    fn a_window_is_not_left() {
        let mut disk = Disk::new(8 * MIB, 512, [2048, 8192, 8193]);
        let window = ByteRange::new(2 * MIB, 3 * MIB);
        let mut plan = Plan::new(Map::new(8 * MIB), window, 512, 1);
        assert_eq!(disk.play(&mut plan), [8192, 8193]);
        assert!(disk.reads.iter().all(|read| window.intersect(*read) == *read));
        assert_eq!(plan.map().bytes(Status::Untried), 5 * MIB);
    }
}
