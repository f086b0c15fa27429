//! Headers of frames, and the first frame's counts.

use crate::crc;
use crate::stop::Stop;
use crate::window::Window;

/// Bit rates in kbit/s: version 1 layers I, II, III; then the other versions' layer I, and II and III.
const BIT_RATES: [[u64; 15]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
/// Sampling rates of version 1 in Hz; version 2 has half of them, version 2.5 a quarter.
const RATES: [u64; 3] = [44_100, 48_000, 32_000];

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// 0 version 2.5, 2 version 2, 3 version 1.
    version: u8,
    /// 1 layer III, 2 layer II, 3 layer I.
    layer: u8,
    rate: u8,
    is_mono: bool,
    /// Length of the frame in bytes, with this header.
    pub(super) bytes: u64,
}

impl Header {
    pub(super) fn parse(head: [u8; 4]) -> Option<Self> {
        let [0xff, a, b, c] = head else { return None };
        let (version, layer, rate) = (a >> 3 & 3, a >> 1 & 3, b >> 2 & 3);
        if a >> 5 != 7 || version == 1 || layer == 0 || c & 3 == 2 {
            return None;
        }
        let row = match (version, layer) {
            (3, 3) => 0,
            (3, 2) => 1,
            (3, _) => 2,
            (_, 3) => 3,
            _ => 4,
        };
        let kilobits = BIT_RATES.get(row)?.get(usize::from(b >> 4)).copied().filter(|rate| *rate > 0)?;
        let shift = match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
        let hertz = RATES.get(usize::from(rate))? >> shift;
        let padding = u64::from(b >> 1 & 1);
        let bytes = match layer {
            3 => (12_000 * kilobits / hertz + padding) * 4,
            1 if version != 3 => 72_000 * kilobits / hertz + padding,
            _ => 144_000 * kilobits / hertz + padding,
        };
        Some(Self { version, layer, rate, is_mono: c >> 6 == 3, bytes })
    }

    pub(super) fn read(window: &mut Window<'_>, at: u64) -> Result<Option<Self>, Stop> {
        match window.array::<4>(at) {
            Ok(head) => Ok(Self::parse(head)),
            Err(Stop::End(_)) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// The Xing part of the frame that begins with `bytes`, if that is what it begins.
    pub(super) fn counts<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let side = match (self.version == 3, self.is_mono) {
            (true, false) => 36,
            (true, true) | (false, false) => 21,
            (false, true) => 13,
        };
        // Behind a header with a checksum everything stands two bytes further, except for some writers.
        let places = if bytes.get(1)? & 1 == 0 { side..=side + 2 } else { side..=side };
        let tags = places.step_by(2).filter_map(|place| bytes.get(place..));
        tags.into_iter().find(|tag| self.layer == 1 && (tag.starts_with(b"Xing") || tag.starts_with(b"Info")))
    }

    /// Whether a file may have this frame and `first`.
    pub(super) const fn goes_on(&self, first: &Self) -> bool {
        self.version == first.version
            && self.layer == first.layer
            && self.rate == first.rate
            && self.is_mono == first.is_mono
    }
}

/// The counts in a first frame that has no sound.
pub(super) struct Xing {
    frames: Option<u64>,
    /// Bytes of all frames, this one too.
    pub(super) bytes: Option<u64>,
    /// CRC-16 of all other frames, from a LAME tag.
    crc: Option<u16>,
}

impl Xing {
    /// The counts in the frame at `at`, if it has any.
    pub(super) fn read(window: &mut Window<'_>, at: u64, header: &Header) -> Result<Option<Self>, Stop> {
        if at.saturating_add(header.bytes) > window.size() {
            return Ok(None);
        }
        let frame = window.exact(at, usize::try_from(header.bytes).unwrap_or(0))?;
        let Some(tag) = header.counts(frame) else { return Ok(None) };
        let side = frame.len().saturating_sub(tag.len());
        let mut place = 4;
        let mut next = || {
            let word = tag.get(place..).and_then(|rest| rest.first_chunk::<4>()).map(|four| u32::from_be_bytes(*four));
            place += 4;
            word.map(u64::from)
        };
        let flags = next().unwrap_or(0);
        let frames = if flags & 1 != 0 { next() } else { None };
        let bytes = if flags & 2 != 0 { next() } else { None };
        // A table of 100 places, a quality, then LAME's part; its own CRC-16 ends it, over all before.
        let lame = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
        let lame = lame + if flags & 4 != 0 { 100 } else { 0 } + if flags & 8 != 0 { 4 } else { 0 };
        let stored = |from: usize| {
            let two = tag.get(lame + from..).and_then(|rest| rest.first_chunk::<2>());
            two.map(|two| u16::from_be_bytes(*two))
        };
        let own = frame.get(..side + lame + 34).map(|covered| crc::lame16(0, covered));
        let crc = if own.is_some() && own == stored(34) && own != Some(0) { stored(32) } else { None };
        Ok(Some(Self { frames, bytes, crc }))
    }

    /// Whether what was walked is what is counted here; an error if the sound's CRC-16 says otherwise.
    pub(super) fn agrees(
        &self,
        bytes: u64,
        frames: u64,
        crc: u16,
        at: u64,
        reasons: &mut Vec<String>,
    ) -> Result<bool, Stop> {
        let counted = match (self.bytes, self.frames) {
            (Some(counted), Some(number)) => {
                counted == bytes && (number == frames || number == frames.saturating_add(1))
            }
            (Some(counted), None) => counted == bytes,
            (None, Some(number)) => number == frames,
            (None, None) => false,
        };
        let (fewer_bytes, fewer) =
            (self.bytes.is_some_and(|all| bytes < all), self.frames.is_some_and(|all| frames < all));
        if !counted && (fewer_bytes || (self.bytes.is_none() && fewer)) {
            return Err(Stop::bad(at, "no further frame, though the Xing frame counts more"));
        }
        if !counted {
            reasons.push("the counts of the Xing frame do not agree".to_owned());
        } else if let Some(stored) = self.crc {
            if stored != crc {
                return Err(Stop::bad(at, "the CRC-16 of the sound in the LAME tag does not match"));
            }
            reasons.push("the CRC-16 of the sound in the LAME tag matches".to_owned());
        }
        Ok(counted)
    }
}
