//! One frame of FLAC: header, subframes, checksums.

use exhibit_evidence::ByteRange;

use crate::bits::Bits;
use crate::crc;
use crate::stop::Stop;
use crate::window::Window;

/// What the stream's information says.
#[derive(Debug, Clone)]
pub(super) struct Format {
    pub(super) longest_frame: u64,
    channels: u32,
    /// Bits of a sample.
    depth: u32,
    /// Samples of each channel; 0 if unknown.
    pub(super) samples: u64,
    pub(super) digest: [u8; 16],
}

impl Format {
    pub(super) fn read(window: &mut Window<'_>) -> Result<Self, Stop> {
        let info = window.array::<34>(8)?;
        let [b0, b1, c0, c1, _, _, _, f0, f1, f2, r0, r1, r2, r3, t0, t1, t2, t3, digest @ ..] = info;
        let (least, most) = (u16::from_be_bytes([b0, b1]), u16::from_be_bytes([c0, c1]));
        let rate = u32::from_be_bytes([0, r0, r1, r2]) >> 4;
        let depth = (u32::from(r2 & 1) << 4 | u32::from(r3 >> 4)).saturating_add(1);
        let samples = u64::from(r3 & 15) << 32 | u64::from(u32::from_be_bytes([t0, t1, t2, t3]));
        if least < 16 || most < least || rate == 0 || depth < 4 {
            return Err(Stop::bad(8, "information that no FLAC stream has"));
        }
        let longest_frame = u64::from(u32::from_be_bytes([0, f0, f1, f2]));
        Ok(Self { longest_frame, channels: u32::from(r2 >> 1 & 7).saturating_add(1), depth, samples, digest })
    }
}

/// A frame that decodes.
pub(super) struct Frame {
    /// Number of the frame, or of its first sample.
    number: u64,
    counts_samples: bool,
    pub(super) samples: u64,
    pub(super) end: u64,
}

impl Frame {
    /// Whether this is the next one after so many frames and samples.
    pub(super) const fn follows(&self, frames: u64, samples: u64) -> bool {
        self.number == if self.counts_samples { samples } else { frames }
    }
}

struct Header {
    frame: Frame,
    /// 0 to 7: so many channels more than one; 8 left and side, 9 side and right, 10 middle and side.
    channels: u32,
    bits: Bits,
}

