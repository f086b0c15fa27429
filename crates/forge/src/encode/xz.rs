//! xz: one stream, one or several blocks, LZMA2 with literals and plain matches.

use std::collections::HashMap;

/// Content of one chunk: noise of this size, packed, still fits the 64 KiB that a chunk may have.
const CHUNK: usize = 48 * 1024;
/// Longest match.
const LONGEST: usize = 273;
/// A bit as likely as not, of 2048.
const EVEN: u16 = 1024;
/// Dictionary of 8 MiB, as `xz -6` has it.
const DICTIONARY: u8 = 22;

/// `content` as a file with blocks of at most `block` bytes.
pub(crate) fn compress(content: &[u8], block: usize) -> Vec<u8> {
    let flags = [0, 4];
    let mut out = b"\xFD7zXZ\0".to_vec();
    out.extend(flags);
    out.extend(crc32fast::hash(&flags).to_le_bytes());
    let mut index = vec![0];
    let blocks: Vec<&[u8]> = content.chunks(block.max(1)).collect();
    number(&mut index, blocks.len());
    for content in blocks {
        let start = out.len();
        let header = [2, 0, 0x21, 1, DICTIONARY, 0, 0, 0];
        out.extend(header);
        out.extend(crc32fast::hash(&header).to_le_bytes());
        chunks(&mut out, content);
        let unpadded = out.len() - start + 8;
        out.resize(start + (out.len() - start).next_multiple_of(4), 0);
        out.extend(crc64(content).to_le_bytes());
        number(&mut index, unpadded);
        number(&mut index, content.len());
    }
    index.resize(index.len().next_multiple_of(4), 0);
    index.extend(crc32fast::hash(&index).to_le_bytes());
    out.extend(&index);
    let mut foot = ((index.len() / 4 - 1) as u32).to_le_bytes().to_vec();
    foot.extend(flags);
    out.extend(crc32fast::hash(&foot).to_le_bytes());
    out.extend(foot);
    out.extend(b"YZ");
    out
}

