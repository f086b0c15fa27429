//! The header as VirtualBox's source has it. All integers are little-endian; sizes in bytes.

use crate::fields::{array, le32, le64};

/// At offset 64.
pub(super) const MAGIC: u32 = 0xbeda_107f;
/// The only version since VirtualBox 1.0: 1.1.
pub(super) const VERSION: u32 = 0x0001_0001;
/// Text, magic, version and the header up to its last identifier.
pub(super) const HEADER_BYTES: usize = 456;
/// Block map: the block is not in the file.
pub(super) const UNALLOCATED: u32 = 0xffff_ffff;
/// Block map: the block is zero.
pub(super) const ZERO: u32 = 0xffff_fffe;
/// Largest block that is accepted, in bytes: 256 MiB. VirtualBox writes 1 MiB.
pub(super) const BLOCK_BYTES_MAX: u64 = 256 << 20;

pub(super) const DYNAMIC: u32 = 1;
pub(super) const FIXED: u32 = 2;
pub(super) const UNDO: u32 = 3;
pub(super) const DIFFERENCING: u32 = 4;

/// The header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) magic: u32,
    pub(super) version: u32,
    pub(super) kind: u32,
    pub(super) comment: String,
    pub(super) blocks_offset: u32,
    pub(super) data_offset: u32,
    pub(super) disk_bytes: u64,
    pub(super) block_bytes: u32,
    pub(super) block_extra_bytes: u32,
    pub(super) blocks: u32,
    pub(super) blocks_allocated: u32,
    pub(super) image_uuid: [u8; 16],
    pub(super) modification_uuid: [u8; 16],
    pub(super) parent_uuid: [u8; 16],
    pub(super) parent_modification_uuid: [u8; 16],
}

impl Header {
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let comment = bytes.get(84..340).unwrap_or_default();
        let comment = comment.split(|&byte| byte == 0).next().unwrap_or_default();
        Self {
            magic: le32(bytes, 64),
            version: le32(bytes, 68),
            kind: le32(bytes, 76),
            comment: String::from_utf8_lossy(comment).into_owned(),
            blocks_offset: le32(bytes, 340),
            data_offset: le32(bytes, 344),
            disk_bytes: le64(bytes, 368),
            block_bytes: le32(bytes, 376),
            block_extra_bytes: le32(bytes, 380),
            blocks: le32(bytes, 384),
            blocks_allocated: le32(bytes, 388),
            image_uuid: array(bytes, 392),
            modification_uuid: array(bytes, 408),
            parent_uuid: array(bytes, 424),
            parent_modification_uuid: array(bytes, 440),
        }
    }

    pub(super) const fn has_parent(&self) -> bool {
        matches!(self.kind, UNDO | DIFFERENCING)
    }
}
