//! The structures of `exhibit/manifest.json`, as `docs/spec/manifest.md` describes them.
//!
//! The file is one object in the canonical form of RFC 8785. Sizes are JSON numbers and at most [`NUMBER_MAX`]. A fact that
//! is not known is `null`, never left out; only `handling` is left out where there is no mark.

use exhibit_evidence::{DigestSet, Name, acquisition::Acquisition};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Value of [`Manifest::format`].
pub const FORMAT: &str = "exhibit-manifest/1";

/// The largest number in a manifest, 2^53 - 1: beyond it JSON readers disagree about integers.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// When the package was made: RFC 3339, UTC.
    pub created: String,
    /// Tool and version that made it, for example `exhibit 0.1.0`.
    pub tool: String,
    /// The case.
    pub case: Case,
    /// Under which authority the evidence was taken (warrant, consent, order): text or an object, `null` if not given.
    pub authority: Value,
    /// What the authority covers: text or an object, `null` if not given.
    pub scope: Value,
    /// Marks of handling that held when the package was made (`TLP:AMBER`); left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<String>,
    /// The items, in the order of the case.
    pub items: Vec<Item>,
    /// The custody log that travels in the package.
    pub custody: Custody,
    /// What is *not* in this package, and what it cannot show: one sentence each.
    pub limits: Vec<String>,
}

/// The case, as the examiner named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Case number.
    pub number: String,
    /// Title in plain words.
    pub title: String,
    /// Who is responsible for the examination.
    pub examiner: String,
    /// The office the examiner works for.
    pub agency: String,
    /// When the case was begun: RFC 3339, UTC.
    pub created: String,
}

/// One item of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Item number, exactly as the case has it.
    pub id: String,
    /// The medium the files stand for; `null` if the item is a collection of files without one.
    pub medium: Option<Medium>,
    /// The files, in the order of the plan: segments of an image are in the image's order.
    pub files: Vec<File>,
}

/// What was imaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Medium {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Digests of the medium, gaps as filled. Not digests of the image files, unless the image is raw.
    pub digests: DigestSet,
    /// Root of the hash tree, lower-case hexadecimal; `null` if none was made.
    pub tree_root: Option<String>,
    /// What of it could not be read.
    pub gaps: Gaps,
}

/// How much of a medium could not be read. The ranges are in the acquisition record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gaps {
    /// Number of ranges.
    pub count: u64,
    /// Bytes in all of them together.
    pub bytes: u64,
}

/// One payload file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Path in the bag; safe ASCII.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// The name it has in the case, exactly.
    pub original_name: Name,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// What a payload file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A segment of an image.
    ImageSegment,
    /// The acquisition record of an image.
    AcquisitionRecord,
    /// The stored nodes of an image's hash tree.
    HashTree,
    /// Bytes cut out of a medium, proven by `exhibit/disclosure.json`.
    MediumRange,
    /// Made from an image: a carved file, a list of them.
    Derived,
    /// Anything else.
    Other,
}

/// The state of the custody log when the package was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// Number of records.
    pub records: u64,
    /// Root of the tree over them, lower-case hexadecimal; `null` if there is no log.
    pub head_root: Option<String>,
}

impl From<&Acquisition> for Medium {
    fn from(record: &Acquisition) -> Self {
        let bytes = record.gaps.iter().fold(0_u64, |sum, gap| sum.saturating_add(gap.length));
        Self {
            size_bytes: record.size_bytes,
            digests: record.digests.clone(),
            tree_root: Some(record.tree.root.clone()),
            gaps: Gaps { count: record.gaps.len() as u64, bytes },
        }
    }
}
