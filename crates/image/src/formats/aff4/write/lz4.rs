//! Chunks as raw LZ4 blocks, fast: greedy, with the newest place of each 6 bytes as the only candidate.
//!
//! Our own because AFF4 is chosen for its speed: on a used disk 1.5 times as fast as the safe encoder of crate `lz4_flex`,
//! for blocks that are 5 % larger. The decoder of the crate judges it in the tests.
#![expect(clippy::indexing_slicing, reason = "hot; positions are 16 bits wide, so no check is left")]

use super::super::layout::CHUNK_BYTES;

/// Positions there are.
const SPAN: usize = 1 << 16;
/// Bytes copied at once.
const STEP: usize = 16;
/// 8192 places of 2 bytes.
const HASH_BITS: u32 = 13;
/// Shortest match the format can express.
const MATCH_MIN: usize = 4;
/// The last bytes of a block are literals, and no match begins in the last but so many (LZ4 block format, end of block).
const LAST_LITERALS: usize = 5;
const LAST_MATCH: usize = 12;
/// After so many places without a match, as a power of two, each step is one longer.
const PATIENCE_BITS: u32 = 5;

/// An encoder, about 150 KiB, made once for each thread. Nothing of a chunk has an effect on the next.
pub(super) struct Lz4 {
    window: Box<[u8; SPAN + STEP]>,
    table: Box<[u16; 1 << HASH_BITS]>,
    made: Box<[u8; SPAN + STEP]>,
}

impl Default for Lz4 {
    fn default() -> Self {
        Self {
            window: Box::new([0; SPAN + STEP]),
            table: Box::new([0; 1 << HASH_BITS]),
            made: Box::new([0; SPAN + STEP]),
        }
    }
}

/// Hash of the lower 6 bytes, by the golden ratio.
#[inline(always)]
fn hash(word: u64) -> usize {
    ((word << 16).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - HASH_BITS)) as usize
}

impl Lz4 {
    /// `chunk`, not longer than a chunk is, as a block. It may be longer than the chunk.
    pub(super) fn compress(&mut self, chunk: &[u8]) -> &[u8] {
        let length = chunk.len().min(CHUNK_BYTES);
        self.window[..length].copy_from_slice(&chunk[..length]);
        self.table.fill(0);
        let (mut at, mut literals_from, mut end, mut missed) = (1_usize, 0_usize, 0_usize, 0_usize);
        let searched = length.saturating_sub(LAST_MATCH);
        while at < searched {
            let here = self.word(at);
            let seen = usize::from(std::mem::replace(&mut self.table[hash(here)], at as u16));
            let difference = here ^ self.word(seen);
            if difference as u32 != 0 {
                missed = missed.wrapping_add(1);
                at = at.wrapping_add(1).wrapping_add(missed >> PATIENCE_BITS);
                continue;
            }
            let same = match difference {
                0 => self.extend(at, seen, length.wrapping_sub(LAST_LITERALS)),
                _ => (difference.trailing_zeros() >> 3) as usize,
            };
            end = self.literals(literals_from, at.wrapping_sub(literals_from), same.wrapping_sub(MATCH_MIN), end);
            end = self.matched(at.wrapping_sub(seen), same.wrapping_sub(MATCH_MIN), end);
            at = at.wrapping_add(same);
            missed = 0;
            literals_from = at;
            if at < searched {
                let before = at.wrapping_sub(2);
                self.table[hash(self.word(before))] = before as u16;
            }
        }
        end = self.literals(literals_from, length.wrapping_sub(literals_from), 0, end);
        &self.made[..end & (SPAN - 1)]
    }

