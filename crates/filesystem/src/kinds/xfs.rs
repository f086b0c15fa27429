//! XFS.

use exhibit_evidence::layout::Contents;

use super::{plain, uuid};
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let block = window.u32_be(4)?;
    if !window.has(0, b"XFSB") || !block.is_power_of_two() || !(512..=65_536).contains(&block) {
        return None;
    }
    let mut contents = plain("xfs", "XFS");
    contents.uuid = window.array(32).and_then(uuid);
    contents.label = window.text(108, 12);
    Some(contents)
}
