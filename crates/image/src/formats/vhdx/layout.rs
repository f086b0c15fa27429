//! Structures as \[MS-VHDX\] has them. All integers are little-endian, GUIDs mixed; sizes in bytes.

use super::crc32c::crc32c;
use crate::fields::{array, le16, le32, le64};

/// At the beginning of the file.
pub(super) const SIGNATURE: &[u8; 8] = b"vhdxfile";
/// Where the two headers are.
pub(super) const HEADERS_AT: [u64; 2] = [64 << 10, 128 << 10];
/// Bytes of a header under its checksum.
pub(super) const HEADER_BYTES: usize = 4096;
/// Where the two region tables are.
pub(super) const REGIONS_AT: [u64; 2] = [192 << 10, 256 << 10];
/// Bytes of a region table under its checksum.
pub(super) const REGIONS_BYTES: usize = 64 << 10;
/// Entries of a region table, at most.
pub(super) const REGIONS_MAX: u32 = 2047;
/// Bytes of the metadata table.
pub(super) const METADATA_BYTES: usize = 64 << 10;
/// Entries of the metadata table, at most.
pub(super) const METADATA_MAX: u16 = 2047;
/// Everything but headers lies at multiples of this.
pub(super) const MIB: u64 = 1 << 20;
/// Block sizes that the document allows.
pub(super) const BLOCK_BYTES: std::ops::RangeInclusive<u64> = MIB..=256 * MIB;
/// Sectors under one sector bitmap block of 1 MiB.
pub(super) const CHUNK_SECTORS: u64 = 1 << 23;

/// GUIDs as they lie in the file.
pub(super) const REGION_BAT: [u8; 16] = guid(0x2dc2_7766, 0xf623, 0x4200, 0x9d64_115e_9bfd_4a08);
pub(super) const REGION_METADATA: [u8; 16] = guid(0x8b7c_a206, 0x4790, 0x4b9a, 0xb8fe_575f_050f_886e);
pub(super) const ITEM_FILE_PARAMETERS: [u8; 16] = guid(0xcaa1_6737, 0xfa36, 0x4d43, 0xb3b6_33f0_aa44_e76b);
pub(super) const ITEM_DISK_SIZE: [u8; 16] = guid(0x2fa5_4224, 0xcd1b, 0x4876, 0xb211_5dbe_d83b_f4b8);
pub(super) const ITEM_DISK_ID: [u8; 16] = guid(0xbeca_12ab, 0xb2e6, 0x4523, 0x93ef_c309_e000_c746);
pub(super) const ITEM_LOGICAL_SECTOR: [u8; 16] = guid(0x8141_bf1d, 0xa96f, 0x4709, 0xba47_f233_a8fa_ab5f);
pub(super) const ITEM_PHYSICAL_SECTOR: [u8; 16] = guid(0xcda3_48c7, 0x445d, 0x4471, 0x9cc9_e988_5251_c556);
pub(super) const ITEM_PARENT_LOCATOR: [u8; 16] = guid(0xa8d3_5f2d, 0xb30b, 0x454d, 0xabf7_d3d8_4834_ab0c);
pub(super) const LOCATOR_VHDX: [u8; 16] = guid(0xb04a_efb7, 0xd19e, 0x4a81, 0xb789_25b8_e944_5913);

/// Block table: states of a block of data.
pub(super) const NOT_PRESENT: u64 = 0;
pub(super) const UNDEFINED: u64 = 1;
pub(super) const ZERO: u64 = 2;
pub(super) const UNMAPPED: u64 = 3;
pub(super) const FULLY_PRESENT: u64 = 6;
pub(super) const PARTIALLY_PRESENT: u64 = 7;

/// A GUID, from the numbers in which it is printed to its bytes.
const fn guid(first: u32, second: u16, third: u16, rest: u64) -> [u8; 16] {
    let value = ((first.swap_bytes() as u128) << 96)
        | ((second.swap_bytes() as u128) << 80)
        | ((third.swap_bytes() as u128) << 64)
        | rest as u128;
    value.to_be_bytes()
}

/// One of the two headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) sequence_number: u64,
    pub(super) data_write_guid: [u8; 16],
    pub(super) log_guid: [u8; 16],
    pub(super) version: u16,
    pub(super) log_length: u32,
    pub(super) log_offset: u64,
}

impl Header {
    /// Decodes a header whose signature and checksum are right.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.starts_with(b"head") {
            return Err("no signature".to_owned());
        }
        checked(bytes)?;
        Ok(Self {
            sequence_number: le64(bytes, 8),
            data_write_guid: array(bytes, 32),
            log_guid: array(bytes, 48),
            version: le16(bytes, 66),
            log_length: le32(bytes, 68),
            log_offset: le64(bytes, 72),
        })
    }
}

/// Compares the CRC-32C at offset 4, computed with its own field as zero.
///
/// # Errors
/// Both numbers, if they differ.
pub(super) fn checked(bytes: &[u8]) -> Result<(), String> {
    let mut copy = bytes.to_vec();
    if let Some(field) = copy.get_mut(4..8) {
        field.fill(0);
    }
    match (le32(bytes, 4), crc32c(&copy)) {
        (stored, computed) if stored == computed => Ok(()),
        (stored, computed) => Err(format!("checksum {stored:08x}, computed {computed:08x}")),
    }
}

/// A region of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) guid: [u8; 16],
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) required: bool,
}

/// Decodes a region table whose signature and checksum are right.
///
/// # Errors
/// What is wrong with it.
pub(super) fn regions(bytes: &[u8]) -> Result<Vec<Region>, String> {
    if !bytes.starts_with(b"regi") {
        return Err("no signature".to_owned());
    }
    checked(bytes)?;
    let count = le32(bytes, 8);
    if count > REGIONS_MAX {
        return Err(format!("{count} entries, at most {REGIONS_MAX} are possible"));
    }
    let region = |entry: &[u8]| Region {
        guid: array(entry, 0),
        offset: le64(entry, 16),
        length: le32(entry, 24),
        required: le32(entry, 28) & 1 != 0,
    };
    let entries = bytes.get(16..).unwrap_or_default().chunks_exact(32);
    Ok(entries.take(usize::try_from(count).unwrap_or(0)).map(region).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_lie_mixed_in_the_file() {
        assert_eq!(crate::fields::guid(&REGION_BAT), "2dc27766-f623-4200-9d64-115e9bfd4a08");
        assert_eq!(REGION_BAT.first_chunk(), Some(&[0x66, 0x77, 0xc2, 0x2d]));
    }
}
