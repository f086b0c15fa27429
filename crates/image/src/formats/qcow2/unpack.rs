//! Packed clusters: deflate or zstd, each exactly one cluster.

use std::cell::RefCell;
use std::io::Read as _;

use flate2::{Decompress, FlushDecompress};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::layout::Packing;

/// Largest zstd window that is accepted, in bytes: 8 MiB, which every decoder must support (RFC 8878, 3.1.1.1.2). A
/// cluster has at most 2 MiB.
const WINDOW_BYTES_MAX: u64 = 8 << 20;

thread_local! {
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    /// Its tables and window are made once for each thread; each frame resets it.
    static UNZSTD: RefCell<FrameDecoder> = RefCell::new(FrameDecoder::new());
}

/// Unpacks the stream at the start of `stored` into `out`, which it must fill. What follows it belongs to others.
pub(super) fn unpack(packing: Packing, stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    match packing {
        Packing::Deflate => inflate(stored, out),
        Packing::Zstd => unzstd(stored, out),
    }
}

fn inflate(stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        inflater.decompress(stored, out, FlushDecompress::Finish).map_err(|error| format!("deflate: {error}"))?;
        let filled = usize::try_from(inflater.total_out()).unwrap_or(usize::MAX);
        match filled == out.len() {
            true => Ok(()),
            false => Err(format!("the packed cluster gives {filled} bytes, expected {}", out.len())),
        }
    })
}

fn unzstd(stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    let window = window_bytes(stored).ok_or("zstd: no frame")?;
    if window > WINDOW_BYTES_MAX {
        return Err(format!("zstd: a window of {window} bytes, at most {WINDOW_BYTES_MAX} are read"));
    }
    UNZSTD.with_borrow_mut(|kept| {
        let decoder = StreamingDecoder::new_with_decoder(stored, kept);
        let mut decoder = decoder.map_err(|error| format!("zstd: {error}"))?;
        decoder.read_exact(out).map_err(|error| format!("zstd: {error}"))
    })
}

/// The window that the frame at the start of `bytes` asks for (RFC 8878, 3.1.1.1).
fn window_bytes(bytes: &[u8]) -> Option<u64> {
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    let (&descriptor, rest) = rest.split_first()?;
    if *magic != [0x28, 0xb5, 0x2f, 0xfd] {
        return None;
    }
    let single_segment = descriptor & 0x20 != 0;
    if !single_segment {
        let &window = rest.first()?;
        let base = 1_u64 << (10 + u32::from(window >> 3));
        return Some(base.saturating_add((base / 8).saturating_mul(u64::from(window & 7))));
    }
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(0);
    let rest = rest.get(dictionary..)?;
    let size = match descriptor >> 6 {
        0 => u64::from(*rest.first()?),
        1 => u64::from(u16::from_le_bytes(*rest.first_chunk()?)).saturating_add(256),
        2 => u64::from(u32::from_le_bytes(*rest.first_chunk()?)),
        _ => u64::from_le_bytes(*rest.first_chunk()?),
    };
    Some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_asks_for_much_memory_is_not_decoded() {
        assert_eq!(window_bytes(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), Some(2 << 20));
        assert_eq!(window_bytes(&[0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0x01]), Some(512));
        let mut huge = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8];
        huge.resize(64, 0);
        assert!(unzstd(&huge, &mut [0; 512]).unwrap_err().contains("window"));
        assert!(unzstd(b"(\xb5/", &mut [0; 512]).is_err() && unzstd(b"", &mut []).is_err());
    }

    #[test]
    fn a_stream_that_ends_early_is_no_cluster() {
        // A final stored block of one byte.
        assert!(inflate(&[1, 1, 0, 0xfe, 0xff, 7], &mut [0; 1]).is_ok());
        assert!(inflate(&[1, 1, 0, 0xfe, 0xff, 7], &mut [0; 2]).unwrap_err().contains("1 bytes"));
        assert!(inflate(&[], &mut [0; 2]).is_err());
    }
}
