//! Sources made of other sources.

use std::sync::Arc;

use crate::{ByteRange, Cause, Known, ReadFault, Source};

/// Bytes in memory as a source.
#[derive(Debug, Clone)]
pub struct MemorySource(Arc<[u8]>);

impl MemorySource {
    /// A source over `bytes`.
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }
}

impl Source for MemorySource {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let start = usize::try_from(at).map_err(|_| ReadFault::new(at, Cause::PastEnd))?;
        let bytes = start.checked_add(buf.len()).and_then(|end| self.0.get(start..end));
        buf.copy_from_slice(bytes.ok_or(ReadFault::new(at, Cause::PastEnd))?);
        Ok(())
    }
}

/// A range of another source: a partition, a candidate of the carver.
#[derive(Debug, Clone)]
pub struct Slice<S> {
    inner: S,
    range: ByteRange,
}

impl<S: Source> Slice<S> {
    /// The part of `inner` that lies in `range`; what reaches beyond its end is cut off.
    pub fn new(inner: S, range: ByteRange) -> Self {
        let range = range.intersect(ByteRange::new(0, inner.size()));
        Self { inner, range }
    }
}

impl<S: Source> Source for Slice<S> {
    fn size(&self) -> u64 {
        self.range.length
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.range.length)?;
        let inner_at = self.range.offset.saturating_add(at);
        self.inner.read_at(inner_at, buf).map_err(|fault| ReadFault { at, ..fault })
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        let shifted = ByteRange::new(self.range.offset.saturating_add(range.offset), range.length);
        let (run, known) = self.inner.known(shifted);
        (ByteRange::new(range.offset, run.length), known)
    }
}

/// Ranges of one source, one after another: a fragmented file, a split image.
pub struct Concat<S> {
    parts: Vec<(u64, S)>,
    size: u64,
}

impl<S: Source> Concat<S> {
    /// The parts in order; their sizes must add up to less than 2^64, parts beyond that are dropped.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = S>) -> Self {
        let mut size = 0_u64;
        let mut placed = Vec::new();
        for part in parts {
            let Some(next) = size.checked_add(part.size()) else { break };
            placed.push((size, part));
            size = next;
        }
        Self { parts: placed, size }
    }

    /// The part that holds byte `at`, the offset of `at` in it, and the bytes left in it from there.
    fn part(&self, at: u64) -> Option<(&S, u64, u64)> {
        let index = self.parts.partition_point(|(start, _)| *start <= at);
        // Empty parts share their start with the next one; the partition point already steps over them.
        let (start, part) = self.parts.get(index.checked_sub(1)?)?;
        let within = at.checked_sub(*start)?;
        Some((part, within, part.size().checked_sub(within)?))
    }
}

impl<S: Source> Source for Concat<S> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut done = 0_usize;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(done as u64);
            let (part, within, left) = self.part(here).ok_or(ReadFault { at, good: done, cause: Cause::PastEnd })?;
            let length = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let Some(piece) = rest.get_mut(..length).filter(|piece| !piece.is_empty()) else {
                return Err(ReadFault { at, good: done, cause: Cause::PastEnd });
            };
            part.read_at(within, piece).map_err(|f| ReadFault { at, good: done.saturating_add(f.good), ..f })?;
            done = done.saturating_add(length);
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        let Some((part, within, left)) = self.part(range.offset) else { return (range, Known::Data) };
        let (run, known) = part.known(ByteRange::new(within, range.length.min(left)));
        (ByteRange::new(range.offset, run.length), known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_never_shows_a_byte_outside_itself() {
        let slice = Slice::new(MemorySource::new(*b"0123456789"), ByteRange::new(2, 5));
        let mut buf = [0; 5];
        slice.read_at(0, &mut buf).unwrap();
        assert_eq!(&buf, b"23456");
        assert!(matches!(slice.read_at(1, &mut buf).unwrap_err().cause, Cause::PastEnd));
        assert_eq!(Slice::new(MemorySource::new(*b"0123"), ByteRange::new(9, 5)).size(), 0);
    }

    #[test]
    fn every_read_of_a_concatenation_equals_the_read_of_the_joined_bytes() {
        let joined = b"abcdefghij";
        let parts = [&joined[..3], &joined[3..3], &joined[3..4], &joined[4..]].map(MemorySource::new);
        let source = Concat::new(parts);
        for start in 0..=joined.len() {
            for end in start..=joined.len() {
                let mut buf = vec![0; end - start];
                source.read_at(start as u64, &mut buf).unwrap();
                assert_eq!(buf, &joined[start..end]);
            }
        }
        assert!(source.read_at(8, &mut [0; 3]).is_err());
    }
}
