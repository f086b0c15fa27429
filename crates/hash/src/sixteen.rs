//! SHA-256 of sixteen messages of equal length at once, one in each lane of the AVX-512 registers of x86-64.
//!
//! The hash tree is thousands of short messages that do not depend on each other, as are the chunks of an AFF4, so that a
//! register can hold the same word of sixteen of them (measured on Zen 4: 1.6 times the throughput of one stream with the SHA instructions). Chosen at
//! run time; `sha2` is the reference in the tests and does the work where these instructions are missing.

use crate::merkle::Hash;
use crate::tree::LEAF_BYTES;

/// Messages hashed at once.
pub(crate) const LANES: usize = 16;

/// The values of sixteen full leaves; `None` if this processor cannot.
pub(crate) fn leaves(leaves: &[[u8; LEAF_BYTES]; LANES]) -> Option<[Hash; LANES]> {
    #[cfg(target_arch = "x86_64")]
    return x86::sha256(&leaves.each_ref().map(x86::leaf_blocks));
    #[cfg(not(target_arch = "x86_64"))]
    return None.filter(|_| leaves.is_empty());
}

/// The values of the nodes over sixteen pairs of neighbours; `None` if this processor cannot.
pub(crate) fn nodes(pairs: &[[Hash; 2]; LANES]) -> Option<[Hash; LANES]> {
    #[cfg(target_arch = "x86_64")]
    return x86::sha256(&pairs.each_ref().map(x86::node_blocks));
    #[cfg(not(target_arch = "x86_64"))]
    return None.filter(|_| pairs.is_empty());
}

