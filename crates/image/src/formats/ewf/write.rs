//! Writing an E01 in EnCase 6 layout, append-only: nothing is ever patched.
//!
//! Chunks are gathered until a table's worth is there ([`TABLE_CHUNKS`]), then `sectors`, `table` and `table2` go out in
//! one piece, every size and offset already known. So each file is hashed while it is written, and a crash leaves whole
//! sections.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Finding, Segment, Severity, Slice, Source, Store, from_hex};
use exhibit_hash::{BLOCK_BYTES, FileLane};

use super::header;
use super::layout::{
    CHECKSUM_BYTES, CHUNK_BYTES, COMPRESSED, DESCRIPTOR_BYTES, DIGEST_BYTES, ERROR2_HEADER_BYTES, EVF,
    FILE_HEADER_BYTES, HASH_BYTES, MEDIA_FLAG_IMAGE, MEDIA_FLAG_PHYSICAL, TABLE_HEADER_BYTES, VOLUME_BYTES, adler32,
};
use super::naming::{SEGMENTS_MAX, extension};
use crate::buffers::Buffers;
use crate::deflate::Deflater;
use crate::file_digest::{FileDigest, Shared};
use crate::{
    Checkpoint, Compression, Create, Encoded, Encoder, ImageError, ImageWriter, Part, Resumed, UnsealedSegment,
    Written, resuming,
};

/// Chunks under one table: 32 MiB of medium, so at most so much waits in memory. EnCase 6 allows 65534.
const TABLE_CHUNKS: usize = 1024;
/// Largest segment file unless asked otherwise: fits every file system and every EnCase (2000 MiB before 6.7).
const SEGMENT_BYTES_DEFAULT: u64 = 1500 << 20;
/// Smallest segment size accepted, as in ewfacquire.
const SEGMENT_BYTES_MIN: u64 = 1 << 20;

/// Bytes of a section with `payload` bytes.
const fn section_bytes(payload: usize) -> u64 {
    (DESCRIPTOR_BYTES + payload) as u64
}

/// What follows the chunks of the last segment, without error2; every segment keeps this room, so that any can be last.
const TAIL_BYTES: u64 =
    section_bytes(VOLUME_BYTES) + section_bytes(DIGEST_BYTES) + section_bytes(HASH_BYTES) + section_bytes(0);

/// Deflates and check-sums chunks.
struct ChunkEncoder {
    chunk_bytes: usize,
    compression: Compression,
    buffers: Buffers,
}

impl Encoder for ChunkEncoder {
    fn encode(&self, block: &[u8]) -> Encoded {
        // Room for chunks that are stored, so that it never grows: memory that is not written costs nothing.
        let room = block.len().saturating_add(block.len() / 1024);
        let mut encoded = Encoded { bytes: self.buffers.take(room), chunks: Vec::new() };
        for chunk in block.chunks(self.chunk_bytes) {
            let before = encoded.bytes.len();
            let compressed = Deflater::compress_chunk(self.compression, chunk, &mut encoded.bytes);
            if !compressed {
                encoded.bytes.truncate(before);
                encoded.bytes.extend_from_slice(chunk);
                encoded.bytes.extend_from_slice(&adler32(chunk).to_le_bytes());
            }
            // A block is at most 1 MiB, so its encoded end fits 32 bits.
            encoded.chunks.push((u32::try_from(encoded.bytes.len()).unwrap_or(u32::MAX), compressed));
        }
        encoded
    }
}

/// A file being written, with its running hash.
struct File {
    name: String,
    segment: Box<dyn Segment>,
    digest: FileDigest,
    /// Whether it is complete and synced.
    durable: bool,
}

impl File {
    fn append(&mut self, bytes: &[u8]) -> Result<(), ImageError> {
        self.segment.append(bytes)?;
        self.digest.update(bytes);
        Ok(())
    }

