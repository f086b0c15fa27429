//! Real partition tables and file systems that nobody here made, against what blkid, sfdisk and mmls say of them.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use exhibit_evidence::MemorySource;
use exhibit_evidence::layout::{EncryptionState, Layout};
use exhibit_filesystem::layout;

fn testdata() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata");
    std::env::var_os("EXHIBIT_TESTDATA").map_or_else(beside, PathBuf::from)
}

fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr().lock(), "skipped: {why}");
}

/// What a shell line prints, run in the folder of the test data; `None`, after saying so, where that does not work.
fn unpacked(line: &str) -> Option<Vec<u8>> {
    let output = Command::new("sh").args(["-c", line]).current_dir(testdata()).output();
    let bytes = output.ok().filter(|output| output.status.success() && !output.stdout.is_empty());
    if bytes.is_none() {
        skipped(&format!("`{line}` does not work here (EXHIBIT_TESTDATA)"));
    }
    bytes.map(|output| output.stdout)
}

fn summary(bytes: Vec<u8>) -> Layout {
    layout(&MemorySource::new(bytes), None)
}

fn kinds(layout: &Layout) -> Vec<&str> {
    layout.volumes.iter().flat_map(|volume| &volume.contents).map(|contents| contents.kind.as_str()).collect()
}

#[test]
fn file_systems_are_named_as_blkid_names_them() {
    // Line to unpack, kind, identifier by blkid (`expected/blkid.tsv`).
    let known = [
        ("zstd -dc fs/ntfs/colinfinck-testfs1.zst", "ntfs", Some("6F462FC17DF91EB8")),
        ("gzip -dc fs/ntfs/dissect-ntfs.bin.gz", "ntfs", Some("9C60667F60665FCE")),
        ("unzip -p fs/fat/dftt-6-undel-fat.zip '*.dd'", "fat16", Some("C0FE-CD11")),
        ("unzip -p fs/fat/dftt-2-kwsrch-fat.zip '*.dd'", "fat16", Some("3F44-1E25")),
        ("gzip -dc fs/fat/dissect-fat12.bin.gz", "fat12", Some("E038-BB7C")),
        ("gzip -dc fs/fat/rust-fatfs-fat16.img.gz", "fat16", Some("1234-5678")),
        ("gzip -dc fs/fat/msuhanov-fat_lfn_test.raw.gz", "fat32", Some("F681-3013")),
        ("gzip -dc fs/fat/msuhanov-fat_deleted_dir_2.raw.gz", "fat16", Some("9002-EA81")),
        ("gzip -dc fs/exfat/msuhanov-win_exfat_7.raw.gz", "exfat", Some("9478-89E1")),
        ("zstd -dc fs/exfat/dsoprea-test.exfat.zst", "exfat", Some("3D51-A058")),
        ("gzip -dc fs/ext/dissect-ext4.bin.gz", "ext4", Some("ab98e08e-e2da-4bc9-bfc6-1ac5eafb1001")),
        ("gzip -dc fs/ext/lde-test.ext2.gz", "ext2", None),
        ("zstd -dc fs/ext/ext4-view-test_disk1.bin.zst", "ext4", Some("b71b0990-3859-457c-8160-36deac864c27")),
        ("gzip -dc fs/ext/e2fsprogs-f_extents.img.gz", "ext3", Some("53e61395-9651-44c9-affc-c1c13e64cdfc")),
        ("zstd -dc fs/hfsplus/dfvfs-hfsplus.raw.zst", "hfsplus", None),
        ("zstd -dc fs/apfs/dfvfs-apfs.raw.zst", "apfs", Some("d08a9fa0-d5a5-458b-813e-ebf9bf5d5338")),
        ("gzip -dc fs/apfs/dissect-case_insensitive.bin.gz", "apfs", Some("19d91ce9-a875-491d-8d65-e331d9de9f7e")),
        ("gzip -dc fs/xfs/dissect-xfs.bin.gz", "xfs", Some("3fb8342e-e144-4f0c-8bd7-725e78966200")),
        ("unzip -p fs/iso9660/dftt-14-iso9660-1.zip '*iso-dirtree1*'", "iso9660", None),
    ];
    for (line, kind, uuid) in known {
        let Some(bytes) = unpacked(line) else { continue };
        let layout = summary(bytes);
        assert_eq!(kinds(&layout), [kind], "{line}: {layout:?}");
        assert_eq!(layout.table, None, "{line}: a boot sector is no partition table");
        let contents = &layout.volumes[0].contents[0];
        if uuid.is_some() {
            assert_eq!(contents.uuid.as_deref(), uuid, "{line}");
        }
        // One of them has fscrypt enabled, by its own superblock.
        let encrypted = contents.encryption.as_ref().map(|seen| seen.state);
        assert_eq!(encrypted, line.contains("ext4-view").then_some(EncryptionState::Partly), "{line}");
    }
}

#[test]
fn labels_are_read_where_the_first_sectors_have_them() {
    let known = [
        ("gzip -dc fs/fat/dissect-fat12.bin.gz", "VOLLAB1"),
        ("gzip -dc fs/fat/rust-fatfs-fat16.img.gz", "Test!"),
        ("zstd -dc fs/ext/ext4-view-test_disk1.bin.zst", "ext4-view testfs"),
    ];
    for (line, label) in known {
        let Some(bytes) = unpacked(line) else { continue };
        assert_eq!(summary(bytes).volumes[0].contents[0].label.as_deref(), Some(label), "{line}");
    }
}

