//! AFF4: the canonical reference images read by us, our images read by pyaff4 and by a reader out of rdflib and zipfile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Instant, MemorySource, Store};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Fill, Metadata, format};
use exhibit_store::Folder;
use exhibit_tests::foreign::{self, Said};
use exhibit_tests::places::{data_file, project, skipped};

use crate::medium::{clean, digests, open};

/// MD5, SHA-1 and SHA-256 of the whole disks, as pyaff4 reads them.
const REFERENCE: [(&str, [&str; 3]); 2] = [
    (
        "aff4/Base-Linear.aff4",
        [
            "dd6dbda282e27fd0d196abd95f5c3e58",
            "7d3d27f667f95f7ec5b9d32121622c0f4b60b48d",
            "d7d6df4534f06568eb90a06e252592c9b79378b95bb9a7e01db3a388feda6c13",
        ],
    ),
    (
        "aff4/Base-Allocated.aff4",
        [
            "54a02991ff289c238570893e2e16df86",
            "e8650e89b262cf0b4b73c025312488d5a6317a26",
            "c1c99315c2ff74e3f37247639e4f8bb2fb7c49ad09f9d6965ac567ce5e6e3c75",
        ],
    ),
];

#[test]
fn the_canonical_images_open_cleanly_and_have_the_published_digests() {
    for (name, published) in REFERENCE {
        let Some(path) = data_file(name) else { continue };
        let (image, digests) = clean(&path);
        assert_eq!(image.description().format, "aff4");
        assert_eq!(["md5", "sha1", "sha256"].map(|id| digests.get(id).unwrap()), published, "{name}");
    }
}

/// Runs a writer of `tests/oracle/writers`; `None`, after saying so, if what it needs is not installed.
fn written_by(writer: &str, arguments: &[&Path]) -> Option<()> {
    let script = project().join("tests/oracle/writers").join(writer);
    let said = foreign::run("python3", &[&[script.as_path()], arguments].concat())?;
    if let Some(missing) = said.text.lines().find(|line| line.starts_with("missing: ")) {
        assert!(!foreign::required(), "{writer}: {missing}, and EXHIBIT_REQUIRE_ORACLES=1");
        skipped(&format!("{writer}: {missing}"));
        return None;
    }
    assert!(said.success, "{writer}: {}", said.text);
    Some(())
}

#[test]
fn striped_images_are_read_from_either_volume_and_a_missing_one_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let medium = mixture(45 * 32 * 1024 + 1000);
    std::fs::write(file("medium"), &medium).unwrap();
    // Which files belong together is said by what is in them and never by their names.
    let Some(()) = written_by("aff4_striped.py", &[&file("medium"), &file("x.aff4"), &file("other name.aff4")]) else {
        return;
    };
    let wanted = digests(&MemorySource::new(medium.clone()));
    for name in ["x.aff4", "other name.aff4"] {
        let (image, digests) = clean(&file(name));
        assert_eq!(digests, wanted, "{name}");
        assert_eq!((image.description().segments.len(), image.binding()), (2, Some("blockMapHashSHA512")), "{name}");
    }
    // One byte of a chunk in the other volume.
    let mut bytes = std::fs::read(file("x.aff4")).unwrap();
    let at = bytes.windows(2).position(|window| window == [0x78, 0x9c]).unwrap() + 40;
    bytes[at] ^= 1;
    std::fs::write(file("x.aff4"), &bytes).unwrap();
    let image = open(&file("other name.aff4")).unwrap().value;
    let fault = exhibit_evidence::Source::read_at(&*image, 0, &mut vec![0; medium.len()]).unwrap_err();
    assert!(fault.to_string().contains("x.aff4"), "{fault}");
    // Without the other volume: its chunks are missing, and nothing else.
    std::fs::remove_file(file("x.aff4")).unwrap();
    let opened = open(&file("other name.aff4")).unwrap();
    assert!(opened.findings.iter().any(|finding| finding.code == "aff4-volume-missing"), "{:?}", opened.findings);
    assert_eq!(opened.value.binding(), None);
    let (mut read, mut missing) = (0, 0);
    for (number, chunk) in medium.chunks(32 * 1024).enumerate() {
        let mut out = vec![0; chunk.len()];
        match exhibit_evidence::Source::read_at(&*opened.value, number as u64 * 32 * 1024, &mut out) {
            Ok(()) => {
                assert!(out == chunk, "chunk {number}");
                read += 1;
            }
            Err(fault) => {
                assert!(matches!(fault.cause, exhibit_evidence::Cause::Unreadable(_)), "{fault}");
                missing += 1;
            }
        }
    }
    assert!(read > 10 && missing > 10, "{read} chunks read, {missing} missing");
}

