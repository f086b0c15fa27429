//! Members of Linux software RAID (`mdadm`), superblock versions 0.90 and 1.0 to 1.2.

use exhibit_evidence::layout::Contents;

use super::{plain, uuid};
use crate::Window;

const MAGIC: u32 = 0xa92b_4efc;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    version_1(window).or_else(|| version_0(window))
}

fn version_1(window: &Window<'_>) -> Option<Contents> {
    // 1.0 lies 8 KiB before the end, rounded down to 4 KiB; 1.1 at the beginning; 1.2 at 4 KiB.
    let end = window.size().checked_sub(8192).map(|at| at / 4096 * 4096);
    let places = [Some((0, "1.1")), Some((4096, "1.2")), end.map(|at| (at, "1.0"))];
    let (at, version) = places
        .into_iter()
        .flatten()
        .find(|(at, _)| window.u32_le(*at) == Some(MAGIC) && window.u32_le(at.saturating_add(4)) == Some(1))?;
    let level = window.u32_le(at.saturating_add(72))?;
    let mut contents = plain("md-raid", &format!("Linux RAID member, {}, superblock {version}", level_words(level)));
    contents.uuid = window.array(at.saturating_add(16)).and_then(uuid);
    contents.label = window.text(at.saturating_add(32), 32);
    Some(contents)
}

fn version_0(window: &Window<'_>) -> Option<Contents> {
    let at = (window.size() / 65_536).checked_sub(1)?.checked_mul(65_536)?;
    if window.u32_le(at) != Some(MAGIC) || window.u32_le(at.saturating_add(4)) != Some(0) {
        return None;
    }
    let level = window.u32_le(at.saturating_add(28))?;
    Some(plain("md-raid", &format!("Linux RAID member, {}, superblock 0.90", level_words(level))))
}

/// Levels below zero are the linear and the multipath arrays.
fn level_words(level: u32) -> String {
    match level.cast_signed() {
        level @ 0..=10 => format!("RAID {level}"),
        -1 => "linear".to_owned(),
        -4 => "multipath".to_owned(),
        other => format!("level {other}"),
    }
}
