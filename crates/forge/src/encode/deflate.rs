//! DEFLATE (RFC 1951) and its zlib wrapping (RFC 1950): greedy matching, one dynamic Huffman code per block.

use super::bits::LowFirst;
use super::huffman::{Word, canonical, lengths};

/// Literals and matches per block; zlib's own default is 16 Ki.
const BLOCK_TOKENS: usize = 16 * 1024;
const WINDOW: usize = 32 * 1024;
const LONGEST: usize = 258;
const HASH_BITS: u32 = 15;
/// Earlier places looked at for each match: enough for a realistic ratio, few enough to be quick.
const CHAIN: usize = 8;
const END_OF_BLOCK: usize = 256;
/// Order in which the lengths of the length code are sent (RFC 1951 §3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

#[derive(Debug, Clone, Copy)]
enum Token {
    Literal(u8),
    Match { length: u16, distance: u16 },
}

/// `data` as a raw DEFLATE stream.
pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let tokens = tokens(data);
    let mut out = LowFirst::default();
    let blocks = tokens.len().div_ceil(BLOCK_TOKENS).max(1);
    for number in 0..blocks {
        let start = number * BLOCK_TOKENS;
        let end = tokens.len().min(start + BLOCK_TOKENS);
        block(&mut out, tokens.get(start..end).unwrap_or_default(), number + 1 == blocks);
    }
    out.finish()
}

/// `data` as a zlib stream: header, DEFLATE, Adler-32.
pub(crate) fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x9C];
    out.extend(deflate(data));
    out.extend(adler32(data).to_be_bytes());
    out
}

/// Sums modulo 65521, taken every 5552 bytes: the longest run that cannot overflow 32 bits (RFC 1950 §8.2).
pub(crate) fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for piece in data.chunks(5552) {
        for &byte in piece {
            a += u32::from(byte);
            b += a;
        }
        a %= 65_521;
        b %= 65_521;
    }
    (b << 16) | a
}

/// The data as literals and the longest match found at each place.
#[expect(clippy::indexing_slicing, reason = "hot loop; positions come from the loop itself, never from a file")]
fn tokens(data: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(data.len() / 3);
    let mut heads = vec![u32::MAX; 1 << HASH_BITS];
    let mut previous = vec![u32::MAX; WINDOW];
    let mut at = 0;
    while at < data.len() {
        let (length, distance) = longest_match(data, at, &heads, &previous);
        let step = if length >= 3 { length } else { 1 };
        tokens.push(if length >= 3 {
            Token::Match { length: length as u16, distance: distance as u16 }
        } else {
            Token::Literal(data[at])
        });
        for place in at..at + step {
            if let Some(hash) = hash(data, place) {
                previous[place % WINDOW] = heads[hash];
                heads[hash] = place as u32;
            }
        }
        at += step;
    }
    tokens
}

fn hash(data: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = *data.get(at..)?.first_chunk::<3>()?;
    let value = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1);
    Some((value >> (32 - HASH_BITS)) as usize)
}

/// Length and distance of the longest earlier occurrence; length 0 if there is none.
#[expect(clippy::indexing_slicing, reason = "hot loop; positions come from the tables filled above")]
fn longest_match(data: &[u8], at: usize, heads: &[u32], previous: &[u32]) -> (usize, usize) {
    let Some(hash) = hash(data, at) else { return (0, 0) };
    let limit = LONGEST.min(data.len() - at);
    let (mut best, mut distance) = (0, 0);
    let mut candidate = heads[hash];
    for _ in 0..CHAIN {
        let place = candidate as usize;
        if candidate == u32::MAX || place >= at || at - place >= WINDOW {
            break;
        }
        let length = (0..limit).take_while(|&i| data[place + i] == data[at + i]).count();
        if length > best {
            (best, distance) = (length, at - place);
        }
        let next = previous[place % WINDOW];
        // A slot of the ring that was overwritten points forward; following it would never end.
        if next == u32::MAX || next >= candidate {
            break;
        }
        candidate = next;
    }
    (best, distance)
}

/// Length symbol, extra bits, their number.
fn length_symbol(length: u16) -> (usize, u32, u8) {
    if length >= 258 {
        return (285, 0, 0);
    }
    let (step, extra, bits) = logarithmic(u32::from(length) - 3, 3);
    (257 + step, extra, bits)
}

/// Distance symbol, extra bits, their number.
fn distance_symbol(distance: u16) -> (usize, u32, u8) {
    logarithmic(u32::from(distance) - 1, 2)
}

/// Both tables of RFC 1951 §3.2.5 have one shape: 2^`group_bits` values of one symbol each, then groups of half as
/// many symbols whose width doubles.
fn logarithmic(value: u32, group_bits: u32) -> (usize, u32, u8) {
    if value < 1 << group_bits {
        return (value as usize, 0, 0);
    }
    let top = 31 - value.leading_zeros();
    let bits = top + 1 - group_bits;
    let symbol = (bits << (group_bits - 1)) + (value >> bits);
    (symbol as usize, value & ((1 << bits) - 1), bits as u8)
}

