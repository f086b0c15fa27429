//! The steps of SHA-256 with the SHA instructions of x86-64, for loops that take something else in turns with them.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi32,
    _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
    _mm_shuffle_epi32,
};

use super::Words;
use crate::fips180::K;

/// Whether this processor has the instructions.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
}

/// A state in the two registers that the instructions want: ABEF and CDGH.
pub(crate) type State = [__m128i; 2];
/// Sixteen words of the message schedule.
pub(crate) type Schedule = [__m128i; 4];

/// Four rounds of one stream; `sum` is words plus constants.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn rounds([abef, cdgh]: State, sum: __m128i) -> State {
    let cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
    [_mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32::<0x0e>(sum)), cdgh]
}

/// The four words of the schedule after `w3`.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn next(w0: __m128i, w1: __m128i, w2: __m128i, w3: __m128i) -> __m128i {
    let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
    _mm_sha256msg2_epu32(partial, w3)
}

/// Constants of the four rounds of a group, 0 to 15.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[expect(clippy::indexing_slicing, reason = "inside const: a group that is not there does not compile")]
pub(crate) fn constants<const GROUP: usize>() -> __m128i {
    let [k0, k1, k2, k3] = const { [K[GROUP * 4], K[GROUP * 4 + 1], K[GROUP * 4 + 2], K[GROUP * 4 + 3]] };
    _mm_set_epi32(k3.cast_signed(), k2.cast_signed(), k1.cast_signed(), k0.cast_signed())
}

/// The first sixteen words of the message schedule: the block, big-endian words in registers.
#[inline]
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn schedule(block: &[u8; 64]) -> Schedule {
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
pub(crate) fn packed(words: Words) -> State {
    let [a, b, c, d, e, f, g, h] = words.map(u32::cast_signed);
    [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)]
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn unpacked([abef, cdgh]: State) -> Words {
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
