//! The header as the format's document has it. All integers are big-endian; sizes in bytes.

use crate::fields::{be32, be64};

/// `QFI` and 0xfb.
pub(super) const MAGIC: &[u8; 4] = b"QFI\xfb";
/// Header of version 2; version 3 has at least 104.
pub(super) const HEADER_BYTES: usize = 72;
/// Header of version 3 up to, and with, the header length.
const HEADER_BYTES_V3: usize = 104;
/// Longest name of a backing file.
pub(super) const BACKING_NAME_MAX: u32 = 1023;
/// Cluster sizes that are accepted, as powers of two: 512 bytes to 2 MiB, as in QEMU.
pub(super) const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;
/// Bits 9 to 55: an offset in an L1 or L2 entry.
pub(super) const OFFSET_MASK: u64 = 0x00ff_ffff_ffff_fe00;
/// L2 entry: the cluster is packed.
pub(super) const COMPRESSED: u64 = 1 << 62;
/// L2 entry of version 3: the cluster reads as zeros.
pub(super) const ZERO: u64 = 1;
/// Subclusters of a cluster in images with extended L2 entries.
pub(super) const SUBCLUSTERS: u64 = 32;

/// Incompatible features.
pub(super) const DIRTY: u64 = 1;
pub(super) const CORRUPT: u64 = 1 << 1;
pub(super) const EXTERNAL_DATA: u64 = 1 << 2;
pub(super) const COMPRESSION_TYPE: u64 = 1 << 3;
pub(super) const EXTENDED_L2: u64 = 1 << 4;
/// All that are understood, refused ones included.
pub(super) const FEATURES_KNOWN: u64 = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;

/// Header extension: name of the backing file's format.
pub(super) const EXTENSION_BACKING_FORMAT: u32 = 0xe279_2aca;
/// Header extensions are looked at up to here: they lie in the first cluster.
pub(super) const EXTENSIONS_BYTES_MAX: u64 = 64 << 10;

/// How clusters are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// A deflate stream without a header (RFC 1951).
    Deflate,
    /// A zstd frame (RFC 8878).
    Zstd,
}

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) backing_file_offset: u64,
    pub(super) backing_file_size: u32,
    pub(super) cluster_bits: u32,
    pub(super) size: u64,
    pub(super) crypt_method: u32,
    pub(super) l1_size: u32,
    pub(super) l1_table_offset: u64,
    pub(super) nb_snapshots: u32,
    pub(super) snapshots_offset: u64,
    pub(super) incompatible_features: u64,
    pub(super) header_length: u32,
    pub(super) compression_type: u8,
}

impl Header {
    /// Decodes `bytes`, the first of the file.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let version = be32(bytes, 4);
        let third = version >= 3;
        let header_length = if third { be32(bytes, 100) } else { HEADER_BYTES as u32 };
        let has_type = third && header_length > HEADER_BYTES_V3 as u32;
        Self {
            version,
            backing_file_offset: be64(bytes, 8),
            backing_file_size: be32(bytes, 16),
            cluster_bits: be32(bytes, 20),
            size: be64(bytes, 24),
            crypt_method: be32(bytes, 32),
            l1_size: be32(bytes, 36),
            l1_table_offset: be64(bytes, 40),
            nb_snapshots: be32(bytes, 60),
            snapshots_offset: be64(bytes, 64),
            incompatible_features: if third { be64(bytes, 72) } else { 0 },
            header_length,
            compression_type: if has_type { bytes.get(104).copied().unwrap_or(0) } else { 0 },
        }
    }

    pub(super) const fn has(&self, feature: u64) -> bool {
        self.incompatible_features & feature != 0
    }

    /// Bytes in a cluster.
    pub(super) fn cluster_bytes(&self) -> u64 {
        1_u64.checked_shl(self.cluster_bits).unwrap_or(u64::MAX)
    }

    /// Bytes in an L2 entry.
    pub(super) const fn entry_bytes(&self) -> u64 {
        if self.has(EXTENDED_L2) { 16 } else { 8 }
    }

    /// Bytes of medium under one L2 table.
    pub(super) fn table_covers(&self) -> u64 {
        (self.cluster_bytes() / self.entry_bytes()).saturating_mul(self.cluster_bytes())
    }
}
