//! Baseline sequential JPEG (ITU-T T.81) in a JFIF or EXIF file.

use super::bits::HighFirstStuffed;
use super::huffman::{Word, canonical};
use super::jpeg_tables::{
    AC_CHROMINANCE, AC_LUMINANCE, CHROMINANCE, DC_CHROMINANCE, DC_LUMINANCE, LUMINANCE, TABLES, Table, ZIGZAG,
};
use crate::picture::Picture;

/// How a picture is written.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// 1 to 100, scaling the tables as the Independent JPEG Group's library does.
    pub(crate) quality: u32,
    /// Whether colour has half the resolution in both directions (4:2:0), as in photographs.
    pub(crate) halved_colour: bool,
    /// Restart interval in MCUs; 0 for none.
    pub(crate) restart_interval: u16,
    /// Body of an APP1 segment that replaces JFIF's APP0; at most 65533 bytes.
    pub(crate) app1: Option<Vec<u8>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quality: 85, halved_colour: true, restart_interval: 0, app1: None }
    }
}

/// Offset of the body of the first application segment from the start of the file: SOI, marker, length.
pub(crate) const APP_BODY_OFFSET: usize = 6;

/// The whole file, from SOI to EOI.
pub(crate) fn encode(picture: &Picture, settings: &Settings) -> Vec<u8> {
    let quantisers = [scaled(&LUMINANCE, settings.quality), scaled(&CHROMINANCE, settings.quality)];
    let mut out = vec![0xFF, 0xD8];
    match &settings.app1 {
        Some(body) => segment(&mut out, 0xE1, body),
        None => segment(&mut out, 0xE0, b"JFIF\0\x01\x01\x01\x00\x48\x00\x48\x00\x00"),
    }
    for (id, quantiser) in (0..).zip(&quantisers) {
        let zigzag = ZIGZAG.iter().filter_map(|&position| quantiser.get(position).map(|&q| q as u8));
        segment(&mut out, 0xDB, &std::iter::once(id).chain(zigzag).collect::<Vec<_>>());
    }
    segment(&mut out, 0xC0, &frame_header(picture, settings.halved_colour));
    for table in TABLES {
        let body = std::iter::once(&table.id).chain(&table.counts).chain(table.symbols).copied();
        segment(&mut out, 0xC4, &body.collect::<Vec<_>>());
    }
    if settings.restart_interval > 0 {
        segment(&mut out, 0xDD, &settings.restart_interval.to_be_bytes());
    }
    segment(&mut out, 0xDA, &[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    out.extend(scan(picture, settings, &quantisers));
    out.extend([0xFF, 0xD9]);
    out
}

/// Marker, length (which counts itself), body.
fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend([0xFF, marker]);
    out.extend(length.to_be_bytes());
    out.extend(body);
}

fn frame_header(picture: &Picture, halved_colour: bool) -> Vec<u8> {
    let mut body = vec![8];
    body.extend((picture.height as u16).to_be_bytes());
    body.extend((picture.width as u16).to_be_bytes());
    let luminance = if halved_colour { 0x22 } else { 0x11 };
    body.extend([3, 1, luminance, 0, 2, 0x11, 1, 3, 0x11, 1]);
    body
}

/// A table of quality 50 scaled to `quality`; values stay in a byte, as baseline demands.
fn scaled(table: &[u8; 64], quality: u32) -> [i32; 64] {
    let quality = quality.clamp(1, 100) as i32;
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    table.map(|value| ((i32::from(value) * percent + 50) / 100).clamp(1, 255))
}

/// The entropy-coded data, restart markers included.
fn scan(picture: &Picture, settings: &Settings, quantisers: &[[i32; 64]; 2]) -> Vec<u8> {
    let [luminance_quantiser, chrominance_quantiser] = quantisers;
    let luminance = Coder::new(&DC_LUMINANCE, &AC_LUMINANCE, luminance_quantiser);
    let chrominance = Coder::new(&DC_CHROMINANCE, &AC_CHROMINANCE, chrominance_quantiser);
    let side = if settings.halved_colour { 16 } else { 8 };
    let mut out = HighFirstStuffed::default();
    let mut predictions = [0_i32; 3];
    let corners = (0..picture.height).step_by(side).flat_map(|y| (0..picture.width).step_by(side).map(move |x| (x, y)));
    for (number, (x, y)) in corners.enumerate() {
        let interval = usize::from(settings.restart_interval);
        if interval > 0 && number > 0 && number % interval == 0 {
            out.align();
            out.bytes.extend([0xFF, 0xD0 + (number / interval - 1) as u8 % 8]);
            predictions = [0; 3];
        }
        let [y_prediction, cb_prediction, cr_prediction] = &mut predictions;
        for (dx, dy) in [(0, 0), (8, 0), (0, 8), (8, 8)].into_iter().filter(|(dx, dy)| dx + 8 <= side && dy + 8 <= side)
        {
            luminance.block(&mut out, y_prediction, &samples(picture, x + dx, y + dy, 1, 0));
        }
        chrominance.block(&mut out, cb_prediction, &samples(picture, x, y, side / 8, 1));
        chrominance.block(&mut out, cr_prediction, &samples(picture, x, y, side / 8, 2));
    }
    out.align();
    out.bytes
}

/// 64 samples of one component from the corner on, centred on zero; `step` picks every nth pixel.
fn samples(picture: &Picture, x: usize, y: usize, step: usize, component: u8) -> [i32; 64] {
    let mut block = [0; 64];
    for (index, sample) in block.iter_mut().enumerate() {
        let [r, g, b] = picture.at(x + index % 8 * step, y + index / 8 * step).map(i32::from);
        // The matrix of ITU-R BT.601 in thousandths, as JFIF prescribes it; Cb and Cr are already centred here.
        *sample = match component {
            0 => (299 * r + 587 * g + 114 * b + 500) / 1000 - 128,
            1 => (-169 * r - 331 * g + 500 * b) / 1000,
            _ => (500 * r - 419 * g - 81 * b) / 1000,
        };
    }
    block
}

/// The two codes and the quantiser of a component.
struct Coder<'a> {
    dc: Vec<Word>,
    ac: Vec<Word>,
    quantiser: &'a [i32; 64],
}

