//! The entropy-coded bytes of a scan as bits: stuffing removed, markers kept as ends.

use super::huffman::Table;
use crate::stop::Stop;
use crate::window::Window;

/// Bytes copied from the window at a time.
const CHUNK_BYTES: usize = 4096;

/// Why no more bits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A marker: its code and the offset after it.
    Marker(u8, u64),
    /// The medium ends.
    End(u64),
    /// The medium is unreadable.
    Unreadable(u64),
}

/// A reader of bits, most significant first.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    chunk: Vec<u8>,
    chunk_at: u64,
    index: usize,
    /// Bits taken in and not yet used, from the highest bit down; zeros below them.
    held: u64,
    count: u32,
    ended: Option<Ended>,
    last: u8,
    run: u64,
    /// Longest row of equal coded bytes so far.
    pub(crate) longest_run: u64,
}

impl Bits {
    pub(crate) const fn new(at: u64) -> Self {
        Self {
            chunk: Vec::new(),
            chunk_at: at,
            index: 0,
            held: 0,
            count: 0,
            ended: None,
            last: 0,
            run: 0,
            longest_run: 0,
        }
    }

    /// The same reader without its copy of the bytes, to continue later, perhaps over other bytes.
    pub(crate) fn saved(&self) -> Self {
        Self { chunk: Vec::new(), chunk_at: self.raw_at(), index: 0, ..*self }
    }

    /// Offset of the first byte not yet taken in.
    pub(crate) const fn raw_at(&self) -> u64 {
        self.chunk_at.saturating_add(self.index as u64)
    }

    /// About where the next bit comes from.
    pub(crate) fn at(&self) -> u64 {
        self.raw_at().saturating_sub(u64::from(self.count / 8))
    }

    /// The next 16 bits; ones where the data ends earlier.
    #[inline]
    pub(crate) fn peek16(&mut self, window: &mut Window<'_>) -> Result<u32, Stop> {
        if self.count < 16 {
            self.fill(window)?;
        }
        let missing = 16_u32.saturating_sub(self.count);
        Ok((self.held >> 48) as u32 | ((1 << missing) - 1))
    }

    /// Drops `length` (at most 16) bits that were peeked at.
    #[inline]
    pub(crate) fn drop_bits(&mut self, length: u32) -> Result<(), Stop> {
        match self.count.checked_sub(length) {
            Some(left) => (self.count, self.held) = (left, self.held << length),
            None => return Err(self.ended_early()),
        }
        Ok(())
    }

    /// A Huffman code and the coefficient of as many bits as its symbol's lower half says: (symbol, coefficient). `None`
    /// where that needs a closer look, because the data may end before or the bits are no code; nothing is used then.
    #[inline(always)]
    pub(crate) fn coefficient(&mut self, table: &Table, window: &mut Window<'_>) -> Result<Option<(u8, i32)>, Stop> {
        /// The longest code and the largest coefficient.
        const BOTH: u32 = 16 + 15;
        if self.count < BOTH {
            self.fill(window)?;
            if self.count < BOTH {
                return Ok(None);
            }
        }
        let Some((length, symbol)) = table.decode((self.held >> 48) as u32) else { return Ok(None) };
        let size = u32::from(symbol & 15);
        let bits = self.held.wrapping_shl(length);
        self.held = bits.wrapping_shl(size);
        self.count = self.count.wrapping_sub(length.wrapping_add(size));
        // The upper `size` bits as a number; one that begins with 0 stands for a negative one. Shifted in two steps, for
        // `size` may be 0.
        let number = ((bits >> 1) >> 63_u32.wrapping_sub(size)) as i32;
        let negative = !(bits.cast_signed() >> 63) as i32;
        Ok(Some((symbol, number.wrapping_add(negative & 1_i32.wrapping_sub(1_i32.wrapping_shl(size))))))
    }

    /// What is held, to be used up in registers; [`Bits::put_back`] says how much is left.
    #[inline(always)]
    pub(crate) const fn take_out(&self) -> (u64, u32) {
        (self.held, self.count)
    }

    /// The bits left of what [`Bits::take_out`] gave, and how many.
    #[inline(always)]
    pub(crate) const fn put_back(&mut self, (held, count): (u64, u32)) {
        (self.held, self.count) = (held, count);
    }

