//! Writing AFF4: one volume, append-only, the same bytes for the same medium and plan.
//!
//! Chunks of one byte become ranges of the map and are stored nowhere; the others go into one stream, bevy after bevy.
//! Behind each bevy lie the points of the map so far, so that an unfinished or broken-off file can be gone on with and
//! read; other readers ignore them.

mod encode;
mod lz4;
mod resume;
mod runs;
mod statements;
mod zip;

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Store};
use exhibit_hash::sha256::Sha256;
use exhibit_hash::{BLOCK_BYTES, FileLane};

pub(super) use self::resume::resume;

use self::encode::{ChunkEncoder, HASH_BYTES, uniform};
use self::runs::Runs;
use self::statements::Facts;
use self::zip::{Added, ZipWriter, member_bytes};
use super::digests::{Algorithm, Running};
use super::layout::{CHUNK_BYTES, CHUNKS_IN_BEVY, DESCRIPTION, INDEX_ENTRY_BYTES, TURTLE, VERSION};
use super::names::{member_name, urn};
use crate::buffers::Buffers;
use crate::file_digest::{FileDigest, Shared};
use crate::{Checkpoint, Create, Encoded, Encoder, Fill, ImageError, ImageWriter, UnsealedSegment, Written};

/// The names in a volume, all derived from the identifier of the set.
#[derive(Debug, Clone)]
struct Names {
    volume: String,
    image: String,
    map: String,
    stream: String,
}

/// 16 bytes for a name of its own out of the identifier of the set.
fn derived(set_id: &[u8; 16], what: &str) -> [u8; 16] {
    let digest = Sha256::digest(&[set_id.as_slice(), what.as_bytes()].concat());
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    // The two places of a UUID that say which kind it is: version 8, made by a rule of one's own (RFC 9562).
    for (at, mask, kind) in [(6, 0x0f, 0x80), (8, 0x3f, 0x80)] {
        if let Some(byte) = id.get_mut(at) {
            *byte = *byte & mask | kind;
        }
    }
    id
}

impl Names {
    fn new(set_id: &[u8; 16]) -> Self {
        let name = |what: &str| urn(&derived(set_id, what));
        Self { volume: name("volume"), image: name("image"), map: name("map"), stream: name("stream") }
    }

    /// The four members of a bevy: chunks, index, block hashes, points.
    fn bevy(&self, number: u64) -> [String; 4] {
        let stream = format!("{}/{number:08}", member_name(&self.stream));
        let points = format!("{}/points/{number:08}", member_name(&self.map));
        [stream.clone(), format!("{stream}.index"), format!("{stream}.blockHash.sha256"), points]
    }

    /// The members in front of the first bevy.
    fn front(&self, how: &Create) -> [(&'static str, String); 2] {
        let tool = match how.metadata.tool_version.as_str() {
            "" => "Exhibit".to_owned(),
            version => format!("Exhibit {version}"),
        };
        let version = format!("major=1\nminor=0\ntool={}\n", tool.replace(['\n', '\r'], " "));
        [(DESCRIPTION, self.volume.clone()), (VERSION, version)]
    }
}

/// A sealed bevy, as little as is needed to write its four entries of the directory.
#[derive(Debug, Clone)]
struct Sealed {
    /// First byte of the first header; the others follow without a hole.
    at: u64,
    sizes: [u32; 4],
    crc32: [u32; 4],
}

/// Chunks that wait for their bevy.
#[derive(Default)]
struct Pending {
    /// Each chunk, as it is stored.
    chunks: Vec<Shared>,
    hashes: Vec<u8>,
}

/// Writes the image in order.
pub(super) struct Aff4Writer {
    how: Create,
    names: Names,
    encoder: ChunkEncoder,
    file: ZipWriter,
    front: Vec<(String, Added)>,
    bevies: Vec<Sealed>,
    pending: Pending,
    runs: Runs,
    /// Bytes of the medium written.
    written: u64,
    /// Chunks of the stream so far, pending ones included.
    chunks: u64,
    /// All block hashes of sealed bevies.
    block_hashes: Running,
    /// Where the points that are in the file end.
    points_to: u64,
    /// What can be gone on from.
    sealed: Option<Checkpoint>,
    /// After resuming: chunks that the sealed bevies hold already, as raw bytes, the next one last.
    again: Vec<Vec<u8>>,
}

impl Aff4Writer {
    pub(super) fn new(store: &dyn Store, how: &Create) -> Result<Self, ImageError> {
        if how.segment_size_bytes.is_some() {
            return Err(ImageError::Unsupported(
                "AFF4 is written as one file; leave out --segment-size or use --format e01".to_owned(),
            ));
        }
        let name = format!("{}.aff4", how.base);
        let segment = store.create(&name)?;
        let mut writer = Self::over(how, ZipWriter::new(name, segment, FileDigest::new(), how.started));
        for (name, text) in writer.names.front(how) {
            let added = writer.file.add(name, &[text.as_bytes()])?;
            writer.front.push((name.to_owned(), added));
        }
        Ok(writer)
    }

