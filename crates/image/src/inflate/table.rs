//! Code words to what they stand for, by table (RFC 1951 §3.2.2).
//!
//! The next bits of the stream are the index. Words longer than that lead to a second table.
#![expect(
    clippy::indexing_slicing,
    reason = "hot; an index is masked to the size of the table, or below it by construction"
)]

/// Longest code word, bits.
const WORD_BITS_MAX: usize = 15;
/// Symbols of the largest alphabet.
const SYMBOLS_MAX: usize = 288;

/// A table of `SIZE` entries (a power of two), of which the first 2^`BITS` are found by the next bits.
///
/// An entry says in its lowest 8 bits how many bits are consumed: the word, and extra bits that follow it.
pub(super) struct Table<const BITS: usize, const SIZE: usize>(Box<[u32; SIZE]>);

/// A literal, in bits 8 to 15.
pub(super) const LITERAL: u32 = 1 << 31;
/// Not a literal, and not a value either.
pub(super) const SPECIAL: u32 = 1 << 15;
/// With [`SPECIAL`]: leads to a second table, from the entry in bits 16 to 28 on, by as many bits as bits 8 to 11 say.
pub(super) const LONGER: u32 = 1 << 14;
/// Ends a block.
pub(super) const END: u32 = SPECIAL | 1 << 13;
/// No word.
pub(super) const NO_WORD: u32 = SPECIAL;

/// A literal.
pub(super) const fn literal(byte: u8) -> u32 {
    LITERAL | (byte as u32) << 8
}

/// A value that is `base` (below 2^15) and `extra_bits` more.
pub(super) const fn value(base: u16, extra_bits: u8) -> u32 {
    (base as u32) << 16 | extra_bits as u32
}

/// The entry of a word of so many bits: of a value, their number alone is in bits 8 to 11.
const fn with_length(entry: u32, bits: usize) -> u32 {
    let word = if entry & LITERAL == 0 { (bits as u32) << 8 } else { 0 };
    (entry | word).wrapping_add(bits as u32)
}

impl<const BITS: usize, const SIZE: usize> Default for Table<BITS, SIZE> {
    fn default() -> Self {
        Self(Box::new([NO_WORD; SIZE]))
    }
}

impl<const BITS: usize, const SIZE: usize> Table<BITS, SIZE> {
    /// What the next bits stand for.
    #[inline(always)]
    pub(super) fn find(&self, bits: u64) -> u32 {
        self.0[bits as usize & ((1 << BITS) - 1)]
    }

    /// Where an entry with [`LONGER`] entry leads to; `bits` are those behind the first `BITS`.
    #[inline(always)]
    pub(super) fn find_longer(&self, entry: u32, bits: u64) -> u32 {
        let index = bits as usize & ((1 << (entry >> 8 & 0xf)) - 1);
        self.0[((entry >> 16 & 0x1fff) as usize).wrapping_add(index) & (SIZE - 1)]
    }

