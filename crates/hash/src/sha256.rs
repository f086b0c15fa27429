//! SHA-256 (FIPS 180-4) as a running state that can go on beside another one.
//!
//! `sha2` does the work on a single stream. Where two independent streams are at hand (the medium and the files of its
//! image, two leaves of the tree), [`update_both`] takes them in turns on processors where that is faster.

#[cfg(target_arch = "x86_64")]
pub(crate) mod kernel;
#[cfg(target_arch = "x86_64")]
mod pair;

use crate::fips180::START;
use crate::sixteen;

/// The eight words of a state.
type Words = [u32; 8];

/// Bytes of a block.
const BLOCK: usize = 64;

/// From so many messages on, all sixteen lanes take less time than one after another (measured: 2.4 GB/s to 1.4).
const LANES_MIN: usize = 10;

/// A digest in the making.
#[derive(Clone)]
pub struct Sha256 {
    state: Words,
    /// Bytes that do not fill a block yet.
    tail: [u8; BLOCK],
    waiting: usize,
    length: u64,
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sha256").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl Sha256 {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: START, tail: [0; BLOCK], waiting: 0, length: 0 }
    }

    /// The digest of `bytes`.
    #[must_use]
    pub fn digest(bytes: &[u8]) -> [u8; 32] {
        let mut running = Self::new();
        running.update(bytes);
        running.finish()
    }

    /// The digests of messages that do not depend on each other: sixteen at once where the processor can and they are of
    /// equal length, otherwise in pairs.
    #[must_use]
    pub fn digest_all(messages: &[&[u8]]) -> Vec<[u8; 32]> {
        let mut digests = Vec::with_capacity(messages.len());
        for group in messages.chunks(sixteen::LANES) {
            // Lanes without a message do the work of the first one once more.
            let lane = |lane| group.get(lane).or(group.first()).copied().unwrap_or_default();
            let enough = group.len() >= LANES_MIN && sixteen::available();
            match enough.then(|| sixteen::messages(std::array::from_fn(lane))).flatten() {
                Some(all) => digests.extend(all.into_iter().take(group.len())),
                None => {
                    let (pairs, odd) = group.as_chunks::<2>();
                    digests.extend(pairs.iter().flat_map(|pair| Self::digest_both(*pair)));
                    digests.extend(odd.iter().map(|message| Self::digest(message)));
                }
            }
        }
        digests
    }

    /// The digests of two messages, best of about equal length.
    #[must_use]
    pub fn digest_both(messages: [&[u8]; 2]) -> [[u8; 32]; 2] {
        let ([mut a, mut b], [mut x, mut y]) = ([Self::new(), Self::new()], messages);
        update_both([&mut a, &mut b], [&mut x, &mut y]);
        a.update(x);
        b.update(y);
        Self::finish_both([&a, &b])
    }

    /// Goes on over `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        let rest = self.fill(bytes);
        let (blocks, rest) = rest.as_chunks::<BLOCK>();
        self.blocks(blocks);
        self.keep(rest);
    }

    /// The digest of all bytes so far.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        let mut last = self.clone();
        let (blocks, count) = self.padded();
        last.blocks(blocks.get(..count).unwrap_or_default());
        last.bytes()
    }

    /// Both digests so far, in one go.
    pub(crate) fn finish_both([a, b]: [&Self; 2]) -> [[u8; 32]; 2] {
        let ((blocks_a, 1), (blocks_b, 1)) = (a.padded(), b.padded()) else { return [a.finish(), b.finish()] };
        let (mut last_a, mut last_b) = (a.clone(), b.clone());
        let ([first_a, _], [first_b, _]) = (blocks_a, blocks_b);
        compress_both([&mut last_a, &mut last_b], &[first_a], &[first_b]);
        [last_a.bytes(), last_b.bytes()]
    }

    /// The last block or two: what waits, a one bit, zeros, and the length in bits (FIPS 180-4 §5.1.1).
    fn padded(&self) -> ([[u8; BLOCK]; 2], usize) {
        let count = if self.waiting < BLOCK - 8 { 1 } else { 2 };
        let mut blocks = [[0; BLOCK]; 2];
        let all = blocks.as_flattened_mut();
        let message = self.tail.iter().take(self.waiting).copied().chain([0x80]);
        all.iter_mut().zip(message).for_each(|(to, from)| *to = from);
        let end = all.iter_mut().take(BLOCK * count).rev();
        end.zip(self.length.wrapping_mul(8).to_le_bytes()).for_each(|(to, from)| *to = from);
        (blocks, count)
    }

    fn bytes(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        let bytes = self.state.iter().flat_map(|word| word.to_be_bytes());
        digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        digest
    }

    /// Fills the waiting block up from the front of `bytes`, and gives what it did not need. Afterwards either nothing
    /// waits or nothing is left.
    pub(crate) fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.waiting == 0 {
            return bytes;
        }
        let wanted = BLOCK.saturating_sub(self.waiting).min(bytes.len());
        let (now, rest) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
        self.keep(now);
        if self.waiting == BLOCK {
            let block = self.tail;
            self.waiting = 0;
            self.length = self.length.wrapping_sub(BLOCK as u64); // `blocks` counts it once more
            self.blocks(&[block]);
        }
        rest
    }

    /// Puts bytes that do not overfill it into the waiting block.
    fn keep(&mut self, bytes: &[u8]) {
        let room = self.tail.iter_mut().skip(self.waiting);
        room.zip(bytes).for_each(|(to, from)| *to = *from);
        self.waiting = self.waiting.saturating_add(bytes.len());
        self.length = self.length.wrapping_add(bytes.len() as u64);
    }

    /// Whether all bytes so far filled blocks.
    pub(crate) const fn nothing_waits(&self) -> bool {
        self.waiting == 0
    }

    /// Goes on over so many blocks by `compress`, which does something else beside it. Only if [`Self::nothing_waits`].
    pub(crate) fn take_beside(&mut self, blocks: usize, compress: impl FnOnce(Words) -> Words) {
        self.state = compress(self.state);
        self.count(blocks);
    }

    fn blocks(&mut self, blocks: &[[u8; BLOCK]]) {
        sha2::block_api::compress256(&mut self.state, blocks);
        self.count(blocks.len());
    }

    fn count(&mut self, blocks: usize) {
        self.length = self.length.wrapping_add((blocks as u64).wrapping_mul(BLOCK as u64));
    }
}

