//! MPEG audio, layers I to III (ISO/IEC 11172-3 and 13818-3), with the tags that go around it.
//!
//! ```text
//! ['ID3' version, flags, four bytes of 7 bits: size; data]
//! frames: 11 ones, version, layer, bit rate, sampling rate, padding, channel mode; the first one may be Xing's, with counts
//! ['APETAGEX' … ] ['LYRICSBEGIN' … 'LYRICS200'] ['TAG', 125 bytes]
//! ```
//!
//! A frame in the middle of the sound looks like one at its beginning: without a tag in front, only Xing's frame shows that a
//! file begins here. Frames have no end mark and mostly no checksum. They end where Xing's frame says, or with a tag behind them, or where the
//! last sector's filling begins: *consistent*. The LAME tag's CRC-16 over all sound is compared where there is one. Sound
//! whose end nothing shows is *partial*.

mod frame;
mod tags;

use exhibit_evidence::{ByteRange, ReadFault, Source};
use frame::{Header, Xing};

use crate::budget::Budget;
use crate::crc;
use crate::kind::Kind;
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const MP3: FileType = FileType { id: "mp3", extension: "mp3" };
/// Frames in a row before sound is believed: each has 11 bits of synchronisation and some fields that do not change.
const FRAMES_LEAST: u64 = 20;
/// With Xing's frame, whose counts are compared, fewer are enough.
const COUNTED_LEAST: u64 = 2;

/// MPEG audio files.
pub(crate) struct Mp3;

impl Kind for Mp3 {
    fn id(&self) -> &'static str {
        "mp3"
    }

    fn types(&self) -> &'static [FileType] {
        &[MP3]
    }

    /// A tag, or a frame of layer III: of version 1 or 2, without and with a checksum, or of version 2.5.
    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        if head.starts_with(b"ID3") {
            return head.len() < 10 || tags::id3_bytes(head).is_some();
        }
        let Some(first) = head.first_chunk::<4>() else { return true };
        Header::parse(*first).is_some_and(|header| header.counts(head).is_some())
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(MP3, candidate, budget, sound)
    }
}

fn sound(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let start = tags::before(window)?;
    let first = Header::read(window, start)?.ok_or_else(|| Stop::bad(start, "no frame of MPEG audio"))?;
    let xing = Xing::read(window, start, &first)?;
    if start == 0 && xing.is_none() {
        return Err(Stop::bad(0, "nothing shows that sound begins here"));
    }
    let (mut at, mut frames, mut crc) = (start, 0_u64, 0_u16);
    while let Some(header) = Header::read(window, at)?.filter(|header| header.goes_on(&first)) {
        window.budget.pay(8)?;
        let next = at.saturating_add(header.bytes);
        if next > window.size() {
            return Err(Stop::End(window.size()));
        }
        let counts = xing.is_some() && at > start;
        window.each(ByteRange::between(at, next), |bytes| {
            if counts {
                crc = crc::lame16(crc, bytes);
            }
        })?;
        (at, frames) = (next, frames.saturating_add(1));
        let enough = if xing.is_some() { COUNTED_LEAST } else { FRAMES_LEAST };
        if frames >= enough {
            progress.level = if frames >= enough.saturating_mul(2) { Level::Body } else { Level::Header };
        }
        progress.good = at;
        if xing.as_ref().and_then(|xing| xing.bytes).is_some_and(|bytes| start.saturating_add(bytes) == at) {
            break;
        }
    }
    if progress.level == Level::Nothing {
        return Err(Stop::bad(at, "too few frames in a row"));
    }
    let mut reasons = vec![format!("{frames} frames of MPEG audio in a row")];
    let counted = match &xing {
        Some(xing) => xing.agrees(at.saturating_sub(start), frames.saturating_sub(1), crc, at, &mut reasons)?,
        None => false,
    };
    let end = tags::behind(window, at)?;
    let how = if counted {
        "as many bytes as the Xing frame says"
    } else if end > at {
        "tags behind the last frame show the end"
    } else if slack::ends_here(window, end)? {
        "the filling of the last sector begins, or the medium ends, behind the last frame"
    } else {
        return Err(Stop::bad(at, "no further frame, and nothing shows that this is the end"));
    };
    reasons.push(how.to_owned());
    let mut whole = consistent(MP3, end, []);
    whole.reasons = reasons;
    Ok(whole)
}
