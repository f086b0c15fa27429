//! MD5 (RFC 1321): broken against collisions, but every E01 carries one and it is the slowest lane of an acquisition.
//!
//! Own compression loop because MD5 is the ceiling of E01 imaging. Each of its 64 steps depends on the one before, so only
//! the length of that chain counts: four operations in rounds 2 and 3, five in the others. The compiler knows algebra but
//! not chains: it gathers constants at the end of a sum, which is on the chain, and prefers two exclusive ors of which
//! one can be used twice. So it is not shown the constants ([`Unseen`]). The crate `md-5` is the reference in the test.

#[cfg(target_arch = "x86_64")]
mod beside_sha256;
#[cfg(target_arch = "x86_64")]
mod vector;

use std::hint::black_box;

use exhibit_evidence::Digest;

use crate::sha256::Sha256;
use crate::{Algorithm, Digester};

/// MD5 (RFC 1321).
pub(super) struct Md5;

impl Algorithm for Md5 {
    fn id(&self) -> &'static str {
        "md5"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(Md5State::new())
    }
}

const BLOCK: usize = 64;
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// An MD5 in the making.
#[derive(Clone)]
pub(crate) struct Md5State {
    words: [u32; 4],
    /// Bytes that do not fill a block yet.
    tail: Vec<u8>,
    /// Bytes so far, modulo 2^64, as RFC 1321 §3.2 wants it.
    length: u64,
}

impl Md5State {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self { words: INITIAL, tail: Vec::with_capacity(BLOCK), length: 0 }
    }

    /// `blocks` more were taken.
    #[cfg(target_arch = "x86_64")]
    fn count(&mut self, blocks: usize) {
        self.length = self.length.wrapping_add((blocks as u64).wrapping_mul(BLOCK as u64));
    }
}

impl Digester for Md5State {
    fn update(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if !self.tail.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(BLOCK.saturating_sub(self.tail.len())));
            self.tail.extend_from_slice(head);
            bytes = rest;
            if let Some(block) = self.tail.first_chunk::<BLOCK>() {
                self.words = compress(self.words, &[*block]);
                self.tail.clear();
            }
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        self.words = compress(self.words, blocks);
        self.tail.extend_from_slice(rest);
    }

    fn digest(&self) -> Digest {
        let mut last = self.clone();
        let bits = self.length.wrapping_mul(8);
        let zeros = (BLOCK * 2 - 9 - self.tail.len()) % BLOCK;
        last.update(&[0x80]);
        last.update([0; BLOCK].split_at(zeros).0);
        last.update(&bits.to_le_bytes());
        Digest::new("md5", last.words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())
    }
}

/// Whether MD5 and SHA-256 in turns are faster here than one after the other.
pub(crate) fn gains_from_sha256() -> bool {
    #[cfg(target_arch = "x86_64")]
    return beside_sha256::available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Takes as many whole blocks of `bytes` into both as can go in turns, and gives what is left: all, if something waits in
/// either or nothing is gained here.
pub(crate) fn in_turns<'a>(md5: &mut Md5State, sha256: &mut Sha256, bytes: &'a [u8]) -> &'a [u8] {
    #[cfg(target_arch = "x86_64")]
    if beside_sha256::available() && md5.tail.is_empty() && sha256.nothing_waits() {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        sha256.take_beside(blocks.len(), |words| {
            let (own, others, _) = beside_sha256::compress((md5.words, words, [0; 8]), blocks, None);
            md5.words = own;
            others
        });
        md5.count(blocks.len());
        return rest;
    }
    let _ = (md5, sha256);
    bytes
}

