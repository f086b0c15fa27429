//! Real block devices that fail: nbdkit fails chosen sectors, nbdfuse makes a file of it, a loop device past the page cache
//! makes a disk of that whose single bad sector is a single bad sector. Needs root, nbdkit, nbdfuse and loop devices; skipped
//! visibly where they are not.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Desk, finish};
use crate::machine::{map_of, skipped, tool};
use crate::medium::{mixed, sha256};

/// A disk that fails as it is told to.
struct FaultyDisk {
    device: Option<String>,
    mount: PathBuf,
    file: PathBuf,
    server: Option<Child>,
    client: Option<Child>,
}

impl FaultyDisk {
    /// The bytes of `image`, of which the ranges `bad` (offset, length) fail and each read takes `delay_ms` longer; `None`,
    /// after saying so, where the machine cannot do it.
    fn new(desk: &Desk, image: &Path, bad: &[(u64, u64)], delay_ms: u32) -> Option<Self> {
        let size = image.metadata().unwrap().len();
        let map = desk.write("bad.map", map_of(size, bad).as_bytes());
        let socket = desk.path("nbd.socket");
        let mount = desk.path("nbd");
        std::fs::create_dir(&mount).unwrap();
        let file = mount.join("disk");
        let mut disk = Self { device: None, mount, file: file.clone(), server: None, client: None };
        let mut server = Command::new("nbdkit");
        server.args(["-f", "-r", "--filter=delay", "--filter=ddrescue", "-U"]).arg(&socket).arg("file").arg(image);
        let mut option = OsString::from("ddrescue-mapfile=");
        option.push(&map);
        server.arg(option).arg(format!("rdelay={delay_ms}ms"));
        disk.server = quietly(server);
        if !soon(|| socket.exists()) {
            skipped("nbdkit with its ddrescue filter does not work here");
            return None;
        }
        let mut client = Command::new("nbdfuse");
        client.arg("-r").arg(&file).arg("--unix").arg(&socket);
        disk.client = quietly(client);
        if !soon(|| file.metadata().is_ok_and(|metadata| metadata.len() == size)) {
            skipped("nbdfuse does not work here");
            return None;
        }
        Some(disk)
    }

    /// The same as a block device; `None`, after saying so, where there are no loop devices that read directly.
    fn device(&mut self) -> Option<String> {
        let words = ["--find", "--show", "--read-only", "--direct-io=on"].map(AsRef::as_ref);
        let made = (0..5).find_map(|_| tool("losetup", &[&words[..], &[self.file.as_os_str()]].concat()));
        if made.is_none() {
            skipped("loop devices with direct reading cannot be made here (they need root)");
        }
        self.device.clone_from(&made);
        made
    }

