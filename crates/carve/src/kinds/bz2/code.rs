//! The prefix codes of a block, stored from the highest bit on.

use crate::bits::Bits;
use crate::stop::Stop;
use crate::window::Window;

/// Longest code, in bits.
const LENGTH_MOST: u8 = 20;
/// Codes up to this length are found with one look.
const FAST_BITS: u32 = 10;

/// A canonical prefix code.
#[derive(Debug)]
pub(super) struct Code {
    /// By the next [`FAST_BITS`] bits: symbol × 32 + length; 0 if the code is longer.
    fast: Vec<u16>,
    /// By length: the first code, how many there are, and where their symbols begin.
    lengths: Vec<(u32, u32, usize)>,
    symbols: Vec<u16>,
    is_complete: bool,
}

impl Code {
    /// The code whose symbols have these lengths; `None` if there are more codes than fit.
    pub(super) fn new(of_symbols: &[u8]) -> Option<Self> {
        let (mut fast, mut lengths, mut symbols) = (vec![0_u16; 1 << FAST_BITS], vec![(0, 0, 0)], Vec::new());
        let mut code = 0_u32;
        for length in 1..=LENGTH_MOST {
            code <<= 1;
            let (first, begin) = (code, symbols.len());
            for (symbol, _) in of_symbols.iter().enumerate().filter(|(_, of_symbol)| **of_symbol == length) {
                symbols.push(symbol as u16);
                if u32::from(length) <= FAST_BITS {
                    let free = FAST_BITS.saturating_sub(u32::from(length));
                    let from = (code << free) as usize;
                    let slots = fast.get_mut(from..from.saturating_add(1 << free))?;
                    slots.fill((symbol as u16) << 5 | u16::from(length));
                }
                code = code.saturating_add(1);
            }
            lengths.push((first, code.saturating_sub(first), begin));
            if code > 1 << length {
                return None;
            }
        }
        Some(Self { fast, lengths, symbols, is_complete: code == 1 << LENGTH_MOST })
    }

    /// Whether every sequence of bits begins with a code, as with every code that the reference program writes.
    pub(super) const fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut Bits, window: &mut Window<'_>) -> Result<u16, Stop> {
        let looked = bits.peek_padded(u32::from(LENGTH_MOST), window)?;
        let short = looked >> u32::from(LENGTH_MOST).saturating_sub(FAST_BITS);
        if let Some(found @ 1..) = self.fast.get(short as usize).copied() {
            bits.take(u32::from(found & 31), window)?;
            return Ok(found >> 5);
        }
        for (length, (first, count, begin)) in (0_u32..).zip(&self.lengths).skip(FAST_BITS as usize) {
            let code = looked >> u32::from(LENGTH_MOST).saturating_sub(length);
            let index = code.wrapping_sub(*first);
            if index < *count {
                bits.take(length, window)?;
                return self.symbols.get(begin.saturating_add(index as usize)).copied().ok_or_else(|| none(bits));
            }
        }
        Err(none(bits))
    }
}

fn none(bits: &Bits) -> Stop {
    Stop::bad(bits.byte(), "bits that are no code of the block")
}
