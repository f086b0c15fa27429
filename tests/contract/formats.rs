//! Every format that writes: what was written is read back, encoded on several threads or on one.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Instant, MemorySource, Source, Store};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Encoded, Ends, FORMATS, Format, Image, Match, Metadata, Part, identify};
use exhibit_testkit::{MemoryStore, pattern};

/// Sizes around every boundary that a container may have.
const SIZES: [usize; 14] = [
    0,
    1,
    511,
    512,
    513,
    4095,
    32 * 1024 - 1,
    32 * 1024,
    32 * 1024 + 1,
    BLOCK_BYTES - 1,
    BLOCK_BYTES,
    BLOCK_BYTES + 1,
    2 * BLOCK_BYTES + 512,
    3 * BLOCK_BYTES + 777,
];

fn create(size: usize, compression: Compression) -> Create {
    Create {
        base: "disk".to_owned(),
        size_bytes: size as u64,
        sector_bytes: 512,
        compression,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata::default(),
        set_id: [3; 16],
        started: Instant::from_unix_seconds(1_700_000_000),
    }
}

/// A medium that spells its own places, with a stretch of zeros.
fn medium(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    pattern(size).read_at(0, &mut bytes).unwrap();
    let zeros = size / 3..size / 2;
    bytes[zeros].fill(0);
    bytes
}

/// Encodes all blocks, each on a thread of its own, and hands them to the writer in order.
fn write(format: &dyn Format, medium: &[u8], how: &Create) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let mut writer = format.create(store.clone(), how).unwrap();
    let encoder = writer.encoder();
    let encoded: Vec<Encoded> = std::thread::scope(|scope| {
        let encode = |block| {
            let encoder = encoder.clone();
            scope.spawn(move || encoder.encode(block))
        };
        let threads: Vec<_> = medium.chunks(BLOCK_BYTES).map(encode).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (block, encoded) in medium.chunks(BLOCK_BYTES).zip(encoded) {
        writer.write(block, encoded).unwrap();
    }
    assert!(store.names().iter().all(|name| name.ends_with(".partial")), "a name is final before the end");
    let written = writer.finish(&DigestSet::new(), &[]).unwrap();
    assert!(store.names().iter().all(|name| name.ends_with(".partial")), "sealing is the caller's");
    for segment in written.segments {
        segment.segment.seal().unwrap();
    }
    store
}

fn open(store: &MemoryStore) -> Arc<dyn Image> {
    let files = store.files();
    let part = |(name, bytes): (&String, &Vec<u8>)| Part {
        name: name.clone(),
        source: Arc::new(MemorySource::new(bytes.clone())) as Arc<dyn Source>,
    };
    let first = files.values().next().unwrap();
    let opened = identify(&MemorySource::new(first.clone())).open(files.iter().map(part).collect()).unwrap();
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    assert!(findings.is_empty(), "{findings:?}");
    opened.value
}

#[test]
fn every_writable_format_gives_back_every_odd_size() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        for size in SIZES {
            for compression in [Compression::None, Compression::Fast, Compression::Best] {
                let medium = medium(size);
                let store = write(*format, &medium, &create(size, compression));
                let image = open(&store);
                let what = format!("{} {size} {}", format.spec().id, compression.id());
                assert_eq!((image.size(), image.description().format), (size as u64, format.spec().id), "{what}");
                let mut read = vec![0xee; size];
                image.read_at(0, &mut read).unwrap();
                assert!(read == medium, "{what}");
                assert!(image.read_at(size as u64, &mut [0]).is_err(), "{what}: a byte behind the end");
                let range = ByteRange::new(0, size as u64);
                let (run, _) = image.known(range);
                assert!(run.offset == 0 && run.length <= range.length && (size == 0 || run.length > 0), "{what}");
            }
        }
    }
}

/// Same medium, same plan: same files, whatever the threads did.
#[test]
fn writing_twice_gives_the_same_bytes() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        let medium = medium(5 * BLOCK_BYTES + 100);
        let how = create(medium.len(), Compression::Fast);
        assert!(write(*format, &medium, &how).files() == write(*format, &medium, &how).files(), "{}", format.spec().id);
    }
}

#[test]
fn an_output_that_exists_is_refused_and_untouched() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        let name = format!("disk.{}", format.spec().extension);
        for taken in [name.clone(), format!("{name}.partial")] {
            let store = MemoryStore::new();
            store.tamper(&taken, "theirs");
            let store: Arc<dyn Store> = Arc::new(store.clone());
            assert!(format.create(store, &create(512, Compression::None)).is_err(), "{taken}");
        }
    }
}

#[test]
fn a_format_that_only_reads_says_so() {
    for format in FORMATS.iter().filter(|format| !format.spec().abilities.write) {
        let error = format.create(Arc::new(MemoryStore::new()), &create(512, Compression::None)).err().unwrap();
        assert_eq!(error.class(), exhibit_evidence::Class::Unsupported, "{}", format.spec().id);
    }
}

/// Any bytes belong to exactly one format; raw takes what nobody else knows, and comes last.
#[test]
fn a_probe_never_panics_and_raw_comes_last() {
    assert_eq!(FORMATS.last().unwrap().spec().id, "raw");
    let last = FORMATS.len() - 1;
    for (index, format) in FORMATS.iter().enumerate() {
        assert_ne!(format.probe(&Ends::default()), Match::Sure, "{}", format.spec().id);
        assert!(
            index == last
                || format.probe(&Ends { size_bytes: 512, head: vec![0x55; 512], tail: vec![0x55; 512] }) == Match::No,
            "{}",
            format.spec().id
        );
    }
    assert_eq!(identify(&MemorySource::new(Vec::new())).spec().id, "raw");
    assert!(FORMATS.iter().all(|format| format.open(Vec::new()).is_err()), "no file is no image");
}