/// Files, a folder in a folder, names that must be escaped, a file larger than a member may be, and one that is empty.
const FILES: [(&str, usize); 5] = [
    ("docs/letter.bin", 3000),
    ("docs/deep/na\u{ef}ve name %25.txt", 1),
    ("empty", 0),
    ("large.bin", 1_300_000),
    ("b'x'", 7),
];

#[test]
fn logical_images_by_pyaff4_give_back_every_file_with_its_name_and_digests() {
    for way in [&[][..], &["--hash-based"]] {
        let folder = tempfile::tempdir().unwrap();
        let (out, files) = (folder.path().join("files.aff4"), folder.path().join("files"));
        for (name, size) in FILES {
            let path = files.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, mixture(size)).unwrap();
        }
        let more: Vec<&Path> = way.iter().map(Path::new).collect();
        let arguments = [&[out.as_path(), &files], more.as_slice()].concat();
        let Some(()) = written_by("aff4l_pyaff4.py", &arguments) else { return };
        let opened = open(&out).unwrap();
        assert!(opened.findings.is_empty(), "{way:?}: {:?}", opened.findings);
        let image = opened.value;
        let mut names: Vec<String> = image.entries().iter().map(|entry| entry.path.to_string()).collect();
        let mut wanted: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(names, wanted, "{way:?}");
        for (index, entry) in image.entries().iter().enumerate() {
            let (_, size) = FILES.iter().find(|(name, _)| entry.path.to_string() == *name).unwrap();
            let contents = image.open_entry(index).unwrap();
            let mut bytes = vec![0xee; *size];
            assert_eq!(contents.size(), *size as u64);
            exhibit_evidence::Source::read_at(&*contents, 0, &mut bytes).unwrap();
            assert!(bytes == mixture(*size), "{way:?}: {}", entry.path);
            let computed = digests(&contents);
            for id in ["md5", "sha1"] {
                assert_eq!(entry.stored.get(id), computed.get(id), "{way:?}: {}", entry.path);
            }
        }
    }
}

/// Runs a reader of `tests/oracle/readers`; `None`, after saying so, if what it needs is not installed.
fn read_by(reader: &str, image: &Path, more: &[&str]) -> Option<Said> {
    let script = project().join("tests/oracle/readers").join(reader);
    let more: Vec<&Path> = more.iter().map(Path::new).collect();
    let said = foreign::run("python3", &[&[script.as_path(), image], more.as_slice()].concat())?;
    if let Some(missing) = said.text.lines().find(|line| line.starts_with("missing: ")) {
        assert!(!foreign::required(), "{reader}: {missing}, and EXHIBIT_REQUIRE_ORACLES=1");
        skipped(&format!("{reader}: {missing}"));
        return None;
    }
    assert!(said.success, "{reader}: {}", said.text);
    Some(said)
}

/// Writes `medium` as AFF4 into `folder`, with the fill in its gaps.
fn write(medium: &mut [u8], folder: &Path, gaps: &[ByteRange], compression: Compression) -> PathBuf {
    for gap in gaps {
        let range = usize::try_from(gap.offset).unwrap()..usize::try_from(gap.end()).unwrap();
        Fill::UnreadableData.put(gap.offset, &mut medium[range]);
    }
    let how = Create {
        base: "disk".to_owned(),
        size_bytes: medium.len() as u64,
        sector_bytes: 512,
        compression,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata {
            case_number: "2026-117 \"quoted\" \\ é".to_owned(),
            examiner: "Zoë Example".to_owned(),
            notes: "written by a test\nin two lines".to_owned(),
            model: "Practice Disk".to_owned(),
            serial: "0001".to_owned(),
            ..Metadata::default()
        },
        set_id: *b"\x01\x02\x03\x04\x05\x06\x47\x08\x89\x0a\x0b\x0c\x0d\x0e\x0f\x10",
        started: Instant::from_unix_seconds(1_795_428_672),
    };
    let store: Arc<dyn Store> = Arc::new(Folder::at(folder).unwrap());
    let mut writer = format("aff4").unwrap().create(store, &how).unwrap();
    let encoder = writer.encoder();
    for block in medium.chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let written = writer.finish(&digests(&MemorySource::new(medium.to_vec())), gaps).unwrap();
    assert!(written.findings.is_empty(), "{:?}", written.findings);
    for segment in written.segments {
        segment.segment.seal().unwrap();
    }
    folder.join("disk.aff4")
}

