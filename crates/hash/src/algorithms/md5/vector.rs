//! MD5 in the lowest lanes of vector registers, for the three-input instructions of AVX-512.
//!
//! Each of the four functions of MD5 is one instruction there, so that a step is a chain of four operations in every round;
//! the general registers need five in two of the four. The other lanes do the same work and are not looked at.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_cvtsi32_si128, _mm_cvtsi128_si32, _mm_rol_epi32, _mm_ternarylogic_epi32,
};

use super::{BLOCK, UNSEEN};

/// Whether this is faster here. The instructions alone do not tell: on Zen 4 it takes a fifth longer than the general
/// registers, on Sapphire Rapids an eighth less. Half-precision arithmetic is what only cores of the second kind have.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512fp16")
}

/// Takes `blocks` into `words`. Call only if [`available`].
pub(super) fn compress(words: [u32; 4], blocks: &[[u8; BLOCK]]) -> [u32; 4] {
    debug_assert!(available());
    #[expect(unsafe_code, reason = "the one way to reach instructions that are not on every processor")]
    // SAFETY: the only condition of the call is that the processor has the instructions, which `available` found out;
    // the function itself is safe code: it takes references to arrays and makes no pointer.
    unsafe {
        with_avx512(words, blocks)
    }
}

// The functions of RFC 1321 §3.4 as truth tables over the bits of b, c and d.
pub(super) const F: i32 = 0xca;
pub(super) const G: i32 = 0xe4;
pub(super) const H: i32 = 0x96;
pub(super) const I: i32 = 0x39;