    /// Fills the table for the canonical code with these `lengths`; `entries` are what the symbols stand for. `false` if
    /// that is no complete code, or needs more room. With `lonely` a code of no word, or of one word of one bit, is taken too.
    pub(super) fn fill(&mut self, lengths: &[u8], entries: &[u32], lonely: bool) -> bool {
        let mut counts = [0_u16; WORD_BITS_MAX + 1];
        for &length in lengths {
            counts[usize::from(length & 15)] += 1;
        }
        counts[0] = 0;
        // In units of the longest words.
        let filled: u32 =
            counts.iter().zip((0..=WORD_BITS_MAX).rev()).map(|(&count, shift)| u32::from(count) << shift).sum();
        if filled != 1 << WORD_BITS_MAX {
            return lonely && self.fill_lonely(lengths, entries);
        }
        let mut starts = [0_u16; WORD_BITS_MAX + 2];
        for length in 1..=WORD_BITS_MAX {
            starts[length + 1] = starts[length].wrapping_add(counts[length]);
        }
        let mut sorted = [0_u16; SYMBOLS_MAX];
        let mut next = starts;
        for (symbol, &length) in lengths.iter().enumerate().take(SYMBOLS_MAX) {
            if length != 0 {
                let place = &mut next[usize::from(length & 15)];
                sorted[usize::from(*place) % SYMBOLS_MAX] = symbol as u16;
                *place = place.wrapping_add(1);
            }
        }
        let mut word = Word::default();
        for length in 1..=BITS.min(WORD_BITS_MAX) {
            // So far the table is that of the next `length` - 1 bits: one more is either way the same.
            if length > 1 {
                self.0.copy_within(..1 << (length - 1), 1 << (length - 1));
            }
            for &symbol in &sorted[usize::from(starts[length])..usize::from(starts[length + 1])] {
                self.0[word.reversed & (SIZE - 1)] = with_length(entries[usize::from(symbol) % entries.len()], length);
                word.advance(length);
            }
        }
        BITS >= WORD_BITS_MAX || self.fill_longer(&sorted, &starts, entries, word)
    }

    /// The words of more than `BITS` bits.
    fn fill_longer(
        &mut self,
        sorted: &[u16],
        starts: &[u16; WORD_BITS_MAX + 2],
        entries: &[u32],
        mut word: Word,
    ) -> bool {
        let mut end = 1 << BITS;
        let mut second: Option<(usize, usize)> = None;
        for length in BITS + 1..=WORD_BITS_MAX {
            let symbols = &sorted[usize::from(starts[length])..usize::from(starts[length + 1])];
            for (done, &symbol) in symbols.iter().enumerate() {
                let first = word.reversed & ((1 << BITS) - 1);
                let start = match second {
                    Some((of, start)) if of == first => start,
                    _ => {
                        // As many bits as make room for all words that begin like this one.
                        let mut bits = length - BITS;
                        let mut room = symbols.len() - done;
                        while room < 1 << bits && BITS + bits < WORD_BITS_MAX {
                            bits += 1;
                            room = (room << 1) + usize::from(starts[BITS + bits + 1] - starts[BITS + bits]);
                        }
                        let start = end;
                        end += 1 << bits;
                        if end > SIZE {
                            return false;
                        }
                        self.0[first] = SPECIAL | LONGER | (start as u32) << 16 | (bits as u32) << 8 | BITS as u32;
                        second = Some((first, start));
                        start
                    }
                };
                let entry = with_length(entries[usize::from(symbol) % entries.len()], length - BITS);
                let places = (start + (word.reversed >> BITS)..end).step_by(1 << (length - BITS));
                places.for_each(|place| self.0[place & (SIZE - 1)] = entry);
                word.advance(length);
            }
        }
        true
    }

    /// A code of one word, which is one zero bit, or of none at all. Using another one is an error.
    fn fill_lonely(&mut self, lengths: &[u8], entries: &[u32]) -> bool {
        let mut used = lengths.iter().enumerate().filter(|(_, length)| **length != 0);
        let only = match (used.next(), used.next()) {
            (None, _) => NO_WORD,
            (Some((symbol, 1)), None) => with_length(entries[symbol % entries.len()], 1),
            _ => return false,
        };
        for (index, entry) in self.0[..1 << BITS].iter_mut().enumerate() {
            *entry = if index & 1 == 0 { only } else { NO_WORD };
        }
        true
    }
}

/// The next word of a canonical code, its first bit lowest.
#[derive(Default)]
struct Word {
    reversed: usize,
}

impl Word {
    /// Goes on to the next word of `length` bits: adds one at the end that is written last.
    fn advance(&mut self, length: usize) {
        let zeros = !self.reversed & ((1 << length) - 1);
        if zeros == 0 {
            // That was the last one.
            return;
        }
        let bit = 1 << zeros.ilog2();
        self.reversed = self.reversed & (bit - 1) | bit;
    }
}
