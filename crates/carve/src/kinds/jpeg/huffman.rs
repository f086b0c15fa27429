//! Huffman tables of a DHT segment (ITU-T T.81, annexes C and F).

/// Codes up to this length are found with one look.
const FAST_BITS: u32 = 10;
const FAST_CODES: usize = 1 << FAST_BITS;
/// Codes that together with their coefficient take up to this many bits are found with one look, too: nearly all are.
pub(crate) const PAIR_BITS: u32 = 11;
const PAIRS: usize = 1 << PAIR_BITS;

/// A table ready for decoding.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// By the next [`FAST_BITS`] bits: length of the code in the upper, symbol in the lower byte; 0 if the code is longer.
    fast: [u16; FAST_CODES],
    /// By length: one more than the last code of that length, shifted to 16 bits; 0 where there is none.
    limit: [u32; 17],
    /// By length: what to add to a code to get its place among the symbols.
    offset: [i32; 17],
    symbols: Vec<u8>,
    /// By the next [`PAIR_BITS`] bits: a code and its coefficient. Only of tables for AC coefficients.
    pairs: Option<Box<Pairs>>,
}

/// A code of a run of zeros and a coefficient, with the bits of the coefficient behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Never 0, unless the block ends here.
    pub(crate) value: i16,
    /// Zeros before it.
    pub(crate) zeros: u8,
    /// Bits of both; 0 if they are more than fit.
    pub(crate) length: u8,
}

/// By the next [`PAIR_BITS`] bits: a code and its coefficient.
#[derive(Debug, Clone)]
pub(crate) struct Pairs([Pair; PAIRS]);

impl Pairs {
    /// What the highest bits of `held` begin with; a length of 0 where that needs a closer look.
    #[inline(always)]
    pub(crate) fn first(&self, held: u64) -> Pair {
        #[expect(clippy::indexing_slicing, reason = "masked to the table's size, in the hottest loop of the crate")]
        self.0[(held >> (64 - PAIR_BITS)) as usize & (PAIRS - 1)]
    }
}

