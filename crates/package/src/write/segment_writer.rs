//! A segment of a store as something the ZIP writer can write to.

use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use exhibit_evidence::{Segment, StoreError};

/// Bytes kept back so that small members reach the store in one call, and their headers are patched in memory.
const TAIL_BYTES: usize = 256 * 1024;

/// Set when the work has failed: from then on nothing reaches the store.
///
/// The ZIP writer finishes its archive when it is dropped. Without this, a package that failed half way would end in a
/// valid directory and look complete to every unpacker.
#[derive(Debug, Clone, Default)]
pub(super) struct Abandon(Arc<AtomicBool>);

impl Abandon {
    pub(super) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Appends, and goes back only to patch what was written before.
pub(super) struct SegmentWriter {
    segment: Box<dyn Segment>,
    /// Bytes behind those in the segment.
    tail: Vec<u8>,
    position: u64,
    abandon: Abandon,
}

impl SegmentWriter {
    pub(super) fn new(segment: Box<dyn Segment>, abandon: Abandon) -> Self {
        Self { segment, tail: Vec::with_capacity(TAIL_BYTES), position: 0, abandon }
    }

    /// Everything is in the segment: its name becomes final. Returns the size in bytes.
    pub(super) fn seal(mut self) -> Result<u64, StoreError> {
        self.empty_tail()?;
        let size = self.segment.len();
        self.segment.seal()?;
        Ok(size)
    }

    fn end(&self) -> u64 {
        self.segment.len().saturating_add(self.tail.len() as u64)
    }

    fn empty_tail(&mut self) -> Result<(), StoreError> {
        if !self.tail.is_empty() {
            self.segment.append(&self.tail)?;
            self.tail.clear();
        }
        Ok(())
    }

    /// Writes a prefix of `bytes` at the position and says how long it was.
    fn put(&mut self, bytes: &[u8]) -> Result<usize, StoreError> {
        let in_segment = self.segment.len();
        let Some(within) = self.position.checked_sub(in_segment) else {
            let room = usize::try_from(in_segment.saturating_sub(self.position)).unwrap_or(usize::MAX);
            let piece = bytes.get(..room).unwrap_or(bytes);
            self.segment.patch(self.position, piece)?;
            return Ok(piece.len());
        };
        let start = usize::try_from(within).unwrap_or(usize::MAX);
        if let Some(there) = self.tail.get_mut(start..).filter(|there| !there.is_empty()) {
            let length = there.len().min(bytes.len());
            there.iter_mut().zip(bytes).for_each(|(old, new)| *old = *new);
            return Ok(length);
        }
        if self.tail.len().saturating_add(bytes.len()) > TAIL_BYTES {
            self.empty_tail()?;
        }
        if bytes.len() >= TAIL_BYTES {
            self.segment.append(bytes)?;
        } else {
            self.tail.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }
}

impl Write for SegmentWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = if self.abandon.is_set() { bytes.len() } else { self.put(bytes).map_err(io::Error::other)? };
        self.position = self.position.saturating_add(length as u64);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // the segment is synced once, when it is sealed
    }
}

impl Seek for SegmentWriter {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if self.abandon.is_set() {
            return Ok(self.position);
        }
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.end().checked_add_signed(by),
        };
        // A segment has no holes.
        self.position = target.filter(|at| *at <= self.end()).ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::Store as _;
    use exhibit_testkit::MemoryStore;

    use super::*;

    #[test]
    fn writes_and_patches_across_the_tail_equal_those_in_memory() {
        let store = MemoryStore::new();
        let mut ours = SegmentWriter::new(store.create("a").unwrap(), Abandon::default());
        let mut reference = io::Cursor::new(Vec::new());
        let lengths = [10, TAIL_BYTES, 7, TAIL_BYTES - 8, 100, 1, 3 * TAIL_BYTES, 40];
        for (step, length) in lengths.into_iter().enumerate() {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 7 + step) as u8).collect();
            ours.write_all(&bytes).unwrap();
            reference.write_all(&bytes).unwrap();
            let end = ours.stream_position().unwrap();
            let back = (end / 2).saturating_sub(20);
            for patch in [back, end.saturating_sub(60)] {
                ours.seek(SeekFrom::Start(patch)).unwrap();
                reference.seek(SeekFrom::Start(patch)).unwrap();
                ours.write_all(&[step as u8; 9]).unwrap();
                reference.write_all(&[step as u8; 9]).unwrap();
            }
            assert_eq!(ours.seek(SeekFrom::End(0)).unwrap(), reference.seek(SeekFrom::End(0)).unwrap());
        }
        assert_eq!(ours.seal().unwrap(), reference.get_ref().len() as u64);
        assert!(store.get("a").unwrap() == reference.into_inner());
    }

    #[test]
    fn a_patch_that_straddles_segment_and_tail_lands_in_both() {
        let store = MemoryStore::new();
        let mut ours = SegmentWriter::new(store.create("a").unwrap(), Abandon::default());
        ours.write_all(&vec![1; TAIL_BYTES]).unwrap();
        ours.write_all(&[1; 10]).unwrap();
        ours.seek(SeekFrom::Start(TAIL_BYTES as u64 - 3)).unwrap();
        ours.write_all(&[2; 6]).unwrap();
        ours.seal().unwrap();
        assert_eq!(store.get("a").unwrap()[TAIL_BYTES - 4..TAIL_BYTES + 4], [1, 2, 2, 2, 2, 2, 2, 1]);
    }

    #[test]
    fn nothing_reaches_the_store_once_abandoned_and_holes_are_refused() {
        let store = MemoryStore::new();
        let abandon = Abandon::default();
        let mut ours = SegmentWriter::new(store.create("a").unwrap(), abandon.clone());
        ours.write_all(&vec![1; TAIL_BYTES]).unwrap();
        assert!(ours.seek(SeekFrom::End(1)).is_err() && ours.seek(SeekFrom::Current(i64::MIN)).is_err());
        abandon.now();
        ours.write_all(&vec![2; TAIL_BYTES]).unwrap();
        drop(ours);
        assert_eq!(store.get("a.partial").unwrap(), vec![1; TAIL_BYTES]);
    }
}
