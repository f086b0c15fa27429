//! A medium that fails in the ways that disks fail.

use std::collections::HashMap;
use std::io::Error;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};

/// Linux `EIO`: what the kernel answers for an unreadable sector.
const EIO: i32 = 5;
/// Linux `ENODEV`: what the kernel answers once the device is gone.
const ENODEV: i32 = 19;

/// A source with bad sectors. Nothing else about the inner source changes.
///
/// A read that meets a bad sector delivers what lies before it ([`ReadFault::good`]) and fails with
/// [`Cause::Medium`]; what follows is filled with `0xEE`, so that whoever takes it for data is found out.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    sector_bytes: u64,
    bad: Vec<Bad>,
    vanishes_after: Option<u64>,
    vanishes_at: Option<u64>,
    vanishes_after_reads: Option<u64>,
    shrinks: Option<Shrinking>,
    delivers_at_most: Option<u64>,
    slow: Vec<(ByteRange, Duration)>,
    hanging: Vec<ByteRange>,
    state: Mutex<State>,
    /// Whether what hangs may go on.
    released: (Mutex<bool>, Condvar),
}

/// A source that becomes shorter.
#[derive(Debug, Clone, Copy)]
struct Shrinking {
    to_bytes: u64,
    after_reads: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bad {
    range: ByteRange,
    /// Attempts on one sector that fail before it reads; `None` for ever.
    attempts: Option<u32>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<ByteRange>,
    delivered_bytes: u64,
    /// Failed attempts by sector number.
    failed: HashMap<u64, u32>,
    gone: bool,
}

impl<S: Source> Faulty<S> {
    /// `inner` with sectors of 512 bytes and nothing wrong yet.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            sector_bytes: 512,
            bad: Vec::new(),
            vanishes_after: None,
            vanishes_at: None,
            vanishes_after_reads: None,
            shrinks: None,
            delivers_at_most: None,
            slow: Vec::new(),
            hanging: Vec::new(),
            state: Mutex::default(),
            released: (Mutex::new(false), Condvar::new()),
        }
    }

    /// The unit in which it fails, in bytes; 0 counts as 1.
    #[must_use]
    pub fn sector(mut self, bytes: u32) -> Self {
        self.sector_bytes = u64::from(bytes.max(1));
        self
    }

    /// Every sector that `range` touches never reads.
    #[must_use]
    pub fn bad(mut self, range: ByteRange) -> Self {
        self.bad.push(Bad { range, attempts: None });
        self
    }

    /// Every sector that `range` touches fails `attempts` times and then reads. Each sector counts for itself, and a
    /// read counts only on the sector that stopped it.
    #[must_use]
    pub fn clears_after(mut self, range: ByteRange, attempts: u32) -> Self {
        self.bad.push(Bad { range, attempts: Some(attempts) });
        self
    }

    /// The device delivers `bytes` bytes in all and is gone then: [`Cause::Io`] with `ENODEV` for everything after.
    #[must_use]
    pub fn vanishes_after(mut self, bytes: u64) -> Self {
        self.vanishes_after = Some(bytes);
        self
    }

    /// The device is gone as soon as a read reaches byte `offset`; what lies before is still delivered by that read.
    #[must_use]
    pub fn vanishes_at(mut self, offset: u64) -> Self {
        self.vanishes_at = Some(offset);
        self
    }

    /// The device answers `reads` reads, good or not, and is gone then.
    #[must_use]
    pub fn vanishes_after_reads(mut self, reads: u64) -> Self {
        self.vanishes_after_reads = Some(reads);
        self
    }

    /// After `reads` reads there are only `bytes` bytes left, although [`Source::size`] says what it always said:
    /// [`Cause::PastEnd`] for what lies behind.
    #[must_use]
    pub fn shrinks_to(mut self, bytes: u64, reads: u64) -> Self {
        self.shrinks = Some(Shrinking { to_bytes: bytes, after_reads: reads });
        self
    }

    /// No read gives more than `bytes` bytes: what goes beyond ends with a medium error there, although nothing is bad.
    #[must_use]
    pub fn delivers_at_most(mut self, bytes: u64) -> Self {
        self.delivers_at_most = Some(bytes);
        self
    }

    /// Every read that touches `range` takes so long.
    #[must_use]
    pub fn slow(mut self, range: ByteRange, time: Duration) -> Self {
        self.slow.push((range, time));
        self
    }

    /// Every read that touches `range` does not return before [`Faulty::release`].
    #[must_use]
    pub fn hangs(mut self, range: ByteRange) -> Self {
        self.hanging.push(range);
        self
    }

    /// Lets everything that hangs go on, now and later.
    pub fn release(&self) {
        *self.released.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.released.1.notify_all();
    }

    /// Takes the time that `range` takes, without keeping other reads from theirs.
    fn linger(&self, range: ByteRange) {
        let slow = self.slow.iter().filter(|(slow, _)| slow.overlaps(range)).map(|(_, time)| *time);
        std::thread::sleep(slow.sum());
        if self.hanging.iter().any(|hanging| hanging.overlaps(range)) {
            let released = self.released.0.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.released.1.wait_while(released, |released| !*released);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// How many bytes from `at` can be delivered until the device is gone.
    fn left_before_vanishing(&self, at: u64, state: &State) -> u64 {
        let delivered = self.vanishes_after.map_or(u64::MAX, |limit| limit.saturating_sub(state.delivered_bytes));
        let place = self.vanishes_at.map_or(u64::MAX, |place| place.saturating_sub(at));
        let reads =
            self.vanishes_after_reads.filter(|limit| state.requests.len() as u64 > *limit).map_or(u64::MAX, |_| 0);
        delivered.min(place).min(reads)
    }

    /// Bytes that are left of a source that has become shorter.
    fn size_now(&self, state: &State) -> u64 {
        let shrunk = self.shrinks.filter(|shrinks| state.requests.len() as u64 > shrinks.after_reads);
        shrunk.map_or(u64::MAX, |shrinks| shrinks.to_bytes).min(self.inner.size())
    }

    /// Number of reads so far, good or not.
    pub fn reads(&self) -> u64 {
        self.state().requests.len() as u64
    }

    /// Every read so far, in order, as it was asked for.
    pub fn requests(&self) -> Vec<ByteRange> {
        self.state().requests.clone()
    }

    /// How often sector `number` (counted in the unit of [`Faulty::sector`]) stopped a read.
    pub fn failures_of(&self, number: u64) -> u32 {
        self.state().failed.get(&number).copied().unwrap_or(0)
    }

    /// The medium as it is for somebody who can read everything.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first sector of `range` that refuses to be read now.
    fn first_bad(&self, range: ByteRange, state: &State) -> Option<u64> {
        self.bad.iter().filter_map(|bad| self.first_refusing(*bad, range, state)).min()
    }

    fn first_refusing(&self, bad: Bad, range: ByteRange, state: &State) -> Option<u64> {
        let whole = self.whole_sectors(bad.range)?;
        let hit = whole.intersect(range);
        if hit.is_empty() {
            return None;
        }
        let sectors = hit.offset / self.sector_bytes..=hit.end().saturating_sub(1) / self.sector_bytes;
        let refuses = |sector: &u64| match bad.attempts {
            None => true,
            Some(attempts) => state.failed.get(sector).copied().unwrap_or(0) < attempts,
        };
        sectors.into_iter().find(refuses)
    }

    /// `range` rounded outwards to whole sectors; nothing if it is empty.
    fn whole_sectors(&self, range: ByteRange) -> Option<ByteRange> {
        if range.is_empty() {
            return None;
        }
        let start = range.offset.saturating_sub(range.offset % self.sector_bytes);
        let end = range.end().checked_next_multiple_of(self.sector_bytes).unwrap_or(u64::MAX);
        Some(ByteRange::between(start, end))
    }

    /// Reads the good part of `buf`, spoils the rest, and makes the fault.
    fn stop(&self, at: u64, buf: &mut [u8], good: u64, cause: Cause, state: &mut State) -> ReadFault {
        let good = usize::try_from(good).unwrap_or(usize::MAX).min(buf.len());
        let (fine, spoilt) = buf.split_at_mut(good);
        spoilt.fill(0xEE);
        if let Err(fault) = self.inner.read_at(at, fine) {
            return fault;
        }
        state.delivered_bytes = state.delivered_bytes.saturating_add(good as u64);
        ReadFault { at, good, cause }
    }
}

impl<S: Source> Source for Faulty<S> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let length = buf.len() as u64;
        self.state().requests.push(ByteRange::new(at, length));
        self.linger(ByteRange::new(at, length));
        let mut state = self.state();
        let gone = || Cause::Io(Error::from_raw_os_error(ENODEV));
        if state.gone {
            return Err(self.stop(at, buf, 0, gone(), &mut state));
        }
        ReadFault::check_bounds(at, buf.len(), self.inner.size())?;
        let bad = self.first_bad(ByteRange::new(at, length), &state);
        let readable = bad.map_or(length, |sector| sector.saturating_mul(self.sector_bytes).saturating_sub(at));
        let most = self.delivers_at_most.unwrap_or(u64::MAX);
        let there = self.size_now(&state).saturating_sub(at);
        let left = self.left_before_vanishing(at, &state);
        if left < readable.min(most).min(there) || left == 0 {
            state.gone = true;
            return Err(self.stop(at, buf, left, gone(), &mut state));
        }
        if there < readable.min(most) {
            return Err(self.stop(at, buf, there, Cause::PastEnd, &mut state));
        }
        if most < readable {
            return Err(self.stop(at, buf, most, Cause::Medium(Error::from_raw_os_error(EIO)), &mut state));
        }
        if let Some(sector) = bad {
            let failed = state.failed.entry(sector).or_default();
            *failed = failed.saturating_add(1);
            return Err(self.stop(at, buf, readable, Cause::Medium(Error::from_raw_os_error(EIO)), &mut state));
        }
        self.inner.read_at(at, buf)?;
        state.delivered_bytes = state.delivered_bytes.saturating_add(length);
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        self.inner.known(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;

    fn read(disk: &impl Source, at: u64, length: usize) -> (Vec<u8>, Result<(), ReadFault>) {
        let mut buf = vec![0; length];
        let result = disk.read_at(at, &mut buf);
        (buf, result)
    }

    #[test]
    fn what_lies_before_the_bad_sector_is_good_and_what_follows_is_not_data() {
        let disk = Faulty::new(pattern(4096)).bad(ByteRange::new(1030, 1));
        let (bytes, result) = read(&disk, 100, 2000);
        let fault = result.unwrap_err();
        assert!(matches!(&fault.cause, Cause::Medium(error) if error.raw_os_error() == Some(EIO)));
        assert_eq!((fault.at, fault.good), (100, 924));
        assert_eq!(bytes[..924], read(disk.inner(), 100, 924).0);
        assert!(bytes[924..].iter().all(|&byte| byte == 0xEE));
        assert!(read(&disk, 0, 1024).1.is_ok() && read(&disk, 1536, 2560).1.is_ok());
        assert_eq!(read(&disk, 1200, 10).1.unwrap_err().good, 0);
        assert_eq!((disk.reads(), disk.failures_of(2)), (4, 2));
    }

    #[test]
    fn a_weak_sector_reads_after_its_failures_and_a_neighbour_counts_for_itself() {
        let disk = Faulty::new(pattern(4096)).clears_after(ByteRange::new(512, 1024), 2);
        let good = |length| read(&disk, 0, length).1.map_err(|fault| fault.good);
        assert_eq!([good(2048), good(2048), good(2048), good(2048)], [Err(512), Err(512), Err(1024), Err(1024)]);
        assert_eq!(read(&disk, 0, 2048).0, read(disk.inner(), 0, 2048).0);
    }

    #[test]
    fn sectors_of_4096_fail_as_a_whole() {
        let disk = Faulty::new(pattern(16384)).sector(4096).bad(ByteRange::new(5000, 10));
        assert!(read(&disk, 4096, 1).1.is_err() && read(&disk, 8191, 1).1.is_err());
        assert!(read(&disk, 4095, 1).1.is_ok() && read(&disk, 8192, 1).1.is_ok());
    }

    #[test]
    fn a_vanished_device_stays_away() {
        let disk = Faulty::new(pattern(4096)).vanishes_after(1000);
        assert!(read(&disk, 0, 512).1.is_ok());
        let fault = read(&disk, 512, 512).1.unwrap_err();
        assert!(matches!(&fault.cause, Cause::Io(error) if error.raw_os_error() == Some(ENODEV)));
        assert_eq!(fault.good, 488);
        assert_eq!(read(&disk, 0, 1).1.unwrap_err().good, 0);
    }

    #[test]
    fn it_vanishes_at_a_place_or_after_so_many_reads() {
        let disk = Faulty::new(pattern(4096)).vanishes_at(1024);
        assert!(read(&disk, 0, 1024).1.is_ok());
        assert_eq!(read(&disk, 512, 1024).1.unwrap_err().good, 512);
        assert!(matches!(read(&disk, 0, 512).1.unwrap_err().cause, Cause::Io(_)));
        let disk = Faulty::new(pattern(4096)).vanishes_after_reads(2);
        assert_eq!([0, 1, 2].map(|_| read(&disk, 0, 512).1.is_ok()), [true, true, false]);
    }

    #[test]
    fn it_shrinks_and_what_is_left_still_reads() {
        let disk = Faulty::new(pattern(4096)).shrinks_to(1000, 1);
        assert!(read(&disk, 2048, 512).1.is_ok());
        let fault = read(&disk, 512, 1024).1.unwrap_err();
        assert!(matches!(fault.cause, Cause::PastEnd));
        assert_eq!((fault.good, disk.size()), (488, 4096));
        assert!(read(&disk, 0, 1000).1.is_ok());
    }

    #[test]
    fn it_delivers_so_much_at_a_time_and_nothing_is_bad() {
        let disk = Faulty::new(pattern(4096)).delivers_at_most(700);
        assert_eq!(read(&disk, 0, 1024).1.unwrap_err().good, 700);
        assert!(read(&disk, 700, 700).1.is_ok());
    }

    #[test]
    fn it_hangs_until_it_is_released_and_other_places_do_not() {
        let disk = Faulty::new(pattern(4096))
            .hangs(ByteRange::new(512, 1))
            .slow(ByteRange::new(0, 1), Duration::from_millis(20));
        std::thread::scope(|scope| {
            let stuck = scope.spawn(|| read(&disk, 0, 1024).1.is_ok());
            let began = std::time::Instant::now();
            assert!(read(&disk, 1024, 512).1.is_ok());
            assert!(read(&disk, 0, 512).1.is_ok() && began.elapsed() >= Duration::from_millis(20));
            assert!(!stuck.is_finished());
            disk.release();
            assert!(stuck.join().unwrap());
        });
    }

    #[test]
    fn beyond_the_end_is_still_beyond_the_end() {
        let disk = Faulty::new(pattern(1000)).bad(ByteRange::new(u64::MAX - 3, 3));
        assert!(matches!(read(&disk, 999, 2).1.unwrap_err().cause, Cause::PastEnd));
    }
}
