//! zlib streams (RFC 1950) into buffers of known size.
//!
//! Chunks of images are inflated by a decoder of our own ([`fast`]), made for streams that are right. Whatever it does not
//! take, and what is wrong with a stream, is the business of crate flate2, which also judges it in the tests.

mod bits;
mod fast;
mod table;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use self::fast::Fast;

thread_local! {
    static FAST: RefCell<Fast> = RefCell::default();
    /// A decompressor is some 40 KiB of state: made once for each thread, reset for each stream.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(true));
}

/// Inflates the zlib stream at the start of `compressed` into `out`, which it must fill exactly, and returns how many
/// bytes of `compressed` the stream took. zlib's own Adler-32 is compared on the way.
///
/// # Errors
/// A sentence saying what is wrong with the stream.
pub fn inflate_exact(compressed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    match inflate_fast(compressed, out) {
        Some(taken) => Ok(taken),
        None => inflate_exact_by_flate2(compressed, out),
    }
}

/// The same where the decoder of our own takes it. `None` says nothing about the stream.
pub(crate) fn inflate_fast(compressed: &[u8], out: &mut [u8]) -> Option<usize> {
    FAST.with_borrow_mut(|fast| fast.inflate(compressed, out))
}

/// What [`inflate_exact`] is judged by.
///
/// # Errors
/// A sentence saying what is wrong with the stream.
pub fn inflate_exact_by_flate2(compressed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(true);
        let status = inflater.decompress(compressed, out, FlushDecompress::Finish).map_err(|e| format!("zlib: {e}"))?;
        let filled = usize::try_from(inflater.total_out()).unwrap_or(usize::MAX);
        let taken = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        match status {
            Status::StreamEnd if filled == out.len() => Ok(taken),
            Status::StreamEnd => Err(format!("the stream inflates to {filled} bytes, expected {}", out.len())),
            _ if filled == out.len() => {
                finish_checksum(inflater, compressed.get(taken..).unwrap_or_default(), taken, filled)
            }
            _ => Err(format!("the stream is cut off after {filled} of {} bytes", out.len())),
        }
    })
}

/// All bytes came out, but the end of the stream (last block's end code, Adler-32) was not looked at yet.
fn finish_checksum(inflater: &mut Decompress, rest: &[u8], taken: usize, filled: usize) -> Result<usize, String> {
    let mut nothing = [0_u8; 1];
    let status = inflater.decompress(rest, &mut nothing, FlushDecompress::Finish).map_err(|e| format!("zlib: {e}"))?;
    if inflater.total_out() != filled as u64 {
        return Err(format!("the stream inflates to more than {filled} bytes"));
    }
    match status {
        Status::StreamEnd => Ok(usize::try_from(inflater.total_in()).unwrap_or(taken)),
        _ => Err("the stream has no end".to_owned()),
    }
}

/// Inflates a zlib stream of unknown length, at most `limit` bytes.
///
/// # Errors
/// A sentence saying what is wrong with the stream, or that it is too long.
pub(crate) fn inflate_bounded(compressed: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut inflater = Decompress::new(true);
    let (mut out, mut piece) = (Vec::new(), vec![0; 16 * 1024]);
    loop {
        let (taken, before) = (inflater.total_in(), inflater.total_out());
        let rest = compressed.get(usize::try_from(taken).unwrap_or(usize::MAX)..).unwrap_or_default();
        let result = inflater.decompress(rest, &mut piece, FlushDecompress::None);
        let status = result.map_err(|e| format!("zlib: {e}"))?;
        let made = usize::try_from(inflater.total_out().saturating_sub(before)).unwrap_or(0);
        out.extend_from_slice(piece.get(..made).unwrap_or_default());
        if out.len() > limit {
            return Err(format!("the stream inflates to more than {limit} bytes"));
        }
        match status {
            Status::StreamEnd => return Ok(out),
            _ if made == 0 && inflater.total_in() == taken => return Err("the stream is cut off".to_owned()),
            _ => {}
        }
    }
}
