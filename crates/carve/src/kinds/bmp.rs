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
use crate::window::Window;

const BMP: FileType = FileType { id: "bmp", extension: "bmp" };
/// Filling bytes some writers put behind the pixels.
const FILLING_MOST: u64 = 3;
/// Fewer rows say nothing about where they should be.
const ROWS_LEAST: u64 = 16;

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
            let anchored = if rows_are_filled(window, &head)? { length } else { 54 };
            Ok(consistent(BMP, length, reasons).anchored_to(anchored))
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

/// Whether the bytes that fill each row of pixels to a multiple of four are there, all zero: rows that are not where they
/// should be do not look so. `false` if rows need no filling.
fn rows_are_filled(window: &mut Window<'_>, head: &[u8; 54]) -> Result<bool, Stop> {
    let [.., p0, p1, p2, p3, _, _, _, _, w0, w1, w2, w3, h0, h1, h2, h3, _, _, bits, 0, 0, 0, 0, 0] =
        head.get(..34).unwrap_or_default()
    else {
        return Ok(false);
    };
    let pixels_at = u64::from(u32::from_le_bytes([*p0, *p1, *p2, *p3]));
    let width = u64::from(u32::from_le_bytes([*w0, *w1, *w2, *w3]));
    let height = u64::from(i32::from_le_bytes([*h0, *h1, *h2, *h3]).unsigned_abs());
    let used = width.saturating_mul(u64::from(*bits)).div_ceil(8);
    let row = used.next_multiple_of(4);
    let filling = usize::try_from(row.saturating_sub(used)).unwrap_or(0);
    if filling == 0 || height < ROWS_LEAST {
        return Ok(false);
    }
    let (mut other, mut coloured) = (0_u64, 0_u64);
    for number in 0..height {
        let at = pixels_at.saturating_add(number.saturating_mul(row)).saturating_add(used);
        other = other.saturating_add(window.exact(at, filling)?.iter().filter(|byte| **byte != 0).count() as u64);
        let pixel = window.exact(at.saturating_sub(1), 1)?;
        // A picture that is black there says nothing.
        coloured = coloured.saturating_add(u64::from(pixel != [0]));
    }
    Ok(other == 0 && coloured.saturating_mul(2) >= height)
}
