//! XXH32 and XXH64 (xxHash specification 0.1.1), which LZ4 and Zstandard frames carry.

const PRIME32: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];
const PRIME64: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

/// XXH32 with seed 0, fed piece by piece.
#[derive(Debug, Clone)]
pub(crate) struct Xxh32 {
    lanes: [u32; 4],
    pending: Vec<u8>,
    length: u64,
}

impl Default for Xxh32 {
    fn default() -> Self {
        let [first, second, ..] = PRIME32;
        let lanes = [first.wrapping_add(second), second, 0, 0_u32.wrapping_sub(first)];
        Self { lanes, pending: Vec::with_capacity(16), length: 0 }
    }
}

impl Xxh32 {
    /// The hash of `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> u32 {
        let mut hash = Self::default();
        hash.update(bytes);
        hash.value()
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        let lanes = &mut self.lanes;
        stripes::<16>(&mut self.pending, bytes, |stripe| {
            for (lane, four) in lanes.iter_mut().zip(stripe.as_chunks::<4>().0) {
                *lane = round32(*lane, u32::from_le_bytes(*four));
            }
        });
    }

    pub(crate) fn value(&self) -> u32 {
        let [p1, p2, p3, p4, p5] = PRIME32;
        let [a, b, c, d] = self.lanes;
        let mut hash = if self.length >= 16 {
            let sum = a.rotate_left(1).wrapping_add(b.rotate_left(7));
            sum.wrapping_add(c.rotate_left(12)).wrapping_add(d.rotate_left(18))
        } else {
            p5
        };
        hash = hash.wrapping_add(self.length as u32);
        let (fours, rest) = self.pending.as_chunks::<4>();
        for four in fours {
            hash = hash.wrapping_add(u32::from_le_bytes(*four).wrapping_mul(p3)).rotate_left(17).wrapping_mul(p4);
        }
        for byte in rest {
            hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(p5)).rotate_left(11).wrapping_mul(p1);
        }
        hash = (hash ^ (hash >> 15)).wrapping_mul(p2);
        hash = (hash ^ (hash >> 13)).wrapping_mul(p3);
        hash ^ (hash >> 16)
    }
}

/// XXH64 with seed 0, fed piece by piece.
#[derive(Debug, Clone)]
pub(crate) struct Xxh64 {
    lanes: [u64; 4],
    pending: Vec<u8>,
    length: u64,
}

impl Default for Xxh64 {
    fn default() -> Self {
        let [first, second, ..] = PRIME64;
        let lanes = [first.wrapping_add(second), second, 0, 0_u64.wrapping_sub(first)];
        Self { lanes, pending: Vec::with_capacity(32), length: 0 }
    }
}

impl Xxh64 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        let lanes = &mut self.lanes;
        stripes::<32>(&mut self.pending, bytes, |stripe| {
            for (lane, eight) in lanes.iter_mut().zip(stripe.as_chunks::<8>().0) {
                *lane = round64(*lane, u64::from_le_bytes(*eight));
            }
        });
    }

    pub(crate) fn value(&self) -> u64 {
        let [p1, p2, p3, p4, p5] = PRIME64;
        let [a, b, c, d] = self.lanes;
        let mut hash = p5;
        if self.length >= 32 {
            let sum = a.rotate_left(1).wrapping_add(b.rotate_left(7));
            hash = sum.wrapping_add(c.rotate_left(12)).wrapping_add(d.rotate_left(18));
            for lane in self.lanes {
                hash = (hash ^ round64(0, lane)).wrapping_mul(p1).wrapping_add(p4);
            }
        }
        hash = hash.wrapping_add(self.length);
        let (eights, rest) = self.pending.as_chunks::<8>();
        for eight in eights {
            hash ^= round64(0, u64::from_le_bytes(*eight));
            hash = hash.rotate_left(27).wrapping_mul(p1).wrapping_add(p4);
        }
        let (fours, rest) = rest.as_chunks::<4>();
        for four in fours {
            hash ^= u64::from(u32::from_le_bytes(*four)).wrapping_mul(p1);
            hash = hash.rotate_left(23).wrapping_mul(p2).wrapping_add(p3);
        }
        for byte in rest {
            hash = (hash ^ u64::from(*byte).wrapping_mul(p5)).rotate_left(11).wrapping_mul(p1);
        }
        hash = (hash ^ (hash >> 33)).wrapping_mul(p2);
        hash = (hash ^ (hash >> 29)).wrapping_mul(p3);
        hash ^ (hash >> 32)
    }
}

fn round32(lane: u32, input: u32) -> u32 {
    let [first, second, ..] = PRIME32;
    lane.wrapping_add(input.wrapping_mul(second)).rotate_left(13).wrapping_mul(first)
}

fn round64(lane: u64, input: u64) -> u64 {
    let [first, second, ..] = PRIME64;
    lane.wrapping_add(input.wrapping_mul(second)).rotate_left(31).wrapping_mul(first)
}

/// Hands whole stripes of `N` bytes to `take`; what is left over waits in `pending`.
fn stripes<const N: usize>(pending: &mut Vec<u8>, mut bytes: &[u8], mut take: impl FnMut(&[u8; N])) {
    if !pending.is_empty() {
        let (now, later) = bytes.split_at(N.saturating_sub(pending.len()).min(bytes.len()));
        pending.extend_from_slice(now);
        bytes = later;
        let Some(stripe) = pending.first_chunk::<N>() else { return };
        take(stripe);
        pending.clear();
    }
    let (whole, rest) = bytes.as_chunks::<N>();
    whole.iter().for_each(take);
    pending.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_reference_program() {
        // From xxhsum 0.8 over nothing, "a", and the numbers 0 to 99 as bytes.
        let hundred: Vec<u8> = (0..100).collect();
        assert_eq!([Xxh32::of(b""), Xxh32::of(b"a"), Xxh32::of(&hundred)], [0x02cc_5d05, 0x550d_7456, 0x7f89_ba44]);
        let of = |bytes: &[u8]| {
            let mut hash = Xxh64::default();
            bytes.chunks(7).for_each(|piece| hash.update(piece));
            hash.value()
        };
        assert_eq!(
            [of(b""), of(b"a"), of(&hundred)],
            [0xef46_db37_51d8_e999, 0xd24e_c4f1_a98c_6e5b, 0x6ac1_e580_3216_6597]
        );
    }
}
