//! exFAT (Microsoft's published specification).

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let sector_shift = window.array::<1>(108)?[0];
    if !window.has(3, b"EXFAT   ") || !(9..=12).contains(&sector_shift) {
        return None;
    }
    let mut contents = plain("exfat", "exFAT");
    contents.uuid = window.u32_le(100).map(super::fat::serial);
    Some(contents)
}
