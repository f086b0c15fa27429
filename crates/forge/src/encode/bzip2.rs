//! bzip2: one stream of blocks of 100 000 to 900 000 bytes, two codes in each.

use super::bits::HighFirst;
use super::huffman;

/// Symbols coded with the same code before a selector chooses again.
const GROUP: usize = 50;
/// The longest code that [`huffman::canonical`] gives; the format would allow 20.
const LONGEST_CODE: u8 = 15;
/// Bytes of a block that its level promises and the reference program leaves free.
const SPARE: usize = 19;

/// `content` as a file; `level` from 1 to 9.
pub(crate) fn compress(content: &[u8], level: u8) -> Vec<u8> {
    let mut bits = HighFirst::default();
    bits.bytes.extend([b'B', b'Z', b'h', b'0' + level]);
    let most = usize::from(level) * 100_000 - SPARE;
    let mut sum = 0_u32;
    let mut rest = content;
    while !rest.is_empty() {
        let (block, used) = runs(rest, most);
        let (here, later) = rest.split_at(used);
        let crc = crc(here);
        sum = sum.rotate_left(1) ^ crc;
        encode(&mut bits, &block, crc);
        rest = later;
    }
    bits.put(0x17_7245, 24);
    bits.put(0x38_5090, 24);
    bits.put(sum, 32);
    bits.align();
    bits.bytes
}

/// Four equal bytes are followed by how many more there are; the result, and how much of the content it stands for.
fn runs(content: &[u8], most: usize) -> (Vec<u8>, usize) {
    let (mut out, mut used) = (Vec::new(), 0);
    while let Some(&byte) = content.get(used).filter(|_| out.len() + 5 <= most) {
        let equal = content.iter().skip(used).take(4 + 251).take_while(|other| **other == byte).count();
        out.extend(std::iter::repeat_n(byte, equal.min(4)));
        if equal >= 4 {
            out.push((equal - 4) as u8);
        }
        used += equal;
    }
    (out, used)
}

fn encode(bits: &mut HighFirst, block: &[u8], crc: u32) {
    let (last, origin) = transform(block);
    let mut used: Vec<u8> = last.clone();
    used.sort_unstable();
    used.dedup();
    let symbols = symbols(&last, &used);
    let alphabet = used.len() + 2;
    let groups = symbols.len().div_ceil(GROUP);
    // The first half of the groups has one code, the second another.
    let halves = symbols.split_at((groups.div_ceil(2) * GROUP).min(symbols.len()));
    let lengths = [halves.0, halves.1].map(|half| {
        let mut frequencies = vec![1_u32; alphabet];
        for symbol in half {
            if let Some(frequency) = frequencies.get_mut(usize::from(*symbol)) {
                *frequency += 8;
            }
        }
        huffman::lengths(&frequencies, LONGEST_CODE)
    });
    bits.put(0x31_4159, 24);
    bits.put(0x26_5359, 24);
    bits.put(crc, 32);
    bits.put(0, 1);
    bits.put(origin as u32, 24);
    in_use(bits, &used);
    bits.put(2, 3);
    bits.put(groups as u32, 15);
    // Selectors are moved to the front: only the first of the second half is not 0.
    for group in 0..groups {
        if group > 0 && group == groups.div_ceil(2) { bits.put(0b10, 2) } else { bits.put(0, 1) }
    }
    for lengths in &lengths {
        describe(bits, lengths);
    }
    let codes = lengths.map(|lengths| huffman::canonical(&lengths));
    for (half, codes) in [halves.0, halves.1].iter().zip(&codes) {
        for symbol in *half {
            let (code, length) = codes.get(usize::from(*symbol)).copied().unwrap_or_default();
            bits.put(u32::from(code), length);
        }
    }
}

/// The last column of the sorted rotations, and where the block itself stands among them.
fn transform(block: &[u8]) -> (Vec<u8>, usize) {
    let length = block.len();
    let mut ranks: Vec<usize> = block.iter().map(|byte| usize::from(*byte)).collect();
    let mut order: Vec<usize> = (0..length).collect();
    let mut compared = 1;
    // Rotations sorted by so many bytes are sorted by twice as many with the ranks they have.
    loop {
        let rank = |at: usize| ranks.get(at % length.max(1)).copied().unwrap_or(0);
        let key = |at: &usize| (rank(*at), rank(at + compared / 2));
        if compared == 1 {
            order.sort_unstable_by_key(|at| (rank(*at), *at));
        } else {
            order.sort_unstable_by_key(|at| (key(at), *at));
        }
        let mut next = vec![0; length];
        let (mut current, mut before) = (0, None);
        for at in &order {
            let own = if compared == 1 { (rank(*at), 0) } else { key(at) };
            if before.is_some_and(|before| before != own) {
                current += 1;
            }
            before = Some(own);
            if let Some(slot) = next.get_mut(*at) {
                *slot = current;
            }
        }
        ranks = next;
        if current + 1 >= length || compared >= length {
            break;
        }
        compared *= 2;
    }
    let before = |at: usize| block.get((at + length - 1) % length.max(1)).copied().unwrap_or(0);
    (order.iter().map(|at| before(*at)).collect(), order.iter().position(|at| *at == 0).unwrap_or(0))
}

/// Moves to the front, writes runs of the front as digits 0 and 1, and ends.
fn symbols(last: &[u8], used: &[u8]) -> Vec<u16> {
    let (mut list, mut out, mut run) = (used.to_vec(), Vec::new(), 0_usize);
    let end_run = |run: &mut usize, out: &mut Vec<u16>| {
        while *run > 0 {
            out.push(u16::from((*run).is_multiple_of(2)));
            *run = (*run - 1) / 2;
        }
    };
    for byte in last {
        let place = list.iter().position(|other| other == byte).unwrap_or(0);
        if place == 0 {
            run += 1;
            continue;
        }
        end_run(&mut run, &mut out);
        out.push(place as u16 + 1);
        if let Some(front) = list.get_mut(..=place) {
            front.rotate_right(1);
        }
    }
    end_run(&mut run, &mut out);
    out.push(used.len() as u16 + 1);
    out
}

fn in_use(bits: &mut HighFirst, used: &[u8]) {
    let rows: Vec<u32> = (0..16_u8)
        .map(|row| {
            used.iter().filter(|byte| *byte >> 4 == row).fold(0, |columns, byte| columns | 0x8000 >> (byte & 15))
        })
        .collect();
    bits.put(rows.iter().fold(0, |all, columns| all << 1 | u32::from(*columns != 0)), 16);
    rows.iter().filter(|columns| **columns != 0).for_each(|columns| bits.put(*columns, 16));
}

/// Lengths as steps from one to the next.
fn describe(bits: &mut HighFirst, lengths: &[u8]) {
    let mut current = lengths.first().copied().unwrap_or(1);
    bits.put(u32::from(current), 5);
    for &length in lengths {
        while current != length {
            let up = current < length;
            bits.put(if up { 0b10 } else { 0b11 }, 2);
            current = if up { current + 1 } else { current - 1 };
        }
        bits.put(0, 1);
    }
}

/// CRC-32 of bzip2: polynomial 04C11DB7, most significant bit first.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8)
            .fold(crc ^ u32::from(*byte) << 24, |crc, _| if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}