/// Whether a frame header with a right CRC-8 stands at `at`.
pub(super) fn begins(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    match header(window, at) {
        Ok(_) => Ok(true),
        Err(Stop::Bad(..) | Stop::End(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

fn header(window: &mut Window<'_>, at: u64) -> Result<Header, Stop> {
    let bad = |what: &str| Stop::bad(at, what.to_owned());
    let mut bits = Bits::new(at);
    if bits.take(15, window)? != 0x7ffc {
        return Err(bad("no frame"));
    }
    let counts_samples = bits.take(1, window)? == 1;
    let (size, rate) = (bits.take(4, window)?, bits.take(4, window)?);
    let (channels, depth) = (bits.take(4, window)?, bits.take(3, window)?);
    if bits.take(1, window)? != 0 || size == 0 || rate == 15 || channels > 10 || depth == 3 {
        return Err(bad("a frame header that no encoder writes"));
    }
    let number = coded_number(&mut bits, window)?;
    let samples = match size {
        1 => 192,
        2..=5 => 144 << size,
        6 => bits.take(8, window)?.saturating_add(1),
        7 => bits.take(16, window)?.saturating_add(1),
        _ => 1 << size,
    };
    match rate {
        12 => bits.take(8, window)?,
        13 | 14 => bits.take(16, window)?,
        _ => 0,
    };
    let length = usize::try_from(bits.byte().saturating_sub(at)).unwrap_or(0);
    let crc = crc::flac8(window.exact(at, length)?);
    if bits.take(8, window)? != u32::from(crc) {
        return Err(bad("CRC-8 of a frame header does not match"));
    }
    let frame = Frame { number, counts_samples, samples: u64::from(samples), end: at };
    Ok(Header { frame, channels, bits })
}

/// A number of up to 36 bits, coded like a character of UTF-8.
fn coded_number(bits: &mut Bits, window: &mut Window<'_>) -> Result<u64, Stop> {
    let first = bits.take(8, window)? as u8;
    let more = match first.leading_ones() {
        0 => return Ok(u64::from(first)),
        ones @ 2..=7 => ones.saturating_sub(1),
        _ => return Err(Stop::bad(bits.byte(), "a frame number that is none")),
    };
    let mut number = u64::from(first) & (0x3f_u64 >> more);
    for _ in 0..more {
        let next = bits.take(8, window)?;
        if next >> 6 != 2 {
            return Err(Stop::bad(bits.byte(), "a frame number that is none"));
        }
        number = number << 6 | u64::from(next & 0x3f);
    }
    Ok(number)
}

/// Decodes the frame at `at`; `take` gets its samples, channel by channel in turns, in as many whole bytes as they need.
pub(super) fn decode(
    window: &mut Window<'_>,
    at: u64,
    format: &Format,
    mut take: impl FnMut(&[u8]),
) -> Result<Frame, Stop> {
    let Header { mut frame, channels: assignment, mut bits } = header(window, at)?;
    let channels = if assignment < 8 { assignment.saturating_add(1) } else { 2 };
    if channels != format.channels {
        return Err(Stop::bad(at, "a frame with another number of channels"));
    }
    let count = usize::try_from(frame.samples).unwrap_or(0);
    window.budget.pay(frame.samples.saturating_mul(u64::from(channels)))?;
    // Samples of eight bytes, and the same as they were recorded.
    let _held = window.budget.memory(frame.samples.saturating_mul(u64::from(channels)).saturating_mul(12))?;
    let mut sound: Vec<Vec<i64>> = Vec::new();
    for channel in 0..channels {
        let is_side = matches!((assignment, channel), (8 | 10, 1) | (9, 0));
        sound.push(subframe(&mut bits, window, count, format.depth.saturating_add(u32::from(is_side)))?);
    }
    if bits.align() != 0 {
        return Err(Stop::bad(bits.byte(), "padding that is not zero"));
    }
    let crc_at = bits.byte();
    let mut crc = 0;
    window.each(ByteRange::between(at, crc_at), |bytes| crc = crc::flac16(crc, bytes))?;
    if window.u16_be(crc_at)? != crc {
        return Err(Stop::bad(crc_at, "CRC-16 of a frame does not match"));
    }
    separate(&mut sound, assignment);
    let mut pcm = Vec::new();
    let width = format.depth.div_ceil(8) as usize;
    for index in 0..count {
        for channel in &sound {
            let sample = channel.get(index).copied().unwrap_or(0).to_le_bytes();
            pcm.extend_from_slice(sample.get(..width).unwrap_or_default());
        }
    }
    take(&pcm);
    frame.end = crc_at.saturating_add(2);
    Ok(frame)
}

/// Makes left and right of what was stored.
fn separate(sound: &mut [Vec<i64>], assignment: u32) {
    let [first, second] = sound else { return };
    for (a, b) in first.iter_mut().zip(second) {
        match assignment {
            8 => *b = a.wrapping_sub(*b),
            9 => *a = a.wrapping_add(*b),
            10 => {
                let middle = (*a << 1) | (*b & 1);
                (*a, *b) = (middle.wrapping_add(*b) >> 1, middle.wrapping_sub(*b) >> 1);
            }
            _ => {}
        }
    }
}

fn subframe(bits: &mut Bits, window: &mut Window<'_>, count: usize, depth: u32) -> Result<Vec<i64>, Stop> {
    let bad = |bits: &Bits, what: &str| Stop::bad(bits.byte(), what.to_owned());
    let head = bits.take(8, window)?;
    if head & 0x80 != 0 {
        return Err(bad(bits, "no subframe"));
    }
    let wasted = if head & 1 == 1 { bits.unary(31, window)?.saturating_add(1) } else { 0 };
    let Some(depth) = depth.checked_sub(wasted).filter(|depth| *depth > 0) else {
        return Err(bad(bits, "a subframe without bits"));
    };
    let mut samples = match head >> 1 {
        0 => vec![signed(bits, window, depth)?; count],
        1 => plain(bits, window, count, depth)?,
        order @ 8..=12 => fixed(bits, window, count, depth, (order & 7) as usize)?,
        order @ 32..=63 => predicted(bits, window, count, depth, (order & 31).saturating_add(1) as usize)?,
        _ => return Err(bad(bits, "a subframe of a type that there is not")),
    };
    if wasted > 0 {
        samples.iter_mut().for_each(|sample| *sample <<= wasted);
    }
    Ok(samples)
}

/// A number of `width` bits (at most 33) in two's complement.
fn signed(bits: &mut Bits, window: &mut Window<'_>, width: u32) -> Result<i64, Stop> {
    let high = width.saturating_sub(16);
    let value = u64::from(bits.take(high, window)?) << width.min(16) | u64::from(bits.take(width.min(16), window)?);
    let unused = 64_u32.saturating_sub(width).min(63);
    Ok(((value << unused) as i64) >> unused)
}

fn plain(bits: &mut Bits, window: &mut Window<'_>, count: usize, depth: u32) -> Result<Vec<i64>, Stop> {
    (0..count).map(|_| signed(bits, window, depth)).collect()
}

fn fixed(bits: &mut Bits, window: &mut Window<'_>, count: usize, depth: u32, order: usize) -> Result<Vec<i64>, Stop> {
    const COEFFICIENTS: [&[i64]; 5] = [&[], &[1], &[2, -1], &[3, -3, 1], &[4, -6, 4, -1]];
    let mut samples = warm_up(bits, window, count, depth, order)?;
    residual(bits, window, count, order, &mut samples)?;
    restore(&mut samples, COEFFICIENTS.get(order).copied().unwrap_or_default(), 0);
    Ok(samples)
}

fn predicted(
    bits: &mut Bits,
    window: &mut Window<'_>,
    count: usize,
    depth: u32,
    order: usize,
) -> Result<Vec<i64>, Stop> {
    let mut samples = warm_up(bits, window, count, depth, order)?;
    let precision = bits.take(4, window)?.saturating_add(1);
    let shift = bits.take(5, window)?;
    if precision == 16 || shift > 15 {
        return Err(Stop::bad(bits.byte(), "a predictor that no encoder writes"));
    }
    let mut coefficients = Vec::new();
    for _ in 0..order {
        coefficients.push(signed(bits, window, precision)?);
    }
    residual(bits, window, count, order, &mut samples)?;
    restore(&mut samples, &coefficients, shift);
    Ok(samples)
}

fn warm_up(bits: &mut Bits, window: &mut Window<'_>, count: usize, depth: u32, order: usize) -> Result<Vec<i64>, Stop> {
    if order > count {
        return Err(Stop::bad(bits.byte(), "a predictor longer than its block"));
    }
    let mut samples = plain(bits, window, order, depth)?;
    samples.reserve(count.saturating_sub(order));
    Ok(samples)
}

/// Appends the residual of all samples behind the first `order`.
fn residual(
    bits: &mut Bits,
    window: &mut Window<'_>,
    count: usize,
    order: usize,
    samples: &mut Vec<i64>,
) -> Result<(), Stop> {
    let method = bits.take(2, window)?;
    let parts = 1_usize << bits.take(4, window)?;
    let each = count / parts;
    if method > 1 || !count.is_multiple_of(parts) || each < order {
        return Err(Stop::bad(bits.byte(), "a residual that no encoder writes"));
    }
    let width = method.saturating_add(4);
    for part in 0..parts {
        let parameter = bits.take(width, window)?;
        let here = if part == 0 { each.saturating_sub(order) } else { each };
        if parameter == (1 << width) - 1 {
            let raw = bits.take(5, window)?;
            for _ in 0..here {
                samples.push(if raw == 0 { 0 } else { signed(bits, window, raw)? });
            }
            continue;
        }
        for _ in 0..here {
            let high = bits.unary(1 << 20, window)?;
            let folded = u64::from(high) << parameter | u64::from(bits.take(parameter, window)?);
            samples.push((folded >> 1) as i64 ^ -((folded & 1) as i64));
        }
    }
    Ok(())
}

/// Adds to each residual what the samples before it predict.
fn restore(samples: &mut [i64], coefficients: &[i64], shift: u32) {
    let order = coefficients.len();
    for index in order..samples.len() {
        let (before, from) = samples.split_at_mut(index);
        let newest_first = before.iter().rev().zip(coefficients);
        let sum = newest_first.fold(0_i64, |sum, (sample, factor)| sum.wrapping_add(sample.wrapping_mul(*factor)));
        if let Some(sample) = from.first_mut() {
            *sample = sample.wrapping_add(sum >> shift);
        }
    }
}
