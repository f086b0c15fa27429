//! Repetitions in a stream: greedy, with the two newest places of each 4 bytes as candidates.
#![expect(clippy::indexing_slicing, reason = "hot; a hash has no more bits than the table has places")]

use super::symbols::{DISTANCE_MAX, MATCH_MAX};
use super::tokens::{MATCH_FOUND_MIN, Tokens};
use super::window::Window;

/// 8192 places of 4 bytes fill the first-level cache of a core, and no more.
const HASH_BITS: u32 = 13;
/// Bytes that a word tells to be the same, at most; more are counted by [`extend`].
const WORD_SAME_MAX: u32 = 7;

/// Remembers where 4 bytes were seen.
pub(super) struct Finder {
    /// For each hash the two newest positions, the newest in the lower half. They need not be true: a candidate is
    /// compared with the window anyway.
    table: Box<[u32; 1 << HASH_BITS]>,
}

impl Default for Finder {
    fn default() -> Self {
        Self { table: Box::new([0; 1 << HASH_BITS]) }
    }
}

/// Hash of the lower 4 bytes, by the golden ratio.
#[inline(always)]
fn hash(word: u64) -> usize {
    ((word as u32).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

impl Finder {
    /// Forgets everything, so that a stream does not depend on those before.
    pub(super) fn reset(&mut self) {
        self.table.fill(0);
    }

    /// Remembers a position and returns the two remembered before.
    #[inline(always)]
    fn insert(&mut self, word: u64, position: u32) -> u32 {
        let place = &mut self.table[hash(word)];
        let before = *place;
        *place = before << 16 | position & 0xFFFF;
        before
    }

    /// Fills `tokens` with the block of `length` bytes at `start` of the window.
    pub(super) fn block(&mut self, window: &Window, start: u32, length: u32, tokens: &mut Tokens) {
        tokens.clear();
        let end = start.wrapping_add(length);
        // A word must lie inside the block: what the window holds beyond is left over from other streams.
        let searched = end.saturating_sub(8).max(start);
        let mut at = start;
        let mut literals_from = start;
        while at < searched {
            let here = window.word(at);
            let seen = self.insert(here, at);
            let newer = here ^ window.word(seen);
            let older = here ^ window.word(seen >> 16);
            // One branch for both, because it is hard to foresee.
            let maybe = (newer as u32 == 0) | (older as u32 == 0);
            let (length, distance) = if maybe { longest(window, at, end, seen, newer, older) } else { (0, 0) };
            if length < MATCH_FOUND_MIN {
                tokens.literal(here as u8);
                at = at.wrapping_add(1);
                continue;
            }
            tokens.sequence(at.wrapping_sub(literals_from), length, distance);
            at = at.wrapping_add(length);
            literals_from = at;
            if at < searched {
                // The last three positions inside a match are worth their time, the others are not.
                self.insert(window.word(at.wrapping_sub(3)), at.wrapping_sub(3));
                self.insert(window.word(at.wrapping_sub(2)), at.wrapping_sub(2));
                self.insert(window.word(at.wrapping_sub(1)), at.wrapping_sub(1));
            }
        }
        while at < end {
            tokens.literal(window.byte(at));
            at = at.wrapping_add(1);
        }
        tokens.literals_after = end.wrapping_sub(literals_from);
    }

    /// Whether 8 bytes of the block occur twice in it or the block before. Looks at few positions, but misses no
    /// repetition of 16 × 17 + 8 bytes, since 16 and 17 have no common factor (unless hashes collide throughout).
    pub(super) fn repeats(&mut self, window: &Window, start: u32, length: u32) -> bool {
        let searched = start.wrapping_add(length).saturating_sub(8).max(start);
        for at in (start..searched).step_by(16) {
            self.insert(window.word(at), at);
        }
        (start..searched).step_by(17).any(|at| {
            let here = window.word(at);
            let seen = self.table[hash(here)];
            let again = |position: u32| window.word(position) == here && (position ^ at) & 0xFFFF != 0;
            again(seen) || again(seen >> 16)
        })
    }
}

/// The longer one of two candidates: its length (0 if out of reach) and distance. On a tie the nearer one.
#[inline(always)]
fn longest(window: &Window, at: u32, end: u32, seen: u32, newer: u64, older: u64) -> (u32, u32) {
    let newer_distance = at.wrapping_sub(seen) & 0xFFFF;
    let older_distance = at.wrapping_sub(seen >> 16) & 0xFFFF;
    let newer_length = same(newer, newer_distance);
    let older_length = same(older, older_distance);
    let (mut length, mut distance) = (newer_length, newer_distance);
    if older_length > newer_length {
        (length, distance) = (older_length, older_distance);
    }
    if length == WORD_SAME_MAX {
        let most = end.wrapping_sub(at).min(MATCH_MAX);
        length = extend(window, at, distance, most);
        if older_length == WORD_SAME_MAX && distance != older_distance {
            let other = extend(window, at, older_distance, most);
            if other > length {
                (length, distance) = (other, older_distance);
            }
        }
    }
    (length, distance)
}

/// How many bytes are the same, at most [`WORD_SAME_MAX`]; none if the distance is out of reach.
#[inline(always)]
fn same(difference: u64, distance: u32) -> u32 {
    let bytes = (difference | 1 << 63).trailing_zeros() >> 3;
    if distance.wrapping_sub(1) < DISTANCE_MAX { bytes } else { 0 }
}

/// Length of a match, at most `most`, of which [`WORD_SAME_MAX`] bytes are known.
#[inline(always)]
fn extend(window: &Window, at: u32, distance: u32, most: u32) -> u32 {
    let mut length = WORD_SAME_MAX;
    while length < most {
        let now = at.wrapping_add(length);
        let difference = window.word(now) ^ window.word(now.wrapping_sub(distance));
        if difference != 0 {
            return length.wrapping_add(difference.trailing_zeros() >> 3).min(most);
        }
        length = length.wrapping_add(8);
    }
    most
}