/// Seven bits a byte, the lowest first.
fn number(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn chunks(out: &mut Vec<u8>, content: &[u8]) {
    let mut coder = Coder::new();
    let mut at = 0;
    while at < content.len() {
        let end = (at + CHUNK).min(content.len());
        let packed = coder.chunk(content, at, end);
        let (size, packed_size) = (end - at - 1, packed.len() - 1);
        out.push(if at == 0 { 0xE0 } else { 0x80 } | (size >> 16) as u8);
        out.extend((size as u16).to_be_bytes());
        out.extend((packed_size as u16).to_be_bytes());
        if at == 0 {
            // lc 3, lp 0, pb 2.
            out.push(93);
        }
        out.extend(packed);
        at = end;
    }
    out.push(0);
}

/// Models and state of an LZMA encoder without repeated distances.
struct Coder {
    is_match: Vec<u16>,
    is_rep: Vec<u16>,
    literals: Vec<u16>,
    length: Vec<u16>,
    slots: Vec<u16>,
    special: Vec<u16>,
    align: Vec<u16>,
    state: usize,
    last_distance: usize,
    /// Where three bytes were last.
    seen: HashMap<[u8; 3], usize>,
    range: Range,
}

impl Coder {
    fn new() -> Self {
        Self {
            is_match: vec![EVEN; 192],
            is_rep: vec![EVEN; 12],
            literals: vec![EVEN; 0x300 * 8],
            length: vec![EVEN; 2 + 128 + 128 + 256],
            slots: vec![EVEN; 256],
            special: vec![EVEN; 128],
            align: vec![EVEN; 16],
            state: 0,
            last_distance: 0,
            seen: HashMap::new(),
            range: Range::default(),
        }
    }

    fn chunk(&mut self, content: &[u8], start: usize, end: usize) -> Vec<u8> {
        self.range = Range::default();
        let mut at = start;
        while at < end {
            let aligned = at & 3;
            let model = (self.state << 4) + aligned;
            match self.find(content, at, end) {
                Some((distance, length)) => {
                    self.range.bit(&mut self.is_match, model, 1);
                    self.range.bit(&mut self.is_rep, self.state, 0);
                    self.matched(distance, length, aligned);
                    for place in at..at + length {
                        self.note(content, place);
                    }
                    at += length;
                }
                None => {
                    self.range.bit(&mut self.is_match, model, 0);
                    self.literal(content, at);
                    self.note(content, at);
                    at += 1;
                }
            }
        }
        self.range.finish()
    }

    fn note(&mut self, content: &[u8], at: usize) {
        if let Some(three) = content.get(at..).and_then(|rest| rest.first_chunk::<3>()) {
            self.seen.insert(*three, at);
        }
    }

    fn find(&self, content: &[u8], at: usize, end: usize) -> Option<(usize, usize)> {
        let rest = content.get(at..end)?;
        let from = *self.seen.get(rest.first_chunk::<3>()?)?;
        let before = content.get(from..)?;
        let length = rest.iter().zip(before).take(LONGEST).take_while(|(a, b)| a == b).count();
        // A short match far away costs more than its bytes.
        let distance = at - from - 1;
        (length >= 3 && (length > 3 || distance < 4096)).then_some((distance, length))
    }

    fn literal(&mut self, content: &[u8], at: usize) {
        let byte = usize::from(content.get(at).copied().unwrap_or(0));
        let previous = if at == 0 { 0 } else { content.get(at - 1).copied().unwrap_or(0) };
        let base = usize::from(previous >> 5) * 0x300;
        let mut symbol = 1;
        let mut matched = self.state >= 7;
        let expected = content.get(at.wrapping_sub(self.last_distance + 1)).copied().map_or(0, usize::from);
        for place in (0..8).rev() {
            let bit = byte >> place & 1;
            let hint = expected >> place & 1;
            let model = if matched { base + ((1 + hint) << 8) + symbol } else { base + symbol };
            self.range.bit(&mut self.literals, model, bit);
            symbol = symbol << 1 | bit;
            matched &= bit == hint;
        }
        self.state = match self.state {
            0..=3 => 0,
            4..=9 => self.state - 3,
            _ => self.state - 6,
        };
    }

    fn matched(&mut self, distance: usize, length: usize, aligned: usize) {
        let coded = length - 2;
        match coded {
            0..=7 => {
                self.range.bit(&mut self.length, 0, 0);
                self.range.tree(&mut self.length, 2 + (aligned << 3), 3, coded);
            }
            8..=15 => {
                self.range.bit(&mut self.length, 0, 1);
                self.range.bit(&mut self.length, 1, 0);
                self.range.tree(&mut self.length, 130 + (aligned << 3), 3, coded - 8);
            }
            _ => {
                self.range.bit(&mut self.length, 0, 1);
                self.range.bit(&mut self.length, 1, 1);
                self.range.tree(&mut self.length, 258, 8, coded - 16);
            }
        }
        let slot = if distance < 4 {
            distance
        } else {
            let top = distance.ilog2() as usize;
            top * 2 + (distance >> (top - 1) & 1)
        };
        self.range.tree(&mut self.slots, coded.min(3) << 6, 6, slot);
        if slot >= 4 {
            let bits = (slot >> 1) - 1;
            let base = (2 | slot & 1) << bits;
            let rest = distance - base;
            if slot < 14 {
                self.range.mirrored(&mut self.special, base - slot, bits, rest);
            } else {
                (4..bits).rev().for_each(|place| self.range.even(rest >> place & 1));
                self.range.mirrored(&mut self.align, 0, 4, rest & 15);
            }
        }
        self.last_distance = distance;
        self.state = if self.state < 7 { 7 } else { 10 };
    }
}

/// The range coder.
struct Range {
    out: Vec<u8>,
    low: u64,
    range: u32,
    held: u8,
    waiting: u64,
}

impl Default for Range {
    fn default() -> Self {
        Self { out: Vec::new(), low: 0, range: u32::MAX, held: 0, waiting: 1 }
    }
}

impl Range {
    fn bit(&mut self, models: &mut [u16], model: usize, bit: usize) {
        let Some(even) = models.get_mut(model) else { return };
        let bound = (self.range >> 11) * u32::from(*even);
        if bit == 0 {
            self.range = bound;
            *even += (2048 - *even) >> 5;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
            *even -= *even >> 5;
        }
        self.shift();
    }

    fn even(&mut self, bit: usize) {
        self.range >>= 1;
        if bit == 1 {
            self.low += u64::from(self.range);
        }
        self.shift();
    }

    fn tree(&mut self, models: &mut [u16], base: usize, bits: usize, value: usize) {
        let mut node = 1;
        for place in (0..bits).rev() {
            let bit = value >> place & 1;
            self.bit(models, base + node, bit);
            node = node << 1 | bit;
        }
    }

    fn mirrored(&mut self, models: &mut [u16], base: usize, bits: usize, value: usize) {
        let mut node = 1;
        for place in 0..bits {
            let bit = value >> place & 1;
            self.bit(models, base + node, bit);
            node = node << 1 | bit;
        }
    }

    fn shift(&mut self) {
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.carry();
        }
    }

    fn carry(&mut self) {
        if self.low < 0xFF00_0000 || self.low > 0xFFFF_FFFF {
            let carry = (self.low >> 32) as u8;
            let mut byte = self.held;
            for _ in 0..self.waiting {
                self.out.push(byte.wrapping_add(carry));
                byte = 0xFF;
            }
            self.waiting = 0;
            self.held = (self.low >> 24) as u8;
        }
        self.waiting += 1;
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

    fn finish(&mut self) -> Vec<u8> {
        (0..5).for_each(|_| self.carry());
        std::mem::take(&mut self.out)
    }
}

/// CRC-64 of ECMA-182, least significant bit first.
fn crc64(bytes: &[u8]) -> u64 {
    let step = |crc: u64, byte: &u8| {
        (0..8).fold(
            crc ^ u64::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xC96C_5795_D787_0F42 } else { crc >> 1 },
        )
    };
    !bytes.iter().fold(u64::MAX, step)
}
