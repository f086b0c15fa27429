//! Packing and unpacking chunks.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::layout::SCHEMA;
use crate::inflate::inflate_fast;

/// How the chunks of a stream are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// As they are.
    Stored,
    /// RFC 1950.
    Zlib,
    /// RFC 1951.
    Deflate,
    /// Raw Snappy blocks, without framing.
    Snappy,
    /// Raw LZ4 blocks, without framing.
    Lz4,
}

/// What we write for zlib.
pub(super) const ZLIB: &str = "https://www.ietf.org/rfc/rfc1950.txt";
/// What we write for LZ4.
pub(super) const LZ4: &str = "https://code.google.com/p/lz4/";
/// What we write for chunks as they are.
pub(super) const NULL: &str = "http://aff4.org/Schema#NullCompressor";

thread_local! {
    /// A decompressor is some 40 KiB of state: made once for each thread, reset for each chunk.
    static INFLATER: RefCell<[Decompress; 2]> = RefCell::new([Decompress::new(false), Decompress::new(true)]);
}

impl Codec {
    /// By the IRI of `aff4:compressionMethod`; `None` if it is not known.
    pub(super) fn of(iri: &str) -> Option<Self> {
        if let Some(word) = iri.strip_prefix(SCHEMA) {
            return ["NullCompressor", "compression/stored"].contains(&word).then_some(Self::Stored);
        }
        let plain =
            iri.split_once("://").map_or(iri, |(_, rest)| rest).trim_start_matches("www.").trim_end_matches('/');
        match plain {
            "ietf.org/rfc/rfc1950.txt" | "tools.ietf.org/html/rfc1950" => Some(Self::Zlib),
            "ietf.org/rfc/rfc1951.txt" | "tools.ietf.org/html/rfc1951" => Some(Self::Deflate),
            "code.google.com/p/snappy" | "github.com/google/snappy" => Some(Self::Snappy),
            "code.google.com/p/lz4" | "github.com/lz4/lz4" => Some(Self::Lz4),
            _ => None,
        }
    }

    /// For people.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Stored => "none",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
        }
    }

    /// Unpacks `packed` into the front of `out`, which is as long as a chunk, and returns how much came out.
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
        match self {
            Self::Stored => {
                let length = packed.len();
                let Some(there) = out.get_mut(..length) else {
                    return Err(format!("{length} bytes stored, a chunk has {}", out.len()));
                };
                there.copy_from_slice(packed);
                Ok(length)
            }
            Self::Zlib => inflate(true, packed, out),
            Self::Deflate => inflate(false, packed, out),
            Self::Snappy => {
                let length = snap::raw::decompress_len(packed).map_err(|error| format!("snappy: {error}"))?;
                let Some(there) = out.get_mut(..length) else {
                    return Err(format!("snappy: unpacks to {length} bytes, a chunk has {}", out.len()));
                };
                snap::raw::Decoder::new().decompress(packed, there).map_err(|error| format!("snappy: {error}"))
            }
            Self::Lz4 => lz4(packed, out),
        }
    }
}

/// A raw LZ4 block. One writer puts the length in front of it, which no reader of the standard expects; both are read.
fn lz4(packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    if let Some((length, rest)) = packed.split_first_chunk::<4>()
        && u32::from_le_bytes(*length) as usize == out.len()
        && lz4_flex::block::decompress_into(rest, out).is_ok_and(|made| made == out.len())
    {
        return Ok(out.len());
    }
    lz4_flex::block::decompress_into(packed, out).map_err(|error| format!("lz4: {error}"))
}

/// Inflates all of `packed` into the front of `out`.
fn inflate(zlib: bool, packed: &[u8], out: &mut [u8]) -> Result<usize, String> {
    if zlib && inflate_fast(packed, out).is_some() {
        return Ok(out.len());
    }
    INFLATER.with_borrow_mut(|[raw, wrapped]| {
        let inflater = if zlib { wrapped } else { raw };
        inflater.reset(zlib);
        let name = if zlib { "zlib" } else { "deflate" };
        let wrong = |error: flate2::DecompressError| format!("{name}: {error}");
        let mut status = inflater.decompress(packed, out, FlushDecompress::Finish).map_err(wrong)?;
        let filled = usize::try_from(inflater.total_out()).unwrap_or(usize::MAX);
        if status != Status::StreamEnd && filled == out.len() {
            // All bytes came out, but the end of the stream was not looked at yet.
            let taken = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
            let rest = packed.get(taken..).unwrap_or_default();
            status = inflater.decompress(rest, &mut [0], FlushDecompress::Finish).map_err(wrong)?;
        }
        match status {
            Status::StreamEnd if inflater.total_out() == filled as u64 => Ok(filled),
            Status::StreamEnd => Err(format!("{name}: unpacks to more than {} bytes", out.len())),
            _ => Err(format!("{name}: the stream has no end after {filled} of {} bytes", out.len())),
        }
    })
}

/// Inflates a member of a known size.
pub(super) fn inflate_raw(packed: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let mut out = vec![0; size];
    match inflate(false, packed, &mut out)? {
        made if made == size => Ok(out),
        made => Err(format!("deflate: unpacks to {made} bytes, expected {size}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_packing_gives_the_chunk_back_and_refuses_what_is_cut_or_too_long() {
        let chunk: Vec<u8> = (0..4096_u32).map(|n| (n / 9 % 200) as u8).collect();
        let deflated = |zlib: bool| {
            let mut made = Vec::with_capacity(8192);
            let mut deflater = flate2::Compress::new(flate2::Compression::new(6), zlib);
            deflater.compress_vec(&chunk, &mut made, flate2::FlushCompress::Finish).unwrap();
            made
        };
        let prefixed = [&4096_u32.to_le_bytes()[..], &lz4_flex::block::compress(&chunk)].concat();
        let packed = [
            (Codec::Stored, chunk.clone()),
            (Codec::Zlib, deflated(true)),
            (Codec::Deflate, deflated(false)),
            (Codec::Snappy, snap::raw::Encoder::new().compress_vec(&chunk).unwrap()),
            (Codec::Lz4, lz4_flex::block::compress(&chunk)),
            (Codec::Lz4, prefixed),
        ];
        for (codec, packed) in packed {
            let mut out = vec![0; 4096];
            assert_eq!(codec.unpack(&packed, &mut out), Ok(4096), "{codec:?}");
            assert!(out == chunk, "{codec:?}");
            let mut short = vec![0; 4095];
            assert!(codec.unpack(&packed, &mut short).is_err(), "{codec:?} into too little room");
            for length in 0..packed.len() {
                let made = codec.unpack(&packed[..length], &mut out);
                assert!(made != Ok(4096), "{codec:?} cut to {length}");
            }
        }
    }

    #[test]
    fn the_spellings_of_the_methods() {
        let spelled = [
            (ZLIB, Codec::Zlib),
            ("http://tools.ietf.org/html/rfc1951", Codec::Deflate),
            ("http://code.google.com/p/snappy/", Codec::Snappy),
            (LZ4, Codec::Lz4),
            (NULL, Codec::Stored),
            ("http://aff4.org/Schema#compression/stored", Codec::Stored),
        ];
        for (iri, codec) in spelled {
            assert_eq!(Codec::of(iri), Some(codec), "{iri}");
        }
        assert_eq!(Codec::of("https://doi.org/10.1109/IEEESTD.2008.4493450"), None);
    }
}