    /// Takes the disk away: from now on nothing of it can be read.
    fn vanish(&mut self) {
        for child in [&mut self.client, &mut self.server].into_iter().flatten() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for FaultyDisk {
    fn drop(&mut self) {
        if let Some(device) = &self.device {
            let _ = tool("losetup", &["-d".as_ref(), device.as_ref()]);
        }
        let _ = tool("fusermount3", &["-u".as_ref(), self.mount.as_os_str()])
            .or_else(|| tool("umount", &["-l".as_ref(), self.mount.as_os_str()]));
        for child in [&mut self.client, &mut self.server].into_iter().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn quietly(mut command: Command) -> Option<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

fn soon(so: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while !so() {
        if started.elapsed() > Duration::from_secs(10) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

const SECTOR: u64 = 512;

/// First and last sector, neighbours of page borders, a pair, a run across 64 KiB, the border of a MiB.
fn bad_places(size: u64) -> Vec<(u64, u64)> {
    let sectors = [(0, 1), (7, 1), (9, 1), (15, 2), (100, 60), (2047, 1), (2049, 1), (4096, 8), (size / SECTOR - 1, 1)];
    sectors.iter().map(|(first, count)| (first * SECTOR, count * SECTOR)).collect()
}

#[test]
fn exactly_the_bad_sectors_of_a_block_device_are_gaps() {
    let desk = Desk::new();
    let size = 4 << 20;
    let mut medium = mixed(size, 21);
    desk.write("disk.img", &medium);
    let bad = bad_places(size as u64);
    let Some(mut disk) = FaultyDisk::new(&desk, &desk.path("disk.img"), &bad, 0) else { return };
    let Some(device) = disk.device() else { return };
    for &(offset, length) in &bad {
        medium[offset as usize..(offset + length) as usize].fill(0);
    }
    for (format, policy) in exhibit_acquire::POLICIES.iter().flat_map(|policy| [("raw", policy.id), ("e01", policy.id)])
    {
        let words = format!(
            "acquire {device} --to {format}-{policy}/x --format {format} --errors {policy} --retries 1 --hash sha256"
        );
        let record = desk.exhibit(&words).outcome(3)["acquisition"].clone();
        let gaps: Vec<(u64, u64)> = record["gaps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|gap| (gap["offset"].as_u64().unwrap(), gap["length"].as_u64().unwrap()))
            .collect();
        assert_eq!(gaps, bad, "{format} {policy}");
        assert_eq!(
            record["digests"]["sha256"],
            sha256(&medium).as_str(),
            "{format} {policy}: all else is in its place"
        );
        let first = format!("{format}-{policy}/x.{}", if format == "raw" { "raw" } else { "E01" });
        desk.exhibit(&format!("verify {first}")).ends(0);
        let exported = desk.exhibit(&format!("export {first} --to {format}-{policy}/back")).outcome(3);
        assert_eq!(exported["gaps"].as_array().unwrap().len(), bad.len(), "{exported}");
        assert!(desk.read(format!("{format}-{policy}/back")) == medium);
    }
}

#[test]
fn the_summary_of_a_device_with_a_bad_first_sector_says_what_it_does_not_know() {
    let desk = Desk::new();
    desk.write("disk.img", &mixed(1 << 20, 8));
    let Some(mut disk) = FaultyDisk::new(&desk, &desk.path("disk.img"), &[(0, 4096)], 0) else { return };
    let Some(device) = disk.device() else { return };
    let outcome = desk.exhibit("devices").outcome(0);
    let found = outcome["devices"].as_array().unwrap().iter().find(|found| found["path"] == device.as_str());
    let layout = &found.unwrap()["layout"];
    assert_eq!(layout["volumes"][0]["unrecognised"], "unread", "{layout}");
    let people = desk.exhibit("devices").ends(0).out();
    assert!(people.contains("could NOT be read"), "{people}");
}

/// How much longer each read takes where the disk is to vanish in the middle: the whole then takes some seconds.
const DELAY_MS: u32 = 100;

/// Waits until the work has begun, and a little longer.
fn has_begun(desk: &Desk) -> bool {
    let begun = soon(|| desk.list("out").iter().any(|name| name.ends_with(".partial")));
    std::thread::sleep(Duration::from_millis(300));
    begun
}

#[test]
fn a_file_that_vanishes_in_the_middle_ends_the_work_and_leaves_it_unfinished() {
    for format in ["raw", "e01"] {
        let desk = Desk::new();
        desk.write("disk.img", &crate::medium::noise(32 << 20, 5));
        let Some(mut disk) = FaultyDisk::new(&desk, &desk.path("disk.img"), &[], DELAY_MS) else { return };
        let words = format!("acquire nbd/disk --to out/x --format {format} --hash sha256 --errors linear --json");
        let child = desk.exhibit(&words).start();
        assert!(has_begun(&desk), "{:?}", desk.list("out"));
        disk.vanish();
        let ran = finish(child, words);
        assert_eq!(ran.code, Some(1), "{}", ran.everything());
        assert_eq!(ran.outcome()["exit_code"], 1);
        let names = desk.list("out");
        assert!(names.iter().any(|name| name.ends_with(".partial")), "{names:?}");
        for finished in ["x.raw", "x.E01", "x.acquisition.json"] {
            assert!(!names.iter().any(|name| name == finished), "{names:?}");
        }
    }
}

#[test]
fn a_block_device_that_vanishes_in_the_middle_never_makes_a_complete_image() {
    let desk = Desk::new();
    let medium = crate::medium::noise(36 << 20, 6);
    desk.write("disk.img", &medium);
    let Some(mut disk) = FaultyDisk::new(&desk, &desk.path("disk.img"), &[], DELAY_MS) else { return };
    let Some(device) = disk.device() else { return };
    let words = format!("acquire {device} --to out/x --format raw --hash sha256 --errors linear --retries 0 --json");
    let child = desk.exhibit(&words).start();
    assert!(has_begun(&desk), "{:?}", desk.list("out"));
    disk.vanish();
    let ran = finish(child, words);
    // A loop device whose file is gone stays there and fails every read, as a dead disk behind a live bridge does: the rest
    // is gaps (3), or the work is given up (1). It is never done (0). What the kernel had read ahead may still come.
    match ran.code {
        Some(3) => {
            let gaps = ran.outcome()["acquisition"]["gaps"].clone();
            let mut image = desk.read("out/x.raw");
            let mut unread = 0;
            for gap in gaps.as_array().unwrap() {
                let (offset, length) =
                    (gap["offset"].as_u64().unwrap() as usize, gap["length"].as_u64().unwrap() as usize);
                assert!(image[offset..offset + length].iter().all(|byte| *byte == 0));
                image[offset..offset + length].copy_from_slice(&medium[offset..offset + length]);
                unread += length;
            }
            assert!(unread > 1 << 20, "{gaps}");
            assert!(image == medium, "what is not a gap is what the disk had");
        }
        Some(1) => assert!(desk.list("out").iter().any(|name| name.ends_with(".partial")), "{:?}", desk.list("out")),
        other => panic!("{other:?}\n{}", ran.everything()),
    }
}
