//! Where signatures stand in a block: one look at every second byte decides.
//!
//! Of each signature three neighbouring bytes are chosen, the rarest ones. Wherever it stands, one of its two pairs of them
//! begins at an even place. So only pairs at even places are looked up, in a table of all 65 536 pairs that says which
//! signatures a pair may belong to; only there is anything compared. The cost hardly depends on the number of signatures,
//! and a pair costs one load, four of them one branch: several vectorised searchers, which hold some dozens of signatures
//! each, cost more.

use std::collections::HashMap;

/// Pairs of bytes there are.
const PAIRS: usize = 1 << 16;
/// Bytes looked at with one branch.
const STEP: usize = 8;

/// A signature that a pair may belong to, and where in the signature the pair stands; -1 if its first byte is any byte.
type Hint = (usize, isize);

/// A searcher for many signatures of one byte or more.
pub(crate) struct Finder {
    signatures: Vec<&'static [u8]>,
    /// For each pair the number of a list of hints; list 0 is empty.
    table: Box<[u8; PAIRS]>,
    lists: Vec<Vec<Hint>>,
}

impl Finder {
    /// Searches for all of `signatures`; empty ones are never found.
    pub(crate) fn new(signatures: Vec<&'static [u8]>) -> Self {
        let mut of_pair: HashMap<u16, Vec<Hint>> = HashMap::new();
        for (index, signature) in signatures.iter().enumerate() {
            for (pair, place) in pairs(signature) {
                of_pair.entry(pair).or_default().push((index, place));
            }
        }
        let mut lists: Vec<Vec<Hint>> = vec![Vec::new()];
        let mut numbers: HashMap<Vec<Hint>, u8> = HashMap::new();
        let mut table = vec![0_u8; PAIRS];
        let mut in_order: Vec<_> = of_pair.into_iter().collect();
        in_order.sort_unstable();
        for (pair, hints) in in_order {
            let next = u8::try_from(lists.len()).ok();
            let number = match (numbers.get(&hints), next) {
                (Some(number), _) => *number,
                (None, Some(next)) => {
                    lists.push(hints.clone());
                    numbers.insert(hints, next);
                    next
                }
                // No number is left: the last list serves all further pairs.
                (None, None) => {
                    if let Some(last) = lists.last_mut() {
                        last.extend(hints.into_iter().filter(|hint| !last.contains(hint)).collect::<Vec<_>>());
                    }
                    u8::MAX
                }
            };
            if let Some(slot) = table.get_mut(usize::from(pair)) {
                *slot = number;
            }
        }
        // Always as long as said: it was made so.
        let table = table.into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([0; PAIRS]));
        Self { signatures, table, lists }
    }

    /// Calls `found` with the place and number of every signature in `bytes`, places not in order.
    pub(crate) fn each(&self, bytes: &[u8], mut found: impl FnMut(usize, usize)) {
        let (steps, rest) = bytes.as_chunks::<STEP>();
        for (step, eight) in steps.iter().enumerate() {
            let word = u64::from_le_bytes(*eight);
            let numbers = [word, word >> 16, word >> 32, word >> 48].map(|word| self.number(word as u16));
            if numbers[0] | numbers[1] | numbers[2] | numbers[3] != 0 {
                self.look(bytes, step.wrapping_mul(STEP), numbers, &mut found);
            }
        }
        let at = steps.len().wrapping_mul(STEP);
        for (index, pair) in rest.chunks(2).enumerate() {
            // The last byte of an odd number of bytes has none behind it; a signature that begins there is not whole,
            // unless it is of one byte, and any byte may stand behind that.
            let pair = [pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)];
            let number = self.number(u16::from_le_bytes(pair));
            self.look(bytes, at.wrapping_add(index.wrapping_mul(2)), [number, 0, 0, 0], &mut found);
        }
    }

    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a table of all values of the index, in the hottest loop of the scan")]
    fn number(&self, pair: u16) -> u8 {
        self.table[usize::from(pair)]
    }

    #[inline(never)]
    fn look(&self, bytes: &[u8], at: usize, numbers: [u8; 4], found: &mut impl FnMut(usize, usize)) {
        for (number, at) in numbers.into_iter().zip((at..).step_by(2)).filter(|(number, _)| *number != 0) {
            for &(index, place) in self.lists.get(usize::from(number)).into_iter().flatten() {
                let Some(start) = at.checked_add_signed(place.wrapping_neg()) else { continue };
                let Some(signature) = self.signatures.get(index) else { continue };
                if bytes.get(start..).is_some_and(|here| here.starts_with(signature)) {
                    found(start, index);
                }
            }
        }
    }
}

