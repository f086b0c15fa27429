//! A medium that fails in the ways that disks fail.

use std::collections::HashMap;
use std::io::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    state: Mutex<State>,
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
        Self { inner, sector_bytes: 512, bad: Vec::new(), vanishes_after: None, state: Mutex::default() }
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
        let mut state = self.state();
        state.requests.push(ByteRange::new(at, length));
        if state.gone {
            return Err(self.stop(at, buf, 0, Cause::Io(Error::from_raw_os_error(ENODEV)), &mut state));
        }
        ReadFault::check_bounds(at, buf.len(), self.inner.size())?;
        let bad = self.first_bad(ByteRange::new(at, length), &state);
        let readable = bad.map_or(length, |sector| sector.saturating_mul(self.sector_bytes).saturating_sub(at));
        let left = self.vanishes_after.map_or(u64::MAX, |limit| limit.saturating_sub(state.delivered_bytes));
        if left < readable {
            state.gone = true;
            return Err(self.stop(at, buf, left, Cause::Io(Error::from_raw_os_error(ENODEV)), &mut state));
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
    fn beyond_the_end_is_still_beyond_the_end() {
        let disk = Faulty::new(pattern(1000)).bad(ByteRange::new(u64::MAX - 3, 3));
        assert!(matches!(read(&disk, 999, 2).1.unwrap_err().cause, Cause::PastEnd));
    }
}
