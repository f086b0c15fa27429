//! The last 64 KiB of a stream, at positions modulo 65 536, so that no position can lie outside.
#![expect(clippy::indexing_slicing, reason = "hot; positions are 16 bits wide, so no check is left")]

use super::symbols::BLOCK_BYTES;

/// Positions there are: the block being written and the one before it.
const SPAN: usize = BLOCK_BYTES * 2;
/// Bytes read at once.
const WORD_BYTES: usize = 8;

/// Two blocks and their neighbourhood.
pub(super) struct Window {
    /// The first bytes stand at the end once more, so that a word at the last position is whole.
    bytes: Box<[u8; SPAN + WORD_BYTES]>,
}

impl Default for Window {
    fn default() -> Self {
        Self { bytes: Box::new([0; SPAN + WORD_BYTES]) }
    }
}

impl Window {
    /// Takes in the block that begins at `offset` of the stream, a multiple of [`BLOCK_BYTES`], in place of the one
    /// before the last, and returns its position.
    pub(super) fn load(&mut self, offset: usize, block: &[u8]) -> u32 {
        let start = offset % SPAN;
        if let Some(place) = self.bytes[start..].get_mut(..block.len().min(BLOCK_BYTES)) {
            place.copy_from_slice(block);
        }
        if start == 0 {
            self.bytes.copy_within(..WORD_BYTES, SPAN);
        }
        start as u32
    }

    /// The 8 bytes from `position` on, the first one lowest.
    #[inline(always)]
    pub(super) fn word(&self, position: u32) -> u64 {
        let at = usize::from(position as u16);
        self.bytes[at..].first_chunk::<WORD_BYTES>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// The byte at `position`.
    #[inline(always)]
    pub(super) fn byte(&self, position: u32) -> u8 {
        self.bytes[usize::from(position as u16)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_run_over_the_end_of_the_window() {
        let mut window = Window::default();
        assert_eq!(window.load(BLOCK_BYTES, &[1; BLOCK_BYTES]), BLOCK_BYTES as u32);
        assert_eq!(window.load(2 * BLOCK_BYTES, &[2; BLOCK_BYTES]), 0);
        assert_eq!(window.word(65_533).to_le_bytes(), [1, 1, 1, 2, 2, 2, 2, 2]);
        assert_eq!(window.byte(65_536), 2);
    }
}
