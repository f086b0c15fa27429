//! FAT12, FAT16, FAT32: no signature, but a parameter block that must add up.

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let boot = window.array::<512>(0)?;
    // Formats that borrow this boot sector have their own names in it.
    let name = boot.get(3..11)?;
    if [&b"NTFS    "[..], b"EXFAT   ", b"-FVE-FS-"].contains(&name) || !matches!(boot.first()?, 0xeb | 0xe9) {
        return None;
    }
    let small = |at: usize| boot.get(at).copied().map(u64::from);
    let word = |at: usize| boot.get(at..)?.first_chunk().map(|bytes| u64::from(u16::from_le_bytes(*bytes)));
    let long = |at: usize| boot.get(at..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let (sector, cluster, reserved, fats) = (word(11)?, small(13)?, word(14)?, small(16)?);
    let media = small(21)?;
    let plausible = matches!(sector, 512 | 1024 | 2048 | 4096)
        && cluster.is_power_of_two()
        && reserved > 0
        && (1..=4).contains(&fats)
        && (media == 0xf0 || media >= 0xf8);
    if !plausible {
        return None;
    }
    let total = if word(19)? != 0 { word(19)? } else { long(32)? };
    let fat_sectors = if word(22)? != 0 { word(22)? } else { long(36)? };
    let root_sectors = word(17)?.saturating_mul(32).div_ceil(sector);
    let used = reserved.saturating_add(fats.saturating_mul(fat_sectors)).saturating_add(root_sectors);
    if fat_sectors == 0 || used > total {
        return None;
    }
    // The number of clusters alone decides the width of the entries; a FAT32 has no 16-bit table size.
    let clusters = total.saturating_sub(used) / cluster;
    let (kind, title, serial_at, label_at): (_, _, u64, u64) = match clusters {
        _ if word(22)? == 0 => ("fat32", "FAT32", 67, 71),
        0..4085 => ("fat12", "FAT12", 39, 43),
        4085..65_525 => ("fat16", "FAT16", 39, 43),
        _ => return None,
    };
    let mut contents = plain(kind, title);
    // The extended boot signature says whether serial number and label are there at all.
    if matches!(window.array(serial_at.saturating_sub(1)), Some([0x28 | 0x29])) {
        contents.uuid = window.u32_le(serial_at).map(serial);
        contents.label = window.text(label_at, 11).filter(|label| label != "NO NAME");
    }
    Some(contents)
}

/// A volume serial number as DOS prints it: `C0FE-CD11`.
pub(super) fn serial(number: u32) -> String {
    format!("{:04X}-{:04X}", number >> 16, number & 0xffff)
}
