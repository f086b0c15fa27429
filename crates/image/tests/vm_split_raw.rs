//! Split raw images: written, read, with files missing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cause, DigestSet, Instant, Known, MemorySource, Outcome, Severity, Source};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Image, Metadata, Part, format};
use exhibit_testkit::MemoryStore;

fn medium(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n / 512 + n) as u8).collect()
}

fn create(size: usize, limit: u64) -> Create {
    Create {
        base: "disk".to_owned(),
        size_bytes: size as u64,
        sector_bytes: 512,
        compression: Compression::None,
        segment_size_bytes: Some(limit),
        physical: true,
        metadata: Metadata::default(),
        set_id: [7; 16],
        started: Instant::from_unix_seconds(1_700_000_000),
    }
}

fn open(files: &[(&str, Vec<u8>)], first: &str) -> Outcome<Arc<dyn Image>> {
    let raw = format("raw").unwrap();
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let part = |name: String| {
        let bytes = &files.iter().find(|(have, _)| *have == name).unwrap().1;
        Part { source: Arc::new(MemorySource::new(bytes.clone())), name }
    };
    raw.open(raw.segments(first, &names).into_iter().map(part).collect()).unwrap()
}

#[test]
fn what_is_written_in_files_is_read_as_one_medium() {
    let limit = (1 << 20) + 512;
    for size in [2 * limit, 2 * limit + 1, 3 * limit - 1, 5 << 20] {
        let medium = medium(size);
        let store = Arc::new(MemoryStore::new());
        let mut writer = format("raw").unwrap().create(store.clone(), &create(size, limit as u64)).unwrap();
        for block in medium.chunks(BLOCK_BYTES) {
            writer.write(block, writer.encoder().encode(block)).unwrap();
        }
        let written = writer.finish(&DigestSet::new(), &[]).unwrap();
        let names: Vec<String> = written.segments.iter().map(|segment| segment.name.clone()).collect();
        assert_eq!(names.len(), size.div_ceil(limit), "{names:?}");
        assert_eq!(&names[..2], ["disk.001", "disk.002"]);
        written.segments.into_iter().for_each(|segment| segment.segment.seal().unwrap());
        let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), store.get(name).unwrap())).collect();
        for first in &names {
            let image = open(&files, first).value;
            let mut bytes = vec![0; image.size() as usize];
            image.read_at(0, &mut bytes).unwrap();
            assert!(bytes == medium, "{size}, {first}");
        }
    }
}

#[test]
fn a_segment_that_is_too_small_is_refused() {
    let store = Arc::new(MemoryStore::new());
    for limit in [0, 1, 4096, (1 << 20) - 1] {
        assert!(format("raw").unwrap().create(store.clone(), &create(100, limit)).is_err());
    }
    assert_eq!(store.names(), Vec::<String>::new());
}

#[test]
fn writing_goes_on_from_a_checkpoint_in_the_middle_of_a_file() {
    let (size, limit) = (5 << 20, (1 << 20) + 4096);
    let (medium, how) = (medium(size), create(size, limit));
    let store = Arc::new(MemoryStore::new());
    let mut writer = format("raw").unwrap().create(store.clone(), &how).unwrap();
    let encoder = writer.encoder();
    for block in medium[..3 << 20].chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let at = writer.checkpoint().unwrap().unwrap();
    assert_eq!((at.medium_bytes, at.files.len()), (3 << 20, 3));
    writer.write(&medium[3 << 20..4 << 20], encoder.encode(&[])).unwrap();
    drop(writer);
    let files = store.files();
    let reopen = |name: &str| -> std::io::Result<Arc<dyn Source>> {
        let found = files.iter().find(|(have, _)| have.starts_with(name)).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemorySource::new(found.1.clone())))
    };
    assert!(store.names().iter().any(|name| name.contains("disk.004")), "one more was begun: {:?}", store.names());
    let resumed = format("raw").unwrap().resume(store.clone(), &how, &at, &reopen).unwrap();
    let mut sealed = vec![0; 3 << 20];
    resumed.medium.read_at(0, &mut sealed).unwrap();
    assert!(sealed == medium[..3 << 20]);
    let mut writer = resumed.writer;
    for block in medium[3 << 20..].chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let written = writer.finish(&DigestSet::new(), &[]).unwrap();
    let names: Vec<String> = written.segments.iter().map(|segment| segment.name.clone()).collect();
    written.segments.into_iter().for_each(|segment| segment.segment.seal().unwrap());
    let joined: Vec<u8> = names.iter().flat_map(|name| store.get(name).unwrap()).collect();
    assert!(joined == medium);
}

#[test]
fn a_missing_file_is_unreadable_in_its_place_only() {
    let medium = medium(4500);
    let file = |n: usize| medium[n * 1000..((n + 1) * 1000).min(4500)].to_vec();
    let files = [("d.001", file(0)), ("d.002", file(1)), ("d.004", file(3)), ("d.005", file(4))];
    let outcome = open(&files, "d.004");
    let [finding] = outcome.findings.as_slice() else { unreachable!("{:?}", outcome.findings) };
    assert_eq!((finding.severity, finding.code.as_str()), (Severity::Incomplete, "raw-part-missing"));
    assert_eq!(finding.medium, Some(ByteRange::new(2000, 1000)));
    let image = outcome.value;
    assert_eq!(image.size(), 4500);
    let mut tail = vec![0; 1500];
    image.read_at(3000, &mut tail).unwrap();
    assert!(tail == medium[3000..]);
    let fault = image.read_at(1500, &mut [0; 1000]).unwrap_err();
    assert!(fault.good == 500 && matches!(fault.cause, Cause::Unreadable(_)), "{fault}");
    assert_eq!(image.known(ByteRange::new(2000, 2500)), (ByteRange::new(2000, 1000), Known::Unreadable));
    // The first file may be the missing one.
    assert_eq!(open(&files[1..], "d.002").value.size(), 4500);
}

#[test]
fn where_the_length_of_a_missing_file_cannot_be_told_nothing_is_shifted() {
    let files = [("d.001", vec![1; 1000]), ("d.002", vec![2; 900]), ("d.004", vec![4; 1000]), ("d.005", vec![5; 10])];
    let outcome = open(&files, "d.001");
    assert_eq!(outcome.value.size(), 1900);
    assert!(outcome.findings.iter().any(|finding| finding.text.contains("cannot be told")), "{:?}", outcome.findings);
}

#[test]
fn a_part_alone_and_a_last_part_of_full_length_are_pointed_out() {
    let alone = open(&[("d.002", vec![1; 10])], "d.002");
    assert_eq!((alone.value.size(), alone.findings[0].code.as_str()), (10, "raw-part-alone"));
    let full = open(&[("d.001", vec![1; 10]), ("d.002", vec![1; 10])], "d.001");
    assert_eq!((full.findings[0].severity, full.findings[0].code.as_str()), (Severity::Note, "raw-split-end"));
}
