//! The structures of `<package>.parts.json`: the parts of a package that was cut into pieces, and what they make together.
//! `docs/spec/parts.md` describes them.

use serde::{Deserialize, Serialize};

/// Value of [`PartsManifest::format`].
pub const FORMAT: &str = "exhibit-parts/1";

/// SSHSIG namespace of the signature over the file.
pub const SIGNATURE_NAMESPACE: &str = "exhibit-parts";

/// Ending of the file's name, behind the name of the package.
pub const ENDING: &str = ".parts.json";

/// Most parts: with names of usual length the file stays below 1 MiB, so that it can go ahead by post or telefax.
pub const PARTS_MAX: u64 = 5000;

/// Largest such file in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// A package in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartsManifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// When the parts were made: RFC 3339, UTC.
    pub created: String,
    /// Tool and version.
    pub tool: String,
    /// Case number.
    pub case: String,
    /// What the parts make when they are joined in order.
    pub archive: PartFile,
    /// Whether the archive is encrypted (age).
    pub encrypted: bool,
    /// Public keys it was encrypted to.
    pub recipients: Vec<String>,
    /// SHA-256 of `tagmanifest-sha256.txt` in the package, lower-case hexadecimal: stands for everything in it.
    pub tagmanifest_sha256: String,
    /// The parts, in order.
    pub parts: Vec<PartFile>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// Name without folder.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// The name of part `number`, counted from 1.
///
/// ```
/// assert_eq!(exhibit_package::parts::part_name("p.zip", 7), "p.zip.007");
/// ```
#[must_use]
pub fn part_name(archive: &str, number: u64) -> String {
    format!("{archive}.{number:03}")
}
