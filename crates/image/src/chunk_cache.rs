//! Reading anywhere in a medium that is stored in chunks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{ByteRange, Cause, ReadFault};

/// Inflated chunks kept for small reads: file-system structures and carvers read a few bytes here and there.
const CHUNKS_KEPT: usize = 16;
/// Bytes of inflated chunks kept; the newest one is kept whatever its size. Chunks are 32 KiB nearly always, but a small
/// hostile file can have chunks of the largest size that unpack out of almost nothing.
const CHUNKS_KEPT_BYTES: usize = 8 << 20;

/// Fills a buffer as long as the chunk with the chunk of that number.
pub(crate) type ReadChunk<'a> = &'a dyn Fn(u64, &mut [u8]) -> Result<(), Cause>;

/// How a medium is cut into chunks, and those that were read last.
pub(crate) struct ChunkCache {
    chunk_bytes: u64,
    /// Size of the medium as stored; its last chunk may be short.
    stored_bytes: u64,
    recent: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

impl ChunkCache {
    /// `chunk_bytes` is not zero.
    pub(crate) fn new(chunk_bytes: u64, stored_bytes: u64) -> Self {
        Self { chunk_bytes: chunk_bytes.max(1), stored_bytes, recent: Mutex::default() }
    }

    pub(crate) fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// Where the chunk lies on the medium as stored.
    pub(crate) fn range(&self, chunk: u64) -> ByteRange {
        let start = chunk.saturating_mul(self.chunk_bytes);
        ByteRange::between(start, start.saturating_add(self.chunk_bytes).min(self.stored_bytes))
    }

    /// Fills `buf` from byte `at`.
    pub(crate) fn read(&self, at: u64, buf: &mut [u8], read_chunk: ReadChunk<'_>) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.stored_bytes)?;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(good as u64);
            let chunk = here / self.chunk_bytes;
            let range = self.range(chunk);
            let skip = usize::try_from(here.saturating_sub(range.offset)).unwrap_or(usize::MAX);
            let whole = usize::try_from(range.length).unwrap_or(usize::MAX);
            let length = rest.len().min(whole.saturating_sub(skip));
            let fault = |cause| ReadFault { at, good, cause };
            match rest.get_mut(..length) {
                Some(out) if length == whole => read_chunk(chunk, out).map_err(fault)?,
                Some(out) => {
                    let bytes = self.recent(chunk, whole, read_chunk).map_err(fault)?;
                    let part = bytes.get(skip..skip.saturating_add(length)).unwrap_or_default();
                    out.copy_from_slice(part);
                }
                None => return Err(fault(Cause::PastEnd)),
            }
            good = good.saturating_add(length);
        }
        Ok(())
    }

    /// A chunk for a read that wants only a part of it.
    fn recent(&self, chunk: u64, length: usize, read_chunk: ReadChunk<'_>) -> Result<Arc<[u8]>, Cause> {
        let lock = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = lock().iter().find(|(kept, _)| *kept == chunk) {
            return Ok(bytes.clone());
        }
        // Made in place: turning a vector into an `Arc` would hold the chunk twice.
        let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
        if let Some(out) = Arc::get_mut(&mut bytes) {
            read_chunk(chunk, out)?;
        }
        let mut kept = lock();
        kept.push_back((chunk, bytes.clone()));
        let mut total: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while kept.len() > 1 && (kept.len() > CHUNKS_KEPT || total > CHUNKS_KEPT_BYTES) {
            let oldest = kept.pop_front().map_or(0, |(_, bytes)| bytes.len());
            total = total.saturating_sub(oldest);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_put_together_from_its_chunks_and_a_bad_one_is_named_by_what_was_good_before() {
        let cache = ChunkCache::new(4, 10);
        let medium: Vec<u8> = (0..10).collect();
        let read = |chunk: u64, out: &mut [u8]| {
            out.copy_from_slice(&medium[chunk as usize * 4..][..out.len()]);
            Ok(())
        };
        for start in 0..=10 {
            for end in start..=10 {
                let mut buf = vec![0xee; end - start];
                cache.read(start as u64, &mut buf, &read).unwrap();
                assert_eq!(buf, medium[start..end]);
            }
        }
        assert!(cache.read(8, &mut [0; 3], &read).is_err());
        let broken = |chunk: u64, out: &mut [u8]| if chunk == 1 { Err(Cause::PastEnd) } else { read(chunk, out) };
        assert_eq!(ChunkCache::new(4, 10).read(1, &mut [0; 6], &broken).unwrap_err().good, 3);
    }
}
