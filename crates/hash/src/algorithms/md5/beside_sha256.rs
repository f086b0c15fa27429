//! MD5 and SHA-256 of the same bytes in turns: four steps of the one, four rounds of the other.
//!
//! Either alone waits for itself: each step of MD5 and each pair of rounds of SHA-256 needs the one before. In turns they
//! fill each other's waiting time. Measured on Sapphire Rapids, in GB/s: MD5 0.74, SHA-256 1.45, so 0.49 one after the
//! other; in turns 0.63. With three streams (a second SHA-256) nothing is won any more.
//!
//! Only registers of 128 bits may be used here: SHA instructions wait a hundred times longer while the upper halves of the
//! wide ones are in use (measured too, when a version with arrays of states made the compiler use them).

use std::arch::x86_64::{__m128i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_rol_epi32, _mm_ternarylogic_epi32};

use super::vector::{F, G, H, I, scalar};
use super::{BLOCK, UNSEEN};
use crate::sha256::kernel::{State, constants, next, packed, rounds, schedule, unpacked};

/// The words of an MD5 and of a SHA-256.
type Both = ([u32; 4], [u32; 8]);

/// Whether this is faster here than one after the other.
pub(crate) fn available() -> bool {
    super::vector::available() && crate::sha256::kernel::available()
}

