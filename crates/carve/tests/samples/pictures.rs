//! PNG, GIF and JPEG.

use std::collections::HashMap;

use super::{Noise, zlib};

/// An RGB picture of soft gradients and a little noise.
pub(crate) fn png(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed | 1);
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let grain = (noise.next() >> 40) as u8 & 7;
            rows.extend_from_slice(&[(x * 2) as u8 ^ grain, (y * 3) as u8, (x + y) as u8 ^ grain]);
        }
    }
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    chunk(&mut bytes, b"IHDR", &header);
    chunk(&mut bytes, b"tEXt", b"Comment\0made for a test");
    for part in zlib(&rows).chunks(2500) {
        chunk(&mut bytes, b"IDAT", part);
    }
    chunk(&mut bytes, b"IEND", b"");
    bytes
}

fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    bytes.extend_from_slice(&(data.len() as u32).to_be_bytes());
    let start = bytes.len();
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(data);
    let crc = crc32fast::hash(&bytes[start..]);
    bytes.extend_from_slice(&crc.to_be_bytes());
}

/// `images` images of 8-bit colours, cleared whenever the dictionary is full.
pub(crate) fn gif(width: u16, height: u16, images: usize, seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed | 1);
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend_from_slice(&width.to_le_bytes());
    bytes.extend_from_slice(&height.to_le_bytes());
    bytes.extend_from_slice(&[0xf7, 0, 0]);
    (0..=255_u8).for_each(|grey| bytes.extend_from_slice(&[grey, grey, grey]));
    for _ in 0..images {
        bytes.extend_from_slice(&[0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0]);
        bytes.extend_from_slice(&width.to_le_bytes());
        bytes.extend_from_slice(&height.to_le_bytes());
        bytes.extend_from_slice(&[0, 8]);
        let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height))
            .map(|at| ((at % usize::from(width)) as u8 / 4) ^ ((noise.next() >> 40) as u8 & 3))
            .collect();
        for block in lzw(&pixels).chunks(255) {
            bytes.push(block.len() as u8);
            bytes.extend_from_slice(block);
        }
        bytes.push(0);
    }
    bytes.push(0x3b);
    bytes
}

fn lzw(pixels: &[u8]) -> Vec<u8> {
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0_u32);
    let mut put = |code: u32, bits: u32, out: &mut Vec<u8>| {
        held |= code << count;
        count += bits;
        while count >= 8 {
            out.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    };
    let (mut bits, mut next) = (9_u32, 258_u32);
    let mut table: HashMap<(u32, u8), u32> = HashMap::new();
    put(256, bits, &mut out);
    let mut current = u32::from(pixels[0]);
    for &pixel in &pixels[1..] {
        if let Some(&longer) = table.get(&(current, pixel)) {
            current = longer;
            continue;
        }
        put(current, bits, &mut out);
        table.insert((current, pixel), next);
        next += 1;
        if next == (1 << bits) + 1 && bits < 12 {
            bits += 1;
        }
        if next >= 4095 {
            put(256, bits, &mut out);
            (bits, next) = (9, 258);
            table.clear();
        }
        current = u32::from(pixel);
    }
    put(current, bits, &mut out);
    next += 1;
    if next == (1 << bits) + 1 && bits < 12 {
        bits += 1;
    }
    put(257, bits, &mut out);
    put(0, 7, &mut out);
    out
}

