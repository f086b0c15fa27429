//! The family of E01 between programs: dialects that libewf writes and we read, images of ours that libewf (through
//! pyewf) and dissect.evidence read, logical images of the tests that libewf must read as we do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use exhibit_evidence::{ByteRange, MemorySource, Source, Store};
use exhibit_hash::BLOCK_BYTES;
use exhibit_image::{Compression, Create, Metadata, format};
use exhibit_store::Folder;
use exhibit_tests::foreign::{self, Said};
use exhibit_tests::places::{data_file, files_below, skipped};

use crate::ewf_builder::{ex01, l01, lx01, stream, tree, utf16};
use crate::medium::{clean, digests, open};

/// Runs a Python script that needs `modules`; `None`, after saying so, if they are not installed.
fn python(modules: &str, script: &str, arguments: &[&Path]) -> Option<Said> {
    let probe = format!("import {modules}");
    let there = foreign::run("python3", &["-c".as_ref(), probe.as_ref()])?;
    if !there.success {
        assert!(!foreign::required(), "Python modules {modules} are missing, and EXHIBIT_REQUIRE_ORACLES=1");
        skipped(&format!("the Python modules {modules} are not installed"));
        return None;
    }
    let mut all: Vec<&Path> = vec!["-c".as_ref(), script.as_ref()];
    all.extend(arguments);
    foreign::run("python3", &all)
}

/// Size and SHA-256 of a medium, as libewf reads it.
const PYEWF: &str = "
import sys, hashlib, pyewf
h = pyewf.handle(); h.open(pyewf.glob(sys.argv[1]))
n = h.get_media_size(); d = hashlib.sha256()
while True:
    b = h.read_buffer(1 << 20)
    if not b: break
    d.update(b)
print(n, d.hexdigest(), h.get_hash_value('MD5'))
";

/// Size and SHA-256 of a medium, as dissect.evidence reads it.
const DISSECT: &str = "
import sys, hashlib, dissect.evidence.ewf as e
w = e.EWF([open(p, 'rb') for p in sys.argv[1:]])
s = w.open(); d = hashlib.sha256()
while True:
    b = s.read(1 << 20)
    if not b: break
    d.update(b)
print(w.size, d.hexdigest())
";

/// Noise, text and zeros in turn.
fn medium(size: usize) -> Vec<u8> {
    let noise = |n: u64| {
        (n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56) as u8
    };
    let byte = |n: usize| match n / 70_000 % 3 {
        0 => 0,
        1 => noise(n as u64),
        _ => b"the quick brown fox "[n % 20],
    };
    (0..size).map(byte).collect()
}

fn sha256(bytes: &[u8]) -> String {
    digests(&MemorySource::new(bytes.to_vec())).get("sha256").unwrap().to_owned()
}

/// Every dialect that ewfacquire writes, with and without compression, in one file and in several, with chunks of other
/// sizes: the medium is the same, and nothing is wrong with any.
#[test]
fn every_dialect_of_ewfacquire_gives_the_same_medium() {
    let folder = tempfile::tempdir().unwrap();
    let medium = medium(4_945_920);
    let source = folder.path().join("medium");
    std::fs::write(&source, &medium).unwrap();
    let wanted = sha256(&medium);
    let dialects = [
        ("encase1", "EnCase 1"),
        ("encase2", "EnCase 2/3"),
        ("encase3", "EnCase 2/3"),
        ("encase4", "EnCase 4 to 7"),
        ("encase5", "EnCase 4 to 7"),
        ("encase6", "EnCase 4 to 7"),
        ("encase7", "EnCase 4 to 7"),
        ("ftk", "FTK"),
        ("smart", "SMART"),
        ("ewf", "SMART or original"),
        ("ewfx", "EWFX"),
        ("linen5", "linen"),
        ("linen6", "linen"),
        ("linen7", "EnCase 4 to 7"),
    ];
    let mut in_several = 0;
    for (dialect, title) in dialects {
        for (number, (segment, chunk, level)) in
            [("1500MiB", "64", "deflate:none"), ("1MiB", "16", "deflate:best"), ("1MiB", "512", "deflate:fast")]
                .iter()
                .enumerate()
        {
            let target = folder.path().join(format!("{dialect}-{number}"));
            let fixed =
                "-q -u -C 2026-117 -D disk -e Example -E 7 -N notes -m fixed -M physical -P 512 -g 16 -r 0 -d sha1";
            let mut arguments: Vec<&Path> = fixed.split(' ').map(Path::new).collect();
            for pair in [["-f", dialect], ["-S", segment], ["-b", chunk], ["-c", level]] {
                arguments.extend(pair.map(Path::new));
            }
            arguments.extend([Path::new("-t"), &target, &source]);
            let Some(said) = foreign::run("ewfacquire", &arguments) else { return };
            assert!(said.success, "{dialect}: {}", said.text);
            let prefix = format!("{dialect}-{number}.");
            let mut files = files_below(folder.path(), "");
            files.retain(|file| file.to_string_lossy().starts_with(&prefix));
            in_several += usize::from(files.len() > 1);
            let (image, found) = clean(&folder.path().join(&files[0]));
            let description = image.description();
            assert_eq!(found.get("sha256"), Some(wanted.as_str()), "{dialect} {level}");
            assert!(description.title.contains(title), "{dialect}: {}", description.title);
            assert_eq!(description.stored.get("md5"), found.get("md5"), "{dialect}");
            assert_eq!(description.chunk_bytes.map(|bytes| bytes / 512).unwrap().to_string(), *chunk, "{dialect}");
            let get = |key: &str| description.metadata.iter().find(|(k, _)| *k == key).map(|(_, v)| v.as_str());
            assert_eq!([get("case_number"), get("examiner")], [Some("2026-117"), Some("Example")], "{dialect}");
        }
    }
    assert!(in_several > 10, "{in_several} images of several segments");
}

