//! MD5 (RFC 1321): broken against collisions, but every E01 carries one and it is the slowest lane of an acquisition.
//!
//! Own compression loop because MD5 is the ceiling of E01 imaging. Each step depends on the one before, so only the
//! length of that chain counts: `G` is written as a sum of two disjoint parts, of which one does not depend on the
//! newest word, which takes one operation off the chain in a quarter of the steps. The crate `md-5` is the reference in
//! the test.

use exhibit_evidence::Digest;

use crate::{Algorithm, Digester};

/// MD5 (RFC 1321).
pub(super) struct Md5;

impl Algorithm for Md5 {
    fn id(&self) -> &'static str {
        "md5"
    }
    fn start(&self) -> Box<dyn Digester> {
        Box::new(State { words: INITIAL, tail: Vec::with_capacity(BLOCK), length: 0 })
    }
}

const BLOCK: usize = 64;
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

#[derive(Clone)]
struct State {
    words: [u32; 4],
    /// Bytes that do not fill a block yet.
    tail: Vec<u8>,
    /// Bytes so far, modulo 2^64, as RFC 1321 §3.2 wants it.
    length: u64,
}

impl Digester for State {
    fn update(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if !self.tail.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(BLOCK.saturating_sub(self.tail.len())));
            self.tail.extend_from_slice(head);
            bytes = rest;
            if let Some(block) = self.tail.first_chunk::<BLOCK>() {
                self.words = compress(self.words, block);
                self.tail.clear();
            }
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        self.words = blocks.iter().fold(self.words, compress);
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

macro_rules! step {
    ($f:ident, $a:ident, $b:ident, $c:ident, $d:ident, $word:expr, $shift:literal, $constant:literal) => {
        $a = $f($a.wrapping_add($word).wrapping_add($constant), $b, $c, $d).rotate_left($shift).wrapping_add($b);
    };
}

#[inline(always)]
fn f(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add(d ^ (b & (c ^ d)))
}

#[inline(always)]
fn g(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add(c & !d).wrapping_add(b & d)
}

#[inline(always)]
fn h(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add((c ^ d) ^ b)
}

#[inline(always)]
fn i(sum: u32, b: u32, c: u32, d: u32) -> u32 {
    sum.wrapping_add(c ^ (b | !d))
}

/// RFC 1321 §3.4, steps in the order of the document.
#[rustfmt::skip]
fn compress(state: [u32; 4], block: &[u8; BLOCK]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    let (words, _) = block.as_chunks::<4>();
    let &[x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15] = words else { return state };
    let [x0, x1, x2, x3, x4, x5, x6, x7] = [x0, x1, x2, x3, x4, x5, x6, x7].map(u32::from_le_bytes);
    let [x8, x9, x10, x11, x12, x13, x14, x15] = [x8, x9, x10, x11, x12, x13, x14, x15].map(u32::from_le_bytes);

    step!(f, a, b, c, d, x0, 7, 0xd76aa478); step!(f, d, a, b, c, x1, 12, 0xe8c7b756);
    step!(f, c, d, a, b, x2, 17, 0x242070db); step!(f, b, c, d, a, x3, 22, 0xc1bdceee);
    step!(f, a, b, c, d, x4, 7, 0xf57c0faf); step!(f, d, a, b, c, x5, 12, 0x4787c62a);
    step!(f, c, d, a, b, x6, 17, 0xa8304613); step!(f, b, c, d, a, x7, 22, 0xfd469501);
    step!(f, a, b, c, d, x8, 7, 0x698098d8); step!(f, d, a, b, c, x9, 12, 0x8b44f7af);
    step!(f, c, d, a, b, x10, 17, 0xffff5bb1); step!(f, b, c, d, a, x11, 22, 0x895cd7be);
    step!(f, a, b, c, d, x12, 7, 0x6b901122); step!(f, d, a, b, c, x13, 12, 0xfd987193);
    step!(f, c, d, a, b, x14, 17, 0xa679438e); step!(f, b, c, d, a, x15, 22, 0x49b40821);

    step!(g, a, b, c, d, x1, 5, 0xf61e2562); step!(g, d, a, b, c, x6, 9, 0xc040b340);
    step!(g, c, d, a, b, x11, 14, 0x265e5a51); step!(g, b, c, d, a, x0, 20, 0xe9b6c7aa);
    step!(g, a, b, c, d, x5, 5, 0xd62f105d); step!(g, d, a, b, c, x10, 9, 0x02441453);
    step!(g, c, d, a, b, x15, 14, 0xd8a1e681); step!(g, b, c, d, a, x4, 20, 0xe7d3fbc8);
    step!(g, a, b, c, d, x9, 5, 0x21e1cde6); step!(g, d, a, b, c, x14, 9, 0xc33707d6);
    step!(g, c, d, a, b, x3, 14, 0xf4d50d87); step!(g, b, c, d, a, x8, 20, 0x455a14ed);
    step!(g, a, b, c, d, x13, 5, 0xa9e3e905); step!(g, d, a, b, c, x2, 9, 0xfcefa3f8);
    step!(g, c, d, a, b, x7, 14, 0x676f02d9); step!(g, b, c, d, a, x12, 20, 0x8d2a4c8a);

    step!(h, a, b, c, d, x5, 4, 0xfffa3942); step!(h, d, a, b, c, x8, 11, 0x8771f681);
    step!(h, c, d, a, b, x11, 16, 0x6d9d6122); step!(h, b, c, d, a, x14, 23, 0xfde5380c);
    step!(h, a, b, c, d, x1, 4, 0xa4beea44); step!(h, d, a, b, c, x4, 11, 0x4bdecfa9);
    step!(h, c, d, a, b, x7, 16, 0xf6bb4b60); step!(h, b, c, d, a, x10, 23, 0xbebfbc70);
    step!(h, a, b, c, d, x13, 4, 0x289b7ec6); step!(h, d, a, b, c, x0, 11, 0xeaa127fa);
    step!(h, c, d, a, b, x3, 16, 0xd4ef3085); step!(h, b, c, d, a, x6, 23, 0x04881d05);
    step!(h, a, b, c, d, x9, 4, 0xd9d4d039); step!(h, d, a, b, c, x12, 11, 0xe6db99e5);
    step!(h, c, d, a, b, x15, 16, 0x1fa27cf8); step!(h, b, c, d, a, x2, 23, 0xc4ac5665);

    step!(i, a, b, c, d, x0, 6, 0xf4292244); step!(i, d, a, b, c, x7, 10, 0x432aff97);
    step!(i, c, d, a, b, x14, 15, 0xab9423a7); step!(i, b, c, d, a, x5, 21, 0xfc93a039);
    step!(i, a, b, c, d, x12, 6, 0x655b59c3); step!(i, d, a, b, c, x3, 10, 0x8f0ccc92);
    step!(i, c, d, a, b, x10, 15, 0xffeff47d); step!(i, b, c, d, a, x1, 21, 0x85845dd1);
    step!(i, a, b, c, d, x8, 6, 0x6fa87e4f); step!(i, d, a, b, c, x15, 10, 0xfe2ce6e0);
    step!(i, c, d, a, b, x6, 15, 0xa3014314); step!(i, b, c, d, a, x13, 21, 0x4e0811a1);
    step!(i, a, b, c, d, x4, 6, 0xf7537e82); step!(i, d, a, b, c, x11, 10, 0xbd3af235);
    step!(i, c, d, a, b, x2, 15, 0x2ad7d2bb); step!(i, b, c, d, a, x9, 21, 0xeb86d391);

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
}
