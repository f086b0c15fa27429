//! The acquisition record, `<base>.acquisition.json`: all that was found out and done while imaging one source.
//!
//! Defined here so that the writer (`acquire`), the checker (`verify`) and the reporters share words, and nothing else.
//! Sizes and offsets are JSON numbers; a medium is far smaller than 2^53 bytes (8 PiB).

use serde::{Deserialize, Serialize};

use crate::{DigestSet, Gap, Identity};

/// Value of [`Acquisition::format`].
pub const FORMAT: &str = "exhibit-acquisition/1";

/// The record as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acquisition {
    /// Always [`FORMAT`].
    pub format: String,
    /// Tool and version, for example `exhibit 0.1.0`.
    pub tool: String,
    /// Where it ran.
    pub host: Host,
    /// What was read.
    pub source: Identity,
    /// What was intended before the first byte was read.
    pub plan: Plan,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC.
    pub finished: String,
    /// Size of the medium in bytes; the image holds exactly these (E01: padded with zeros to a whole sector).
    pub size_bytes: u64,
    /// The same in sectors of the plan's sector size, rounded up.
    pub size_sectors: u64,
    /// Digests of the medium: of `size_bytes` bytes, gaps as filled.
    pub digests: DigestSet,
    /// Digests of what the container stores, where that is padded and so differs from `digests`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stored_digests: Option<DigestSet>,
    /// The hash tree of the medium.
    pub tree: Tree,
    /// What could not be read, in order.
    pub gaps: Vec<Gap>,
    /// The files of the image, in order.
    pub segments: Vec<SegmentFile>,
    /// The result of reading the image back; `None` if that was not done.
    pub read_back: Option<ReadBack>,
    /// Every time an unfinished acquisition was gone on with, in order; left out if it never was.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub resumed: Vec<Resumption>,
    /// The second place everything was written to; left out if there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy: Option<SecondCopy>,
    /// What reading the source a second time showed; left out if that was not done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_again: Option<SourceAgain>,
}

/// An unfinished acquisition was gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// Bytes of the medium that had been written before, and were read again and found to be what was sealed.
    pub at_bytes: u64,
    /// RFC 3339, UTC.
    pub time: String,
}

/// A second place that the image was written to at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondCopy {
    /// Where, as it was given.
    pub place: String,
    /// Whether it was complete, and checked like the first, when this record was written.
    pub complete: bool,
    /// Why not.
    pub problem: Option<String>,
}

/// What reading the source a second time, after the image was written, showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceAgain {
    /// Whether everything that was read the first time was read again and was the same. Gaps were not tried again.
    pub matches: bool,
    /// RFC 3339, UTC.
    pub finished: String,
    /// Digests of the second reading, gaps as filled; `None` if not everything could be read again.
    pub digests: Option<DigestSet>,
    /// Root of its hash tree.
    pub tree_root: Option<String>,
    /// What differs or could not be read, and where.
    pub problem: Option<String>,
}

/// The machine that did the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Host name, if the platform tells.
    pub name: Option<String>,
    /// Operating system and architecture.
    pub system: String,
    /// Kernel version, if the platform tells.
    pub kernel: Option<String>,
}

/// What was intended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Image format: `raw` or `e01`.
    pub format: String,
    /// Digest algorithms, besides the hash tree.
    pub hashes: Vec<String>,
    /// `none`, `fast` or `best`.
    pub compression: String,
    /// Upper bound of a segment file in bytes; `None` for one file.
    pub segment_size_bytes: Option<u64>,
    /// Sector size used for counting and for isolating read errors, in bytes.
    pub sector_bytes: u32,
    /// What is done about read errors, in words and numbers.
    pub errors: String,
    /// Retries of each failing sector.
    pub retries: u32,
    /// Whether the image is read back after writing.
    pub read_back: bool,
    /// Description given by the examiner.
    pub description: Option<String>,
    /// Case number, if given.
    pub case_number: Option<String>,
    /// Evidence (item) number, if given.
    pub evidence_number: Option<String>,
    /// Examiner, if given.
    pub examiner: Option<String>,
    /// Notes, if given.
    pub notes: Option<String>,
}

/// The stored part of the hash tree (see `docs/spec/hash-tree.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// File beside the record.
    pub file: String,
    /// SHA-256 root, lower-case hexadecimal.
    pub root: String,
    /// Leaf size in bytes.
    pub leaf_bytes: u64,
    /// Bytes of medium covered by one stored node.
    pub node_bytes: u64,
}

/// One file of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFile {
    /// File name, without folder.
    pub name: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// What reading the image back showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadBack {
    /// Whether everything read back equals what was read from the source.
    pub matches: bool,
    /// RFC 3339, UTC.
    pub finished: String,
    /// Digests of the medium as read back.
    pub digests: DigestSet,
    /// Root of the hash tree as read back.
    pub tree_root: String,
}
