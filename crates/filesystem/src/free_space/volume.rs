//! Reading a volume from anywhere in it, in bounded pieces.

use exhibit_evidence::{ByteRange, Cancel, Known, Source};

use super::Problem;

/// Bytes of a table that are read at once.
pub(super) const PIECE_BYTES: u64 = 256 * 1024;

/// A volume whose table of allocation is read.
pub(super) struct Volume<'a> {
    medium: &'a dyn Source,
    range: ByteRange,
    cancel: &'a Cancel,
}

impl<'a> Volume<'a> {
    pub(super) const fn new(medium: &'a dyn Source, range: ByteRange, cancel: &'a Cancel) -> Self {
        Self { medium, range, cancel }
    }

    pub(super) const fn size(&self) -> u64 {
        self.range.length
    }

    /// `length` bytes (at most [`PIECE_BYTES`]) at `at`; `None` if any of them is not to be had.
    pub(super) fn bytes(&self, at: u64, length: u64) -> Option<Vec<u8>> {
        at.checked_add(length).filter(|end| *end <= self.range.length && length <= PIECE_BYTES)?;
        let start = self.range.offset.checked_add(at)?;
        let mut rest = ByteRange::new(start, length);
        while !rest.is_empty() {
            let (run, known) = self.medium.known(rest);
            if known == Known::Unreadable {
                return None;
            }
            rest = ByteRange::between(run.end().max(rest.offset.saturating_add(1)), rest.end());
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.medium.read_at(start, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Hands `length` bytes from `at` to `take` in pieces of [`PIECE_BYTES`] (a multiple of any entry's size but the 12 bits
    /// of FAT12): how far into the range each begins, and its bytes. The number of pieces that could not be read.
    pub(super) fn pieces(
        &self,
        at: u64,
        length: u64,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), Problem>,
    ) -> Result<u64, Problem> {
        let (mut done, mut unread) = (0_u64, 0_u64);
        while done < length {
            if self.cancel.is_cancelled() {
                return Err(Problem::Interrupted);
            }
            let piece = PIECE_BYTES.min(length.saturating_sub(done));
            match self.bytes(at.saturating_add(done), piece) {
                Some(bytes) => take(done, &bytes)?,
                None => unread = unread.saturating_add(1),
            }
            done = done.saturating_add(piece);
        }
        Ok(unread)
    }
}

/// A little-endian number of two bytes at `at`.
pub(super) fn u16_le(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from(u16::from_le_bytes(*bytes)))
}

/// A little-endian number of four bytes at `at`.
pub(super) fn u32_le(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)))
}

/// A little-endian number of eight bytes at `at`.
pub(super) fn u64_le(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