    fn over(how: &Create, file: ZipWriter) -> Self {
        Self {
            how: how.clone(),
            names: Names::new(&how.set_id),
            encoder: ChunkEncoder { compression: how.compression, buffers: Buffers::default() },
            file,
            front: Vec::new(),
            bevies: Vec::new(),
            pending: Pending::default(),
            runs: Runs::default(),
            written: 0,
            chunks: 0,
            block_hashes: Algorithm::Sha512.start(),
            points_to: 0,
            sealed: None,
            again: Vec::new(),
        }
    }

    /// Adds a chunk of the stream: `stored` and its block hash, `chunk` as it was read.
    fn data(&mut self, range: ByteRange, chunk: &[u8], stored: Shared, hash: &[u8]) -> Result<(), ImageError> {
        self.runs.data(range, self.chunks.saturating_mul(CHUNK_BYTES as u64));
        self.chunks = self.chunks.saturating_add(1);
        if let Some(before) = self.again.pop() {
            // A sealed bevy holds this chunk already. It was read from the source twice: both must be the same.
            return match before.get(..chunk.len()) == Some(chunk) {
                true => Ok(()),
                false => Err(ImageError::Usage(format!(
                    "the source has other bytes at {range} than before the interruption"
                ))),
            };
        }
        self.pending.chunks.push(stored);
        self.pending.hashes.extend_from_slice(hash);
        Ok(())
    }

    /// One chunk out of a block, as the encoder made it.
    fn chunk(&mut self, range: ByteRange, chunk: &[u8], stored: Shared, hash: &[u8]) -> Result<(), ImageError> {
        if !stored.is_empty() {
            return self.data(range, chunk, stored, hash);
        }
        let Some(byte) = uniform(chunk) else {
            return Err(ImageError::Usage(format!("the chunk at {range} was encoded from other bytes")));
        };
        if self.runs.byte(range, byte) {
            return Ok(());
        }
        let mut stored = Vec::new();
        let hash = self.encoder.chunk(chunk, &mut stored);
        let range_of_it = 0..stored.len();
        self.data(range, chunk, Shared { bytes: self.encoder.buffers.share(stored), range: range_of_it }, &hash)
    }

    /// Puts the first `chunks` pending chunks into the file as the next bevy; `points` if the image goes on behind it.
    fn seal(&mut self, chunks: usize, points: bool) -> Result<(), ImageError> {
        let number = self.bevies.len() as u64;
        let names = self.names.bevy(number);
        if chunks == 0 || chunks > self.pending.chunks.len() {
            return Ok(());
        }
        let later = self.pending.chunks.split_off(chunks);
        let data = std::mem::replace(&mut self.pending.chunks, later);
        let (mut index, mut start) = (Vec::with_capacity(chunks.saturating_mul(INDEX_ENTRY_BYTES)), 0_u64);
        for chunk in &data {
            index.extend_from_slice(&start.to_le_bytes());
            index.extend_from_slice(&u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_le_bytes());
            start = start.saturating_add(chunk.len() as u64);
        }
        let hash_bytes = chunks.saturating_mul(HASH_BYTES);
        let hashes = self.pending.hashes.get(..hash_bytes).unwrap_or_default();
        let made = if points { self.runs.encoded_since(self.points_to) } else { Vec::new() };
        let pieces = [&[], index.as_slice(), hashes, &made];
        let mut sealed = Sealed { at: self.file.segment.len(), sizes: [0; 4], crc32: [0; 4] };
        let members = if points { 4 } else { 3 };
        for (at, (name, piece)) in names.iter().zip(pieces).take(members).enumerate() {
            let added = match at {
                0 => self.file.add_shared(name, &data)?,
                _ => self.file.add(name, &[piece])?,
            };
            if let (Some(size), Some(crc32)) = (sealed.sizes.get_mut(at), sealed.crc32.get_mut(at)) {
                (*size, *crc32) = (u32::try_from(added.size).unwrap_or(u32::MAX), added.crc32);
            }
        }
        self.block_hashes.update(hashes);
        self.bevies.push(sealed);
        self.pending.hashes.drain(..hash_bytes);
        if points {
            self.points_to = self.written;
            let files = vec![(self.file.name.clone(), self.file.segment.len())];
            let medium_bytes = resume::boundary(self.written, !self.pending.chunks.is_empty());
            let state = format!("bevies={}", self.bevies.len());
            self.sealed = Some(Checkpoint { medium_bytes, files, state });
        }
        Ok(())
    }

