//! A medium on which every 16 bytes spell their own place.

use exhibit_evidence::{MemorySource, ReadFault, Source};

/// Bytes of one cell: 15 hexadecimal digits and a line feed.
const CELL: usize = 16;

/// `size` bytes of [`PatternSource`] in memory.
#[must_use]
pub fn pattern(size: usize) -> MemorySource {
    let mut bytes = vec![0; size];
    fill(0, &mut bytes);
    MemorySource::new(bytes)
}

/// A medium of any size without memory. Each cell of 16 bytes is its own number (byte offset / 16) in 15 hexadecimal
/// digits and a line feed; the number of a 512-byte sector is that of its first cell without the last digit, halved.
///
/// No two sectors are equal, so a shifted, swapped or repeated block cannot pass for the right one, and a hex dump of
/// a wrong byte says where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternSource {
    size: u64,
}

impl PatternSource {
    /// A medium of `size` bytes.
    #[must_use]
    pub const fn new(size: u64) -> Self {
        Self { size }
    }
}

impl Source for PatternSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        fill(at, buf);
        Ok(())
    }
}

/// The pattern from byte `at` on.
fn fill(at: u64, buf: &mut [u8]) {
    let number = at / CELL as u64;
    let skipped = usize::try_from(at % CELL as u64).unwrap_or(0);
    let head = buf.len().min(CELL.saturating_sub(skipped));
    let (first, rest) = buf.split_at_mut(head);
    for (to, from) in first.iter_mut().zip(cell(number).into_iter().skip(skipped)) {
        *to = from;
    }
    for (number, piece) in (number.wrapping_add(1)..).zip(rest.chunks_mut(CELL)) {
        for (to, from) in piece.iter_mut().zip(cell(number)) {
            *to = from;
        }
    }
}

/// One cell: the number, most significant digit first, and a line feed so that `strings` and pagers show a column.
fn cell(number: u64) -> [u8; CELL] {
    let mut cell = [b'\n'; CELL];
    let mut left = number;
    for digit in cell.iter_mut().rev().skip(1) {
        let nibble = (left & 15) as u8;
        *digit = if nibble < 10 { b'0'.wrapping_add(nibble) } else { b'a'.wrapping_add(nibble.wrapping_sub(10)) };
        left >>= 4;
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_spells_its_number() {
        let mut buf = [0; 16];
        PatternSource::new(u64::MAX).read_at(0xabc_def0, &mut buf).unwrap();
        assert_eq!(&buf, b"000000000abcdef\n");
    }

    #[test]
    fn every_read_equals_the_same_range_of_the_whole() {
        let mut whole = vec![0; 100];
        pattern(100).read_at(0, &mut whole).unwrap();
        for start in 0..=100_usize {
            for end in start..=100 {
                let mut part = vec![0; end - start];
                PatternSource::new(100).read_at(start as u64, &mut part).unwrap();
                assert_eq!(part, &whole[start..end], "{start}..{end}");
            }
        }
    }

    #[test]
    fn the_end_is_an_end_even_at_the_last_byte_of_the_largest_medium() {
        let source = PatternSource::new(u64::MAX);
        assert!(source.read_at(u64::MAX - 5, &mut [0; 5]).is_ok());
        assert!(source.read_at(u64::MAX - 5, &mut [0; 6]).is_err());
    }
}
