//! GNU ddrescue as a judge: it reads our maps, ends where we end on the same failing disk, and we read its maps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test that cannot go on should stop there; it starts another program and says when it cannot"
)]

mod desk;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use desk::{Desk, job};
use exhibit_acquire::rescue::{Map, MapFile, Status};
use exhibit_acquire::{Care, Checkpoints};
use exhibit_evidence::{ByteRange, MemorySource, Source};
use exhibit_testkit::{Faulty, MemoryStore, pattern};

const MIB: u64 = 1 << 20;

/// Whether both programs are there; demanded where `EXHIBIT_REQUIRE_ORACLES=1`.
fn present() -> bool {
    let there = Command::new("ddrescuelog").arg("--version").output().is_ok();
    let required = std::env::var("EXHIBIT_REQUIRE_ORACLES").is_ok_and(|value| value == "1");
    assert!(there || !required, "ddrescuelog is not installed, and EXHIBIT_REQUIRE_ORACLES=1");
    if !there {
        eprintln!("skipped: ddrescuelog (package gddrescue) is not installed");
    }
    there
}

fn said(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C").output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

/// What fails. Not the last sector: in its test mode ddrescue takes such a disk for a shorter one.
fn bad() -> Vec<ByteRange> {
    let sectors = |first: u64, count: u64| ByteRange::new(first * 512, count * 512);
    vec![sectors(1, 1), sectors(7, 2), sectors(2047, 2), sectors(4096, 900), sectors(9000, 1), sectors(9002, 1)]
}

fn disk() -> Faulty<MemorySource> {
    bad().into_iter().fold(Faulty::new(pattern(6 << 20)), Faulty::bad)
}

/// Numbers of the sectors to which `map` gives one of the statuses `letters`.
fn listed(letters: &str, folder: &Path) -> Vec<u64> {
    let text = said("ddrescuelog", &["-b512", &format!("-l{letters}"), "map"], folder);
    text.lines().map(|line| line.trim().parse().unwrap()).collect()
}

#[test]
fn it_counts_in_our_final_map_what_we_counted() {
    if !present() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for policy in ["linear", "quick"] {
        let mut job = job(Arc::new(disk()), "e01");
        job.policy = policy.to_owned();
        let mut desk = Desk::with(MemoryStore::new());
        desk.run(&job).unwrap();
        std::fs::write(folder.path().join("map"), desk.store.get("disk.map").unwrap()).unwrap();
        let expected = bad().into_iter().flat_map(|range| range.offset / 512..range.end() / 512);
        assert_eq!(listed("-", folder.path()), expected.collect::<Vec<_>>(), "{policy}");
    }
}

#[test]
fn it_goes_on_from_our_map_of_an_unfinished_rescue_and_ends_where_we_end() {
    if !present() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // The disk for ddrescue: its bytes, and a map of what fails there (its test mode).
    let mut medium = vec![0; 6 << 20];
    disk().inner().read_at(0, &mut medium).unwrap();
    std::fs::write(at("disk"), &medium).unwrap();
    let mut truth = Map::new(6 * MIB);
    truth.set(ByteRange::new(0, 6 * MIB), Status::Good);
    bad().into_iter().for_each(|range| truth.set(range, Status::Bad(0)));
    std::fs::write(at("truth"), MapFile::finished(truth.clone()).to_text("test")).unwrap();

    // Ours, cut off after so many reads.
    for reads in [3, 8, 20, 60] {
        let source: Arc<dyn Source> = Arc::new(disk().vanishes_after_reads(reads));
        let mut job = job(source, "raw");
        job.policy = "quick".to_owned();
        job.care = Care { checkpoints: Some(Checkpoints::default()), ..Care::default() };
        let mut desk = Desk::with(MemoryStore::new());
        desk.run(&job).unwrap_err();
        let map = desk.store.get("disk.map.partial").unwrap();
        let ours = MapFile::parse(&map).unwrap();
        assert_eq!(ours.window, Some(ByteRange::new(0, 6 * MIB)), "the first block fails");
        std::fs::write(at("map"), &map).unwrap();
        std::fs::write(at("out"), desk.store.get("disk.rescue.partial").unwrap()).unwrap();
        assert_eq!(listed("+", folder.path()).len() as u64 * 512, ours.map.bytes(Status::Good));

        said("ddrescue", &["-q", "-r1", "--test-mode=truth", "disk", "out", "map"], folder.path());
        let theirs = MapFile::parse(&std::fs::read(at("map")).unwrap()).unwrap();
        assert_eq!(theirs.map, truth, "after {reads} reads of ours");
        let mut expected = medium.clone();
        bad().iter().for_each(|range| expected[range.offset as usize..range.end() as usize].fill(0));
        assert!(std::fs::read(at("out")).unwrap() == expected, "after {reads} reads of ours");
    }
}
