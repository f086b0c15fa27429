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
    /// An acquisition that was not finished is in the way.
    #[error(
        "an acquisition of {base} that was not finished exists already (by its journal, {sealed_bytes} bytes of the medium are \
         sealed); nothing was written"
    )]
    Unfinished {
        /// Name without extension.
        base: String,
        /// So much of the medium, by the word of its journal.
        sealed_bytes: u64,
    },
    /// There is nothing to go on with.
    #[error("there is no unfinished acquisition of {0} to go on with")]
    NothingToResume(String),
    /// What is to be gone on with cannot be believed, and nobody said that it may be begun again.
    #[error(
        "{why}: going on with the acquisition of {base} would mean to read the source from its first byte again, and to write \
         over what is there"
    )]
    Unbelievable {
        /// Name without extension.
        base: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What is to be gone on with was begun otherwise, or from another source.
    #[error("the unfinished acquisition was begun otherwise: {0}")]
    OtherJob(String),
    /// The source does not hold what was read from it before.
    #[error(
        "this is not the source that was read before, or it has changed: at offset {offset} (0x{offset:x}) it does not hold \
         what is in the unfinished image"
    )]
    OtherSource {
        /// The first byte found to differ.
        offset: u64,
    },
    /// The image cannot fit; nothing was read or written.
    #[error("{place}the image needs {needed_bytes} bytes, and only {free_bytes} are free")]
    NoSpace {
        /// `in the second place ` for a copy, or nothing.
        place: &'static str,
        /// The least that it needs.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// Stopped before the destination was full. What was written keeps its unfinished name.
    #[error("stopped after {done_bytes} bytes, before the destination is full: {free_bytes} bytes are free")]
    SpaceEnds {
        /// Bytes of the medium that were written.
        done_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// The working file of a rescue could not be read.
    #[error("the working file of the rescue: {cause}")]
    WorkingFile {
        /// What the system said.
        cause: String,
    },
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
            Self::Exists(_) | Self::Unfinished { .. } | Self::NothingToResume(_) | Self::OtherJob(_) => Class::Usage,
            Self::Unbelievable { .. } => Class::Corrupt,
            Self::OtherSource { .. } => Class::Usage,
            Self::Image(error) => error.class(),
            Self::Source { .. } | Self::Store(_) | Self::Record(_) | Self::Internal(_) => Class::Io,
            Self::NoSpace { .. } | Self::SpaceEnds { .. } | Self::WorkingFile { .. } => Class::Io,
        }
    }
}