/// Line to unpack, kind of table, first sector and number of sectors of each partition.
type Partitioned = (&'static str, &'static str, &'static [(u64, u64)]);

#[test]
fn partitions_lie_where_sfdisk_and_mmls_see_them() {
    // First sector and number of sectors, without the extended containers (`expected/partitions.txt`).
    let known: [Partitioned; 7] = [
        (
            "unzip -p part/dftt-1-extend-part.zip '*.dd'",
            "mbr",
            &[
                (63, 52_353),
                (52_416, 52_416),
                (104_832, 52_416),
                (157_311, 52_353),
                (209_727, 52_353),
                (262_143, 50_337),
            ],
        ),
        (
            "xz -dc part/forensics-samples-fs.multiple.xz",
            "mbr",
            &[(2048, 225_280), (227_328, 81_920), (309_248, 81_920), (391_168, 120_832)],
        ),
        ("gzip -dc part/dissect-mbr.bin.gz", "mbr", &[(2048, 1_024_000), (1_026_048, 124_801_024)]),
        ("gzip -dc part/msuhanov-gpt-512-3p.raw.gz", "gpt", &[(34, 31), (65, 64), (129, 1886)]),
        (
            "tar -xOf part/msuhanov-mbr-win-512.raw.tgz",
            "mbr",
            &[
                (128, 16_384),
                (16_512, 16_384),
                (32_896, 16_384),
                (49_408, 16_384),
                (65_920, 16_384),
                (82_432, 16_384),
                (98_944, 417_792),
            ],
        ),
        ("gzip -dc part/msuhanov-mbr-512-p1e2.bin.gz", "mbr", &[(1025, 1023), (2, 511), (514, 511)]),
        ("zstd -dc part/plaso-tsk_volume_system.raw.zst", "mbr", &[(1, 350), (352, 2528)]),
    ];
    for (line, table, partitions) in known {
        let Some(bytes) = unpacked(line) else { continue };
        let layout = summary(bytes);
        assert_eq!(layout.table.as_deref(), Some(table), "{line}: {layout:?}");
        let found: Vec<(u64, u64)> = layout
            .volumes
            .iter()
            .filter(|volume| volume.number > 0)
            .map(|volume| (volume.offset_bytes / 512, volume.size_bytes / 512))
            .collect();
        assert_eq!(found, partitions, "{line}");
    }
}

#[test]
fn the_file_systems_in_partitions_are_named() {
    let Some(bytes) = unpacked("xz -dc part/forensics-samples-fs.multiple.xz") else { return };
    let layout = summary(bytes);
    assert_eq!(kinds(&layout), ["btrfs", "ext4", "exfat", "ntfs"], "{layout:?}");
    assert_eq!(layout.volumes[3].contents[0].uuid.as_deref(), Some("2519B8F401397CEC"));
    assert_eq!(layout.remarks, Vec::<String>::new());
}

/// The corpus of util-linux: tiny images of many kinds, with blkid's own answers beside them.
#[test]
fn the_corpus_of_blkid_is_named_as_expected_and_nothing_else_is_claimed() {
    let Some(list) = unpacked("tar -tzf part/util-linux-blkid-corpus.tar.gz") else { return };
    let list = String::from_utf8(list).unwrap();
    let mut compared = 0;
    for image in list.lines().filter(|name| name.starts_with("images-fs/")) {
        let stem = image.trim_start_matches("images-fs/").trim_end_matches(".img.xz");
        let pick = |name: &str| format!("tar -xzOf part/util-linux-blkid-corpus.tar.gz {name}");
        if !list.lines().any(|name| name == format!("expected/low-probe-{stem}")) {
            continue;
        }
        let expected = unpacked(&pick(&format!("expected/low-probe-{stem}"))).unwrap();
        let expected = String::from_utf8_lossy(&expected).into_owned();
        let value = |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        let Some(bytes) = unpacked(&format!("{} | xz -dc", pick(image))) else { return };
        let layout = summary(bytes);
        let found = kinds(&layout);
        let wanted: &[&str] = match value("ID_FS_TYPE=") {
            "vfat" => &["fat12", "fat16", "fat32"],
            "crypto_LUKS" => &["luks1", "luks2"],
            "linux_raid_member" => &["md-raid"],
            "VMFS" => &["vmfs"],
            known @ ("bcache" | "cramfs" | "exfat" | "ext3" | "hfsplus" | "iso9660" | "jfs" | "ntfs" | "reiserfs"
            | "romfs" | "swap" | "ubi" | "udf" | "xfs") => &[known],
            // Kinds that are not known here: nothing may be claimed of them.
            _ => &[],
        };
        let ok = if wanted.is_empty() { found.is_empty() } else { found.iter().any(|kind| wanted.contains(kind)) };
        assert!(ok, "{stem}: expected one of {wanted:?}, found {found:?}");
        compared += 1;
        let encrypted = layout.encrypted().count();
        assert_eq!(encrypted, usize::from(value("ID_FS_USAGE=") == "crypto"), "{stem}");
        let ours = layout.volumes[0].contents.first().and_then(|contents| contents.uuid.clone());
        if let (Some(ours), uuid) = (ours, value("ID_FS_UUID="))
            && !uuid.is_empty()
            && !["linux_raid_member", "bcache"].contains(&value("ID_FS_TYPE="))
        {
            assert_eq!(ours, uuid, "{stem}");
        }
    }
    assert!(compared > 45, "only {compared} images were compared");
}

#[test]
fn the_luks_header_of_the_corpus_tells_its_label() {
    let line = "tar -xzOf part/util-linux-blkid-corpus.tar.gz images-fs/luks2.img.xz | xz -dc";
    let Some(bytes) = unpacked(line) else { return };
    let layout = summary(bytes);
    let (volume, contents, seen) = layout.encrypted().next().unwrap();
    assert_eq!((volume.offset_bytes, contents.label.as_deref()), (0, Some("tst_label")));
    assert!(seen.detail.starts_with("LUKS2"), "{seen:?}");
}