/// The pairs, as little-endian numbers, of which exactly one stands at an even place wherever the signature does; and where
/// in the signature each stands.
fn pairs(signature: &[u8]) -> Vec<(u16, isize)> {
    let rarest = signature.windows(3).enumerate().min_by_key(|(at, three)| (commonness(three), *at));
    let any = |make: &dyn Fn(u8) -> [u8; 2], place: isize| -> Vec<(u16, isize)> {
        (0..=u8::MAX).map(|byte| (u16::from_le_bytes(make(byte)), place)).collect()
    };
    match (signature, rarest) {
        (_, Some((at, &[a, b, c]))) => {
            let at = at.cast_signed();
            vec![(u16::from_le_bytes([a, b]), at), (u16::from_le_bytes([b, c]), at.wrapping_add(1))]
        }
        (&[a, b], _) => {
            // At an odd place one of its bytes shares a pair with a neighbour that may be anything.
            let mut pairs = if weight(a) <= weight(b) { any(&|byte| [byte, a], -1) } else { any(&|byte| [b, byte], 1) };
            pairs.push((u16::from_le_bytes([a, b]), 0));
            pairs
        }
        (&[a], _) => [any(&|byte| [a, byte], 0), any(&|byte| [byte, a], -1)].concat(),
        _ => Vec::new(),
    }
}

/// How often the two pairs of three bytes are likely to be met.
fn commonness(three: &[u8]) -> u32 {
    three.windows(2).map(|pair| pair.iter().fold(1, |product: u32, byte| product.saturating_mul(weight(*byte)))).sum()
}

/// How common a byte is on disks, roughly: zeros and ones before letters before the rest.
const fn weight(byte: u8) -> u32 {
    match byte {
        0 => 64,
        0xff | b' ' => 16,
        b'a'..=b'z' => 8,
        1 | b'0'..=b'9' | b'\n' | b'\r' => 4,
        b'A'..=b'Z' | 2..=16 => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(signatures: &[&'static [u8]], bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        Finder::new(signatures.to_vec()).each(bytes, |at, index| all.push((at, index)));
        all.sort_unstable();
        all
    }

    fn slowly(signatures: &[&'static [u8]], bytes: &[u8]) -> Vec<(usize, usize)> {
        let here = |at: usize| (0..signatures.len()).filter(move |index| bytes[at..].starts_with(signatures[*index]));
        (0..bytes.len()).flat_map(|at| here(at).map(move |index| (at, index))).collect()
    }

    #[test]
    fn every_signature_is_found_at_every_place_once() {
        let signatures: [&[u8]; 9] =
            [b"BM", b"MZ", b"\xff\xd8\xff", b"\0\0\x01\0", b"RIFF", b"G", b"%PDF-", b"\0\0", b"BMW"];
        for signature in signatures {
            for before in 0..20 {
                for behind in 0..12 {
                    let mut bytes = vec![b'.'; before];
                    bytes.extend_from_slice(signature);
                    bytes.resize(bytes.len() + behind, b'-');
                    assert_eq!(found(&signatures, &bytes), slowly(&signatures, &bytes), "{before} {behind} {bytes:?}");
                }
            }
        }
    }

    #[test]
    fn bytes_full_of_signatures_and_pieces_of_them_are_searched_right() {
        let signatures: [&[u8]; 6] = [b"aab", b"ba", b"abab", b"b\0", b"\0\0b", b"\0"];
        let mut state = 7_u32;
        let bytes: Vec<u8> = (0..5000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b"ab\0"[(state >> 24) as usize % 3]
            })
            .collect();
        for from in 0..9 {
            assert_eq!(found(&signatures, &bytes[from..]), slowly(&signatures, &bytes[from..]));
        }
    }

    #[test]
    fn more_pairs_than_numbers_are_no_reason_to_miss_anything() {
        let many: Vec<&'static [u8]> =
            (0..1000_u32).map(|n| &*Vec::leak(format!("{:04}", n * 7).into_bytes())).collect();
        let text: Vec<u8> = (0..3000_u32).flat_map(|n| format!("{:04}", n * 3).into_bytes()).collect();
        assert_eq!(found(&many, &text), slowly(&many, &text));
        assert_eq!(found(&[b"", b"x"], b"ax"), [(1, 1)]);
    }
}
