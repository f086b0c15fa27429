//! Tables of a container that may be larger than memory: read a page at a time, a few pages kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{Cause, Source};

/// A page in bytes: 16384 entries of four bytes, one page for each GiB of medium in 64 KiB units.
const PAGE_BYTES: u64 = 64 << 10;
/// Pages kept for all files of an image: 2 MiB, enough for the readers of all cores, each in a neighbourhood of its own.
const PAGES_KEPT: usize = 32;

type Page = Arc<[u8]>;
/// Pages by number of the file and number of the page, the newest at the end.
type Pages = Mutex<VecDeque<(usize, u64, Page)>>;

/// A file whose tables are looked up entry by entry.
pub(crate) struct Paged {
    source: Arc<dyn Source>,
    number: usize,
    pages: Arc<Pages>,
}

impl Paged {
    pub(crate) fn new(source: Arc<dyn Source>) -> Self {
        Self { source, number: 0, pages: Arc::default() }
    }

    /// All of `sources`, which share the pages that are kept.
    pub(crate) fn all(sources: impl IntoIterator<Item = Arc<dyn Source>>) -> Vec<Self> {
        let pages = Arc::new(Pages::default());
        let one = |(number, source)| Self { source, number, pages: pages.clone() };
        sources.into_iter().enumerate().map(one).collect()
    }

    /// Size of the file in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// The `N` bytes at `at`.
    ///
    /// # Errors
    /// [`Cause::Corrupt`] if the file ends before, otherwise what reading it said.
    pub(crate) fn entry<const N: usize>(&self, at: u64) -> Result<[u8; N], Cause> {
        let mut bytes = [0; N];
        self.fill(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Fills `out` from `at`.
    ///
    /// # Errors
    /// As [`Paged::entry`].
    pub(crate) fn fill(&self, at: u64, out: &mut [u8]) -> Result<(), Cause> {
        let end = at.checked_add(out.len() as u64).filter(|&end| end <= self.size());
        if end.is_none() {
            return Err(Cause::Corrupt(format!("a table entry at {at} (0x{at:x}) lies behind the end of the file")));
        }
        let mut done = 0_usize;
        while let Some(rest) = out.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(done as u64);
            let page = self.page(here / PAGE_BYTES)?;
            let skip = usize::try_from(here % PAGE_BYTES).unwrap_or(usize::MAX);
            let there = page.get(skip..).unwrap_or_default();
            let length = rest.len().min(there.len());
            if length == 0 {
                return Err(Cause::PastEnd);
            }
            let (Some(to), Some(from)) = (rest.get_mut(..length), there.get(..length)) else { break };
            to.copy_from_slice(from);
            done = done.saturating_add(length);
        }
        Ok(())
    }

    fn page(&self, number: u64) -> Result<Page, Cause> {
        let lock = || self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest are at the end: neighbouring entries are looked up one after another.
        let is_it = |kept: &&(usize, u64, Page)| (kept.0, kept.1) == (self.number, number);
        if let Some((_, _, page)) = lock().iter().rev().find(is_it) {
            return Ok(page.clone());
        }
        let start = number.saturating_mul(PAGE_BYTES);
        let length = usize::try_from(self.size().saturating_sub(start).min(PAGE_BYTES)).unwrap_or(0);
        let mut page: Page = std::iter::repeat_n(0, length).collect();
        if let Some(bytes) = Arc::get_mut(&mut page) {
            self.source.read_at(start, bytes).map_err(|fault| fault.cause)?;
        }
        let mut pages = lock();
        while pages.len() >= PAGES_KEPT {
            pages.pop_front();
        }
        pages.push_back((self.number, number, page.clone()));
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    #[test]
    fn entries_are_the_bytes_of_the_file_across_pages_and_end_with_it() {
        let bytes: Vec<u8> = (0..3 * PAGE_BYTES as usize + 5).map(|n| (n / 7 % 251) as u8).collect();
        let paged = Paged::new(Arc::new(MemorySource::new(bytes.clone())));
        for at in [0, 1, PAGE_BYTES as usize - 3, 2 * PAGE_BYTES as usize - 8, bytes.len() - 8] {
            assert_eq!(paged.entry::<8>(at as u64).unwrap(), bytes[at..at + 8], "{at}");
        }
        assert!(paged.entry::<8>(bytes.len() as u64 - 7).is_err() && paged.entry::<8>(u64::MAX).is_err());
        let mut all = vec![0; bytes.len()];
        paged.fill(0, &mut all).unwrap();
        assert_eq!(all, bytes);
    }
}
