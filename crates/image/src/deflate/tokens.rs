//! What a block says: literals and matches, and how often each symbol occurs.
#![expect(clippy::indexing_slicing, reason = "hot; every index is masked to the size of its array")]

use super::symbols::{
    BLOCK_BYTES, DISTANCES, END_OF_BLOCK, LENGTH_SYMBOLS, LENGTHS_START, LITERALS, MATCH_MIN, distance_symbol,
};
use super::window::Window;

/// Shortest match the finder takes.
pub(super) const MATCH_FOUND_MIN: u32 = 6;
/// Room for the matches of a block; a power of two, so that an index can be masked.
const SEQUENCES: usize = (BLOCK_BYTES / MATCH_FOUND_MIN as usize).next_power_of_two();

/// Some literals, then a match: from the lowest bit 16 bits number of literals, 8 bits length minus [`MATCH_MIN`], 8 bits
/// symbol of the distance, 16 bits distance minus 1.
#[derive(Clone, Copy, Default)]
pub(super) struct Sequence(u64);

impl Sequence {
    /// Literals before the match.
    #[inline(always)]
    pub(super) fn literals(self) -> u32 {
        self.0 as u32 & 0xFFFF
    }
    /// Length of the match minus [`MATCH_MIN`].
    #[inline(always)]
    pub(super) fn length(self) -> u8 {
        (self.0 >> 16) as u8
    }
    /// Symbol of the distance.
    #[inline(always)]
    pub(super) fn distance_symbol(self) -> u8 {
        (self.0 >> 24) as u8
    }
    /// Distance minus 1.
    #[inline(always)]
    pub(super) fn distance(self) -> u16 {
        (self.0 >> 32) as u16
    }
}

/// The literals and matches of one block.
pub(super) struct Tokens {
    sequences: Box<[Sequence; SEQUENCES]>,
    count: usize,
    /// Literals after the last match.
    pub(super) literals_after: u32,
    /// Occurrences of literals, end of block and lengths; longer than the alphabet for the sake of masks.
    literal_counts: [u32; 320],
    distances: [u32; 32],
}

impl Default for Tokens {
    fn default() -> Self {
        let sequences = Box::new([Sequence::default(); SEQUENCES]);
        Self { sequences, count: 0, literals_after: 0, literal_counts: [0; 320], distances: [0; 32] }
    }
}

impl Tokens {
    pub(super) fn clear(&mut self) {
        (self.count, self.literals_after) = (0, 0);
        self.literal_counts.fill(0);
        self.distances.fill(0);
        self.literal_counts[END_OF_BLOCK] = 1;
    }

    /// Counts the literals from one position to another. Their places follow from the matches around them.
    #[inline(always)]
    pub(super) fn literals(&mut self, window: &Window, from: u32, until: u32) {
        for at in from..until {
            let count = &mut self.literal_counts[usize::from(window.byte(at))];
            *count = count.wrapping_add(1);
        }
    }

    /// Adds a match that follows `literals` literals.
    #[inline(always)]
    pub(super) fn sequence(&mut self, literals: u32, length: u32, distance: u32) {
        let length = length.wrapping_sub(MATCH_MIN) as u8;
        let distance = distance.wrapping_sub(1) as u16;
        let symbol = distance_symbol(distance);
        let count = &mut self.literal_counts[LENGTHS_START + usize::from(LENGTH_SYMBOLS[usize::from(length)] & 31)];
        *count = count.wrapping_add(1);
        let count = &mut self.distances[usize::from(symbol & 31)];
        *count = count.wrapping_add(1);
        let match_fields = u64::from(length) << 16 | u64::from(symbol) << 24 | u64::from(distance) << 32;
        self.sequences[self.count & (SEQUENCES - 1)] = Sequence(u64::from(literals) | match_fields);
        self.count = self.count.wrapping_add(1);
    }

    /// The matches in order.
    pub(super) fn sequences(&self) -> &[Sequence] {
        self.sequences.get(..self.count).unwrap_or_default()
    }

    /// Occurrences of literals, end of block and lengths.
    pub(super) fn literal_frequencies(&self) -> &[u32; LITERALS] {
        self.literal_counts.first_chunk().unwrap_or(&[0; LITERALS])
    }

    /// Occurrences of distances.
    pub(super) fn distance_frequencies(&self) -> &[u32; DISTANCES] {
        self.distances.first_chunk().unwrap_or(&[0; DISTANCES])
    }
}
