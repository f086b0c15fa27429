//! Bytes into bits, least significant first (RFC 1951 §3.1.1).

/// Bits that are there after [`Bits::refill`], at least.
pub(super) const FULL: u32 = 56;

/// The bits of a stream. Behind its end they are zero; whether any of those was taken is told by [`Bits::place`].
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take in.
    next: usize,
    /// What was taken in and not consumed, the next bit lowest.
    buffer: u64,
    /// In its lowest 8 bits how many these are; the rest is left over from [`Bits::consume`].
    count: u32,
}

impl<'a> Bits<'a> {
    /// From byte `next` of `bytes` on.
    pub(super) const fn new(bytes: &'a [u8], next: usize) -> Self {
        Self { bytes, next, buffer: 0, count: 0 }
    }

    /// The same in variables of the caller's own, which can be registers.
    #[inline(always)]
    pub(super) const fn local(&self) -> Self {
        let &Self { bytes, next, buffer, count } = self;
        Self { bytes, next, buffer, count }
    }

    /// Takes in as many bytes as there is room for.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let word = match self.bytes.get(self.next..).and_then(|rest| rest.first_chunk()) {
            Some(word) => u64::from_le_bytes(*word),
            None => tail(self.bytes, self.next),
        };
        self.buffer |= word.wrapping_shl(self.count & 0x3f);
        // Bits above the whole bytes are taken in as well, and once more by the next refill: they are the same.
        self.next = self.next.wrapping_add(7_usize.wrapping_sub((self.count >> 3 & 7) as usize));
        self.count |= FULL;
    }

    /// What is in the buffer; bits beyond those that are there are no bits of the stream.
    #[inline(always)]
    pub(super) const fn peek(&self) -> u64 {
        self.buffer
    }

    /// Consumes as many bits as the lowest 8 bits of `entry` say, at most 63.
    #[inline(always)]
    pub(super) const fn consume(&mut self, entry: u32) {
        self.buffer = self.buffer.wrapping_shr(entry & 0x3f);
        self.count = self.count.wrapping_sub(entry);
    }

    /// The next `count` bits, at most 32, as a number.
    #[inline(always)]
    pub(super) const fn take(&mut self, count: u32) -> u32 {
        let bits = self.buffer & (1_u64.wrapping_shl(count)).wrapping_sub(1);
        self.consume(count);
        bits as u32
    }

    /// The byte behind the last one of which a bit was consumed; `None` if that lies behind the end.
    pub(super) fn place(&self) -> Option<usize> {
        let place = self.next.wrapping_sub((self.count >> 3 & 0x1f) as usize);
        (place <= self.bytes.len()).then_some(place)
    }

    /// Leaves out the rest of a byte begun, and takes the next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let place = self.place()?;
        let taken = self.bytes.get(place..)?.get(..count)?;
        *self = Self::new(self.bytes, place.wrapping_add(count));
        Some(taken)
    }
}

/// The last bytes from `next` on, followed by zeros. Not of [`Bits`], which would have to lie in memory for that.
#[cold]
fn tail(bytes: &[u8], next: usize) -> u64 {
    let rest = bytes.get(next..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_bits_come_first_and_bytes_begin_at_bytes() {
        let mut bits = Bits::new(&[0b0000_1101, 0xF0, 1, 2, 3], 0);
        bits.refill();
        assert_eq!((bits.take(3), bits.take(1), bits.take(5)), (0b101, 1, 0));
        assert_eq!(bits.place(), Some(2));
        assert_eq!(bits.bytes(2), Some(&[1, 2][..]));
        bits.refill();
        assert_eq!((bits.take(8), bits.place()), (3, Some(5)));
        assert_eq!(
            (bits.take(1), bits.place()),
            (0, None),
            "what lies behind the end is zero, and known to be behind it"
        );
    }

    #[test]
    fn any_steps_give_the_bits_in_their_order() {
        let bytes: Vec<u8> = (0..300_u32).map(|n| ((n * n * 7) >> 3) as u8).collect();
        for step in 1..=28 {
            let mut bits = Bits::new(&bytes, 0);
            let mut at = 0_usize;
            while at + step as usize <= bytes.len() * 8 {
                bits.refill();
                let expected = (at..at + step as usize)
                    .rev()
                    .fold(0, |all, bit| all << 1 | u32::from(bytes[bit / 8] >> (bit % 8) & 1));
                assert_eq!(bits.take(step), expected, "{step} bits at {at}");
                at += step as usize;
                assert_eq!(bits.place(), Some(at.div_ceil(8)));
            }
        }
    }
}
