//! Block devices: loop devices over images, protected or not, mounted or not, broken or not.

use std::path::Path;

use serde_json::Value;

use crate::harness::Desk;
use crate::machine::{BrokenDisk, Loop, Mounted, skipped, tool};
use crate::medium::{digest, mixed, noise, sha256};

/// A file with a FAT file system and files on it, as the product's own practice disks have.
fn disk(desk: &Desk) -> Vec<u8> {
    let forged = exhibit_forge::Recipe::empty(7, 8 << 20)
        .plant("png", 200_000, exhibit_forge::State::Deleted, false)
        .plant("pdf", 50_000, exhibit_forge::State::Live, false)
        .forge()
        .unwrap();
    desk.write("disk.img", forged.disk.bytes());
    forged.disk.bytes().to_vec()
}

#[test]
fn a_write_protected_device_is_imaged_without_a_reason() {
    let desk = Desk::new();
    let disk = disk(&desk);
    let Some(device) = Loop::over(&desk.path("disk.img"), true) else { return };
    for format in ["e01", "raw"] {
        let call =
            desk.exhibit(&format!("acquire {} --to {format}/x --hash md5,sha256 --format {format}", device.path));
        let record = call.outcome(0)["acquisition"].clone();
        assert_eq!(record["digests"]["sha256"], sha256(&disk).as_str());
        let source = &record["source"];
        assert_eq!(source["write_block"]["state"], "kernel-read-only", "{source}");
        assert_eq!((source["kind"].as_str(), source["bus"].as_str()), (Some("block-device"), Some("loop")));
        assert_eq!((source["read_only"].as_bool(), source["size_bytes"].as_u64()), (Some(true), Some(8 << 20)));
        assert_eq!(source["logical_sector_bytes"], 512);
        assert!(source["backing_file"].as_str().unwrap().ends_with("disk.img"), "{source}");
        for unknown in ["vendor", "model", "serial"] {
            assert_eq!(source.get(unknown), Some(&Value::Null), "unknown is written, not left out: {source}");
        }
    }
    assert!(desk.read("raw/x.raw") == disk);
    desk.exhibit("export e01/x.E01 --to back").ends(0);
    assert!(desk.read("back") == disk);
    let hashed = desk.exhibit(&format!("hash {}", device.path)).outcome(0);
    assert_eq!(hashed["files"][0]["digests"]["sha256"], sha256(&disk).as_str());
    assert_eq!(desk.exhibit(&format!("info {}", device.path)).outcome(0)["size_bytes"], 8 << 20);
    desk.exhibit(&format!("carve {} --to carved", device.path)).ends(0);
    assert!(desk.read("disk.img") == disk, "the source is as it was");
}

#[test]
fn a_device_that_can_be_written_is_refused_unless_a_reason_is_given_and_recorded() {
    let desk = Desk::new();
    let disk = disk(&desk);
    desk.begin_case();
    let Some(device) = Loop::over(&desk.path("disk.img"), false) else { return };
    let ran = desk.exhibit(&format!("acquire {} --to x", device.path)).ends(5);
    assert!(ran.stderr.contains("write-protected") && ran.stderr.contains("--no-write-block"), "{}", ran.stderr);
    assert_eq!(desk.exhibit(&format!("acquire {} --to x", device.path)).outcome(5)["outcome"], "refused");
    assert!(!desk.has("x.E01") && !desk.has("x.E01.partial"));
    desk.exhibit(&format!("acquire {} --case case --item 001", device.path)).ends(5);
    assert!(!desk.has("case/items"), "a refused source leaves no empty item");
    let call = desk.exhibit(&format!("acquire {} --case case --item 001 --no-write-block", device.path));
    let outcome = call.arg("blocker broke, judge asked").outcome(0);
    let protection = &outcome["acquisition"]["source"]["write_block"];
    assert_eq!(protection["reason"], "blocker broke, judge asked", "{protection}");
    assert_eq!(outcome["acquisition"]["digests"]["sha256"], sha256(&disk).as_str());
    let log = desk.exhibit("custody log --case case").ends(0).out();
    assert!(log.contains("blocker broke, judge asked"), "the log has the reason: {log}");
    desk.exhibit("verify case").ends(0);
    assert!(desk.exhibit("report case").ends(0).out().contains("blocker broke, judge asked"), "and so has the report");
}

