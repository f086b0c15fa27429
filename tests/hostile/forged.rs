//! Images whose checksums are right and whose numbers are wrong: what somebody who means harm would write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use exhibit_evidence::{MemorySource, Source as _};
use exhibit_image::{Compression, Part, format};

use crate::random::Random;
use crate::subject::Subject;

/// Numbers that break arithmetic.
const NUMBERS: [u64; 22] = [
    0,
    1,
    2,
    7,
    8,
    13,
    75,
    76,
    77,
    255,
    512,
    4096,
    65_535,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    i64::MAX as u64,
    i64::MAX as u64 + 1,
    u64::MAX - 76,
    u64::MAX - 1,
    u64::MAX,
];

/// Adler-32 as RFC 1950 describes it.
fn adler32(bytes: &[u8]) -> [u8; 4] {
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16 | a).to_le_bytes()
}

/// Type, offset and size of each section, walked naively: the image is whole.
fn sections(bytes: &[u8]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 13;
    while let Some(descriptor) = bytes.get(at..at + 76) {
        let kind = String::from_utf8_lossy(&descriptor[..16]).trim_end_matches('\0').to_owned();
        let next = usize::try_from(u64::from_le_bytes(descriptor[16..24].try_into().unwrap())).unwrap();
        found.push((kind, at, if next > at { next - at } else { 76 }));
        if next <= at {
            break;
        }
        at = next;
    }
    found
}

/// Puts right the checksums of the section at `at`: descriptor, and those inside that are at known places.
fn repair(bytes: &mut [u8], kind: &str, at: usize, size: usize) {
    let mut put = |from: usize, to: usize| {
        if to + 4 <= bytes.len() {
            let sum = adler32(&bytes[from..to]);
            bytes[to..to + 4].copy_from_slice(&sum);
        }
    };
    put(at, at + 72);
    let (body, end) = (at + 76, at + size);
    match kind {
        "volume" | "disk" | "data" | "hash" | "digest" => put(body, end - 4),
        "table" | "table2" => {
            put(body, body + 20);
            put(body + 24, end - 4);
        }
        "error2" => {
            put(body, body + 516);
            put(body + 520, end - 4);
        }
        _ => {}
    }
}

/// One forged copy: a few fields of one to three sections replaced, all checksums right again.
fn forge(subject: &Subject, case: u64) -> Vec<u8> {
    let mut random = Random(case);
    let mut bytes = subject.bytes.clone();
    let sections = sections(&bytes);
    for _ in 0..=random.below(3) {
        let (kind, at, size) = &sections[random.below(sections.len())];
        let (at, size) = (*at, *size);
        // Half of the time a field of the descriptor (next, size), otherwise one of the payload's first 40 words.
        let field = if random.below(2) == 0 { at + 16 + 8 * random.below(2) } else { at + 76 + 4 * random.below(40) };
        let width = if random.below(3) == 0 { 8 } else { 4 };
        let number = match random.below(3) {
            0 => random.next(),
            1 => NUMBERS[random.below(NUMBERS.len())],
            _ => sections[random.below(sections.len())].1 as u64,
        };
        if field + width <= bytes.len() && field + width <= at + size.max(76) {
            bytes[field..field + width].copy_from_slice(&number.to_le_bytes()[..width]);
        }
        repair(&mut bytes, kind, at, size);
    }
    bytes
}

#[test]
fn numbers_that_lie_behind_right_checksums_are_survived() {
    let foreign = ["ewf/plaso-image.E01", "ewf/dfvfs-ext2.E01"].into_iter().filter_map(Subject::foreign);
    for subject in foreign.chain([Subject::ours(70_000, Compression::Fast)]) {
        let kinds: Vec<String> = sections(&subject.bytes).into_iter().map(|(kind, ..)| kind).collect();
        assert!(kinds.contains(&"table2".to_owned()) && kinds.last().unwrap() == "done", "{kinds:?}");
        for case in 0..1500 {
            let bytes = forge(&subject, case);
            let started = Instant::now();
            // Whatever comes out is an answer: with right checksums anybody can write any image.
            let _ = subject.judge(bytes);
            assert!(started.elapsed() < Duration::from_secs(20), "{} case {case}", subject.name);
        }
    }
}

/// An image that claims 2^63 bytes and chunks of any size: refused or reported, never allocated.
#[test]
fn claims_of_astronomical_sizes_cost_nothing() {
    let subject = Subject::ours(70_000, Compression::Fast);
    let all = sections(&subject.bytes);
    let volumes: Vec<_> = all.iter().filter(|(kind, ..)| kind == "volume" || kind == "data").collect();
    for sectors in [1_u64 << 20, 1 << 40, 1 << 54, u64::MAX] {
        for sectors_per_chunk in [1_u32, 64, 1 << 17, u32::MAX] {
            let mut bytes = subject.bytes.clone();
            for (kind, at, size) in &volumes {
                bytes[at + 76 + 8..at + 76 + 12].copy_from_slice(&sectors_per_chunk.to_le_bytes());
                bytes[at + 76 + 16..at + 76 + 24].copy_from_slice(&sectors.to_le_bytes());
                repair(&mut bytes, kind, *at, *size);
            }
            let started = Instant::now();
            let _ = subject.judge(bytes);
            assert!(started.elapsed() < Duration::from_secs(20));
        }
    }
    assert!(crate::memory::peak_bytes() < crate::memory::CEILING_BYTES);
}

