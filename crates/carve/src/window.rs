//! Reading a candidate: small steps forward through a buffer, unreadable ranges as stops, every byte paid for.

use exhibit_evidence::{ByteRange, Source};

use crate::budget::Budget;
use crate::reading;
use crate::stop::Stop;

/// Largest slice that can be asked for at once, in bytes.
pub(crate) const WINDOW_BYTES: usize = 64 * 1024;

/// The first read is small, because most candidates are nothing; each further one doubles up to [`WINDOW_BYTES`].
const FIRST_READ_BYTES: usize = 2048;

/// A buffered view of a candidate.
pub(crate) struct Window<'a> {
    source: &'a dyn Source,
    pub(crate) budget: &'a Budget<'a>,
    buffer: Vec<u8>,
    start: u64,
    next_read: usize,
    size: u64,
}

impl<'a> Window<'a> {
    pub(crate) fn new(source: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        Self { source, budget, buffer: Vec::new(), start: 0, next_read: FIRST_READ_BYTES, size: source.size() }
    }

    /// Size of the candidate: up to the end of the medium or the largest size asked for.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Exactly `length` bytes from `at` (at most [`WINDOW_BYTES`]).
    pub(crate) fn exact(&mut self, at: u64, length: usize) -> Result<&[u8], Stop> {
        let end = at.saturating_add(length as u64);
        if end > self.size {
            return Err(Stop::End(self.size.max(at.min(self.size))));
        }
        if self.held(at, length).is_none() {
            self.refill(at, length)?;
        }
        let held_end = self.start.saturating_add(self.buffer.len() as u64);
        // A refill that got less than asked for ended at an unreadable byte.
        self.held(at, length).ok_or(Stop::Unreadable(held_end))
    }

    /// At least one byte from `at`, at most `most`.
    pub(crate) fn some(&mut self, at: u64, most: usize) -> Result<&[u8], Stop> {
        if at >= self.size {
            return Err(Stop::End(self.size));
        }
        if self.held(at, 1).is_none() {
            self.refill(at, 1)?;
        }
        let held_end = self.start.saturating_add(self.buffer.len() as u64);
        let length = usize::try_from(held_end.saturating_sub(at)).unwrap_or(0).min(most);
        match self.held(at, length) {
            Some(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(Stop::Unreadable(at)),
        }
    }

    /// `N` bytes from `at`.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Stop> {
        let bytes = self.exact(at, N)?;
        bytes.first_chunk::<N>().copied().ok_or(Stop::End(at))
    }

    pub(crate) fn u8(&mut self, at: u64) -> Result<u8, Stop> {
        Ok(u8::from_be_bytes(self.array(at)?))
    }

    pub(crate) fn u16_be(&mut self, at: u64) -> Result<u16, Stop> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    pub(crate) fn u32_be(&mut self, at: u64) -> Result<u32, Stop> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    pub(crate) fn u16_le(&mut self, at: u64) -> Result<u16, Stop> {
        Ok(u16::from_le_bytes(self.array(at)?))
    }

    pub(crate) fn u32_le(&mut self, at: u64) -> Result<u32, Stop> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    pub(crate) fn u64_le(&mut self, at: u64) -> Result<u64, Stop> {
        Ok(u64::from_le_bytes(self.array(at)?))
    }

    /// `N` bytes from `at` for a single look: what is held stays, and no more is read than asked for.
    pub(crate) fn glance<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Stop> {
        if let Some(bytes) = self.held(at, N).and_then(|bytes| bytes.first_chunk::<N>()) {
            return Ok(*bytes);
        }
        if at.saturating_add(N as u64) > self.size {
            return Err(Stop::End(self.size));
        }
        /// A call costs about as much as so many bytes.
        const CALL: u64 = 64;
        self.budget.pay(CALL.saturating_add(N as u64))?;
        let mut bytes = [0; N];
        let good = reading::fill(self.source, at, &mut bytes).map_err(Stop::Io)?;
        if good < N { Err(Stop::Unreadable(at.saturating_add(good as u64))) } else { Ok(bytes) }
    }

