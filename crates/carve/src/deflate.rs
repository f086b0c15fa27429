//! Following a deflate stream (RFC 1951) without its output: whether it may go on, and where it ends.
//!
//! A walker can be copied and sent on over other bytes, which no decoder with a window of output can do cheaply. It checks
//! all that can be checked without the content; whether the content is right only its checksum tells.

use std::rc::Rc;

use crate::stop::Stop;
use crate::window::Window;

/// Codes up to this length are found with one look.
const FAST_BITS: u32 = 10;
const LENGTH_EXTRA: [u8; 29] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
/// The shortest length of each symbol.
const LENGTH_LEAST: [u16; 29] =
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const DISTANCE_EXTRA: [u8; 30] =
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/// The order in which the lengths of the code lengths' codes are stored.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// How far a walk came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walked {
    /// A step on.
    On,
    /// To the end of the stream: the offset after its last byte.
    Ended(u64),
    /// To bits that no stream has there.
    Invalid,
}

/// A prefix code, stored from the lowest bit on.
#[derive(Debug)]
struct Code {
    /// By the next [`FAST_BITS`] bits: symbol × 16 + length; 0 if the code is longer.
    fast: Vec<u16>,
    /// Codes of each length, and all symbols in the order of their codes.
    counts: [u16; 16],
    symbols: Vec<u16>,
}

#[derive(Debug, Clone)]
enum State {
    BlockHeader,
    Stored(u64),
    Codes(Rc<Code>, Rc<Code>),
}

/// Where a walker takes its bytes from.
pub(crate) trait Octets {
    /// The byte at `at`.
    fn octet(&mut self, at: u64) -> Result<u8, Stop>;
    /// Makes sure that `length` bytes from `at` can be read.
    fn has(&mut self, at: u64, length: u64) -> Result<(), Stop>;
    /// Pays `work` units.
    fn pay(&self, work: u64) -> Result<(), Stop>;
}

impl Octets for Window<'_> {
    fn octet(&mut self, at: u64) -> Result<u8, Stop> {
        self.u8(at)
    }

    fn has(&mut self, at: u64, length: u64) -> Result<(), Stop> {
        self.readable(exhibit_evidence::ByteRange::new(at, length))
    }

    fn pay(&self, work: u64) -> Result<(), Stop> {
        self.budget.pay(work)
    }
}

/// A place in a deflate stream.
#[derive(Debug, Clone)]
pub(crate) struct Walker {
    at: u64,
    held: u64,
    count: u32,
    /// Bits of the next byte that were used already.
    used: u32,
    state: State,
    last: bool,
    /// Where the header of the present block began, in bits.
    block: u64,
    /// Bytes of content that the stream gave so far.
    produced: u64,
}

impl Walker {
    /// At the beginning of a stream at `at`.
    pub(crate) const fn new(at: u64) -> Self {
        Self { at, held: 0, count: 0, used: 0, state: State::BlockHeader, last: false, block: 0, produced: 0 }
    }

    /// The next bit, from the beginning of the file on.
    pub(crate) const fn bit(&self) -> u64 {
        self.at.wrapping_mul(8).wrapping_sub(self.count as u64).wrapping_add(self.used as u64)
    }

    /// Where the header of the present block began, in bits.
    pub(crate) const fn block_at(&self) -> u64 {
        self.block
    }

    /// Bytes of content so far.
    pub(crate) const fn produced(&self) -> u64 {
        self.produced
    }

    /// Whether it stands between two codes of a block.
    pub(crate) const fn is_between_codes(&self) -> bool {
        matches!(self.state, State::Codes(..))
    }

    /// The same, without bytes taken in advance: they may be others elsewhere.
    pub(crate) fn without_advance(&self) -> Self {
        let bit = self.bit();
        Self { at: bit / 8, held: 0, count: 0, used: (bit % 8) as u32, ..self.clone() }
    }

    /// The same, `gap` bytes further on.
    pub(crate) fn moved(mut self, gap: u64) -> Self {
        self.at = self.at.saturating_add(gap);
        self
    }

