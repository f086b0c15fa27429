//! What could not be read.

use serde::{Deserialize, Serialize};

use crate::ByteRange;

/// A range of the medium that could not be read. It keeps its place and length in every image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// First unread byte of the medium.
    pub offset: u64,
    /// Number of unread bytes.
    pub length: u64,
    /// What the device said, for example `medium error (EIO)`.
    pub cause: String,
    /// How many more times the range was tried after the first failure.
    pub retries: u32,
    /// What stands in the image instead: `zero` in raw and E01, `UNREADABLEDATA` in AFF4.
    pub fill: String,
}

impl Gap {
    /// The range as a [`ByteRange`].
    #[must_use]
    pub const fn range(&self) -> ByteRange {
        ByteRange::new(self.offset, self.length)
    }

    /// What stands in its place, in words. The field comes from a record: an unknown value is not repeated.
    #[must_use]
    pub fn fill_in_words(&self) -> &'static str {
        match self.fill.as_str() {
            "zero" | "zeros" => "zeros",
            "UNREADABLEDATA" => "the text UNREADABLEDATA",
            _ => "something else",
        }
    }
}
