//! One block of a stream (RFC 1951 §3.2.3): its type and its symbols.
#![expect(clippy::indexing_slicing, reason = "hot; every index is masked or a byte into an array of 256")]

use super::bits::BitWriter;
use super::codes::{Codes, FIXED_DISTANCES, FIXED_LITERALS, cost};
use super::huffman::{Word, code_words};
use super::symbols::{DISTANCE_SPANS, DISTANCES, END_OF_BLOCK, LENGTH_SPANS, LENGTHS_START, MATCH_MIN};
use super::tokens::Tokens;
use super::window::Window;

/// A block in the window.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) window: &'a Window,
    /// Its position there.
    pub(super) start: u32,
    pub(super) bytes: &'a [u8],
    /// Whether it is the last one of the stream.
    pub(super) last: bool,
}

impl Block<'_> {
    /// Writes the block in the shortest of the three ways.
    pub(super) fn write(self, tokens: &Tokens, codes: &mut Codes, writer: &mut BitWriter) {
        let fitted = codes.fit(tokens) + symbols_cost(tokens, &codes.literals.0, &codes.distances.0);
        let fixed = symbols_cost(tokens, &FIXED_LITERALS, &FIXED_DISTANCES);
        // Up to 7 bits to fill a byte, the length twice.
        let stored = 7 + 32 + 8 * self.bytes.len() as u32;
        let last = u64::from(self.last);
        if stored <= fitted.min(fixed) {
            writer.put(last, 3);
            self.store(writer);
        } else if fixed <= fitted {
            writer.put(last | 1 << 1, 3);
            codes.fix();
            Words::new(codes).write(self, tokens, writer);
        } else {
            writer.put(last | 2 << 1, 3);
            codes.write_header(writer);
            Words::new(codes).write(self, tokens, writer);
        }
    }

    fn store(self, writer: &mut BitWriter) {
        let length = self.bytes.len() as u16;
        writer.align();
        writer.copy(&length.to_le_bytes());
        writer.copy(&(!length).to_le_bytes());
        writer.copy(self.bytes);
    }
}

/// Bits of all symbols of `tokens` with these codes.
fn symbols_cost(tokens: &Tokens, literals: &[u8], distances: &[u8]) -> u32 {
    let lengths = tokens.literal_frequencies().iter().skip(LENGTHS_START).zip(&LENGTH_SPANS);
    let extra = lengths.chain(tokens.distance_frequencies().iter().zip(&DISTANCE_SPANS));
    let extra = extra.map(|(frequency, span)| frequency.wrapping_mul(span.extra_bits.into()));
    extra.fold(0, u32::wrapping_add)
        + cost(tokens.literal_frequencies(), literals)
        + cost(tokens.distance_frequencies(), distances)
}

/// By number of literals, which of three words are written.
const FEW: [[Word; 3]; 4] = [[0, 0, 0], [!0, 0, 0], [!0, !0, 0], [!0, !0, !0]];

/// What to write for each literal, length and distance.
struct Words {
    literals: [Word; 256],
    end: Word,
    /// Of each length minus [`MATCH_MIN`], with its extra bits.
    lengths: [Word; 256],
    distances: [DistanceWord; 32],
}

/// The code word of a distance symbol, and what is needed to add the extra bits.
#[derive(Clone, Copy, Default)]
struct DistanceWord {
    /// Its bits.
    bits: u16,
    /// The lowest distance minus 1.
    base: u16,
    /// Number of bits without and with extra bits.
    length: u8,
    length_with_extra: u8,
}

impl Words {
    fn new(codes: &Codes) -> Self {
        let literals = code_words(&codes.literals.0);
        let mut words = Self {
            literals: *literals.first_chunk().unwrap_or(&[0; 256]),
            end: literals[END_OF_BLOCK],
            lengths: [0; 256],
            distances: [DistanceWord::default(); 32],
        };
        for (span, word) in LENGTH_SPANS.iter().zip(&literals[LENGTHS_START..]) {
            let (bits, length) = (word >> 8, word & 0xFF);
            for extra in 0..span.values {
                words.lengths[usize::from(span.base | extra) & 0xFF] =
                    (bits | u32::from(extra) << length) << 8 | (length + u32::from(span.extra_bits));
            }
        }
        let distances: [Word; DISTANCES] = code_words(&codes.distances.0);
        for ((place, span), word) in words.distances.iter_mut().zip(&DISTANCE_SPANS).zip(distances) {
            let length = word as u8;
            let length_with_extra = length + span.extra_bits;
            *place = DistanceWord { bits: (word >> 8) as u16, base: span.base, length, length_with_extra };
        }
        words
    }

    fn write(&self, block: Block<'_>, tokens: &Tokens, writer: &mut BitWriter) {
        let mut at = block.start;
        for &sequence in tokens.sequences() {
            at = self.write_literals(block.window, at, sequence.literals(), writer);
            let length = self.lengths[usize::from(sequence.length())];
            let distance = self.distances[usize::from(sequence.distance_symbol() & 31)];
            let extra = u64::from(sequence.distance().wrapping_sub(distance.base));
            let distance_bits = u64::from(distance.bits) | extra.wrapping_shl(distance.length.into());
            // 14 + 5 bits of length and 14 + 13 of distance are less than 56.
            writer.put((length >> 8).into(), length & 0xFF);
            writer.put(distance_bits, distance.length_with_extra.into());
            writer.flush();
            at = at.wrapping_add(u32::from(sequence.length())).wrapping_add(MATCH_MIN);
        }
        self.write_literals(block.window, at, tokens.literals_after, writer);
        writer.put((self.end >> 8).into(), self.end & 0xFF);
        writer.flush();
    }

    /// Writes `count` literals from `at` on and returns where they end.
    #[inline(always)]
    fn write_literals(&self, window: &Window, mut at: u32, mut count: u32, writer: &mut BitWriter) -> u32 {
        while count >= 4 {
            for _ in 0..4 {
                self.put_literal(window.byte(at), writer);
                at = at.wrapping_add(1);
            }
            writer.flush();
            count = count.wrapping_sub(4);
        }
        // Up to three without a branch, because their number is hard to foresee.
        let masks = FEW[(count & 3) as usize];
        let few = window.word(at);
        for (k, mask) in masks.into_iter().enumerate() {
            let word = self.literals[usize::from((few >> (8 * k)) as u8)] & mask;
            writer.put((word >> 8).into(), word & 0xFF);
        }
        writer.flush();
        at.wrapping_add(count)
    }

    #[inline(always)]
    fn put_literal(&self, byte: u8, writer: &mut BitWriter) {
        let word = self.literals[usize::from(byte)];
        writer.put((word >> 8).into(), word & 0xFF);
    }
}