impl<'a> Coder<'a> {
    fn new(dc: &Table, ac: &Table, quantiser: &'a [i32; 64]) -> Self {
        Self { dc: words(dc), ac: words(ac), quantiser }
    }

    /// One block: transform, quantise, code (T.81, F.1.2).
    fn block(&self, out: &mut HighFirstStuffed, prediction: &mut i32, samples: &[i32; 64]) {
        let coefficients = self.quantised(samples);
        let (dc, ac) = coefficients.split_first().map_or((0, &[][..]), |(dc, ac)| (*dc, ac));
        let difference = dc - *prediction;
        *prediction = dc;
        let size = size(difference);
        send(out, &self.dc, size);
        out.put(magnitude_bits(difference, size), size);
        let mut zeros = 0_u8;
        for &value in ac {
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                send(out, &self.ac, 0xF0);
                zeros -= 16;
            }
            let size = size_of_ac(value);
            send(out, &self.ac, (zeros << 4) | size);
            out.put(magnitude_bits(value, size), size);
            zeros = 0;
        }
        if zeros > 0 {
            send(out, &self.ac, 0x00);
        }
    }

    /// Coefficients in zigzag order, divided by the quantiser and rounded to nearest.
    fn quantised(&self, samples: &[i32; 64]) -> [i32; 64] {
        let transformed = transform(samples);
        ZIGZAG.map(|position| {
            let value = transformed.get(position).copied().unwrap_or(0);
            let divisor = self.quantiser.get(position).copied().unwrap_or(1) << RESULT_BITS;
            (value.abs() + divisor / 2) / divisor * value.signum()
        })
    }
}

/// Bits after the binary point of [`BASIS`].
const SCALE_BITS: u32 = 13;