    /// The 8 bytes at a position, the first one lowest.
    #[inline(always)]
    fn word(&self, at: usize) -> u64 {
        self.window[usize::from(at as u16)..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// Length of a match of which 8 bytes are known, up to `end`.
    #[inline(always)]
    fn extend(&self, at: usize, seen: usize, end: usize) -> usize {
        let most = end.wrapping_sub(at);
        let mut length = 8_usize;
        while length < most {
            let difference = self.word(at.wrapping_add(length)) ^ self.word(seen.wrapping_add(length));
            if difference != 0 {
                return length.wrapping_add((difference.trailing_zeros() >> 3) as usize).min(most);
            }
            length = length.wrapping_add(8);
        }
        most
    }

    /// Writes the token of a sequence and its literals; `more` is the length of the match beyond the shortest.
    #[inline(always)]
    fn literals(&mut self, from: usize, count: usize, more: usize, end: usize) -> usize {
        let token = count.min(15) << 4 | more.min(15);
        let mut end = self.put(token as u8, end);
        if count >= 15 {
            end = self.put_rest(count.wrapping_sub(15), end);
        }
        let mut copied = 0_usize;
        while copied < count {
            let bytes: [u8; STEP] =
                *self.window[usize::from(from.wrapping_add(copied) as u16)..].first_chunk().unwrap_or(&[0; STEP]);
            if let Some(place) = self.made[usize::from(end.wrapping_add(copied) as u16)..].first_chunk_mut() {
                *place = bytes;
            }
            copied = copied.wrapping_add(STEP);
        }
        end.wrapping_add(count)
    }

    /// Writes the distance of a match, and what of its length had no place in the token.
    #[inline(always)]
    fn matched(&mut self, distance: usize, more: usize, end: usize) -> usize {
        let [low, high, ..] = distance.to_le_bytes();
        let end = self.put(low, end);
        let end = self.put(high, end);
        if more >= 15 { self.put_rest(more.wrapping_sub(15), end) } else { end }
    }

    #[inline(always)]
    fn put(&mut self, byte: u8, end: usize) -> usize {
        self.made[usize::from(end as u16)] = byte;
        end.wrapping_add(1)
    }

    /// The part of a length that is beyond 15: bytes of 255, then one that is less.
    fn put_rest(&mut self, mut rest: usize, mut end: usize) -> usize {
        while rest >= 255 {
            end = self.put(255, end);
            rest = rest.wrapping_sub(255);
        }
        self.put(rest as u8, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize, mut state: u64) -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    /// The block, after the crate's decoder made the same bytes out of it again.
    fn checked(encoder: &mut Lz4, chunk: &[u8]) -> usize {
        let block = encoder.compress(chunk).to_vec();
        let mut out = vec![0; chunk.len()];
        assert_eq!(lz4_flex::block::decompress_into(&block, &mut out).unwrap(), chunk.len());
        assert!(out == chunk, "{} bytes come back", chunk.len());
        assert!(block.len() <= chunk.len() + chunk.len() / 255 + 16, "{} bytes for {}", block.len(), chunk.len());
        block.len()
    }

    #[test]
    fn whatever_is_packed_comes_back() {
        let mut encoder = Lz4::default();
        let noise = noise(CHUNK_BYTES, 1);
        let text: Vec<u8> = (0..CHUNK_BYTES / 8).flat_map(|n| format!("{:07} ", n * n % 1000).into_bytes()).collect();
        for length in (0..70).chain((70..CHUNK_BYTES).step_by(331)).chain(CHUNK_BYTES - 20..=CHUNK_BYTES) {
            checked(&mut encoder, &noise[..length]);
            checked(&mut encoder, &text[..length]);
            checked(&mut encoder, &vec![7; length]);
        }
        assert!(checked(&mut encoder, &text) < CHUNK_BYTES / 2);
    }

    #[test]
    fn lengths_around_those_that_need_another_byte() {
        let mut encoder = Lz4::default();
        for literals in [14, 15, 16, 269, 270, 271, 524, 525, 526] {
            for same in [4, 5, 6, 7, 8, 9, 18, 19, 20, 273, 274, 275, 528, 529, 530] {
                let unit = noise(literals.max(same), 3);
                let bytes = [&unit[..literals], &unit[..same.min(literals)], &noise(40, 9)].concat();
                checked(&mut encoder, &bytes);
                let period: Vec<u8> = unit[..4].iter().copied().cycle().take(same + 4).collect();
                checked(&mut encoder, &[&unit[..literals], &period, &noise(20, 9)].concat());
            }
        }
    }

    #[test]
    fn a_chunk_does_not_depend_on_those_before() {
        let (one, other) = (noise(20_000, 5), noise(CHUNK_BYTES, 6));
        let mut encoder = Lz4::default();
        let first = encoder.compress(&one).to_vec();
        encoder.compress(&other);
        assert!(encoder.compress(&one) == first);
    }
}
