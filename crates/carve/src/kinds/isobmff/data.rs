//! Whether the data of a film or picture is what its tables say: pictures of H.264 and H.265 are made of units, each behind
//! its length, that fill them to the last byte; frames of AAC sound begin alike and end with a mark; AV1 has units, too.
//!
//! Nothing else tells that data lies where a table in front of it says. Data of other codecs is not looked at.

use exhibit_evidence::ByteRange;

use crate::stop::Stop;
use crate::window::Window;

/// Samples of a track that are looked at; of longer ones the last.
const SAMPLES_MOST: u64 = 1 << 18;
/// Frames of sound that may begin otherwise than the others, of a hundred: fillings, silence.
const OTHERS_MOST: u64 = 5;

/// How the data of a track is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// Units, each behind its length of so many bytes.
    Units(u8),
    /// Raw frames of AAC.
    Aac,
    /// Open units of AV1.
    Av1,
}

/// The tables of a track: size of each sample, samples of each chunk, place of each chunk.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) codec: Option<Codec>,
    pub(super) sizes: Option<ByteRange>,
    pub(super) runs: Option<ByteRange>,
    pub(super) chunks: Option<(ByteRange, u64)>,
}

impl Codec {
    /// Of the first entry of a table of sample descriptions, which lies in `range`.
    pub(super) fn of_description(window: &mut Window<'_>, range: ByteRange) -> Result<Option<Self>, Stop> {
        const MOST: u64 = 4096;
        let bytes = window.exact(range.offset, usize::try_from(range.length.min(MOST)).unwrap_or(0))?;
        let has = |name: &[u8]| memchr::memmem::find(bytes, name);
        Ok(match bytes.get(12..16) {
            Some(b"avc1" | b"avc3") => length_size(bytes, has(b"avcC"), 4),
            Some(b"hvc1" | b"hev1") => length_size(bytes, has(b"hvcC"), 21),
            Some(b"mp4a") => has(b"esds").map(|_| Self::Aac),
            Some(b"av01") => Some(Self::Av1),
            _ => None,
        })
    }
}

/// The size of lengths: the lowest two bits of a byte in the configuration, and one.
fn length_size(bytes: &[u8], name: Option<usize>, at: usize) -> Option<Codec> {
    let byte = bytes.get(name?.checked_add(4)?.checked_add(at)?)?;
    Some(Codec::Units((byte & 3) + 1))
}

impl Track {
    /// Up to where the data was seen to be as it should be, if that of all samples is.
    pub(super) fn checked(&self, window: &mut Window<'_>) -> Result<Option<u64>, Stop> {
        let (Some(codec), Some(sizes), Some(runs), Some((chunks, width))) =
            (self.codec, self.sizes, self.runs, self.chunks)
        else {
            return Ok(None);
        };
        let Some(samples) = samples(window, sizes, runs, (chunks, width))? else { return Ok(None) };
        let (mut end, mut first_bits) = (0_u64, [0_u64; 8]);
        for sample in &samples {
            window.budget.pay(4)?;
            if sample.end() > window.size() {
                return Ok(None);
            }
            let known = match codec {
                Codec::Units(size) => units_fill(window, *sample, size)?,
                Codec::Av1 => av1_fills(window, *sample)?,
                Codec::Aac => {
                    if let Some(slot) = first_bits.get_mut(usize::from(window.u8(sample.offset)? >> 5)) {
                        *slot = slot.saturating_add(1);
                    }
                    ends_frame(window, *sample)?.then_some(sample.end())
                }
            };
            let Some(known) = known else { return Ok(None) };
            end = end.max(known);
        }
        let count = samples.len() as u64;
        let most = first_bits.iter().copied().max().unwrap_or(0);
        let alike = count.saturating_sub(most).saturating_mul(100) <= count.saturating_mul(OTHERS_MOST).max(100);
        Ok((count > 0 && (codec != Codec::Aac || alike)).then_some(end))
    }
}

