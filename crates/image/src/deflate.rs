//! zlib streams (RFC 1950) of chunks.

use std::cell::RefCell;

use flate2::{Compress, FlushCompress, Status};

use crate::Compression;

/// Makes zlib streams.
pub(crate) struct Deflater;

thread_local! {
    static FAST: RefCell<Compress> = RefCell::new(Compress::new(flate2::Compression::new(2), true));
    static BEST: RefCell<Compress> = RefCell::new(Compress::new(flate2::Compression::new(9), true));
}

impl Deflater {
    /// Appends `chunk` as a zlib stream to `out`; `false` if it would not become smaller (then `out` may hold a part).
    pub(crate) fn compress_chunk(how: Compression, chunk: &[u8], out: &mut Vec<u8>) -> bool {
        match how {
            Compression::None => false,
            _ => {
                let before = out.len();
                Self::compress(how, chunk, out);
                out.len().saturating_sub(before) < chunk.len()
            }
        }
    }

    /// Appends `bytes` as a zlib stream to `out`.
    pub(crate) fn compress(how: Compression, bytes: &[u8], out: &mut Vec<u8>) {
        let deflater = if how == Compression::Best { &BEST } else { &FAST };
        deflater.with_borrow_mut(|deflater| {
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
}