/// One block with its own codes.
fn block(out: &mut LowFirst, tokens: &[Token], last: bool) {
    let (literal_counts, distance_counts) = count(tokens);
    let (literal_lengths, distance_lengths) = (lengths(&literal_counts, 15), lengths(&distance_counts, 15));
    out.put(u32::from(last), 1);
    out.put(2, 2);
    send_codes(out, &literal_lengths, &distance_lengths);
    let (literals, distances) = (canonical(&literal_lengths), canonical(&distance_lengths));
    for token in tokens {
        match *token {
            Token::Literal(byte) => send(out, &literals, usize::from(byte)),
            Token::Match { length, distance } => {
                let (symbol, extra, bits) = length_symbol(length);
                send(out, &literals, symbol);
                out.put(extra, bits);
                let (symbol, extra, bits) = distance_symbol(distance);
                send(out, &distances, symbol);
                out.put(extra, bits);
            }
        }
    }
    send(out, &literals, END_OF_BLOCK);
}

/// How often each symbol occurs; at least two of each alphabet, because a code of one word is not accepted everywhere.
fn count(tokens: &[Token]) -> (Vec<u32>, Vec<u32>) {
    let (mut literals, mut distances) = (vec![0_u32; 286], vec![0_u32; 30]);
    let add = |counts: &mut Vec<u32>, symbol: usize| {
        if let Some(count) = counts.get_mut(symbol) {
            *count += 1;
        }
    };
    add(&mut literals, END_OF_BLOCK);
    for token in tokens {
        match *token {
            Token::Literal(byte) => add(&mut literals, usize::from(byte)),
            Token::Match { length, distance } => {
                add(&mut literals, length_symbol(length).0);
                add(&mut distances, distance_symbol(distance).0);
            }
        }
    }
    for counts in [&mut literals, &mut distances] {
        for symbol in 0..2 {
            if counts.iter().filter(|count| **count > 0).count() < 2 && counts.get(symbol) == Some(&0) {
                add(counts, symbol);
            }
        }
    }
    (literals, distances)
}

/// The two tables of code lengths, run-length coded and Huffman coded themselves (RFC 1951 §3.2.7).
fn send_codes(out: &mut LowFirst, literals: &[u8], distances: &[u8]) {
    let all: Vec<u8> = literals.iter().chain(distances).copied().collect();
    let runs = runs(&all);
    let mut counts = vec![0_u32; 19];
    for (symbol, ..) in &runs {
        if let Some(count) = counts.get_mut(*symbol) {
            *count += 1;
        }
    }
    let code_lengths = lengths(&counts, 7);
    let codes = canonical(&code_lengths);
    out.put(literals.len() as u32 - 257, 5);
    out.put(distances.len() as u32 - 1, 5);
    out.put(19 - 4, 4);
    for symbol in ORDER {
        out.put(u32::from(code_lengths.get(symbol).copied().unwrap_or(0)), 3);
    }
    for (symbol, extra, bits) in runs {
        send(out, &codes, symbol);
        out.put(extra, bits);
    }
}

/// Symbols 0 to 15 are lengths; 16 repeats the last one 3 to 6 times; 17 and 18 repeat zero 3 to 10, 11 to 138 times.
fn runs(lengths: &[u8]) -> Vec<(usize, u32, u8)> {
    let mut runs = Vec::new();
    for group in lengths.chunk_by(|a, b| a == b) {
        let value = usize::from(group.first().copied().unwrap_or(0));
        let mut left = group.len();
        if value != 0 {
            runs.push((value, 0, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, least, most, bits) = match (value, left) {
                (0, 11..) => (18, 11, 138, 7),
                (0, 3..) => (17, 3, 10, 3),
                (1.., 3..) => (16, 3, 6, 2),
                _ => (value, 1, 1, 0),
            };
            let length = left.min(most);
            runs.push((symbol, (length - least) as u32, bits));
            left -= length;
        }
    }
    runs
}

/// Huffman words go out from their most significant bit, everything else from its least (RFC 1951 §3.1.1).
fn send(out: &mut LowFirst, words: &[Word], symbol: usize) {
    let (word, length) = words.get(symbol).copied().unwrap_or_default();
    if length > 0 {
        out.put(u32::from(word.reverse_bits() >> (16 - length)), length);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::{Random, prose};

    fn check(data: &[u8]) -> usize {
        let packed = zlib(data);
        let mut back = Vec::new();
        flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut back).unwrap();
        assert!(back == data, "{} bytes do not come back", data.len());
        packed.len()
    }

    #[test]
    fn everything_comes_back_through_another_inflate() {
        check(b"");
        check(b"a");
        check(&[0; 100_000]);
        for length in [1, 2, 3, 257, 258, 259, 32_767, 32_768, 32_769, 200_000] {
            check(&Random::new(length as u64).bytes(length));
            check(&prose::english(&mut Random::new(length as u64), length));
        }
        let every_length: Vec<u8> =
            (0..300_usize).flat_map(|n| [vec![b'x'; n], Random::new(n as u64).bytes(5)].concat()).collect();
        check(&every_length);
    }

    #[test]
    fn text_becomes_smaller_and_noise_hardly_larger() {
        let text = prose::english(&mut Random::new(1), 100_000);
        assert!(check(&text) < 45_000);
        assert!(check(&Random::new(1).bytes(100_000)) < 100_500);
    }
}
