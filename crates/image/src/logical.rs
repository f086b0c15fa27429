//! Files inside a logical image: an L01, an Lx01, an AFF4-L.

use exhibit_evidence::{DigestSet, Name};

/// A file or folder as a logical image lists it.
#[derive(Debug, Clone)]
pub struct LogicalEntry {
    /// Path from the top of the image, parts separated by `/`, exactly as stored.
    pub path: Name,
    /// Whether it is a folder.
    pub folder: bool,
    /// Size in bytes; 0 for a folder.
    pub size_bytes: u64,
    /// Digests that the image stores of it.
    pub stored: DigestSet,
    /// Times and other attributes, as written: key and value.
    pub attributes: Vec<(&'static str, String)>,
}
