//! An image stream: chunks in bevies, each bevy with an index and, mostly, with the digests of its chunks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{ByteRange, Cause, ReadFault, Source, to_hex};

use super::codec::Codec;
use super::digests::{ALGORITHMS, Algorithm};
use super::layout::{CHUNK_BYTES_MAX, CHUNKS_IN_BEVY_MAX, INDEX_ENTRY_BYTES, u32_at, u64_at};
use super::names::member_names;
use super::zip::Archive;

/// Bytes of loaded indexes and block hashes kept; the newest is kept whatever its size. A usual bevy has 100 KiB of them.
const BEVIES_KEPT_BYTES: usize = 8 << 20;
/// Unpacked chunks kept for small reads: file-system structures and carvers read a few bytes here and there.
const CHUNKS_KEPT: usize = 16;
/// Bytes of them; the newest is kept whatever its size.
const CHUNKS_KEPT_BYTES: usize = 8 << 20;
/// Smallest chunk: a sector. Smaller ones would cost more to find than to read.
const CHUNK_BYTES_MIN: u64 = 512;

/// What the metadata tell about a stream.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) urn: String,
    pub(super) size: u64,
    pub(super) chunk_bytes: u64,
    pub(super) chunks_in_bevy: u64,
    pub(super) codec: Codec,
}

/// A stream of chunks in one volume.
pub(super) struct ImageStream {
    pub(super) shape: Shape,
    pub(super) archive: Arc<Archive>,
    /// Beginning of the member names.
    folder: String,
    bevies: Mutex<VecDeque<(u64, Loaded)>>,
    recent: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

/// A bevy, or the sentence why there is none.
type Loaded = Arc<Result<Bevy, String>>;

/// What belongs to one bevy, without its chunks.
pub(super) struct Bevy {
    /// Where its chunks lie in the file.
    pub(super) data: ByteRange,
    /// The index as stored, its CRC-32 compared.
    pub(super) index: Vec<u8>,
    /// Digests of the unpacked chunks, one after another.
    pub(super) hashes: Vec<(Algorithm, Vec<u8>)>,
}

impl Bevy {
    fn bytes(&self) -> usize {
        self.hashes.iter().map(|(_, digests)| digests.len()).sum::<usize>().saturating_add(self.index.len())
    }

    /// Where chunk `index` of the bevy begins in it, and its stored length.
    pub(super) fn entry(&self, index: usize) -> Option<(u64, u32)> {
        let at = index.checked_mul(INDEX_ENTRY_BYTES)?;
        let entry = self.index.get(at..at.checked_add(INDEX_ENTRY_BYTES)?)?;
        Some((u64_at(entry, 0), u32_at(entry, 8)))
    }

    /// How many chunks the index counts.
    pub(super) fn chunks(&self) -> u64 {
        (self.index.len() / INDEX_ENTRY_BYTES) as u64
    }
}

impl ImageStream {
    /// A stream of `shape` in `archive`, whose own name is `volume`.
    pub(super) fn new(shape: Shape, archive: Arc<Archive>, volume: &str) -> Result<Self, String> {
        let Shape { chunk_bytes, chunks_in_bevy, .. } = shape;
        if !(CHUNK_BYTES_MIN..=CHUNK_BYTES_MAX).contains(&chunk_bytes) {
            return Err(format!("chunks of {chunk_bytes} bytes are not read by this version"));
        }
        if !(1..=CHUNKS_IN_BEVY_MAX).contains(&chunks_in_bevy) {
            return Err(format!("bevies of {chunks_in_bevy} chunks are not read by this version"));
        }
        let [relative, whole] = member_names(volume, &shape.urn);
        let there = |folder: &String| archive.find(&bevy_name(folder, 0)).is_some();
        let folder = if there(&relative) || !there(&whole) { relative } else { whole };
        Ok(Self { shape, archive, folder, bevies: Mutex::default(), recent: Mutex::default() })
    }

    /// How many chunks make up the stream.
    pub(super) fn chunks(&self) -> u64 {
        self.shape.size.div_ceil(self.shape.chunk_bytes)
    }

