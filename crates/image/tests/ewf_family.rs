//! L01, Ex01 and Lx01: what they hold is read, what is damaged is noticed, what is missing is not made up.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop there")]

mod ewf_builder;

use std::sync::Arc;

use ewf_builder::{CHUNK, V2, ex01, ex01_packed, hex, l01, ltree, lx01, md5, stream, tree, utf16};
use exhibit_evidence::{ByteRange, Cause, Finding, Known, MemorySource, Severity, Source};
use exhibit_image::{Image, ImageError, Part, identify};

fn part(name: &str, bytes: &[u8]) -> Part {
    Part { name: name.to_owned(), source: Arc::new(MemorySource::new(bytes.to_vec())) }
}

/// Opens `files` as the command line does, with everything there is to say about them.
fn open(files: &[Vec<u8>]) -> Result<(Arc<dyn Image>, Vec<Finding>), ImageError> {
    let format = identify(&MemorySource::new(files[0].clone()));
    let parts = files.iter().enumerate().map(|(index, bytes)| part(&format!("x.{index:02}"), bytes)).collect();
    let opened = format.open(parts)?;
    let mut findings = opened.findings;
    opened.value.check_structure(&mut |finding| findings.push(finding));
    Ok((opened.value, findings))
}

fn clean(files: &[Vec<u8>]) -> Arc<dyn Image> {
    let (image, findings) = open(files).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    image
}

fn all(source: &dyn Source) -> Result<Vec<u8>, exhibit_evidence::ReadFault> {
    let mut bytes = vec![0xee; usize::try_from(source.size()).unwrap()];
    source.read_at(0, &mut bytes).map(|()| bytes)
}

/// Everything that is listed, with the contents of each file.
fn listing(image: &dyn Image) -> Vec<(String, Option<Vec<u8>>)> {
    let contents = |(index, entry): (usize, &exhibit_image::LogicalEntry)| {
        let contents = if entry.folder { None } else { all(&*image.open_entry(index).unwrap()).ok() };
        (entry.path.to_string(), contents)
    };
    image.entries().iter().enumerate().map(contents).collect()
}

