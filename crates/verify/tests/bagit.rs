//! The conformance suite of the Library of Congress: 31 bags, and what each must be judged to be.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use exhibit_evidence::Severity;
use exhibit_verify::{MemoryMembers, bag};

fn testdata() -> PathBuf {
    match std::env::var_os("EXHIBIT_TESTDATA") {
        Some(path) => path.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
    }
}

#[expect(clippy::disallowed_methods, reason = "a test reads its test data")]
fn read(path: &str) -> Option<Vec<u8>> {
    std::fs::read(testdata().join(path)).ok()
}

/// The regular files of a tar archive (POSIX ustar, and the long names of GNU and pax are not needed by this one).
fn untar(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut at = 0;
    let text = |field: &[u8]| String::from_utf8_lossy(field).trim_end_matches('\0').trim().to_owned();
    while let Some(header) = bytes.get(at..at + 512).filter(|header| header[0] != 0) {
        let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap();
        let (name, prefix) = (text(&header[0..100]), text(&header[345..500]));
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        at += 512;
        if matches!(header[156], b'0' | 0) {
            files.push((name, bytes[at..at + size].to_vec()));
        }
        at += size.div_ceil(512) * 512;
    }
    files
}

fn bags(files: Vec<(String, Vec<u8>)>) -> BTreeMap<String, MemoryMembers> {
    let mut bags: BTreeMap<String, MemoryMembers> = BTreeMap::new();
    for (name, bytes) in files {
        let name = name.trim_start_matches("./");
        let mut parts = name.splitn(4, '/');
        let head: Vec<&str> = parts.by_ref().take(3).collect();
        if let Some(rest) = parts.next() {
            bags.entry(head.join("/")).or_default().insert(rest, bytes);
        }
    }
    bags
}

#[test]
fn the_conformance_suite_is_judged_as_its_authors_judge_it() {
    let (Some(packed), Some(expected)) = (read("bagit/bagit-conformance-suite.tar.gz"), read("expected/bagit.tsv"))
    else {
        #[expect(clippy::disallowed_macros, reason = "a skipped test says so")]
        {
            println!("skipped: the BagIt conformance suite is not here");
        }
        return;
    };
    let mut tar = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut tar).unwrap();
    let bags = bags(untar(&tar));
    let expected = String::from_utf8(expected).unwrap();
    let mut judged = 0;
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let (name, rest) = line.split_once('\t').unwrap();
        let verdict = rest.split('\t').next().unwrap();
        let findings = bag::check(&bags[name]);
        let worst = findings.iter().map(|finding| finding.severity).max();
        let wanted = match verdict {
            "valid" => None,
            "warning" => Some(Severity::Note),
            // A path that leads out of the bag on one system is refused on all of them.
            "invalid" | "linux-only" | "windows-only" => Some(Severity::Mismatch),
            other => panic!("unknown verdict {other}"),
        };
        assert_eq!(worst, wanted, "{name}: {findings:#?}");
        judged += 1;
    }
    assert_eq!(judged, 31);
}
