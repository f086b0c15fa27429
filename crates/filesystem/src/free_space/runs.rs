//! Units in use, collected as ranges.

use exhibit_evidence::ByteRange;

use super::Problem;

/// Most ranges kept of one volume: 64 MiB of memory. An ordinary disk of 20 TB has some hundred thousand.
const RANGES_MAX: usize = 4 << 20;

/// Ranges of clusters or blocks, in the order in which they are added.
#[derive(Debug)]
pub(super) struct Runs {
    /// Where unit 0 begins, and how long each is, in bytes.
    base: u64,
    unit: u64,
    ranges: Vec<ByteRange>,
}

impl Runs {
    pub(super) const fn new(base: u64, unit: u64) -> Self {
        Self { base, unit, ranges: Vec::new() }
    }

    /// `count` units from `first` on are in use.
    pub(super) fn add(&mut self, first: u64, count: u64) -> Result<(), Problem> {
        let offset = self.base.saturating_add(first.saturating_mul(self.unit));
        self.bytes(ByteRange::new(offset, count.saturating_mul(self.unit)))
    }

    /// A range that is no whole number of units is in use.
    pub(super) fn bytes(&mut self, range: ByteRange) -> Result<(), Problem> {
        if range.is_empty() {
            return Ok(());
        }
        let is_full = self.ranges.len() >= RANGES_MAX;
        match self.ranges.last_mut().filter(|last| last.end() == range.offset) {
            Some(last) => last.length = last.length.saturating_add(range.length),
            None if is_full => return Err("its space is in more pieces than are kept track of".into()),
            None => self.ranges.push(range),
        }
        Ok(())
    }

    /// A bitmap, lowest bit first: bit 0 of the first byte is unit `first`; bits beyond `end` mean nothing.
    pub(super) fn bitmap(&mut self, first: u64, bytes: &[u8], end: u64) -> Result<(), Problem> {
        for (byte, place) in bytes.iter().zip((first..).step_by(8)) {
            let bits = end.saturating_sub(place).min(8);
            if *byte == 0xff && bits == 8 {
                self.add(place, 8)?;
                continue;
            }
            for bit in (0..bits).filter(|bit| byte >> bit & 1 == 1) {
                self.add(place.saturating_add(bit), 1)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<ByteRange> {
        self.ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_runs_across_bytes_and_end_where_the_volume_does() {
        let mut runs = Runs::new(100, 10);
        assert!(runs.bitmap(0, &[0b1100_0001, 0xff, 0b11], 17).is_ok());
        assert_eq!(runs.finish(), [ByteRange::new(100, 10), ByteRange::new(160, 110)]);
    }
}
