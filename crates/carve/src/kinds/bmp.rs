//! Windows bitmaps.
//!
//! ```text
//! 0   'BM' u32LE file size, 0, u32LE offset of the pixels
//! 14  u32LE size of this header, width, height, planes = 1, bits per pixel, compression, size of the pixels
//! ```
//!
//! The size must be what width, height and depth come to. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const BMP: FileType = FileType { id: "bmp", extension: "bmp" };
/// Filling bytes some writers put behind the pixels.
const FILLING_MOST: u64 = 3;

/// Windows bitmaps.
pub(crate) struct Bmp;

impl Kind for Bmp {
    fn id(&self) -> &'static str {
        "bmp"
    }

    fn types(&self) -> &'static [FileType] {
        &[BMP]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"BM"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<54>().is_none_or(|head| length(head).is_some())
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(BMP, candidate, budget, |window, progress| {
            let head = window.array::<54>(0)?;
            let length = length(&head).ok_or_else(|| Stop::bad(0, "no header of a bitmap, or sizes that differ"))?;
            progress.level = Level::Header;
            progress.good = 54;
            window.readable(ByteRange::new(0, length))?;
            let reasons = [
                "the file size is what width, height and depth come to".to_owned(),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(BMP, length, reasons))
        })
    }
}

/// The length of the file, if the header makes sense and agrees with itself.
fn length(head: &[u8; 54]) -> Option<u64> {
    let u32_at = |at: usize| head.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four));
    let u16_at = |at: usize| head.get(at..)?.first_chunk().map(|two| u16::from_le_bytes(*two));
    let (size, pixels_at, header) = (u64::from(u32_at(2)?), u64::from(u32_at(10)?), u64::from(u32_at(14)?));
    let known = matches!(header, 40 | 52 | 56 | 64 | 108 | 124);
    if !head.starts_with(b"BM") || u32_at(6)? != 0 || !known || u16_at(26)? != 1 {
        return None;
    }
    let (width, height) = (u32_at(18)?.cast_signed(), u32_at(22)?.cast_signed());
    let (bits, compression, stated) = (u16_at(28)?, u32_at(30)?, u64::from(u32_at(34)?));
    let (wide, high) = (u64::try_from(width).ok()?, u64::from(height.unsigned_abs()));
    if wide == 0 || high == 0 || pixels_at < header.saturating_add(14) || pixels_at > header.saturating_add(14 + 4096) {
        return None;
    }
    let row = wide.checked_mul(u64::from(bits))?.div_ceil(32).checked_mul(4)?;
    let pixels = match (compression, bits) {
        (0, 1 | 4 | 8 | 16 | 24 | 32) | (3, 16 | 32) => row.checked_mul(high)?,
        (1, 8) | (2, 4) if stated > 0 => stated,
        _ => return None,
    };
    let least = pixels_at.checked_add(pixels)?;
    (size >= least && size <= least.saturating_add(FILLING_MOST)).then_some(size)
}
