//! The parts of a medium that are searched, put together as if nothing lay between them.
//!
//! What a file system holds is no part of a deleted file. Left out, the two halves of a file around it lie side by side.

use exhibit_evidence::{ByteRange, Concat, Slice, Source};

use crate::error::CarveError;

/// Ranges of a medium as one source, and the way back to the medium.
pub(crate) struct Areas<'a> {
    /// Where each range begins in the view, and where it lies on the medium.
    parts: Vec<(u64, ByteRange)>,
    view: Concat<Slice<&'a dyn Source>>,
}

impl<'a> Areas<'a> {
    /// `ranges` must be sorted and must not overlap.
    pub(crate) fn new(medium: &'a dyn Source, ranges: &[ByteRange]) -> Result<Self, CarveError> {
        let in_order = ranges.is_sorted_by(|one, next| one.end() <= next.offset);
        if !in_order || ranges.last().is_some_and(|last| last.end() > medium.size()) {
            return Err(CarveError::Usage(
                "the areas to search are not in order, or reach beyond the medium".to_owned(),
            ));
        }
        let ranges = || ranges.iter().filter(|range| !range.is_empty());
        let mut at = 0_u64;
        let place = |range: &ByteRange| {
            let start = at;
            at = at.saturating_add(range.length);
            (start, *range)
        };
        let parts = ranges().map(place).collect();
        Ok(Self { parts, view: Concat::new(ranges().map(|range| Slice::new(medium, *range))) })
    }

    pub(crate) fn view(&self) -> &dyn Source {
        &self.view
    }

    /// Where a range of the view lies on the medium; never nothing.
    pub(crate) fn on_medium(&self, range: ByteRange) -> Vec<ByteRange> {
        let first = self.parts.partition_point(|(start, _)| *start <= range.offset).saturating_sub(1);
        let mut pieces = Vec::new();
        for (start, part) in self.parts.iter().skip(first) {
            let here = ByteRange::new(*start, part.length).intersect(range);
            if !here.is_empty() {
                let within = here.offset.saturating_sub(*start);
                pieces.push(ByteRange::new(part.offset.saturating_add(within), here.length));
            } else if *start >= range.end() {
                break;
            }
        }
        if pieces.is_empty() {
            let part = self.parts.get(first).copied().unwrap_or_default();
            let within = range.offset.saturating_sub(part.0);
            pieces.push(ByteRange::new(part.1.offset.saturating_add(within), 0));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    #[test]
    fn ranges_of_the_view_lie_in_the_areas() {
        let medium = MemorySource::new((0..100).collect::<Vec<u8>>());
        let range = ByteRange::new;
        let areas = Areas::new(&medium, &[range(10, 5), range(20, 0), range(30, 10), range(90, 10)]).unwrap();
        let mut bytes = vec![0; 25];
        areas.view().read_at(0, &mut bytes).unwrap();
        assert_eq!((bytes[4], bytes[5], bytes[14], bytes[15]), (14, 30, 39, 90));
        assert_eq!(areas.view().size(), 25);
        assert_eq!(areas.on_medium(range(3, 20)), [range(13, 2), range(30, 10), range(90, 8)]);
        assert_eq!(areas.on_medium(range(5, 1)), [range(30, 1)]);
        assert_eq!(areas.on_medium(range(5, 0)), [range(30, 0)]);
        assert!(Areas::new(&medium, &[range(10, 5), range(14, 5)]).is_err());
        assert!(Areas::new(&medium, &[range(99, 2)]).is_err());
    }
}
