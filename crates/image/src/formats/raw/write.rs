//! Writing the bytes of the medium as they come.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Concat, DigestSet, Segment, Slice, Source, Store, from_hex};
use exhibit_hash::{BLOCK_BYTES, FileLane};

use super::{SPEC, naming};
use crate::file_digest::FileDigest;
use crate::{
    Checkpoint, Create, Encoded, Encoder, ImageError, ImageWriter, Resumed, UnsealedSegment, Written, resuming,
};

/// Smallest file that may be asked for, in bytes: 1 MiB, as for the segments of an E01.
const SEGMENT_BYTES_MIN: u64 = 1 << 20;

pub(super) fn create(store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
    let mut writer = RawWriter::new(store, how)?;
    writer.begin()?;
    Ok(Box::new(writer))
}

/// Goes on behind the bytes that are there; they are their own medium.
pub(super) fn resume(
    store: Arc<dyn Store>,
    how: &Create,
    at: &Checkpoint,
    reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
) -> Result<Resumed, ImageError> {
    let mut writer = RawWriter::new(store, how)?;
    writer.resumed = true;
    let mut medium = Vec::new();
    for (name, length) in &at.files {
        // Every file but the last is full, and they are called what we call them.
        let left = at.medium_bytes.saturating_sub(writer.written);
        if *name != writer.name() || *length != left.min(writer.limit) || at.medium_bytes > how.size_bytes {
            return Err(resuming::not_ours(at));
        }
        let segment = writer.store.resume(name, *length)?;
        let (source, hasher) = resuming::opened(name, *length, reopen)?;
        writer.files.push(RawFile { name: name.clone(), segment, digest: FileDigest::Here(hasher) });
        writer.written = writer.written.saturating_add(*length);
        medium.push(Slice::new(source, ByteRange::new(0, *length)));
    }
    match writer.written == at.medium_bytes && !at.files.is_empty() {
        true => Ok(Resumed { writer: Box::new(writer), medium: Arc::new(Concat::new(medium)) }),
        false => Err(resuming::not_ours(at)),
    }
}

/// Raw needs no preparation.
struct AsIs;

impl Encoder for AsIs {
    fn encode(&self, _block: &[u8]) -> Encoded {
        Encoded::default()
    }
}

/// A file being written.
struct RawFile {
    name: String,
    segment: Box<dyn Segment>,
    digest: FileDigest,
}

struct RawWriter {
    store: Arc<dyn Store>,
    base: String,
    /// Whether the files are numbered.
    split: bool,
    /// Longest file in bytes.
    limit: u64,
    expected: u64,
    written: u64,
    files: Vec<RawFile>,
    /// Whether files of an earlier run may lie about.
    resumed: bool,
    /// Where files are hashed; by the writing thread if there is none.
    lane: Option<FileLane>,
    /// Whether the one file needs no hash of its own: it is the medium, and the caller computes that digest.
    hashed_as_medium: bool,
}

impl RawWriter {
    fn new(store: Arc<dyn Store>, how: &Create) -> Result<Self, ImageError> {
        if how.segment_size_bytes.is_some_and(|limit| limit < SEGMENT_BYTES_MIN) {
            return Err(ImageError::Usage(format!("a segment has at least {SEGMENT_BYTES_MIN} bytes")));
        }
        let limit = how.segment_size_bytes.filter(|&limit| limit < how.size_bytes);
        Ok(Self {
            store,
            base: how.base.clone(),
            split: limit.is_some(),
            limit: limit.unwrap_or(u64::MAX),
            expected: how.size_bytes,
            written: 0,
            files: Vec::new(),
            resumed: false,
            lane: None,
            hashed_as_medium: false,
        })
    }

    /// Name of the next file.
    fn name(&self) -> String {
        let extension = match self.split {
            true => naming::extension((self.files.len() as u64).saturating_add(1)),
            false => SPEC.extension.to_owned(),
        };
        format!("{}.{extension}", self.base)
    }

    /// Begins the next file; the one before is full, and made durable once and for all.
    fn begin(&mut self) -> Result<(), ImageError> {
        if let Some(full) = self.files.last_mut() {
            full.segment.rest()?;
            full.segment.sync()?;
        }
        let name = self.name();
        // After resuming, a file that was begun behind the checkpoint is begun again.
        let segment = match self.resumed && self.store.exists(&name) {
            true => self.store.resume(&name, 0)?,
            false => self.store.create(&name)?,
        };
        let mut digest = FileDigest::new();
        self.lane.iter().for_each(|lane| digest.move_to(lane));
        self.files.push(RawFile { name, segment, digest });
        Ok(())
    }
}

impl ImageWriter for RawWriter {
    fn encoder(&self) -> Arc<dyn Encoder> {
        Arc::new(AsIs)
    }

    fn is_medium(&self) -> bool {
        !self.split
    }

    fn hash_files_on(&mut self, lane: &FileLane, covers_medium: bool) {
        self.hashed_as_medium = covers_medium && !self.split;
        if !self.hashed_as_medium {
            self.files.iter_mut().for_each(|file| file.digest.move_to(lane));
            self.lane = Some(lane.clone());
        }
    }

    fn write(&mut self, block: &[u8], _encoded: Encoded) -> Result<(), ImageError> {
        if self.written.saturating_add(block.len() as u64) > self.expected {
            return Err(ImageError::Usage(format!("more than the announced {} bytes", self.expected)));
        }
        let mut rest = block;
        while !rest.is_empty() {
            let room = self.files.last().map_or(0, |file| self.limit.saturating_sub(file.segment.len()));
            if room == 0 {
                self.begin()?;
                continue;
            }
            let length = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (piece, more) = rest.split_at(length);
            if let Some(file) = self.files.last_mut() {
                file.segment.append(piece)?;
                if !self.hashed_as_medium {
                    file.digest.update(piece);
                }
            }
            self.written = self.written.saturating_add(length as u64);
            rest = more;
        }
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, ImageError> {
        if !self.written.is_multiple_of(BLOCK_BYTES as u64) && self.written != self.expected {
            return Ok(None);
        }
        if let Some(last) = self.files.last_mut() {
            last.segment.sync()?;
        }
        let files = self.files.iter().map(|file| (file.name.clone(), file.segment.len())).collect();
        Ok(Some(Checkpoint { medium_bytes: self.written, files, state: String::new() }))
    }

    fn finish(mut self: Box<Self>, stored: &DigestSet, _gaps: &[ByteRange]) -> Result<Written, ImageError> {
        if self.written != self.expected {
            return Err(ImageError::Usage(format!("{} bytes written, {} announced", self.written, self.expected)));
        }
        let mut segments = Vec::new();
        for mut file in std::mem::take(&mut self.files) {
            file.segment.sync()?;
            let sha256 = match self.hashed_as_medium {
                true => of_medium(stored)?,
                false => file.digest.finish()?,
            };
            segments.push(UnsealedSegment { name: file.name, segment: file.segment, sha256 });
        }
        Ok(Written { segments, findings: Vec::new() })
    }
}

/// The digest that the caller computed of the same bytes.
fn of_medium(stored: &DigestSet) -> Result<[u8; 32], ImageError> {
    let digest = stored.get("sha256").and_then(from_hex);
    let digest = digest.and_then(|bytes| bytes.try_into().ok());
    digest.ok_or(ImageError::Internal("the digest of the medium that was promised is missing"))
}
