//! What was found.

use exhibit_evidence::ByteRange;
use serde::Serialize;

use crate::verdict::{Class, FileType};

/// One recovered file, or the recognisable beginning of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub file_type: FileType,
    /// Where its bytes lie on the medium, in the order of the file.
    pub extents: Vec<ByteRange>,
    /// How well it is known.
    pub class: Class,
    /// What was checked, in plain words.
    pub reasons: Vec<String>,
    /// Path of the file that contains it, if it lies in one.
    pub parent: Option<String>,
    /// Whether its bytes are to be written.
    pub written: bool,
}

impl Object {
    /// Where it begins on the medium, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.extents.first().map_or(0, |extent| extent.offset)
    }

    /// Its length in bytes; of a broken file the length of what is good.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.extents.iter().fold(0, |sum, extent| sum.saturating_add(extent.length))
    }

    /// The name it is written under: type, offset as 12 hexadecimal digits, extension.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{:012x}.{}", self.file_type.id, self.offset(), self.file_type.extension)
    }
}

/// A line of `carved.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The file written, `null` if it is only listed.
    pub path: Option<String>,
    /// Type id.
    #[serde(rename = "type")]
    pub file_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of these bytes, lower-case hexadecimal.
    pub sha256: String,
    /// MD5 of these bytes, lower-case hexadecimal.
    pub md5: String,
    /// Where the bytes lie on the medium.
    pub extents: Vec<ByteRange>,
    /// How well the file is known.
    pub class: Class,
    /// What was checked.
    pub reasons: Vec<String>,
    /// Path of the file it lies in.
    pub parent: Option<String>,
}
