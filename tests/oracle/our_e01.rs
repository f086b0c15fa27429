//! What we write, judged by libewf and The Sleuth Kit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_evidence::{ByteRange, DigestSet, Instant, MemorySource, Source, Store};
use exhibit_forge::Recipe;
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Metadata, format};
use exhibit_store::Folder;
use exhibit_tests::foreign;

use crate::medium::{clean, digests};

/// Writes `medium` as an E01 into `folder` and returns its first file.
fn write(medium: &[u8], folder: &Path, gaps: &[ByteRange], change: impl FnOnce(&mut Create)) -> PathBuf {
    let mut how = Create {
        base: "disk".to_owned(),
        size_bytes: medium.len() as u64,
        sector_bytes: 512,
        compression: Compression::Fast,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata {
            case_number: "2026-117".to_owned(),
            evidence_number: "E-1".to_owned(),
            description: "practice disk".to_owned(),
            examiner: "Zoë Example".to_owned(),
            notes: "written by a test".to_owned(),
            ..Metadata::default()
        },
        set_id: *b"\x01\x02\x03\x04\x05\x06\x47\x08\x89\x0a\x0b\x0c\x0d\x0e\x0f\x10",
        started: Instant::from_unix_seconds(1_795_428_672),
    };
    change(&mut how);
    let store: Arc<dyn Store> = Arc::new(Folder::at(folder).unwrap());
    let mut writer = format("e01").unwrap().create(store, &how).unwrap();
    let encoder = writer.encoder();
    for block in medium.chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let written = writer.finish(&stored(medium, how.sector_bytes), gaps).unwrap();
    assert!(written.findings.is_empty(), "{:?}", written.findings);
    for segment in written.segments {
        segment.segment.seal().unwrap();
    }
    folder.join("disk.E01")
}

/// MD5 and SHA-1 of the medium as the container stores it: padded to whole sectors.
fn stored(medium: &[u8], sector_bytes: u32) -> DigestSet {
    let mut padded = medium.to_vec();
    padded.resize(medium.len().next_multiple_of(sector_bytes as usize), 0);
    let all = digests(&MemorySource::new(padded));
    let digest = |id: &str| exhibit_evidence::Digest::parse(id, all.get(id).unwrap()).unwrap();
    ["md5", "sha1"].into_iter().map(digest).collect()
}

/// A small disk with a file system on it.
fn disk() -> Vec<u8> {
    let forged = Recipe::small(11).forge().unwrap();
    let mut bytes = vec![0; usize::try_from(forged.disk.size()).unwrap()];
    forged.disk.read_at(0, &mut bytes).unwrap();
    bytes
}

/// Noise, text and zeros, so that there are stored and deflated chunks.
fn mixture(size: usize) -> Vec<u8> {
    let noise = |n: usize| (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) as u8;
    let byte = |n: usize| match n / 50_000 % 3 {
        0 => 0,
        1 => noise(n) ^ noise(n / 7),
        _ => b"exhibit "[n % 8],
    };
    (0..size).map(byte).collect()
}

#[test]
fn ewfverify_agrees_with_every_size_compression_and_segment_count() {
    let chunk = 32 * 1024;
    let cases = [
        (512, Compression::None, None),
        (513, Compression::Fast, None),
        (chunk - 512, Compression::Best, None),
        (chunk, Compression::None, None),
        (chunk + 1, Compression::Fast, None),
        (3 * BLOCK_BYTES + 777, Compression::Best, None),
        (9 * BLOCK_BYTES, Compression::None, Some(1 << 20)),
        (9 * BLOCK_BYTES + 5, Compression::Fast, Some(1 << 20)),
    ];
    for (size, compression, segment_size_bytes) in cases {
        let folder = tempfile::tempdir().unwrap();
        let medium = mixture(size);
        let image = write(&medium, folder.path(), &[], |how| {
            (how.compression, how.segment_size_bytes) = (compression, segment_size_bytes);
        });
        assert_eq!(clean(&image).1, digests(&MemorySource::new(medium.clone())), "{size} bytes, read by ourselves");
        let Some(said) = foreign::run("ewfverify", &[Path::new("-d"), Path::new("sha1"), &image]) else { return };
        let what = format!("{size} bytes, {compression:?}, segments {segment_size_bytes:?}: {}", said.text);
        assert!(said.success && said.text.contains("ewfverify: SUCCESS"), "{what}");
        let wanted = stored(&medium, 512);
        let line = |title: &str| said.text.lines().find(|line| line.starts_with(title)).map(str::to_owned);
        for (title, algorithm) in [
            ("MD5 hash stored in file", "md5"),
            ("MD5 hash calculated over data", "md5"),
            ("SHA1 hash stored in file", "sha1"),
            ("SHA1 hash calculated over data", "sha1"),
        ] {
            let line = line(title).unwrap_or_else(|| panic!("no {title:?} in {what}"));
            assert!(line.ends_with(wanted.get(algorithm).unwrap()), "{line}: {what}");
        }
    }
}

