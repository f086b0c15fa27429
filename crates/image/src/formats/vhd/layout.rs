//! Footer and dynamic header as the format's document has them. All integers are big-endian; sizes in bytes.

use crate::fields::{array, be16, be32, be64};

/// Signature of the footer and of its copy.
pub(super) const COOKIE: &[u8; 8] = b"conectix";
/// Signature of the dynamic header.
pub(super) const DYNAMIC_COOKIE: &[u8; 8] = b"cxsparse";
/// The footer; images by Virtual PC before 2004 have 511.
pub(super) const FOOTER_BYTES: usize = 512;
/// The dynamic header.
pub(super) const DYNAMIC_BYTES: usize = 1024;
/// A sector, whatever the disk says: bitmaps and the block table count in these.
pub(super) const SECTOR_BYTES: u64 = 512;
/// Block table: the block is not in the file.
pub(super) const UNUSED: u32 = u32::MAX;
/// Largest block that is accepted, in bytes: 256 MiB. Everybody writes 2 MiB or 512 KiB.
pub(super) const BLOCK_BYTES_MAX: u64 = 256 << 20;
/// Largest name of a parent that is read out of a locator, in bytes.
pub(super) const LOCATOR_BYTES_MAX: u32 = 8192;

pub(super) const FIXED: u32 = 2;
pub(super) const DYNAMIC: u32 = 3;
pub(super) const DIFFERENCING: u32 = 4;

/// The footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) data_offset: u64,
    /// Seconds since 2000-01-01T00:00:00Z.
    pub(super) time_stamp: u32,
    pub(super) creator_application: [u8; 4],
    pub(super) creator_version: u32,
    pub(super) current_size: u64,
    pub(super) cylinders: u16,
    pub(super) heads: u8,
    pub(super) sectors_per_track: u8,
    pub(super) disk_type: u32,
    pub(super) checksum: u32,
    pub(super) computed: u32,
    pub(super) unique_id: [u8; 16],
    pub(super) saved_state: bool,
}

impl Footer {
    /// Decodes a footer; `None` without the signature. 511 bytes are enough, the last one is reserved.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let byte = |offset: usize| bytes.get(offset).copied().unwrap_or(0);
        bytes.starts_with(COOKIE).then(|| Self {
            data_offset: be64(bytes, 16),
            time_stamp: be32(bytes, 24),
            creator_application: array(bytes, 28),
            creator_version: be32(bytes, 32),
            current_size: be64(bytes, 48),
            cylinders: be16(bytes, 56),
            heads: byte(58),
            sectors_per_track: byte(59),
            disk_type: be32(bytes, 60),
            checksum: be32(bytes, 64),
            computed: checksum(bytes, 64),
            unique_id: array(bytes, 68),
            saved_state: byte(84) != 0,
        })
    }

    pub(super) const fn is_sound(&self) -> bool {
        self.checksum == self.computed
    }

    /// Size as cylinders, heads and sectors have it.
    pub(super) fn chs_bytes(&self) -> u64 {
        let sectors = u64::from(self.cylinders).saturating_mul(u64::from(self.heads));
        sectors.saturating_mul(u64::from(self.sectors_per_track)).saturating_mul(SECTOR_BYTES)
    }
}

/// The footer in the last bytes of a file, and how long it is; only one that is sound, for a disk that begins with its
/// own boot sector has nothing else to be known by.
pub(super) fn footer_in_tail(tail: &[u8]) -> Option<(Footer, u64)> {
    [FOOTER_BYTES, FOOTER_BYTES - 1].iter().find_map(|&length| {
        let bytes = tail.get(tail.len().checked_sub(length)?..)?;
        Footer::decode(bytes).filter(Footer::is_sound).map(|footer| (footer, length as u64))
    })
}

/// The header behind the footer's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dynamic {
    pub(super) table_offset: u64,
    pub(super) max_table_entries: u32,
    pub(super) block_size: u32,
    pub(super) checksum: u32,
    pub(super) computed: u32,
    pub(super) parent_unique_id: [u8; 16],
    pub(super) parent_name: String,
    /// Platform, length and place of each name of the parent.
    pub(super) locators: Vec<Locator>,
}

/// A name of the parent, as one platform writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Locator {
    pub(super) platform: [u8; 4],
    pub(super) length: u32,
    pub(super) offset: u64,
}

impl Dynamic {
    /// Decodes a dynamic header; `None` without the signature.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let locator =
            |bytes: &[u8]| Locator { platform: array(bytes, 0), length: be32(bytes, 8), offset: be64(bytes, 16) };
        let entries = bytes.get(576..768).unwrap_or_default().chunks_exact(24);
        bytes.starts_with(DYNAMIC_COOKIE).then(|| Self {
            table_offset: be64(bytes, 16),
            max_table_entries: be32(bytes, 28),
            block_size: be32(bytes, 32),
            checksum: be32(bytes, 36),
            computed: checksum(bytes, 36),
            parent_unique_id: array(bytes, 40),
            parent_name: crate::fields::utf16(bytes.get(64..576).unwrap_or_default(), u16::from_be_bytes),
            locators: entries.map(locator).filter(|locator| locator.platform != [0; 4]).collect(),
        })
    }

    /// Bytes of the bitmap before each block: a bit for each sector, in whole sectors.
    pub(super) fn bitmap_bytes(&self) -> u64 {
        (u64::from(self.block_size) / SECTOR_BYTES).div_ceil(8).next_multiple_of(SECTOR_BYTES)
    }
}

/// One's complement of the sum of all bytes but those of the checksum itself, which is at `field`.
fn checksum(bytes: &[u8], field: usize) -> u32 {
    let outside = |&(at, _): &(usize, &u8)| at < field || at >= field.saturating_add(4);
    let sum = bytes.iter().enumerate().filter(outside).fold(0_u32, |sum, (_, &byte)| sum.wrapping_add(u32::from(byte)));
    !sum
}
