//! Streams of every shape, judged by crate flate2.

use flate2::{Decompress, FlushDecompress, Status};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

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
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// Words of a few letters in arbitrary order.
fn text(length: usize) -> Vec<u8> {
    let mut random = Random(5);
    let words: Vec<Vec<u8>> = (0..200)
        .map(|_| {
            (0..2 + random.below(9)).map(|_| b'a' + (random.below(26) as u8).min(random.below(26) as u8)).collect()
        })
        .collect();
    let mut text = Vec::new();
    while text.len() < length {
        text.extend(&words[random.below(200).min(random.below(200))]);
        text.push(if random.below(12) == 0 { b'\n' } else { b' ' });
    }
    text.truncate(length);
    text
}

/// The stream of `bytes`, after it was inflated and compared.
fn checked(how: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0xAA];
    Deflater::compress(how, bytes, &mut stream);
    assert_eq!(stream.remove(0), 0xAA, "what was in the buffer stays");
    let mut out = vec![0; bytes.len() + 1];
    let mut inflater = Decompress::new(true);
    let status = inflater.decompress(&stream, &mut out, FlushDecompress::Finish).unwrap();
    assert_eq!(status, Status::StreamEnd);
    assert_eq!(inflater.total_in(), stream.len() as u64, "the stream ends where it says");
    assert_eq!(inflater.total_out(), bytes.len() as u64);
    assert!(out[..bytes.len()] == *bytes, "{} bytes come back", bytes.len());

    let mut chunk = Vec::new();
    let smaller = Deflater::compress_chunk(how, bytes, &mut chunk);
    assert!(!smaller || chunk == stream, "a chunk is the same stream");
    assert!(smaller || stream.len() + 200 > bytes.len(), "{} of {} bytes refused", stream.len(), bytes.len());
    stream
}

fn fast(bytes: &[u8]) -> usize {
    checked(Compression::Fast, bytes).len()
}

#[test]
fn every_size() {
    let (text, noise) = (text(70_001), Random(1).bytes(70_001));
    let near = [0, 32_768, 65_536].into_iter().flat_map(|size: usize| size.saturating_sub(12)..size + 12);
    for size in (0..300).chain(near).chain((300..70_001).step_by(1171)) {
        fast(&text[..size]);
        fast(&noise[..size]);
        fast(&vec![0; size]);
    }
    for bytes in
        [&text[..], &text[..32_768], &noise[..32_768], &[], &[0; 32_768], &[0; 32_768], &[7; 32_768], &[7; 512]]
    {
        checked(Compression::Best, bytes);
    }
}

#[test]
fn periods_and_lengths_around_the_limits_of_a_match() {
    for period in [1, 2, 3, 4, 5, 7, 8, 9, 257, 258, 259, 260, 4096, 32_767, 32_768] {
        let unit = Random(period as u64).bytes(period);
        for length in [period + 3, period + 4, period + 8, period + 258, period + 259, 2 * period + 13, 40_000, 70_000]
        {
            let bytes: Vec<u8> = unit.iter().copied().cycle().take(length).collect();
            fast(&bytes);
        }
        let bytes: Vec<u8> = unit.iter().copied().cycle().take(100_000).collect();
        let size = fast(&bytes);
        // So far back, most of what was seen is forgotten by a table of 8192 places.
        assert!(period > 8192 || size < period + 2000, "period {period}: {size} bytes");
    }
}

#[test]
fn a_match_reaches_32_kib_back_and_not_a_byte_more() {
    let phrase = b"this phrase is found again, or it is not";
    for (gap, again) in [(32_768, true), (32_769, false), (65_536, false), (65_537, false)] {
        let mut bytes = Random(7).bytes(120_000);
        for at in [100, 100 + gap] {
            bytes[at..at + phrase.len()].copy_from_slice(phrase);
        }
        // Noise is stored in blocks; whether the match is found shows in the tokens.
        let mut finder = matches::Finder::default();
        let (mut window, mut tokens) = (window::Window::default(), tokens::Tokens::default());
        let mut distances = Vec::new();
        for (n, block) in bytes.chunks(symbols::BLOCK_BYTES).enumerate() {
            let start = window.load(n * symbols::BLOCK_BYTES, block);
            finder.block(&window, start, block.len() as u32, &mut tokens);
            distances
                .extend(tokens.sequences().iter().filter(|s| s.length() > 20).map(|s| usize::from(s.distance()) + 1));
        }
        assert_eq!(distances, if again { vec![gap] } else { vec![] }, "gap {gap}");
        fast(&bytes);
    }
}