/// The same with a second SHA-256 `other` over the blocks of `beside`, as far as both reach; gives what is left of each.
pub(crate) fn three_in_turns<'a, 'b>(
    (md5, sha256, bytes): (&mut Md5State, &mut Sha256, &'a [u8]),
    (other, beside): (&mut Sha256, &'b [u8]),
) -> (&'a [u8], &'b [u8]) {
    #[cfg(target_arch = "x86_64")]
    if beside_sha256::available() && md5.tail.is_empty() && sha256.nothing_waits() && other.nothing_waits() {
        let ((blocks, _), (others, _)) = (bytes.as_chunks::<BLOCK>(), beside.as_chunks::<BLOCK>());
        let count = blocks.len().min(others.len());
        let (now, others) = (blocks.get(..count).unwrap_or_default(), others.get(..count).unwrap_or_default());
        sha256.take_beside(count, |words| {
            let mut after = words;
            other.take_beside(count, |second| {
                let (own, first, second) = beside_sha256::compress((md5.words, words, second), now, Some(others));
                (md5.words, after) = (own, first);
                second
            });
            after
        });
        md5.count(count);
        let done = now.as_flattened().len();
        return (bytes.get(done..).unwrap_or_default(), beside.get(done..).unwrap_or_default());
    }
    let _ = (md5, sha256, other);
    (bytes, beside)
}

/// Numbers that the compiler must take from memory, so that it cannot put them where they cost time.
struct Unseen {
    /// The additive constants of the steps, in their order.
    sines: [u32; 64],
    /// All bits set.
    ones: u32,
}

#[rustfmt::skip]
static UNSEEN: Unseen = Unseen {
    sines: [
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    ],
    ones: u32::MAX,
};

macro_rules! step {
    ($f:ident, $a:ident, $b:ident, $c:ident, $d:ident, $word:expr, $shift:literal, $number:literal, $unseen:ident) => {
        let early = $a.wrapping_add($word).wrapping_add($unseen.sines[$number]);
        $a = $f(early, $b, $c, $d, $unseen.ones).rotate_left($shift).wrapping_add($b);
    };
}

#[inline(always)]
fn f(sum: u32, b: u32, c: u32, d: u32, _: u32) -> u32 {
    sum.wrapping_add(d ^ (b & (c ^ d)))
}

/// The two parts share no bit, so they can be added one after the other, and `b` is needed for the second one only.
#[inline(always)]
fn g(sum: u32, b: u32, c: u32, d: u32, _: u32) -> u32 {
    sum.wrapping_add(c & !d).wrapping_add(b & d)
}

/// `b ^ c ^ d` with an exclusive or of `c` and `d` that cannot be recognised as one.
#[inline(always)]
fn h(sum: u32, b: u32, c: u32, d: u32, ones: u32) -> u32 {
    sum.wrapping_add(b ^ ((c | d) & ((c & d) ^ ones)))
}

#[inline(always)]
fn i(sum: u32, b: u32, c: u32, d: u32, _: u32) -> u32 {
    sum.wrapping_add(c ^ (b | !d))
}

/// Takes `blocks` into `words`.
fn compress(words: [u32; 4], blocks: &[[u8; BLOCK]]) -> [u32; 4] {
    #[cfg(target_arch = "x86_64")]
    if vector::available() {
        return vector::compress(words, blocks);
    }
    compress_plain(words, blocks)
}

fn compress_plain(words: [u32; 4], blocks: &[[u8; BLOCK]]) -> [u32; 4] {
    let unseen = black_box(&UNSEEN);
    blocks.iter().fold(words, |words, block| compress_one(words, block, unseen))
}

/// RFC 1321 §3.4, steps in the order of the document. Inlined so that the state stays in registers from block to block.
#[rustfmt::skip]
#[inline(always)]
fn compress_one(state: [u32; 4], block: &[u8; BLOCK], unseen: &Unseen) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    let (words, _) = block.as_chunks::<4>();
    let &[x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15] = words else { return state };
    let [x0, x1, x2, x3, x4, x5, x6, x7] = [x0, x1, x2, x3, x4, x5, x6, x7].map(u32::from_le_bytes);
    let [x8, x9, x10, x11, x12, x13, x14, x15] = [x8, x9, x10, x11, x12, x13, x14, x15].map(u32::from_le_bytes);

    step!(f, a, b, c, d, x0, 7, 0, unseen); step!(f, d, a, b, c, x1, 12, 1, unseen);
    step!(f, c, d, a, b, x2, 17, 2, unseen); step!(f, b, c, d, a, x3, 22, 3, unseen);
    step!(f, a, b, c, d, x4, 7, 4, unseen); step!(f, d, a, b, c, x5, 12, 5, unseen);
    step!(f, c, d, a, b, x6, 17, 6, unseen); step!(f, b, c, d, a, x7, 22, 7, unseen);
    step!(f, a, b, c, d, x8, 7, 8, unseen); step!(f, d, a, b, c, x9, 12, 9, unseen);
    step!(f, c, d, a, b, x10, 17, 10, unseen); step!(f, b, c, d, a, x11, 22, 11, unseen);
    step!(f, a, b, c, d, x12, 7, 12, unseen); step!(f, d, a, b, c, x13, 12, 13, unseen);
    step!(f, c, d, a, b, x14, 17, 14, unseen); step!(f, b, c, d, a, x15, 22, 15, unseen);

    step!(g, a, b, c, d, x1, 5, 16, unseen); step!(g, d, a, b, c, x6, 9, 17, unseen);
    step!(g, c, d, a, b, x11, 14, 18, unseen); step!(g, b, c, d, a, x0, 20, 19, unseen);
    step!(g, a, b, c, d, x5, 5, 20, unseen); step!(g, d, a, b, c, x10, 9, 21, unseen);
    step!(g, c, d, a, b, x15, 14, 22, unseen); step!(g, b, c, d, a, x4, 20, 23, unseen);
    step!(g, a, b, c, d, x9, 5, 24, unseen); step!(g, d, a, b, c, x14, 9, 25, unseen);
    step!(g, c, d, a, b, x3, 14, 26, unseen); step!(g, b, c, d, a, x8, 20, 27, unseen);
    step!(g, a, b, c, d, x13, 5, 28, unseen); step!(g, d, a, b, c, x2, 9, 29, unseen);
    step!(g, c, d, a, b, x7, 14, 30, unseen); step!(g, b, c, d, a, x12, 20, 31, unseen);

    step!(h, a, b, c, d, x5, 4, 32, unseen); step!(h, d, a, b, c, x8, 11, 33, unseen);
    step!(h, c, d, a, b, x11, 16, 34, unseen); step!(h, b, c, d, a, x14, 23, 35, unseen);
    step!(h, a, b, c, d, x1, 4, 36, unseen); step!(h, d, a, b, c, x4, 11, 37, unseen);
    step!(h, c, d, a, b, x7, 16, 38, unseen); step!(h, b, c, d, a, x10, 23, 39, unseen);
    step!(h, a, b, c, d, x13, 4, 40, unseen); step!(h, d, a, b, c, x0, 11, 41, unseen);
    step!(h, c, d, a, b, x3, 16, 42, unseen); step!(h, b, c, d, a, x6, 23, 43, unseen);
    step!(h, a, b, c, d, x9, 4, 44, unseen); step!(h, d, a, b, c, x12, 11, 45, unseen);
    step!(h, c, d, a, b, x15, 16, 46, unseen); step!(h, b, c, d, a, x2, 23, 47, unseen);

    step!(i, a, b, c, d, x0, 6, 48, unseen); step!(i, d, a, b, c, x7, 10, 49, unseen);
    step!(i, c, d, a, b, x14, 15, 50, unseen); step!(i, b, c, d, a, x5, 21, 51, unseen);
    step!(i, a, b, c, d, x12, 6, 52, unseen); step!(i, d, a, b, c, x3, 10, 53, unseen);
    step!(i, c, d, a, b, x10, 15, 54, unseen); step!(i, b, c, d, a, x1, 21, 55, unseen);
    step!(i, a, b, c, d, x8, 6, 56, unseen); step!(i, d, a, b, c, x15, 10, 57, unseen);
    step!(i, c, d, a, b, x6, 15, 58, unseen); step!(i, b, c, d, a, x13, 21, 59, unseen);
    step!(i, a, b, c, d, x4, 6, 60, unseen); step!(i, d, a, b, c, x11, 10, 61, unseen);
    step!(i, c, d, a, b, x2, 15, 62, unseen); step!(i, b, c, d, a, x9, 21, 63, unseen);

    let [a0, b0, c0, d0] = state;
    [a0.wrapping_add(a), b0.wrapping_add(b), c0.wrapping_add(c), d0.wrapping_add(d)]
}

#[cfg(test)]
mod tests {
    use md5::Digest as _;

    use super::*;

    #[test]
    fn every_length_over_three_blocks_equals_the_reference() {
        let bytes: Vec<u8> = (0..200_u32).map(|n| (n.wrapping_mul(251) >> 2) as u8).collect();
        for length in 0..=bytes.len() {
            let mut digester = Md5.start();
            for piece in bytes[..length].chunks(7) {
                digester.update(piece);
            }
            assert_eq!(digester.digest().bytes(), md5::Md5::digest(&bytes[..length]).as_slice(), "{length} bytes");
        }
    }
    #[test]
    fn the_plain_loop_gives_the_same_whatever_is_faster_here() {
        let bytes: Vec<u8> = (0..64 * 40_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        for count in 0..blocks.len() {
            assert_eq!(
                compress(INITIAL, &blocks[..count]),
                compress_plain(INITIAL, &blocks[..count]),
                "{count} blocks"
            );
        }
    }

    #[test]
    fn the_constants_are_the_sines_of_the_rfc() {
        // RFC 1321 §3.4: the integer part of 4294967296 times abs(sin(i)), i in radians from 1 to 64.
        let sines = (1..=64).map(|i| (f64::from(i).sin().abs() * 4_294_967_296.0) as u32);
        assert!(sines.eq(UNSEEN.sines));
    }
}
