//! SHA-256 of a file as it is written: here, or on the thread that hashes the medium.

use std::ops::{Deref, Range};
use std::sync::Arc;

use exhibit_hash::sha256::Sha256;
use exhibit_hash::{FileLane, Pending};

use crate::ImageError;
use crate::buffers::Buffer;

/// A running SHA-256 over a file.
pub(crate) enum FileDigest {
    /// On the writing thread.
    Here(Sha256),
    /// On a thread of its own.
    Lane(exhibit_hash::FileDigest),
    /// On a thread of its own, and complete.
    Ended(Pending),
}

impl FileDigest {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self::Here(Sha256::new())
    }

    /// From here on `lane` does the work.
    pub(crate) fn move_to(&mut self, lane: &FileLane) {
        if let Self::Here(so_far) = self {
            *self = Self::Lane(lane.begin(so_far.clone()));
        }
    }

    /// The next bytes of the file, few of them.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Here(digest) => digest.update(bytes),
            Self::Lane(digest) => digest.update(Box::new(bytes.to_vec())),
            Self::Ended(_) => {}
        }
    }

    /// The next bytes of the file, many of them.
    pub(crate) fn update_shared(&mut self, piece: &Shared) {
        match self {
            Self::Here(digest) => digest.update(piece),
            Self::Lane(digest) => digest.update(Box::new(piece.clone())),
            Self::Ended(_) => {}
        }
    }

    /// The file is complete; its digest may be waited for later.
    pub(crate) fn end(self) -> Self {
        match self {
            Self::Lane(digest) => Self::Ended(digest.end()),
            other => other,
        }
    }

    /// The digest.
    ///
    /// # Errors
    /// If the thread that hashed died.
    pub(crate) fn finish(self) -> Result<[u8; 32], ImageError> {
        match self.end() {
            Self::Here(digest) => Ok(digest.finish()),
            Self::Ended(pending) => pending.wait().ok_or(ImageError::Internal("the thread that hashes files died")),
            Self::Lane(_) => Err(ImageError::Internal("a digest without an end")),
        }
    }
}

/// A part of an encoded block, shared between the file and its digest.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) bytes: Arc<Buffer>,
    pub(crate) range: Range<usize>,
}

impl Deref for Shared {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }
}
