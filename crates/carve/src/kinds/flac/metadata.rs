//! The metadata blocks between the signature and the first frame.

use exhibit_evidence::{ByteRange, Slice, Source};

use crate::kind::Kind;
use crate::kinds::{jpeg, png};
use crate::stop::{Progress, Stop};
use crate::verdict::{Class, Verdict};
use crate::window::Window;

const PADDING: u8 = 1;
const SEEK_TABLE: u8 = 3;
const COMMENTS: u8 = 4;
const PICTURE: u8 = 6;
/// Blocks of one file.
const BLOCKS_MOST: u32 = 1024;
/// As many bytes as the smallest foreign sector: fewer that could be anything hide nothing.
const SECTOR_BYTES: u64 = 512;

/// Follows the blocks: where the frames begin, and what could hide foreign data.
pub(super) fn walk(
    window: &mut Window<'_>,
    progress: &mut Progress,
    candidate: &dyn Source,
) -> Result<(u64, Vec<String>), Stop> {
    let (mut at, mut doubts) = (4_u64, Vec::new());
    for number in 0..BLOCKS_MOST {
        window.budget.pay(16)?;
        let [kind, a, b, c] = window.array::<4>(at)?;
        let range = ByteRange::new(at.saturating_add(4), u64::from(u32::from_be_bytes([0, a, b, c])));
        let is_last = kind & 0x80 != 0;
        let vouched = match kind & 0x7f {
            0 if number == 0 => true,
            0 | 7.. => return Err(Stop::bad(at, "no metadata block of FLAC")),
            PADDING => zeros(window, range)?,
            SEEK_TABLE => seek_table(window, range)?,
            COMMENTS => comments(window, range)?,
            PICTURE => picture(window, range, candidate)?,
            _ => range.length < SECTOR_BYTES,
        };
        window.readable(range)?;
        if !vouched {
            doubts.push(format!("metadata of type {} could hide foreign data", kind & 0x7f));
            doubts.truncate(4);
        }
        at = range.end();
        progress.good = at;
        if is_last {
            return Ok((at, doubts));
        }
    }
    Err(Stop::bad(at, "metadata without end"))
}

fn zeros(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    let mut clean = true;
    window.each(range, |bytes| clean &= bytes.iter().all(|byte| *byte == 0))?;
    Ok(clean)
}

/// Points of 18 bytes whose samples ascend; unused ones are all ones there.
fn seek_table(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    let mut last = None;
    for index in 0..range.length / 18 {
        window.budget.pay(4)?;
        let place = range.offset.saturating_add(index.saturating_mul(18));
        let sample = u64::from_be_bytes(window.array::<8>(place)?);
        if last.is_some_and(|last| sample <= last && last != u64::MAX) {
            return Ok(false);
        }
        last = Some(sample);
    }
    Ok(range.length.is_multiple_of(18))
}

/// Text with its lengths, which fill the block; none so long that it could hide a sector.
fn comments(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    let mut at = range.offset;
    let mut left = u64::MAX;
    let mut first = true;
    while left > 0 {
        window.budget.pay(4)?;
        let length = u64::from(window.u32_le(at)?);
        at = at.saturating_add(4).saturating_add(length);
        if length >= SECTOR_BYTES || at > range.end() {
            return Ok(false);
        }
        let text = window.exact(at.saturating_sub(length), usize::try_from(length).unwrap_or(0))?;
        if std::str::from_utf8(text).is_err() {
            return Ok(false);
        }
        left = left.saturating_sub(1);
        if first {
            left = u64::from(window.u32_le(at)?);
            at = at.saturating_add(4);
            first = false;
        }
    }
    Ok(at == range.end())
}

/// A picture that is proven itself, or too small to hide anything.
fn picture(window: &mut Window<'_>, range: ByteRange, candidate: &dyn Source) -> Result<bool, Stop> {
    let mut at = range.offset.saturating_add(4);
    for _ in 0..2 {
        let length = u64::from(window.u32_be(at)?);
        at = at.saturating_add(4).saturating_add(length);
        if length >= SECTOR_BYTES || at > range.end() {
            return Ok(false);
        }
    }
    let data_at = at.saturating_add(20);
    let length = u64::from(window.u32_be(at.saturating_add(16))?);
    if data_at.saturating_add(length) != range.end() {
        return Ok(false);
    }
    if length < SECTOR_BYTES {
        return Ok(true);
    }
    let kind: &dyn Kind = match window.exact(data_at, 4)? {
        [0xff, 0xd8, ..] => &jpeg::Jpeg,
        b"\x89PNG" => &png::Png,
        _ => return Ok(false),
    };
    let verdict = kind.validate(&Slice::new(candidate, ByteRange::new(data_at, length)), window.budget);
    match verdict.map_err(Stop::Io)? {
        Verdict::Whole(whole) => Ok(whole.class == Class::Proven && whole.length == length),
        _ => Ok(false),
    }
}
