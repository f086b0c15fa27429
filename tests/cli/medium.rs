//! Media made to measure, and their digests.

use exhibit_hash::algorithm;

/// `size` bytes that never repeat by sector: noise, with runs of zeros and of text between, in turns of 9000 bytes. The
/// same `seed` gives the same bytes.
pub(crate) fn mixed(size: usize, seed: u64) -> Vec<u8> {
    let mut bytes = noise(size, seed);
    for (number, turn) in bytes.chunks_mut(9_000).enumerate() {
        match number % 3 {
            0 => turn.fill(0),
            1 => turn.iter_mut().zip(b"exhibit ".iter().cycle()).for_each(|(to, from)| *to = *from),
            _ => (),
        }
    }
    bytes
}

/// `size` bytes that do not compress (xorshift64*).
pub(crate) fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = vec![0; size];
    for piece in bytes.chunks_mut(8) {
        let next = random.next().to_le_bytes();
        piece.copy_from_slice(&next[..piece.len()]);
    }
    bytes
}

/// Random numbers that are the same at every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap() % limit.max(1)
    }
}

/// A digest in lower-case hexadecimal.
pub(crate) fn digest(id: &str, bytes: &[u8]) -> String {
    let mut digester = algorithm(id).unwrap().start();
    digester.update(bytes);
    digester.digest().hex()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest("sha256", bytes)
}
