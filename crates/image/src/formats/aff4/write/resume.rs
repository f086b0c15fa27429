//! Going on with an unfinished volume: its sealed bevies are walked from the front, read, and believed only as far as
//! every header is the one that would be written again.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, ReadFault, Slice, Source, Store};
use exhibit_hash::BLOCK_BYTES;
use exhibit_hash::sha256::Sha256;

use super::super::codec::Codec;
use super::super::layout::{CHUNK_BYTES, CHUNKS_IN_BEVY, u32_at, u64_at};
use super::super::map::{Map, Target};
use super::super::names::member_name;
use super::super::stream::{ImageStream, Shape};
use super::super::symbol::Symbol;
use super::super::zip::{Archive, Member};
use super::runs::Runs;
use super::zip::{Added, ZipWriter, member_bytes};
use super::{Aff4Writer, Sealed};
use crate::file_digest::FileDigest;
use crate::resuming::not_ours;
use crate::{Checkpoint, Create, ImageError, Part, Resumed};

/// Bytes read at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Most bytes of the points of one bevy: as many as the map may have.
const POINTS_BYTES_MAX: u64 = 64 << 20;

/// The place from which blocks are written again, if `written` bytes were written when the bevy was sealed: the beginning
/// of the last block, if some of its chunks were left for the next bevy.
pub(super) fn boundary(written: u64, pending: bool) -> u64 {
    let block = BLOCK_BYTES as u64;
    if pending { written.saturating_sub(1) / block * block } else { written }
}

/// The front of an unfinished file, walked member by member.
struct Walk<'a> {
    source: Arc<dyn Source>,
    name: &'a str,
    at: u64,
    end: u64,
    hasher: Sha256,
}

impl Walk<'_> {
    fn corrupt(&self, text: impl Into<String>) -> ImageError {
        ImageError::Corrupt { part: self.name.to_owned(), structure: "member", offset: self.at, text: text.into() }
    }

    fn read(&self, at: u64, out: &mut [u8]) -> Result<(), ImageError> {
        let past = at.checked_add(out.len() as u64).is_none_or(|end| end > self.end);
        let fault = |fault| ImageError::Read { part: self.name.to_owned(), fault };
        if past {
            return Err(fault(ReadFault::new(at, Cause::PastEnd)));
        }
        self.source.read_at(at, out).map_err(fault)
    }

    /// Steps over the member `name`, whose header must be as `file` would write it, and gives its bytes to `each`.
    fn member(&mut self, file: &ZipWriter, name: &str, mut each: impl FnMut(&[u8])) -> Result<Added, ImageError> {
        let mut head = vec![0; usize::try_from(member_bytes(name, 0)).unwrap_or(0)];
        self.read(self.at, &mut head)?;
        let size_at = head.len().saturating_sub(16);
        let added = Added { at: self.at, size: u64_at(&head, size_at), crc32: u32_at(&head, 14) };
        if head != file.local_header(name, &added) {
            return Err(self.corrupt(format!("the header of {name} is not as it was written")));
        }
        self.hasher.update(&head);
        let mut at = self.at.saturating_add(head.len() as u64);
        let mut left = added.size;
        let (mut piece, mut crc32) = (vec![0; PIECE_BYTES], crc32fast::Hasher::new());
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE_BYTES);
            let out = piece.get_mut(..length).unwrap_or_default();
            self.read(at, out)?;
            self.hasher.update(out);
            crc32.update(out);
            each(out);
            at = at.saturating_add(length as u64);
            left = left.saturating_sub(length as u64);
        }
        if crc32.finalize() != added.crc32 {
            return Err(self.corrupt(format!("the bytes of {name} are not as they were written")));
        }
        self.at = at;
        Ok(added)
    }
}

