//! Bytes with the structure of an executable: instructions, tables of addresses, strings, padding.

use crate::{Random, prose};

/// Opcode-like pieces of one to four bytes; a few dozen make up most of real x86-64 code.
const INSTRUCTIONS: &[&[u8]] = &[
    b"\x48\x89\xE5",
    b"\x48\x83\xEC",
    b"\x48\x8B\x45",
    b"\x48\x89\xC7",
    b"\xE8",
    b"\x0F\x84",
    b"\x74",
    b"\x75",
    b"\x31\xC0",
    b"\xC3",
    b"\x55",
    b"\x5D",
    b"\x48\x8D\x3D",
    b"\x89\x45",
    b"\x8B\x55",
    b"\x85\xC0",
    b"\x41\x57",
    b"\x41\x56",
    b"\x48\x85\xDB",
    b"\x0F\xB6\x00",
    b"\x48\x8B\x05",
    b"\xEB",
    b"\x4C\x89\xE2",
    b"\x66\x90",
];

/// Exactly `length` bytes.
pub(crate) fn machine_code(random: &mut Random, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length.saturating_add(4096));
    while out.len() < length {
        match random.below(10) {
            0 => addresses(random, &mut out),
            1 => {
                out.extend(prose::source_code(random, 200).into_iter().map(|byte| if byte == b'\n' { 0 } else { byte }))
            }
            2 => out.resize((out.len() + 1).next_multiple_of(512), 0),
            3 => out.extend(random.bytes(64)),
            4..=6 => again(random, &mut out),
            _ => instructions(random, &mut out),
        }
    }
    out.truncate(length);
    out
}

/// A function: common opcodes with operands that vary in their lower bytes.
fn instructions(random: &mut Random, out: &mut Vec<u8>) {
    for _ in 0..random.between(40, 120) {
        out.extend_from_slice(random.pick(INSTRUCTIONS).copied().unwrap_or_default());
        let operand = random.below(0x400) as u16;
        match random.below(4) {
            0 => out.extend([operand.to_le_bytes().as_slice(), &[0, 0]].concat()),
            1 | 2 => out.push(operand as u8 & 0x78),
            _ => {}
        }
    }
}

/// A piece that occurs a second time, as templates and inlined functions do; within reach of DEFLATE's window.
fn again(random: &mut Random, out: &mut Vec<u8>) {
    let start = out.len().saturating_sub(random.between(500, 20_000) as usize);
    let end = out.len().min(start.saturating_add(random.between(60, 300) as usize));
    out.extend_from_within(start..end);
}

/// A table of 8-byte addresses that rise slowly.
fn addresses(random: &mut Random, out: &mut Vec<u8>) {
    let mut address = 0x0000_0000_0040_0000 + random.below(0x10_0000);
    for _ in 0..random.between(16, 64) {
        address += 16 * random.between(1, 40);
        out.extend(address.to_le_bytes());
    }
}
