//! Captured traffic in blocks, as Wireshark writes it.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::packet::packet;

pub(super) struct Pcapng;

impl Plant for Pcapng {
    fn id(&self) -> &'static str {
        "pcapng"
    }

    fn extension(&self) -> &'static str {
        "pcapng"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut out = block(0x0a0d_0d0a, &words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
        out.extend(block(1, &words(&[1, 262_144])));
        let mut time = 1_750_000_000_000_000_u64;
        while out.len() < size_bytes {
            let mut packet = packet(random);
            let length = packet.len() as u32;
            packet.resize(packet.len().next_multiple_of(4), 0);
            time += random.below(40_000_000);
            let head = words(&[0, (time >> 32) as u32, (time & 0xffff_ffff) as u32, length, length]);
            out.extend(block(6, &[head, packet].concat()));
        }
        // Statistics of the interface end what Wireshark writes.
        out.extend(block(5, &words(&[0, (time >> 32) as u32, (time & 0xffff_ffff) as u32])));
        Grown::plain(out)
    }
}

fn words(fields: &[u32]) -> Vec<u8> {
    fields.iter().flat_map(|field| field.to_le_bytes()).collect()
}

/// Type, length, content, and the length again.
fn block(kind: u32, content: &[u8]) -> Vec<u8> {
    let length = content.len() as u32 + 12;
    [&words(&[kind, length]), content, &words(&[length])].concat()
}
