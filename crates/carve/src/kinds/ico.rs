//! Icons and cursors of Windows.
//!
//! ```text
//! 0   6   0, u16LE 1 icon or 2 cursor, u16LE number of pictures
//! 6   16  for each: width, height, colours, 0, u16LE planes, u16LE bits (a cursor: hot spot), u32LE size, u32LE place
//!     …   pictures: PNG, or a bitmap without file header, twice as high for its mask
//! ```
//!
//! The signature is next to nothing. So every picture must be whole: a PNG by its own judge, a bitmap by its size; and
//! pictures must follow one another up to the end. Bitmaps have no checksum: *consistent*, *proven* if all pictures are proven PNGs.

use exhibit_evidence::{ByteRange, ReadFault, Slice, Source};

use super::png;
use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{Class, FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;

const ICO: FileType = FileType { id: "ico", extension: "ico" };
const CUR: FileType = FileType { id: "cur", extension: "cur" };
/// Pictures of one icon; real ones have a dozen.
const PICTURES_MOST: usize = 64;

/// Icons.
pub(crate) struct Ico;

impl Kind for Ico {
    fn id(&self) -> &'static str {
        "ico"
    }

    fn types(&self) -> &'static [FileType] {
        &[ICO, CUR]
    }

    /// With the upper half of the number of pictures, which is zero: `plausible` looks at the lower.
    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\0\0\x01\0", b"\0\0\x02\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let Some(&[0, 0, 1 | 2, 0, count, 0]) = head.first_chunk::<6>() else { return head.len() < 6 };
        let Some(first) = head.get(6..22).and_then(Entry::parse) else { return head.len() < 22 };
        let expected = u64::from(count).saturating_mul(16).saturating_add(6);
        (1..=PICTURES_MOST).contains(&usize::from(count)) && first.place == expected && first.size >= 40
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(ICO, candidate, budget, |window, progress| walk(window, progress, candidate))
    }
}

/// A picture as the directory has it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    width: u64,
    height: u64,
    size: u64,
    place: u64,
}

impl Entry {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let [width, height, _, 0, _, _, _, _, s0, s1, s2, s3, p0, p1, p2, p3] = *bytes.first_chunk::<16>()? else {
            return None;
        };
        // 256 does not fit into a byte and is written as 0.
        let side = |byte: u8| if byte == 0 { 256 } else { u64::from(byte) };
        let size = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
        let place = u64::from(u32::from_le_bytes([p0, p1, p2, p3]));
        Some(Self { width: side(width), height: side(height), size, place })
    }
}

fn walk(window: &mut Window<'_>, progress: &mut Progress, candidate: &dyn Source) -> Result<Whole, Stop> {
    let [0, 0, kind @ (1 | 2), 0, count, 0] = window.array::<6>(0)? else { return Err(Stop::bad(0, "no icon")) };
    if kind == 2 {
        progress.file_type = CUR;
    }
    let mut entries = Vec::new();
    for index in 0..u64::from(count) {
        let entry = window.array::<16>(index.saturating_mul(16).saturating_add(6))?;
        entries.push(Entry::parse(&entry).ok_or_else(|| Stop::bad(6, "no directory of pictures"))?);
    }
    if entries.is_empty() || entries.len() > PICTURES_MOST {
        return Err(Stop::bad(4, "no pictures, or too many"));
    }
    entries.sort_by_key(|entry| entry.place);
    let mut at = u64::from(count).saturating_mul(16).saturating_add(6);
    let (mut proven, mut bitmaps, mut anchored) = (true, 0_u64, at);
    for entry in &entries {
        if entry.place != at || entry.size < 40 {
            return Err(Stop::bad(at, "pictures do not follow one another"));
        }
        let next = at.saturating_add(entry.size);
        if next > window.size() {
            return Err(Stop::End(window.size()));
        }
        if window.exact(at, 8)? == b"\x89PNG\r\n\x1a\n" {
            let slice = Slice::new(candidate, ByteRange::new(at, entry.size));
            match png::Png.validate(&slice, window.budget).map_err(Stop::Io)? {
                Verdict::Whole(whole) if whole.length == entry.size => {
                    proven &= whole.class == Class::Proven;
                    anchored = next;
                }
                _ => return Err(Stop::bad(at, "a picture that is no whole PNG")),
            }
        } else {
            bitmap(window, at, entry)?;
            window.readable(ByteRange::between(at, next))?;
            (proven, bitmaps) = (false, bitmaps.saturating_add(1));
            anchored = if ends_with_mask(window, next, entry)? { next } else { at.saturating_add(40) };
        }
        progress.level = if progress.level == Level::Nothing { Level::Header } else { Level::Body };
        at = next;
        progress.good = at;
    }
    let mut reasons = vec![format!("{count} picture(s) behind one another, each as long as the directory says")];
    reasons.push(format!(
        "PNG pictures were judged as such; {bitmaps} bitmaps have the size that their width and height give"
    ));
    let class = if proven { Class::Proven } else { Class::Consistent };
    Ok(Whole { file_type: progress.file_type, length: at, class, anchored, reasons })
}

