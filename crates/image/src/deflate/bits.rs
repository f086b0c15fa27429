//! Bits into bytes, least significant first (RFC 1951 §3.1.1).
#![expect(clippy::indexing_slicing, reason = "hot; places are masked to the size of the array, so no check is left")]

/// Positions in the buffer; more than twice what a block takes, which is its 32 KiB and 12 bytes at most.
const SPAN: usize = 1 << 16;
/// Bytes written at once.
const WORD_BYTES: usize = 8;

/// Gathers the bits of one block after the other.
pub(super) struct BitWriter {
    bytes: Box<[u8; SPAN + WORD_BYTES]>,
    /// Bytes complete.
    length: usize,
    /// Bits not written yet, from the lowest.
    pending: u64,
    /// How many they are; below 8 after [`Self::flush`].
    count: u32,
}

impl Default for BitWriter {
    fn default() -> Self {
        Self { bytes: Box::new([0; SPAN + WORD_BYTES]), length: 0, pending: 0, count: 0 }
    }
}

impl BitWriter {
    pub(super) fn clear(&mut self) {
        (self.length, self.pending, self.count) = (0, 0, 0);
    }

    /// Adds the lowest `count` bits of `bits`; the others must be zero. Between two calls of [`Self::flush`] at most 56.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.pending |= bits.wrapping_shl(self.count);
        self.count = self.count.wrapping_add(count);
    }

    /// Makes room for 56 bits.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        if let Some(place) = self.bytes[self.length & (SPAN - 1)..].first_chunk_mut::<WORD_BYTES>() {
            *place = self.pending.to_le_bytes();
        }
        self.length = self.length.wrapping_add((self.count >> 3) as usize);
        self.pending = self.pending.wrapping_shr(self.count & !7);
        self.count &= 7;
    }

    /// Fills the byte begun with zeros.
    pub(super) fn align(&mut self) {
        self.count = self.count.next_multiple_of(8);
        self.flush();
    }

    /// Copies whole bytes after [`Self::align`].
    pub(super) fn copy(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.length..).and_then(|rest| rest.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
            self.length = self.length.wrapping_add(bytes.len());
        }
    }

    /// The bytes complete so far; bits of a byte begun stay for the next block.
    pub(super) fn take(&mut self) -> &[u8] {
        self.flush();
        let length = std::mem::take(&mut self.length);
        self.bytes.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bits_come_first_and_stay_over_a_take() {
        let mut writer = BitWriter::default();
        writer.put(0b101, 3);
        writer.put(0b1, 1);
        assert!(writer.take().is_empty());
        writer.put(0xF00, 12);
        assert_eq!(writer.take(), [0b0000_1101, 0xF0]);
        writer.put(1, 1);
        writer.align();
        writer.copy(&[9, 8]);
        assert_eq!(writer.take(), [1, 9, 8]);
    }

    #[test]
    fn as_many_bits_as_allowed_at_every_offset() {
        for offset in 0..8 {
            let mut writer = BitWriter::default();
            writer.put(0, offset);
            writer.flush();
            writer.put(u64::MAX >> 8, 56);
            writer.flush();
            writer.align();
            let ones: u32 = writer.take().iter().map(|byte| byte.count_ones()).sum();
            assert_eq!(ones, 56);
        }
    }
}
