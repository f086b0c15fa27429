//! Two SHA-256 streams in turns, with the SHA instructions of x86-64.
//!
//! One stream waits for itself: `sha256rnds2` takes four cycles and each depends on the one before. A second stream fills
//! the waiting time; measured on Zen 4, both together run twice as fast as one after the other, a third adds nothing. That
//! holds only when all sixteen groups of rounds are written out: with the message words in registers.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi32,
    _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
    _mm_shuffle_epi32,
};

use super::Words;
use crate::fips180::K;

/// Whether this processor has the instructions.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
}

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

/// A state in the two registers that the instructions want: ABEF and CDGH.
type State = [__m128i; 2];
/// Sixteen words of the message schedule.
type Schedule = [__m128i; 4];

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

/// Four rounds of one stream; `sum` is words plus constants.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn rounds([abef, cdgh]: State, sum: __m128i) -> State {
    let cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    [_mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32::<0x0e>(sum)), cdgh]
}

/// The four words of the schedule after `w3`.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn next(w0: __m128i, w1: __m128i, w2: __m128i, w3: __m128i) -> __m128i {
    let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    _mm_sha256msg2_epu32(partial, w3)
}

/// Constants of the four rounds of a group, 0 to 15.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[expect(clippy::indexing_slicing, reason = "inside const: a group that is not there does not compile")]
fn constants<const GROUP: usize>() -> __m128i {
    let [k0, k1, k2, k3] = const { [K[GROUP * 4], K[GROUP * 4 + 1], K[GROUP * 4 + 2], K[GROUP * 4 + 3]] };
    _mm_set_epi32(k3.cast_signed(), k2.cast_signed(), k1.cast_signed(), k0.cast_signed())
}

/// The first sixteen words of the message schedule: the block, big-endian words in registers.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn schedule(block: &[u8; 64]) -> Schedule {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let (quarters, _) = block.as_chunks::<16>();
    let mut words = [swap; 4];
    for (word, quarter) in words.iter_mut().zip(quarters) {
        let (halves, _) = quarter.as_chunks::<8>();
        if let [low, high] = halves {
            *word = _mm_shuffle_epi8(_mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low)), swap);
        }
    }
    words
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn packed(words: Words) -> State {
    let [a, b, c, d, e, f, g, h] = words.map(u32::cast_signed);
    [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)]
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn unpacked([abef, cdgh]: State) -> Words {
    let feba = _mm_shuffle_epi32::<0x1b>(abef); // A and B in the low half, E and F in the high half
    let dchg = _mm_shuffle_epi32::<0xb1>(cdgh);
    let abcd = _mm_blend_epi16::<0xf0>(feba, dchg);
    let efgh = _mm_alignr_epi8::<8>(dchg, feba);
    let halves =
        [_mm_cvtsi128_si64(abcd), _mm_extract_epi64::<1>(abcd), _mm_cvtsi128_si64(efgh), _mm_extract_epi64::<1>(efgh)];
    let mut words = [0; 8];
    let each = halves.into_iter().flat_map(|half| {
        let [w0, w1, w2, w3, x0, x1, x2, x3] = half.to_le_bytes();
        [u32::from_le_bytes([w0, w1, w2, w3]), u32::from_le_bytes([x0, x1, x2, x3])]
    });
    words.iter_mut().zip(each).for_each(|(to, from)| *to = from);
    words
}
