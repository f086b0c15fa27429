//! Gaps stay gaps when an image is read again.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};
use exhibit_image::Image;

/// An image as the source of another: what is known to be unread fails to read, so that it becomes a gap again and not
/// zeros that look like data.
pub(crate) struct Honest {
    inner: Arc<dyn Image>,
    /// Gaps of the acquisition record, for containers that have no place for them.
    recorded: Vec<ByteRange>,
}

impl Honest {
    /// `recorded` are the gaps of the acquisition record, sorted.
    pub(crate) fn new(inner: Arc<dyn Image>, recorded: Vec<ByteRange>) -> Self {
        Self { inner, recorded }
    }

    /// The first recorded gap in `range`. Gaps are sorted and apart: the first that ends behind its beginning decides.
    fn recorded_in(&self, range: ByteRange) -> Option<&ByteRange> {
        let first = self.recorded.partition_point(|gap| gap.end() <= range.offset);
        self.recorded.get(first).filter(|gap| gap.overlaps(range))
    }
}

impl Source for Honest {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let range = ByteRange::new(at, buf.len() as u64);
        let mut rest = range;
        let unread = || ReadFault::new(at, Cause::Unreadable("a gap of the acquisition".to_owned()));
        if self.recorded_in(range).is_some() {
            return Err(unread());
        }
        while !rest.is_empty() {
            let (run, known) = self.inner.known(rest);
            if known == Known::Unreadable {
                return Err(unread());
            }
            rest = ByteRange::between(run.end().max(rest.offset.saturating_add(1)), rest.end());
        }
        self.inner.read_at(at, buf)
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        let inside = self.recorded_in(range);
        match inside {
            Some(gap) if gap.offset <= range.offset => (gap.intersect(range), Known::Unreadable),
            Some(gap) => self.inner.known(ByteRange::between(range.offset, gap.offset)),
            None => self.inner.known(range),
        }
    }
}
