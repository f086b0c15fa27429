//! Two leaves of the hash tree at once, with the SHA instructions of x86-64.
//!
//! One SHA-256 stream waits for itself: `sha256rnds2` takes four cycles and each depends on the one before. Two streams in
//! turns fill some of the waiting time (measured on Zen 4, in the tree: 1.1 times the throughput of one). Chosen at run
//! time where [`crate::sixteen`] cannot be; `sha2` is the reference in the test and does the work on every other processor.

use crate::merkle::{self, Hash};
use crate::tree::LEAF_BYTES;

/// The values of two full leaves.
pub(crate) fn leaves(a: &[u8; LEAF_BYTES], b: &[u8; LEAF_BYTES]) -> [Hash; 2] {
    #[cfg(target_arch = "x86_64")]
    if x86::available() {
        return x86::leaves(a, b);
    }
    [merkle::leaf(a), merkle::leaf(b)]
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi32,
        _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
        _mm_shuffle_epi32,
    };

    use super::{Hash, LEAF_BYTES};
    use crate::fips180::{K, START};

    /// Length of a leaf's message in bits: one byte of prefix and the leaf.
    const MESSAGE_BITS: u64 = (1 + LEAF_BYTES as u64) * 8;

    pub(super) fn available() -> bool {
        is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
    }

    /// Call only if [`available`].
    pub(super) fn leaves(a: &[u8; LEAF_BYTES], b: &[u8; LEAF_BYTES]) -> [Hash; 2] {
        debug_assert!(available());
        #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
        // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
        // the function itself is safe code: it takes references to arrays and makes no pointer.
        unsafe {
            leaves_with_sha(a, b)
        }
    }

    /// Both states, in the two registers each that the instructions want: ABEF and CDGH.
    type States = [[__m128i; 2]; 2];

    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn leaves_with_sha(a: &[u8; LEAF_BYTES], b: &[u8; LEAF_BYTES]) -> [Hash; 2] {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = START.map(u32::cast_signed);
        let start = [_mm_set_epi32(h0, h1, h4, h5), _mm_set_epi32(h2, h3, h6, h7)];
        let mut states = [start; 2];
        // The prefix 0x00 shifts everything by one byte: the first block is the prefix and 63 bytes of the leaf, block k
        // begins at byte 64 k - 1 of it, and the last one has one byte of it and the padding.
        states = compress(states, first(a), first(b));
        for (block_a, block_b) in middle(a).iter().zip(middle(b)) {
            states = compress(states, *block_a, *block_b);
        }
        states = compress(states, last(a), last(b));
        states.map(|state| digest(state))
    }

    fn first(leaf: &[u8; LEAF_BYTES]) -> [u8; 64] {
        let mut block = [0; 64];
        block.iter_mut().skip(1).zip(leaf).for_each(|(to, from)| *to = *from);
        block
    }

    /// Bytes 63 to 4094 of the leaf: all blocks but the first and the last.
    fn middle(leaf: &[u8; LEAF_BYTES]) -> &[[u8; 64]] {
        leaf.get(63..LEAF_BYTES - 1).unwrap_or_default().as_chunks().0
    }

    fn last(leaf: &[u8; LEAF_BYTES]) -> [u8; 64] {
        let mut block = [0; 64];
        let tail = leaf.last().copied().into_iter().chain([0x80]);
        block.iter_mut().zip(tail).for_each(|(to, from)| *to = from);
        let length = MESSAGE_BITS.to_be_bytes();
        block.iter_mut().rev().zip(length.iter().rev()).for_each(|(to, from)| *to = *from);
        block
    }

    /// One block of each stream, in turns. FIPS 180-4 §6.2.2, four rounds at a time.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    #[expect(
        clippy::indexing_slicing,
        reason = "indices are 0 to 3 and 0 to 15 of arrays of 4 and 16, known when compiling"
    )]
    fn compress(states: States, a: [u8; 64], b: [u8; 64]) -> States {
        let mut words = [schedule(&a), schedule(&b)];
        let [[mut abef_a, mut cdgh_a], [mut abef_b, mut cdgh_b]] = states;
        for (round, k) in K.as_chunks::<4>().0.iter().enumerate() {
            let [k0, k1, k2, k3] = k.map(u32::cast_signed);
            let constants = _mm_set_epi32(k3, k2, k1, k0);
            let (sum_a, sum_b) =
                (_mm_add_epi32(words[0][round % 4], constants), _mm_add_epi32(words[1][round % 4], constants));
            cdgh_a = _mm_sha256rnds2_epu32(cdgh_a, abef_a, sum_a);
            cdgh_b = _mm_sha256rnds2_epu32(cdgh_b, abef_b, sum_b);
            abef_a = _mm_sha256rnds2_epu32(abef_a, cdgh_a, _mm_shuffle_epi32::<0x0e>(sum_a));
            abef_b = _mm_sha256rnds2_epu32(abef_b, cdgh_b, _mm_shuffle_epi32::<0x0e>(sum_b));
            if round < 12 {
                for w in &mut words {
                    let middle = _mm_alignr_epi8::<4>(w[(round + 3) % 4], w[(round + 2) % 4]);
                    let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w[round % 4], w[(round + 1) % 4]), middle);
                    w[round % 4] = _mm_sha256msg2_epu32(partial, w[(round + 3) % 4]);
                }
            }
        }
        let [[abef_0, cdgh_0], [abef_1, cdgh_1]] = states;
        [
            [_mm_add_epi32(abef_a, abef_0), _mm_add_epi32(cdgh_a, cdgh_0)],
            [_mm_add_epi32(abef_b, abef_1), _mm_add_epi32(cdgh_b, cdgh_1)],
        ]
    }

    /// The first sixteen words of the message schedule: the block, big-endian words in registers.
    #[inline]
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn schedule(block: &[u8; 64]) -> [__m128i; 4] {
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let (quarters, _) = block.as_chunks::<16>();
        let mut words = [swap; 4];
        for (word, quarter) in words.iter_mut().zip(quarters) {
            let value = u128::from_le_bytes(*quarter);
            #[expect(clippy::cast_possible_truncation, reason = "the two halves of the register are wanted")]
            let (low, high) = (value as i64, (value >> 64) as i64);
            *word = _mm_shuffle_epi8(_mm_set_epi64x(high, low), swap);
        }
        words
    }

    /// ABEF and CDGH to the bytes of the digest.
    #[target_feature(enable = "sha,sse4.1,ssse3")]
    fn digest([abef, cdgh]: [__m128i; 2]) -> Hash {
        let feba = _mm_shuffle_epi32::<0x1b>(abef); // A and B in the low half, E and F in the high half
        let dchg = _mm_shuffle_epi32::<0xb1>(cdgh);
        let abcd = _mm_blend_epi16::<0xf0>(feba, dchg);
        let efgh = _mm_alignr_epi8::<8>(dchg, feba);
        let halves = [
            _mm_cvtsi128_si64(abcd),
            _mm_extract_epi64::<1>(abcd),
            _mm_cvtsi128_si64(efgh),
            _mm_extract_epi64::<1>(efgh),
        ];
        let mut digest = [0; 32];
        let bytes = halves.iter().flat_map(|half| {
            // Each half holds two words, the first in its low bits; digests are big-endian words.
            let [w0, w1, w2, w3, x0, x1, x2, x3] = half.to_le_bytes();
            [w3, w2, w1, w0, x3, x2, x1, x0]
        });
        digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_equal_the_reference_for_every_kind_of_content() {
        let mut state = 7_u64;
        for case in 0..200_u32 {
            let mut leaf = || {
                let mut bytes = [0_u8; LEAF_BYTES];
                for byte in &mut bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    *byte = match case % 4 {
                        0 => 0,
                        1 => 0xff,
                        _ => (state >> 56) as u8,
                    };
                }
                bytes
            };
            let (a, b) = (leaf(), leaf());
            assert_eq!(leaves(&a, &b), [merkle::leaf(&a), merkle::leaf(&b)], "case {case}");
        }
    }

    #[test]
    fn one_changed_bit_anywhere_changes_its_own_leaf_and_not_the_other() {
        let (a, b) = ([3; LEAF_BYTES], [5; LEAF_BYTES]);
        let [value_a, value_b] = leaves(&a, &b);
        for position in [0, 62, 63, 64, 2047, 4031, 4094, 4095] {
            let mut changed = a;
            changed[position] ^= 0x80;
            let [other_a, other_b] = leaves(&changed, &b);
            assert!(other_a != value_a && other_b == value_b, "byte {position}");
        }
    }
}
