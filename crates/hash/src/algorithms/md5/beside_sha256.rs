//! MD5 and SHA-256 in turns on one thread: steps of the one, rounds of the other.
//!
//! Either alone waits for itself: each step of MD5 and each pair of rounds of SHA-256 needs the one before. In turns they
//! fill each other's waiting time. Measured on Sapphire Rapids, in nanoseconds for a block of 64 bytes: MD5 93, SHA-256 44;
//! MD5 and a block of SHA-256 in turns 109; MD5 and two blocks of SHA-256, one after the other, 119. Three streams at the
//! same time gain nothing over that: the registers do not suffice.
//!
//! Only registers of 128 bits may be used here: SHA instructions wait a hundred times longer while the upper halves of the
//! wide ones are in use (measured too, when a version with arrays of states made the compiler use them).

use std::arch::x86_64::{__m128i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_rol_epi32, _mm_ternarylogic_epi32};

use super::vector::{F, G, H, I, scalar, sixty_four_steps, step};
use super::{BLOCK, UNSEEN};
use crate::sha256::kernel::{State, constants, next, packed, rounds, schedule, unpacked};

/// The words of an MD5.
type Md5Words = [u32; 4];
/// The words of a SHA-256.
type Sha256Words = [u32; 8];

/// Whether this is faster here than one after the other.
pub(crate) fn available() -> bool {
    super::vector::available() && crate::sha256::kernel::available()
}

/// Words of an MD5 and of a SHA-256 over the same blocks, and those of another SHA-256 over its own.
pub(super) type Three = (Md5Words, Sha256Words, Sha256Words);