#[test]
fn a_device_that_is_mounted_read_write_is_refused_whatever_the_reason() {
    let desk = Desk::new();
    std::fs::File::create(desk.path("ext.img")).unwrap().set_len(16 << 20).unwrap();
    if tool("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), desk.path("ext.img").as_os_str()]).is_none() {
        skipped("mkfs.ext4 is not installed");
        return;
    }
    let Some(device) = Loop::over(&desk.path("ext.img"), false) else { return };
    {
        let Some(mounted) = Mounted::new("ext4", "rw", &device.path, desk.path("mounted")) else { return };
        std::fs::write(mounted.point.join("file"), b"live").unwrap();
        let call = desk.exhibit(&format!("acquire {} --to x --no-write-block", device.path)).arg("no time");
        let ran = call.ends(5);
        assert!(ran.stderr.contains("mounted") && ran.stderr.contains("umount"), "{}", ran.stderr);
        for verb in ["hash", "info", "carve --to c", "export --to y"] {
            desk.exhibit(verb).arg(&device.path).ends_in(&[1, 5]);
        }
        let listed = desk.exhibit("devices").outcome(0);
        let found = listed["devices"].as_array().unwrap().iter().find(|found| found["path"] == device.path.as_str());
        assert!(found.unwrap()["mounted_at"].to_string().contains("mounted"), "{found:?}");
        assert!(!desk.has("x.E01") && !desk.has("y"));
    }
    let Some(_mounted) = Mounted::new("ext4", "ro", &device.path, desk.path("mounted")) else { return };
    let ran = desk.exhibit(&format!("acquire {} --to x --no-write-block", device.path)).arg("no time").ends_in(&[0, 5]);
    assert!(ran.code == Some(0) || ran.stderr.contains("mounted"), "{}", ran.stderr);
}

#[test]
fn devices_lists_the_loop_device_with_what_is_behind_it() {
    let desk = Desk::new();
    disk(&desk);
    let evil = desk.path("evil \u{1b}[31m.img");
    std::fs::copy(desk.path("disk.img"), &evil).unwrap();
    let Some(device) = Loop::over(&evil, true) else { return };
    let outcome = desk.exhibit("devices").outcome(0);
    let found = outcome["devices"].as_array().unwrap().iter().find(|found| found["path"] == device.path.as_str());
    let found = found.unwrap_or_else(|| panic!("{} is not listed: {outcome}", device.path));
    assert_eq!((found["read_only"].as_bool(), found["size_bytes"].as_u64()), (Some(true), Some(8 << 20)), "{found}");
    for member in [
        "bus",
        "vendor",
        "model",
        "serial",
        "logical_sector_bytes",
        "physical_sector_bytes",
        "mounted_at",
        "partitions",
        "backing_file",
    ] {
        assert!(found.get(member).is_some(), "{member} is written even if unknown: {found}");
    }
    let people = desk.exhibit("devices").ends(0).out();
    assert!(people.contains(&device.path) && people.contains("evil") && people.contains("read-only"), "{people}");
}

