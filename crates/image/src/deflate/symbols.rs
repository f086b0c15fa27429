//! The alphabets of deflate (RFC 1951 §3.2.5): lengths and distances as symbols with extra bits.
#![expect(clippy::indexing_slicing, reason = "tables made while compiling; the one look-up is masked")]

/// Bytes of stream that one block covers, and as far as a match may reach back.
pub(super) const BLOCK_BYTES: usize = 32 * 1024;
/// Farthest a match may reach back.
pub(super) const DISTANCE_MAX: u32 = 32 * 1024;
/// Shortest match the format can express.
pub(crate) const MATCH_MIN: u32 = 3;
/// Longest match the format can express.
pub(super) const MATCH_MAX: u32 = 258;

/// Symbols of the first alphabet: literals, end of block, lengths.
pub(super) const LITERALS: usize = 286;
/// Symbols of the second alphabet: distances.
pub(super) const DISTANCES: usize = 30;
/// Symbols that stand for lengths.
const LENGTHS: usize = 29;
/// The symbol that ends a block.
pub(super) const END_OF_BLOCK: usize = 256;
/// The symbol of the shortest length.
pub(crate) const LENGTHS_START: usize = 257;

/// The values that share a symbol, told apart by extra bits.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// The lowest value.
    pub(crate) base: u16,
    /// How many values there are.
    pub(super) values: u16,
    /// Bits that tell them apart.
    pub(crate) extra_bits: u8,
}

/// Lengths minus [`MATCH_MIN`], one for each symbol from [`LENGTHS_START`].
pub(crate) const LENGTH_SPANS: [Span; LENGTHS] = length_spans();
/// Distances minus 1, one for each symbol.
pub(crate) const DISTANCE_SPANS: [Span; DISTANCES] = spans(4);

/// Symbol above [`LENGTHS_START`] of each length minus [`MATCH_MIN`].
pub(super) static LENGTH_SYMBOLS: [u8; 256] = length_symbols();
/// Symbols of distances minus 1: the first half for those below 256, the second for the others divided by 128.
static DISTANCE_SYMBOLS: [u8; 512] = distance_symbols();

/// The symbol of a distance, which is given minus 1.
#[inline(always)]
pub(super) fn distance_symbol(less_one: u16) -> u8 {
    DISTANCE_SYMBOLS[distance_index(less_one) & 511]
}

#[inline(always)]
const fn distance_index(less_one: u16) -> usize {
    (if less_one < 256 { less_one } else { 256 | less_one >> 7 }) as usize
}

/// Spans of `N` symbols, of which the first `single` stand for one value each and then every half as many symbols have one
/// bit more.
const fn spans<const N: usize>(single: usize) -> [Span; N] {
    let mut spans = [Span { base: 0, values: 0, extra_bits: 0 }; N];
    let (mut symbol, mut base) = (0, 0);
    while symbol < N {
        let extra_bits = if symbol < single { 0 } else { (symbol / (single / 2) - 1) as u8 };
        let values = 1 << extra_bits;
        spans[symbol] = Span { base, values, extra_bits };
        base += values;
        symbol += 1;
    }
    spans
}

/// The longest length has a symbol of its own, which is taken from the span before.
const fn length_spans() -> [Span; LENGTHS] {
    let mut spans = spans::<LENGTHS>(8);
    spans[27].values = 31;
    spans[28] = Span { base: 255, values: 1, extra_bits: 0 };
    spans
}

const fn length_symbols() -> [u8; 256] {
    let mut symbols = [0; 256];
    let mut symbol = 0;
    while symbol < LENGTHS {
        let mut length = LENGTH_SPANS[symbol].base as usize;
        while length < symbols.len() {
            symbols[length] = symbol as u8;
            length += 1;
        }
        symbol += 1;
    }
    symbols
}

const fn distance_symbols() -> [u8; 512] {
    let mut symbols = [0; 512];
    let mut symbol = 0;
    while symbol < DISTANCES {
        let mut index = distance_index(DISTANCE_SPANS[symbol].base);
        while index < symbols.len() {
            symbols[index] = symbol as u8;
            index += 1;
        }
        symbol += 1;
    }
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_table_in_the_rfc() {
        let rfc =
            [(3, 0, 0), (10, 7, 0), (11, 8, 1), (18, 11, 1), (19, 12, 2), (35, 16, 3), (227, 27, 5), (258, 28, 0)];
        for (length, symbol, bits) in rfc {
            assert_eq!(LENGTH_SYMBOLS[length - 3], symbol, "length {length}");
            assert_eq!(LENGTH_SPANS[usize::from(symbol)].extra_bits, bits, "length {length}");
        }
        assert_eq!(LENGTH_SYMBOLS[257 - 3], 27);
        assert!(LENGTH_SPANS.iter().map(|span| span.values).sum::<u16>() == 256);
    }

    #[test]
    fn every_distance_lies_in_the_span_of_its_symbol() {
        for less_one in 0..32_768 {
            let span = DISTANCE_SPANS[usize::from(distance_symbol(less_one))];
            assert!((span.base..span.base + span.values).contains(&less_one), "distance {}", less_one + 1);
        }
        let last = DISTANCE_SPANS[29];
        assert_eq!((last.base + 1, last.extra_bits), (24_577, 13), "RFC 1951's last row");
    }
}
