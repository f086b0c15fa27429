//! UDF: the volume recognition sequence from byte 32768 on (ECMA-167, part 2).

use exhibit_evidence::layout::Contents;

use super::plain;
use crate::Window;

/// Descriptors looked at; the sequence has about five.
const DESCRIPTORS_MAX: u64 = 32;

pub(super) fn recognise(window: &Window<'_>) -> Option<Contents> {
    // Descriptors lie 2048 bytes apart, or a sector where that is larger.
    let named = |step: u64| {
        (0..DESCRIPTORS_MAX).any(|index| {
            let at = 32_768 + index * step + 1;
            window.has(at, b"NSR02") || window.has(at, b"NSR03")
        })
    };
    (named(2048) || named(4096)).then(|| plain("udf", "UDF"))
}
