//! Why carving stopped.

use exhibit_evidence::{Class, ReadFault, StoreError};

/// An error about the work. What is wrong with the evidence is never one of these: it is a class and a reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarveError {
    /// The plan makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Somebody asked to stop. Files already sealed are whole; `summary.json` was not written.
    #[error("interrupted at offset {at} (0x{at:x}) of {size} bytes; no summary was written")]
    Interrupted {
        /// Bytes of the source that had been searched.
        at: u64,
        /// Size of the source in bytes.
        size: u64,
    },
    /// The source failed in a way that is no property of the medium (a vanished device, a permission).
    #[error("reading the source: {0}")]
    Source(#[from] ReadFault),
    /// A result could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that was read while it was judged could not be read again: the source is failing.
    #[error(
        "the file found at offset {offset} (0x{offset:x}) could not be read a second time at offset {at} (0x{at:x})"
    )]
    Changed {
        /// Where the file begins on the medium, in bytes.
        offset: u64,
        /// Where reading failed, in bytes.
        at: u64,
    },
    /// Threads could not be started, or a record could not be encoded.
    #[error("{0}")]
    Internal(String),
}

impl CarveError {
    /// The class for callers.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Usage(_) => Class::Usage,
            Self::Interrupted { .. } => Class::Interrupted,
            Self::Source(_) | Self::Changed { .. } | Self::Internal(_) => Class::Io,
            Self::Store(error) => error.class,
        }
    }
}
