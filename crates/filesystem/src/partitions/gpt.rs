//! GUID partition tables (UEFI specification, chapter 5), both copies.

use super::{Entry, PARTITIONS_MAX, Table, type_names};
use crate::Window;
use crate::kinds::guid;

const SIGNATURE: &[u8] = b"EFI PART";

/// Largest array of entries that is read: 512 KiB. The usual one has 16 KiB.
const ARRAY_BYTES_MAX: u64 = 512 * 1024;

/// Fields of a header that was found.
struct Header {
    sector_bytes: u32,
    /// `primary` or `backup`.
    copy: &'static str,
    valid: bool,
    array_at: u64,
    entries: u32,
    entry_bytes: u32,
    array_crc: u32,
    backup_lba: u64,
}

pub(super) fn read(medium: &Window<'_>, sector_bytes: Option<u32>) -> Option<Table> {
    let sizes = match sector_bytes {
        Some(sector) if sector != 512 => vec![sector, 512],
        Some(_) => vec![512],
        None => vec![512, 4096],
    };
    sizes.into_iter().find_map(|sector| read_with(medium, sector))
}

fn read_with(medium: &Window<'_>, sector: u32) -> Option<Table> {
    let size = u64::from(sector.max(512));
    let primary = header(medium, sector, size, "primary");
    let last = (medium.size() / size).checked_sub(1).and_then(|last| last.checked_mul(size));
    // Where the medium was enlarged or cut off the backup is not at its end: the primary says where it should be.
    let named = primary.as_ref().and_then(|header| header.backup_lba.checked_mul(size));
    let at_end = last.and_then(|at| header(medium, sector, at, "backup"));
    let mut remarks = Vec::new();
    let backup = match (at_end, named.filter(|at| Some(*at) != last)) {
        (None, Some(at)) => {
            remarks.push("the backup GPT is not in the last sector, where it belongs".to_owned());
            header(medium, sector, at, "backup")
        }
        (found, _) => found,
    };
    if primary.is_none() && backup.is_none() {
        return None;
    }
    for (copy, header) in [("primary", &primary), ("backup", &backup)] {
        match header {
            None => remarks.push(format!("the {copy} GPT header is missing or cannot be read")),
            Some(header) if !header.valid => {
                remarks.push(format!("the {copy} GPT header does not match its checksum"));
            }
            Some(_) => {}
        }
    }
    // The first copy that is whole counts; without one the first is shown all the same, and said to be damaged.
    let mut copies: Vec<(&'static str, Vec<Entry>, bool)> = Vec::new();
    for header in primary.iter().chain(&backup) {
        let (entries, intact) = array(medium, header, &mut remarks);
        copies.push((header.copy, entries, intact && header.valid));
    }
    let whole = copies.iter().position(|(_, _, whole)| *whole).unwrap_or(0);
    let (copy, entries, _) = copies.into_iter().nth(whole)?;
    if copy == "backup" {
        remarks.push("the partitions are taken from the backup GPT".to_owned());
    }
    Some(Table { kind: "gpt", sector_bytes: sector, entries, remarks })
}

/// The header at byte `at`, if there is one.
fn header(medium: &Window<'_>, sector_bytes: u32, at: u64, copy: &'static str) -> Option<Header> {
    let mut bytes = medium.array::<512>(at).filter(|bytes| bytes.starts_with(SIGNATURE))?;
    let long = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    let wide = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let (header_bytes, stored) = (usize::try_from(long(12)?).ok()?, long(16)?);
    let (backup_lba, array_lba) = (wide(32)?, wide(72)?);
    let (entries, entry_bytes, array_crc) = (long(80)?, long(84)?, long(88)?);
    bytes.get_mut(16..20)?.fill(0);
    let computed = bytes.get(..header_bytes).filter(|_| header_bytes >= 92).map(crc32fast::hash);
    let array_at = array_lba.saturating_mul(u64::from(sector_bytes));
    let valid = computed == Some(stored);
    Some(Header { sector_bytes, copy, valid, array_at, entries, entry_bytes, array_crc, backup_lba })
}

/// The used entries of a header's array, and whether the array matches its checksum.
fn array(medium: &Window<'_>, header: &Header, remarks: &mut Vec<String>) -> (Vec<Entry>, bool) {
    let copy = header.copy;
    let length = u64::from(header.entries).saturating_mul(u64::from(header.entry_bytes));
    if header.entry_bytes < 128 || length > ARRAY_BYTES_MAX {
        let (entries, bytes) = (header.entries, header.entry_bytes);
        remarks.push(format!("the {copy} GPT claims {entries} entries of {bytes} bytes: not read"));
        return (Vec::new(), false);
    }
    let Some(bytes) = medium.bytes(header.array_at, usize::try_from(length).unwrap_or(0)) else {
        remarks.push(format!("the entries of the {copy} GPT cannot be read"));
        return (Vec::new(), false);
    };
    let intact = crc32fast::hash(&bytes) == header.array_crc;
    if !intact {
        remarks.push(format!("the entries of the {copy} GPT do not match their checksum"));
    }
    let step = usize::try_from(header.entry_bytes).unwrap_or(128);
    let numbered = (1..).zip(bytes.chunks_exact(step));
    let entries = numbered.filter_map(|(number, bytes)| entry(number, bytes, header.sector_bytes));
    let mut entries: Vec<Entry> = entries.take(PARTITIONS_MAX.saturating_add(1)).collect();
    if entries.len() > PARTITIONS_MAX {
        entries.truncate(PARTITIONS_MAX);
        remarks.push(format!("the {copy} GPT has more than {PARTITIONS_MAX} partitions: the rest is not looked at"));
    }
    (entries, intact)
}

/// An entry in use; `None` for a free one.
fn entry(number: u32, bytes: &[u8], sector_bytes: u32) -> Option<Entry> {
    let kind: [u8; 16] = *bytes.first_chunk()?;
    let wide = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let (first, last) = (wide(32)?, wide(40)?);
    let kind = guid(kind)?;
    let units: Vec<u16> = bytes
        .get(56..128)?
        .chunks_exact(2)
        .filter_map(|unit| unit.first_chunk().map(|unit| u16::from_le_bytes(*unit)))
        .take_while(|unit| *unit != 0)
        .collect();
    let name = String::from_utf16_lossy(&units);
    let sectors = last.saturating_add(1).saturating_sub(first);
    Some(Entry {
        number,
        offset_bytes: first.saturating_mul(u64::from(sector_bytes)),
        size_bytes: sectors.saturating_mul(u64::from(sector_bytes)),
        declared: type_names::gpt(&kind),
        name: Some(name).filter(|name| !name.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    /// A disk of 100 sectors with one partition, both copies of the table in place.
    fn disk(sector: usize) -> Vec<u8> {
        let mut bytes = vec![0; 100 * sector];
        let array_bytes = 4 * 128;
        let mut array = vec![0; array_bytes];
        array[..16].copy_from_slice(&[
            0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4,
        ]);
        array[32..40].copy_from_slice(&40_u64.to_le_bytes());
        array[40..48].copy_from_slice(&49_u64.to_le_bytes());
        array[56..60].copy_from_slice(&[b'a', 0, b'b', 0]);
        for (lba, array_lba, other) in [(1_usize, 2_u64, 99_u64), (99, 98, 1)] {
            let mut header = vec![0; 92];
            header[..8].copy_from_slice(SIGNATURE);
            header[12] = 92;
            header[32..40].copy_from_slice(&other.to_le_bytes());
            header[72..80].copy_from_slice(&array_lba.to_le_bytes());
            header[80] = 4;
            header[84] = 128;
            header[88..92].copy_from_slice(&crc32fast::hash(&array).to_le_bytes());
            let crc = crc32fast::hash(&header);
            header[16..20].copy_from_slice(&crc.to_le_bytes());
            bytes[lba * sector..lba * sector + 92].copy_from_slice(&header);
            let at = array_lba as usize * sector;
            bytes[at..at + array_bytes].copy_from_slice(&array);
        }
        bytes
    }

    fn table(bytes: Vec<u8>) -> Option<Table> {
        let source = MemorySource::new(bytes);
        read(&Window::new(&source, ByteRange::new(0, u64::MAX)), None)
    }

    #[test]
    fn both_sector_sizes_are_found_without_a_word_of_blame() {
        for sector in [512, 4096] {
            let table = table(disk(sector)).unwrap();
            assert_eq!(table.remarks, Vec::<String>::new());
            let entry = &table.entries[0];
            assert_eq!((entry.offset_bytes, entry.size_bytes), (40 * sector as u64, 10 * sector as u64));
            assert_eq!((entry.name.as_deref(), table.entries.len()), (Some("ab"), 1));
            assert!(entry.declared.starts_with("Linux"), "{}", entry.declared);
        }
    }

    #[test]
    fn a_damaged_primary_is_told_and_the_backup_counts() {
        for damaged in [512 + 72, 1024 + 32] {
            let mut bytes = disk(512);
            bytes[damaged] ^= 1;
            let table = table(bytes).unwrap();
            assert_eq!(table.entries[0].offset_bytes, 40 * 512, "byte {damaged}: {:?}", table.remarks);
            assert!(table.remarks.iter().any(|remark| remark.contains("taken from the backup")), "{:?}", table.remarks);
        }
        let mut bytes = disk(512);
        bytes[512] = 0;
        assert_eq!(table(bytes).unwrap().entries.len(), 1);
        let mut bytes = disk(512);
        bytes[99 * 512 + 20] ^= 1;
        assert!(table(bytes).unwrap().remarks[0].contains("backup GPT header does not match"));
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_of_a_header_ends() {
        let whole = disk(512);
        for length in (0..whole.len()).step_by(61) {
            let _ = table(whole[..length].to_vec());
        }
        for at in 512..512 + 92 {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                let table = table(bytes).unwrap();
                assert!(!table.remarks.is_empty(), "byte {at} bit {bit} changed and nobody noticed");
            }
        }
    }
}
