//! One block of an xz stream: its header, its LZMA2 chunks, its check.

use exhibit_evidence::ByteRange;

use super::check::Check;
use super::chunks::{Chunk, Dictionary, survey};
use super::number;
use crate::stop::{Progress, Stop};
use crate::verdict::Level;
use crate::window::Window;

const LZMA2: u64 = 0x21;
/// Memory besides the dictionary: a chunk's output, and models.
const BESIDES_BYTES: u64 = 5 << 20;

/// Whether the content was compared with its check.
pub(super) enum Checked {
    Yes,
    Not(&'static str),
}

/// A whole block.
pub(super) struct Block {
    /// Size without padding, as in the index.
    pub(super) unpadded: u64,
    /// Size of the content.
    pub(super) content: u64,
    pub(super) end: u64,
    pub(super) checked: Checked,
}

/// What a block's header says.
pub(super) struct Header {
    pub(super) data_at: u64,
    /// Size of the dictionary in bytes.
    pub(super) dictionary: u64,
    packed: Option<u64>,
    content: Option<u64>,
    /// Whether LZMA2 is the only filter.
    plain: bool,
}

/// Reads the header of the block at `at`.
pub(super) fn header(window: &mut Window<'_>, at: u64) -> Result<Header, Stop> {
    let size = u64::from(window.u8(at)?).saturating_add(1).saturating_mul(4);
    let crc_at = at.saturating_add(size).saturating_sub(4);
    let fields = window.exact(at, usize::try_from(size.saturating_sub(4)).unwrap_or(0))?;
    let crc = crc32fast::hash(fields);
    if window.u32_le(crc_at)? != crc {
        return Err(Stop::bad(at, "CRC-32 of a block header does not match"));
    }
    let flags = window.u8(at.saturating_add(1))?;
    let mut place = at.saturating_add(2);
    let bad = || Stop::bad(at, "a block header that no encoder writes");
    let packed = if flags & 0x40 == 0 { None } else { Some(number(window, &mut place)?) };
    let content = if flags & 0x80 == 0 { None } else { Some(number(window, &mut place)?) };
    let filters = (flags & 3).saturating_add(1);
    let mut last = (0, None);
    for _ in 0..filters {
        let (id, length) = (number(window, &mut place)?, number(window, &mut place)?);
        if place.saturating_add(length) > crc_at {
            return Err(bad());
        }
        last = (id, (length == 1).then_some(place));
        place = place.saturating_add(length);
    }
    let (LZMA2, Some(size_at)) = last else { return Err(bad()) };
    let dictionary = match window.u8(size_at)? {
        40 => u64::from(u32::MAX),
        code @ 0..40 => (2 | u64::from(code & 1)) << u32::from(code / 2).saturating_add(11),
        _ => return Err(bad()),
    };
    Ok(Header { data_at: crc_at.saturating_add(4), dictionary, packed, content, plain: filters == 1 })
}

/// Judges the block at `at`, whose check has this id.
pub(super) fn judge(window: &mut Window<'_>, progress: &mut Progress, at: u64, check: u8) -> Result<Block, Stop> {
    let header = header(window, at)?;
    progress.sure(header.data_at);
    // What the content comes to decides how much of the dictionary is needed, so the chunks are counted first.
    let survey = survey(window, header.data_at)?;
    let needed = header.dictionary.min(survey.content).saturating_add(BESIDES_BYTES);
    let (data_end, content, value) = match window.budget.memory(needed) {
        Ok(_held) => {
            let dictionary = Dictionary::new(header.dictionary, survey.content);
            decode(window, progress, header.data_at, dictionary, check)?
        }
        // Judged by structure alone.
        Err(_) => match survey.end {
            Some(end) => {
                window.readable(ByteRange::between(header.data_at, end))?;
                (end, survey.content, None)
            }
            None => return Err(Stop::bad(survey.reached, "no LZMA2 chunk")),
        },
    };
    let packed = data_end.saturating_sub(header.data_at);
    if header.packed.is_some_and(|size| size != packed) || header.content.is_some_and(|size| size != content) {
        return Err(Stop::bad(at, "a block of another size than its header says"));
    }
    let mut check_at = data_end;
    while !check_at.saturating_sub(at).is_multiple_of(4) {
        if window.u8(check_at)? != 0 {
            return Err(Stop::bad(check_at, "padding that is not zero"));
        }
        check_at = check_at.saturating_add(1);
    }
    let length = Check::length(check);
    let stored = window.exact(check_at, usize::try_from(length).unwrap_or(0))?.to_vec();
    let checked = match value {
        None => Checked::Not("a block was not decoded: its dictionary is larger than one judge may have"),
        Some(_) if !header.plain => Checked::Not("a filter before LZMA2 was not undone, so the check was not compared"),
        Some(None) => Checked::Not("no check of the content that is known here"),
        Some(Some(value)) if value == stored => Checked::Yes,
        Some(Some(_)) => return Err(Stop::bad(check_at, "the check of a block does not match")),
    };
    let unpadded = data_end.saturating_sub(at).saturating_add(length);
    Ok(Block { unpadded, content, end: check_at.saturating_add(length), checked })
}

/// Decodes the chunks: where they end, the size of the content, its check.
#[expect(clippy::type_complexity, reason = "three facts, used once")]
fn decode(
    window: &mut Window<'_>,
    progress: &mut Progress,
    data_at: u64,
    mut dictionary: Dictionary,
    check: u8,
) -> Result<(u64, u64, Option<Option<Vec<u8>>>), Stop> {
    let (mut check, mut at, mut content) = (Check::new(check), data_at, 0_u64);
    while let Some(chunk) = Chunk::read(window, at)? {
        let before = dictionary.bytes().len();
        dictionary.take(&chunk, window).map_err(|stop| match stop {
            Stop::Bad(..) => Stop::bad(chunk.end(), "a chunk that does not decode"),
            other => other,
        })?;
        check.update(dictionary.bytes().get(before..).unwrap_or_default());
        content = content.saturating_add(chunk.content as u64);
        dictionary.forget();
        at = chunk.end();
        progress.level = Level::Body;
        progress.good = at;
        if chunk.is_coded() {
            // The coder must end with all its input used and nothing left over.
            progress.sure(at);
        }
    }
    Ok((at.saturating_add(1), content, Some(check.finish())))
}
