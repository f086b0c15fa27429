//! What a medium says it contains: its partition table, and what each part begins with. A summary, not an inventory.

use serde::{Deserialize, Serialize};

/// Partition table and recognised contents of a medium.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `gpt`, `mbr`, `apm`; `None` if no table was recognised.
    pub table: Option<String>,
    /// Sector size in bytes in which the table counts; `None` without a table.
    pub table_sector_bytes: Option<u32>,
    /// The medium itself if it has no table, else its partitions in the order of the table.
    pub volumes: Vec<Volume>,
    /// What is wrong or worth knowing: bad checksums, parts that could not be read, limits reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// A partition, or a medium without partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Number in the table, counted from 1; 0 is the medium itself.
    pub number: u32,
    /// Where it begins, in bytes from the beginning of the medium.
    pub offset_bytes: u64,
    /// Its size in bytes, as the table says; it may reach beyond the end of the medium.
    pub size_bytes: u64,
    /// What the table calls it: a type in words, with its code.
    pub declared: Option<String>,
    /// Its name in the table (GPT, APM).
    pub name: Option<String>,
    /// What was recognised in it, strongest first. More than one means that old contents shine through, or that one
    /// thing contains another.
    pub contents: Vec<Contents>,
    /// Set if nothing was recognised: `empty` (what was looked at is zeros), `random` (it has no structure: encrypted
    /// without a header, compressed, or wiped with random bytes), `unknown`, or `unread`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecognised: Option<String>,
}

/// Something recognised by its own structures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Lower-case id: `ntfs`, `ext4`, `luks2`, `bitlocker`, …
    pub kind: String,
    /// Its name for people.
    pub title: String,
    /// Label, as stored; evidence chose its characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Identifier, in the usual writing of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Whether and how it is encrypted; `None` if its structures do not speak of encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
}

/// Encryption that was seen. What leaves no trace (VeraCrypt, plain dm-crypt) cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// What is known: `encrypted`, `partly` (some files or volumes), or `not-determinable`.
    pub state: EncryptionState,
    /// Which scheme, and what its header tells: cipher, key slots, protectors.
    pub detail: String,
}

/// How much of a volume is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionState {
    /// Its contents are.
    Encrypted,
    /// Some files or some of its volumes are, or may be.
    Partly,
    /// It could be; the structure that would tell was not found or is damaged.
    NotDeterminable,
}

impl Layout {
    /// Everything in which encryption was seen: the volume and what was seen there.
    pub fn encrypted(&self) -> impl Iterator<Item = (&Volume, &Contents, &Encryption)> {
        self.volumes.iter().flat_map(|volume| {
            volume
                .contents
                .iter()
                .filter_map(move |contents| contents.encryption.as_ref().map(|seen| (volume, contents, seen)))
        })
    }
}
