//! Files and images made by others. Skipped, visibly, where they are not at hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test reads its data itself, says when it skips, and fails loudly"
)]

mod samples;

use std::io::Read;
use std::path::PathBuf;

use exhibit_carve::{Align, Class, KINDS, Kind, Object, Plan, Types, Verdict, find, validate_bytes};
use exhibit_evidence::{Cancel, MemorySource, Silent, to_hex};
use md5::{Digest, Md5};
use samples::Noise;

/// A file of the shared test data, if it is there.
fn shared(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("EXHIBIT_TESTDATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"), PathBuf::from);
    let bytes = std::fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        println!("skipped: {name} of the shared test data is not there");
    }
    bytes
}

fn md5(bytes: &[u8]) -> String {
    to_hex(&Md5::digest(bytes))
}

/// Name and bytes of each regular file in a gzipped tar archive.
fn untar(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(archive).read_to_end(&mut tar).unwrap();
    let (mut at, mut files) = (0, Vec::new());
    while let Some(header) = tar.get(at..at + 512).filter(|header| header[0] != 0) {
        let text = |field: &[u8]| String::from_utf8_lossy(field).trim_matches(['\0', ' ']).to_owned();
        let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
        if matches!(header[156], b'0' | 0) {
            files.push((text(&header[..100]), tar[at + 512..at + 512 + size].to_vec()));
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}

fn search(bytes: &[u8], align: Align) -> Vec<Object> {
    let plan = Plan { align, ..Plan::default() };
    find(&MemorySource::new(bytes), &plan, &Silent, &Cancel::new()).unwrap().objects
}

fn content(bytes: &[u8], object: &Object) -> Vec<u8> {
    object.extents.iter().flat_map(|extent| bytes[extent.offset as usize..extent.end() as usize].to_vec()).collect()
}

/// The kind whose signature and head the file has.
fn kind_of(bytes: &[u8]) -> Option<&'static dyn Kind> {
    let head = &bytes[..bytes.len().min(512)];
    KINDS.iter().copied().find(|kind| {
        let place = bytes.get(kind.signature_at()..).unwrap_or_default();
        kind.signatures().iter().any(|signature| place.starts_with(signature)) && kind.plausible(head)
    })
}

/// Real files that one of our kinds is meant for. Two end with bytes that their own structure knows nothing of (16 behind
/// the film, and space set aside for a hive to grow into), one log was cut.
fn of_our_kinds(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    let ends_itself = |name: &str| !["flame.avi", "regf/SAM", "System2.evtx"].iter().any(|other| name.ends_with(other));
    files.into_iter().filter(|(name, bytes)| kind_of(bytes).is_some() && ends_itself(name)).collect()
}

#[test]
fn the_jpeg_search_image_of_dftt_gives_its_answers() {
    let Some(archive) = shared("carve/dftt-8-jpeg-search.zip") else { return };
    let mut disk = Vec::new();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    archive.by_name("8-jpeg-search/8-jpeg-search.dd").unwrap().read_to_end(&mut disk).unwrap();
    // Of these types the answer key names everything.
    let types = Types::parse("jpeg,zip,gz,doc").unwrap();
    let search = |align: Align| {
        let plan = Plan { align, types: types.clone(), ..Plan::default() };
        find(&MemorySource::new(disk.as_slice()), &plan, &Silent, &Cancel::new()).unwrap().objects
    };
    let found = search(Align::Byte);
    let whole: Vec<(u64, String)> = found
        .iter()
        .filter(|object| object.class <= Class::Consistent)
        .map(|object| (object.offset(), md5(&content(&disk, object))))
        .collect();
    // Offsets and digests from the answer key: allocated, deleted, archives, behind 1572 random bytes, in a document.
    let expected = [
        (271_360, "75b8d00568815a36c3809b46fc84ba6d"),
        (545_792, "0c452c5800fcfa7c66027ae89c4f068a"),
        (872_960, "afd55222024a4e22f7f5a3a665320763"),
        (5_148_672, "de5d83153339931371719f4e5c924eba"),
        (5_327_360, "d4f8cf643141f0c2911c539750e18ef2"),
        (5_534_720, "d41b56e0a9f84eb2825e73c24cedd963"),
        (5_870_592, "73c3029066aee9416a5aeb98a5c55321"),
        (6_166_564, "35c9da622659465956cf2d210c89bf07"),
        (6_437_888, "61c0b55639e52d1ce82aba834ada2bab"),
        (6_442_825, "936d202fbedecbe64b42c5f3d03233e5"),
    ];
    // Nothing else: not the three traps, and not the picture in five fragments.
    assert_eq!(whole, expected.map(|(at, digest)| (at, digest.to_owned())));
    // In sectors, all that begin at one.
    let aligned = search(Align::Auto).iter().filter(|object| object.class <= Class::Consistent).count();
    assert_eq!(aligned, 8);
}

#[test]
fn real_files_are_recognised_with_their_exact_length() {
    let Some(archive) = shared("carve/filetypes.tar.gz") else { return };
    for (name, bytes) in of_our_kinds(untar(&archive)) {
        let kind = kind_of(&bytes).unwrap();
        let followed = [bytes.as_slice(), &[b'#'; 3000]].concat();
        match validate_bytes(kind.id(), &followed) {
            Some(Verdict::Whole(whole)) => {
                assert_eq!(whole.length, bytes.len() as u64, "{name}");
                assert!(
                    name.contains(&format!(".{}", whole.file_type.extension)) || whole.file_type.id == "sqlite",
                    "{name}: {whole:?}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_disk_of_real_files_gives_each_of_them_byte_for_byte() {
    let Some(archive) = shared("carve/filetypes.tar.gz") else { return };
    let files = of_our_kinds(untar(&archive));
    let (mut disk, mut noise) = (Noise(1).bytes(4096), Noise(2));
    let mut expected = Vec::new();
    for (_, bytes) in &files {
        expected.push((disk.len() as u64, md5(bytes)));
        disk.extend_from_slice(bytes);
        disk.push(b'!');
        let gap = disk.len().next_multiple_of(4096) - disk.len() + 512 * noise.below(9);
        disk.extend_from_slice(&noise.bytes(gap));
    }
    for align in [Align::Sector, Align::Byte] {
        let found = search(&disk, align);
        let whole = found.iter().filter(|object| object.class <= Class::Consistent && object.parent.is_none());
        let whole: Vec<_> = whole.map(|object| (object.offset(), md5(&content(&disk, object)))).collect();
        assert_eq!(whole, expected, "{align:?}");
    }
}

#[test]
fn a_general_decoder_opens_every_jpeg_that_ours_calls_whole() {
    let Some(archive) = shared("carve/filetypes.tar.gz") else { return };
    let files = untar(&archive).into_iter().map(|(_, bytes)| bytes);
    let made = (0..8).map(|seed| samples::pictures::jpeg(120, 72, (seed % 3) as u16 * 5, seed));
    let mut opened = 0;
    for bytes in files.chain(made).filter(|bytes| bytes.starts_with(b"\xff\xd8\xff")) {
        let Some(Verdict::Whole(_)) = validate_bytes("jpeg", &bytes) else { panic!("not whole") };
        let mut decoder = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(bytes));
        assert!(!decoder.decode().unwrap().is_empty());
        opened += 1;
    }
    assert!(opened >= 12);
}

#[test]
fn real_pictures_with_foreign_sectors_are_not_proven() {
    let Some(archive) = shared("carve/filetypes.tar.gz") else { return };
    let mut noise = Noise(5);
    let pictures: Vec<_> = untar(&archive).into_iter().filter(|(name, _)| name.ends_with(".jpg")).collect();
    for (name, bytes) in &pictures {
        for round in 0..60 {
            let mut damaged = bytes.clone();
            let length = 512 * (1 + noise.below(4));
            let at = 512 * (1 + noise.below((bytes.len() - length) / 512 - 1));
            let from = 512 * (1 + noise.below((bytes.len() - length) / 512 - 1));
            let foreign = match round % 3 {
                0 => bytes[from..from + length].to_vec(),
                1 => vec![0; length],
                _ => samples::prose(length, round),
            };
            damaged[at..at + length].copy_from_slice(&foreign);
            if damaged == *bytes {
                continue;
            }
            if let Some(Verdict::Whole(whole)) = validate_bytes("jpeg", &damaged) {
                assert!(whole.class > Class::Proven, "{name} overwritten at {at}: {whole:?}");
            }
        }
    }
}
