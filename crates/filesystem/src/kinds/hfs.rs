//! HFS+, HFSX and the old HFS: the volume header at byte 1024.

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    let signature = window.array::<2>(1024)?;
    let version = window.u16_be(1026)?;
    match (&signature, version) {
        (b"H+", 4) => Some(plain("hfsplus", "HFS+")),
        (b"HX", 5) => Some(plain("hfsx", "HFSX (case-sensitive HFS+)")),
        // The old master directory block: an allocation block is a multiple of 512 bytes.
        (b"BD", _) if window.u32_be(1024 + 20)? % 512 == 0 && window.u32_be(1024 + 20)? > 0 => {
            let embedded = window.has(1024 + 124, b"H+");
            Some(plain("hfs", if embedded { "HFS with HFS+ inside" } else { "HFS" }))
        }
        _ => None,
    }
}