/// The digest that only `xhash` has room for.
#[test]
fn ewfx_keeps_its_sha256_where_we_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let medium = medium(300_032);
    let (source, target) = (folder.path().join("medium"), folder.path().join("x"));
    std::fs::write(&source, &medium).unwrap();
    let fixed = "-q -u -C 1 -D d -e e -E 1 -N n -m fixed -M logical -P 512 -g 64 -r 0 -b 64 -c deflate:fast -S 1GiB -f ewfx -d sha256 -t";
    let mut arguments: Vec<&Path> = fixed.split(' ').map(Path::new).collect();
    arguments.extend([target.as_path(), &source]);
    let Some(said) = foreign::run("ewfacquire", &arguments) else { return };
    assert!(said.success, "{}", said.text);
    let (image, found) = clean(&folder.path().join("x.e01"));
    assert_eq!(image.description().stored.get("sha256"), found.get("sha256"));
}

#[test]
fn the_ex01_of_libewf_gives_the_published_digests() {
    let Some(path) = data_file("ewf/ewf2-zeros_128s.Ex01") else { return };
    let (image, found) = clean(&path);
    assert_eq!((image.description().format, image.size()), ("ex01", 65_536));
    assert_eq!(found.get("sha256"), Some("de2f256064a0af797747c2b97505dc0b9f3df0de4f489eac731c23ae9ca9cc31"));
    assert_eq!(image.description().stored.get("md5"), Some("fcd6bcb56c1689fcef28b57c22475bad"));
}

/// Writes `medium` as an E01 and gives its files, the first first.
fn write(medium: &[u8], folder: &Path, gaps: &[ByteRange], change: impl FnOnce(&mut Create)) -> Vec<PathBuf> {
    let mut how = Create {
        base: "disk".to_owned(),
        size_bytes: medium.len() as u64,
        sector_bytes: 512,
        compression: Compression::Fast,
        segment_size_bytes: None,
        physical: true,
        metadata: Metadata { case_number: "2026-117".to_owned(), ..Metadata::default() },
        set_id: [9; 16],
        started: exhibit_evidence::Instant::from_unix_seconds(1_795_428_672),
    };
    change(&mut how);
    let store: Arc<dyn Store> = Arc::new(Folder::at(folder).unwrap());
    let mut writer = format("e01").unwrap().create(store, &how).unwrap();
    let encoder = writer.encoder();
    for block in medium.chunks(BLOCK_BYTES) {
        writer.write(block, encoder.encode(block)).unwrap();
    }
    let stored = digests(&MemorySource::new(padded(medium, how.sector_bytes)));
    let written = writer.finish(&stored, gaps).unwrap();
    let names: Vec<String> = written.segments.iter().map(|segment| segment.name.clone()).collect();
    for segment in written.segments {
        segment.segment.seal().unwrap();
    }
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// The medium as an E01 stores it.
fn padded(medium: &[u8], sector_bytes: u32) -> Vec<u8> {
    let mut padded = medium.to_vec();
    padded.resize(medium.len().next_multiple_of(sector_bytes as usize), 0);
    padded
}

/// What two readers that share no line of code with us or each other say of `files`: size, then SHA-256.
fn judge(files: &[PathBuf], stored: &[u8], what: &str) {
    let expected = format!("{} {}", stored.len(), sha256(stored));
    let all: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    if let Some(said) = python("pyewf", PYEWF, &all[..1]) {
        let md5 = digests(&MemorySource::new(stored.to_vec())).get("md5").unwrap().to_owned();
        assert_eq!(said.text.trim(), format!("{expected} {md5}"), "pyewf, {what}");
    }
    if let Some(said) = python("dissect.evidence.ewf", DISSECT, &all) {
        assert_eq!(said.text.trim(), expected, "dissect.evidence, {what}");
    }
}

#[test]
fn two_more_readers_find_what_we_wrote_whatever_its_size_sectors_segments_and_gaps() {
    let chunk = 32 * 1024;
    let gaps = [ByteRange::new(40_960, 8192), ByteRange::new(0, 4096)];
    // Size, sector size, compression, segment size, gaps.
    type Case<'a> = (usize, u32, Compression, Option<u64>, &'a [ByteRange]);
    let cases: [Case<'_>; 7] = [
        (1, 512, Compression::Fast, None, &[]),
        (chunk - 1, 512, Compression::Best, None, &[]),
        (chunk + 4096, 4096, Compression::Fast, None, &[]),
        (2 * BLOCK_BYTES + 777, 4096, Compression::None, Some(1 << 20), &[]),
        (3 * BLOCK_BYTES + 513, 512, Compression::Fast, None, &gaps),
        (9 * BLOCK_BYTES, 512, Compression::None, Some(1 << 20), &gaps),
        (5 * BLOCK_BYTES + 2048, 2048, Compression::Best, Some(1 << 20), &[]),
    ];
    for (size, sector_bytes, compression, segment_size_bytes, gaps) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut medium = medium(size);
        for gap in gaps {
            medium[gap.offset as usize..gap.end() as usize].fill(0);
        }
        let files = write(&medium, folder.path(), gaps, |how| {
            (how.sector_bytes, how.compression, how.segment_size_bytes) =
                (sector_bytes, compression, segment_size_bytes);
        });
        let opened = open(&files[0]).unwrap();
        assert!(opened.findings.is_empty() && opened.value.size() == size as u64, "{:?}", opened.findings);
        assert_eq!(opened.value.description().gaps.len(), gaps.len());
        judge(
            &files,
            &padded(&medium, sector_bytes),
            &format!("{size} bytes, sectors of {sector_bytes}, {compression:?}"),
        );
    }
}

