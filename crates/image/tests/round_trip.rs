//! What is written is read back, at every size where something could go wrong, for every format that writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

use std::sync::Arc;

use exhibit_evidence::{Digest, DigestSet, Instant, MemorySource, Source};
use exhibit_hash::{BLOCK_BYTES, algorithm};
use exhibit_image::{Compression, Create, FORMATS, Format, Image, Metadata, Part, identify};
use exhibit_testkit::MemoryStore;

/// Bytes with runs, text and noise, different at every offset.
fn medium(size: usize) -> Vec<u8> {
    let noise = |n: usize| {
        (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56
    };
    (0..size)
        .map(|n| match n / 20_000 % 4 {
            0 => 0,
            1 => b"The quick brown fox jumps over the lazy dog. "[(n * 7 / 9) % 45],
            2 => noise(n) as u8,
            _ => (n / 512) as u8,
        })
        .collect()
}

fn digest(algorithm_id: &str, bytes: &[u8]) -> Digest {
    let mut digester = algorithm(algorithm_id).unwrap().start();
    digester.update(bytes);
    digester.digest()
}

/// Writes `medium` and returns the files in order.
fn write(format: &dyn Format, medium: &[u8], change: impl FnOnce(&mut Create)) -> Vec<(String, Vec<u8>)> {
    let store = Arc::new(MemoryStore::new());
    let mut how = Create {
        base: "disk".to_owned(),
        size_bytes: medium.len() as u64,
        sector_bytes: 512,
        compression: Compression::Fast,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata { notes: "seen".to_owned(), ..Metadata::default() },
        set_id: [7; 16],
        started: Instant::from_unix_seconds(1_700_000_000),
    };
    change(&mut how);
    let mut writer = format.create(store.clone(), &how).unwrap();
    let encoder = writer.encoder();
    for block in medium.chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let mut padded = medium.to_vec();
    if format.spec().id == "e01" {
        padded.resize(medium.len().next_multiple_of(how.sector_bytes as usize), 0);
    }
    let stored: DigestSet = ["md5", "sha1"].iter().map(|id| digest(id, &padded)).collect();
    let written = writer.finish(&stored, &[]).unwrap();
    let mut files = Vec::new();
    for segment in written.segments {
        segment.segment.seal().unwrap();
        let bytes = store.get(&segment.name).unwrap();
        assert_eq!(digest("sha256", &bytes).bytes(), segment.sha256, "the running hash of {}", segment.name);
        files.push((segment.name, bytes));
    }
    files
}

fn open(files: &[(String, Vec<u8>)]) -> (Arc<dyn Image>, Vec<String>) {
    let format = identify(&MemorySource::new(files[0].1.clone()));
    let part = |(name, bytes): &(String, Vec<u8>)| Part {
        name: name.clone(),
        source: Arc::new(MemorySource::new(bytes.clone())),
    };
    let outcome = format.open(files.iter().map(part).collect()).unwrap();
    let mut findings: Vec<String> = outcome.findings.iter().map(ToString::to_string).collect();
    outcome.value.check_structure(&mut |finding| findings.push(finding.to_string()));
    (outcome.value, findings)
}

fn read_all(image: &dyn Source) -> Vec<u8> {
    let mut bytes = vec![0xee; image.size() as usize];
    image.read_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn every_odd_size_comes_back_byte_for_byte() {
    let chunk = 32 * 1024;
    let sizes = [
        0,
        1,
        511,
        512,
        513,
        chunk - 1,
        chunk,
        chunk + 1,
        BLOCK_BYTES - 1,
        BLOCK_BYTES,
        BLOCK_BYTES + 1,
        3 * BLOCK_BYTES + 777,
    ];
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        for size in sizes {
            for compression in [Compression::None, Compression::Fast, Compression::Best] {
                let medium = medium(size);
                let files = write(*format, &medium, |how| how.compression = compression);
                let (image, findings) = open(&files);
                assert!(findings.is_empty(), "{} {size} {compression:?}: {findings:?}", format.spec().id);
                assert_eq!(image.size(), size as u64);
                assert!(read_all(&image) == medium, "{} {size} {compression:?}", format.spec().id);
            }
        }
    }
}

#[test]
fn small_reads_at_any_place_equal_the_medium() {
    let medium = medium(200_001);
    let (image, _) = open(&write(exhibit_image::format("e01").unwrap(), &medium, |_| ()));
    for start in (0..medium.len()).step_by(7919) {
        for length in [0, 1, 512, 40_000] {
            let end = (start + length).min(medium.len());
            let mut buf = vec![0; end - start];
            image.read_at(start as u64, &mut buf).unwrap();
            assert!(buf == medium[start..end], "{start}+{length}");
        }
    }
    assert!(image.read_at(200_000, &mut [0; 2]).is_err(), "padding is not medium");
}

#[test]
fn segments_never_exceed_the_size_asked_for_and_join_to_the_medium() {
    let medium = medium(9 * BLOCK_BYTES + 5);
    for compression in [Compression::None, Compression::Fast] {
        let files = write(exhibit_image::format("e01").unwrap(), &medium, |how| {
            how.compression = compression;
            how.segment_size_bytes = Some(1 << 20);
        });
        assert!(files.len() >= 2, "{} segments", files.len());
        assert!(files.iter().all(|(_, bytes)| bytes.len() <= 1 << 20));
        let mut shuffled = files.clone();
        shuffled.reverse();
        let (image, findings) = open(&shuffled);
        assert!(findings.is_empty(), "{findings:?}");
        assert!(read_all(&image) == medium);
    }
}

#[test]
fn a_missing_segment_opens_is_named_and_reads_as_unreadable_in_its_place_only() {
    let medium = medium(9 * BLOCK_BYTES);
    let mut files = write(exhibit_image::format("e01").unwrap(), &medium, |how| {
        how.compression = Compression::None;
        how.segment_size_bytes = Some(1 << 20);
    });
    files.remove(3);
    let (image, findings) = open(&files);
    assert!(findings.iter().any(|text| text.contains("segments 4 to 4 are missing")), "{findings:?}");
    assert_eq!(image.size(), medium.len() as u64);
    let mut unreadable = 0;
    for (index, expected) in medium.chunks(32 * 1024).enumerate() {
        let mut chunk = vec![0; expected.len()];
        match image.read_at(index as u64 * 32 * 1024, &mut chunk) {
            Ok(()) => assert!(chunk == expected, "chunk {index} is shifted"),
            Err(_) => unreadable += 1,
        }
    }
    assert!((20..40).contains(&unreadable), "one segment holds some 31 chunks, {unreadable} are unreadable");
}

#[test]
fn metadata_and_digests_are_where_others_look_for_them() {
    let medium = medium(1000);
    let (image, _) = open(&write(exhibit_image::format("e01").unwrap(), &medium, |how| {
        how.metadata.case_number = "17/2026".to_owned();
        how.metadata.examiner = "Zoë".to_owned();
    }));
    let description = image.description();
    let get = |key: &str| description.metadata.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
    assert_eq!((get("case_number"), get("examiner"), get("notes")), (Some("17/2026"), Some("Zoë"), Some("seen")));
    assert_eq!(description.padding_bytes, 24);
    let mut padded = medium;
    padded.resize(1024, 0);
    assert_eq!(description.stored.get("md5"), Some(digest("md5", &padded).hex().as_str()));
}

#[test]
fn the_writer_refuses_more_or_less_than_was_announced() {
    for format in FORMATS.iter().filter(|format| format.spec().abilities.write) {
        let store = Arc::new(MemoryStore::new());
        let how = Create {
            base: "x".to_owned(),
            size_bytes: 1000,
            sector_bytes: 512,
            compression: Compression::Fast,
            segment_size_bytes: None,
            physical: false,
            metadata: Metadata::default(),
            set_id: [0; 16],
            started: Instant::from_unix_seconds(0),
        };
        let mut writer = format.create(store.clone(), &how).unwrap();
        let encoder = writer.encoder();
        assert!(writer.write(&[0; 1001], encoder.encode(&[0; 1001])).is_err());
        let writer = format.create(Arc::new(MemoryStore::new()), &how).unwrap();
        assert!(writer.finish(&DigestSet::new(), &[]).is_err());
        assert!(store.get("x.E01").is_none() && store.get("x.raw").is_none(), "nothing has a final name");
    }
}
