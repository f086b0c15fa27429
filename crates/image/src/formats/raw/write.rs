//! Writing the bytes of the medium as they come.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Segment, Slice, Source, Store};
use exhibit_hash::BLOCK_BYTES;
use sha2::{Digest as _, Sha256};

use super::SPEC;
use crate::{
    Checkpoint, Create, Encoded, Encoder, ImageError, ImageWriter, Resumed, UnsealedSegment, Written, resuming,
};

pub(super) fn create(store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
    if how.segment_size_bytes.is_some_and(|limit| limit < how.size_bytes) {
        return Err(ImageError::Unsupported(
            "raw images are written as one file in this version; leave out --segment-size or use --format e01"
                .to_owned(),
        ));
    }
    let name = format!("{}.{}", how.base, SPEC.extension);
    let segment = store.create(&name)?;
    Ok(Box::new(RawWriter { name, segment, hasher: Sha256::new(), expected: how.size_bytes }))
}

/// Goes on behind the bytes that are there; they are their own medium.
pub(super) fn resume(
    store: &dyn Store,
    how: &Create,
    at: &Checkpoint,
    reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
) -> Result<Resumed, ImageError> {
    let name = format!("{}.{}", how.base, SPEC.extension);
    if at.files != [(name.clone(), at.medium_bytes)] || at.medium_bytes > how.size_bytes {
        return Err(resuming::not_ours(at));
    }
    let segment = store.resume(&name, at.medium_bytes)?;
    let (source, hasher) = resuming::opened(&name, at.medium_bytes, reopen)?;
    let writer = Box::new(RawWriter { name, segment, hasher, expected: how.size_bytes });
    Ok(Resumed { writer, medium: Arc::new(Slice::new(source, ByteRange::new(0, at.medium_bytes))) })
}

/// Raw needs no preparation.
struct AsIs;

impl Encoder for AsIs {
    fn encode(&self, _block: &[u8]) -> Encoded {
        Encoded::default()
    }
}

pub(super) struct RawWriter {
    name: String,
    segment: Box<dyn Segment>,
    hasher: Sha256,
    expected: u64,
}

impl ImageWriter for RawWriter {
    fn encoder(&self) -> Arc<dyn Encoder> {
        Arc::new(AsIs)
    }

    fn write(&mut self, block: &[u8], _encoded: Encoded) -> Result<(), ImageError> {
        if self.segment.len().saturating_add(block.len() as u64) > self.expected {
            return Err(ImageError::Usage(format!("more than the announced {} bytes", self.expected)));
        }
        self.segment.append(block)?;
        self.hasher.update(block);
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<Option<Checkpoint>, ImageError> {
        let medium_bytes = self.segment.len();
        if !medium_bytes.is_multiple_of(BLOCK_BYTES as u64) && medium_bytes != self.expected {
            return Ok(None);
        }
        self.segment.sync()?;
        Ok(Some(Checkpoint { medium_bytes, files: vec![(self.name.clone(), medium_bytes)], state: String::new() }))
    }

    fn finish(mut self: Box<Self>, _stored: &DigestSet, _gaps: &[ByteRange]) -> Result<Written, ImageError> {
        let length = self.segment.len();
        if length != self.expected {
            return Err(ImageError::Usage(format!("{length} bytes written, {} announced", self.expected)));
        }
        self.segment.sync()?;
        let sha256 = self.hasher.finalize().into();
        let segments = vec![UnsealedSegment { name: self.name, segment: self.segment, sha256 }];
        Ok(Written { segments, findings: Vec::new() })
    }
}
