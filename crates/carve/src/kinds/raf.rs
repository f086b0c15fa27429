//! Raw pictures of Fujifilm's cameras.
//!
//! ```text
//! 0   16  'FUJIFILMCCD-RAW ', 4 digits, 8 camera number, 32 camera name
//! 84  24  u32BE place and length of a JPEG, of the sensor's facts, of the sensor's data
//! ```
//!
//! The JPEG must be whole, the sensor's facts must fill their length, and the data ends the file. There is no checksum:
//! *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Slice, Source};

use super::jpeg;
use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const RAF: FileType = FileType { id: "raf", extension: "raf" };
/// Bytes between two parts.
const BETWEEN_MOST: u64 = 64 * 1024;

/// Fujifilm's raw pictures.
pub(crate) struct Raf;

impl Kind for Raf {
    fn id(&self) -> &'static str {
        "raf"
    }

    fn types(&self) -> &'static [FileType] {
        &[RAF]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"FUJIFILMCCD-RAW "]
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(RAF, candidate, budget, |window, progress| walk(window, progress, candidate))
    }
}

fn walk(window: &mut Window<'_>, progress: &mut Progress, candidate: &dyn Source) -> Result<Whole, Stop> {
    if window.exact(0, 16)? != b"FUJIFILMCCD-RAW " || !window.exact(16, 4)?.iter().all(u8::is_ascii_digit) {
        return Err(Stop::bad(0, "no RAF"));
    }
    let mut range = |at: u64| -> Result<ByteRange, Stop> {
        Ok(ByteRange::new(u64::from(window.u32_be(at)?), u64::from(window.u32_be(at.saturating_add(4))?)))
    };
    let (picture, facts, data) = (range(84)?, range(92)?, range(100)?);
    let follows = |one: ByteRange, next: ByteRange| {
        next.offset >= one.end() && next.offset.saturating_sub(one.end()) <= BETWEEN_MOST
    };
    if picture.offset < 108 || data.is_empty() || !follows(picture, facts) || !follows(facts, data) {
        return Err(Stop::bad(84, "parts that do not follow one another"));
    }
    progress.level = Level::Header;
    let slice = Slice::new(candidate, picture);
    match jpeg::Jpeg.validate(&slice, window.budget).map_err(Stop::Io)? {
        // Cameras fill the length behind the picture.
        Verdict::Whole(whole) if picture.length.saturating_sub(whole.length) <= BETWEEN_MOST => {}
        _ => return Err(Stop::bad(picture.offset, "the picture in it is not whole")),
    }
    progress.level = Level::Body;
    progress.good = picture.end();
    let count = window.u32_be(facts.offset)?;
    let mut at = facts.offset.saturating_add(4);
    for _ in 0..count.min(4096) {
        window.budget.pay(4)?;
        at = at.saturating_add(4).saturating_add(u64::from(window.u16_be(at.saturating_add(2))?));
    }
    if count == 0 || count > 4096 || at > facts.end() {
        return Err(Stop::bad(facts.offset, "the sensor's facts do not fit their length"));
    }
    window.readable(ByteRange::between(0, data.end()))?;
    let reasons = [
        "the JPEG in it is whole, the sensor's facts fit their length, the data follows".to_owned(),
        "the sensor's data is under no checksum".to_owned(),
    ];
    Ok(consistent(RAF, data.end(), reasons).anchored_to(facts.end()))
}
