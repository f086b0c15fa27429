//! The fast encoder: window, matches, codes and bits put together.

use super::bits::BitWriter;
use super::block::Block;
use super::codes::Codes;
use super::matches::Finder;
use super::noise::looks_random;
use super::symbols::BLOCK_BYTES;
use super::tokens::Tokens;
use super::uniform::{Uniform, uniform};
use super::window::Window;

/// CMF and FLG (RFC 1950 §2.2): deflate with a window of 32 KiB, fastest algorithm, no dictionary.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x01];
/// Shorter chunks are not worth a look before.
const NOISE_BYTES_MIN: usize = 8 * 1024;

/// Everything the encoder needs, about 230 KiB, made once for each thread. Nothing of a chunk has an effect on the next.
#[derive(Default)]
pub(super) struct Fast {
    window: Window,
    finder: Finder,
    tokens: Tokens,
    codes: Codes,
    writer: BitWriter,
    uniform: Uniform,
}

impl Fast {
    /// Appends `chunk` as a zlib stream to `out` and returns `true`, or returns `false` because it would not become
    /// smaller; then `out` may hold a part of a stream.
    pub(super) fn compress_smaller(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> bool {
        match uniform(chunk) {
            Some(byte) => self.compress_uniform(byte, chunk, out),
            None if self.is_noise(chunk) => false,
            None => self.encode(chunk, chunk.len(), out),
        }
    }

    /// Appends `bytes` as a zlib stream to `out`.
    pub(super) fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.encode(bytes, usize::MAX, out);
    }

    fn compress_uniform(&mut self, byte: u8, chunk: &[u8], out: &mut Vec<u8>) -> bool {
        let mut uniform = std::mem::take(&mut self.uniform);
        let before = out.len();
        out.extend_from_slice(uniform.stream(byte, chunk.len(), |stream| {
            self.encode(chunk, usize::MAX, stream);
        }));
        self.uniform = uniform;
        out.len().wrapping_sub(before) < chunk.len()
    }

    /// Whether no byte value stands out and nothing occurs twice, so that no compressor needs to try.
    pub(super) fn is_noise(&mut self, chunk: &[u8]) -> bool {
        if chunk.len() < NOISE_BYTES_MIN || !chunk.chunks(BLOCK_BYTES).all(looks_random) {
            return false;
        }
        self.finder.reset();
        let mut position = 0;
        chunk.chunks(BLOCK_BYTES).all(|block| {
            let start = self.window.load(position, block);
            position = position.wrapping_add(block.len());
            !self.finder.repeats(&self.window, start, block.len() as u32)
        })
    }

    /// Appends `bytes` as a zlib stream to `out` if it is shorter than `limit`; else stops at some place.
    fn encode(&mut self, bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
        let before = out.len();
        out.extend_from_slice(&ZLIB_HEADER);
        self.finder.reset();
        self.writer.clear();
        let mut rest = bytes;
        // Even nothing is a block.
        loop {
            let (piece, after) = rest.split_at(rest.len().min(BLOCK_BYTES));
            let start = self.window.load(bytes.len().wrapping_sub(rest.len()), piece);
            self.finder.block(&self.window, start, piece.len() as u32, &mut self.tokens);
            let block = Block { window: &self.window, start, bytes: piece, last: after.is_empty() };
            block.write(&self.tokens, &mut self.codes, &mut self.writer);
            out.extend_from_slice(self.writer.take());
            if out.len().wrapping_sub(before) >= limit {
                return false;
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        self.writer.align();
        out.extend_from_slice(self.writer.take());
        out.extend_from_slice(&simd_adler32::adler32(&bytes).to_be_bytes());
        out.len().wrapping_sub(before) < limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_stream_is_that_of_the_same_byte_and_length() {
        let mut fast = Fast::default();
        for (byte, length) in [(0, 32_768), (0, 32_768), (255, 32_768), (255, 4096), (0, 4096)] {
            let (mut once, mut again) = (Vec::new(), Vec::new());
            assert!(fast.compress_smaller(&vec![byte; length], &mut once));
            Fast::default().encode(&vec![byte; length], length, &mut again);
            assert_eq!(once, again, "{length} × {byte}");
        }
    }
    #[test]
    fn what_the_window_held_before_does_not_make_noise_repeat() {
        // 249 of 256 values: noise at a glance, yet a code saves some bytes, so either answer would show.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % 249) as u8
        })
        .take(2 * BLOCK_BYTES)
        .collect();
        let again = &noise[BLOCK_BYTES - 5..noise.len() - 5];
        let mut fast = Fast::default();
        assert!(fast.encode(again, again.len(), &mut Vec::new()), "a code saves some bytes");
        let mut fresh = Fast::default();
        assert!(!fresh.compress_smaller(again, &mut Vec::new()), "noise at a glance");
        let mut used = Fast::default();
        assert!(!used.compress_smaller(&noise, &mut Vec::new()));
        assert!(!used.compress_smaller(again, &mut Vec::new()), "the same again after other noise");
    }
}
