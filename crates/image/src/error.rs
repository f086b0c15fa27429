//! Why an image could not be opened or written.

use exhibit_evidence::{Class, StoreError};

/// Trouble with an image. Callers act on [`ImageError::class`]; people read the text.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The bytes contradict the format so much that there is no image.
    #[error("{part}, {structure} at offset {offset} (0x{offset:x}): {text}")]
    Corrupt {
        /// Segment file.
        part: String,
        /// Structure, by the name in the format's document.
        structure: &'static str,
        /// Position in the segment file in bytes.
        offset: u64,
        /// Expected and found.
        text: String,
    },
    /// A known variant that this version does not handle.
    #[error("{0}")]
    Unsupported(String),
    /// The format has no place for what was asked, or a limit of ours was reached.
    #[error("{0}")]
    Limit(String),
    /// The container could not be read.
    #[error("{part}: {fault}")]
    Read {
        /// Segment file.
        part: String,
        /// Where and why.
        fault: exhibit_evidence::ReadFault,
    },
    /// The image could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The caller broke a rule of the writer, for example wrote more than announced.
    #[error("{0}")]
    Usage(String),
    /// A fault of this program.
    #[error("{0}")]
    Internal(&'static str),
}

impl ImageError {
    /// The class for callers.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Corrupt { .. } => Class::Corrupt,
            Self::Unsupported(_) => Class::Unsupported,
            Self::Limit(_) => Class::Limit,
            Self::Read { .. } | Self::Store(_) => Class::Io,
            Self::Usage(_) => Class::Usage,
            Self::Internal(_) => Class::Io,
        }
    }
}
