//! The disk must be a disk in the eyes of dosfstools and The Sleuth Kit. What is not installed is skipped, visibly.

#![expect(clippy::disallowed_methods, reason = "the other programs read files and are started as processes")]
#![expect(clippy::unwrap_used, reason = "a test that meets something unexpected should stop there")]
#![expect(clippy::disallowed_macros, reason = "a skipped check must be seen")]

use std::collections::BTreeSet;
use std::process::Command;

use exhibit_forge::{FatWidth, Forged, Layout, Recipe, State, practice_disk};

fn disks() -> Vec<Forged> {
    let wide = Recipe { size_bytes: 40 << 20, fat: Some(FatWidth::Fat32), ..Recipe::small(3) };
    vec![Recipe::small(6).forge().unwrap(), practice_disk(7), wide.forge().unwrap()]
}

/// What a program prints, which must succeed and say nothing else; `None` if it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let Ok(done) = Command::new(program).args(arguments).output() else {
        println!("skipped: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && complaints.is_empty(), "{program}: {text}{complaints}");
    Some(text)
}

#[test]
fn dosfstools_finds_nothing_to_repair() {
    for forged in disks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("partition");
        let start = usize::try_from(forged.truth.file_system.offset).unwrap();
        std::fs::write(&path, &forged.disk.bytes()[start..]).unwrap();
        let Some(text) = run("fsck.vfat", &["-n", path.to_str().unwrap()]) else { return };
        // A banner and one line with the counts; every complaint would be a further line.
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}

#[test]
fn the_sleuth_kit_lists_the_partition_and_every_file_that_has_a_name() {
    for forged in disks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk.dd");
        std::fs::write(&path, forged.disk.bytes()).unwrap();
        let path = path.to_str().unwrap();
        let Some(partitions) = run("mmls", &[path]) else { return };
        assert!(
            partitions.contains("0000002048") && partitions.contains(&forged.truth.file_system.kind),
            "{partitions}"
        );
        let Some(listing) = run("fls", &["-r", "-p", "-u", "-F", "-o", "2048", path]) else { return };
        let allocated: BTreeSet<&str> = names(&listing, "r/r ");
        let Some(listing) = run("fls", &["-r", "-p", "-d", "-F", "-o", "2048", path]) else { return };
        let deleted: BTreeSet<&str> = names(&listing, "r/r * ");
        for (state, listed) in [(State::Live, allocated), (State::Deleted, deleted)] {
            let files =
                forged.truth.objects.iter().filter(|object| object.state == state && object.layout != Layout::Bait);
            let expected: BTreeSet<&str> =
                files.filter_map(|object| object.name.as_deref()).map(|name| &name[1..]).collect();
            assert_eq!(listed, expected);
        }
    }
}

/// The names of regular files in a listing: `r/r * 783:<tab>Documents/file`. Volume label and tables are left out.
fn names<'a>(listing: &'a str, kind: &str) -> BTreeSet<&'a str> {
    let lines = listing.lines().filter(|line| line.starts_with(kind) && !line.contains("Volume Label"));
    lines.filter_map(|line| line.split_once(":\t")).map(|(_, name)| name).collect()
}
