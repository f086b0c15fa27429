//! ISO 9660: the primary volume descriptor at sector 16.

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let found = (16..24_u64).map(|sector| sector * 2048).find(|at| window.has(*at, b"\x01CD001\x01"))?;
    let mut contents = plain("iso9660", "ISO 9660");
    contents.label = window.text(found.saturating_add(40), 32);
    Some(contents)
}