/// Goes on over two streams at once, as far as both reach: at least one of `bytes` is then empty. Each is left with what
/// the other had no partner for.
pub fn update_both(digests: [&mut Sha256; 2], bytes: [&mut &[u8]; 2]) {
    let ([a, b], [x, y]) = (digests, bytes);
    (*x, *y) = (a.fill(x), b.fill(y));
    let ((blocks_x, _), (blocks_y, _)) = (x.as_chunks::<BLOCK>(), y.as_chunks::<BLOCK>());
    let both = blocks_x.len().min(blocks_y.len());
    let (now_x, now_y) = (blocks_x.get(..both).unwrap_or_default(), blocks_y.get(..both).unwrap_or_default());
    compress_both([a, b], now_x, now_y);
    *x = x.get(both.saturating_mul(BLOCK)..).unwrap_or_default();
    *y = y.get(both.saturating_mul(BLOCK)..).unwrap_or_default();
    for (digest, rest) in [(a, x), (b, y)] {
        if rest.len() < BLOCK {
            digest.keep(rest);
            *rest = &[];
        }
    }
}

fn compress_both([a, b]: [&mut Sha256; 2], x: &[[u8; BLOCK]], y: &[[u8; BLOCK]]) {
    #[cfg(target_arch = "x86_64")]
    if kernel::available() {
        [a.state, b.state] = pair::compress([a.state, b.state], x, y);
        a.count(x.len());
        b.count(y.len());
        return;
    }
    a.blocks(x);
    b.blocks(y);
}