    /// One code, block header or stored block on.
    pub(crate) fn step(&mut self, window: &mut impl Octets) -> Result<Walked, Stop> {
        let ok = match self.state.clone() {
            State::BlockHeader if self.last => {
                return Ok(Walked::Ended(self.bit().div_ceil(8)));
            }
            State::BlockHeader => self.block(window)?,
            State::Stored(left) => self.stored(left, window)?,
            State::Codes(literals, distances) => self.code(&literals, &distances, window)?,
        };
        Ok(if ok { Walked::On } else { Walked::Invalid })
    }

    fn block(&mut self, window: &mut impl Octets) -> Result<bool, Stop> {
        window.pay(16)?;
        self.block = self.bit();
        self.last = self.take(1, window)? == 1;
        match self.take(2, window)? {
            0 => {
                self.take(self.count % 8, window)?;
                let (length, inverse) = (self.take(16, window)?, self.take(16, window)?);
                self.state = State::Stored(u64::from(length));
                Ok(length ^ inverse == 0xffff)
            }
            1 => {
                let mut lengths = [8_u8; 288];
                lengths.get_mut(144..256).into_iter().flatten().for_each(|length| *length = 9);
                lengths.get_mut(256..280).into_iter().flatten().for_each(|length| *length = 7);
                self.enter(Code::new(&lengths), Code::new(&[5; 32]))
            }
            2 => self.dynamic(window),
            _ => Ok(false),
        }
    }

    fn enter(&mut self, literals: Option<Code>, distances: Option<Code>) -> Result<bool, Stop> {
        let (Some(literals), Some(distances)) = (literals, distances) else { return Ok(false) };
        self.state = State::Codes(Rc::new(literals), Rc::new(distances));
        Ok(true)
    }

    fn dynamic(&mut self, window: &mut impl Octets) -> Result<bool, Stop> {
        let literals = self.take(5, window)?.saturating_add(257) as usize;
        let distances = self.take(5, window)?.saturating_add(1) as usize;
        let described = self.take(4, window)?.saturating_add(4) as usize;
        if literals > 286 || distances > 30 {
            return Ok(false);
        }
        let mut of_lengths = [0_u8; 19];
        for place in ORDER.into_iter().take(described) {
            if let Some(slot) = of_lengths.get_mut(place) {
                *slot = self.take(3, window)? as u8;
            }
        }
        let Some(code) = Code::new(&of_lengths).filter(|code| code.is_complete()) else { return Ok(false) };
        let all = literals.saturating_add(distances);
        let mut lengths: Vec<u8> = Vec::with_capacity(all);
        while lengths.len() < all {
            let Some(symbol) = self.symbol(&code, window)? else { return Ok(false) };
            let (value, times) = match symbol {
                0..=15 => (symbol as u8, 1),
                16 => match lengths.last() {
                    Some(last) => (*last, self.take(2, window)?.saturating_add(3)),
                    None => return Ok(false),
                },
                17 => (0, self.take(3, window)?.saturating_add(3)),
                _ => (0, self.take(7, window)?.saturating_add(11)),
            };
            lengths.extend(std::iter::repeat_n(value, times as usize));
        }
        if lengths.len() != all || lengths.get(256) == Some(&0) {
            return Ok(false);
        }
        let (of_literals, of_distances) = lengths.split_at_checked(literals).unwrap_or((&[], &[]));
        let literals = Code::new(of_literals).filter(Code::is_complete);
        // A block without matches may have one distance code, or none.
        let distances = Code::new(of_distances).filter(|code| code.is_complete() || code.symbols.len() <= 1);
        self.enter(literals, distances)
    }

    fn stored(&mut self, left: u64, window: &mut impl Octets) -> Result<bool, Stop> {
        // What the bit buffer holds comes first; it is a whole number of bytes here.
        let held = u64::from(self.count / 8).min(left);
        self.take((held.saturating_mul(8)) as u32 / 2, window)?;
        self.take((held.saturating_mul(8)) as u32 / 2, window)?;
        let left = left.saturating_sub(held);
        if left > 0 {
            window.has(self.at, left)?;
            self.at = self.at.saturating_add(left);
        }
        self.produced = self.produced.saturating_add(held).saturating_add(left);
        self.state = State::BlockHeader;
        Ok(true)
    }

