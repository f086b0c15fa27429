//! Huffman codes: lengths from frequencies, codes from lengths.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A code word and its length in bits; length 0 means that the symbol has none.
pub(crate) type Word = (u16, u8);

/// Code lengths of at most `limit` bits for symbols with these frequencies.
///
/// If the best code is too long, frequencies are flattened and it is made again; they approach equality, so this ends
/// as long as 2^`limit` is at least the number of symbols.
pub(crate) fn lengths(frequencies: &[u32], limit: u8) -> Vec<u8> {
    let mut weights: Vec<u64> = frequencies.iter().map(|&f| u64::from(f)).collect();
    loop {
        let lengths = unlimited(&weights);
        if lengths.iter().all(|&length| length <= limit) {
            return lengths;
        }
        weights.iter_mut().filter(|weight| **weight > 0).for_each(|weight| *weight = *weight / 2 + 1);
    }
}

/// Huffman's own algorithm; ties are broken by position so that the result is the same everywhere.
fn unlimited(weights: &[u64]) -> Vec<u8> {
    let used = weights.iter().enumerate().filter(|(_, weight)| **weight > 0);
    let mut heap: BinaryHeap<_> = used.map(|(symbol, &weight)| Reverse((weight, symbol))).collect();
    let mut parents = vec![usize::MAX; weights.len()];
    while let (Some(Reverse((first_weight, first))), Some(Reverse((second_weight, second)))) = (heap.pop(), heap.pop())
    {
        let joined = parents.len();
        parents.push(usize::MAX);
        for child in [first, second] {
            if let Some(parent) = parents.get_mut(child) {
                *parent = joined;
            }
        }
        heap.push(Reverse((first_weight + second_weight, joined)));
    }
    (0..weights.len()).map(|symbol| depth(&parents, symbol)).collect()
}

/// Steps from a symbol up to the root.
fn depth(parents: &[usize], symbol: usize) -> u8 {
    let mut steps = 0;
    let mut node = symbol;
    while let Some(&parent) = parents.get(node).filter(|parent| **parent != usize::MAX) {
        node = parent;
        steps += 1;
    }
    steps
}

/// Canonical codes, shortest first and then by symbol (RFC 1951 §3.2.2; T.81 Annex C gives the same for its order).
pub(crate) fn canonical(lengths: &[u8]) -> Vec<Word> {
    let mut words = vec![(0, 0); lengths.len()];
    let mut code = 0_u16;
    for length in 1..=16_u8 {
        for (word, _) in words.iter_mut().zip(lengths).filter(|(_, symbol_length)| **symbol_length == length) {
            *word = (code, length);
            code = code.wrapping_add(1);
        }
        code <<= 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fill_the_tree_exactly_even_when_cut_to_the_limit() {
        let fibonacci: Vec<u32> = (0..30)
            .scan((1, 1), |s, _| {
                *s = (s.1, s.0 + s.1);
                Some(s.0)
            })
            .collect();
        for limit in [5, 7, 15] {
            let lengths = lengths(&fibonacci, limit);
            let filled: u32 = lengths.iter().map(|&length| 1 << (limit - length)).sum();
            assert_eq!(filled, 1 << limit);
        }
    }

    #[test]
    fn the_example_of_rfc_1951_comes_out() {
        let words = canonical(&[3, 3, 3, 3, 3, 2, 4, 4]);
        assert_eq!(words.iter().map(|word| word.0).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 0, 14, 15]);
    }
}
