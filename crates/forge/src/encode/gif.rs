//! GIF89a: one global palette of 256 colours, LZW, one picture or several.

use std::collections::HashMap;

use super::bits::LowFirst;
use crate::picture::Picture;

/// Codes are at most 12 bits long; when they are used up, the table is cleared.
const LARGEST_CODE: u16 = 4095;
const CLEAR: u16 = 256;
const END: u16 = 257;

/// The whole file; all pictures must have the size of the first. More than one makes an endless animation.
pub(crate) fn encode(pictures: &[Picture], comment: &str) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    let (width, height) = pictures.first().map_or((0, 0), |first| (first.width as u16, first.height as u16));
    out.extend(width.to_le_bytes());
    out.extend(height.to_le_bytes());
    out.extend([0xF7, 0, 0]);
    (0..=255).for_each(|index| out.extend(colour(index)));
    if pictures.len() > 1 {
        out.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0");
    }
    out.extend([0x21, 0xFE]);
    sub_blocks(&mut out, comment.as_bytes());
    for picture in pictures {
        out.extend([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
        out.push(0x2C);
        out.extend([0, 0, 0, 0]);
        out.extend(width.to_le_bytes());
        out.extend(height.to_le_bytes());
        out.extend([0, 8]);
        let indices: Vec<u8> = picture.rgb.iter().map(|&rgb| nearest(rgb)).collect();
        sub_blocks(&mut out, &lzw(&indices));
    }
    out.push(0x3B);
    out
}

/// A palette of 8 × 8 × 4 levels: three bits of red and green, two of blue.
fn colour(index: u8) -> [u8; 3] {
    let level = |value: u8, most: u16| (u16::from(value) * 255 / most) as u8;
    [level(index >> 5, 7), level((index >> 2) & 7, 7), level(index & 3, 3)]
}

fn nearest([r, g, b]: [u8; 3]) -> u8 {
    (r & 0xE0) | ((g >> 3) & 0x1C) | (b >> 6)
}

/// Data in pieces of at most 255 bytes, each behind its length, and an empty one at the end.
fn sub_blocks(out: &mut Vec<u8>, data: &[u8]) {
    for piece in data.chunks(255) {
        out.push(piece.len() as u8);
        out.extend(piece);
    }
    out.push(0);
}

/// The variable-width LZW of GIF with a minimum code size of 8.
fn lzw(indices: &[u8]) -> Vec<u8> {
    let mut out = LowFirst::default();
    let mut table: HashMap<(u16, u8), u16> = HashMap::new();
    let (mut next, mut width) = (END + 1, 9);
    out.put(u32::from(CLEAR), width);
    let mut rest = indices.iter();
    let Some(&first) = rest.next() else {
        out.put(u32::from(END), width);
        return out.finish();
    };
    let mut prefix = u16::from(first);
    for &index in rest {
        if let Some(&longer) = table.get(&(prefix, index)) {
            prefix = longer;
            continue;
        }
        out.put(u32::from(prefix), width);
        // The reader is one entry behind the writer, so the width grows before the entry is made.
        if next == 1 << width && width < 12 {
            width += 1;
        }
        if next > LARGEST_CODE {
            out.put(u32::from(CLEAR), width);
            table.clear();
            (next, width) = (END + 1, 9);
        } else {
            table.insert((prefix, index), next);
            next += 1;
        }
        prefix = u16::from(index);
    }
    out.put(u32::from(prefix), width);
    out.put(u32::from(END), width);
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    /// A reader of LZW written from the other side: widths and entries follow from the codes alone.
    fn unpack(data: &[u8]) -> Vec<u8> {
        let mut bits = data.iter().flat_map(|&byte| (0..8).map(move |bit| byte >> bit & 1));
        let mut table: Vec<Vec<u8>> = Vec::new();
        let (mut out, mut width, mut last) = (Vec::new(), 9, None::<Vec<u8>>);
        loop {
            let code = (0..width).fold(0, |code, bit| code | usize::from(bits.next().unwrap()) << bit);
            if code == usize::from(CLEAR) {
                table = (0..=257_u16).map(|code| vec![code as u8]).collect();
                (width, last) = (9, None);
                continue;
            }
            if code == usize::from(END) {
                return out;
            }
            if let Some(last) = &last {
                let first = table.get(code).unwrap_or(last)[0];
                if table.len() < 4096 {
                    table.push([last.as_slice(), &[first]].concat());
                }
            }
            out.extend(&table[code]);
            last = Some(table[code].clone());
            if table.len() == 1 << width && width < 12 {
                width += 1;
            }
        }
    }

    #[test]
    fn indices_come_back_through_every_width_and_a_full_table() {
        for length in [0, 1, 2, 255, 256, 5_000, 60_000] {
            let mut indices = Random::new(length as u64).bytes(length);
            assert!(unpack(&lzw(&indices)) == indices, "{length} random");
            indices.iter_mut().for_each(|index| *index &= 3);
            assert!(unpack(&lzw(&indices)) == indices, "{length} repeating");
        }
    }
}
