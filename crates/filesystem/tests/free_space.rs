//! Free space of real file systems, against what `blkls` of The Sleuth Kit takes out of them.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use exhibit_evidence::{Cancel, MemorySource};
use exhibit_filesystem::{FreeSpace, free_space};

fn testdata() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata");
    std::env::var_os("EXHIBIT_TESTDATA").map_or_else(beside, PathBuf::from)
}

/// What a shell line prints, run in the folder of the test data; `None`, after saying so, where that does not work.
fn printed(line: &str) -> Option<Vec<u8>> {
    let output = Command::new("sh").args(["-c", line]).current_dir(testdata()).output();
    let bytes = output.ok().filter(|output| output.status.success() && !output.stdout.is_empty());
    if bytes.is_none() {
        let required = std::env::var_os("EXHIBIT_REQUIRE_ORACLES").is_some() && testdata().is_dir();
        assert!(!required, "`{line}` does not work here");
        let _ = writeln!(std::io::stderr().lock(), "skipped: `{line}` does not work here (EXHIBIT_TESTDATA)");
    }
    bytes.map(|output| output.stdout)
}

fn free(bytes: &[u8]) -> FreeSpace {
    let free = free_space(&MemorySource::new(bytes.to_vec()), None, &Cancel::new());
    assert!(free.is_some(), "nobody interrupted it");
    free.unwrap_or_else(|| FreeSpace { ranges: Vec::new(), volumes: Vec::new() })
}

#[test]
fn free_clusters_are_those_that_the_sleuth_kit_finds() {
    // How to unpack each, and how many bytes before its first and behind its last cluster are free here and not shown by `blkls`:
    // the boot block of ext, the copy of the boot sector of NTFS, a medium larger than the volume.
    let images = [
        ("zstd -qdc fs/ntfs/colinfinck-testfs1.zst", (0, 512)),
        ("gzip -dc fs/ntfs/dissect-ntfs.bin.gz", (0, 3_084_800)),
        ("unzip -p fs/ntfs/dftt-7-undel-ntfs.zip '*.dd'", (0, 0)),
        ("unzip -p fs/fat/dftt-2-kwsrch-fat.zip '*.dd'", (0, 0)),
        ("gzip -dc fs/fat/dissect-fat12.bin.gz", (0, 0)),
        ("gzip -dc fs/fat/msuhanov-fat_lfn_test.raw.gz", (0, 0)),
        ("gzip -dc fs/exfat/msuhanov-win_exfat_7.raw.gz", (0, 0)),
        ("zstd -qdc fs/exfat/dsoprea-test.exfat.zst", (0, 0)),
        ("gzip -dc fs/ext/dissect-ext4.bin.gz", (1024, 0)),
        ("zstd -qdc fs/ext/ext4-view-test_disk1.bin.zst", (1024, 0)),
        ("gzip -dc fs/ext/e2fsprogs-f_extents.img.gz", (1024, 0)),
    ];
    let mut wrong = Vec::new();
    for (line, (before, behind)) in images {
        let Some(bytes) = printed(line) else { continue };
        let Some(expected) = printed(&format!("f=$(mktemp) && {line} >$f && blkls $f; s=$?; rm -f $f; exit $s")) else {
            continue;
        };
        let free = free(&bytes);
        assert!(free.is_understood(), "{line}: {:?}", free.volumes);
        let ours: Vec<u8> =
            free.ranges.iter().flat_map(|range| &bytes[range.offset as usize..range.end() as usize]).copied().collect();
        let clusters = ours.get(before..ours.len().saturating_sub(behind)).unwrap_or_default();
        if clusters != expected {
            wrong.push(format!("{line}: {} bytes, not {}; {:?}", ours.len(), expected.len(), free.ranges));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn damage_makes_the_free_space_larger_and_never_ends_the_program() {
    for line in [
        "zstd -qdc fs/ntfs/colinfinck-testfs1.zst",
        "gzip -dc fs/fat/dissect-fat12.bin.gz",
        "zstd -qdc fs/exfat/dsoprea-test.exfat.zst",
        "gzip -dc fs/ext/dissect-ext4.bin.gz",
    ] {
        let Some(bytes) = printed(line) else { continue };
        for length in [0, 511, 512, 1024, 1536, 2048, 40_000, bytes.len() / 2] {
            free(&bytes[..length.min(bytes.len())]);
        }
        // Every byte of the first structures, turned to its largest and smallest values.
        for at in (0..128).chain(1024..1400).filter(|at| *at < bytes.len()) {
            for value in [0, 0xff] {
                let mut other = bytes.clone();
                other[at] = value;
                assert!(free(&other).bytes() <= bytes.len() as u64, "{line}: byte {at} set to {value}");
            }
        }
    }
}
