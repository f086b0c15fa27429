//! Huffman codes of limited length (RFC 1951 §3.2.2).
#![expect(
    clippy::indexing_slicing,
    reason = "sizes are fixed: an alphabet has at most 288 symbols, a code word 15 bits"
)]

/// Symbols of the largest alphabet.
const SYMBOLS_MAX: usize = 288;
/// Bits of a symbol in a sorting key, below its frequency.
const SYMBOL_BITS: u32 = 9;
/// Longest code word that the format knows, plus one.
const LENGTHS: usize = 16;

/// Gives each symbol the length in bits of its code word, so that symbols that occur `frequencies` times (below 2^23 in
/// sum) take few bits; no length is over `limit`, and 0 is for symbols that do not occur. At least two symbols get a word,
/// because some decoders refuse a code that is not complete.
pub(super) fn code_lengths(frequencies: &[u32], limit: usize, lengths: &mut [u8]) {
    lengths.fill(0);
    let mut keys = [0_u32; SYMBOLS_MAX];
    let mut used = 0;
    for (symbol, &frequency) in frequencies.iter().enumerate().take(SYMBOLS_MAX) {
        if frequency != 0 {
            keys[used] = frequency << SYMBOL_BITS | symbol as u32;
            used += 1;
        }
    }
    if used < 2 {
        let only = symbol(keys[0]);
        lengths[only] = 1;
        lengths[usize::from(only == 0)] = 1;
        return;
    }
    let keys = &mut keys[..used];
    keys.sort_unstable();
    let mut counts = leaves_by_depth(keys, limit);
    shorten(&mut counts, limit);
    let mut rarest_first = keys.iter();
    for length in (1..=limit).rev() {
        for &key in rarest_first.by_ref().take(counts[length] as usize) {
            lengths[symbol(key)] = length as u8;
        }
    }
}

fn symbol(key: u32) -> usize {
    (key & ((1 << SYMBOL_BITS) - 1)) as usize
}

/// How many leaves of Huffman's tree over the sorted `keys` are how deep; those deeper than `limit` count there.
fn leaves_by_depth(keys: &[u32], limit: usize) -> [u32; LENGTHS] {
    // Leaves and inner nodes are two queues in ascending order of weight: the lightest of all is at the front of either.
    let mut weights = [0_u32; SYMBOLS_MAX];
    let mut parents = [0_u16; SYMBOLS_MAX];
    let mut own_leaves = [0_u8; SYMBOLS_MAX];
    let inner = keys.len() - 1;
    let (mut leaf, mut node) = (0, 0);
    for parent in 0..inner {
        for _ in 0..2 {
            let leaf_weight = keys.get(leaf).map(|key| key >> SYMBOL_BITS);
            match leaf_weight {
                Some(weight) if node == parent || weight <= weights[node] => {
                    weights[parent] = weights[parent].wrapping_add(weight);
                    own_leaves[parent] += 1;
                    leaf += 1;
                }
                _ => {
                    weights[parent] = weights[parent].wrapping_add(weights[node]);
                    parents[node] = parent as u16;
                    node += 1;
                }
            }
        }
    }
    let mut counts = [0; LENGTHS];
    let mut depths = [0_usize; SYMBOLS_MAX];
    for node in (0..inner).rev() {
        // The last inner node is the root, at depth 0.
        depths[node] = if node + 1 == inner { 0 } else { depths[usize::from(parents[node])] + 1 };
        counts[limit.min(depths[node] + 1)] += u32::from(own_leaves[node]);
    }
    counts
}

/// Makes a code of `counts` words of each length fit again after words longer than `limit` were cut to it.
fn shorten(counts: &mut [u32; LENGTHS], limit: usize) {
    // In units of the longest words; all together may fill 2^limit.
    let mut filled: u32 = (1..=limit).map(|length| counts[length] << (limit - length)).sum();
    while filled > 1 << limit {
        // One word goes from the limit to the side of the longest one above, which gets a bit more for that.
        let Some(above) = (1..limit).rev().find(|&length| counts[length] != 0) else { return };
        counts[above] -= 1;
        counts[above + 1] += 2;
        counts[limit] -= 1;
        filled -= 1;
    }
}

/// A code word: above the lowest 8 bits its bits in the order of writing, in the lowest 8 their number.
pub(super) type Word = u32;

/// The words of the canonical code with these `lengths`.
pub(super) fn code_words<const N: usize>(lengths: &[u8; N]) -> [Word; N] {
    let mut counts = [0_u16; LENGTHS];
    for &length in lengths {
        counts[usize::from(length) % LENGTHS] += 1;
    }
    counts[0] = 0;
    let mut next = [0_u16; LENGTHS];
    for length in 1..LENGTHS {
        next[length] = next[length - 1].wrapping_add(counts[length - 1]) << 1;
    }
    lengths.map(|length| {
        let code = &mut next[usize::from(length) % LENGTHS];
        let bits = code.reverse_bits().checked_shr(16 - u32::from(length)).unwrap_or(0);
        *code = code.wrapping_add(1);
        u32::from(bits) << 8 | u32::from(length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths<const N: usize>(frequencies: [u32; N], limit: usize) -> [u8; N] {
        let mut lengths = [0; N];
        code_lengths(&frequencies, limit, &mut lengths);
        let filled: u32 = lengths.iter().filter(|&&length| length != 0).map(|length| 1 << (15 - length)).sum();
        assert_eq!(filled, 1 << 15, "the code of {frequencies:?} is complete");
        lengths
    }

    #[test]
    fn frequent_symbols_get_short_words() {
        assert_eq!(lengths([1, 0, 2, 4, 8], 15), [3, 0, 3, 2, 1]);
        assert_eq!(lengths([5; 8], 15), [3; 8]);
    }

    #[test]
    fn none_or_one_symbol_still_makes_a_complete_code() {
        assert_eq!(lengths([0; 4], 7), [1, 1, 0, 0]);
        assert_eq!(lengths([9, 0, 0, 0], 7), [1, 1, 0, 0]);
        assert_eq!(lengths([0, 0, 9, 0], 7), [1, 0, 1, 0]);
    }

    #[test]
    fn fibonacci_numbers_want_the_longest_words_and_get_the_limit() {
        let mut fibonacci = [1_u32; 24];
        for n in 2..fibonacci.len() {
            fibonacci[n] = fibonacci[n - 1] + fibonacci[n - 2];
        }
        assert_eq!(lengths(fibonacci, 15).into_iter().max(), Some(15));
        for limit in 5..15 {
            assert_eq!(lengths(fibonacci, limit).into_iter().max(), Some(limit as u8));
        }
    }

    #[test]
    fn the_example_of_the_rfc_has_its_code() {
        // RFC 1951 §3.2.2: A to H with lengths 3, 3, 3, 3, 3, 2, 4, 4.
        let words = code_words(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let rfc = [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111_u32];
        for (word, code) in words.into_iter().zip(rfc) {
            assert_eq!((word >> 8).reverse_bits() >> (32 - (word & 0xFF)), code);
        }
    }
}