    /// Name and place of every member, in order.
    fn members(&self) -> impl Iterator<Item = (String, Added)> {
        let bevies = self.bevies.iter().enumerate().flat_map(|(number, sealed)| {
            let mut at = sealed.at;
            let parts = sealed.sizes.into_iter().zip(sealed.crc32);
            // The last bevy has no points.
            let members = self.names.bevy(number as u64).into_iter().zip(parts);
            let last = number.saturating_add(1) == self.bevies.len() && sealed.sizes.last() == Some(&0);
            members.take(if last { 3 } else { 4 }).map(move |(name, (size, crc32))| {
                let added = Added { at, size: u64::from(size), crc32 };
                at = at.saturating_add(member_bytes(&name, added.size));
                (name, added)
            })
        });
        self.front.iter().cloned().chain(bevies)
    }

    /// Map, statements, directory.
    fn end(&mut self, stored: &DigestSet, gaps: &[ByteRange]) -> Result<(), ImageError> {
        let runs = std::mem::take(&mut self.runs);
        let made = runs.finish(&self.names.stream, gaps);
        let folder = member_name(&self.names.map);
        let block_hashes = std::mem::replace(&mut self.block_hashes, Algorithm::Sha512.start()).finish();
        let facts = Facts {
            names: &self.names,
            how: &self.how,
            method: self.encoder.method(),
            stream_bytes: self.chunks.saturating_mul(CHUNK_BYTES as u64),
            block_hashes: (self.chunks > 0).then_some(block_hashes),
            map: &made.map,
            idx: made.idx.as_bytes(),
            digests: stored,
        };
        let turtle = statements::statements(&facts);
        let mut last = Vec::new();
        let members = [
            (format!("{folder}/map"), made.map.as_slice()),
            (format!("{folder}/idx"), made.idx.as_bytes()),
            (TURTLE.to_owned(), turtle.as_bytes()),
        ];
        for (name, bytes) in members {
            let added = self.file.add(&name, &[bytes])?;
            last.push((name, added));
        }
        let (mut count, directory_at) = (0_u64, self.file.segment.len());
        let mut directory = Vec::new();
        for (name, added) in self.members().chain(last) {
            directory.extend_from_slice(&self.file.central_entry(&name, &added));
            count = count.saturating_add(1);
        }
        self.file.append(&directory)?;
        let comment = self.names.volume.clone();
        self.file.end(count, directory_at, &comment)
    }
}

impl ImageWriter for Aff4Writer {
    fn encoder(&self) -> Arc<dyn Encoder> {
        Arc::new(self.encoder.clone())
    }

    fn fill(&self) -> Fill {
        Fill::UnreadableData
    }

    fn hash_files_on(&mut self, lane: &FileLane, _covers_medium: bool) {
        self.file.digest.move_to(lane);
    }

    fn write(&mut self, block: &[u8], encoded: Encoded) -> Result<(), ImageError> {
        let aligned = self.written.is_multiple_of(BLOCK_BYTES as u64);
        let after = self.written.saturating_add(block.len() as u64);
        if !aligned || after > self.how.size_bytes || encoded.chunks.len() != block.len().div_ceil(CHUNK_BYTES) {
            let text = format!("block at {} does not fit {} bytes", self.written, self.how.size_bytes);
            return Err(ImageError::Usage(text));
        }
        let stored_bytes = encoded.chunks.last().map_or(0, |(end, _)| usize::try_from(*end).unwrap_or(usize::MAX));
        let bytes = self.encoder.buffers.share(encoded.bytes);
        let mut hashes = bytes.get(stored_bytes..).unwrap_or_default().chunks_exact(HASH_BYTES);
        let (mut at, mut start) = (self.written, 0_usize);
        for (chunk, (end, _)) in block.chunks(CHUNK_BYTES).zip(&encoded.chunks) {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let stored = Shared { bytes: bytes.clone(), range: start..end };
            let hash = if stored.is_empty() { &[] } else { hashes.next().unwrap_or_default() };
            self.chunk(ByteRange::new(at, chunk.len() as u64), chunk, stored, hash)?;
            at = at.saturating_add(chunk.len() as u64);
            start = end;
        }
        self.written = after;
        if self.pending.chunks.len() >= CHUNKS_IN_BEVY { self.seal(CHUNKS_IN_BEVY, true) } else { Ok(()) }
    }

    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, ImageError> {
        if self.sealed.is_some() {
            self.file.segment.sync()?;
        }
        Ok(self.sealed.clone())
    }

    fn finish(mut self: Box<Self>, stored: &DigestSet, gaps: &[ByteRange]) -> Result<Written, ImageError> {
        if self.written != self.how.size_bytes {
            let text = format!("{} bytes written, {} announced", self.written, self.how.size_bytes);
            return Err(ImageError::Usage(text));
        }
        self.seal(self.pending.chunks.len(), false)?;
        self.end(stored, gaps)?;
        let ZipWriter { name, mut segment, digest, .. } = self.file;
        segment.sync()?;
        let segments = vec![UnsealedSegment { name, segment, sha256: digest.finish()? }];
        Ok(Written { segments, findings: Vec::new() })
    }
}