#[target_feature(enable = "avx512f,avx512vl")]
fn with_avx512(words: [u32; 4], blocks: &[[u8; BLOCK]]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = words.map(|word| scalar(word));
    for block in blocks {
        [a, b, c, d] = one(&[a, b, c, d], block);
    }
    [a, b, c, d].map(|word| _mm_cvtsi128_si32(word).cast_unsigned())
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
pub(super) fn scalar(word: u32) -> __m128i {
    _mm_cvtsi32_si128(word.cast_signed())
}

/// One step: words of the block, function, registers, which word, bits rotated, number.
macro_rules! step {
    ($x:ident, $f:ident, $a:ident $b:ident $c:ident $d:ident, $word:literal, $shift:literal, $number:literal) => {
        // What does not depend on the step before is summed up first.
        let early = u32::from_le_bytes($x[$word]).wrapping_add(UNSEEN.sines[$number]);
        let early = _mm_add_epi32($a, scalar(early));
        let sum = _mm_add_epi32(early, _mm_ternarylogic_epi32::<$f>($b, $c, $d));
        $a = _mm_add_epi32(_mm_rol_epi32::<$shift>(sum), $b);
    };
}
pub(super) use step;

/// The steps in the order of RFC 1321 §3.4, on the registers `a` to `d` and the words `x` of a block; before each pair
/// of them `$then` puts in what is done in turns with them.
#[rustfmt::skip]
macro_rules! sixty_four_steps {
    ($a:ident $b:ident $c:ident $d:ident, $x:ident, $then:ident) => {
        $then!(0); step!($x, F, $a $b $c $d, 0, 7, 0); step!($x, F, $d $a $b $c, 1, 12, 1);
        $then!(1); step!($x, F, $c $d $a $b, 2, 17, 2); step!($x, F, $b $c $d $a, 3, 22, 3);
        $then!(2); step!($x, F, $a $b $c $d, 4, 7, 4); step!($x, F, $d $a $b $c, 5, 12, 5);
        $then!(3); step!($x, F, $c $d $a $b, 6, 17, 6); step!($x, F, $b $c $d $a, 7, 22, 7);
        $then!(4); step!($x, F, $a $b $c $d, 8, 7, 8); step!($x, F, $d $a $b $c, 9, 12, 9);
        $then!(5); step!($x, F, $c $d $a $b, 10, 17, 10); step!($x, F, $b $c $d $a, 11, 22, 11);
        $then!(6); step!($x, F, $a $b $c $d, 12, 7, 12); step!($x, F, $d $a $b $c, 13, 12, 13);
        $then!(7); step!($x, F, $c $d $a $b, 14, 17, 14); step!($x, F, $b $c $d $a, 15, 22, 15);
        $then!(8); step!($x, G, $a $b $c $d, 1, 5, 16); step!($x, G, $d $a $b $c, 6, 9, 17);
        $then!(9); step!($x, G, $c $d $a $b, 11, 14, 18); step!($x, G, $b $c $d $a, 0, 20, 19);
        $then!(10); step!($x, G, $a $b $c $d, 5, 5, 20); step!($x, G, $d $a $b $c, 10, 9, 21);
        $then!(11); step!($x, G, $c $d $a $b, 15, 14, 22); step!($x, G, $b $c $d $a, 4, 20, 23);
        $then!(12); step!($x, G, $a $b $c $d, 9, 5, 24); step!($x, G, $d $a $b $c, 14, 9, 25);
        $then!(13); step!($x, G, $c $d $a $b, 3, 14, 26); step!($x, G, $b $c $d $a, 8, 20, 27);
        $then!(14); step!($x, G, $a $b $c $d, 13, 5, 28); step!($x, G, $d $a $b $c, 2, 9, 29);
        $then!(15); step!($x, G, $c $d $a $b, 7, 14, 30); step!($x, G, $b $c $d $a, 12, 20, 31);
        $then!(16); step!($x, H, $a $b $c $d, 5, 4, 32); step!($x, H, $d $a $b $c, 8, 11, 33);
        $then!(17); step!($x, H, $c $d $a $b, 11, 16, 34); step!($x, H, $b $c $d $a, 14, 23, 35);
        $then!(18); step!($x, H, $a $b $c $d, 1, 4, 36); step!($x, H, $d $a $b $c, 4, 11, 37);
        $then!(19); step!($x, H, $c $d $a $b, 7, 16, 38); step!($x, H, $b $c $d $a, 10, 23, 39);
        $then!(20); step!($x, H, $a $b $c $d, 13, 4, 40); step!($x, H, $d $a $b $c, 0, 11, 41);
        $then!(21); step!($x, H, $c $d $a $b, 3, 16, 42); step!($x, H, $b $c $d $a, 6, 23, 43);
        $then!(22); step!($x, H, $a $b $c $d, 9, 4, 44); step!($x, H, $d $a $b $c, 12, 11, 45);
        $then!(23); step!($x, H, $c $d $a $b, 15, 16, 46); step!($x, H, $b $c $d $a, 2, 23, 47);
        $then!(24); step!($x, I, $a $b $c $d, 0, 6, 48); step!($x, I, $d $a $b $c, 7, 10, 49);
        $then!(25); step!($x, I, $c $d $a $b, 14, 15, 50); step!($x, I, $b $c $d $a, 5, 21, 51);
        $then!(26); step!($x, I, $a $b $c $d, 12, 6, 52); step!($x, I, $d $a $b $c, 3, 10, 53);
        $then!(27); step!($x, I, $c $d $a $b, 10, 15, 54); step!($x, I, $b $c $d $a, 1, 21, 55);
        $then!(28); step!($x, I, $a $b $c $d, 8, 6, 56); step!($x, I, $d $a $b $c, 15, 10, 57);
        $then!(29); step!($x, I, $c $d $a $b, 6, 15, 58); step!($x, I, $b $c $d $a, 13, 21, 59);
        $then!(30); step!($x, I, $a $b $c $d, 4, 6, 60); step!($x, I, $d $a $b $c, 11, 10, 61);
        $then!(31); step!($x, I, $c $d $a $b, 2, 15, 62); step!($x, I, $b $c $d $a, 9, 21, 63);
    };
}
pub(super) use sixty_four_steps;

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn one(state: &[__m128i; 4], block: &[u8; BLOCK]) -> [__m128i; 4] {
    let [mut a, mut b, mut c, mut d] = *state;
    let (quarters, _) = block.as_chunks::<4>();
    let Some(x) = quarters.first_chunk::<16>() else { return *state };
    macro_rules! nothing {
        ($pair:literal) => {};
    }
    sixty_four_steps!(a b c d, x, nothing);
    let [a0, b0, c0, d0] = *state;
    [_mm_add_epi32(a, a0), _mm_add_epi32(b, b0), _mm_add_epi32(c, c0), _mm_add_epi32(d, d0)]
}