/// `BASIS[u][x]` = C(u)/2 · cos((2x+1)uπ/16), times 2^13: the cosine transform of T.81, A.3.3, as integers, since
/// floating-point cosines are not the same on all machines.
const BASIS: [[i32; 8]; 8] = [
    [2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896],
    [4017, 3406, 2276, 799, -799, -2276, -3406, -4017],
    [3784, 1567, -1567, -3784, -3784, -1567, 1567, 3784],
    [3406, -799, -4017, -2276, 2276, 4017, 799, -3406],
    [2896, -2896, -2896, 2896, 2896, -2896, -2896, 2896],
    [2276, -4017, 799, 3406, -3406, -799, 4017, -2276],
    [1567, -3784, 3784, -1567, -1567, 3784, -3784, 1567],
    [799, -2276, 3406, -4017, 4017, -3406, 2276, -799],
];

/// Bits dropped between the passes, so that everything fits 32 bits: 128 · 8 · 4017 / 2^7 · 8 · 4017 < 2^31.
const DROPPED_BITS: u32 = 7;
/// Bits after the binary point of what [`transform`] gives.
const RESULT_BITS: u32 = 2 * SCALE_BITS - DROPPED_BITS;

/// Both passes of the transform; the result is scaled by 2^19.
fn transform(samples: &[i32; 64]) -> [i32; 64] {
    let half = pass(samples).map(|value| value >> DROPPED_BITS);
    pass(&half)
}

/// Transforms each row and writes it as a column, so that two passes do rows and columns and end upright.
fn pass(block: &[i32; 64]) -> [i32; 64] {
    let mut out = [0; 64];
    for (y, row) in block.chunks(8).enumerate() {
        for (u, basis) in BASIS.iter().enumerate() {
            if let Some(cell) = out.get_mut(u * 8 + y) {
                // Cannot overflow, see above; wrapping lets the compiler use vectors where overflow is checked.
                *cell = basis.iter().zip(row).fold(0_i32, |sum, (a, b)| sum.wrapping_add(a.wrapping_mul(*b)));
            }
        }
    }
    out
}

/// Number of bits of the magnitude (T.81, Table F.1).
fn size(value: i32) -> u8 {
    (32 - value.unsigned_abs().leading_zeros()) as u8
}

/// Baseline allows AC sizes up to 10; 8-bit samples and integer rounding can reach no further.
fn size_of_ac(value: i32) -> u8 {
    size(value).min(10)
}

/// Negative values are sent as one's complement.
fn magnitude_bits(value: i32, size: u8) -> u32 {
    let shifted = if value < 0 { value + (1 << size) - 1 } else { value };
    shifted as u32
}

/// Code words by symbol: the canonical code of the counts.
fn words(table: &Table) -> Vec<Word> {
    let lengths: Vec<u8> =
        (1..).zip(table.counts).flat_map(|(length, count)| std::iter::repeat_n(length, usize::from(count))).collect();
    let mut words = vec![(0, 0); 256];
    for (word, &symbol) in canonical(&lengths).into_iter().zip(table.symbols) {
        if let Some(slot) = words.get_mut(usize::from(symbol)) {
            *slot = word;
        }
    }
    words
}

fn send(out: &mut HighFirstStuffed, words: &[Word], symbol: u8) {
    let (word, length) = words.get(usize::from(symbol)).copied().unwrap_or_default();
    out.put(u32::from(word), length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;
    use crate::picture::draw;

    /// Mean difference of a channel (a wrong decoding is off by 50 or more) between a picture and what another decoder makes of its file, in levels.
    fn mean_error(picture: &Picture, settings: &Settings) -> u64 {
        let file = encode(picture, settings);
        let decoded = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(&file)).decode().unwrap();
        let wanted = picture.rgb.concat();
        assert_eq!(decoded.len(), wanted.len());
        let total: u64 = decoded.iter().zip(&wanted).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        total / wanted.len() as u64
    }

    #[test]
    fn another_decoder_sees_the_picture_that_was_drawn() {
        for (width, height) in [(64, 48), (65, 47), (8, 8), (1, 1), (333, 17)] {
            let picture = draw(&mut Random::new(3), width, height, 0);
            for (halved_colour, restart_interval, most) in [(false, 0, 6), (false, 1, 6), (true, 0, 18), (true, 3, 18)]
            {
                let settings = Settings { quality: 92, halved_colour, restart_interval, app1: None };
                let error = mean_error(&picture, &settings);
                assert!(error <= most, "{width} x {height}, {halved_colour}, {restart_interval}: {error}");
            }
        }
    }
}
