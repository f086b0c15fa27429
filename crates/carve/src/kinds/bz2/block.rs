//! One block: prefix codes, move to front, runs, the Burrows–Wheeler transform, and runs again.

use std::rc::Rc;

use super::code::Code;
use crate::bits::Bits;
use crate::crc::Bzip2Crc;
use crate::stop::Stop;
use crate::window::Window;

/// Symbols that are coded with the same code before the next selector counts.
const GROUP: u32 = 50;
/// Most selectors: a block of 900 000 symbols needs 18 001; some programs write a few that are not used.
const SELECTORS_MOST: usize = 32_767;

/// The coded bytes of a block, at some symbol; can be copied and sent on over other bytes.
#[derive(Debug, Clone)]
pub(super) struct Block {
    bits: Bits,
    most: usize,
    /// Place of the first byte.
    origin: usize,
    /// Byte values in use.
    used: Rc<Vec<u8>>,
    codes: Rc<Vec<Code>>,
    selectors: Rc<Vec<u8>>,
    /// Groups begun.
    groups: usize,
    left_in_group: u32,
    /// Bytes before the transform that the symbols so far stand for.
    length: usize,
    /// The weight of the next digit of a run's length.
    weight: usize,
    ended: bool,
}

/// What a symbol stands for.
pub(super) enum Symbol {
    /// The byte at the front, this many times more.
    Run(usize),
    /// The byte at this place of the list.
    Place(usize),
    End,
}

/// The content of a block.
pub(super) struct Decoded {
    pub(super) crc: u32,
    pub(super) size: u64,
}

impl Block {
    /// The block whose header goes on at `bits`, behind its CRC, with at most `most` bytes before the transform.
    pub(super) fn open(mut bits: Bits, most: usize, window: &mut Window<'_>) -> Result<Self, Stop> {
        window.budget.pay(8192)?;
        if bits.take(1, window)? != 0 {
            return Err(Stop::bad(bits.byte(), "a block of a kind that has not been written since 1997"));
        }
        let origin = bits.take(24, window)? as usize;
        let used = symbols_in_use(&mut bits, window)?;
        let tables = bits.take(3, window)?;
        let count = bits.take(15, window)? as usize;
        if used.is_empty() || origin >= most || !(2..=6).contains(&tables) || !(1..=SELECTORS_MOST).contains(&count) {
            return Err(Stop::bad(bits.byte(), "a block header that no block has"));
        }
        let selectors = selectors(&mut bits, tables, count, window)?;
        let mut codes = Vec::new();
        for _ in 0..tables {
            codes.push(code(&mut bits, used.len().saturating_add(2), window)?);
        }
        let (used, codes, selectors) = (Rc::new(used), Rc::new(codes), Rc::new(selectors));
        let (groups, left_in_group, length, weight, ended) = (0, 0, 0, 1, false);
        Ok(Self { bits, most, origin, used, codes, selectors, groups, left_in_group, length, weight, ended })
    }

    pub(super) const fn bits(&self) -> Bits {
        self.bits
    }

    /// Whether every code is complete and every selector was used.
    pub(super) fn is_exact(&self) -> bool {
        self.groups == self.selectors.len() && self.codes.iter().all(Code::is_complete)
    }

    /// The next symbol.
    pub(super) fn next(&mut self, window: &mut Window<'_>) -> Result<Symbol, Stop> {
        if self.left_in_group == 0 {
            window.budget.pay(u64::from(GROUP) / 4)?;
            self.groups = self.groups.saturating_add(1);
            self.left_in_group = GROUP;
        }
        self.left_in_group = self.left_in_group.saturating_sub(1);
        let selector = self.selectors.get(self.groups.saturating_sub(1));
        let code = selector.and_then(|selector| self.codes.get(usize::from(*selector)));
        let Some(code) = code else { return Err(self.bad("more symbols than the block has groups for")) };
        let symbol = usize::from(code.symbol(&mut self.bits, window)?);
        let found = match symbol {
            0 | 1 => {
                let times = self.weight.saturating_mul(symbol.saturating_add(1));
                self.weight = self.weight.saturating_mul(2);
                self.length = self.length.saturating_add(times);
                Symbol::Run(times)
            }
            end if end > self.used.len() => {
                self.ended = true;
                Symbol::End
            }
            place => {
                (self.weight, self.length) = (1, self.length.saturating_add(1));
                Symbol::Place(place.saturating_sub(1))
            }
        };
        if self.length > self.most || (self.ended && self.origin >= self.length) {
            return Err(self.bad("more or fewer bytes than the block can have"));
        }
        Ok(found)
    }

    /// Goes on to the end of the block without its content, or until `until` bytes of the window are looked at.
    pub(super) fn skip(&mut self, until: u64, window: &mut Window<'_>) -> Result<bool, Stop> {
        while !self.ended && self.bits.reached() < until {
            self.next(window)?;
        }
        Ok(self.ended)
    }

