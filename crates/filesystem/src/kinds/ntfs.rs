//! NTFS, and ReFS by its boot sector.

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if window.has(3, b"ReFS\0\0\0\0") && window.has(16, b"FSRS") {
        return Some(plain("refs", "ReFS"));
    }
    if !window.has(3, b"NTFS    ") {
        return None;
    }
    let sector = window.u16_le(11)?;
    let clusters_at_mft = window.u64_le(48)?;
    if !sector.is_power_of_two() || !(256..=4096).contains(&sector) || clusters_at_mft == 0 {
        return None;
    }
    let mut contents = plain("ntfs", "NTFS");
    contents.uuid = window.u64_le(72).map(|serial| format!("{serial:016X}"));
    Some(contents)
}