    /// One literal, match or end of a block.
    fn code(&mut self, literals: &Code, distances: &Code, window: &mut impl Octets) -> Result<bool, Stop> {
        let Some(symbol) = self.symbol(literals, window)? else { return Ok(false) };
        match symbol {
            0..=255 => self.produced = self.produced.saturating_add(1),
            256 => self.state = State::BlockHeader,
            _ => {
                let index = usize::from(symbol).saturating_sub(257);
                let (Some(extra), Some(least)) = (LENGTH_EXTRA.get(index), LENGTH_LEAST.get(index)) else {
                    return Ok(false);
                };
                let length = self.take(u32::from(*extra), window)?.saturating_add(u32::from(*least));
                self.produced = self.produced.saturating_add(u64::from(length));
                let Some(distance) = self.symbol(distances, window)? else { return Ok(false) };
                let Some(extra) = DISTANCE_EXTRA.get(usize::from(distance)) else { return Ok(false) };
                self.take(u32::from(*extra), window)?;
            }
        }
        Ok(true)
    }

    /// The next symbol; `None` if the bits are no code.
    #[inline]
    fn symbol(&mut self, code: &Code, window: &mut impl Octets) -> Result<Option<u16>, Stop> {
        if self.count < 15 {
            self.fill(window)?;
        }
        let entry = code.fast.get((self.held & ((1 << FAST_BITS) - 1)) as usize).copied().unwrap_or(0);
        let (symbol, length) = if entry != 0 {
            (entry >> 4, u32::from(entry & 15))
        } else {
            match code.long(self.held) {
                Some(found) => found,
                None => return Ok(None),
            }
        };
        self.drop_bits(length)?;
        Ok(Some(symbol))
    }

    /// The next `length` (at most 32) bits.
    fn take(&mut self, length: u32, window: &mut impl Octets) -> Result<u32, Stop> {
        if self.count < length {
            self.fill(window)?;
        }
        let bits = self.held & ((1_u64 << length) - 1);
        self.drop_bits(length)?;
        Ok(bits as u32)
    }

    fn drop_bits(&mut self, length: u32) -> Result<(), Stop> {
        self.count = self.count.checked_sub(length).ok_or(Stop::End(self.at))?;
        self.held >>= length;
        Ok(())
    }

    /// Takes in bytes; fewer than asked for only where there are no more.
    fn fill(&mut self, window: &mut impl Octets) -> Result<(), Stop> {
        while self.count <= 56 {
            let byte = match window.octet(self.at) {
                Ok(byte) => byte,
                Err(Stop::End(_) | Stop::Unreadable(_)) => return Ok(()),
                Err(stop) => return Err(stop),
            };
            self.held |= u64::from(byte) << self.count;
            self.count = self.count.saturating_add(8);
            self.at = self.at.saturating_add(1);
            if self.used > 0 {
                (self.held, self.count) = (self.held >> self.used, self.count.saturating_sub(self.used));
                self.used = 0;
            }
        }
        Ok(())
    }
}

