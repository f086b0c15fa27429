//! What stands before and behind the sound.

use exhibit_evidence::ByteRange;

use crate::stop::Stop;
use crate::window::Window;

/// Largest tag that is believed, in bytes: one with pictures.
const TAG_MOST: u64 = 64 << 20;
/// Zeros between a tag and the first frame.
const ZEROS_MOST: u64 = 64 * 1024;

/// Length of the ID3v2 tag that begins `head`, in bytes.
pub(super) fn id3_bytes(head: &[u8]) -> Option<u64> {
    let [b'I', b'D', b'3', 2..=4, minor, flags, size @ ..] = head.first_chunk::<10>()? else { return None };
    if *minor == 0xff || flags & 0x0f != 0 || size.iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let size = size.iter().fold(0_u64, |size, byte| size << 7 | u64::from(*byte));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    Some(size.saturating_add(10).saturating_add(footer))
}

/// Where the first frame stands.
pub(super) fn before(window: &mut Window<'_>) -> Result<u64, Stop> {
    let mut at = 0_u64;
    while let Ok(head) = window.array::<10>(at) {
        let Some(length) = id3_bytes(&head) else { break };
        let next = at.saturating_add(length);
        if next > TAG_MOST || next > window.size() {
            return Err(Stop::bad(at, "a tag longer than tags are"));
        }
        window.readable(ByteRange::between(at, next))?;
        at = next;
    }
    let start = at;
    // Some writers do not count the filling as part of the tag.
    while at > 0 && at.saturating_sub(start) < ZEROS_MOST && window.u8(at)? == 0 {
        at = at.saturating_add(1);
    }
    Ok(at)
}

/// Where the tags behind the last frame end.
pub(super) fn behind(window: &mut Window<'_>, start: u64) -> Result<u64, Stop> {
    let mut at = start;
    loop {
        window.budget.pay(8)?;
        let next = match window.array::<3>(at) {
            Ok([b'A', b'P', b'E']) => ape(window, at)?,
            Ok([b'L', b'Y', b'R']) => lyrics(window, at)?,
            Ok([b'T', b'A', b'G']) if id3v1(window, at)? => return Ok(at.saturating_add(128)),
            Ok(_) | Err(Stop::End(_) | Stop::Unreadable(_)) => None,
            Err(stop) => return Err(stop),
        };
        match next {
            Some(next) => at = next,
            None => return Ok(at),
        }
    }
}

/// 125 bytes of text, each field filled with zeros or spaces.
fn id3v1(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    match window.exact(at, 128) {
        Ok(tag) => Ok(tag.get(3..97).unwrap_or_default().iter().all(|byte| *byte == 0 || *byte >= 0x20)),
        Err(Stop::End(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// An APE tag: a header, or items only, and a footer that gives the length of both items and footer.
fn ape(window: &mut Window<'_>, at: u64) -> Result<Option<u64>, Stop> {
    let Ok(head) = window.array::<32>(at) else { return Ok(None) };
    let [b'A', b'P', b'E', b'T', b'A', b'G', b'E', b'X', _, _, _, _, a, b, c, d, ..] = head else { return Ok(None) };
    let size = u64::from(u32::from_le_bytes([a, b, c, d]));
    let end = at.saturating_add(32).saturating_add(size);
    if !(32..=TAG_MOST).contains(&size) || end > window.size() {
        return Ok(None);
    }
    window.readable(ByteRange::between(at, end))?;
    let footer = window.exact(end.saturating_sub(32), 8)?;
    Ok((footer == b"APETAGEX").then_some(end))
}

/// Lyrics of version 2: six digits and a mark behind them give their length.
fn lyrics(window: &mut Window<'_>, at: u64) -> Result<Option<u64>, Stop> {
    let Ok(begin) = window.exact(at, 11) else { return Ok(None) };
    if begin != b"LYRICSBEGIN" {
        return Ok(None);
    }
    let found = window.find(b"LYRICS200", at, at.saturating_add(1 << 20))?;
    Ok(found.map(|found| found.saturating_add(9)))
}