/// A section as it stands in a file, checksum included.
fn section(kind: &str, at: usize, payload: &[u8]) -> Vec<u8> {
    let size = 76 + payload.len();
    let mut bytes = kind.as_bytes().to_vec();
    bytes.resize(16, 0);
    let last = kind == "done";
    bytes.extend_from_slice(&((if last { at } else { at + size }) as u64).to_le_bytes());
    bytes.extend_from_slice(&((if last { 0 } else { size }) as u64).to_le_bytes());
    bytes.resize(72, 0);
    bytes.extend_from_slice(&adler32(&bytes));
    [&bytes, payload].concat()
}

/// An E01 of `count` chunks of 16 MiB each, all of them the same deflated zeros: a MiB or two that unpack to many GiB.
fn bomb(count: usize) -> Vec<u8> {
    const CHUNK_BYTES: usize = 16 << 20;
    let mut chunk = Vec::new();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut chunk, flate2::Compression::best());
    for _ in 0..CHUNK_BYTES >> 20 {
        std::io::Write::write_all(&mut encoder, &vec![0; 1 << 20]).unwrap();
    }
    encoder.finish().unwrap();
    let mut volume = vec![1, 0, 0, 0];
    volume.extend_from_slice(&(count as u32).to_le_bytes());
    volume.extend_from_slice(&((CHUNK_BYTES / 512) as u32).to_le_bytes());
    volume.extend_from_slice(&512_u32.to_le_bytes());
    volume.extend_from_slice(&((count * CHUNK_BYTES / 512) as u64).to_le_bytes());
    volume.resize(1048, 0);
    volume.extend_from_slice(&adler32(&volume));
    let mut bytes = b"EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00".to_vec();
    bytes.extend(section("volume", bytes.len(), &volume));
    let first = bytes.len() + 76;
    bytes.extend(section("sectors", bytes.len(), &chunk.repeat(count)));
    let mut head = (count as u32).to_le_bytes().to_vec();
    head.resize(20, 0);
    head.extend_from_slice(&adler32(&head));
    let entry = |index: usize| (first + index * chunk.len()) as u32 | 0x8000_0000;
    let entries: Vec<u8> = (0..count).flat_map(|index| entry(index).to_le_bytes()).collect();
    let table = [head, entries.clone(), adler32(&entries).to_vec()].concat();
    for kind in ["table", "table2"] {
        bytes.extend(section(kind, bytes.len(), &table));
    }
    bytes.extend(section("done", bytes.len(), &[]));
    bytes
}

/// Largest chunks that are accepted, read a few bytes here and there and by two threads at once.
#[test]
fn the_largest_chunks_stay_within_the_memory_ceiling() {
    let bytes = bomb(40);
    let part = Part { name: "bomb.E01".to_owned(), source: Arc::new(MemorySource::new(bytes)) };
    let opened = format("e01").unwrap().open(vec![part]).unwrap();
    assert!(opened.findings.is_empty(), "{:?}", opened.findings);
    let image = opened.value;
    assert_eq!(image.size(), 40 * (16 << 20));
    std::thread::scope(|scope| {
        for start in 0..2_u64 {
            let image = &image;
            scope.spawn(move || {
                for chunk in (start..40).step_by(2) {
                    let mut some = [0xee; 100];
                    image.read_at((chunk << 24) + 12_345, &mut some).unwrap();
                    assert_eq!(some, [0; 100]);
                }
            });
        }
    });
    let peak = crate::memory::peak_bytes();
    assert!(peak < crate::memory::CEILING_BYTES, "{} MiB", peak >> 20);
}

/// Half a million sections that nobody knows.
#[test]
fn millions_of_unknown_sections_stay_within_the_memory_ceiling() {
    let mut bytes = bomb(1);
    let done = bytes.len() - 76;
    bytes.truncate(done);
    let mut at = bytes.len();
    for _ in 0..500_000 {
        bytes.extend(section("nobody knows me!", at, &[]));
        at += 76;
    }
    bytes.extend(section("done", at, &[]));
    let length = bytes.len() as u64;
    let part = Part { name: "many.E01".to_owned(), source: Arc::new(MemorySource::new(bytes)) };
    let started = Instant::now();
    let opened = format("e01").unwrap().open(vec![part]).unwrap();
    let peak = crate::memory::peak_bytes();
    println!("{} findings, {:?}, {} MiB", opened.findings.len(), started.elapsed(), peak >> 20);
    assert!(peak < crate::memory::CEILING_BYTES + 3 * length, "{} MiB", peak >> 20);
    assert!(opened.findings.len() < 20_000);
}
