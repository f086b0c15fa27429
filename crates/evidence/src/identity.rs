//! What a source says it is.

use serde::{Deserialize, Serialize};

use crate::{Drive, layout::Layout};

/// How the source is protected against writing, as far as this machine can tell.
///
/// A read-only flag of the operating system is not a hardware write blocker, and is not called one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum WriteBlock {
    /// A regular file: opened read-only, and nobody else is told to keep away.
    File,
    /// A block device that the kernel refuses to write.
    KernelReadOnly,
    /// A block device that could be written; the examiner said why that is acceptable.
    None {
        /// The examiner's words.
        reason: String,
    },
    /// The platform does not tell.
    Unknown,
}

/// Identity of a source. `None` means that the platform could not tell; it is written as `null`, never left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The path that was opened, escaped where it is not UTF-8.
    pub path: String,
    /// `block-device` or `file`.
    pub kind: String,
    /// `ata`, `usb`, `nvme`, `mmc`, `virtio`, `loop`, `file`, …
    pub bus: Option<String>,
    /// Vendor as the device reports it.
    pub vendor: Option<String>,
    /// Model as the device reports it.
    pub model: Option<String>,
    /// Serial number as the device reports it.
    pub serial: Option<String>,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Logical sector size in bytes.
    pub logical_sector_bytes: Option<u32>,
    /// Physical sector size in bytes.
    pub physical_sector_bytes: Option<u32>,
    /// Whether the kernel treats it as read-only.
    pub read_only: Option<bool>,
    /// Where it, or a partition of it, is mounted; empty if nowhere.
    pub mounted_at: Vec<String>,
    /// For a loop device, the file behind it.
    pub backing_file: Option<String>,
    /// Sectors hidden from the operating system (HPA, DCO, AMA), if every way of hiding some was looked at; `None` if one
    /// could not be, which is not the same as none. [`Identity::drive`] has the particulars.
    pub hidden_sectors: Option<u64>,
    /// What the drive itself answered; `None` for files, and in records of versions that did not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drive: Option<Drive>,
    /// What the medium says it contains; `None` if that was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// How it is protected against writing.
    pub write_block: WriteBlock,
}