#[test]
fn histograms_that_want_code_words_of_more_than_15_bits() {
    let mut bytes = Vec::new();
    let (mut count, mut next) = (1, 1);
    for symbol in 0..22_u8 {
        bytes.extend(std::iter::repeat_n(symbol, count));
        (count, next) = (next, count + next);
    }
    // In an order without repetitions, so that literals stay literals.
    let mut random = Random(3);
    for at in (1..bytes.len()).rev() {
        bytes.swap(at, random.below(at + 1));
    }
    for length in [bytes.len(), 32_768, 20_000] {
        fast(&bytes[bytes.len() - length..]);
    }
}

#[test]
fn mebibytes_of_mixed_stripes() {
    let (text, mut random) = (text(1 << 20), Random(9));
    let mut bytes = Vec::new();
    while bytes.len() < 1 << 20 {
        let length = 1 + random.below(50_000);
        match random.below(4) {
            0 => bytes.extend(std::iter::repeat_n(random.next() as u8, length)),
            1 => bytes.extend(random.bytes(length)),
            2 => bytes.extend_from_slice(&text[random.below(1 << 19)..][..length]),
            _ => bytes.extend_from_within(bytes.len().saturating_sub(random.below(60_000))..),
        }
    }
    bytes.truncate(1 << 20);
    fast(&bytes);
    for chunk in bytes.chunks(32_768) {
        fast(chunk);
    }
}

/// One piece of a chunk.
#[derive(Debug, Clone)]
enum Piece {
    Bytes(Vec<u8>),
    Run(u8, usize),
    /// So many bytes from so far back, as far as there are any.
    Again(usize, usize),
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..300).prop_map(Piece::Bytes),
        vec(97..101_u8, 0..3000).prop_map(Piece::Bytes),
        (any::<u8>(), 0..1000_usize).prop_map(|(byte, length)| Piece::Run(byte, length)),
        (1..40_000_usize, 0..600_usize).prop_map(|(back, length)| Piece::Again(back, length)),
        (1..12_usize, 0..9000_usize).prop_map(|(back, length)| Piece::Again(back, length)),
    ];
    vec(piece, 0..40)
}

proptest! {
    #[test]
    fn arbitrary_mixtures_of_repetition_and_noise(pieces in pieces()) {
        let mut bytes = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(more) => bytes.extend(more),
                Piece::Run(byte, length) => bytes.extend(std::iter::repeat_n(byte, length)),
                Piece::Again(back, length) => {
                    for _ in 0..length {
                        bytes.push(bytes.len().checked_sub(back).map_or(1, |from| bytes[from]));
                    }
                }
            }
        }
        fast(&bytes);
    }
}

#[test]
fn noise_is_refused_unless_it_occurs_twice() {
    let mut out = Vec::new();
    let noise = Random(13).bytes(32_768);
    assert!(!Deflater::compress_chunk(Compression::Fast, &noise, &mut out));
    for (from, until, length) in [(3, 20_001, 2500), (0, 30_268, 2500), (1000, 3500, 2500), (1, 16_385, 16_000)] {
        let mut bytes = noise.clone();
        bytes.copy_within(from..from + length, until);
        out.clear();
        assert!(Deflater::compress_chunk(Compression::Fast, &bytes, &mut out), "{length} bytes again at {until}");
    }
    let mut twice = noise[..30_000].to_vec();
    twice.extend_from_within(..);
    // After each match of 258 bytes it takes some literals until a place is remembered.
    assert!(fast(&twice) < 40_000, "noise again in the next block: {} bytes", fast(&twice));
}

#[test]
fn text_and_tables_are_no_larger_than_those_of_the_level_before() {
    let table: Vec<u8> =
        (0..32_768_u32 / 16).flat_map(|n| [n, n * n, 7, n % 5].map(u32::to_le_bytes)).flatten().collect();
    for bytes in [text(32_768), table, Random(2).bytes(32_768).iter().map(|byte| byte & 31).collect()] {
        let mut reference = Compress::new(flate2::Compression::new(1), true);
        let mut stream = Vec::with_capacity(40_000);
        reference.compress_vec(&bytes, &mut stream, FlushCompress::Finish).unwrap();
        assert!(fast(&bytes) <= stream.len() * 101 / 100, "{} and {}", fast(&bytes), stream.len());
    }
}

#[test]
fn a_stream_does_not_depend_on_what_the_thread_did_before() {
    let (text, noise) = (text(32_768), Random(17).bytes(90_000));
    let short = &text[..9000];
    let alone = std::thread::spawn({
        let short = short.to_vec();
        move || checked(Compression::Fast, &short)
    });
    fast(&noise);
    fast(&text);
    fast(&vec![3; 70_000]);
    assert_eq!(checked(Compression::Fast, short), alone.join().unwrap());
}
