//! Inflating chunks fast (RFC 1951): everything a chunk needs lies in arrays so large that no position can lie outside.
//!
//! It answers only for streams that are right from the first to the last byte; about all others flate2 has the word.
#![expect(clippy::indexing_slicing, reason = "hot; positions are 16 bits wide, so no check is left")]

use super::bits::Bits;
use super::table::{END, LITERAL, LONGER, NO_WORD, SPECIAL, Table, literal, value};
use crate::deflate::symbols::{DISTANCE_SPANS, LENGTH_SPANS, LENGTHS_START, MATCH_MIN};

/// Longest chunk: that of every EnCase and of AFF4. With the longest match behind it, it ends below [`SPAN`].
pub(super) const CHUNK_BYTES_MAX: usize = 32 * 1024;
/// Positions there are.
const SPAN: usize = 1 << 16;
/// Bytes copied at once.
const STEP: usize = 16;

/// Bits of the stream that find a literal or length at once.
const LITERAL_BITS: usize = 11;
/// Bits that find a distance at once.
const DISTANCE_BITS: usize = 9;
/// Bits of the longest word for a length of a word.
const LENGTH_BITS: usize = 7;
/// Symbols of the alphabets, those that no stream may use included.
const LITERALS: usize = 288;
const DISTANCES: usize = 32;
/// Symbols a stream may describe.
const LITERALS_TOLD_MAX: usize = 286;
const DISTANCES_TOLD_MAX: usize = 30;
/// Symbols of the alphabet in which lengths of words are told, and the order of theirs (RFC 1951 §3.2.7).
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// What the symbols stand for.
const LITERAL_ENTRIES: [u32; LITERALS] = literal_entries();
const DISTANCE_ENTRIES: [u32; DISTANCES] = distance_entries();
const LENGTH_ENTRIES: [u32; ORDER.len()] = length_entries();

const fn literal_entries() -> [u32; LITERALS] {
    let mut entries = [NO_WORD; LITERALS];
    let mut symbol = 0;
    while symbol < 256 {
        entries[symbol] = literal(symbol as u8);
        symbol += 1;
    }
    entries[256] = END;
    let mut length = 0;
    while length < LENGTH_SPANS.len() {
        let span = LENGTH_SPANS[length];
        entries[LENGTHS_START + length] = value(span.base + MATCH_MIN as u16, span.extra_bits);
        length += 1;
    }
    entries
}

const fn distance_entries() -> [u32; DISTANCES] {
    let mut entries = [NO_WORD; DISTANCES];
    let mut symbol = 0;
    while symbol < DISTANCE_SPANS.len() {
        let span = DISTANCE_SPANS[symbol];
        entries[symbol] = value(span.base + 1, span.extra_bits);
        symbol += 1;
    }
    entries
}

const fn length_entries() -> [u32; ORDER.len()] {
    let mut entries = [NO_WORD; ORDER.len()];
    let mut symbol = 0;
    while symbol < entries.len() {
        entries[symbol] = value(symbol as u16, 0);
        symbol += 1;
    }
    entries
}

/// A decoder, about 100 KiB, made once for each thread. Nothing of a chunk has an effect on the next.
pub(super) struct Fast {
    out: Box<[u8; SPAN + STEP]>,
    literals: Table<LITERAL_BITS, 4096>,
    distances: Table<DISTANCE_BITS, 1024>,
    lengths: Table<LENGTH_BITS, 128>,
}

impl Default for Fast {
    fn default() -> Self {
        Self {
            out: Box::new([0; SPAN + STEP]),
            literals: Table::default(),
            distances: Table::default(),
            lengths: Table::default(),
        }
    }
}

impl Fast {
    /// Inflates the zlib stream at the start of `stream` if that fills `out`, at most [`CHUNK_BYTES_MAX`], exactly and its
    /// Adler-32 is right, and returns how many bytes it took. `None` if not; then `out` is as it was.
    pub(super) fn inflate(&mut self, stream: &[u8], out: &mut [u8]) -> Option<usize> {
        let (&[method, flags], _) = stream.split_first_chunk()?;
        // RFC 1950 §2.2: deflate with a window of 32 KiB, the check of both bytes, no dictionary.
        let sound = method == 0x78 && u16::from_be_bytes([method, flags]).is_multiple_of(31) && flags & 0x20 == 0;
        if !sound || out.len() > CHUNK_BYTES_MAX {
            return None;
        }
        let (end, mut rest) = self.blocks(Bits::new(stream, 2), out.len())?;
        let expected = rest.bytes(4)?;
        let made = self.out.get(..end).filter(|made| made.len() == out.len())?;
        if simd_adler32::adler32(&made).to_be_bytes() != expected {
            return None;
        }
        out.copy_from_slice(made);
        rest.place()
    }

