//! Every stream that the fast decoder takes is judged by crate flate2; every other one is left to it.

use flate2::{Compress, FlushCompress, Status};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Compression;
use crate::deflate::Deflater;

/// xorshift64*: numbers that repeat on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Chunks of many kinds: text, tables, noise, few values, long repetitions, and mixtures.
fn chunks() -> Vec<Vec<u8>> {
    let mut random = Random(3);
    let words: Vec<Vec<u8>> =
        (0..300).map(|_| (0..1 + random.below(9)).map(|_| b'a' + random.below(26) as u8).collect()).collect();
    let mut text = Vec::new();
    while text.len() < 32_768 {
        text.extend(&words[random.below(300).min(random.below(300))]);
        text.push(b' ');
    }
    text.truncate(32_768);
    let table: Vec<u8> = (0..8192_u32).flat_map(|n| (n * 3 + n / 100).to_le_bytes()).collect();
    let noise: Vec<u8> = (0..32_768).map(|_| random.next() as u8).collect();
    let few: Vec<u8> = (0..32_768).map(|_| b"aaabcd"[random.below(6)]).collect();
    // Frequencies like Fibonacci's numbers want the longest code words.
    let skewed: Vec<u8> = (0..32_768)
        .map(|_| {
            let mut value = 0;
            while random.below(100) < 60 && value < 40 {
                value += 1;
            }
            value
        })
        .collect();
    let mixed: Vec<u8> = [&text[..10_000], &noise[..9000], &table[..9000], &[0; 4768]].concat();
    let mut all = vec![text, table, noise, few, skewed, mixed, vec![0; 32_768], vec![0xff; 512], vec![], vec![7]];
    for period in [2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 255, 4096] {
        let unit: Vec<u8> = (0..period).map(|_| random.next() as u8).collect();
        all.push(unit.into_iter().cycle().take(20_000).collect());
    }
    all
}

/// The stream of `bytes` by flate2.
fn packed(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 2 + 100);
    let status =
        Compress::new(flate2::Compression::new(level), true).compress_vec(bytes, &mut out, FlushCompress::Finish);
    assert_eq!(status.unwrap(), Status::StreamEnd);
    out
}

/// What the fast decoder makes of `stream`, after flate2 had to say the same of what it took.
fn fast(stream: &[u8], length: usize) -> Option<(usize, Vec<u8>)> {
    let mut out = vec![0xEE; length];
    let taken = inflate_fast(stream, &mut out);
    match taken {
        Some(taken) => {
            let mut expected = vec![0; length];
            assert_eq!(inflate_exact_by_flate2(stream, &mut expected), Ok(taken));
            assert!(out == expected, "the same bytes");
        }
        None => assert!(out.iter().all(|byte| *byte == 0xEE), "what is not taken leaves no trace"),
    }
    taken.map(|taken| (taken, out))
}

#[test]
fn every_sound_chunk_is_taken_and_comes_out_as_it_was() {
    for (case, chunk) in chunks().into_iter().enumerate() {
        let streams =
            (0..=9).map(|level| packed(&chunk, level)).chain([Compression::Fast, Compression::Best].map(|how| {
                let mut stream = Vec::new();
                Deflater::compress(how, &chunk, &mut stream);
                stream
            }));
        for (way, mut stream) in streams.enumerate() {
            // With CINFO below 7 the stream is left to flate2.
            let sound = stream[0] == 0x78;
            let length = stream.len();
            stream.extend([1, 2, 3, 4]);
            let got = fast(&stream, chunk.len());
            assert_eq!(got, sound.then(|| (length, chunk.clone())), "case {case}, way {way}");
            assert_eq!(inflate_exact(&stream, &mut vec![0; chunk.len()]), Ok(length));
        }
    }
}

#[test]
fn streams_cut_off_or_of_another_length_are_left_to_the_other() {
    for chunk in chunks() {
        let stream = packed(&chunk, 6);
        for length in
            (0..stream.len()).step_by(1 + stream.len() / 300).chain(stream.len().saturating_sub(9)..stream.len())
        {
            assert_eq!(fast(&stream[..length], chunk.len()), None, "{length} of {}", stream.len());
        }
        for other in [chunk.len() + 1, chunk.len().wrapping_sub(1), chunk.len() + 300, chunk.len() / 2, 32_769, 70_000]
        {
            if other != chunk.len() && other < 100_000 {
                assert_eq!(fast(&stream, other), None);
                let mut out = vec![0; other];
                assert_eq!(inflate_exact(&stream, &mut out), inflate_exact_by_flate2(&stream, &mut vec![0; other]));
            }
        }
    }
}

#[test]
fn a_changed_bit_never_makes_the_two_say_different_things() {
    let mut random = Random(11);
    for chunk in chunks() {
        for level in [1, 6] {
            let stream = packed(&chunk, level);
            for round in 0..300 {
                let mut changed = stream.clone();
                // Early bits change codes, late ones symbols and checksum.
                let reach = if round % 2 == 0 { changed.len().min(120) } else { changed.len() };
                for _ in 0..1 + round % 3 {
                    changed[random.below(reach)] ^= 1 << random.below(8);
                }
                let (mut one, mut other) = (vec![0; chunk.len()], vec![0; chunk.len()]);
                let said = inflate_exact(&changed, &mut one);
                assert_eq!(said, inflate_exact_by_flate2(&changed, &mut other));
                assert!(said.is_err() || one == other);
            }
        }
    }
}

#[test]
fn the_examples_written_by_hand() {
    // A stored block that is empty; the last block, with fixed codes: 'a' is 0x30 + 0x61 in 8 bits, the length 3 is symbol
    // 257 in 7 bits, the distance 1 is 0 in 5 bits, the end is 0 in 7 bits. Code words have their first bit lowest.
    let fields = [(3, 0b011_u64), (8, 0x91_u8.reverse_bits().into()), (7, 0b100_0000), (5, 0), (7, 0)];
    let (mut all, mut at) = (0, 0);
    for (length, value) in fields {
        all |= value << at;
        at += length;
    }
    let mut stream = vec![0x78, 0x01, 0, 0, 0, 0xff, 0xff];
    stream.extend(&all.to_le_bytes()[..4]);
    stream.extend(simd_adler32::adler32(&&b"aaaa"[..]).to_be_bytes());
    assert_eq!(fast(&stream, 4), Some((stream.len(), b"aaaa".to_vec())));
    // The same with a distance of 2, one more than there is.
    stream[9] |= 1 << 6;
    assert_eq!(fast(&stream, 4), None);
}

proptest! {
    #[test]
    fn arbitrary_bytes(mut stream in vec(any::<u8>(), 0..400), length in 0_usize..2000, fitting in any::<bool>()) {
        if fitting && stream.len() > 1 {
            (stream[0], stream[1]) = (0x78, 0x9c);
        }
        fast(&stream, length);
    }

    #[test]
    fn arbitrary_chunks(chunk in vec(0_u8..5, 0..3000), level in 0_u32..10) {
        let stream = packed(&chunk, level);
        prop_assert_eq!(fast(&stream, chunk.len()).is_some(), stream[0] == 0x78);
    }
}