impl Code {
    /// The code with these lengths by symbol; `None` if there is none.
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0_u16; 16];
        for length in lengths {
            let slot = counts.get_mut(usize::from(*length))?;
            *slot = slot.saturating_add(1);
        }
        *counts.first_mut()? = 0;
        let (mut left, mut starts) = (1_i32, [0_u16; 16]);
        let mut place = 0_u16;
        for (count, start) in counts.iter().zip(&mut starts).skip(1) {
            left = (left << 1).checked_sub(i32::from(*count)).filter(|left| *left >= 0)?;
            (*start, place) = (place, place.saturating_add(*count));
        }
        let mut symbols = vec![0_u16; usize::from(place)];
        for (symbol, length) in (0_u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let start = starts.get_mut(usize::from(*length))?;
            *symbols.get_mut(usize::from(*start))? = symbol;
            *start = start.saturating_add(1);
        }
        let mut code = Self { fast: vec![0; 1 << FAST_BITS], counts, symbols };
        code.enter_fast();
        Some(code)
    }

    fn enter_fast(&mut self) {
        let (mut next, mut symbols) = (0_u32, self.symbols.iter());
        for (length, count) in (1..=FAST_BITS).zip(self.counts.iter().skip(1)) {
            next <<= 1;
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                let reversed = next.reverse_bits().wrapping_shr(32_u32.saturating_sub(length)) as usize;
                let entry = symbol << 4 | length as u16;
                self.fast.iter_mut().skip(reversed).step_by(1 << length).for_each(|slot| *slot = entry);
                next = next.saturating_add(1);
            }
        }
    }

    /// Bit by bit: the symbol and length of a longer code.
    fn long(&self, bits: u64) -> Option<(u16, u32)> {
        let (mut code, mut first, mut place) = (0_u32, 0_u32, 0_u32);
        for (length, count) in (1_u32..).zip(self.counts.iter().skip(1)) {
            code |= (bits >> length.saturating_sub(1)) as u32 & 1;
            let count = u32::from(*count);
            if let Some(index) = code.checked_sub(first).filter(|index| *index < count) {
                return Some((*self.symbols.get(place.saturating_add(index) as usize)?, length));
            }
            place = place.saturating_add(count);
            first = first.saturating_add(count) << 1;
            code <<= 1;
        }
        None
    }

    fn is_complete(&self) -> bool {
        let filled: u32 =
            (1_u32..).zip(self.counts.iter().skip(1)).map(|(length, count)| u32::from(*count) << (15 - length)).sum();
        filled == 1 << 15
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::budget::Budget;

    fn deflate(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn to_end(source: &MemorySource, budget: &Budget<'_>) -> Result<Walked, Stop> {
        let (mut walker, mut window) = (Walker::new(0), Window::new(source, budget));
        loop {
            match walker.step(&mut window)? {
                Walked::On => {}
                other => return Ok(other),
            }
        }
    }

    fn content() -> Vec<u8> {
        let mut noise = 1_u32;
        let mut next = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise >> 24
        };
        (0..200_000)
            .map(|place| if place % 9000 < 3000 { next() as u8 } else { b"evidence "[(next() % 9) as usize] })
            .collect()
    }

    #[test]
    fn streams_are_followed_to_their_exact_end() {
        for level in [0, 1, 6, 9] {
            for size in [0, 1, 10, 300, 200_000] {
                let stream = deflate(&content()[..size], level);
                let mut with_tail = stream.clone();
                with_tail.extend_from_slice(&[0xa5; 40]);
                let source = MemorySource::new(with_tail);
                // As it is, and with what was taken in advance given back at each step.
                for gives_back in [false, true] {
                    let budget = Budget::alone(1 << 30);
                    let mut window = Window::new(&source, &budget);
                    let mut walker = Walker::new(0);
                    let end = loop {
                        match walker.step(&mut window).unwrap() {
                            Walked::On if gives_back => walker = walker.without_advance(),
                            Walked::On => {}
                            other => break other,
                        }
                    };
                    assert_eq!(end, Walked::Ended(stream.len() as u64), "level {level}, {size} bytes, {gives_back}");
                    assert_eq!(walker.produced(), size as u64);
                }
            }
        }
    }

    #[test]
    fn cut_streams_end_with_the_medium_and_wrong_ones_are_invalid_or_end_elsewhere() {
        let stream = deflate(&content()[..3000], 6);
        for length in 0..stream.len() {
            let source = MemorySource::new(&stream[..length]);
            let budget = Budget::alone(1 << 20);
            let walked = to_end(&source, &budget);
            assert!(matches!(walked, Err(Stop::End(_))), "{length}: {walked:?}");
        }
        for at in 0..stream.len() {
            for bit in 0..8 {
                let mut other = stream.clone();
                other[at] ^= 1 << bit;
                let (source, budget) = (MemorySource::new(other), Budget::alone(1 << 20));
                // No panic, and no walk beyond the bytes that are there.
                if let Ok(Walked::Ended(end)) = to_end(&source, &budget) {
                    assert!(end <= stream.len() as u64);
                }
            }
        }
    }
}
