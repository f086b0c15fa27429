//! Captured traffic, as tcpdump writes it.

use super::{Grown, Plant};
use crate::Random;
use crate::encode::packet::packet;

pub(super) struct Pcap;

impl Plant for Pcap {
    fn id(&self) -> &'static str {
        "pcap"
    }

    fn extension(&self) -> &'static str {
        "pcap"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let words = |fields: &[u32]| -> Vec<u8> { fields.iter().flat_map(|field| field.to_le_bytes()).collect() };
        // Microseconds, version 2.4, packets of up to 262144 bytes, Ethernet.
        let mut out = words(&[0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 262_144, 1]);
        let mut seconds = 1_750_000_000;
        while out.len() < size_bytes {
            let packet = packet(random);
            let length = packet.len() as u32;
            seconds += random.below(40) as u32;
            out.extend(words(&[seconds, random.below(1_000_000) as u32, length, length]));
            out.extend(packet);
        }
        Grown::plain(out)
    }
}