    /// Hands the bytes of `range` to `use_bytes`, piece by piece.
    pub(crate) fn each(&mut self, range: ByteRange, mut use_bytes: impl FnMut(&[u8])) -> Result<(), Stop> {
        let mut at = range.offset;
        while at < range.end() {
            let most = usize::try_from(range.end().saturating_sub(at)).unwrap_or(WINDOW_BYTES);
            let bytes = self.some(at, most)?;
            use_bytes(bytes);
            at = at.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }

    /// Makes sure that the bytes of `range` can be read: nobody else will notice before they are written.
    pub(crate) fn readable(&mut self, range: ByteRange) -> Result<(), Stop> {
        if range.end() > self.size {
            return Err(Stop::End(self.size));
        }
        self.each(range, |_| ())
    }

    /// Where `needle` begins at or after `at` and before `end`, if it does.
    pub(crate) fn find(&mut self, needle: &[u8], at: u64, end: u64) -> Result<Option<u64>, Stop> {
        let finder = memchr::memmem::Finder::new(needle);
        let end = end.min(self.size);
        let mut here = at;
        while here.saturating_add(needle.len() as u64) <= end {
            let length = usize::try_from(end.saturating_sub(here)).unwrap_or(usize::MAX).min(WINDOW_BYTES / 2);
            let bytes = self.exact(here, length)?;
            if let Some(found) = finder.find(bytes) {
                return Ok(Some(here.saturating_add(found as u64)));
            }
            // Overlap by a needle less one byte, so that one lying across the border is found.
            let step = length.saturating_sub(needle.len().saturating_sub(1)).max(1);
            here = here.saturating_add(step as u64);
        }
        Ok(None)
    }

    fn held(&self, at: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        self.buffer.get(from..from.checked_add(length)?)
    }

    /// Fills the buffer from `at` with at least `length` bytes, or as many as are readable.
    fn refill(&mut self, at: u64, length: usize) -> Result<(), Stop> {
        let room = usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX);
        let want = length.max(self.next_read).min(room);
        self.next_read = self.next_read.saturating_mul(2).min(WINDOW_BYTES);
        self.budget.pay(want as u64)?;
        self.start = at;
        // Not emptied first: what is held already need not be set to zero before it is read over.
        self.buffer.resize(want, 0);
        let filled = reading::fill(self.source, at, &mut self.buffer);
        self.buffer.truncate(*filled.as_ref().unwrap_or(&0));
        filled.map(|_| ()).map_err(Stop::Io)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{Known, MemorySource, ReadFault};

    use super::*;

    /// Bytes 100..200 are a gap that reads as zeros if somebody ignores what is known.
    struct Gappy;

    impl Source for Gappy {
        fn size(&self) -> u64 {
            300
        }
        fn read_at(&self, _at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
            buf.fill(0);
            Ok(())
        }
        fn known(&self, range: ByteRange) -> (ByteRange, Known) {
            let gap = ByteRange::new(100, 100);
            let inside = range.intersect(gap);
            if inside.is_empty() {
                (range, Known::Data)
            } else if inside.offset > range.offset {
                (ByteRange::between(range.offset, inside.offset), Known::Data)
            } else {
                (inside, Known::Unreadable)
            }
        }
    }

    #[test]
    fn a_gap_is_a_stop_and_never_zeros() {
        let budget = Budget::alone(1 << 20);
        let mut window = Window::new(&Gappy, &budget);
        assert_eq!(window.exact(0, 100).unwrap().len(), 100);
        assert!(matches!(window.exact(50, 51), Err(Stop::Unreadable(100))));
        assert!(matches!(window.some(150, 1), Err(Stop::Unreadable(150))));
        assert_eq!(window.exact(200, 100).unwrap().len(), 100);
        assert!(matches!(window.exact(200, 101), Err(Stop::End(300))));
    }

    #[test]
    fn needles_across_buffer_borders_are_found() {
        let mut bytes = vec![0_u8; WINDOW_BYTES * 2];
        for at in [0, WINDOW_BYTES / 2 - 2, WINDOW_BYTES - 1, WINDOW_BYTES * 2 - 3] {
            bytes[at..at + 3].copy_from_slice(b"abc");
            let budget = Budget::alone(1 << 30);
            let source = MemorySource::new(bytes.clone());
            assert_eq!(Window::new(&source, &budget).find(b"abc", 0, u64::MAX).unwrap(), Some(at as u64));
            bytes[at] = 0;
        }
    }
}
