//! What really is on a forged disk, for comparing with what somebody found.

use exhibit_evidence::ByteRange;
use serde::{Deserialize, Serialize};

/// Value of [`Truth::format`].
pub const FORMAT: &str = "exhibit-truth/1";

/// Everything that was put on the disk, except noise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// Always [`FORMAT`].
    pub format: String,
    /// The seed of the recipe.
    pub seed: u64,
    /// Size of the disk in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the disk.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// The one file system.
    pub file_system: FileSystem,
    /// What lies on it, in order of the first byte. An embedded object or bait may share its first byte's place.
    pub objects: Vec<Object>,
}

/// The file system's measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSystem {
    /// `FAT16` or `FAT32`.
    #[serde(rename = "type")]
    pub kind: String,
    /// First byte of the partition on the disk.
    pub offset: u64,
    /// Length of the partition in bytes.
    pub length: u64,
    /// Volume label.
    pub label: String,
    /// Volume serial number, eight hexadecimal digits.
    pub serial: String,
    /// Sector size in bytes.
    pub sector_bytes: u32,
    /// Cluster size in bytes.
    pub cluster_bytes: u32,
    /// Offset on the disk of the first cluster (number 2), in bytes.
    pub first_cluster_offset: u64,
    /// Number of clusters.
    pub clusters: u64,
}

/// One file, or something that is part of a file or looks like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Unique on the disk, for example `jpeg-003`; parts are `zip-001/1`.
    pub id: String,
    /// Path on the disk with `/`; `None` if no directory knows it (lost, embedded, bait).
    pub name: Option<String>,
    /// Kind of file: `jpeg`, `png`, `gif`, `pdf`, `zip`, `docx`, `odt`, `sqlite`, `text`, `data`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// MD5 of its bytes.
    pub md5: String,
    /// What the file system says about it, or about the file it is part of.
    pub state: State,
    /// How it lies on the disk.
    pub layout: Layout,
    /// Its bytes on the disk, in order of the file.
    pub extents: Vec<ByteRange>,
    /// Whether a carver that reads from front to back, and does not put fragments together, can deliver exactly these
    /// bytes as a file: the type tells its own start and end, and they lie in one piece. Never true for what is
    /// embedded (a carver that takes the outer file whole has it already) and for bait.
    pub recoverable_by_carving: bool,
    /// What is special about it; may be empty.
    pub note: String,
}

/// What the file system says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is there.
    Live,
    /// Its directory entry is marked deleted, its clusters are free, its bytes are still there.
    Deleted,
    /// No directory entry; its clusters are free, its bytes are still there.
    Lost,
}

/// How an object lies on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// In one piece.
    Contiguous,
    /// In several pieces.
    Fragmented,
    /// Inside another object.
    Embedded,
    /// Not a file at all: only bytes that look like the start (or end) of one.
    Bait,
}

impl Truth {
    /// Readable JSON with a line feed at the end. It is the same for the same disk.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Plain structs of texts and numbers: there is nothing in them that could fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
