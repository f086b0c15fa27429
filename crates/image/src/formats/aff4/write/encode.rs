//! Chunks: told to be of one byte, packed or not, and digested. Needs no order.

use exhibit_hash::sha256::Sha256;

use std::borrow::Cow;
use std::cell::RefCell;

use super::super::codec;
use super::super::layout::{CHUNK_BYTES, SAVING_MIN};
use super::lz4::Lz4;
use crate::buffers::Buffers;
use crate::deflate::Deflater;
use crate::deflate::noise::looks_random;
use crate::{Compression, Encoded, Encoder};

/// Bytes of a block hash: SHA-256.
pub(super) const HASH_BYTES: usize = 32;

/// Packs and digests chunks.
#[derive(Debug, Clone)]
pub(super) struct ChunkEncoder {
    pub(super) compression: Compression,
    /// Where the encoded blocks come from.
    pub(super) buffers: Buffers,
}

impl ChunkEncoder {
    /// What the stream says of its packing.
    pub(super) const fn method(&self) -> &'static str {
        match self.compression {
            Compression::None => codec::NULL,
            Compression::Fast => codec::LZ4,
            Compression::Best => codec::ZLIB,
        }
    }

    /// Appends a chunk as it is stored to `out`, and gives its block hash. A shorter one is filled up with zeros.
    pub(super) fn chunk(&self, chunk: &[u8], out: &mut Vec<u8>) -> [u8; HASH_BYTES] {
        let chunk = whole(chunk);
        self.pack(&chunk, out);
        Sha256::digest(&chunk)
    }

    /// Appends a whole chunk as it is stored.
    fn pack(&self, chunk: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        let packed = match self.compression {
            Compression::None => false,
            Compression::Fast => !looks_random(chunk) && lz4(chunk, out),
            Compression::Best => Deflater::compress_chunk(Compression::Best, chunk, out),
        };
        if !packed || out.len().saturating_sub(before).saturating_add(SAVING_MIN) >= CHUNK_BYTES {
            out.truncate(before);
            out.extend_from_slice(chunk);
        }
    }
}

/// The last chunk of a medium is filled up with zeros.
fn whole(chunk: &[u8]) -> Cow<'_, [u8]> {
    if chunk.len() == CHUNK_BYTES {
        return Cow::Borrowed(chunk);
    }
    let mut whole = chunk.to_vec();
    whole.resize(CHUNK_BYTES, 0);
    Cow::Owned(whole)
}

thread_local! {
    static LZ4: RefCell<Lz4> = RefCell::default();
}

/// Appends a raw LZ4 block; `false` if it would not be shorter than the chunk.
fn lz4(chunk: &[u8], out: &mut Vec<u8>) -> bool {
    LZ4.with_borrow_mut(|encoder| {
        let made = encoder.compress(chunk);
        let shorter = made.len() < chunk.len();
        if shorter {
            out.extend_from_slice(made);
        }
        shorter
    })
}

/// The byte of which all of `chunk` is made, if there is one.
pub(super) fn uniform(chunk: &[u8]) -> Option<u8> {
    let (first, rest) = chunk.split_first()?;
    // Every byte equals the one before it: one comparison of memory, which ends at the first difference.
    let shifted = chunk.get(..rest.len())?;
    (rest == shifted).then_some(*first)
}

impl Encoder for ChunkEncoder {
    /// Stored chunks one after another, then their block hashes. A chunk of one byte has no length.
    fn encode(&self, block: &[u8]) -> Encoded {
        let mut encoded =
            Encoded { bytes: self.buffers.take(block.len().saturating_add(block.len() / 512)), chunks: Vec::new() };
        let mut packed = Vec::new();
        for chunk in block.chunks(CHUNK_BYTES) {
            if uniform(chunk).is_none() {
                let chunk = whole(chunk);
                self.pack(&chunk, &mut encoded.bytes);
                packed.push(chunk);
            }
            // A block is at most 1 MiB, so its encoded end fits 32 bits.
            encoded.chunks.push((u32::try_from(encoded.bytes.len()).unwrap_or(u32::MAX), true));
        }
        let packed: Vec<&[u8]> = packed.iter().map(|chunk| &**chunk).collect();
        encoded.bytes.extend_from_slice(Sha256::digest_all(&packed).as_flattened());
        encoded
    }
}
