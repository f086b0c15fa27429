//! Gaps as the loop hands them on: cut at blocks, joined again where they tell the same story.

use exhibit_evidence::{ByteRange, Cause, Gap, Known, ReadFault, Source};
use exhibit_image::Fill;

/// The parts of `gaps` (in order, not overlapping) that lie in `range`.
pub(crate) fn within(gaps: &[Gap], range: ByteRange) -> Vec<Gap> {
    let first = gaps.partition_point(|gap| gap.range().end() <= range.offset);
    let part = |gap: &Gap| {
        let part = gap.range().intersect(range);
        (!part.is_empty()).then(|| Gap { offset: part.offset, length: part.length, ..gap.clone() })
    };
    gaps.iter().skip(first).map_while(part).collect()
}

/// Adds a gap, joined with the one before where they touch and have the same story.
pub(crate) fn join(gaps: &mut Vec<Gap>, gap: Gap) {
    match gaps.last_mut() {
        Some(last)
            if last.range().end() == gap.offset
                && last.cause == gap.cause
                && last.retries == gap.retries
                && last.fill == gap.fill =>
        {
            last.length = last.length.saturating_add(gap.length);
        }
        _ => gaps.push(gap),
    }
}

/// A source whose gaps are known: there the fill stands, and nothing is read.
pub(crate) struct Filled<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) gaps: &'a [Gap],
    pub(crate) fill: Fill,
}

impl Source for Filled<'_> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let range = ByteRange::new(at, buf.len() as u64);
        let place = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut done = at;
        let ends = ByteRange::new(range.end(), 0);
        for gap in within(self.gaps, range).iter().map(Gap::range).chain([ends]) {
            if gap.offset > done {
                let part = buf.get_mut(place(done)..place(gap.offset)).unwrap_or_default();
                self.source.read_at(done, part).map_err(|fault| ReadFault {
                    at,
                    good: place(done).saturating_add(fault.good),
                    ..fault
                })?;
            }
            let Some(part) = buf.get_mut(place(gap.offset)..place(gap.end())) else {
                return Err(ReadFault::new(at, Cause::PastEnd));
            };
            self.fill.put(gap.offset, part);
            done = gap.end();
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        (range, Known::Data)
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn gap(offset: u64, length: u64) -> Gap {
        Gap { offset, length, cause: "bad".to_owned(), retries: 1, fill: "zero".to_owned() }
    }

    #[test]
    fn gaps_cut_anywhere_and_joined_again_are_the_same_gaps() {
        let gaps = [gap(3, 4), gap(9, 2), gap(20, 30)];
        for step in 1..60 {
            let mut joined = Vec::new();
            for block in 0..60_u64.div_ceil(step) {
                within(&gaps, ByteRange::new(block * step, step)).into_iter().for_each(|gap| join(&mut joined, gap));
            }
            assert_eq!(joined, gaps, "cut every {step} bytes");
        }
    }

    #[test]
    fn every_read_of_a_filled_source_has_zeros_in_the_gaps_and_the_bytes_beside_them() {
        let bytes: Vec<u8> = (1..=40).collect();
        let gaps = [gap(0, 2), gap(7, 1), gap(8, 5), gap(38, 2)];
        let mut expected = bytes.clone();
        gaps.iter().for_each(|gap| expected[gap.offset as usize..gap.range().end() as usize].fill(0));
        let source = MemorySource::new(bytes);
        let filled = Filled { source: &source, gaps: &gaps, fill: Fill::Zero };
        for start in 0..=40 {
            for end in start..=40 {
                let mut buf = vec![255; end - start];
                filled.read_at(start as u64, &mut buf).unwrap();
                assert_eq!(buf, &expected[start..end], "{start}..{end}");
            }
        }
        assert!(filled.read_at(39, &mut [0; 2]).is_err());
    }
}