/// Whether this processor can.
pub(crate) fn available() -> bool {
    #[cfg(target_arch = "x86_64")]
    return x86::available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// The digests of sixteen messages of equal length, a multiple of 64; `None` if they are none, or this processor cannot.
pub(crate) fn messages(messages: [&[u8]; LANES]) -> Option<[Hash; LANES]> {
    let [first, ..] = messages;
    if first.is_empty() || first.len() % 64 != 0 || messages.iter().any(|message| message.len() != first.len()) {
        return None;
    }
    #[cfg(target_arch = "x86_64")]
    return x86::sha256(&messages.map(x86::message_blocks));
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, __m512i, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_set_epi64x, _mm512_add_epi32,
        _mm512_broadcast_i32x4, _mm512_extracti32x4_epi32, _mm512_ror_epi32, _mm512_set_epi64, _mm512_set1_epi32,
        _mm512_setzero_si512, _mm512_shuffle_epi8, _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_ternarylogic_epi32,
        _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
    };

    use super::{Hash, LANES, LEAF_BYTES};
    use crate::fips180::{K, START};

    /// A message in blocks of 64 bytes, prefix and padding of FIPS 180-4 §5.1.1 included.
    pub(super) struct Blocks<'a> {
        first: [u8; 64],
        middle: &'a [[u8; 64]],
        last: [u8; 64],
    }

    /// A leaf of RFC 6962: the byte 0x00, then the leaf. Block k begins at byte 64 k - 1 of the leaf.
    pub(super) fn leaf_blocks(leaf: &[u8; LEAF_BYTES]) -> Blocks<'_> {
        let (head, rest) = leaf.split_at(63);
        let (middle, tail) = rest.as_chunks();
        Blocks { first: first(0, head, &[]), middle, last: last(tail, 1 + LEAF_BYTES as u64) }
    }

    /// A node of RFC 6962: the byte 0x01, then left and right.
    pub(super) fn node_blocks([left, right]: &[Hash; 2]) -> Blocks<'static> {
        let (head, tail) = right.split_at(31);
        Blocks { first: first(1, left, head), middle: &[], last: last(tail, 65) }
    }

    /// A message of whole blocks, one at least.
    pub(super) fn message_blocks(message: &[u8]) -> Blocks<'_> {
        let (first, middle) =
            message.as_chunks().0.split_first().map_or(([0; 64], &[][..]), |(first, rest)| (*first, rest));
        let mut end = [0; 64];
        if let Some(one) = end.first_mut() {
            *one = 0x80;
        }
        with_length(&mut end, message.len() as u64);
        Blocks { first, middle, last: end }
    }

    /// Puts the length in bytes at the end of the last block, in bits.
    fn with_length(block: &mut [u8; 64], length: u64) {
        if let Some(bits) = block.last_chunk_mut() {
            *bits = length.wrapping_mul(8).to_be_bytes();
        }
    }

    /// The prefix, and 63 bytes in two parts.
    fn first(prefix: u8, head: &[u8], more: &[u8]) -> [u8; 64] {
        let mut block = [prefix; 64];
        if let Some(place) = block.get_mut(1..).and_then(|rest| rest.get_mut(..head.len())) {
            place.copy_from_slice(head);
        }
        if let Some(place) = block.get_mut(1 + head.len()..).and_then(|rest| rest.get_mut(..more.len())) {
            place.copy_from_slice(more);
        }
        block
    }

    /// The one byte that is left of a message of `length` bytes, and the padding.
    fn last(tail: &[u8], length: u64) -> [u8; 64] {
        let mut block = [0; 64];
        if let ([byte, one, ..], [left]) = (&mut block, tail) {
            (*byte, *one) = (*left, 0x80);
        }
        with_length(&mut block, length);
        block
    }

    pub(super) fn available() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
    }

    /// The digests of sixteen messages of equally many blocks; `None` if the processor cannot.
    pub(super) fn sha256(messages: &[Blocks<'_>; LANES]) -> Option<[Hash; LANES]> {
        if !available() {
            return None;
        }
        #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
        // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
        // the function itself is safe code: it takes references to arrays and makes no pointer.
        let digests = unsafe { sha256_with_avx512(messages) };
        Some(digests)
    }

    /// A working variable, or a word of the schedule, of every message.
    type Words = __m512i;

    #[target_feature(enable = "avx512f,avx512bw")]
    #[expect(clippy::indexing_slicing, reason = "all messages have as many middle blocks as the first one has")]
    fn sha256_with_avx512(messages: &[Blocks<'_>; LANES]) -> [Hash; LANES] {
        let mut state = [_mm512_setzero_si512(); 8];
        for (words, start) in state.iter_mut().zip(START) {
            *words = _mm512_set1_epi32(start.cast_signed());
        }
        state = compress(state, messages.each_ref().map(|message| &message.first));
        for number in 0..messages[0].middle.len() {
            state = compress(state, messages.each_ref().map(|message| &message.middle[number]));
        }
        digests(compress(state, messages.each_ref().map(|message| &message.last)))
    }

    /// One round (FIPS 180-4 §6.2.2, step 3) of all messages. Names are rotated instead of values.
    macro_rules! round {
        ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $word:expr, $k:expr) => {
            let constant = _mm512_set1_epi32($k.cast_signed());
            let early = _mm512_add_epi32($h, _mm512_add_epi32($word, constant));
            let choice = _mm512_ternarylogic_epi32::<0xca>($e, $f, $g);
            let t1 = _mm512_add_epi32(_mm512_add_epi32(early, choice), rotations::<6, 11, 25>($e));
            let majority = _mm512_ternarylogic_epi32::<0xe8>($a, $b, $c);
            $d = _mm512_add_epi32($d, t1);
            $h = _mm512_add_epi32(t1, _mm512_add_epi32(rotations::<2, 13, 22>($a), majority));
        };
    }

    /// The word of the message schedule (step 1) that comes sixteen after `$word`, in its place; given those one, nine and
    /// fourteen after it.
    macro_rules! schedule {
        ($word:ident $near:ident $middle:ident $far:ident) => {
            let (near_shifted, far_shifted) = (_mm512_srli_epi32::<3>($near), _mm512_srli_epi32::<10>($far));
            let low = xor3(_mm512_ror_epi32::<7>($near), _mm512_ror_epi32::<18>($near), near_shifted);
            let high = xor3(_mm512_ror_epi32::<17>($far), _mm512_ror_epi32::<19>($far), far_shifted);
            $word = _mm512_add_epi32(_mm512_add_epi32($word, $middle), _mm512_add_epi32(low, high));
        };
    }

    /// One block of every message.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn compress(state: [Words; 8], blocks: [&[u8; 64]; LANES]) -> [Words; 8] {
        // Loops and no `map`: the closure of a `map` is compiled without the instructions, and each word would be a call.
        let mut words = [_mm512_setzero_si512(); LANES];
        for (word, block) in words.iter_mut().zip(blocks) {
            *word = big_endian(block);
        }
        #[rustfmt::skip]
        let [mut w0, mut w1, mut w2, mut w3, mut w4, mut w5, mut w6, mut w7,
            mut w8, mut w9, mut w10, mut w11, mut w12, mut w13, mut w14, mut w15] = transposed(words);
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for (group, k) in K.as_chunks::<16>().0.iter().enumerate() {
            if group > 0 {
                schedule!(w0 w1 w9 w14);
                schedule!(w1 w2 w10 w15);
                schedule!(w2 w3 w11 w0);
                schedule!(w3 w4 w12 w1);
                schedule!(w4 w5 w13 w2);
                schedule!(w5 w6 w14 w3);
                schedule!(w6 w7 w15 w4);
                schedule!(w7 w8 w0 w5);
                schedule!(w8 w9 w1 w6);
                schedule!(w9 w10 w2 w7);
                schedule!(w10 w11 w3 w8);
                schedule!(w11 w12 w4 w9);
                schedule!(w12 w13 w5 w10);
                schedule!(w13 w14 w6 w11);
                schedule!(w14 w15 w7 w12);
                schedule!(w15 w0 w8 w13);
            }
            let [k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, k12, k13, k14, k15] = *k;
            round!(a b c d e f g h, w0, k0);
            round!(h a b c d e f g, w1, k1);
            round!(g h a b c d e f, w2, k2);
            round!(f g h a b c d e, w3, k3);
            round!(e f g h a b c d, w4, k4);
            round!(d e f g h a b c, w5, k5);
            round!(c d e f g h a b, w6, k6);
            round!(b c d e f g h a, w7, k7);
            round!(a b c d e f g h, w8, k8);
            round!(h a b c d e f g, w9, k9);
            round!(g h a b c d e f, w10, k10);
            round!(f g h a b c d e, w11, k11);
            round!(e f g h a b c d, w12, k12);
            round!(d e f g h a b c, w13, k13);
            round!(c d e f g h a b, w14, k14);
            round!(b c d e f g h a, w15, k15);
        }
        let mut sums = [a, b, c, d, e, f, g, h];
        for (sum, before) in sums.iter_mut().zip(state) {
            *sum = _mm512_add_epi32(*sum, before);
        }
        sums
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn rotations<const X: i32, const Y: i32, const Z: i32>(word: Words) -> Words {
        xor3(_mm512_ror_epi32::<X>(word), _mm512_ror_epi32::<Y>(word), _mm512_ror_epi32::<Z>(word))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn xor3(x: Words, y: Words, z: Words) -> Words {
        _mm512_ternarylogic_epi32::<0x96>(x, y, z)
    }

    /// The sixteen words of a block of one message. The array of numbers is one load for the compiler.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn big_endian(block: &[u8; 64]) -> __m512i {
        let (eighths, _) = block.as_chunks::<8>();
        let &[e0, e1, e2, e3, e4, e5, e6, e7] = eighths else { return _mm512_setzero_si512() };
        let [e0, e1, e2, e3, e4, e5, e6, e7] = [e0, e1, e2, e3, e4, e5, e6, e7].map(i64::from_le_bytes);
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        _mm512_shuffle_epi8(_mm512_set_epi64(e7, e6, e5, e4, e3, e2, e1, e0), _mm512_broadcast_i32x4(swap))
    }

    /// Rows to columns: from one register for each message to one for each word. Four by four inside the quarters of the
    /// registers first, then the quarters.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    #[expect(clippy::indexing_slicing, reason = "indices below 4 of arrays of 4 × 4, known when compiling")]
    fn transposed(rows: [__m512i; LANES]) -> [Words; 16] {
        let mut fours = [[_mm512_setzero_si512(); 4]; 4];
        for (four, rows) in fours.iter_mut().zip(rows.as_chunks::<4>().0) {
            let (low_01, high_01) = (_mm512_unpacklo_epi32(rows[0], rows[1]), _mm512_unpackhi_epi32(rows[0], rows[1]));
            let (low_23, high_23) = (_mm512_unpacklo_epi32(rows[2], rows[3]), _mm512_unpackhi_epi32(rows[2], rows[3]));
            *four = [
                _mm512_unpacklo_epi64(low_01, low_23),
                _mm512_unpackhi_epi64(low_01, low_23),
                _mm512_unpacklo_epi64(high_01, high_23),
                _mm512_unpackhi_epi64(high_01, high_23),
            ];
        }
        let mut columns = [_mm512_setzero_si512(); 16];
        for j in 0..4 {
            // 0x88 takes quarters 0 and 2 of both registers, 0xdd quarters 1 and 3.
            let (even_01, odd_01) = (
                _mm512_shuffle_i32x4::<0x88>(fours[0][j], fours[1][j]),
                _mm512_shuffle_i32x4::<0xdd>(fours[0][j], fours[1][j]),
            );
            let (even_23, odd_23) = (
                _mm512_shuffle_i32x4::<0x88>(fours[2][j], fours[3][j]),
                _mm512_shuffle_i32x4::<0xdd>(fours[2][j], fours[3][j]),
            );
            columns[j] = _mm512_shuffle_i32x4::<0x88>(even_01, even_23);
            columns[j + 4] = _mm512_shuffle_i32x4::<0x88>(odd_01, odd_23);
            columns[j + 8] = _mm512_shuffle_i32x4::<0xdd>(even_01, even_23);
            columns[j + 12] = _mm512_shuffle_i32x4::<0xdd>(odd_01, odd_23);
        }
        columns
    }

    /// Eight words of sixteen messages to the bytes of sixteen digests.
    #[target_feature(enable = "avx512f,avx512bw")]
    fn digests(state: [Words; 8]) -> [Hash; LANES] {
        let mut words = [[0; LANES]; 8];
        for (numbers, word) in words.iter_mut().zip(state) {
            *numbers = lanes(word);
        }
        std::array::from_fn(|lane| {
            let mut digest = [0; 32];
            let bytes = words.iter().flat_map(|word| word.get(lane).copied().unwrap_or_default().to_be_bytes());
            digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
            digest
        })
    }

    /// The word of each message.
    #[target_feature(enable = "avx512f,avx512bw")]
    fn lanes(word: Words) -> [u32; LANES] {
        let quarters = [
            _mm512_extracti32x4_epi32::<0>(word),
            _mm512_extracti32x4_epi32::<1>(word),
            _mm512_extracti32x4_epi32::<2>(word),
            _mm512_extracti32x4_epi32::<3>(word),
        ];
        let halves = |quarter: __m128i| [_mm_cvtsi128_si64(quarter), _mm_extract_epi64::<1>(quarter)];
        let mut lanes = [0; LANES];
        #[expect(clippy::cast_possible_truncation, reason = "the two words in a half are wanted")]
        let words = quarters.into_iter().flat_map(halves).flat_map(|half| [half as u32, (half >> 32) as u32]);
        lanes.iter_mut().zip(words).for_each(|(to, from)| *to = from);
        lanes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle;

    /// Bytes that differ everywhere.
    fn noise(length: usize, mut state: u64) -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    #[expect(clippy::disallowed_macros, reason = "a test that could not test must say so")]
    fn leaves_equal_the_reference_for_every_kind_of_content() {
        for case in 0..24 {
            let bytes = match case {
                0 => vec![0; LANES * LEAF_BYTES],
                1 => vec![0xff; LANES * LEAF_BYTES],
                _ => noise(LANES * LEAF_BYTES, case),
            };
            let (all, _) = bytes.as_chunks::<LEAF_BYTES>();
            let Some(values) = leaves(all.first_chunk().unwrap()) else {
                println!("skipped: this processor has no AVX-512");
                return;
            };
            for (lane, value) in values.iter().enumerate() {
                assert_eq!(*value, merkle::leaf(&all[lane]), "case {case}, lane {lane}");
            }
        }
    }

    #[test]
    fn one_changed_bit_anywhere_changes_its_own_lane_and_no_other() {
        let bytes = noise(LANES * LEAF_BYTES, 3);
        let (all, _) = bytes.as_chunks::<LEAF_BYTES>();
        let Some(before) = leaves(all.first_chunk().unwrap()) else { return };
        for (lane, position) in (0..LANES).flat_map(|lane| [0, 62, 63, 64, 2047, 4094, 4095].map(|at| (lane, at))) {
            let mut changed: [[u8; LEAF_BYTES]; LANES] = *all.first_chunk().unwrap();
            changed[lane][position] ^= 0x80;
            let after = leaves(&changed).unwrap();
            for other in 0..LANES {
                assert_eq!(after[other] == before[other], other != lane, "byte {position} of lane {lane}");
            }
        }
    }

    #[test]
    fn nodes_equal_the_reference() {
        for case in 0..50 {
            let bytes = noise(LANES * 64, case);
            let pairs: [[Hash; 2]; LANES] =
                std::array::from_fn(|n| [0, 32].map(|at| *bytes[n * 64 + at..].first_chunk().unwrap()));
            let Some(values) = nodes(&pairs) else { return };
            for ([left, right], value) in pairs.iter().zip(values) {
                assert_eq!(value, merkle::node(left, right), "case {case}");
            }
        }
    }
}
