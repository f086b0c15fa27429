//! Btrfs.

use exhibit_evidence::layout::Contents;

use super::{plain, uuid};
use crate::Window;

/// The first superblock.
const SUPERBLOCK_AT: u64 = 65_536;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    if !window.has(SUPERBLOCK_AT + 64, b"_BHRfS_M") {
        return None;
    }
    let mut contents = plain("btrfs", "Btrfs");
    contents.uuid = window.array(SUPERBLOCK_AT + 32).and_then(uuid);
    contents.label = window.text(SUPERBLOCK_AT + 299, 256);
    Some(contents)
}