/// Noise, text, zeros and a stretch of another byte, so that there are chunks of every kind.
fn mixture(size: usize) -> Vec<u8> {
    let noise = |n: usize| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) as u8;
    let byte = |n: usize| match n / 150_000 % 4 {
        0 => b"exhibit "[n % 8],
        1 => noise(n) ^ noise(n / 7),
        2 => 0,
        _ => 0x61,
    };
    (0..size).map(byte).collect()
}

/// The lines `size`, `md5`, `sha256` that both readers print.
fn agrees(said: &Said, size: usize, digests: &DigestSet, what: &str) {
    let wanted = [
        format!("size {size}"),
        format!("md5 {}", digests.get("md5").unwrap()),
        format!("sha256 {}", digests.get("sha256").unwrap()),
    ];
    for line in wanted {
        assert!(said.text.lines().any(|said| said == line), "{what}: no {line:?} in {}", said.text);
    }
}

#[test]
fn two_other_readers_see_the_same_medium_in_our_images() {
    let chunk = 32 * 1024;
    let gap = |offset, length| ByteRange::new(offset, length);
    let cases = [
        (512, Compression::Fast, vec![]),
        (513, Compression::Best, vec![]),
        (chunk + 1, Compression::None, vec![]),
        (3 * BLOCK_BYTES + 777, Compression::Best, vec![gap(512, 1024)]),
        (5 * BLOCK_BYTES, Compression::Fast, vec![gap(1_000_000, 100_352), gap(2_097_152, 1 << 20)]),
        // More data than one bevy holds.
        (70 * BLOCK_BYTES + 5, Compression::Fast, vec![gap(70 << 20, 5)]),
    ];
    for (size, compression, gaps) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut medium = mixture(size);
        let image = write(&mut medium, folder.path(), &gaps, compression);
        let what = format!("{size} bytes, {compression:?}, {gaps:?}");
        let wanted = digests(&MemorySource::new(medium));
        let (ours, digests) = clean(&image);
        assert_eq!(digests, wanted, "{what}, read by ourselves");
        assert_eq!(ours.description().gaps, gaps, "{what}");
        if let Some(said) = read_by("aff4_pyaff4.py", &image, &[]) {
            agrees(&said, size, &wanted, &format!("pyaff4, {what}"));
        }
        if let Some(said) = read_by("aff4_rdflib.py", &image, &[]) {
            agrees(&said, size, &wanted, &format!("rdflib, {what}"));
            for (kind, id) in [("MD5", "md5"), ("SHA1", "sha1"), ("SHA256", "sha256"), ("SHA512", "sha512")] {
                let line = format!("stored {kind} {}", wanted.get(id).unwrap());
                assert!(said.text.lines().any(|said| said == line), "no {line:?} in {}", said.text);
            }
            assert!(said.text.contains("case 2026-117 \"quoted\" \\ é"), "{}", said.text);
        }
    }
}

/// pyaff4's own validator over our image: every block hash and every digest of the map.
#[test]
fn pyaff4_finds_every_block_hash_and_map_digest_of_ours_valid() {
    let folder = tempfile::tempdir().unwrap();
    let mut medium = mixture(5 * BLOCK_BYTES + 100);
    let image = write(&mut medium, folder.path(), &[ByteRange::new(300_000, 512)], Compression::Fast);
    let Some(said) = read_by("aff4_pyaff4.py", &image, &["--hashes"]) else { return };
    assert!(said.text.contains("invalid []"), "{}", said.text);
    assert!(!said.text.contains("valid blocks 0;"), "{}", said.text);
    for kind in ["mapHash", "mapPointHash", "mapIdxHash", "BlockMapHash", "BlockHashesHash"] {
        assert!(said.text.contains(kind), "{kind}: {}", said.text);
    }
}

/// The judge judges: a changed chunk is noticed by others and by us.
#[test]
fn a_changed_chunk_is_noticed_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut medium = mixture(BLOCK_BYTES);
    let image = write(&mut medium, folder.path(), &[], Compression::None);
    let mut bytes = std::fs::read(&image).unwrap();
    let needle = &medium[200_000..200_064];
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] ^= 1;
    let changed = folder.path().join("changed.aff4");
    std::fs::write(&changed, bytes).unwrap();
    let opened = open(&changed).unwrap();
    let fault = exhibit_evidence::Source::read_at(&*opened.value, 0, &mut vec![0; medium.len()]).unwrap_err();
    assert_eq!(fault.good, 6 * 32 * 1024, "{fault}");
    assert!(fault.to_string().contains("SHA256 block hash"), "{fault}");
    let script = project().join("tests/oracle/readers/aff4_rdflib.py");
    let Some(said) = foreign::run("python3", &[&script, &changed]) else { return };
    assert!(!said.success, "{}", said.text);
}