#[test]
fn ewfinfo_reads_the_metadata_the_digests_and_the_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let medium = mixture(200 * 512);
    let gaps = [ByteRange::new(100 * 512, 3 * 512), ByteRange::new(150 * 512, 512)];
    let image = write(&medium, folder.path(), &gaps, |_| ());
    let Some(said) = foreign::run("ewfinfo", &[&image]) else { return };
    assert!(said.success, "{}", said.text);
    let squeezed: Vec<String> =
        said.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let md5 = format!("MD5: {}", stored(&medium, 512).get("md5").unwrap());
    for wanted in [
        "Case number: 2026-117",
        "Evidence number: E-1",
        "Description: practice disk",
        "Examiner name: Zoë Example",
        "Notes: written by a test",
        "Bytes per sector: 512",
        "Number of sectors: 200",
        "Media type: fixed disk",
        "Is physical: yes",
        "total number: 2",
        "at sector(s): 100 - 102 number: 3",
        "at sector(s): 150 - 150 number: 1",
        &md5,
    ] {
        assert!(squeezed.iter().any(|line| line.starts_with(wanted)), "no {wanted:?} in {}", said.text);
    }
}

#[test]
fn the_sleuth_kit_sees_the_same_disk_in_our_image_and_in_the_raw_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let medium = disk();
    let image = write(&medium, folder.path(), &[], |how| how.segment_size_bytes = Some(1 << 20));
    let raw = folder.path().join("disk.raw");
    std::fs::write(&raw, &medium).unwrap();
    let Some(said) = foreign::run("img_stat", &[&image]) else { return };
    let size = format!("Size of data in bytes:\t{}", medium.len());
    let md5 = format!("MD5 hash of data:\t{}", stored(&medium, 512).get("md5").unwrap());
    for wanted in ["Image Type:\t\tewf", &size, &md5] {
        assert!(said.success && said.text.contains(wanted), "no {wanted:?} in {}", said.text);
    }
    let list = |image: &Path| {
        let volume = foreign::run("mmls", &[image]).filter(|said| said.success);
        let start = volume.and_then(|said| {
            let line = said.text.lines().find(|line| line.contains("FAT"))?.to_owned();
            line.split_whitespace().nth(2).map(str::to_owned)
        });
        let start = start.unwrap_or_else(|| "0".to_owned());
        foreign::run("fls", &[Path::new("-rp"), Path::new("-o"), Path::new(&start), image])
    };
    let (Some(ours), Some(theirs)) = (list(&image), list(&raw)) else { return };
    assert!(ours.success, "{}", ours.text);
    assert!(ours.text.lines().count() > 5, "{}", ours.text);
    assert_eq!(ours.text, theirs.text, "the same listing from the E01 and from the raw bytes");
}

/// `ewfverify` must notice a change of ours that we notice: the judge judges.
#[test]
fn a_changed_chunk_is_noticed_by_ewfverify_and_by_us_in_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    let medium = mixture(8 * 32 * 1024);
    let image = write(&medium, folder.path(), &[], |how| how.compression = Compression::None);
    let mut bytes = std::fs::read(&image).unwrap();
    let needle = &medium[100_000..100_064];
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    bytes[at] ^= 1;
    let changed = folder.path().join("changed.E01");
    std::fs::write(&changed, bytes).unwrap();
    let opened = crate::medium::open(&changed).unwrap();
    let fault = opened.value.read_at(0, &mut vec![0; medium.len()]).unwrap_err();
    assert_eq!(fault.good, 3 * 32 * 1024, "{fault}");
    assert!(fault.to_string().contains("chunk 3 (sectors 192 to 255)"), "{fault}");
    let Some(said) = foreign::run("ewfverify", &[&changed]) else { return };
    assert!(!said.success, "{}", said.text);
    assert!(said.text.contains("192 - 255"), "the same sectors: {}", said.text);
}
