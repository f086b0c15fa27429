//! Two SHA-256 streams in turns, with the SHA instructions of x86-64.
//!
//! One stream waits for itself: `sha256rnds2` takes four cycles and each depends on the one before. A second stream fills
//! the waiting time; measured on Zen 4, both together run twice as fast as one after the other, a third adds nothing. That
//! holds only when all sixteen groups of rounds are written out: with the message words in registers.

use std::arch::x86_64::_mm_add_epi32;

use super::Words;
use super::kernel::{Schedule, State, available, constants, next, packed, rounds, schedule, unpacked};

/// Goes on over the blocks of both streams, as many as both have. Call only if [`available`].
pub(super) fn compress(states: [Words; 2], a: &[[u8; 64]], b: &[[u8; 64]]) -> [Words; 2] {
    debug_assert!(available());
    #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
    // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
    // the function itself is safe code: it takes references to arrays and makes no pointer.
    unsafe {
        with_sha(states, a, b)
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn with_sha(states: [Words; 2], a: &[[u8; 64]], b: &[[u8; 64]]) -> [Words; 2] {
    let mut states = states.map(|words| packed(words));
    for (block_a, block_b) in a.iter().zip(b) {
        states = block(states, [schedule(block_a), schedule(block_b)]);
    }
    states.map(|state| unpacked(state))
}

/// Sixty-four rounds of both streams. FIPS 180-4 §6.2.2, four rounds at a time.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn block(before: [State; 2], words: [Schedule; 2]) -> [State; 2] {
    let ([mut a, mut b], [mut x, mut y]) = (before, words);
    // The schedule moves on by one register for each group: which is the oldest is known when compiling.
    macro_rules! group {
        ($group:literal: $w0:literal) => {
            let k = constants::<$group>();
            (a, b) = (rounds(a, _mm_add_epi32(x[$w0], k)), rounds(b, _mm_add_epi32(y[$w0], k)));
        };
        ($group:literal: $w0:literal $w1:literal $w2:literal $w3:literal) => {
            group!($group: $w0);
            x[$w0] = next(x[$w0], x[$w1], x[$w2], x[$w3]);
            y[$w0] = next(y[$w0], y[$w1], y[$w2], y[$w3]);
        };
    }
    group!(0: 0 1 2 3);
    group!(1: 1 2 3 0);
    group!(2: 2 3 0 1);
    group!(3: 3 0 1 2);
    group!(4: 0 1 2 3);
    group!(5: 1 2 3 0);
    group!(6: 2 3 0 1);
    group!(7: 3 0 1 2);
    group!(8: 0 1 2 3);
    group!(9: 1 2 3 0);
    group!(10: 2 3 0 1);
    group!(11: 3 0 1 2);
    group!(12: 0);
    group!(13: 1);
    group!(14: 2);
    group!(15: 3);
    let [[abef_a, cdgh_a], [abef_b, cdgh_b]] = before;
    [
        [_mm_add_epi32(a[0], abef_a), _mm_add_epi32(a[1], cdgh_a)],
        [_mm_add_epi32(b[0], abef_b), _mm_add_epi32(b[1], cdgh_b)],
    ]
}