/// Code lengths and symbols of a small AC table: end of block, runs of 0 to 3 with 1 to 4 bits, a run of 16.
const AC: ([u8; 16], [u8; 18]) = (
    [0, 1, 2, 2, 2, 2, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x21, 0x12, 0x31, 0x22, 0x13, 0x32, 0x14, 0x23, 0x24, 0x33, 0x34, 0xf0],
);
/// The DC table of annex K.3.
const DC: ([u8; 16], [u8; 12]) =
    ([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

/// A grey baseline picture of soft waves; a restart marker after each `restart` blocks, if not 0.
pub(crate) fn jpeg(width: u16, height: u16, restart: u16, seed: u64) -> Vec<u8> {
    jpeg_with(width, height, restart, seed, &[])
}

/// The same with a whole other JPEG as thumbnail in an APP1 segment.
pub(crate) fn jpeg_with(width: u16, height: u16, restart: u16, seed: u64, thumbnail: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    segment(&mut bytes, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    if !thumbnail.is_empty() {
        segment(&mut bytes, 0xe1, &[b"Exif\0\0", thumbnail].concat());
    }
    segment(&mut bytes, 0xdb, &[&[0][..], &[8; 64]].concat());
    let (h, w) = (height.to_be_bytes(), width.to_be_bytes());
    segment(&mut bytes, 0xc0, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]);
    segment(&mut bytes, 0xc4, &[&[0][..], &DC.0, &DC.1].concat());
    segment(&mut bytes, 0xc4, &[&[0x10][..], &AC.0, &AC.1].concat());
    if restart > 0 {
        segment(&mut bytes, 0xdd, &restart.to_be_bytes());
    }
    segment(&mut bytes, 0xda, &[1, 1, 0, 0, 63, 0]);
    scan(&mut bytes, width, height, restart, seed);
    bytes.extend_from_slice(&[0xff, 0xd9]);
    bytes
}

fn segment(bytes: &mut Vec<u8>, code: u8, data: &[u8]) {
    bytes.extend_from_slice(&[0xff, code]);
    bytes.extend_from_slice(&(data.len() as u16 + 2).to_be_bytes());
    bytes.extend_from_slice(data);
}

fn scan(bytes: &mut Vec<u8>, width: u16, height: u16, restart: u16, seed: u64) {
    let (dc, ac) = (codes(&DC.0, &DC.1), codes(&AC.0, &AC.1));
    let mut noise = Noise(seed | 1);
    let mut bits = Bits::default();
    let (wide, high) = (width.div_ceil(8), height.div_ceil(8));
    let (mut before, mut done) = (0_i32, 0_u16);
    for y in 0..high {
        for x in 0..wide {
            if restart > 0 && done > 0 && done.is_multiple_of(restart) {
                bits.flush();
                bytes.append(&mut bits.out);
                bytes.extend_from_slice(&[0xff, 0xd0 | ((done / restart - 1) % 8) as u8]);
                before = 0;
            }
            // Means between about 60 and 190, changing slowly; the step is 8, so a unit is one sample.
            let mean = (40.0 * (f64::from(x) / 5.0).sin() + 25.0 * (f64::from(y) / 4.0).cos()) as i32;
            let (size, value) = category(mean - before);
            bits.put(dc[&size]);
            bits.put((value, u32::from(size)));
            before = mean;
            for _ in 0..noise.below(6) {
                let (run, level) = (noise.below(4) as u8, noise.below(7) as i32 - 3);
                let (size, value) = category(if level == 0 { 1 } else { level });
                bits.put(ac[&(run << 4 | size)]);
                bits.put((value, u32::from(size)));
            }
            bits.put(ac[&0]);
            done += 1;
        }
    }
    bits.flush();
    bytes.append(&mut bits.out);
}

/// Codes by symbol: value and length.
fn codes(counts: &[u8; 16], symbols: &[u8]) -> HashMap<u8, (u32, u32)> {
    let (mut code, mut place, mut all) = (0, 0, HashMap::new());
    for (length, &count) in (1..).zip(counts) {
        for _ in 0..count {
            all.insert(symbols[place], (code, length));
            (code, place) = (code + 1, place + 1);
        }
        code <<= 1;
    }
    all
}

/// Size in bits and the bits of a value.
fn category(value: i32) -> (u8, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 } else { value } as u32 & ((1 << size) - 1);
    (size as u8, bits)
}

#[derive(Default)]
struct Bits {
    held: u32,
    count: u32,
    out: Vec<u8>,
}

impl Bits {
    fn put(&mut self, (value, length): (u32, u32)) {
        for place in (0..length).rev() {
            self.held = self.held << 1 | (value >> place & 1);
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.held as u8);
                if self.held as u8 == 0xff {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    fn flush(&mut self) {
        while self.count > 0 {
            self.put((1, 1));
        }
    }
}