/// Where the samples lie; `None` if the tables do not go together.
fn samples(
    window: &mut Window<'_>,
    sizes: ByteRange,
    runs: ByteRange,
    (chunks, width): (ByteRange, u64),
) -> Result<Option<Vec<ByteRange>>, Stop> {
    let (uniform, count) =
        (window.u32_be(sizes.offset.saturating_add(4))?, window.u32_be(sizes.offset.saturating_add(8))?);
    let count = u64::from(count);
    if count > SAMPLES_MOST || (uniform == 0 && count.saturating_mul(4).saturating_add(12) > sizes.length) {
        return Ok(None);
    }
    let (run_count, chunk_count) = (
        u64::from(window.u32_be(runs.offset.saturating_add(4))?),
        u64::from(window.u32_be(chunks.offset.saturating_add(4))?),
    );
    if run_count.saturating_mul(12) > runs.length || chunk_count.saturating_mul(width) > chunks.length || run_count == 0
    {
        return Ok(None);
    }
    let mut list = Vec::new();
    let (mut run, mut done) = (0_u64, 0_u64);
    for chunk in 1..=chunk_count {
        window.budget.pay(4)?;
        let entry = |run: u64| runs.offset.saturating_add(8).saturating_add(run.saturating_mul(12));
        while run.saturating_add(1) < run_count && u64::from(window.u32_be(entry(run.saturating_add(1)))?) <= chunk {
            run = run.saturating_add(1);
        }
        let in_chunk = u64::from(window.u32_be(entry(run).saturating_add(4))?);
        let place = chunks.offset.saturating_add(8).saturating_add(chunk.saturating_sub(1).saturating_mul(width));
        let mut at =
            if width == 4 { u64::from(window.u32_be(place)?) } else { u64::from_be_bytes(window.array::<8>(place)?) };
        for _ in 0..in_chunk {
            if done >= count {
                return Ok(None);
            }
            window.budget.pay(4)?;
            let size = if uniform == 0 {
                window.u32_be(sizes.offset.saturating_add(12).saturating_add(done.saturating_mul(4)))?
            } else {
                uniform
            };
            list.push(ByteRange::new(at, u64::from(size)));
            at = at.saturating_add(u64::from(size));
            done = done.saturating_add(1);
        }
    }
    Ok((done == count).then_some(list))
}

/// Where the last unit begins, if units, each behind its length of `size` bytes, fill the range.
pub(super) fn units_fill(window: &mut Window<'_>, range: ByteRange, size: u8) -> Result<Option<u64>, Stop> {
    let (mut at, mut last) = (range.offset, range.offset);
    while at < range.end() {
        window.budget.pay(4)?;
        last = at;
        let behind = at.saturating_add(u64::from(size));
        if behind > range.end() {
            return Ok(None);
        }
        let length = window.exact(at, usize::from(size))?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        // The first bit of a unit is always zero.
        if length == 0 || behind.saturating_add(length) > range.end() || window.u8(behind)? & 0x80 != 0 {
            return Ok(None);
        }
        at = behind.saturating_add(length);
    }
    Ok((at == range.end() && !range.is_empty()).then_some(last))
}

/// Where the last unit begins, if open units of AV1, each with its length, fill the range.
pub(super) fn av1_fills(window: &mut Window<'_>, range: ByteRange) -> Result<Option<u64>, Stop> {
    let (mut at, mut last) = (range.offset, range.offset);
    while at < range.end() {
        window.budget.pay(4)?;
        last = at;
        let head = window.u8(at)?;
        // The first bit and the last are zero, there is a length, and a byte for layers if it says so.
        if head & 0x83 != 2 {
            return Ok(None);
        }
        at = at.saturating_add(if head & 4 != 0 { 2 } else { 1 });
        let (mut length, mut shift) = (0_u64, 0_u32);
        loop {
            if at >= range.end() || shift > 28 {
                return Ok(None);
            }
            let byte = window.u8(at)?;
            at = at.saturating_add(1);
            length |= u64::from(byte & 0x7f) << shift;
            shift = shift.saturating_add(7);
            if byte & 0x80 == 0 {
                break;
            }
        }
        at = at.saturating_add(length);
    }
    Ok((at == range.end() && !range.is_empty()).then_some(last))
}

/// Whether a frame of AAC ends with the mark of its end, three set bits, before the bits that fill its last byte.
fn ends_frame(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    if range.length < 2 {
        return Ok(false);
    }
    let [a, b] = window.array::<2>(range.end().saturating_sub(2))?;
    let bits = u16::from_be_bytes([a, b]);
    Ok(b != 0 && bits >> bits.trailing_zeros() & 7 == 7 || (b == 0 && a & 7 == 7))
}
