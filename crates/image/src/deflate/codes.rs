//! The two codes of a block and how they are told (RFC 1951 §3.2.7).

use super::bits::BitWriter;
use super::huffman::{code_lengths, code_words};
use super::symbols::{DISTANCES, LENGTHS_START, LITERALS};
use super::tokens::Tokens;

/// Longest code word of a symbol: one less than allowed, so that four literals and the 7 bits left of a byte begun are at
/// most 63.
const WORD_BITS_MAX: usize = 14;
/// Longest code word of a length.
const LENGTH_WORD_BITS_MAX: usize = 7;
/// Symbols of the alphabet in which lengths are written.
const LENGTH_SYMBOLS: usize = 19;
/// The order in which the lengths of that alphabet's own code are written.
const ORDER: [u8; LENGTH_SYMBOLS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Repeats the length before 3 to 6 times.
const REPEAT: u8 = 16;
/// 3 to 10 zeros.
const ZEROS: u8 = 17;
/// 11 to 138 zeros.
const MANY_ZEROS: u8 = 18;

/// Lengths of the code words of both alphabets, and the header that tells them.
#[derive(Default)]
pub(super) struct Codes {
    /// Of literals, end of block and lengths.
    pub(super) literals: Lengths<288>,
    /// Of distances.
    pub(super) distances: Lengths<DISTANCES>,
    header: Header,
}

/// Lengths of code words in bits, 0 for symbols without one.
pub(super) struct Lengths<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> Default for Lengths<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

/// How the lengths are told.
#[derive(Default)]
struct Header {
    /// Symbols told of the first and the second alphabet; those after have no word.
    literals: usize,
    distances: usize,
    /// Their lengths: a symbol and the value of its extra bits.
    items: Vec<(u8, u8)>,
    /// The code for these symbols, and how many of its lengths are told, in [`ORDER`].
    lengths: Lengths<LENGTH_SYMBOLS>,
    ordered: usize,
}

impl Codes {
    /// Makes the codes that suit `tokens`, and returns the bits of their header.
    pub(super) fn fit(&mut self, tokens: &Tokens) -> u32 {
        code_lengths(tokens.literal_frequencies(), WORD_BITS_MAX, &mut self.literals.0);
        code_lengths(tokens.distance_frequencies(), WORD_BITS_MAX, &mut self.distances.0);
        let Self { literals, distances, header } = self;
        header.literals = told(&literals.0, LENGTHS_START);
        header.distances = told(&distances.0, 1);
        let both = literals.0.iter().take(header.literals).chain(distances.0.iter().take(header.distances));
        let mut lengths = [0; LITERALS + DISTANCES];
        lengths.iter_mut().zip(both).for_each(|(place, length)| *place = *length);
        header.tell(lengths.get(..header.literals.saturating_add(header.distances)).unwrap_or_default())
    }

    /// Takes the fixed codes (RFC 1951 §3.2.6), which need no header.
    pub(super) fn fix(&mut self) {
        (self.literals.0, self.distances.0) = (FIXED_LITERALS, FIXED_DISTANCES);
    }

    /// Writes the header of codes made by [`Self::fit`].
    pub(super) fn write_header(&self, writer: &mut BitWriter) {
        let header = &self.header;
        writer.put(header.literals.saturating_sub(257) as u64, 5);
        writer.put(header.distances.saturating_sub(1) as u64, 5);
        writer.put(header.ordered.saturating_sub(4) as u64, 4);
        for &symbol in ORDER.iter().take(header.ordered) {
            writer.flush();
            writer.put(header.lengths.of(symbol).into(), 3);
        }
        let words = code_words(&header.lengths.0);
        for &(symbol, extra) in &header.items {
            let word = words.get(usize::from(symbol)).copied().unwrap_or_default();
            writer.flush();
            writer.put((word >> 8).into(), word & 0xFF);
            writer.put(extra.into(), extra_bits(symbol));
        }
        writer.flush();
    }
}

impl<const N: usize> Lengths<N> {
    fn of(&self, symbol: u8) -> u8 {
        self.0.get(usize::from(symbol)).copied().unwrap_or_default()
    }
}

impl Header {
    /// Puts `lengths` as symbols and returns the bits of the whole header.
    fn tell(&mut self, lengths: &[u8]) -> u32 {
        self.items.clear();
        for run in lengths.chunk_by(PartialEq::eq) {
            let length = run.first().copied().unwrap_or_default();
            self.tell_run(length, run.len());
        }
        let mut frequencies = [0_u32; LENGTH_SYMBOLS];
        let mut bits = 0;
        for &(symbol, _) in &self.items {
            if let Some(frequency) = frequencies.get_mut(usize::from(symbol)) {
                *frequency = frequency.wrapping_add(1);
            }
            bits += extra_bits(symbol);
        }
        code_lengths(&frequencies, LENGTH_WORD_BITS_MAX, &mut self.lengths.0);
        let absent = ORDER.iter().rev().take_while(|&&symbol| self.lengths.of(symbol) == 0).count();
        self.ordered = ORDER.len().saturating_sub(absent).max(4);
        bits + 14 + 3 * self.ordered as u32 + cost(&frequencies, &self.lengths.0)
    }

    /// Puts one length that occurs `count` times in succession.
    fn tell_run(&mut self, length: u8, mut count: usize) {
        if length != 0 {
            self.items.push((length, 0));
            count = count.saturating_sub(1);
        }
        while count >= 3 {
            let (symbol, least, most) = match (length, count) {
                (0, 11..) => (MANY_ZEROS, 11, 138),
                (0, _) => (ZEROS, 3, 10),
                _ => (REPEAT, 3, 6),
            };
            let told = count.min(most);
            self.items.push((symbol, (told - least) as u8));
            count -= told;
        }
        self.items.extend(std::iter::repeat_n((length, 0), count));
    }
}

/// Symbols up to the last one with a word, at least `least`.
fn told(lengths: &[u8], least: usize) -> usize {
    lengths.iter().rposition(|&length| length != 0).map_or(0, |last| last.saturating_add(1)).max(least)
}

fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        REPEAT => 2,
        ZEROS => 3,
        MANY_ZEROS => 7,
        _ => 0,
    }
}

/// Bits of code words of `lengths` for symbols that occur `frequencies` times.
pub(super) fn cost(frequencies: &[u32], lengths: &[u8]) -> u32 {
    let bits = frequencies.iter().zip(lengths).map(|(frequency, &length)| frequency.wrapping_mul(u32::from(length)));
    bits.fold(0, u32::wrapping_add)
}

/// Lengths of the fixed code of literals: 8 bits, but 9 for 144 to 255 and 7 for 256 to 279.
#[expect(clippy::indexing_slicing, reason = "made while compiling")]
pub(super) const FIXED_LITERALS: [u8; 288] = {
    let mut lengths = [8; 288];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
};
/// Lengths of the fixed code of distances.
pub(super) const FIXED_DISTANCES: [u8; DISTANCES] = [5; DISTANCES];