#[test]
fn bad_sectors_become_gaps_exactly_where_they_are() {
    let desk = Desk::new();
    let mut disk = noise(6 << 20, 5);
    desk.write("disk.img", &disk);
    let bad: [(u64, u64); 4] =
        [(0, 4096), (1_048_576 - 8192, 16_384), (3_000_000 / 4096 * 4096, 4096), ((6 << 20) - 4096, 4096)];
    let Some(broken) = BrokenDisk::new(&desk, &desk.path("disk.img"), &bad) else { return };
    for &(offset, length) in &bad {
        disk[offset as usize..(offset + length) as usize].fill(0);
    }
    desk.begin_case();
    let call = desk.exhibit(&format!("acquire {} --case case --item 001 --retries 1 --hash md5,sha256", broken.path()));
    let outcome = call.outcome(3);
    let record = &outcome["acquisition"];
    let gaps: Vec<(u64, u64)> = record["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| (gap["offset"].as_u64().unwrap(), gap["length"].as_u64().unwrap()))
        .collect();
    assert_eq!(gaps, bad, "{}", record["gaps"]);
    for member in ["cause", "retries", "fill"] {
        assert!(!record["gaps"][0][member].is_null(), "{member}: {}", record["gaps"]);
    }
    assert_eq!(record["digests"]["md5"], digest("md5", &disk).as_str(), "everything else is there, in its place");

    desk.exhibit("verify case/items/001/001.E01").ends(0);
    desk.exhibit("verify case").ends(0);
    let exported = desk.exhibit("export case/items/001/001.E01 --to back").outcome(3);
    assert!(desk.read("back") == disk);
    assert_eq!(exported["gaps"].as_array().unwrap().len(), bad.len(), "{exported}");
    assert_eq!(desk.exhibit("export case/items/001/001.E01 --to part --range 65536:65536").ends(0).code, Some(0));
    let info = desk.exhibit("info case/items/001/001.E01").ends(0).out();
    assert!(info.contains("Unread"), "{info}");
    desk.exhibit("carve case/items/001/001.E01 --to carved").ends(3);
    desk.exhibit("package case --to p.zip").ends(0);
    desk.exhibit("verify p.zip").ends(0);
    let report = desk.exhibit("report case").ends(0).out();
    assert!(report.contains("1\u{202f}040\u{202f}384"), "the report names the gaps");

    let call = desk.exhibit(&format!("acquire {} --to raw/x --format raw --retries 0", broken.path()));
    assert_eq!(call.outcome(3)["acquisition"]["gaps"].as_array().unwrap().len(), bad.len());
    desk.exhibit("verify raw/x.raw").ends(0);
    desk.exhibit("export raw/x.raw --to back2").ends(3);
    desk.exhibit("carve raw/x.raw --to carved2").ends(3);
    let ran = desk.exhibit(&format!("hash {}", broken.path())).ends(1);
    assert!(ran.out().is_empty(), "no digest of less than all: {}", ran.out());

    let e01 = desk.path("case/items/001/001.E01");
    if let Some(said) = exhibit_tests::foreign::run("ewfinfo", &[&e01]) {
        assert!(
            said.text.contains("Read errors during acquiry") || said.text.contains("total number: 4"),
            "{}",
            said.text
        );
    }
    if let Some(said) = exhibit_tests::foreign::run("ewfverify", &["-q".as_ref(), &e01]) {
        assert!(said.success, "{}", said.text);
    }
}

#[test]
fn a_single_bad_sector_does_not_cost_more_than_its_page() {
    let desk = Desk::new();
    let disk = mixed(2 << 20, 5);
    desk.write("disk.img", &disk);
    let Some(broken) = BrokenDisk::new(&desk, &desk.path("disk.img"), &[(1_000_448, 512)]) else { return };
    let outcome = desk.exhibit(&format!("acquire {} --to x --format raw", broken.path())).outcome(3);
    let gap = &outcome["acquisition"]["gaps"][0];
    let (offset, length) = (gap["offset"].as_u64().unwrap(), gap["length"].as_u64().unwrap());
    assert!(offset <= 1_000_448 && offset + length >= 1_000_960 && length <= 4096, "{gap}");
    let image = desk.read("x.raw");
    assert!(image[..offset as usize] == disk[..offset as usize]);
    assert!(image[(offset + length) as usize..] == disk[(offset + length) as usize..]);
}

#[test]
fn a_device_that_is_not_there_is_an_error() {
    let desk = Desk::new();
    let gone = "/dev/exhibit-no-such-device";
    assert!(!Path::new(gone).exists());
    desk.exhibit(&format!("acquire {gone} --to x")).ends(1);
    let free = (0..64)
        .map(|number| format!("/dev/loop{number}"))
        .find(|path| Path::new(path).exists() && tool("losetup", &[path.as_ref()]).is_none());
    let Some(free) = free else { return };
    let call = desk.exhibit(&format!("acquire {free} --to y --no-write-block")).arg("nothing in it");
    // Another test may have put something behind it meanwhile.
    let ran = call.ends_in(&[0, 1]);
    assert!(
        ran.code == Some(1) || !ran.out().contains("all 0 bytes"),
        "a device without a medium: {}",
        ran.everything()
    );
}
