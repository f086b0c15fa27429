//! FLAC: blocks of 4096 samples of 16 bits, a fixed predictor of order 2, one Rice parameter for each subframe.

use md5::{Digest, Md5};

use super::bits::HighFirst;

const BLOCK: usize = 4096;
/// 44 100 Hz.
const RATE: u32 = 44_100;

/// The file of these channels, which are equally long.
pub(crate) fn encode(channels: &[Vec<i16>]) -> Vec<u8> {
    let samples = channels.first().map_or(0, Vec::len);
    let frames: Vec<Vec<u8>> = (0..samples.div_ceil(BLOCK)).map(|number| frame(channels, number)).collect();
    let sizes = frames.iter().map(Vec::len);
    let mut info = HighFirst::default();
    [BLOCK, BLOCK].iter().for_each(|size| info.put(*size as u32, 16));
    info.put(sizes.clone().min().unwrap_or(0) as u32, 24);
    info.put(sizes.max().unwrap_or(0) as u32, 24);
    info.put(RATE, 20);
    info.put(channels.len() as u32 - 1, 3);
    info.put(15, 5);
    info.put(0, 4);
    info.put(samples as u32, 32);
    let mut digest = Md5::new();
    for at in 0..samples {
        channels.iter().filter_map(|channel| channel.get(at)).for_each(|sample| digest.update(sample.to_le_bytes()));
    }
    let text = b"\x0d\0\0\0exhibit forge\0\0\0\0";
    let head = [b"fLaC\0\0\0\x22", &info.bytes[..], &digest.finalize(), &[0x84, 0, 0, text.len() as u8], text].concat();
    [head, frames.concat()].concat()
}

fn frame(channels: &[Vec<i16>], number: usize) -> Vec<u8> {
    let of = |channel: &Vec<i16>| channel.iter().skip(number * BLOCK).take(BLOCK).copied().map(i32::from).collect();
    let blocks: Vec<Vec<i32>> = channels.iter().map(of).collect();
    let length = blocks.first().map_or(0, Vec::len);
    let mut bits = HighFirst::default();
    bits.put(0xFFF8, 16);
    bits.put(if length == BLOCK { 12 } else { 7 }, 4);
    bits.put(9, 4);
    bits.put(channels.len() as u32 - 1, 4);
    bits.put(4, 3);
    bits.put(0, 1);
    // The number is coded like a character of UTF-8.
    let mut utf8 = [0; 4];
    let character = char::from_u32(number as u32).unwrap_or('\0');
    character.encode_utf8(&mut utf8).bytes().for_each(|byte| bits.put(u32::from(byte), 8));
    if length != BLOCK {
        bits.put(length as u32 - 1, 16);
    }
    let crc = check(&bits.bytes, 0x07, 8);
    bits.put(crc, 8);
    for block in &blocks {
        subframe(&mut bits, block);
    }
    bits.align();
    let crc = check(&bits.bytes, 0x8005, 16);
    bits.put(crc, 16);
    bits.bytes
}

fn subframe(bits: &mut HighFirst, samples: &[i32]) {
    let &[first, second, ..] = samples else {
        bits.put(1 << 1, 8);
        samples.iter().for_each(|sample| bits.put(*sample as u32, 16));
        return;
    };
    bits.put(10 << 1, 8);
    bits.put(first as u32, 16);
    bits.put(second as u32, 16);
    let residual: Vec<i32> = samples.array_windows().map(|[a, b, c]| c - 2 * b + a).collect();
    let mean = residual.iter().map(|error| u64::from(error.unsigned_abs())).sum::<u64>() / residual.len().max(1) as u64;
    let parameter = mean.checked_ilog2().map_or(0, |log| log + 1).min(14);
    bits.put(0, 2);
    bits.put(0, 4);
    bits.put(parameter, 4);
    for error in residual {
        let folded = if error < 0 { (error.unsigned_abs() << 1) - 1 } else { error.unsigned_abs() << 1 };
        (0..folded >> parameter).for_each(|_| bits.put(0, 1));
        bits.put(1, 1);
        bits.put(folded, parameter as u8);
    }
}

/// A check of `width` bits, most significant bit first, begun with 0.
fn check(bytes: &[u8], polynomial: u32, width: u32) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte) << (width - 8), |crc, _| {
            let next = crc << 1;
            if crc >> (width - 1) & 1 == 1 { (next ^ polynomial) & ((1 << width) - 1) } else { next }
        })
    };
    bytes.iter().fold(0, step)
}