fn logical() -> [(&'static str, Vec<u8>); 2] {
    let text = utf16(&tree());
    [("l01", l01(&stream(), &text)), ("lx01", lx01(&stream(), &text))]
}

#[test]
fn files_of_a_logical_image_have_their_contents_sizes_and_digests() {
    for (format, bytes) in logical() {
        let image = clean(&[bytes]);
        assert_eq!(image.description().format, format);
        assert_eq!(all(&*image).unwrap(), stream(), "{format}: the medium is the stream of contents");
        let paths: Vec<String> = image.entries().iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(paths, ["docs", "docs/letter.txt", "docs/holes", "..", "empty"], "{format}");
        for (index, entry) in image.entries().iter().enumerate() {
            if entry.folder {
                assert!(image.open_entry(index).is_err());
                continue;
            }
            let contents = all(&*image.open_entry(index).unwrap()).unwrap();
            assert_eq!(contents.len() as u64, entry.size_bytes, "{format} {}", entry.path);
            if let Some(stored) = entry.stored.get("md5") {
                assert_eq!(stored, hex(&md5(&contents)), "{format} {}", entry.path);
            }
        }
        assert_eq!(image.entries().iter().filter(|entry| !entry.stored.is_empty()).count(), 3);
        assert!(image.open_entry(99).is_err());
        let metadata = &image.description().metadata;
        assert!(metadata.contains(&("case_number", "2026/17".to_owned())), "{metadata:?}");
    }
}

#[test]
fn a_cut_logical_image_says_so_and_its_files_are_never_made_up() {
    for (format, bytes) in logical() {
        let whole = listing(&*clean(std::slice::from_ref(&bytes)));
        for length in (0..bytes.len()).step_by(if cfg!(debug_assertions) { 37 } else { 1 }) {
            let Ok((image, findings)) = open(&[bytes[..length].to_vec()]) else { continue };
            if image.description().format == "raw" {
                continue; // cut within its signature
            }
            let worst = findings.iter().map(|finding| finding.severity).max();
            assert!(worst >= Some(Severity::Incomplete), "{format} cut to {length}: {findings:?}");
            for (path, contents) in listing(&*image) {
                let Some(contents) = contents else { continue };
                let true_one = whole.iter().find(|(have, _)| *have == path).and_then(|(_, bytes)| bytes.clone());
                assert_eq!(Some(contents), true_one, "{format} cut to {length}: {path}");
            }
        }
    }
}

#[test]
fn a_flipped_byte_is_noticed_or_changes_nothing() {
    let medium = medium(9 * CHUNK + 512);
    let ex01 = ex01(&medium, 100).remove(0);
    let images = logical().into_iter().chain([("ex01", ex01)]);
    for (format, bytes) in images {
        let whole = clean(std::slice::from_ref(&bytes));
        let (files, medium) = (listing(&*whole), all(&*whole).unwrap());
        for place in (0..bytes.len()).step_by(if cfg!(debug_assertions) { 11 } else { 1 }) {
            let mut changed = bytes.clone();
            changed[place] ^= [0x01, 0x80, 0xff][place % 3];
            let Ok((image, findings)) = open(&[changed]) else { continue };
            if image.description().format == "raw" || findings.iter().any(|f| f.severity > Severity::Note) {
                let _ = (all(&*image), listing(&*image));
                continue;
            }
            if let Ok(read) = all(&*image) {
                assert!(read == medium, "{format}: byte {place} flipped, the medium is another and nobody said so");
                assert!(listing(&*image) == files, "{format}: byte {place} flipped, the files are others");
            }
        }
    }
}

/// Zeros, a pattern, text and noise.
fn medium(size: usize) -> Vec<u8> {
    let byte = |n: usize| match n / CHUNK % 5 {
        0 => 0,
        1 => b"01234567"[n % 8],
        2 => b"the quick brown fox "[n % 20],
        _ => ((n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 47) as u8,
    };
    (0..size).map(byte).collect()
}

#[test]
fn an_ex01_gives_its_medium_its_gaps_and_its_digest() {
    for size in [512, CHUNK, CHUNK + 512, 9 * CHUNK, 23 * CHUNK + 1024] {
        for per_segment in [1, 4, 100] {
            let medium = medium(size);
            let mut files = ex01(&medium, per_segment);
            files.reverse(); // segments come in any order
            let image = clean(&files);
            assert!(all(&*image).unwrap() == medium, "{size} {per_segment}");
            let description = image.description();
            assert_eq!((description.format, description.size_bytes), ("ex01", size as u64));
            assert_eq!(description.stored.get("md5"), Some(hex(&md5(&medium)).as_str()));
            let get = |key: &str| description.metadata.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
            assert_eq!(
                [get("description"), get("model"), get("media_kind")],
                [Some("disk"), Some("M\n1"), Some("physical")]
            );
            if size > 60_000 {
                let gaps = [ByteRange::new(7 * 512, 512), ByteRange::new(100 * 512, 3 * 512)];
                assert_eq!(description.gaps, gaps);
                assert_eq!(image.known(gaps[1]), (gaps[1], Known::Unreadable));
            }
        }
    }
}

#[test]
fn a_missing_segment_neither_shrinks_nor_shifts_the_medium() {
    let medium = medium(12 * CHUNK);
    let files = ex01(&medium, 4);
    assert_eq!(files.len(), 3);
    for gone in 0..3 {
        let left: Vec<Vec<u8>> =
            files.iter().enumerate().filter(|(index, _)| *index != gone).map(|(_, file)| file.clone()).collect();
        let (image, findings) = open(&left).unwrap();
        assert!(findings.iter().any(|finding| finding.code == "ewf-segment-missing"), "{findings:?}");
        assert_eq!(image.size(), medium.len() as u64);
        for chunk in 0..12 {
            let mut read = vec![0; CHUNK];
            match image.read_at((chunk * CHUNK) as u64, &mut read) {
                Ok(()) => assert!(chunk / 4 != gone && read == medium[chunk * CHUNK..][..CHUNK]),
                Err(fault) => assert!(chunk / 4 == gone && matches!(fault.cause, Cause::Unreadable(_)), "{fault}"),
            }
        }
    }
    let mut doubled = files.clone();
    doubled.push(files[1].clone());
    assert!(open(&doubled).unwrap().1.iter().any(|finding| finding.code == "ewf-segment-twice"));
    let mut mixed = files;
    mixed[1][16] ^= 1; // set identifier
    let (image, findings) = open(&mixed).unwrap();
    assert!(findings.iter().any(|finding| finding.code == "ewf2-set"), "{findings:?}");
    image.read_at(4 * CHUNK as u64, &mut [0; 16]).unwrap_err();
}

/// The chain of descriptors leads backwards: the loss of the end must not be the loss of everything.
#[test]
fn an_ex01_that_lost_its_end_keeps_what_is_before() {
    let medium = medium(9 * CHUNK);
    let whole = ex01(&medium, 100).remove(0);
    for lost in [1, 64, 65, 200] {
        let (image, findings) = open(&[whole[..whole.len() - lost].to_vec()]).unwrap();
        assert!(findings.iter().any(|finding| finding.severity >= Severity::Incomplete), "{lost}");
        assert!(all(&*image).unwrap() == medium, "{lost}: the chunks are all there");
    }
}

#[test]
fn encryption_and_compression_that_are_not_read_are_refused_by_name() {
    let mut encrypted = V2::new(b"EVF2\x0d\x0a\x81\x00", 1);
    encrypted.section(1, 2, &[0x55; 32]);
    encrypted.section(15, 0, &[]);
    let error = open(&[encrypted.bytes]).err().unwrap();
    assert!(matches!(&error, ImageError::Unsupported(text) if text.contains("encrypted")), "{error}");
    let mut unknown = ex01(&medium(CHUNK), 4).remove(0);
    unknown[10] = 3;
    let error = open(&[unknown]).err().unwrap();
    assert!(matches!(&error, ImageError::Unsupported(text) if text.contains("unknown method 3")), "{error}");
}

#[test]
fn what_is_compressed_with_bzip2_is_read_and_damage_to_it_is_found() {
    fn pack(bytes: &[u8]) -> Vec<u8> {
        use std::io::Read as _;
        let mut packed = Vec::new();
        bzip2::read::BzEncoder::new(bytes, bzip2::Compression::best()).read_to_end(&mut packed).unwrap();
        packed
    }
    let medium = medium(5 * CHUNK + 1024);
    let files = ex01_packed(&medium, 2, (2, pack));
    assert_eq!(files.len(), 3);
    let (image, findings) = open(&files).unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(all(&*image).unwrap() == medium);
    let compression = image.description().metadata.iter().find(|(key, _)| *key == "compression").unwrap();
    assert_eq!(compression.1, "bzip2");
    let mut changed = files;
    // The first chunk of the second segment: a byte of the checksum of its block.
    let at = changed[1].windows(4).rposition(|window| window == b"BZh9").unwrap();
    changed[1][at + 11] ^= 0x20;
    let fault = all(&*open(&changed).unwrap().0).map(|_| ()).unwrap_err();
    assert!(matches!(&fault.cause, Cause::Corrupt(text) if text.contains("bzip2")), "{fault}");
}

/// A list of files with the header that it has in an L01, one with a byte order mark, and one that is damaged.
#[test]
fn a_list_of_files_is_read_in_every_form_and_a_damaged_one_is_told() {
    let text = utf16(&tree());
    for list in [ltree(&text), [&[0xff, 0xfe], &text[..]].concat(), text.clone()] {
        let mut file = V2::new(b"LEF2\x0d\x0a\x81\x00", 1);
        file.object(2, "nm\ttb\tsb", &format!("files\t4\t{}", CHUNK / 512));
        file.chunks(0, &stream());
        file.section(0x20, 1, &list);
        file.object(1, "dt\tbp", "l\t512");
        file.section(15, 0, &[]);
        assert_eq!(clean(&[file.bytes]).entries().len(), 5);
    }
    // Who only lists the files must hear of it as well: opening tells, not only the full check.
    let mut damaged = lx01(&stream(), &text);
    let name = utf16("letter");
    let at = damaged.windows(name.len()).position(|window| window == name).unwrap();
    damaged[at] = b'b';
    let opened = identify(&MemorySource::new(damaged.clone())).open(vec![part("x.Lx01", &damaged)]).unwrap();
    assert!(opened.findings.iter().any(|finding| finding.code == "ewf2-section-digest"), "{:?}", opened.findings);
    let mut damaged = l01(&stream(), &text);
    let name = utf16("letter");
    let at = damaged.windows(name.len()).position(|window| window == name).unwrap();
    damaged[at] = b'b';
    let (image, findings) = open(&[damaged]).unwrap();
    assert!(findings.iter().any(|finding| finding.code == "ewf-ltree-digest"), "{findings:?}");
    assert_eq!(image.entries()[1].path.to_string(), "docs/better.txt", "shown as it is, and named as changed");
}

/// A file of which most is one piece over and over: a medium of 3 TiB costs no space.
struct Repeated {
    /// Where each piece begins, its bytes, how often it is there.
    pieces: Vec<(u64, Vec<u8>, u64)>,
    size: u64,
}

impl Repeated {
    fn add(&mut self, bytes: Vec<u8>, times: u64) {
        let length = bytes.len() as u64 * times;
        self.pieces.push((self.size, bytes, times));
        self.size += length;
    }
}

impl Source for Repeated {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), exhibit_evidence::ReadFault> {
        exhibit_evidence::ReadFault::check_bounds(at, buf.len(), self.size)?;
        let mut index = self.pieces.partition_point(|(start, ..)| *start <= at) - 1;
        for (here, out) in (at..).zip(buf) {
            while self.pieces.get(index + 1).is_some_and(|(start, ..)| *start <= here) {
                index += 1;
            }
            let (start, bytes, _) = &self.pieces[index];
            *out = bytes[((here - start) % bytes.len() as u64) as usize];
        }
        Ok(())
    }
}

/// Sector numbers beyond 32 bits: 2 TiB of `a`, then 1 TiB of `b`, in chunks of 16 MiB.
#[test]
fn a_medium_of_three_tebibytes_has_every_byte_in_its_place() {
    const CHUNK: u64 = 16 << 20;
    const CHUNKS: u64 = 65_536;
    let mut file = Repeated { pieces: Vec::new(), size: 0 };
    file.add(b"EVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00".to_vec(), 1);
    let mut volume = vec![1, 0, 0, 0];
    for number in [3 * CHUNKS as u32, (CHUNK / 512) as u32, 512] {
        volume.extend_from_slice(&number.to_le_bytes());
    }
    volume.extend_from_slice(&(3 * CHUNKS * CHUNK / 512).to_le_bytes());
    volume.resize(1048, 0);
    volume.extend_from_slice(&ewf_builder::adler(&volume));
    let descriptor = |kind: &str, at: u64, payload: u64| {
        let mut bytes = kind.as_bytes().to_vec();
        bytes.resize(16, 0);
        let (next, size) = if kind == "done" { (at, 0) } else { (at + 76 + payload, 76 + payload) };
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.resize(72, 0);
        bytes.extend_from_slice(&ewf_builder::adler(&bytes));
        bytes
    };
    file.add([descriptor("volume", 13, 1052), volume].concat(), 1);
    for byte in [b'a', b'a', b'b'] {
        let mut chunk = Vec::new();
        let mut encoder = flate2::write::ZlibEncoder::new(&mut chunk, flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &vec![byte; CHUNK as usize]).unwrap();
        encoder.finish().unwrap();
        let base = file.size;
        file.add(descriptor("sectors", base, chunk.len() as u64 * CHUNKS), 1);
        file.add(chunk.clone(), CHUNKS);
        let mut head = (CHUNKS as u32).to_le_bytes().to_vec();
        head.resize(8, 0);
        head.extend_from_slice(&base.to_le_bytes());
        head.resize(20, 0);
        head.extend_from_slice(&ewf_builder::adler(&head));
        let entry = |index: u64| ((76 + index * chunk.len() as u64) as u32 | 0x8000_0000).to_le_bytes();
        let entries: Vec<u8> = (0..CHUNKS).flat_map(entry).collect();
        let table = [&head[..], &entries, &ewf_builder::adler(&entries)].concat();
        file.add([descriptor("table", file.size, table.len() as u64), table].concat(), 1);
    }
    file.add(descriptor("done", file.size, 0), 1);
    let part = Part { name: "large.E01".to_owned(), source: Arc::new(file) };
    let opened = exhibit_image::format("e01").unwrap().open(vec![part]).unwrap();
    assert!(opened.findings.is_empty(), "{:?}", opened.findings);
    let image = opened.value;
    assert_eq!(image.size(), 3 << 40);
    for (at, expected) in [(0, b"aaaa"), ((2_u64 << 40) - 2, b"aabb"), (2 << 40, b"bbbb"), ((3 << 40) - 4, b"bbbb")] {
        let mut read = [0; 4];
        image.read_at(at, &mut read).unwrap();
        assert_eq!(&read, expected, "at {at}");
    }
    assert!(image.read_at((3 << 40) - 3, &mut [0; 4]).is_err());
}
