//! The header of a sparse extent as the format's document has it. Integers are little-endian; offsets and sizes in sectors of
//! 512 bytes.

use crate::fields::{array, le16, le32, le64};

/// Signature of sparse extents.
pub(super) const SPARSE: &[u8; 4] = b"KDMV";
/// Signature of the extents of ESX Server's snapshots.
pub(super) const COWD: &[u8; 4] = b"COWD";
/// Signature and version of the space-efficient extents of ESXi.
pub(super) const SESPARSE: &[u8; 16] = &[0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0];

pub(super) const SECTOR_BYTES: u64 = 512;
/// The header in bytes.
pub(super) const HEADER_BYTES: usize = 512;
/// What `gd_offset` is when the directory is named by the footer.
pub(super) const AT_END: u64 = u64::MAX;
/// The footer is a second header, so many bytes before the end: an end-of-stream marker of one sector follows it.
pub(super) const FOOTER_FROM_END: u64 = 1024;
/// Largest grain in bytes: see [`crate::layered::UNIT_BYTES_MAX`]. Everybody writes 64 KiB.
pub(super) const GRAIN_BYTES_MAX: u64 = crate::layered::UNIT_BYTES_MAX;
/// Most entries of a grain table; everybody writes 512.
pub(super) const TABLE_ENTRIES_MAX: u32 = 1 << 16;
/// Before a packed grain: its sector, u64, and the length of its stream, u32.
pub(super) const GRAIN_HEADER_BYTES: u64 = 12;

const FLAG_NEWLINES: u32 = 1;
const FLAG_REDUNDANT: u32 = 1 << 1;
const FLAG_ZERO_GRAINS: u32 = 1 << 2;
const FLAG_COMPRESSED: u32 = 1 << 16;
const FLAG_MARKERS: u32 = 1 << 17;

/// What follows a grain table entry of 1 in disks with zeroed grains.
pub(super) const ZERO_GRAIN: u32 = 1;

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: u32,
    flags: u32,
    pub(super) capacity: u64,
    pub(super) grain_size: u64,
    pub(super) descriptor_offset: u64,
    pub(super) descriptor_size: u64,
    pub(super) entries_per_table: u32,
    pub(super) redundant_gd_offset: u64,
    pub(super) gd_offset: u64,
    pub(super) unclean_shutdown: bool,
    newlines: [u8; 4],
    pub(super) compress_algorithm: u16,
}

impl Header {
    /// Decodes a header; `None` without the signature.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.starts_with(SPARSE).then(|| Self {
            version: le32(bytes, 4),
            flags: le32(bytes, 8),
            capacity: le64(bytes, 12),
            grain_size: le64(bytes, 20),
            descriptor_offset: le64(bytes, 28),
            descriptor_size: le64(bytes, 36),
            entries_per_table: le32(bytes, 44),
            redundant_gd_offset: le64(bytes, 48),
            gd_offset: le64(bytes, 56),
            unclean_shutdown: bytes.get(72).is_some_and(|&byte| byte != 0),
            newlines: array(bytes, 73),
            compress_algorithm: le16(bytes, 77),
        })
    }

    pub(super) const fn has_redundant_tables(&self) -> bool {
        self.flags & FLAG_REDUNDANT != 0
    }

    pub(super) const fn has_zero_grains(&self) -> bool {
        self.flags & FLAG_ZERO_GRAINS != 0
    }

    pub(super) const fn is_compressed(&self) -> bool {
        self.flags & FLAG_COMPRESSED != 0
    }

    pub(super) const fn has_markers(&self) -> bool {
        self.flags & FLAG_MARKERS != 0
    }

    /// A transfer as text would have changed these four bytes.
    pub(super) fn newlines_are_intact(&self) -> bool {
        self.flags & FLAG_NEWLINES == 0 || self.newlines == *b"\n \r\n"
    }
}
