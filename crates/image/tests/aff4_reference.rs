//! The canonical reference images of the AFF4 Standard, which nobody here made: digests as published, damage where it is.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests read files")]

use std::path::PathBuf;
use std::sync::Arc;

use exhibit_evidence::{ByteRange, Cancel, Finding, Known, MemorySource, Silent, Source};
use exhibit_hash::{ALGORITHMS, Want, media_digests};
use exhibit_image::{Image, ImageError, Part, identify};

fn reference(name: &str) -> Option<Vec<u8>> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata"));
    let folder = std::env::var_os("EXHIBIT_TESTDATA").map_or(beside, PathBuf::from);
    let path = folder.join("aff4").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: {} is not there", path.display());
    }
    bytes
}

fn open(bytes: &[u8]) -> Result<(Arc<dyn Image>, Vec<Finding>), ImageError> {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let format = identify(&*source);
    assert_eq!(format.spec().id, "aff4");
    let opened = format.open(vec![Part { name: "disk.aff4".to_owned(), source }])?;
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    Ok((opened.value, findings))
}

fn get<'a>(image: &'a dyn Image, key: &str) -> Option<&'a str> {
    image.description().metadata.iter().find(|(k, _)| *k == key).map(|(_, value)| value.as_str())
}

#[test]
fn the_whole_disks_have_the_published_digests() {
    let published = [
        (
            "Base-Linear.aff4",
            "dd6dbda282e27fd0d196abd95f5c3e58",
            "7d3d27f667f95f7ec5b9d32121622c0f4b60b48d",
            "d7d6df4534f06568eb90a06e252592c9b79378b95bb9a7e01db3a388feda6c13",
        ),
        (
            "Base-Allocated.aff4",
            "54a02991ff289c238570893e2e16df86",
            "e8650e89b262cf0b4b73c025312488d5a6317a26",
            "c1c99315c2ff74e3f37247639e4f8bb2fb7c49ad09f9d6965ac567ce5e6e3c75",
        ),
    ];
    for (name, md5, sha1, sha256) in published {
        let Some(bytes) = reference(name) else { return };
        let (image, findings) = open(&bytes).unwrap();
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        let description = image.description();
        assert_eq!((image.size(), description.sector_bytes), (268_435_456, 512), "{name}");
        assert_eq!(description.chunk_bytes, Some(32_768));
        assert_eq!(get(&*image, "case_number"), Some("Case ID: 1SR Canonical"));
        assert_eq!((get(&*image, "model"), get(&*image, "serial")), (Some("ST-506"), Some("SGAT5060001234")));
        let want = Want { algorithms: ALGORITHMS, tree: false, padding: 0, jobs: 2, files: None, phase: None };
        let media = media_digests(&*image, &want, &Silent, &Cancel::new(), &mut |_, _| ()).unwrap();
        assert!(media.faults.is_empty(), "{:?}", media.faults);
        let digests = media.digests.unwrap();
        let computed = ["md5", "sha1", "sha256"].map(|id| digests.get(id).unwrap());
        assert_eq!(computed, [md5, sha1, sha256], "{name}");
    }
}

#[test]
fn what_was_not_acquired_is_told_apart_from_data() {
    let Some(bytes) = reference("Base-Allocated.aff4") else { return };
    let (image, _) = open(&bytes).unwrap();
    let absent: u64 = image.description().gaps.iter().map(|gap| gap.length).sum();
    assert_eq!((absent, get(&*image, "not_acquired_bytes")), (243_269_632, Some("243269632")));
    let gap = image.description().gaps[0];
    assert_eq!(image.known(ByteRange::new(gap.offset, 10)), (ByteRange::new(gap.offset, 10), Known::Unreadable));
}

#[test]
fn a_changed_chunk_is_found_by_its_block_hash_and_by_the_digest_of_its_stream() {
    let Some(mut bytes) = reference("Base-Linear.aff4") else { return };
    bytes[1_000_000] ^= 1;
    let (image, findings) = open(&bytes).unwrap();
    assert!(!findings.is_empty());
    let mut buf = vec![0; 1 << 20];
    let mut faults = Vec::new();
    for at in (0..image.size()).step_by(buf.len()) {
        faults.extend(image.read_at(at, &mut buf).err());
    }
    assert!(
        !faults.is_empty() && faults.iter().all(|fault| fault.to_string().contains("of stream aff4://")),
        "{faults:?}"
    );
}

/// Every structure is guarded: no byte of the file can change without an error, a finding or a fault, or the medium stays as
/// it is. (Not guarded by the format: the dates in the directory.)
#[test]
fn a_byte_changed_anywhere_in_the_metadata_never_changes_the_medium_silently() {
    let Some(bytes) = reference("Base-Linear.aff4") else { return };
    let mut first = vec![0; 1 << 20];
    open(&bytes).unwrap().0.read_at(0, &mut first).unwrap();
    // All behind the chunks: block hashes, index, map, statements, directory.
    let from = 3_050_000;
    for at in (from..bytes.len()).step_by(1999) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        let Ok((image, findings)) = open_quietly(&changed) else { continue };
        let mut buf = vec![0; 1 << 20];
        if findings.is_empty() && image.size() == 268_435_456 && image.read_at(0, &mut buf).is_ok() {
            assert!(buf == first, "byte {at} changed the medium and nobody said so");
        }
    }
}

fn open_quietly(bytes: &[u8]) -> Result<(Arc<dyn Image>, Vec<Finding>), ImageError> {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let opened = exhibit_image::format("aff4").unwrap().open(vec![Part { name: "disk.aff4".to_owned(), source }])?;
    Ok((opened.value, opened.findings))
}

#[test]
fn a_file_cut_anywhere_is_refused_or_reported() {
    let Some(bytes) = reference("Base-Linear.aff4") else { return };
    for length in (0..bytes.len()).step_by(397_003).chain(bytes.len() - 300..bytes.len()) {
        let error = open_quietly(&bytes[..length]).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("disk.aff4"), "{error}");
    }
}
