//! Writing the bytes of the medium as they come.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Segment, Store};
use sha2::{Digest as _, Sha256};

use super::SPEC;
use crate::{Create, Encoded, Encoder, ImageError, ImageWriter, UnsealedSegment, Written};

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
