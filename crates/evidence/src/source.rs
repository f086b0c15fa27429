//! Reading a medium.

use std::fmt;
use std::sync::Arc;

use crate::ByteRange;

/// Random access, read-only, shareable between threads. There is no write method to forget.
pub trait Source: Send + Sync {
    /// Size in bytes.
    fn size(&self) -> u64;

    /// Fills `buf` from byte `at`, or says exactly where and why it could not.
    ///
    /// # Errors
    /// A [`ReadFault`] with the number of bytes at the start of `buf` that are good. The rest of `buf` is unspecified
    /// and must not be taken for data. Reading past the end is a fault ([`Cause::PastEnd`]), not a short read.
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault>;

    /// What is known without reading: the first run of `range`, and its nature.
    ///
    /// The answer covers a non-empty prefix of `range` (unless `range` is empty) and never extends beyond it.
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (range, Known::Data)
    }
}

impl<S: Source + ?Sized> Source for Arc<S> {
    fn size(&self) -> u64 {
        (**self).size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        (**self).read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (**self).known(range)
    }
}

impl<S: Source + ?Sized> Source for &S {
    fn size(&self) -> u64 {
        (**self).size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        (**self).read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (**self).known(range)
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn size(&self) -> u64 {
        (**self).size()
    }
    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        (**self).read_at(at, buf)
    }
    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (**self).known(range)
    }
}

/// The nature of a range, known without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// Ordinary data, or not known.
    Data,
    /// All zero, by the container's own word.
    Zero,
    /// Not there: was unreadable when imaged, or its segment is missing. Fill is not data.
    Unreadable,
}

/// A read that did not fill its buffer.
#[derive(Debug)]
pub struct ReadFault {
    /// Where the read began.
    pub at: u64,
    /// How many bytes at the start of the buffer are good.
    pub good: usize,
    /// Why it stopped there.
    pub cause: Cause,
}

/// Why a read stopped.
#[derive(Debug)]
pub enum Cause {
    /// The device could not read the sector.
    Medium(std::io::Error),
    /// The range reaches beyond the end of the source.
    PastEnd,
    /// The container's bytes are damaged there: a sentence with structure and position.
    Corrupt(String),
    /// The range is recorded as a gap or its segment is missing.
    Unreadable(String),
    /// Something else failed: permission, vanished device, network file.
    Io(std::io::Error),
}

impl ReadFault {
    /// A fault at `at` with nothing good.
    #[must_use]
    pub const fn new(at: u64, cause: Cause) -> Self {
        Self { at, good: 0, cause }
    }

    /// Checks that `length` bytes from `at` lie inside a source of `size` bytes.
    ///
    /// # Errors
    /// [`Cause::PastEnd`] if they do not.
    pub fn check_bounds(at: u64, length: usize, size: u64) -> Result<(), Self> {
        match at.checked_add(length as u64) {
            Some(end) if end <= size => Ok(()),
            _ => Err(Self::new(at, Cause::PastEnd)),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Medium(error) => write!(f, "medium error: {error}"),
            Self::PastEnd => f.write_str("beyond the end of the source"),
            Self::Corrupt(text) => write!(f, "damaged: {text}"),
            Self::Unreadable(text) => write!(f, "unreadable: {text}"),
            Self::Io(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for ReadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.at.saturating_add(self.good as u64);
        write!(f, "cannot read at offset {place} (0x{place:x}): {}", self.cause)
    }
}

impl std::error::Error for ReadFault {}
