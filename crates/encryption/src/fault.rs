//! What can be wrong with a key and with a file.

use exhibit_evidence::ReadFault;

/// Why a text is no key, or a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyFault(pub(crate) String);

impl KeyFault {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Why a file does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// None of the identities fits; the kinds of keys that would.
    #[error("no identity that was given opens it; it is encrypted to keys of the kinds {0}")]
    NotForThese(String),
    /// The header contradicts the format, or was changed.
    #[error("its header is damaged, at byte {at}: {text}")]
    Header {
        /// Where in the file.
        at: usize,
        /// What is wrong.
        text: String,
    },
    /// The header opened, and is not the one that was written.
    #[error("its header was changed: its authentication code does not match")]
    Changed,
    /// The content contradicts the format, was changed, or was cut.
    #[error("its content was changed or cut: {0}")]
    Payload(String),
    /// It could not be read.
    #[error("it could not be read: {0}")]
    Read(ReadFault),
}

impl OpenFault {
    /// Whether the bytes are wrong, and not only the identities, or their reading.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Header { .. } | Self::Changed | Self::Payload(_))
    }
}
