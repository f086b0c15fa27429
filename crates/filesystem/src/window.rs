//! A bounded view of one volume.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use exhibit_evidence::{ByteRange, Known, Source};

/// Unit of reading and remembering: 4 KiB, so that one bad sector hides no more than a page would.
const PAGE_BYTES: u64 = 4096;

/// Most pages read of one volume: 1 MiB. Recognising a volume takes some twenty.
const PAGES_MAX: usize = 256;

/// Reads small pieces of a volume and remembers them. What cannot be read, lies beyond the end or beyond the limit is
/// `None`, and the first and the last are told apart afterwards by [`Window::unread`] and [`Window::limited`].
pub struct Window<'a> {
    source: &'a dyn Source,
    range: ByteRange,
    pages: RefCell<BTreeMap<u64, Option<Box<[u8]>>>>,
    unread: Cell<bool>,
    limited: Cell<bool>,
}

impl std::fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("range", &self.range).finish_non_exhaustive()
    }
}

impl<'a> Window<'a> {
    /// The part of `source` in `range`; what reaches beyond the end of the source is cut off.
    #[must_use]
    pub fn new(source: &'a dyn Source, range: ByteRange) -> Self {
        let range = range.intersect(ByteRange::new(0, source.size()));
        let pages = RefCell::default();
        Self { source, range, pages, unread: Cell::new(false), limited: Cell::new(false) }
    }

    /// Bytes in the volume, as far as the source has them.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.range.length
    }

    /// Whether something that was asked for could not be read.
    #[must_use]
    pub fn unread(&self) -> bool {
        self.unread.get()
    }

    /// Whether something was not read because the limit of one volume was reached.
    #[must_use]
    pub fn limited(&self) -> bool {
        self.limited.get()
    }

    /// `length` bytes at `at`; `None` if any of them is not to be had.
    #[must_use]
    pub fn bytes(&self, at: u64, length: usize) -> Option<Vec<u8>> {
        let end = at.checked_add(length as u64).filter(|end| *end <= self.range.length)?;
        // No caller wants more than the limit; a length from the medium might.
        if length as u64 > PAGE_BYTES.saturating_mul(PAGES_MAX as u64) {
            self.limited.set(true);
            return None;
        }
        let mut bytes = Vec::with_capacity(length);
        let mut here = at;
        while here < end {
            let (page, within) = (here / PAGE_BYTES, here % PAGE_BYTES);
            let take = PAGE_BYTES.saturating_sub(within).min(end.saturating_sub(here));
            let (from, to) = (usize::try_from(within).ok()?, usize::try_from(within.saturating_add(take)).ok()?);
            self.with_page(page, |content| content.get(from..to).map(|piece| bytes.extend_from_slice(piece)))?;
            here = here.saturating_add(take);
        }
        Some(bytes)
    }

    /// `N` bytes at `at`.
    #[must_use]
    pub fn array<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        self.bytes(at, N)?.try_into().ok()
    }

    /// Whether these bytes stand at `at`.
    #[must_use]
    pub fn has(&self, at: u64, wanted: &[u8]) -> bool {
        self.bytes(at, wanted.len()).is_some_and(|bytes| bytes == wanted)
    }

    /// A little-endian number of 16 bits.
    #[must_use]
    pub fn u16_le(&self, at: u64) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    /// A little-endian number of 32 bits.
    #[must_use]
    pub fn u32_le(&self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    /// A little-endian number of 64 bits.
    #[must_use]
    pub fn u64_le(&self, at: u64) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// A big-endian number of 16 bits.
    #[must_use]
    pub fn u16_be(&self, at: u64) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    /// A big-endian number of 32 bits.
    #[must_use]
    pub fn u32_be(&self, at: u64) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// A text field that ends at its first zero byte, blanks around it taken off; `None` if nothing is left.
    #[must_use]
    pub fn text(&self, at: u64, length: usize) -> Option<String> {
        let bytes = self.bytes(at, length)?;
        let stored = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(stored).trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    fn with_page<T>(&self, page: u64, use_it: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
        let mut pages = self.pages.borrow_mut();
        if !pages.contains_key(&page) {
            if pages.len() >= PAGES_MAX {
                self.limited.set(true);
                return None;
            }
            let content = self.read(page);
            pages.insert(page, content);
        }
        let content = pages.get(&page)?.as_deref();
        if content.is_none() {
            self.unread.set(true);
        }
        use_it(content?)
    }

    fn read(&self, page: u64) -> Option<Box<[u8]>> {
        let start = page.checked_mul(PAGE_BYTES)?;
        let length = PAGE_BYTES.min(self.range.length.checked_sub(start)?);
        let range = ByteRange::new(self.range.offset.checked_add(start)?, length);
        let mut rest = range;
        while !rest.is_empty() {
            let (run, known) = self.source.known(rest);
            if known == Known::Unreadable {
                return None;
            }
            rest = ByteRange::between(run.end().max(rest.offset.saturating_add(1)), rest.end());
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.source.read_at(range.offset, &mut bytes).ok()?;
        Some(bytes.into_boxed_slice())
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    #[test]
    fn pieces_across_pages_equal_the_bytes_and_nothing_outside_is_given() {
        let bytes: Vec<u8> = (0..10_000_u32).map(|n| (n % 251) as u8).collect();
        let source = MemorySource::new(bytes.clone());
        let window = Window::new(&source, ByteRange::new(100, 9_000));
        assert_eq!(window.bytes(4000, 300).unwrap(), &bytes[4100..4400]);
        assert_eq!(window.bytes(8999, 1).unwrap(), &bytes[9099..9100]);
        assert!(window.bytes(9000, 1).is_none() && window.bytes(u64::MAX, 2).is_none());
        assert!(!window.unread() && !window.limited());
    }

    #[test]
    fn the_limit_is_reached_and_told() {
        let source = MemorySource::new(vec![0; 2 << 20]);
        let window = Window::new(&source, ByteRange::new(0, 2 << 20));
        let read = (0..512).filter(|page| window.bytes(page * 4096, 1).is_some()).count();
        assert_eq!((read, window.limited()), (256, true));
    }
}
