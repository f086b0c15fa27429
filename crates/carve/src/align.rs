//! Where files may begin on this medium.

use exhibit_evidence::{ReadFault, Source};
use serde::Serialize;

use crate::plan::Align;
use crate::reading;

/// Sector size used for alignment, in bytes. Media with larger sectors have theirs at multiples of it.
pub(crate) const SECTOR_BYTES: u64 = 512;

/// The alignment used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alignment {
    /// [`Align::Sector`] or [`Align::Byte`].
    pub used: Align,
    /// One plain sentence.
    pub why: String,
}

/// Signatures at fixed places: offset, bytes, what they belong to.
const MARKS: [(u64, &[u8], &str); 14] = [
    (3, b"NTFS    ", "an NTFS boot sector"),
    (3, b"EXFAT   ", "an exFAT boot sector"),
    (3, b"-FVE-FS-", "a BitLocker volume header"),
    (54, b"FAT12   ", "a FAT12 boot sector"),
    (54, b"FAT16   ", "a FAT16 boot sector"),
    (82, b"FAT32   ", "a FAT32 boot sector"),
    (512, b"EFI PART", "a GPT header"),
    (4096, b"EFI PART", "a GPT header of 4096-byte sectors"),
    (32, b"NXSB", "an APFS container"),
    (0, b"XFSB", "an XFS superblock"),
    (1024, b"H+\0\x04", "an HFS+ volume header"),
    (1024, b"HX\0\x05", "an HFSX volume header"),
    (32_769, b"CD001", "an ISO 9660 volume descriptor"),
    (65_600, b"_BHRfS_M", "a Btrfs superblock"),
];

/// Decides the alignment for `asked` on this source.
pub(crate) fn decide(source: &dyn Source, asked: Align) -> Result<Alignment, ReadFault> {
    let (used, why) = match asked {
        Align::Sector | Align::Byte => (asked, "as asked".to_owned()),
        Align::Auto => match recognise(source)? {
            Some(what) => (Align::Sector, format!("{what} was found, and file systems begin files at sectors")),
            None => (Align::Byte, "no partition table or file system was recognised".to_owned()),
        },
    };
    Ok(Alignment { used, why })
}

fn recognise(source: &dyn Source) -> Result<Option<&'static str>, ReadFault> {
    for (at, mark, what) in MARKS {
        if bytes(source, at, mark.len())?.as_deref() == Some(mark) {
            return Ok(Some(what));
        }
    }
    // Magic 0xEF53 at 56 in the superblock, and a believable state and block size: two bytes alone are too few.
    if let Some(block) = bytes(source, 1024, 96)?
        && block.get(56..58) == Some(&[0x53, 0xef])
        && block.get(24..28).is_some_and(|size| matches!(size, [0..=6, 0, 0, 0]))
    {
        return Ok(Some("an ext2/3/4 superblock"));
    }
    if let Some(sector) = bytes(source, 0, 512)?
        && sector.get(510..512) == Some(&[0x55, 0xaa])
        && is_partition_table(sector.get(446..510).unwrap_or_default())
    {
        return Ok(Some("a partition table (MBR)"));
    }
    Ok(None)
}

/// Four entries whose flags are 00 or 80, at least one of them used.
fn is_partition_table(table: &[u8]) -> bool {
    let (entries, _) = table.as_chunks::<16>();
    let used = |entry: &&[u8; 16]| entry[4] != 0 && entry[12..] != [0; 4];
    entries.iter().all(|entry| matches!(entry[0], 0 | 0x80)) && entries.iter().filter(used).count() > 0
}

/// `length` bytes at `at`, if the medium has and yields them.
fn bytes(source: &dyn Source, at: u64, length: usize) -> Result<Option<Vec<u8>>, ReadFault> {
    if at.saturating_add(length as u64) > source.size() {
        return Ok(None);
    }
    let mut buffer = vec![0; length];
    let good = reading::fill(source, at, &mut buffer)?;
    Ok((good == length).then_some(buffer))
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn used(bytes: Vec<u8>) -> Align {
        decide(&MemorySource::new(bytes), Align::Auto).unwrap().used
    }

    #[test]
    fn file_systems_and_partition_tables_mean_sectors() {
        assert_eq!(used(vec![0; 4096]), Align::Byte);
        let mut ntfs = vec![0; 4096];
        ntfs[3..11].copy_from_slice(b"NTFS    ");
        assert_eq!(used(ntfs), Align::Sector);
        let mut ext = vec![0; 4096];
        ext[1080..1082].copy_from_slice(&[0x53, 0xef]);
        assert_eq!(used(ext), Align::Sector);
        let mut mbr = vec![0; 512];
        mbr[510..].copy_from_slice(&[0x55, 0xaa]);
        assert_eq!(used(mbr.clone()), Align::Byte, "an empty table says nothing");
        mbr[450] = 7;
        mbr[458] = 1;
        assert_eq!(used(mbr), Align::Sector);
    }

    #[test]
    fn what_is_asked_for_is_done() {
        assert_eq!(decide(&MemorySource::new(vec![0; 9]), Align::Sector).unwrap().used, Align::Sector);
    }
}
