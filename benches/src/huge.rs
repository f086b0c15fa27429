//! A medium larger than any disk here: nothing of it exists but a few MiB that come again and again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use exhibit_evidence::{Cause, ReadFault, Source};

use crate::mixed;
use crate::process::memory_mib;

/// Bytes of the medium that are generated, once.
const DATA_BYTES: u64 = 8 << 20;
/// One mebibyte in so many holds data, the others were never written.
const SPARSENESS: u64 = 16;
const MIB: u64 = 1 << 20;

/// The medium. It goes away after a while, which ends an acquisition; what memory was used until then is remembered.
pub struct HugeMedium {
    size_bytes: u64,
    data: Vec<u8>,
    until: Until,
    started: Mutex<Option<Instant>>,
    read_bytes: AtomicU64,
    quarter: Mutex<Option<(u64, u64)>>,
}

/// When the medium goes away.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// So long after the first read.
    After(Duration),
    /// After so many bytes.
    Bytes(u64),
}

/// What was seen until the medium went away.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Bytes read.
    pub read_bytes: u64,
    /// Seconds from the first read on.
    pub seconds: f64,
    /// Resident memory in MiB after a quarter of the time or bytes, and at most until then.
    pub quarter_mib: Option<(u64, u64)>,
}

impl HugeMedium {
    /// A medium of `size_bytes` bytes that goes away `until`.
    #[must_use]
    pub fn new(size_bytes: u64, until: Until) -> Self {
        Self {
            size_bytes,
            data: mixed(DATA_BYTES),
            until,
            started: Mutex::new(None),
            read_bytes: AtomicU64::new(0),
            quarter: Mutex::new(None),
        }
    }

    /// What was seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let quarter_mib = self.quarter.lock().ok().and_then(|quarter| *quarter);
        let seconds = self.elapsed().as_secs_f64();
        Seen { read_bytes: self.read_bytes.load(Ordering::Relaxed), seconds, quarter_mib }
    }

    fn elapsed(&self) -> Duration {
        let Ok(mut started) = self.started.lock() else { return Duration::ZERO };
        started.get_or_insert_with(Instant::now).elapsed()
    }

    /// How much of the time or the bytes is over; 1 is all.
    fn progress(&self) -> f64 {
        match self.until {
            Until::After(time) => self.elapsed().as_secs_f64() / time.as_secs_f64(),
            Until::Bytes(bytes) => self.read_bytes.load(Ordering::Relaxed) as f64 / bytes as f64,
        }
    }

    /// Fills `piece`, which lies in one mebibyte of the medium.
    fn fill(&self, at: u64, piece: &mut [u8]) {
        let mebibyte = at / MIB;
        let within = mebibyte / SPARSENESS % (DATA_BYTES / MIB) * MIB + at % MIB;
        let data = usize::try_from(within).ok().and_then(|start| self.data.get(start..)?.get(..piece.len()));
        match data.filter(|_| mebibyte.is_multiple_of(SPARSENESS)) {
            Some(data) => piece.copy_from_slice(data),
            None => piece.fill(0),
        }
    }
}

impl Source for HugeMedium {
    fn size(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size_bytes)?;
        let progress = self.progress();
        if progress >= 1.0 {
            return Err(ReadFault::new(at, Cause::Io(std::io::ErrorKind::TimedOut.into())));
        }
        if progress >= 0.25
            && let Ok(mut quarter) = self.quarter.lock()
            && quarter.is_none()
        {
            *quarter = memory_mib();
        }
        let mut here = at;
        let mut rest = buf;
        while !rest.is_empty() {
            let room = usize::try_from(MIB - here % MIB).unwrap_or(usize::MAX).min(rest.len());
            let (piece, after) = rest.split_at_mut(room);
            self.fill(here, piece);
            here = here.saturating_add(room as u64);
            rest = after;
        }
        self.read_bytes.fetch_add(here.saturating_sub(at), Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_over_a_boundary_equals_two_reads() {
        let medium = HugeMedium::new(20_000_000_000_000, Until::Bytes(u64::MAX));
        let boundary = 16 * 77 * MIB;
        let (mut whole, mut parts) = (vec![0; 600], vec![0; 600]);
        medium.read_at(boundary - 100, &mut whole).unwrap();
        medium.read_at(boundary - 100, &mut parts[..100]).unwrap();
        medium.read_at(boundary, &mut parts[100..]).unwrap();
        assert!(whole == parts && whole[..100] == [0; 100] && whole[100..] != [0; 500]);
        assert!(medium.read_at(medium.size() - 10, &mut [0; 11]).is_err());
    }
}