impl Table {
    /// `counts` of codes by length 1 to 16 and the symbols in order; `None` if no prefix code has these counts.
    pub(crate) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table =
            Self { fast: [0; FAST_CODES], limit: [0; 17], offset: [0; 17], symbols: symbols.to_vec(), pairs: None };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1_u32..).zip(counts) {
            let next = code.checked_add(u32::from(count))?;
            if next > 1 << length || place.checked_add(usize::from(count))? > symbols.len() {
                return None;
            }
            if count > 0 {
                *table.offset.get_mut(length as usize)? =
                    i32::try_from(place).ok()?.checked_sub(i32::try_from(code).ok()?)?;
                *table.limit.get_mut(length as usize)? = next << (16_u32.checked_sub(length)?);
            }
            let names = symbols.get(place..place.checked_add(usize::from(count))?)?;
            for (code, &symbol) in (code..next).zip(names) {
                table.enter_fast(code, length, symbol);
            }
            (place, code) = (place.checked_add(usize::from(count))?, next << 1);
        }
        (place == symbols.len()).then_some(table)
    }

    /// The same table, ready for AC coefficients.
    pub(crate) fn for_coefficients(mut self) -> Self {
        let mut pairs = Box::new(Pairs([Pair::default(); PAIRS]));
        for (bits, pair) in (0_u32..).zip(pairs.0.iter_mut()) {
            // The bits behind those that are looked at may be anything: a code that needs them does not fit.
            let Some((code, symbol)) = self.decode(bits << (16 - PAIR_BITS)) else { continue };
            let (zeros, size) = (symbol >> 4, u32::from(symbol & 15));
            let length = code.saturating_add(size);
            if length > PAIR_BITS || (size == 0 && zeros > 0) {
                continue;
            }
            let number = (bits >> PAIR_BITS.saturating_sub(length) & (1_u32 << size).wrapping_sub(1)) as i16;
            let half = 1_i16 << size >> 1;
            let value = if number < half { number.wrapping_sub((1_i16 << size).wrapping_sub(1)) } else { number };
            *pair = Pair { value, zeros, length: length as u8 };
        }
        self.pairs = Some(pairs);
        self
    }

    /// Codes with their coefficients; `None` of tables that are not for AC coefficients.
    pub(crate) fn pairs(&self) -> Option<&Pairs> {
        self.pairs.as_deref()
    }

    fn enter_fast(&mut self, code: u32, length: u32, symbol: u8) {
        let Some(free) = FAST_BITS.checked_sub(length) else { return };
        let first = (code << free) as usize;
        let entry = u16::try_from(length << 8).unwrap_or(0) | u16::from(symbol);
        if let Some(slots) = self.fast.get_mut(first..first.saturating_add(1 << free)) {
            slots.fill(entry);
        }
    }

    /// Length and symbol of the code that the 16 bits begin with; `None` if none does.
    #[inline(always)]
    pub(crate) fn decode(&self, bits: u32) -> Option<(u32, u8)> {
        #[expect(clippy::indexing_slicing, reason = "masked to the table's size, in the hottest loop of the crate")]
        let entry = self.fast[(bits >> (16 - FAST_BITS)) as usize & (FAST_CODES - 1)];
        if entry != 0 { Some((u32::from(entry >> 8), (entry & 0xff) as u8)) } else { self.decode_long(bits) }
    }

    #[cold]
    fn decode_long(&self, bits: u32) -> Option<(u32, u8)> {
        for length in FAST_BITS.saturating_add(1)..=16 {
            if bits < self.limit.get(length as usize).copied().unwrap_or(0) {
                let code = i32::try_from(bits >> 16_u32.saturating_sub(length)).ok()?;
                let place = code.checked_add(*self.offset.get(length as usize)?)?;
                return Some((length, *self.symbols.get(usize::try_from(place).ok()?)?));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_assigned_in_order_of_length() {
        // Lengths 1, 2, 3: codes 0, 10, 110.
        let mut counts = [0; 16];
        counts[..3].copy_from_slice(&[1, 1, 1]);
        let table = Table::new(&counts, b"abc").unwrap();
        assert_eq!(table.decode(0x7fff), Some((1, b'a')));
        assert_eq!(table.decode(0xbfff), Some((2, b'b')));
        assert_eq!(table.decode(0xdfff), Some((3, b'c')));
        assert_eq!(table.decode(0xffff), None);
    }

    #[test]
    fn long_codes_are_found_past_the_fast_table() {
        let mut counts = [0; 16];
        counts[0] = 1;
        counts[11] = 2;
        let table = Table::new(&counts, b"abc").unwrap();
        assert_eq!(table.decode(0b1000_0000_0000_0000), Some((12, b'b')));
        assert_eq!(table.decode(0b1000_0000_0001_0000), Some((12, b'c')));
        assert_eq!(table.decode(0b1000_0000_0010_0000), None);
    }

    #[test]
    fn a_code_and_its_coefficient_are_found_together_or_not_at_all() {
        // Codes 0: end of block; 10: size 1; 110: two zeros and size 3; 1110: sixteen zeros; 11110: size 10.
        let mut counts = [0; 16];
        counts[..5].copy_from_slice(&[1, 1, 1, 1, 1]);
        let table = Table::new(&counts, &[0, 1, 0x23, 0xf0, 10]).unwrap().for_coefficients();
        let pair = |value, zeros, length| Pair { value, zeros, length };
        let first = |bits: u64| table.pairs().unwrap().first(bits << (64 - PAIR_BITS));
        assert_eq!(first(0b011_1111_1111), pair(0, 0, 1));
        assert_eq!(first(0b100_1111_1111), pair(-1, 0, 3));
        assert_eq!(first(0b101_0000_0000), pair(1, 0, 3));
        assert_eq!(first(0b110_0000_0000), pair(-7, 2, 6));
        assert_eq!(first(0b110_0110_0000), pair(-4, 2, 6));
        assert_eq!(first(0b110_1000_0000), pair(4, 2, 6));
        assert_eq!(first(0b110_1110_0000), pair(7, 2, 6));
        assert_eq!((first(0b111_0000_0000).length, first(0b111_1000_0000).length), (0, 0));
        assert_eq!(first(0b111_1111_1111).length, 0, "no code");
    }

    #[test]
    fn impossible_counts_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Table::new(&counts, b"abc").is_none());
        counts[0] = 1;
        assert!(Table::new(&counts, b"abc").is_none(), "surplus symbols");
        assert!(Table::new(&counts, b"").is_none(), "missing symbols");
    }
}