    /// All blocks of a stream; where they end, in the output and the stream.
    fn blocks<'a>(&mut self, mut bits: Bits<'a>, limit: usize) -> Option<(usize, Bits<'a>)> {
        let mut at = 0;
        loop {
            // Each block takes some bits, so this ends.
            bits.place()?;
            bits.refill();
            let last = bits.take(1) == 1;
            match bits.take(2) {
                0 => at = self.stored(&mut bits, at, limit)?,
                1 => {
                    self.fixed()?;
                    (at, bits) = self.block(at, limit, &bits)?;
                }
                2 => {
                    self.codes(&mut bits)?;
                    (at, bits) = self.block(at, limit, &bits)?;
                }
                _ => return None,
            }
            if last {
                return Some((at, bits));
            }
        }
    }

    /// A block of bytes as they are (§3.2.4).
    fn stored(&mut self, bits: &mut Bits<'_>, at: usize, limit: usize) -> Option<usize> {
        let &[a, b, c, d] = bits.bytes(4)?.first_chunk()?;
        let length = u16::from_le_bytes([a, b]);
        if length != !u16::from_le_bytes([c, d]) {
            return None;
        }
        let end = at.checked_add(length.into()).filter(|end| *end <= limit)?;
        self.out.get_mut(at..end)?.copy_from_slice(bits.bytes(length.into())?);
        Some(end)
    }

    /// The codes that need not be told (§3.2.6).
    fn fixed(&mut self) -> Option<()> {
        let mut lengths = [8; LITERALS];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let both = self.literals.fill(&lengths, &LITERAL_ENTRIES, false)
            && self.distances.fill(&[5; DISTANCES], &DISTANCE_ENTRIES, false);
        both.then_some(())
    }

    /// The codes that a block begins with (§3.2.7).
    fn codes(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        bits.refill();
        let literals = bits.take(5) as usize + 257;
        let distances = bits.take(5) as usize + 1;
        let told = bits.take(4) as usize + 4;
        if literals > LITERALS_TOLD_MAX || distances > DISTANCES_TOLD_MAX {
            return None;
        }
        let mut own = [0_u8; ORDER.len()];
        for &symbol in ORDER.get(..told)? {
            bits.refill();
            own[usize::from(symbol)] = bits.take(3) as u8;
        }
        if !self.lengths.fill(&own, &LENGTH_ENTRIES, false) {
            return None;
        }
        let mut lengths = [0_u8; LITERALS_TOLD_MAX + DISTANCES_TOLD_MAX];
        let all = lengths.get_mut(..literals + distances)?;
        let mut at = 0;
        while at < all.len() {
            bits.refill();
            let entry = self.lengths.find(bits.peek());
            bits.consume(entry);
            let (length, times) = match entry >> 16 {
                16 => (*all.get(at.checked_sub(1)?)?, bits.take(2) as usize + 3),
                17 => (0, bits.take(3) as usize + 3),
                18 => (0, bits.take(7) as usize + 11),
                length => (length as u8, 1),
            };
            all.get_mut(at..at + times)?.fill(length);
            at += times;
        }
        let (literals, distances) = all.split_at_checked(literals)?;
        // Without a word for the end there is no end.
        let sound = literals.get(256).is_some_and(|length| *length != 0)
            && self.literals.fill(literals, &LITERAL_ENTRIES, false)
            && self.distances.fill(distances, &DISTANCE_ENTRIES, true);
        sound.then_some(())
    }

    /// The symbols of a block, up to its end.
    fn block<'a>(&mut self, mut at: usize, limit: usize, bits: &Bits<'a>) -> Option<(usize, Bits<'a>)> {
        let mut bits = bits.local();
        while at <= limit {
            bits.refill();
            let mut entry = self.literals.find(bits.peek());
            if entry & LITERAL != 0 {
                // 56 bits are enough for four words by the first table, and the beginning of a fifth.
                self.put(&mut at, entry, &mut bits);
                entry = self.literals.find(bits.peek());
                if entry & LITERAL != 0 {
                    self.put(&mut at, entry, &mut bits);
                    entry = self.literals.find(bits.peek());
                    if entry & LITERAL != 0 {
                        self.put(&mut at, entry, &mut bits);
                        entry = self.literals.find(bits.peek());
                        if entry & LITERAL != 0 {
                            self.put(&mut at, entry, &mut bits);
                            continue;
                        }
                    }
                }
                bits.refill();
            }
            if entry & SPECIAL != 0 {
                if entry & LONGER != 0 {
                    bits.consume(entry);
                    entry = self.literals.find_longer(entry, bits.peek());
                    if entry & LITERAL != 0 {
                        self.put(&mut at, entry, &mut bits);
                        continue;
                    }
                }
                if entry & SPECIAL != 0 {
                    bits.consume(entry);
                    return (entry & END == END && at <= limit).then_some((at, bits));
                }
            }
            // 15 + 5 bits of length and 15 + 13 of distance are less than 56.
            let length = number(entry, &mut bits);
            let mut entry = self.distances.find(bits.peek());
            if entry & SPECIAL != 0 {
                if entry & LONGER == 0 {
                    return None;
                }
                bits.consume(entry);
                entry = self.distances.find_longer(entry, bits.peek());
                if entry & SPECIAL != 0 {
                    return None;
                }
            }
            let distance = number(entry, &mut bits);
            if distance > at {
                return None;
            }
            self.repeat(at, distance, length);
            at = at.wrapping_add(length);
        }
        None
    }

    /// Writes a literal.
    #[inline(always)]
    fn put(&mut self, at: &mut usize, entry: u32, bits: &mut Bits<'_>) {
        bits.consume(entry);
        self.out[usize::from(*at as u16)] = (entry >> 8) as u8;
        *at = at.wrapping_add(1);
    }

    /// Copies [`STEP`] bytes.
    #[inline(always)]
    fn copy_step(&mut self, to: usize, from: usize) {
        let bytes: [u8; STEP] = *self.out[usize::from(from as u16)..].first_chunk().unwrap_or(&[0; STEP]);
        if let Some(place) = self.out[usize::from(to as u16)..].first_chunk_mut() {
            *place = bytes;
        }
    }

    /// Writes once more what lies `distance` before.
    #[inline(always)]
    fn repeat(&mut self, at: usize, distance: usize, length: usize) {
        let end = at.wrapping_add(length);
        let (mut to, mut from) = (at, at.wrapping_sub(distance));
        if distance >= STEP {
            // Most are short, and how short is hard to foresee: two steps without asking. What is too much is overwritten.
            self.copy_step(to, from);
            self.copy_step(to.wrapping_add(STEP), from.wrapping_add(STEP));
            (to, from) = (to.wrapping_add(2 * STEP), from.wrapping_add(2 * STEP));
            while to < end {
                self.copy_step(to, from);
                (to, from) = (to.wrapping_add(STEP), from.wrapping_add(STEP));
            }
        } else if distance == 1 {
            let byte = self.out[usize::from(from as u16)];
            while to < end {
                if let Some(place) = self.out[usize::from(to as u16)..].first_chunk_mut() {
                    *place = [byte; STEP];
                }
                to = to.wrapping_add(STEP);
            }
        } else {
            while to < end {
                self.out[usize::from(to as u16)] = self.out[usize::from(from as u16)];
                (to, from) = (to.wrapping_add(1), from.wrapping_add(1));
            }
        }
    }
}

/// A base with its extra bits.
#[inline(always)]
fn number(entry: u32, bits: &mut Bits<'_>) -> usize {
    let all = bits.peek() & 1_u64.wrapping_shl(entry & 0x3f).wrapping_sub(1);
    let extra = all.wrapping_shr(entry >> 8 & 0xf) as usize;
    bits.consume(entry);
    ((entry >> 16) as usize).wrapping_add(extra)
}