/// Whether two streams in turns are faster than one after the other here.
#[must_use]
pub fn has_pairs() -> bool {
    #[cfg(target_arch = "x86_64")]
    return kernel::available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether two streams in turns take hardly longer than one: on Zen 4, yes. On Sapphire Rapids (told by its half-precision
/// arithmetic) both take 1.5 to 1.9 times as long as one, and what can be hashed elsewhere should be.
#[must_use]
pub fn pairs_are_nearly_free() -> bool {
    #[cfg(target_arch = "x86_64")]
    return kernel::available() && !is_x86_feature_detected!("avx512fp16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;

    fn bytes(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn every_length_equals_the_reference() {
        let all = bytes(400, 1);
        for length in 0..=all.len() {
            let want: [u8; 32] = sha2::Sha256::digest(&all[..length]).into();
            assert_eq!(Sha256::digest(&all[..length]), want, "{length} bytes");
        }
    }

    #[test]
    fn any_cut_gives_the_same() {
        let all = bytes(300, 2);
        let want = Sha256::digest(&all);
        for cut in 0..=all.len() {
            let mut running = Sha256::new();
            running.update(&all[..cut]);
            running.update(&all[cut..]);
            assert_eq!(running.finish(), want, "cut at {cut}");
        }
    }

    #[test]
    fn many_messages_have_the_digests_they_have_alone() {
        let all = bytes(40 * 4096, 5);
        for count in [0, 1, 2, 9, 10, 15, 16, 17, 31, 32, 33] {
            for length in [0, 1, 63, 64, 100, 128, 4096] {
                let mut messages: Vec<&[u8]> = all.chunks(4096).map(|chunk| &chunk[..length]).take(count).collect();
                let alone = |messages: &[&[u8]]| -> Vec<[u8; 32]> {
                    messages.iter().map(|message| sha2::Sha256::digest(message).into()).collect()
                };
                assert_eq!(Sha256::digest_all(&messages), alone(&messages), "{count} of {length} bytes");
                if let Some(last) = messages.last_mut() {
                    *last = &last[..length / 2];
                }
                assert_eq!(
                    Sha256::digest_all(&messages),
                    alone(&messages),
                    "{count} of {length} bytes, the last shorter"
                );
            }
        }
    }

    #[test]
    fn two_streams_in_turns_are_what_they_are_alone_whatever_their_lengths() {
        for (case, (m, n)) in
            [(0, 0), (1, 700), (64, 64), (63, 65), (1000, 1000), (4097, 130), (130, 4097), (5000, 4999)]
                .into_iter()
                .enumerate()
        {
            let (x, y) = (bytes(m, 3), bytes(n, 4));
            for cut in [1, 7, 64, 100, 1 << 20] {
                let (mut a, mut b) = (Sha256::new(), Sha256::new());
                let (mut xs, mut ys) = (x.chunks(cut), y.chunks(cut * 2 + 1));
                let (mut left, mut right): (&[u8], &[u8]) = (&[], &[]);
                loop {
                    if left.is_empty() {
                        left = xs.next().unwrap_or_default();
                    }
                    if right.is_empty() {
                        right = ys.next().unwrap_or_default();
                    }
                    if left.is_empty() && right.is_empty() {
                        break;
                    }
                    if left.is_empty() || right.is_empty() {
                        a.update(left);
                        b.update(right);
                        (left, right) = (&[], &[]);
                    } else {
                        update_both([&mut a, &mut b], [&mut left, &mut right]);
                        assert!(left.is_empty() || right.is_empty());
                    }
                }
                assert_eq!(
                    (a.finish(), b.finish()),
                    (Sha256::digest(&x), Sha256::digest(&y)),
                    "case {case}, cut {cut}"
                );
            }
        }
    }
}
