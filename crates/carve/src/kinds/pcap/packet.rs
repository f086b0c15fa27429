//! Whether the checksums inside a packet vouch for its bytes up to the last one.
//!
//! IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP (RFC 768), ICMP: the Internet checksum (RFC 1071) of the payload
//! covers addresses, lengths and data. Packets that a computer sent itself often lack it, because its card adds it later.

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP6: u8 = 58;
/// The shortest frame of Ethernet without its check sequence; shorter packets are filled up to it.
const FRAME_LEAST: usize = 60;

/// Whether checksums vouch for the whole `packet` of this link type.
pub(super) fn is_vouched(link: u32, packet: &[u8]) -> bool {
    let content = match link {
        // Ethernet, Linux cooked, raw IP, and BSD loopback, whose first word is a family.
        1 => packet.split_at_checked(14).filter(|(head, _)| head.ends_with(&[8, 0]) || head.ends_with(&[0x86, 0xdd])),
        113 => packet.split_at_checked(16),
        0 | 108 => packet.split_at_checked(4),
        12 | 101 | 228 | 229 => packet.split_at_checked(0),
        _ => None,
    };
    let Some((_, content)) = content else { return false };
    let covered = match content.first().map(|first| first >> 4) {
        Some(4) => version_four(content),
        Some(6) => version_six(content),
        _ => None,
    };
    // Filling behind a short packet is under no checksum, but too short to matter.
    covered.is_some_and(|length| length == content.len() || (length < content.len() && packet.len() <= FRAME_LEAST))
}

/// Length of an IPv4 packet whose checksums hold.
fn version_four(packet: &[u8]) -> Option<usize> {
    let header = usize::from(packet.first()? & 15).checked_mul(4).filter(|length| *length >= 20)?;
    let length = usize::from(u16::from_be_bytes(*packet.get(2..4)?.first_chunk()?));
    let fragment = u16::from_be_bytes(*packet.get(6..8)?.first_chunk()?) & 0x3fff;
    if fragment != 0 || sum(&[packet.get(..header)?]) != 0xffff {
        return None;
    }
    let protocol = *packet.get(9)?;
    let payload = packet.get(header..length)?;
    holds(protocol, packet.get(12..20)?, payload).then_some(length)
}

/// Length of an IPv6 packet without further headers whose checksum holds.
fn version_six(packet: &[u8]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes(*packet.get(4..6)?.first_chunk()?)).checked_add(40)?;
    let payload = packet.get(40..length)?;
    holds(*packet.get(6)?, packet.get(8..40)?, payload).then_some(length)
}

/// Whether the checksum in `payload` holds; `addresses` are those of sender and receiver.
fn holds(protocol: u8, addresses: &[u8], payload: &[u8]) -> bool {
    let Ok(length) = u16::try_from(payload.len()) else { return false };
    let [high, low] = length.to_be_bytes();
    let pseudo = [0, protocol, high, low];
    match protocol {
        // A checksum of zero in UDP says that there is none.
        UDP => {
            let given = payload.get(4..6) == Some(&[high, low]) && payload.get(6..8).is_some_and(|sum| sum != [0, 0]);
            given && sum(&[addresses, &pseudo, payload]) == 0xffff
        }
        TCP => payload.len() >= 20 && sum(&[addresses, &pseudo, payload]) == 0xffff,
        ICMP6 => payload.len() >= 4 && sum(&[addresses, &pseudo, payload]) == 0xffff,
        ICMP => payload.len() >= 8 && sum(&[payload]) == 0xffff,
        _ => false,
    }
}

/// The ones' complement sum of 16-bit words; all parts but the last have an even length.
fn sum(parts: &[&[u8]]) -> u16 {
    let mut total = 0_u64;
    for part in parts {
        let (words, rest) = part.as_chunks::<2>();
        total = words.iter().fold(total, |total, word| total.saturating_add(u64::from(u16::from_be_bytes(*word))));
        total = rest.iter().fold(total, |total, byte| total.saturating_add(u64::from(*byte) << 8));
    }
    while total > 0xffff {
        total = (total & 0xffff).saturating_add(total >> 16);
    }
    u16::try_from(total).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A query over UDP in Ethernet, its checksums filled in.
    fn query() -> Vec<u8> {
        let mut packet = vec![0; 14];
        packet[12] = 8;
        packet.extend(b"\x45\0\0\x23\x12\x34\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02");
        packet.extend(b"\x10\0\0\x35\0\x0f\0\0payload");
        let header = !sum(&[&packet[14..34]]);
        packet[24..26].copy_from_slice(&header.to_be_bytes());
        let payload = !sum(&[&packet[26..34], &[0, UDP, 0, 15], &packet[34..]]);
        packet[40..42].copy_from_slice(&payload.to_be_bytes());
        packet
    }

    #[test]
    fn a_packet_is_vouched_for_and_a_changed_one_is_not() {
        let packet = query();
        assert!(is_vouched(1, &packet));
        assert!(is_vouched(101, &packet[14..]));
        assert!(!is_vouched(147, &packet));
        for at in 14..packet.len() {
            let mut changed = packet.clone();
            changed[at] ^= 4;
            assert!(!is_vouched(1, &changed), "byte {at}");
        }
        for length in 0..packet.len() {
            assert!(!is_vouched(1, &packet[..length]));
        }
        assert!(is_vouched(1, &[packet.as_slice(), &[0; 11]].concat()), "filled up to 60 bytes");
        assert!(!is_vouched(1, &[packet.as_slice(), &[0; 100]].concat()));
    }
}
