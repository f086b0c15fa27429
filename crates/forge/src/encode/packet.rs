//! A packet of UDP in IPv4 in Ethernet, with right checksums (RFC 768, 791, 1071).

use crate::{Random, prose};

const HEADER: &[u8] = b"\x45\0\0\0\0\x01\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02";

/// One packet of up to 1500 bytes.
pub(crate) fn packet(random: &mut Random) -> Vec<u8> {
    let length = random.between(20, 1400) as usize;
    let payload = if random.chance(1, 2) { random.bytes(length) } else { prose::english(random, length) };
    let size = |extra: usize| ((payload.len() + extra) as u16).to_be_bytes();
    let mut ip = HEADER.to_vec();
    put(&mut ip, 2, size(28));
    let sum = checksum(&ip);
    put(&mut ip, 10, sum.to_be_bytes());
    let udp = [&[0, 53, 0x10, 0][..], &size(8), &[0, 0], &payload].concat();
    let addresses = ip.get(12..).unwrap_or_default();
    // A sum of zero would say that there is none.
    let sum = match checksum(&[addresses, &[0, 17], &size(8), &udp].concat()) {
        0 => 0xffff,
        sum => sum,
    };
    let mut udp = udp;
    put(&mut udp, 6, sum.to_be_bytes());
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0][..], &ip, &udp].concat()
}

fn put(bytes: &mut [u8], at: usize, field: [u8; 2]) {
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&field);
    }
}

/// The complement of the ones' complement sum of 16-bit words.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        [high] => u32::from(*high) << 8,
        _ => 0,
    });
    let total: u32 = words.sum();
    let once = (total & 0xffff) + (total >> 16);
    !(((once & 0xffff) + (once >> 16)) as u16)
}
