//! zlib streams (RFC 1950) of chunks.
//!
//! [`Compression::Fast`] is an encoder of our own, made for chunks of 32 KiB that are streams of their own; crate flate2
//! makes the others and judges both in the tests. Neither of them sees a chunk of one byte again and again twice, nor noise.

mod bits;
mod block;
mod codes;
mod fast;
mod huffman;
mod matches;
pub(crate) mod noise;
pub(crate) mod symbols;
#[cfg(test)]
mod tests;
mod tokens;
mod uniform;
mod window;

use std::cell::RefCell;

use flate2::{Compress, FlushCompress, Status};

use self::fast::Fast;
use self::uniform::{Uniform, uniform};
use crate::Compression;

/// Makes zlib streams.
pub(crate) struct Deflater;

thread_local! {
    static FAST: RefCell<Box<Fast>> = RefCell::default();
    static BEST: RefCell<Compress> = RefCell::new(Compress::new(flate2::Compression::new(9), true));
    static BEST_UNIFORM: RefCell<Uniform> = RefCell::default();
}

impl Deflater {
    /// Appends `chunk` as a zlib stream to `out`; `false` if it would not become smaller (then `out` may hold a part).
    pub(crate) fn compress_chunk(how: Compression, chunk: &[u8], out: &mut Vec<u8>) -> bool {
        let before = out.len();
        match how {
            Compression::None => return false,
            Compression::Fast => return FAST.with_borrow_mut(|fast| fast.compress_smaller(chunk, out)),
            Compression::Best => match uniform(chunk) {
                Some(byte) => BEST_UNIFORM.with_borrow_mut(|kept| {
                    out.extend_from_slice(kept.stream(byte, chunk.len(), |stream| best(chunk, stream)));
                }),
                None if FAST.with_borrow_mut(|fast| fast.is_noise(chunk)) => return false,
                None => best(chunk, out),
            },
        }
        out.len().saturating_sub(before) < chunk.len()
    }

    /// Appends `bytes` as a zlib stream to `out`.
    pub(crate) fn compress(how: Compression, bytes: &[u8], out: &mut Vec<u8>) {
        match how {
            Compression::Best => best(bytes, out),
            _ => FAST.with_borrow_mut(|fast| fast.compress(bytes, out)),
        }
    }
}

fn best(bytes: &[u8], out: &mut Vec<u8>) {
    BEST.with_borrow_mut(|deflater| {
        deflater.reset();
        loop {
            out.reserve(bytes.len().max(256));
            let done = usize::try_from(deflater.total_in()).unwrap_or(usize::MAX);
            let rest = bytes.get(done..).unwrap_or_default();
            match deflater.compress_vec(rest, out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) | Err(_) => break,
                Ok(_) => {}
            }
        }
    });
}