    /// As many bits as fit, or as there are, of which `left` were not used yet.
    #[inline(always)]
    pub(crate) fn refill(&mut self, left: (u64, u32), window: &mut Window<'_>) -> Result<(u64, u32), Stop> {
        self.put_back(left);
        let next = self.chunk.get(self.index..).and_then(|rest| rest.first_chunk::<8>()).copied();
        match next.map(u64::from_be_bytes) {
            Some(eight) if left.1 <= 48 && self.take_in_plain(eight) => {}
            _ => self.fill(window)?,
        }
        Ok(self.take_out())
    }

    /// As [`Bits::take_in`], but only if all eight bytes are as nearly always: without FF, none like the one before.
    #[inline(always)]
    fn take_in_plain(&mut self, eight: u64) -> bool {
        if has_zero(!eight) || has_zero(eight ^ ((eight >> 8) | (u64::from(self.last) << 56))) {
            return false;
        }
        let bits = 64_u32.wrapping_sub(self.count) & !7;
        let unused = 64_u32.wrapping_sub(bits);
        self.held |= (eight.wrapping_shr(unused).wrapping_shl(unused)).wrapping_shr(self.count);
        self.last = eight.wrapping_shr(unused) as u8;
        self.run = 1;
        self.count = self.count.wrapping_add(bits);
        self.index = self.index.wrapping_add((bits / 8) as usize);
        true
    }

    /// The next `length` (at most 16) bits as a number.
    #[inline]
    pub(crate) fn take(&mut self, length: u32, window: &mut Window<'_>) -> Result<u32, Stop> {
        if length == 0 {
            return Ok(0);
        }
        let bits = self.peek16(window)? >> 16_u32.saturating_sub(length);
        self.drop_bits(length)?;
        Ok(bits)
    }

    /// Leaves the coded data: counts surplus whole bytes, checks the padding bits, returns (surplus bytes, padding is
    /// all ones, the end). At most `most` surplus bytes are looked at.
    pub(crate) fn finish(&mut self, most: u64, window: &mut Window<'_>) -> Result<(u64, bool, Ended), Stop> {
        let padding = self.count % 8;
        // The padding is what is left of the byte in work: the upper bits of what is held.
        let ones = self.held.leading_ones() >= padding;
        self.count = self.count.saturating_sub(padding);
        let mut surplus = 0_u64;
        loop {
            surplus = surplus.saturating_add(u64::from(self.count / 8));
            (self.held, self.count) = (0, 0);
            if let Some(ended) = self.ended {
                return Ok((surplus, ones, ended));
            }
            if surplus > most {
                return Err(Stop::bad(self.at(), "coded data goes on after the last MCU"));
            }
            self.fill(window)?;
        }
    }

    /// Continues after a restart marker.
    pub(crate) fn restart(&mut self, at: u64) {
        let index = usize::try_from(at.saturating_sub(self.chunk_at)).unwrap_or(usize::MAX);
        if index <= self.chunk.len() {
            self.index = index;
        } else {
            (self.chunk_at, self.index) = (at, 0);
            self.chunk.clear();
        }
        (self.held, self.count, self.ended) = (0, 0, None);
    }

    fn ended_early(&self) -> Stop {
        match self.ended {
            Some(Ended::End(at)) => Stop::End(at),
            Some(Ended::Unreadable(at)) => Stop::Unreadable(at),
            Some(Ended::Marker(code, next)) => {
                Stop::bad(next.saturating_sub(2), format!("marker FF{code:02X} inside the coded picture data"))
            }
            None => Stop::bad(self.at(), "coded picture data ends early"),
        }
    }

    /// Takes in whole bytes until more than 48 bits are held or the data ends.
    #[inline(never)]
    fn fill(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        while self.count <= 48 && self.ended.is_none() {
            if let Some(eight) = self.chunk.get(self.index..).and_then(|rest| rest.first_chunk::<8>())
                && !has_zero(!u64::from_be_bytes(*eight))
            {
                self.take_in(u64::from_be_bytes(*eight));
                continue;
            }
            match self.chunk.get(self.index..) {
                Some([0xff, 0, ..]) => self.push(0xff, 2),
                Some([byte, ..]) if *byte != 0xff => self.push(*byte, 1),
                Some([0xff, 1..=0xfe, ..]) => self.marker(window)?,
                _ => self.load(window)?,
            }
        }
        Ok(())
    }