    /// How many bevies make up the stream.
    pub(super) fn bevies(&self) -> u64 {
        self.chunks().div_ceil(self.shape.chunks_in_bevy)
    }

    /// How many chunks bevy `number` must hold.
    pub(super) fn chunks_of(&self, number: u64) -> u64 {
        let before = number.saturating_mul(self.shape.chunks_in_bevy);
        self.chunks().saturating_sub(before).min(self.shape.chunks_in_bevy)
    }

    /// Numbers of the bevies that are there and belong to the stream, in order.
    pub(super) fn present(&self) -> impl Iterator<Item = u32> {
        let bevies = self.bevies();
        self.archive.numbers_like(&bevy_name(&self.folder, 0)).take_while(move |&number| u64::from(number) < bevies)
    }

    /// Whether all bevies are there, each with the digests of its chunks.
    pub(super) fn has_block_hashes(&self) -> bool {
        let hashed = |number: u32| {
            let name = self.name_of(u64::from(number));
            ALGORITHMS
                .iter()
                .any(|algorithm| self.archive.find(&format!("{name}.blockHash.{}", algorithm.id())).is_some())
        };
        self.present().filter(|&number| hashed(number)).count() as u64 == self.bevies()
    }

    pub(super) fn name_of(&self, number: u64) -> String {
        bevy_name(&self.folder, number)
    }

    /// Loads a bevy's index and block hashes.
    pub(super) fn load(&self, number: u64) -> Result<Bevy, String> {
        let name = self.name_of(number);
        let member = self.archive.find(&name).ok_or_else(|| format!("bevy {number} is not in the volume"))?;
        let data = self.archive.stored(&name, &member)?;
        let limit = |bytes: usize| self.shape.chunks_in_bevy.saturating_mul(bytes as u64);
        let index_name = format!("{name}.index");
        let index = self.archive.find(&index_name).ok_or_else(|| format!("bevy {number} has no index"))?;
        let index = self.archive.bytes(&index_name, &index, limit(INDEX_ENTRY_BYTES))?;
        if !index.len().is_multiple_of(INDEX_ENTRY_BYTES) {
            return Err(format!("the index of bevy {number} has {} bytes, no multiple of 12", index.len()));
        }
        let mut hashes = Vec::new();
        for algorithm in ALGORITHMS {
            let name = format!("{name}.blockHash.{}", algorithm.id());
            if let Some(member) = self.archive.find(&name) {
                hashes.push((algorithm, self.archive.bytes(&name, &member, limit(algorithm.length()))?));
            }
        }
        Ok(Bevy { data, index, hashes })
    }