/// Takes `blocks` into both. Call only if [`available`].
pub(super) fn compress(words: Both, blocks: &[[u8; BLOCK]]) -> Both {
    debug_assert!(available());
    #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
    // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
    // the function itself is safe code: it takes references to arrays and makes no pointer.
    unsafe {
        in_turns(words, blocks)
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3,avx512f,avx512vl")]
fn in_turns((md5, sha256): Both, blocks: &[[u8; BLOCK]]) -> Both {
    let (mut md5, mut sha256) = (md5.map(|word| scalar(word)), packed(sha256));
    for block in blocks {
        (md5, sha256) = one(md5, sha256, block);
    }
    (md5.map(|word| _mm_cvtsi128_si32(word).cast_unsigned()), unpacked(sha256))
}

/// Steps in the order of RFC 1321 §3.4 and groups of four rounds in that of FIPS 180-4 §6.2.2.
#[rustfmt::skip]
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3,avx512f,avx512vl")]
fn one(md5: [__m128i; 4], sha256: State, block: &[u8; BLOCK]) -> ([__m128i; 4], State) {
    let ([mut a, mut b, mut c, mut d], mut state, mut w) = (md5, sha256, schedule(block));
    let (quarters, _) = block.as_chunks::<4>();
    let Some(x) = quarters.first_chunk::<16>() else { return (md5, sha256) };
    macro_rules! step {
        ($f:ident, $a:ident $b:ident $c:ident $d:ident, $word:literal, $shift:literal, $number:literal) => {
            // As in `super::vector`: what does not depend on the step before is summed up first.
            let early = u32::from_le_bytes(x[$word]).wrapping_add(UNSEEN.sines[$number]);
            let early = _mm_add_epi32($a, scalar(early));
            let sum = _mm_add_epi32(early, _mm_ternarylogic_epi32::<$f>($b, $c, $d));
            $a = _mm_add_epi32(_mm_rol_epi32::<$shift>(sum), $b);
        };
    }
    macro_rules! group {
        ($group:literal: $w0:literal) => {
            state = rounds(state, _mm_add_epi32(w[$w0], constants::<$group>()));
        };
        ($group:literal: $w0:literal $w1:literal $w2:literal $w3:literal) => {
            group!($group: $w0);
            w[$w0] = next(w[$w0], w[$w1], w[$w2], w[$w3]);
        };
    }
    group!(0: 0 1 2 3);
    step!(F, a b c d, 0, 7, 0); step!(F, d a b c, 1, 12, 1);
    step!(F, c d a b, 2, 17, 2); step!(F, b c d a, 3, 22, 3);
    group!(1: 1 2 3 0);
    step!(F, a b c d, 4, 7, 4); step!(F, d a b c, 5, 12, 5);
    step!(F, c d a b, 6, 17, 6); step!(F, b c d a, 7, 22, 7);
    group!(2: 2 3 0 1);
    step!(F, a b c d, 8, 7, 8); step!(F, d a b c, 9, 12, 9);
    step!(F, c d a b, 10, 17, 10); step!(F, b c d a, 11, 22, 11);
    group!(3: 3 0 1 2);
    step!(F, a b c d, 12, 7, 12); step!(F, d a b c, 13, 12, 13);
    step!(F, c d a b, 14, 17, 14); step!(F, b c d a, 15, 22, 15);
    group!(4: 0 1 2 3);
    step!(G, a b c d, 1, 5, 16); step!(G, d a b c, 6, 9, 17);
    step!(G, c d a b, 11, 14, 18); step!(G, b c d a, 0, 20, 19);
    group!(5: 1 2 3 0);
    step!(G, a b c d, 5, 5, 20); step!(G, d a b c, 10, 9, 21);
    step!(G, c d a b, 15, 14, 22); step!(G, b c d a, 4, 20, 23);
    group!(6: 2 3 0 1);
    step!(G, a b c d, 9, 5, 24); step!(G, d a b c, 14, 9, 25);
    step!(G, c d a b, 3, 14, 26); step!(G, b c d a, 8, 20, 27);
    group!(7: 3 0 1 2);
    step!(G, a b c d, 13, 5, 28); step!(G, d a b c, 2, 9, 29);
    step!(G, c d a b, 7, 14, 30); step!(G, b c d a, 12, 20, 31);
    group!(8: 0 1 2 3);
    step!(H, a b c d, 5, 4, 32); step!(H, d a b c, 8, 11, 33);
    step!(H, c d a b, 11, 16, 34); step!(H, b c d a, 14, 23, 35);
    group!(9: 1 2 3 0);
    step!(H, a b c d, 1, 4, 36); step!(H, d a b c, 4, 11, 37);
    step!(H, c d a b, 7, 16, 38); step!(H, b c d a, 10, 23, 39);
    group!(10: 2 3 0 1);
    step!(H, a b c d, 13, 4, 40); step!(H, d a b c, 0, 11, 41);
    step!(H, c d a b, 3, 16, 42); step!(H, b c d a, 6, 23, 43);
    group!(11: 3 0 1 2);
    step!(H, a b c d, 9, 4, 44); step!(H, d a b c, 12, 11, 45);
    step!(H, c d a b, 15, 16, 46); step!(H, b c d a, 2, 23, 47);
    group!(12: 0);
    step!(I, a b c d, 0, 6, 48); step!(I, d a b c, 7, 10, 49);
    step!(I, c d a b, 14, 15, 50); step!(I, b c d a, 5, 21, 51);
    group!(13: 1);
    step!(I, a b c d, 12, 6, 52); step!(I, d a b c, 3, 10, 53);
    step!(I, c d a b, 10, 15, 54); step!(I, b c d a, 1, 21, 55);
    group!(14: 2);
    step!(I, a b c d, 8, 6, 56); step!(I, d a b c, 15, 10, 57);
    step!(I, c d a b, 6, 15, 58); step!(I, b c d a, 13, 21, 59);
    group!(15: 3);
    step!(I, a b c d, 4, 6, 60); step!(I, d a b c, 11, 10, 61);
    step!(I, c d a b, 2, 15, 62); step!(I, b c d a, 9, 21, 63);
    let ([a0, b0, c0, d0], [abef, cdgh]) = (md5, sha256);
    (
        [_mm_add_epi32(a, a0), _mm_add_epi32(b, b0), _mm_add_epi32(c, c0), _mm_add_epi32(d, d0)],
        [_mm_add_epi32(state[0], abef), _mm_add_epi32(state[1], cdgh)],
    )
}