/// A bitmap of the size that the directory says, with a mask of one bit.
fn bitmap(window: &mut Window<'_>, at: u64, entry: &Entry) -> Result<(), Stop> {
    let bad = || Stop::bad(at, "a bitmap of another size than its width and height give");
    let header = window.array::<40>(at)?;
    let [40, 0, 0, 0, w0, w1, w2, w3, h0, h1, h2, h3, 1, 0, bits, 0, 0, 0, 0, 0, ..] = header else {
        return Err(bad());
    };
    let (width, height) =
        (u64::from(u32::from_le_bytes([w0, w1, w2, w3])), u64::from(u32::from_le_bytes([h0, h1, h2, h3])));
    let used = u64::from(window.u32_le(at.saturating_add(32))?);
    // Whoever writes more than 256 pixels writes what fits of it.
    if width == 0
        || height != entry.height.saturating_mul(2)
        || width != entry.width
        || !matches!(bits, 1 | 4 | 8 | 24 | 32)
    {
        return Err(bad());
    }
    let colours = match bits {
        1 | 4 | 8 if used == 0 => 1 << bits,
        1 | 4 | 8 => used,
        _ => 0,
    };
    let rows = |bits: u64| width.saturating_mul(bits).div_ceil(32).saturating_mul(4).saturating_mul(entry.height);
    let with_mask =
        colours.saturating_mul(4).saturating_add(40).saturating_add(rows(u64::from(bits))).saturating_add(rows(1));
    let without = with_mask.saturating_sub(rows(1));
    // The mask may be left out where the picture has its own transparency.
    if entry.size == with_mask || (bits == 32 && entry.size == without) { Ok(()) } else { Err(bad()) }
}

/// Whether the bitmap that ends at `end` ends with something like a mask of one bit: bytes that are all clear or all set, behind
/// pixels that are not.
fn ends_with_mask(window: &mut Window<'_>, end: u64, entry: &Entry) -> Result<bool, Stop> {
    const PIXELS: u64 = 256;
    let mask = entry.width.div_ceil(32).saturating_mul(4).saturating_mul(entry.height);
    if mask < PIXELS || mask.saturating_add(PIXELS + 40) > entry.size {
        return Ok(false);
    }
    let length = usize::try_from(mask.saturating_add(PIXELS)).unwrap_or(0);
    let bytes = window.exact(end.saturating_sub(mask).saturating_sub(PIXELS), length)?;
    let (pixels, mask) = bytes.split_at_checked(PIXELS as usize).unwrap_or((&[], bytes));
    let first = mask.get(..PIXELS as usize / 4).unwrap_or_default();
    let even = |bytes: &[u8]| bytes.iter().filter(|byte| matches!(byte, 0 | 255)).count();
    Ok(even(first) == first.len()
        && even(mask).saturating_mul(10) >= mask.len().saturating_mul(9)
        && even(pixels).saturating_mul(2) < pixels.len())
}
