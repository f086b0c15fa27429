//! Ranges of bytes on a medium.

use std::fmt;

use serde::{Deserialize, Serialize};

/// `length` bytes from `offset`, both in bytes. The end never overflows: see [`ByteRange::end`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

impl ByteRange {
    /// `length` bytes from `offset`.
    #[must_use]
    pub const fn new(offset: u64, length: u64) -> Self {
        Self { offset, length }
    }

    /// The bytes from `start` up to, and without, `end`; empty if `end` is not after `start`.
    #[must_use]
    pub const fn between(start: u64, end: u64) -> Self {
        Self { offset: start, length: end.saturating_sub(start) }
    }

    /// The first byte after the range, or `u64::MAX` where the sum would not fit.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// Whether there is no byte in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The bytes that are in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::between(self.offset.max(other.offset), self.end().min(other.end()))
    }

    /// Whether they share a byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }
}

impl fmt::Display for ByteRange {
    /// `offset 4096 (0x1000), 512 bytes`: offsets for people are always printed in both bases.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {} (0x{:x}), {} bytes", self.offset, self.offset, self.length)
    }
}