    fn bevy(&self, number: u64) -> Loaded {
        let lock = || self.bevies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, loaded)) = lock().iter().find(|(kept, _)| *kept == number) {
            return loaded.clone();
        }
        let loaded: Loaded = Arc::new(self.load(number));
        let mut kept = lock();
        kept.push_back((number, loaded.clone()));
        let bytes = |loaded: &Loaded| loaded.as_ref().as_ref().map_or(100, Bevy::bytes);
        let mut total: usize = kept.iter().map(|(_, loaded)| bytes(loaded)).sum();
        while kept.len() > 1 && total > BEVIES_KEPT_BYTES {
            let oldest = kept.pop_front().map_or(0, |(_, loaded)| bytes(&loaded));
            total = total.saturating_sub(oldest);
        }
        loaded
    }

    /// Fills `out`, which is as long as a chunk, with chunk `number`; what the stream does not have of it stays as it is.
    fn read_chunk(&self, number: u64, out: &mut [u8]) -> Result<(), Cause> {
        let bevy_number = number / self.shape.chunks_in_bevy;
        let within = usize::try_from(number % self.shape.chunks_in_bevy).unwrap_or(usize::MAX);
        let place = |text: &str| {
            let (urn, part) = (&self.shape.urn, &self.archive.part.name);
            Cause::Corrupt(format!(
                "{part}: chunk {number} of stream {urn}, number {within} in bevy {bevy_number}: {text}"
            ))
        };
        let loaded = self.bevy(bevy_number);
        let bevy = loaded.as_ref().as_ref().map_err(|text| place(text))?;
        let Some((offset, length)) = bevy.entry(within) else { return Err(place("the index has no entry for it")) };
        let range = ByteRange::new(bevy.data.offset.saturating_add(offset), u64::from(length));
        let end = offset.checked_add(u64::from(length)).filter(|&end| end <= bevy.data.length);
        // Packing never makes more of a chunk than this; a longer one is a broken index.
        let longest = self.shape.chunk_bytes.saturating_add(self.shape.chunk_bytes / 6).saturating_add(64);
        if end.is_none() || u64::from(length) > longest {
            return Err(place(&format!("{length} bytes from {offset} do not lie in the bevy")));
        }
        let wanted = self.shape.size.saturating_sub(number.saturating_mul(self.shape.chunk_bytes));
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(out.len());
        let made = self
            .unpack(range, out)
            .map_err(|text| place(&format!("at offset {} (0x{:x}): {text}", range.offset, range.offset)))?;
        if made < wanted {
            return Err(place(&format!("it has {made} bytes, expected {wanted}")));
        }
        for (algorithm, digests) in &bevy.hashes {
            let at = within.saturating_mul(algorithm.length());
            let stored = digests.get(at..at.saturating_add(algorithm.length())).unwrap_or_default();
            let of = |length: usize| algorithm.digest(&[out.get(..length).unwrap_or_default()]);
            // The standard does not say whether the padding of the last chunk belongs to its block hash.
            if of(made) != stored && (made == wanted || of(wanted) != stored) {
                let (kind, stored, found) = (algorithm.kind(), to_hex(stored), to_hex(&of(made)));
                return Err(place(&format!("{kind} block hash {stored}, computed {found}")));
            }
        }
        Ok(())
    }

    fn unpack(&self, range: ByteRange, out: &mut [u8]) -> Result<usize, String> {
        let file = &self.archive.part.source;
        if range.length == out.len() as u64 {
            file.read_at(range.offset, out).map_err(|fault| fault.to_string())?;
            return Ok(out.len());
        }
        let mut packed = vec![0; usize::try_from(range.length).unwrap_or(0)];
        file.read_at(range.offset, &mut packed).map_err(|fault| fault.to_string())?;
        self.shape.codec.unpack(&packed, out)
    }

    /// A chunk for a read that wants only a part of it.
    fn recent_chunk(&self, number: u64) -> Result<Arc<[u8]>, Cause> {
        let lock = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = lock().iter().find(|(kept, _)| *kept == number) {
            return Ok(bytes.clone());
        }
        let length = usize::try_from(self.shape.chunk_bytes).unwrap_or(0);
        // Made in place: turning a vector into an `Arc` would hold the chunk twice.
        let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
        if let Some(out) = Arc::get_mut(&mut bytes) {
            self.read_chunk(number, out)?;
        }
        let mut kept = lock();
        kept.push_back((number, bytes.clone()));
        while kept.len() > 1 && (kept.len() > CHUNKS_KEPT || kept.len().saturating_mul(length) > CHUNKS_KEPT_BYTES) {
            kept.pop_front();
        }
        Ok(bytes)
    }
}

impl Source for ImageStream {
    fn size(&self) -> u64 {
        self.shape.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size())?;
        let chunk_bytes = self.shape.chunk_bytes;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(good as u64);
            let (chunk, skip) = (here / chunk_bytes, here % chunk_bytes);
            let left = usize::try_from(chunk_bytes.saturating_sub(skip)).unwrap_or(usize::MAX);
            let length = rest.len().min(left);
            let fault = |cause| ReadFault { at, good, cause };
            match rest.get_mut(..length) {
                Some(out) if length as u64 == chunk_bytes => self.read_chunk(chunk, out).map_err(fault)?,
                Some(out) => {
                    let bytes = self.recent_chunk(chunk).map_err(fault)?;
                    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                    let part = bytes.get(skip..skip.saturating_add(length)).unwrap_or_default();
                    out.copy_from_slice(part);
                }
                None => return Err(fault(Cause::PastEnd)),
            }
            good = good.saturating_add(length);
        }
        Ok(())
    }
}

fn bevy_name(folder: &str, number: u64) -> String {
    format!("{folder}/{number:08}")
}