/// `.E99` is followed by `.EAA`: names, numbers and readers go on.
#[test]
fn more_than_ninety_nine_segments_are_written_and_read_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let byte = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8;
    let medium: Vec<u8> = (0..102 * BLOCK_BYTES as u64).map(byte).collect();
    let files = write(&medium, folder.path(), &[], |how| {
        (how.compression, how.segment_size_bytes) = (Compression::None, Some(1 << 20));
    });
    assert!(files.len() > 101 && files[98].ends_with("disk.E99") && files[99].ends_with("disk.EAA"), "{}", files.len());
    assert_eq!(clean(&files[50]).1.get("sha256"), Some(sha256(&medium).as_str()));
    judge(&files, &medium, "more than 99 segments");
}

/// Paths, sizes and contents of a logical image, as libewf reads them.
const PYEWF_FILES: &str = "
import sys, hashlib, pyewf
h = pyewf.handle(); h.open([sys.argv[1]])
def walk(e, path):
    for i in range(e.get_number_of_sub_file_entries()):
        s = e.get_sub_file_entry(i); p = path + [s.get_name()]
        n = s.get_size()
        data = s.read_buffer(n) if n and s.get_number_of_sub_file_entries() == 0 else b''
        print('/'.join(p), n, hashlib.sha256(data).hexdigest())
        walk(s, p)
walk(h.get_root_file_entry(), [])
";

/// The logical images of the tests are put together after the documents, by us: libewf must read them as we do.
#[test]
fn libewf_finds_the_same_files_in_our_logical_images() {
    let folder = tempfile::tempdir().unwrap();
    let text = utf16(&tree());
    for (name, bytes) in [("x.L01", l01(&stream(), &text)), ("x.Lx01", lx01(&stream(), &text))] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let (image, _) = clean(&path);
        let listed = image.entries().iter().enumerate().map(|(index, entry)| {
            let mut contents = vec![0; usize::try_from(entry.size_bytes).unwrap()];
            if !entry.folder {
                image.open_entry(index).unwrap().read_at(0, &mut contents).unwrap();
            }
            format!("{} {} {}", entry.path, entry.size_bytes, sha256(&contents))
        });
        let listed: Vec<String> = listed.collect();
        let Some(said) = python("pyewf", PYEWF_FILES, &[&path]) else { return };
        assert_eq!(said.text.lines().collect::<Vec<_>>(), listed, "{name}");
    }
}

#[test]
fn libewf_reads_the_ex01_of_the_tests_as_we_do() {
    let folder = tempfile::tempdir().unwrap();
    let medium = medium(150_016);
    let mut paths = Vec::new();
    for (index, bytes) in ex01(&medium, 10).into_iter().enumerate() {
        let path = folder.path().join(format!("x.Ex{:02}", index + 1));
        std::fs::write(&path, bytes).unwrap();
        paths.push(path);
    }
    assert_eq!(clean(&paths[1]).1.get("sha256"), Some(sha256(&medium).as_str()));
    let Some(said) = python("pyewf", PYEWF, &[&paths[0]]) else { return };
    assert!(said.text.starts_with(&format!("{} {}", medium.len(), sha256(&medium))), "{}", said.text);
}