    /// Takes in as many of eight coded bytes, the first one highest, as there is room for: one at least, for at most 48
    /// bits are held.
    fn take_in(&mut self, eight: u64) {
        let bytes = 64_u32.wrapping_sub(self.count) / 8;
        let used = u64::MAX.wrapping_shl(64_u32.wrapping_sub(bytes.wrapping_mul(8)));
        let taken = eight & used;
        self.held |= taken.wrapping_shr(self.count);
        let before = (eight >> 8) | (u64::from(self.last) << 56);
        if has_zero((eight ^ before) | !used) {
            for byte in eight.to_be_bytes().into_iter().take(bytes as usize) {
                count_run(&mut self.run, &mut self.longest_run, &mut self.last, byte);
            }
        } else {
            self.last = (eight >> 64_u32.wrapping_sub(bytes.wrapping_mul(8))) as u8;
            self.run = 1;
        }
        self.count = self.count.wrapping_add(bytes.wrapping_mul(8));
        self.index = self.index.wrapping_add(bytes as usize);
    }

    fn push(&mut self, byte: u8, length: usize) {
        self.held |= u64::from(byte) << 56_u32.saturating_sub(self.count);
        self.count = self.count.saturating_add(8);
        self.index = self.index.saturating_add(length);
        count_run(&mut self.run, &mut self.longest_run, &mut self.last, byte);
    }

    fn load(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        (self.chunk_at, self.index) = (self.raw_at(), 0);
        self.chunk.clear();
        match window.some(self.chunk_at, CHUNK_BYTES) {
            Ok([0xff]) | Ok([0xff, 0xff, ..]) => self.marker(window),
            Ok(bytes) => {
                self.chunk.extend_from_slice(bytes);
                Ok(())
            }
            Err(stop) => self.end(stop),
        }
    }

    /// At an FF that is not followed by 00 in the chunk: fill bytes and a marker, or a pair cut by the chunk's end.
    fn marker(&mut self, window: &mut Window<'_>) -> Result<(), Stop> {
        let mut at = self.raw_at();
        loop {
            match window.u8(at.saturating_add(1)) {
                Ok(0xff) => {
                    window.budget.pay(1)?;
                    at = at.saturating_add(1);
                }
                Ok(0) => {
                    // A stuffed byte cut by the end of the chunk.
                    self.push(0xff, 0);
                    (self.chunk_at, self.index) = (at.saturating_add(2), 0);
                    self.chunk.clear();
                    return Ok(());
                }
                Ok(code) => {
                    self.ended = Some(Ended::Marker(code, at.saturating_add(2)));
                    return Ok(());
                }
                Err(stop) => return self.end(stop),
            }
        }
    }

    fn end(&mut self, stop: Stop) -> Result<(), Stop> {
        self.ended = Some(match stop {
            Stop::End(at) => Ended::End(at),
            Stop::Unreadable(at) => Ended::Unreadable(at),
            other => return Err(other),
        });
        Ok(())
    }
}

fn count_run(run: &mut u64, longest: &mut u64, last: &mut u8, byte: u8) {
    *run = if *last == byte { run.saturating_add(1) } else { 1 };
    *last = byte;
    *longest = (*longest).max(*run);
}

/// Whether one of the eight bytes is zero.
const fn has_zero(eight: u64) -> bool {
    const ONES: u64 = u64::from_be_bytes([1; 8]);
    eight.wrapping_sub(ONES) & !eight & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::budget::Budget;

    #[test]
    fn bits_are_those_of_the_bytes_however_they_are_taken() {
        // Stuffed bytes at every distance, a run of equal bytes, a marker.
        let mut coded = Vec::new();
        let mut plain = Vec::new();
        for index in 0..400_u32 {
            let byte = if index % 7 == 3 || index % 29 < 2 { 0xff } else { (index * 37 % 251) as u8 };
            plain.push(byte);
            coded.extend_from_slice(if byte == 0xff {
                &[0xff, 0]
            } else {
                std::slice::from_ref(&plain[plain.len() - 1])
            });
        }
        plain.extend_from_slice(&[0x5a; 200]);
        coded.extend_from_slice(&[0x5a; 200]);
        coded.extend_from_slice(&[0xff, 0xd9]);
        let source = MemorySource::new(coded);
        for length in 1..=16 {
            let budget = Budget::alone(1 << 20);
            let mut window = Window::new(&source, &budget);
            let mut bits = Bits::new(0);
            let bit = |place: usize| u32::from(plain[place / 8] >> (7 - place % 8) & 1);
            let mut place = 0;
            while place + length <= plain.len() * 8 {
                let expected = (place..place + length).fold(0, |value, place| value << 1 | bit(place));
                assert_eq!(
                    bits.take(length as u32, &mut window).unwrap(),
                    expected,
                    "at bit {place}, {length} at once"
                );
                place += length;
            }
            assert_eq!(bits.longest_run, 200);
            assert!(bits.take(16, &mut window).is_err());
        }
    }
}
