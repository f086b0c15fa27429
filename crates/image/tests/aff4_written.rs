//! AFF4 images of ours, and what becomes of them when somebody changes or cuts them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Class, DigestSet, Finding, Instant, Known, MemorySource, Source};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Fill, Image, ImageError, Metadata, Part, format, identify};
use exhibit_testkit::MemoryStore;

fn create(size: usize) -> Create {
    Create {
        base: "disk".to_owned(),
        size_bytes: size as u64,
        sector_bytes: 512,
        compression: Compression::Fast,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata {
            case_number: "2026-117".to_owned(),
            examiner: "Zoë \"Ex\" Ample".to_owned(),
            notes: "two\nlines \\".to_owned(),
            model: "ST-506".to_owned(),
            ..Metadata::default()
        },
        set_id: [7; 16],
        started: Instant::from_unix_seconds(1_700_000_000),
    }
}

/// Text, zeros and a stretch of 0xff, with the fill of the format in `gaps`.
fn medium(size: usize, gaps: &[ByteRange]) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..size)
        .map(|n| match n / 100_000 % 3 {
            0 => (n / 512 * 7 + n % 13) as u8,
            1 => 0,
            _ => 0xff,
        })
        .collect();
    for gap in gaps {
        Fill::UnreadableData.put(gap.offset, &mut bytes[gap.offset as usize..gap.end() as usize]);
    }
    bytes
}

fn write(medium: &[u8], gaps: &[ByteRange]) -> Vec<u8> {
    let store = Arc::new(MemoryStore::new());
    let mut writer = format("aff4").unwrap().create(store.clone(), &create(medium.len())).unwrap();
    assert_eq!(writer.fill(), Fill::UnreadableData);
    let encoder = writer.encoder();
    for block in medium.chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    for segment in writer.finish(&DigestSet::new(), gaps).unwrap().segments {
        segment.segment.seal().unwrap();
    }
    store.get("disk.aff4").unwrap()
}

fn open(bytes: &[u8]) -> Result<(Arc<dyn Image>, Vec<Finding>), ImageError> {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let opened = format("aff4").unwrap().open(vec![Part { name: "disk.aff4".to_owned(), source }])?;
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    Ok((opened.value, findings))
}

#[test]
fn gaps_keep_their_places_and_are_no_zeros_and_the_case_is_told() {
    let gaps = [ByteRange::new(512, 1024), ByteRange::new(150_000, 512), ByteRange::new(BLOCK_BYTES as u64, 1 << 20)];
    let bytes = medium(2 * BLOCK_BYTES + 1000, &gaps);
    let (image, findings) = open(&write(&bytes, &gaps)).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(image.description().gaps, gaps);
    let mut read = vec![0; bytes.len()];
    image.read_at(0, &mut read).unwrap();
    assert!(read == bytes);
    assert_eq!(image.known(ByteRange::new(600, 9000)), (ByteRange::new(600, 936), Known::Unreadable));
    let (run, known) = image.known(ByteRange::new(170_000, 100));
    assert_eq!((run.length, known), (100, Known::Zero));
    let metadata = &image.description().metadata;
    let get = |key: &str| metadata.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str());
    let wanted = [Some("2026-117"), Some("Zoë \"Ex\" Ample"), Some("two\nlines \\"), Some("ST-506")];
    assert_eq!(["case_number", "examiner", "notes", "model"].map(get), wanted);
}

#[test]
fn an_image_cut_anywhere_is_refused() {
    let bytes = write(&medium(100_000, &[]), &[]);
    for length in (0..bytes.len()).step_by(7).chain(bytes.len() - 100..bytes.len()) {
        assert!(open(&bytes[..length]).is_err(), "cut to {length} of {}", bytes.len());
    }
}

#[test]
fn no_byte_can_be_changed_so_that_the_medium_changes_silently() {
    let good = medium(100_000, &[]);
    let bytes = write(&good, &[]);
    let mut unnoticed = 0;
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x11;
        let Ok((image, findings)) = open(&changed) else { continue };
        let mut read = vec![0; good.len()];
        if image.size() == good.len() as u64 && image.read_at(0, &mut read).is_ok() && findings.is_empty() {
            assert!(read == good, "byte {at}");
            unnoticed += 1;
        }
    }
    // Dates, attributes, versions, and the members that only an unfinished file needs.
    assert!(unnoticed < 1200, "{unnoticed} of {} bytes can change unnoticed", bytes.len());
}

#[test]
fn segments_are_refused_and_a_plain_archive_is_no_image() {
    let how = Create { segment_size_bytes: Some(1 << 20), ..create(100) };
    let store = Arc::new(MemoryStore::new());
    let error = format("aff4").unwrap().create(store.clone(), &how).err().unwrap();
    assert_eq!((error.class(), store.names().len()), (Class::Unsupported, 0), "{error}");
    let bytes = write(&medium(1000, &[]), &[]);
    assert_eq!(identify(&MemorySource::new(bytes.clone())).spec().id, "aff4");
    // The same archive with other names and another comment.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let plain = text.replace("container.description", "container-description").replace("aff4", "zip4");
    assert_ne!(identify(&MemorySource::new(plain.into_bytes())).spec().id, "aff4");
}