/// Opens the unfinished volume again.
pub(in super::super) fn resume(
    store: &dyn Store,
    how: &Create,
    at: &Checkpoint,
    reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
) -> Result<Resumed, ImageError> {
    let name = format!("{}.aff4", how.base);
    let bevies: Option<u64> = at.state.strip_prefix("bevies=").and_then(|number| number.parse().ok());
    let (Some(bevies), [(file_name, length)]) = (bevies.filter(|&n| n > 0), at.files.as_slice()) else {
        return Err(not_ours(at));
    };
    if *file_name != name {
        return Err(not_ours(at));
    }
    let source = reopen(&name)
        .map_err(|error| ImageError::Read { part: name.clone(), fault: ReadFault::new(0, Cause::Io(error)) })?;
    let segment = store.resume(&name, *length)?;
    let mut writer = Aff4Writer::over(how, ZipWriter::new(name.clone(), segment, FileDigest::new(), how.started));
    let mut walk = Walk { source: source.clone(), name: &name, at: 0, end: *length, hasher: Sha256::new() };
    let members = walked(&mut writer, &mut walk, bevies)?;
    if walk.at != *length {
        return Err(walk.corrupt(format!("{} bytes are more than {bevies} bevies", length)));
    }
    writer.file.digest = FileDigest::Here(walk.hasher);
    let sealed_to = writer.runs.end();
    let sealed_chunks = bevies.saturating_mul(CHUNKS_IN_BEVY as u64);
    let pending = writer.runs.stream_end() > sealed_chunks.saturating_mul(CHUNK_BYTES as u64);
    if boundary(sealed_to, pending) != at.medium_bytes || at.medium_bytes > how.size_bytes {
        return Err(not_ours(at));
    }
    writer.runs.truncate(at.medium_bytes);
    writer.written = at.medium_bytes;
    writer.points_to = sealed_to;
    writer.chunks = writer.runs.stream_end() / CHUNK_BYTES as u64;
    writer.sealed = Some(at.clone());
    let part = Part { name, source: Arc::new(Slice::new(source, ByteRange::new(0, *length))) };
    let stream = stream(&writer, part, members, sealed_chunks)?;
    writer.again = again(&stream, writer.chunks, sealed_chunks)?;
    let targets = std::iter::once(Target::Source(stream)).chain(Runs::symbols().map(Target::Symbol)).collect();
    let default = Target::Symbol(Symbol::Unknown);
    let medium = Arc::new(Map::new(at.medium_bytes, writer.runs.points(), targets, default));
    Ok(Resumed { writer: Box::new(writer), medium })
}

/// Walks all members and takes what the writer needs of them; gives them by name.
fn walked(writer: &mut Aff4Writer, walk: &mut Walk<'_>, bevies: u64) -> Result<Vec<(String, Member)>, ImageError> {
    for (name, text) in writer.names.front(&writer.how) {
        let mut bytes = Vec::new();
        let added = walk.member(&writer.file, name, |piece| bytes.extend_from_slice(piece))?;
        if bytes != text.as_bytes() {
            return Err(walk.corrupt(format!("{name} is not as it was written")));
        }
        writer.front.push((name.to_owned(), added));
    }
    let mut members = Vec::new();
    for number in 0..bevies {
        let names = writer.names.bevy(number);
        let mut sealed = Sealed { at: walk.at, sizes: [0; 4], crc32: [0; 4] };
        let mut points = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let (is_hashes, is_points) = (at == 2, at == 3);
            let block_hashes = &mut writer.block_hashes;
            let added = walk.member(&writer.file, name, |piece| {
                if is_hashes {
                    block_hashes.update(piece);
                }
                if is_points && (points.len() as u64) < POINTS_BYTES_MAX {
                    points.extend_from_slice(piece);
                }
            })?;
            if let (Some(size), Some(crc32)) = (sealed.sizes.get_mut(at), sealed.crc32.get_mut(at)) {
                (*size, *crc32) = (u32::try_from(added.size).unwrap_or(u32::MAX), added.crc32);
            }
            members.push((name.clone(), Member::stored(added.at, added.size, added.crc32)));
        }
        writer.bevies.push(sealed);
        writer.runs.decode(&points).map_err(|text| walk.corrupt(format!("points of bevy {number}: {text}")))?;
    }
    Ok(members)
}

/// The sealed part of the stream.
fn stream(
    writer: &Aff4Writer,
    part: Part,
    members: Vec<(String, Member)>,
    chunks: u64,
) -> Result<Arc<ImageStream>, ImageError> {
    let urn = writer.names.stream.clone();
    let codec = Codec::of(writer.encoder.method()).unwrap_or(Codec::Stored);
    let shape = Shape {
        urn,
        size: chunks.saturating_mul(CHUNK_BYTES as u64),
        chunk_bytes: CHUNK_BYTES as u64,
        chunks_in_bevy: CHUNKS_IN_BEVY as u64,
        codec,
    };
    debug_assert!(members.iter().any(|(name, _)| name.starts_with(&member_name(&shape.urn))));
    let archive = Arc::new(Archive::of(part, members));
    Ok(Arc::new(ImageStream::new(shape, archive, &writer.names.volume).map_err(ImageError::Usage)?))
}

/// The chunks from `first` to `end`, unpacked, the first one last.
fn again(stream: &ImageStream, first: u64, end: u64) -> Result<Vec<Vec<u8>>, ImageError> {
    let read = |number: u64| {
        let mut chunk = vec![0; CHUNK_BYTES];
        let result = stream.read_at(number.saturating_mul(CHUNK_BYTES as u64), &mut chunk);
        result.map_err(|fault| ImageError::Read { part: stream.archive.part.name.clone(), fault })?;
        Ok(chunk)
    };
    // At most one block's worth, or the checkpoint is none of ours.
    (first..end.min(first.saturating_add(64))).rev().map(read).collect()
}