/// Takes `blocks` into the first two and, if there are others, those into the third, as many as both have. Call only if
/// [`available`].
pub(super) fn compress(words: Three, blocks: &[[u8; BLOCK]], others: Option<&[[u8; BLOCK]]>) -> Three {
    debug_assert!(available());
    #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
    // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
    // the function itself is safe code: it takes references to arrays and makes no pointer.
    unsafe {
        in_turns(words, blocks, others)
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3,avx512f,avx512vl")]
fn in_turns((md5, sha256, other): Three, blocks: &[[u8; BLOCK]], others: Option<&[[u8; BLOCK]]>) -> Three {
    let (mut md5, mut sha256, mut second) = (md5.map(|word| scalar(word)), packed(sha256), packed(other));
    match others {
        Some(others) => three(&mut md5, [&mut sha256, &mut second], blocks, others),
        None => two(&mut md5, &mut sha256, blocks),
    }
    (md5.map(|word| _mm_cvtsi128_si32(word).cast_unsigned()), unpacked(sha256), unpacked(second))
}

/// Four rounds of SHA-256: state and schedule, number of the group, and which registers of the schedule it moves on.
macro_rules! group {
    ($state:ident $w:ident, $group:literal: $w0:literal) => {
        $state = rounds($state, _mm_add_epi32($w[$w0], constants::<$group>()));
    };
    ($state:ident $w:ident, $group:literal: $w0:literal $w1:literal $w2:literal $w3:literal) => {
        group!($state $w, $group: $w0);
        $w[$w0] = next($w[$w0], $w[$w1], $w[$w2], $w[$w3]);
    };
}

/// Four rounds of FIPS 180-4 §6.2.2, four steps of RFC 1321 §3.4, and so on.
///
/// Not inlined, like [`three`]: where the compiler sees the words of the result put together, it does that in wide
/// registers, and then keeps the states in wide ones in the loop, too.
#[rustfmt::skip]
#[inline(never)]
#[target_feature(enable = "sha,sse4.1,ssse3,avx512f,avx512vl")]
fn two(md5: &mut [__m128i; 4], sha256: &mut State, blocks: &[[u8; BLOCK]]) {
    let ([mut a, mut b, mut c, mut d], mut state) = (*md5, *sha256);
    for block in blocks {
        let (quarters, _) = block.as_chunks::<4>();
        let Some(x) = quarters.first_chunk::<16>() else { return };
        let ([a0, b0, c0, d0], [abef, cdgh], mut w) = ([a, b, c, d], state, schedule(block));
        macro_rules! before_pair {
            (0) => { group!(state w, 0: 0 1 2 3); };
            (2) => { group!(state w, 1: 1 2 3 0); };
            (4) => { group!(state w, 2: 2 3 0 1); };
            (6) => { group!(state w, 3: 3 0 1 2); };
            (8) => { group!(state w, 4: 0 1 2 3); };
            (10) => { group!(state w, 5: 1 2 3 0); };
            (12) => { group!(state w, 6: 2 3 0 1); };
            (14) => { group!(state w, 7: 3 0 1 2); };
            (16) => { group!(state w, 8: 0 1 2 3); };
            (18) => { group!(state w, 9: 1 2 3 0); };
            (20) => { group!(state w, 10: 2 3 0 1); };
            (22) => { group!(state w, 11: 3 0 1 2); };
            (24) => { group!(state w, 12: 0); };
            (26) => { group!(state w, 13: 1); };
            (28) => { group!(state w, 14: 2); };
            (30) => { group!(state w, 15: 3); };
            ($odd:literal) => {};
        }
        sixty_four_steps!(a b c d, x, before_pair);
        (a, b, c, d) = (_mm_add_epi32(a, a0), _mm_add_epi32(b, b0), _mm_add_epi32(c, c0), _mm_add_epi32(d, d0));
        state = [_mm_add_epi32(state[0], abef), _mm_add_epi32(state[1], cdgh)];
    }
    (*md5, *sha256) = ([a, b, c, d], state);
}

/// Four rounds of SHA-256, two steps of MD5, and so on: over a block in the first half of the steps, over the other one in
/// the second.
#[rustfmt::skip]
#[inline(never)]
#[target_feature(enable = "sha,sse4.1,ssse3,avx512f,avx512vl")]
fn three(md5: &mut [__m128i; 4], [sha256, other]: [&mut State; 2], blocks: &[[u8; BLOCK]], others: &[[u8; BLOCK]]) {
    let ([mut a, mut b, mut c, mut d], mut state, mut second) = (*md5, *sha256, *other);
    for (block, other) in blocks.iter().zip(others) {
        let (quarters, _) = block.as_chunks::<4>();
        let Some(x) = quarters.first_chunk::<16>() else { return };
        let ([a0, b0, c0, d0], [abef, cdgh], before) = ([a, b, c, d], state, second);
        let (mut w, mut v) = (schedule(block), schedule(other));
        macro_rules! change_over {
            () => {
                state = [_mm_add_epi32(state[0], abef), _mm_add_epi32(state[1], cdgh)];
            };
        }
        macro_rules! before_pair {
            (0) => { group!(state w, 0: 0 1 2 3); };
            (1) => { group!(state w, 1: 1 2 3 0); };
            (2) => { group!(state w, 2: 2 3 0 1); };
            (3) => { group!(state w, 3: 3 0 1 2); };
            (4) => { group!(state w, 4: 0 1 2 3); };
            (5) => { group!(state w, 5: 1 2 3 0); };
            (6) => { group!(state w, 6: 2 3 0 1); };
            (7) => { group!(state w, 7: 3 0 1 2); };
            (8) => { group!(state w, 8: 0 1 2 3); };
            (9) => { group!(state w, 9: 1 2 3 0); };
            (10) => { group!(state w, 10: 2 3 0 1); };
            (11) => { group!(state w, 11: 3 0 1 2); };
            (12) => { group!(state w, 12: 0); };
            (13) => { group!(state w, 13: 1); };
            (14) => { group!(state w, 14: 2); };
            (15) => { group!(state w, 15: 3); };
            (16) => { change_over!(); group!(second v, 0: 0 1 2 3); };
            (17) => { group!(second v, 1: 1 2 3 0); };
            (18) => { group!(second v, 2: 2 3 0 1); };
            (19) => { group!(second v, 3: 3 0 1 2); };
            (20) => { group!(second v, 4: 0 1 2 3); };
            (21) => { group!(second v, 5: 1 2 3 0); };
            (22) => { group!(second v, 6: 2 3 0 1); };
            (23) => { group!(second v, 7: 3 0 1 2); };
            (24) => { group!(second v, 8: 0 1 2 3); };
            (25) => { group!(second v, 9: 1 2 3 0); };
            (26) => { group!(second v, 10: 2 3 0 1); };
            (27) => { group!(second v, 11: 3 0 1 2); };
            (28) => { group!(second v, 12: 0); };
            (29) => { group!(second v, 13: 1); };
            (30) => { group!(second v, 14: 2); };
            (31) => { group!(second v, 15: 3); };
        }
        sixty_four_steps!(a b c d, x, before_pair);
        (a, b, c, d) = (_mm_add_epi32(a, a0), _mm_add_epi32(b, b0), _mm_add_epi32(c, c0), _mm_add_epi32(d, d0));
        second = [_mm_add_epi32(second[0], before[0]), _mm_add_epi32(second[1], before[1])];
    }
    (*md5, *sha256, *other) = ([a, b, c, d], state, second);
}