    /// Decodes the block from its first symbol to its end.
    pub(super) fn decode(&mut self, window: &mut Window<'_>) -> Result<Decoded, Stop> {
        let mut list: Vec<u8> = self.used.to_vec();
        let mut order: Vec<u32> = Vec::with_capacity(self.most);
        loop {
            match self.next(window)? {
                Symbol::End => break,
                Symbol::Run(times) => {
                    let byte = list.first().copied().unwrap_or_default();
                    order.resize(order.len().saturating_add(times), u32::from(byte));
                }
                Symbol::Place(place) => {
                    let Some(front) = list.get_mut(..=place) else {
                        return Err(self.bad("a byte that the block does not have"));
                    };
                    front.rotate_right(1);
                    order.push(u32::from(front.first().copied().unwrap_or_default()));
                }
            }
        }
        window.budget.pay((order.len() as u64).saturating_mul(2))?;
        link(&mut order);
        unroll(&order, self.origin, window)
    }

    fn bad(&self, what: &str) -> Stop {
        Stop::bad(self.bits.byte(), what)
    }
}

fn symbols_in_use(bits: &mut Bits, window: &mut Window<'_>) -> Result<Vec<u8>, Stop> {
    let rows = bits.take(16, window)?;
    let mut used = Vec::new();
    for row in (0..16_u32).filter(|row| rows >> 15_u32.saturating_sub(*row) & 1 == 1) {
        let columns = bits.take(16, window)?;
        let of_row = (0..16_u32).filter(|column| columns >> 15_u32.saturating_sub(*column) & 1 == 1);
        used.extend(of_row.map(|column| (row.saturating_mul(16).saturating_add(column)) as u8));
    }
    Ok(used)
}

fn selectors(bits: &mut Bits, tables: u32, count: usize, window: &mut Window<'_>) -> Result<Vec<u8>, Stop> {
    let mut list = [0_u8, 1, 2, 3, 4, 5];
    let mut selectors = Vec::with_capacity(count);
    for _ in 0..count {
        let mut place = 0_usize;
        while bits.take(1, window)? == 1 {
            place = place.saturating_add(1);
        }
        let front = list.get_mut(..=place).filter(|_| place < tables as usize);
        let Some(front) = front else { return Err(Stop::bad(bits.byte(), "a selector of a code that is not there")) };
        front.rotate_right(1);
        selectors.push(front.first().copied().unwrap_or_default());
    }
    Ok(selectors)
}

fn code(bits: &mut Bits, symbols: usize, window: &mut Window<'_>) -> Result<Code, Stop> {
    let mut length = bits.take(5, window)? as u8;
    let mut lengths = Vec::with_capacity(symbols);
    for _ in 0..symbols {
        loop {
            if !(1..=20).contains(&length) {
                return Err(Stop::bad(bits.byte(), "a code length that there is not"));
            }
            if bits.take(1, window)? == 0 {
                break;
            }
            length = if bits.take(1, window)? == 0 { length.saturating_add(1) } else { length.saturating_sub(1) };
        }
        lengths.push(length);
    }
    Code::new(&lengths).ok_or_else(|| Stop::bad(bits.byte(), "more codes than fit"))
}

/// Puts into the upper bits of each entry where its successor stands.
fn link(order: &mut [u32]) {
    let mut sums = [0_u32; 256];
    for entry in order.iter() {
        if let Some(sum) = sums.get_mut((entry & 0xff) as usize) {
            *sum = sum.saturating_add(1);
        }
    }
    let mut before = 0_u32;
    for sum in &mut sums {
        (*sum, before) = (before, before.saturating_add(*sum));
    }
    for index in 0..order.len() {
        let byte = order.get(index).map_or(0, |entry| (entry & 0xff) as usize);
        let Some(sum) = sums.get_mut(byte) else { continue };
        if let Some(target) = order.get_mut(*sum as usize) {
            *target |= (index as u32) << 8;
        }
        *sum = sum.saturating_add(1);
    }
}

/// Follows the links and undoes the first run-length coding: four equal bytes are followed by a count of more of them.
fn unroll(order: &[u32], origin: usize, window: &Window<'_>) -> Result<Decoded, Stop> {
    let (mut crc, mut size) = (Bzip2Crc::new(), 0_u64);
    let (mut last, mut equal) = (0_u8, 0_u32);
    let mut place = order.get(origin).map_or(0, |entry| entry >> 8);
    for _ in 0..order.len() {
        let entry = order.get(place as usize).copied().unwrap_or_default();
        let byte = entry as u8;
        place = entry >> 8;
        if equal == 4 {
            window.budget.pay(u64::from(byte))?;
            (0..byte).for_each(|_| crc.push(last));
            size = size.saturating_add(u64::from(byte));
            equal = 0;
            continue;
        }
        equal = if equal > 0 && byte == last { equal.saturating_add(1) } else { 1 };
        last = byte;
        crc.push(byte);
        size = size.saturating_add(1);
    }
    Ok(Decoded { crc: crc.value(), size })
}
