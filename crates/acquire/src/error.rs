//! Why an acquisition stopped.

use exhibit_evidence::{ByteRange, Class, RecordError, StoreError};
use exhibit_image::ImageError;

/// Trouble with the work. Unreadable sectors are not errors: they are gaps.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Asked to stop. What was written keeps its unfinished name.
    #[error("interrupted after {done_bytes} bytes; what was written so far is named .partial and is not an image")]
    Interrupted {
        /// Bytes of the medium that were read.
        done_bytes: u64,
    },
    /// The source failed in a way that no sector explains: it vanished or became shorter.
    #[error("the source failed at offset {offset} (0x{offset:x}): {cause}")]
    Source {
        /// Where.
        offset: u64,
        /// What the system said.
        cause: String,
    },
    /// Reading the image back did not give what was read from the source.
    #[error("the image does not hold what was read from the source: {text}")]
    ReadBack {
        /// What differs.
        text: String,
        /// Where, as far as it is known.
        ranges: Vec<ByteRange>,
    },
    /// An output is in the way.
    #[error("{0} exists already, finished or unfinished; nothing was written")]
    Exists(String),
    /// The image could not be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A result could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log could not be written, so nothing more is done.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A thread of ours died.
    #[error("internal failure: {0}")]
    Internal(&'static str),
}

impl AcquireError {
    /// The class for callers.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Interrupted { .. } => Class::Interrupted,
            Self::ReadBack { .. } => Class::Corrupt,
            Self::Exists(_) => Class::Usage,
            Self::Image(error) => error.class(),
            Self::Source { .. } | Self::Store(_) | Self::Record(_) | Self::Internal(_) => Class::Io,
        }
    }
}
