//! LVM2 physical volumes: a label in one of the first four sectors.

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let at = (0..4_u64)
        .map(|sector| sector * 512)
        .find(|at| window.has(*at, b"LABELONE") && window.has(at.saturating_add(24), b"LVM2 001"))?;
    let mut contents = plain("lvm2", "LVM2 physical volume");
    contents.uuid = window.text(at.saturating_add(32), 32);
    Some(contents)
}
