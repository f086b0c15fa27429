//! The structures of `exhibit/disclosure.json`, as `docs/spec/disclosure.md` describes them: what of a sealed package is
//! shown, what is withheld and why, and what proves both.
//!
//! These are definitions: the writer and the checker compute leaves, salts and roots each with code of their own.

use exhibit_evidence::Name;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::Role;

/// Value of [`Disclosure::format`].
pub const FORMAT: &str = "exhibit-disclosure/1";

/// First part of the origin line of the checkpoint over a list; the escaped case number follows, as in the custody log.
pub const ORIGIN_PREFIX: &str = "exhibit-list/";

/// Name of the folder, within an item's folder, of ranges cut out of its medium.
pub const RANGES: &str = "ranges";

/// Most entries of a list: as many as there may be members in a package.
pub const ENTRIES_MAX: u64 = 1_000_000;

/// Classes of size: the largest size in bytes that belongs to the class, and its name. What is larger than all of them is
/// [`LARGEST_CLASS`]. They are coarse, so that a class says no more than whether something is a note, a picture or a film.
pub const SIZE_CLASSES: [(u64, &str); 7] = [
    (0, "empty"),
    (4 << 10, "4KiB"),
    (64 << 10, "64KiB"),
    (1 << 20, "1MiB"),
    (16 << 20, "16MiB"),
    (256 << 20, "256MiB"),
    (4 << 30, "4GiB"),
];

/// The class of everything larger than [`SIZE_CLASSES`] tell.
pub const LARGEST_CLASS: &str = "larger";

/// The class of a size in bytes.
#[must_use]
pub fn size_class(size: u64) -> &'static str {
    SIZE_CLASSES.iter().find(|(most, _)| size <= *most).map_or(LARGEST_CLASS, |(_, name)| name)
}

/// What is shown and what is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Always [`FORMAT`].
    pub format: String,
    /// The signed note over the whole list, exactly as it was made when the package was sealed.
    pub checkpoint: String,
    /// For each file shown, in the order of the list: its number, from 0, among the files of all items of the manifest. Files
    /// cut out as ranges stand in [`Disclosure::ranges`] only.
    pub files: Vec<u64>,
    /// Media shown, by what the list says of them.
    pub media: Vec<ShownMedium>,
    /// Seeds from which the salts of exactly the entries shown follow.
    pub seeds: Vec<Seed>,
    /// Entries withheld, in the order of the list.
    pub withheld: Vec<Withheld>,
    /// Why entries are withheld, and on whose authority.
    pub grounds: Vec<Ground>,
    /// Ranges of media, each with its proof.
    pub ranges: Vec<Range>,
    /// The part of the custody log that is shown; `null` if the whole log is in the package.
    pub log: Option<LogPart>,
}

/// An entry of the list: what is known of a file or a medium. Its canonical form is what is salted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Entry {
    /// A file of an item.
    File {
        /// Name in the case.
        name: Name,
        /// What it is.
        role: Role,
        /// Lower-case hexadecimal.
        sha256: String,
        /// In bytes.
        size: u64,
    },
    /// The medium of an item.
    Medium {
        /// In bytes.
        size_bytes: u64,
        /// Root of its hash tree, lower-case hexadecimal.
        tree_root: String,
    },
}

impl Entry {
    /// Size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Medium { size_bytes, .. } => *size_bytes,
        }
    }
}

/// What a leaf of the list is made of: this part is told also of what is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Item number.
    pub item: String,
    /// SHA-256 of salt and canonical entry, lower-case hexadecimal.
    pub sealed: String,
    /// See [`size_class`].
    pub size_class: String,
}

/// A medium that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownMedium {
    /// Its place in the list, from 0.
    pub index: u64,
    /// Item number.
    pub item: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Root of its hash tree, lower-case hexadecimal.
    pub tree_root: String,
}

/// A node of the tree of salts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Steps from the top.
    pub depth: u32,
    /// Number in that depth, from 0 at the left.
    pub index: u64,
    /// 32 bytes, lower-case hexadecimal.
    pub seed: String,
}

/// An entry that is withheld. Place, item and class of size are part of what was signed when the package was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// Its place in the list, from 0.
    pub index: u64,
    /// Item number.
    pub item: String,
    /// SHA-256 of salt and canonical entry, lower-case hexadecimal.
    pub sealed: String,
    /// See [`size_class`].
    pub size_class: String,
    /// Number of the ground in [`Disclosure::grounds`].
    pub ground: u64,
}

/// Why something is withheld.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// In words.
    pub reason: String,
    /// On whose authority.
    pub authority: String,
}

/// A range of a medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Number of the medium in [`Disclosure::media`].
    pub medium: u64,
    /// First byte in the medium; a multiple of 4096.
    pub offset: u64,
    /// In bytes; ends at a multiple of 4096 or with the medium.
    pub length: u64,
    /// Where its bytes lie in the bag.
    pub path: String,
    /// Values of the subtrees outside of the range, from left to right, lower-case hexadecimal.
    pub proof: Vec<String>,
}

/// A part of a custody log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPart {
    /// The log's own signed checkpoint.
    pub checkpoint: String,
    /// Records that are shown, in order, each the exact line without its line feed.
    pub shown: Vec<String>,
    /// Records that are withheld, in order: they name what is withheld.
    pub withheld: Vec<WithheldRecord>,
}

/// A record that is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldRecord {
    /// Its number.
    pub seq: u64,
    /// Its leaf in the log's tree, lower-case hexadecimal.
    pub leaf: String,
}

/// Value of [`SealedList::format`].
pub const SEALED_FORMAT: &str = "exhibit-sealed-list/1";

/// What stays in the case when a package is sealed, so that parts can be disclosed later. It tells every salt: whoever has it
/// can open what is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedList {
    /// Always [`SEALED_FORMAT`].
    pub format: String,
    /// Name of the package's file.
    pub archive: String,
    /// When it was sealed: RFC 3339, UTC.
    pub created: String,
    /// The signed note over the list.
    pub checkpoint: String,
    /// The seed of all salts, 32 bytes in lower-case hexadecimal.
    pub seed: String,
    /// The list, in its order.
    pub entries: Vec<ListEntry>,
}

/// An entry with the item it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntry {
    /// Item number.
    pub item: String,
    /// What is known of it.
    pub entry: Entry,
}

/// Who receives a package, as it stands inside of it in `exhibit/recipients.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// Always [`RECIPIENTS_FORMAT`].
    pub format: String,
    /// In words, as the sender named them; `null` if not given.
    pub name: Value,
    /// Public keys it was encrypted to, as given: `age1…`, or an OpenSSH public key without its comment.
    pub keys: Vec<String>,
}

/// Value of [`Recipients::format`].
pub const RECIPIENTS_FORMAT: &str = "exhibit-recipients/1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_one_class_and_classes_grow() {
        assert_eq!(size_class(0), "empty");
        for (most, name) in SIZE_CLASSES {
            assert_eq!(size_class(most), name);
            assert_ne!(size_class(most + 1), name);
        }
        assert_eq!(size_class(u64::MAX), LARGEST_CLASS);
    }
}
