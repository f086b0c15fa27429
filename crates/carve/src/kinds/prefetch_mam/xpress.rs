//! Decoding of XPRESS Huffman (MS-XCA 2.1): LZ77 with one Huffman code of 512 symbols for each 64 KiB.

use crate::stop::Stop;
use crate::window::Window;

/// Bytes of content in a block, and of the code lengths before it.
const BLOCK_BYTES: usize = 65_536;
const TABLE_BYTES: usize = 256;
const SYMBOLS: usize = 512;
/// The longest code, in bits.
const CODE_MOST: u32 = 15;

/// Decodes `length` bytes from `at`; they, and where the coded data ends.
pub(super) fn decode(window: &mut Window<'_>, at: u64, length: usize) -> Result<(Vec<u8>, u64), Stop> {
    let mut out = Vec::new();
    let mut at = at;
    while out.len() < length {
        let table = Table::read(window, at)?;
        let most = length.min(out.len().saturating_add(BLOCK_BYTES));
        let mut bits = Bits::begin(window, at.saturating_add(TABLE_BYTES as u64))?;
        while out.len() < most {
            bits.window.budget.pay(1)?;
            let symbol = bits.symbol(&table)?;
            match u8::try_from(symbol) {
                Ok(literal) => out.push(literal),
                Err(_) => bits.copy(symbol.saturating_sub(256), &mut out, length)?,
            }
        }
        at = bits.at;
    }
    Ok((out, at))
}

/// For each 15 bits that may come: the symbol they begin with, and its length.
struct Table(Vec<(u16, u8)>);

impl Table {
    fn read(window: &mut Window<'_>, at: u64) -> Result<Self, Stop> {
        let bytes = window.exact(at, TABLE_BYTES)?;
        let lengths: Vec<u8> = bytes.iter().flat_map(|byte| [byte & 15, byte >> 4]).collect();
        let mut codes: Vec<(u16, u8)> = Vec::with_capacity(1 << CODE_MOST);
        for length in 1..=15_u8 {
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, of)| **of == length) {
                let places = 1_usize << CODE_MOST.saturating_sub(u32::from(length));
                let symbol = u16::try_from(symbol).unwrap_or(0);
                codes.resize(codes.len().saturating_add(places).min((1 << CODE_MOST) + 1), (symbol, length));
            }
        }
        // A complete code fills all places, and nothing more.
        if codes.len() != 1 << CODE_MOST || lengths.len() != SYMBOLS {
            return Err(Stop::bad(at, "code lengths that make no code"));
        }
        window.budget.pay(1 << CODE_MOST)?;
        Ok(Self(codes))
    }
}

/// Bits from words of 16, of which two are read ahead; bytes of long lengths stand between the words.
struct Bits<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    next: u32,
    /// Bits beyond the 16 that are always there.
    extra: u32,
}

impl<'w, 'a> Bits<'w, 'a> {
    fn begin(window: &'w mut Window<'a>, at: u64) -> Result<Self, Stop> {
        let (high, low) = (window.u16_le(at)?, window.u16_le(at.saturating_add(2))?);
        Ok(Self { window, at: at.saturating_add(4), next: u32::from(high) << 16 | u32::from(low), extra: 16 })
    }

    fn skip(&mut self, count: u32) -> Result<(), Stop> {
        self.next = self.next.checked_shl(count).unwrap_or(0);
        match self.extra.checked_sub(count) {
            Some(extra) => self.extra = extra,
            None => {
                let word = u32::from(self.window.u16_le(self.at)?);
                self.at = self.at.saturating_add(2);
                let missing = count.saturating_sub(self.extra);
                self.next |= word << missing;
                self.extra = 16_u32.saturating_sub(missing);
            }
        }
        Ok(())
    }

    fn symbol(&mut self, table: &Table) -> Result<u16, Stop> {
        let place = usize::try_from(self.next >> 17).unwrap_or(0);
        let (symbol, length) = table.0.get(place).copied().ok_or_else(|| Stop::bad(self.at, "a code that is none"))?;
        self.skip(u32::from(length))?;
        Ok(symbol)
    }

    /// Copies what was decoded before: `symbol` has four bits of the length and the number of bits of the distance.
    fn copy(&mut self, symbol: u16, out: &mut Vec<u8>, most: usize) -> Result<(), Stop> {
        let mut length = usize::from(symbol & 15);
        if length == 15 {
            length = length.saturating_add(usize::from(self.window.u8(self.at)?));
            self.at = self.at.saturating_add(1);
            if length == 270 {
                length = usize::from(self.window.u16_le(self.at)?);
                self.at = self.at.saturating_add(2);
                if length < 15 {
                    return Err(Stop::bad(self.at, "a length that should have been written shorter"));
                }
            }
        }
        let count = u32::from(symbol >> 4);
        let low = if count == 0 { 0 } else { self.next >> 32_u32.saturating_sub(count) };
        self.skip(count)?;
        let distance = usize::try_from((1_u32 << count) | low).unwrap_or(0);
        let from =
            out.len().checked_sub(distance).ok_or_else(|| Stop::bad(self.at, "a copy from before the beginning"))?;
        let end = out.len().saturating_add(length).saturating_add(3);
        self.window.budget.pay(length as u64)?;
        for place in from.. {
            // The last copy of a block may reach into the next one.
            if out.len() >= end.min(most) {
                return Ok(());
            }
            let byte = out.get(place).copied().unwrap_or(0);
            out.push(byte);
        }
        Ok(())
    }
}
