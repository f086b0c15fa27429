//! Every fuzz target on the stable compiler: over its seeds, every truncation of them, flipped bytes, and every input
//! that once crashed it (`fuzz/artifacts/<target>/`).
#![allow(
    unreachable_pub,
    unused_crate_dependencies,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the fuzz targets are included as they are, and tests read files and stop where they cannot go on"
)]

#[path = "../../fuzz/src/parsers.rs"]
mod parsers;
#[path = "../../fuzz/src/seeds.rs"]
mod seeds;

use std::sync::atomic::{AtomicUsize, Ordering};

use exhibit_evidence::MemorySource;
use exhibit_tests::places::{files_below, project, text};
use parsers::TARGETS;
use seeds::seeds;

/// Runs `each` over all targets on two threads.
fn on_every_target(each: impl Fn(&'static str, fn(&[u8])) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, run)) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    each(name, *run);
                }
            });
        }
    });
}

/// Numbers below `length`: all of them, or about `most` evenly spread.
fn spread(length: usize, most: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(length.div_ceil(most).max(1))
}

#[test]
fn every_target_has_its_file_its_manifest_entry_and_its_seeds() {
    let manifest = text("fuzz/Cargo.toml");
    let files = files_below(&project().join("fuzz/fuzz_targets"), ".rs");
    assert_eq!(files.len(), TARGETS.len(), "{files:?}");
    for (name, _) in TARGETS {
        assert!(files.iter().any(|file| file.to_string_lossy() == format!("{name}.rs")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
        let seeds = seeds(name);
        assert!(!seeds.is_empty() && seeds.iter().all(|(_, bytes)| !bytes.is_empty()), "{name} has no seeds");
    }
    // Judges of the carver without a target of their own run together.
    assert!(TARGETS.iter().any(|(name, _)| *name == "carve_more"));
}

#[test]
fn the_seeds_of_the_journal_and_the_log_are_taken_for_what_they_are() {
    let places = exhibit_acquire::sealed_places(&MemorySource::new(seeds("journal")[0].1.clone()));
    assert_eq!(places, Some(vec![1 << 20, 2 << 20, 5 << 20]));
    let (log, disk) = (&seeds("vhdx_log")[0].1, seeds::disk_left_open());
    let with_log = exhibit_testkit::virtual_disks::vhdx_with_log(&disk, log);
    assert!(with_log == disk, "a right log is put there as it is");
}

#[test]
fn every_kept_artifact_is_survived() {
    let folder = project().join("fuzz/artifacts");
    let mut replayed = 0;
    for (name, run) in TARGETS {
        for file in files_below(&folder.join(name), "").into_iter().filter(|file| !file.ends_with(".gitkeep")) {
            let bytes = std::fs::read(folder.join(name).join(&file)).unwrap();
            println!("{name}: {} ({} bytes)", file.display(), bytes.len());
            run(&bytes);
            replayed += 1;
        }
    }
    let known = files_below(&folder, "").into_iter().filter(|file| file.extension().is_none_or(|e| e != "md"));
    assert_eq!(replayed, known.count(), "an artifact lies in a folder that is no target's");
}

#[test]
fn seeds_and_their_truncations_are_survived() {
    on_every_target(|name, run| {
        for (seed, bytes) in seeds(name) {
            run(&bytes);
            for length in spread(bytes.len(), 400) {
                run(&bytes[..length]);
            }
            println!("{name}: {seed} ({} bytes)", bytes.len());
        }
    });
}

#[test]
fn flipped_bytes_of_seeds_are_survived() {
    on_every_target(|name, run| {
        for (_, bytes) in seeds(name) {
            for (number, place) in spread(bytes.len(), 400).enumerate() {
                let mut changed = bytes.clone();
                changed[place] ^= [0x01, 0x80, 0xff, 0x20][number % 4];
                run(&changed);
            }
        }
    });
}