    /// The `sectors` section.
    fn sectors(&mut self, pieces: &[Shared]) -> Result<(), ImageError> {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        self.head("sectors", length)?;
        for piece in pieces {
            self.segment.append(piece)?;
            self.digest.update_shared(piece);
        }
        Ok(())
    }

    /// The descriptor of a section of `length` bytes.
    fn head(&mut self, kind: &str, length: usize) -> Result<(), ImageError> {
        let (offset, size) = (self.segment.len(), section_bytes(length));
        self.append(&descriptor(kind, offset.saturating_add(size), size))
    }

    /// A section with its payload in pieces.
    fn section(&mut self, kind: &str, pieces: &[&[u8]]) -> Result<(), ImageError> {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        self.head(kind, length)?;
        pieces.iter().try_for_each(|piece| self.append(piece))
    }

    /// `next` or `done`: points to itself, size 0, as EnCase and ewfacquire write it.
    fn last_section(&mut self, kind: &str) -> Result<(), ImageError> {
        let offset = self.segment.len();
        self.append(&descriptor(kind, offset, 0))
    }
}

/// The 76 bytes that begin a section.
fn descriptor(kind: &str, next: u64, size: u64) -> Vec<u8> {
    let mut bytes = kind.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes.extend_from_slice(&next.to_le_bytes());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.resize(72, 0);
    with_checksum(bytes)
}

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = adler32(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Writes the image in order.
pub(super) struct EwfWriter {
    store: Arc<dyn Store>,
    base: String,
    size_bytes: u64,
    written_bytes: u64,
    sector_bytes: u32,
    chunk_bytes: usize,
    compression: Compression,
    segment_limit: u64,
    volume: Vec<u8>,
    done: Vec<File>,
    current: File,
    /// The section being gathered in pieces, its length, and the end of each chunk in it with its compressed flag.
    pieces: Vec<Shared>,
    gathered: usize,
    chunks: Vec<(u32, bool)>,
    /// Whether the current file holds chunks already.
    begun: bool,
    /// The last place where everything written so far lay in whole sections.
    sealed: Option<Sealed>,
    /// Where files are hashed; by the writing thread if there is none.
    lane: Option<FileLane>,
    /// Where the encoded blocks go when they are written.
    buffers: Buffers,
}

/// A place to go on from: what lies beyond it in the files is written again.
#[derive(Clone, Copy)]
struct Sealed {
    medium_bytes: u64,
    /// Files at that time, and the length of the last one; the others were complete.
    files: usize,
    last_length: u64,
}

impl EwfWriter {
    /// A writer with nothing written but `current`.
    fn blank(
        store: Arc<dyn Store>,
        how: &Create,
        current: impl FnOnce(&dyn Store) -> Result<File, ImageError>,
    ) -> Result<Self, ImageError> {
        let sector = usize::try_from(how.sector_bytes).unwrap_or(0);
        if !matches!(sector, 512 | 1024 | 2048 | 4096) {
            return Err(ImageError::Unsupported(format!(
                "sectors of {sector} bytes; E01 is written with 512, 1024, 2048 or 4096"
            )));
        }
        let segment_limit = how.segment_size_bytes.unwrap_or(SEGMENT_BYTES_DEFAULT);
        if segment_limit < SEGMENT_BYTES_MIN {
            return Err(ImageError::Usage(format!(
                "a segment of an E01 is at least {SEGMENT_BYTES_MIN} bytes (1 MiB)"
            )));
        }
        let sectors = how.size_bytes.div_ceil(u64::from(how.sector_bytes));
        let chunks = how.size_bytes.div_ceil(CHUNK_BYTES as u64);
        let Ok(chunks) = u32::try_from(chunks) else {
            let text = format!(
                "{} bytes are more than 2^32 chunks of 32 KiB (128 TiB), the most an E01 counts",
                how.size_bytes
            );
            return Err(ImageError::Limit(text));
        };
        let current = current(store.as_ref())?;
        Ok(Self {
            store,
            base: how.base.clone(),
            size_bytes: how.size_bytes,
            written_bytes: 0,
            sector_bytes: how.sector_bytes,
            chunk_bytes: CHUNK_BYTES,
            compression: how.compression,
            segment_limit,
            volume: volume(how, chunks, sectors),
            done: Vec::new(),
            current,
            pieces: Vec::new(),
            gathered: 0,
            chunks: Vec::new(),
            begun: false,
            sealed: None,
            lane: None,
            buffers: Buffers::default(),
        })
    }

    pub(super) fn new(store: Arc<dyn Store>, how: &Create) -> Result<Self, ImageError> {
        let mut writer = Self::blank(store, how, |store| begin(store, &how.base, 1))?;
        let sector = u64::from(how.sector_bytes);
        let notes = match how.size_bytes.is_multiple_of(sector) {
            true => how.metadata.notes.clone(),
            false => header::notes_with_length(&how.metadata.notes, how.size_bytes),
        };
        let wide = zlib(&header::header2(&how.metadata, &notes, how.started));
        let narrow = zlib(&header::header(&how.metadata, &notes, how.started));
        writer.current.section("header2", &[&wide])?;
        writer.current.section("header2", &[&wide])?;
        writer.current.section("header", &[&narrow])?;
        writer.current.section("volume", &[&writer.volume])?;
        Ok(writer)
    }

    /// Room that the gathered section would take with `chunks` chunks and `data` bytes of them.
    fn gathered_bytes(chunks: usize, data: usize) -> u64 {
        let table = TABLE_HEADER_BYTES.saturating_add(chunks.saturating_mul(4)).saturating_add(CHECKSUM_BYTES);
        section_bytes(data).saturating_add(section_bytes(table).saturating_mul(2))
    }

    /// Whether so many more chunks, of so many bytes together, fit the current file.
    fn has_room(&self, chunks: usize, bytes: usize) -> bool {
        let gathered =
            Self::gathered_bytes(self.chunks.len().saturating_add(chunks), self.gathered.saturating_add(bytes));
        self.current.segment.len().saturating_add(gathered).saturating_add(TAIL_BYTES) <= self.segment_limit
    }

    /// Makes room for a block where it does not fit: sections then end where blocks do, and a checkpoint can be there.
    /// Only a block that is too large for a whole file is cut at chunks, by [`Self::add_chunk`].
    fn make_room(&mut self, encoded: &Encoded) -> Result<(), ImageError> {
        let (chunks, bytes) = (encoded.chunks.len(), encoded.bytes.len());
        let begins = (FILE_HEADER_BYTES as u64).saturating_add(section_bytes(VOLUME_BYTES)).saturating_add(TAIL_BYTES);
        let alone = begins.saturating_add(Self::gathered_bytes(chunks, bytes));
        if alone > self.segment_limit || self.has_room(chunks, bytes) {
            return Ok(());
        }
        self.flush_section()?;
        self.seal_here(self.written_bytes);
        match self.begun && !self.has_room(chunks, bytes) {
            true => self.next_segment(),
            false => Ok(()),
        }
    }

    /// Remembers this place, if nothing waits to be written.
    fn seal_here(&mut self, medium_bytes: u64) {
        if self.chunks.is_empty() && self.begun {
            let files = self.done.len().saturating_add(1);
            self.sealed = Some(Sealed { medium_bytes, files, last_length: self.current.segment.len() });
        }
    }

    fn add_chunk(&mut self, bytes: Shared, compressed: bool) -> Result<(), ImageError> {
        if !self.has_room(1, bytes.len()) {
            self.flush_section()?;
            if !self.has_room(1, bytes.len()) {
                self.next_segment()?;
            }
        }
        self.gathered = self.gathered.saturating_add(bytes.len());
        self.chunks.push((u32::try_from(self.gathered).unwrap_or(u32::MAX), compressed));
        match self.pieces.last_mut() {
            // The next chunk of the same block.
            Some(last) if Arc::ptr_eq(&last.bytes, &bytes.bytes) && last.range.end == bytes.range.start => {
                last.range.end = bytes.range.end;
            }
            _ => self.pieces.push(bytes),
        }
        if self.chunks.len() >= TABLE_CHUNKS { self.flush_section() } else { Ok(()) }
    }

    /// `sectors`, `table`, `table2` for the gathered chunks.
    fn flush_section(&mut self) -> Result<(), ImageError> {
        if self.chunks.is_empty() {
            return Ok(());
        }
        let base = self.current.segment.len();
        let mut table = u32::try_from(self.chunks.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        table.resize(8, 0);
        table.extend_from_slice(&base.to_le_bytes());
        table.resize(20, 0);
        let head = with_checksum(table);
        let mut entries = Vec::with_capacity(self.chunks.len().saturating_mul(4));
        let mut start = u32::try_from(DESCRIPTOR_BYTES).unwrap_or(0); // offsets count from the descriptor of `sectors`
        for (end, compressed) in &self.chunks {
            let flag = if *compressed { COMPRESSED } else { 0 };
            entries.extend_from_slice(&(start | flag).to_le_bytes());
            start = end.saturating_add(DESCRIPTOR_BYTES as u32);
        }
        let entries = with_checksum(entries);
        self.current.sectors(&self.pieces)?;
        self.current.section("table", &[&head, &entries])?;
        self.current.section("table2", &[&head, &entries])?;
        self.pieces.clear();
        self.gathered = 0;
        self.chunks.clear();
        self.begun = true;
        Ok(())
    }

    fn next_segment(&mut self) -> Result<(), ImageError> {
        let number = u32::try_from(self.done.len()).unwrap_or(u32::MAX).saturating_add(2);
        let mut next = begin(self.store.as_ref(), &self.base, number)?;
        self.lane.iter().for_each(|lane| next.digest.move_to(lane));
        self.current.last_section("next")?;
        let mut full = std::mem::replace(&mut self.current, next);
        full.segment.rest()?;
        full.digest = full.digest.end();
        self.done.push(full);
        self.begun = false;
        self.current.section("data", &[&self.volume])
    }

    /// The `error2` payload for `gaps`, and how many had no room in its 32-bit sector numbers.
    fn errors(&self, gaps: &[ByteRange]) -> (Vec<u8>, Vec<u8>, usize) {
        let sector = u64::from(self.sector_bytes);
        let mut entries = Vec::new();
        let mut left_out = 0_usize;
        for gap in gaps {
            let first = u32::try_from(gap.offset / sector);
            let count = u32::try_from(gap.end().div_ceil(sector).saturating_sub(gap.offset / sector));
            match (first, count) {
                (Ok(first), Ok(count)) => {
                    entries.extend_from_slice(&first.to_le_bytes());
                    entries.extend_from_slice(&count.to_le_bytes());
                }
                _ => left_out = left_out.saturating_add(1),
            }
        }
        let mut head = u32::try_from(entries.len() / 8).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        head.resize(ERROR2_HEADER_BYTES.saturating_sub(CHECKSUM_BYTES), 0);
        (with_checksum(head), with_checksum(entries), left_out)
    }
}

/// Goes on behind the last whole section that `at` knows of.
pub(super) fn resume(
    store: Arc<dyn Store>,
    how: &Create,
    at: &Checkpoint,
    reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
) -> Result<Resumed, ImageError> {
    let (mut parts, mut files) = (Vec::new(), Vec::new());
    for (number, (name, length)) in (1..).zip(&at.files) {
        if segment_name(&how.base, number)?.0 != *name || at.medium_bytes > how.size_bytes {
            return Err(resuming::not_ours(at));
        }
        let segment = store.resume(name, *length)?;
        let (source, hasher) = resuming::opened(name, *length, reopen)?;
        parts.push(Part { name: name.clone(), source: Arc::new(Slice::new(source, ByteRange::new(0, *length))) });
        files.push(File { name: name.clone(), segment, digest: FileDigest::Here(hasher), durable: false });
    }
    // It has no end yet and is reported so; whether it holds the right bytes is what the caller finds out.
    let image = super::open::open(parts)?.value;
    let current = files.pop().ok_or_else(|| resuming::not_ours(at))?;
    let mut writer = EwfWriter::blank(store, how, |_| Ok(current))?;
    writer.done = files;
    (writer.written_bytes, writer.begun) = (at.medium_bytes, true);
    writer.seal_here(at.medium_bytes);
    let medium = Arc::new(Slice::new(image as Arc<dyn Source>, ByteRange::new(0, at.medium_bytes)));
    Ok(Resumed { writer: Box::new(writer), medium })
}

/// Name of segment file `number`, and the number as its header has it.
fn segment_name(base: &str, number: u32) -> Result<(String, u16), ImageError> {
    let (Some(extension), Ok(short)) = (extension(number), u16::try_from(number)) else {
        let text = format!("more than {SEGMENTS_MAX} segments (.ZZZ); choose a larger --segment-size");
        return Err(ImageError::Limit(text));
    };
    Ok((format!("{base}.{extension}"), short))
}

/// Creates segment file `number` with its file header.
fn begin(store: &dyn Store, base: &str, number: u32) -> Result<File, ImageError> {
    let (name, short) = segment_name(base, number)?;
    let segment = store.create(&name)?;
    let mut file = File { name, segment, digest: FileDigest::new(), durable: false };
    let mut bytes = EVF.to_vec();
    bytes.push(1);
    bytes.extend_from_slice(&short.to_le_bytes());
    bytes.resize(FILE_HEADER_BYTES, 0);
    file.append(&bytes)?;
    Ok(file)
}

/// The 1052 bytes of `volume` and `data`.
fn volume(how: &Create, chunks: u32, sectors: u64) -> Vec<u8> {
    let sectors_per_chunk = CHUNK_BYTES as u32 / how.sector_bytes.max(1);
    let physical = if how.physical { MEDIA_FLAG_PHYSICAL } else { 0 };
    let mut bytes = vec![1, 0, 0, 0]; // fixed disk
    for number in [chunks, sectors_per_chunk, how.sector_bytes] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&sectors.to_le_bytes());
    bytes.resize(36, 0); // C, H, S: not known to modern disks
    bytes.push(MEDIA_FLAG_IMAGE | physical);
    bytes.resize(52, 0);
    bytes.push(match how.compression {
        Compression::None => 0,
        Compression::Fast => 1,
        Compression::Best => 2,
    });
    bytes.resize(56, 0);
    bytes.extend_from_slice(&1_u32.to_le_bytes()); // error granularity: exactly the unreadable sectors are gaps
    bytes.resize(64, 0);
    bytes.extend_from_slice(&how.set_id);
    bytes.resize(VOLUME_BYTES.saturating_sub(CHECKSUM_BYTES), 0);
    with_checksum(bytes)
}

/// A zlib stream of a header text.
fn zlib(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Deflater::compress(Compression::Best, text, &mut bytes);
    bytes
}

impl ImageWriter for EwfWriter {
    fn encoder(&self) -> Arc<dyn Encoder> {
        Arc::new(ChunkEncoder {
            chunk_bytes: self.chunk_bytes,
            compression: self.compression,
            buffers: self.buffers.clone(),
        })
    }

    fn hash_files_on(&mut self, lane: &FileLane, _covers_medium: bool) {
        self.done.iter_mut().chain([&mut self.current]).for_each(|file| file.digest.move_to(lane));
        self.lane = Some(lane.clone());
    }

    fn write(&mut self, block: &[u8], encoded: Encoded) -> Result<(), ImageError> {
        let aligned = self.written_bytes.is_multiple_of(BLOCK_BYTES as u64);
        let after = self.written_bytes.saturating_add(block.len() as u64);
        if !aligned || after > self.size_bytes {
            return Err(ImageError::Usage(format!(
                "block at {} does not fit {} bytes",
                self.written_bytes, self.size_bytes
            )));
        }
        let last = after == self.size_bytes && !after.is_multiple_of(u64::from(self.sector_bytes));
        let encoded = if last { self.padded(block) } else { encoded };
        self.make_room(&encoded)?;
        self.written_bytes = after;
        let (bytes, mut start) = (self.buffers.share(encoded.bytes), 0_usize);
        for (end, compressed) in &encoded.chunks {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            self.add_chunk(Shared { bytes: bytes.clone(), range: start..end }, *compressed)?;
            start = end;
        }
        self.seal_here(after);
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, ImageError> {
        let Some(sealed) = self.sealed else { return Ok(None) };
        let mut files = Vec::new();
        for file in self.done.iter_mut().chain([&mut self.current]).take(sealed.files) {
            if !file.durable {
                file.segment.sync()?;
            }
            files.push((file.name.clone(), file.segment.len()));
        }
        // The files before the current one do not change any more: once durable is durable.
        self.done.iter_mut().take(sealed.files).for_each(|file| file.durable = true);
        if let Some((_, length)) = files.last_mut() {
            *length = sealed.last_length;
        }
        Ok(Some(Checkpoint { medium_bytes: sealed.medium_bytes, files, state: String::new() }))
    }

    fn finish(mut self: Box<Self>, stored: &DigestSet, gaps: &[ByteRange]) -> Result<Written, ImageError> {
        if self.written_bytes != self.size_bytes {
            return Err(ImageError::Usage(format!(
                "{} bytes written, {} announced",
                self.written_bytes, self.size_bytes
            )));
        }
        self.flush_section()?;
        let (head, entries, left_out) = self.errors(gaps);
        let errors_bytes = section_bytes(head.len().saturating_add(entries.len()));
        let has_errors = entries.len() > CHECKSUM_BYTES;
        let needed = self.current.segment.len().saturating_add(TAIL_BYTES);
        if has_errors && needed.saturating_add(errors_bytes) > self.segment_limit {
            self.next_segment()?;
        }
        if self.done.is_empty() {
            self.current.section("data", &[&self.volume])?;
        }
        if has_errors {
            self.current.section("error2", &[&head, &entries])?;
        }
        let digest = |algorithm: &str, length: usize| {
            let mut bytes = stored.get(algorithm).and_then(from_hex).unwrap_or_default();
            bytes.resize(length, 0); // all zero means "not set"
            bytes
        };
        if stored.get("sha1").is_some() {
            let mut bytes = [digest("md5", 16), digest("sha1", 20)].concat();
            bytes.resize(DIGEST_BYTES.saturating_sub(CHECKSUM_BYTES), 0);
            self.current.section("digest", &[&with_checksum(bytes)])?;
        }
        if stored.get("md5").is_some() {
            let mut bytes = digest("md5", 16);
            bytes.resize(HASH_BYTES.saturating_sub(CHECKSUM_BYTES), 0);
            self.current.section("hash", &[&with_checksum(bytes)])?;
        }
        self.current.last_section("done")?;
        let mut findings = Vec::new();
        if left_out > 0 {
            let text = format!(
                "{left_out} gaps lie beyond the 32-bit sector numbers of error2; the acquisition record has all"
            );
            findings.push(Finding::new(Severity::Note, "ewf-error2-limit", self.current.name.clone(), text));
        }
        let Self { mut done, current, .. } = *self;
        done.push(current);
        let mut segments = Vec::new();
        for mut file in done {
            file.segment.sync()?;
            let sha256 = file.digest.finish()?;
            segments.push(UnsealedSegment { name: file.name, segment: file.segment, sha256 });
        }
        Ok(Written { segments, findings })
    }
}

impl EwfWriter {
    /// The last block of a medium that ends inside a sector, filled up with zeros and encoded again.
    fn padded(&self, block: &[u8]) -> Encoded {
        let sector = usize::try_from(self.sector_bytes).unwrap_or(512).max(1);
        let mut bytes = block.to_vec();
        bytes.resize(block.len().next_multiple_of(sector), 0);
        self.encoder().encode(&bytes)
    }
}
