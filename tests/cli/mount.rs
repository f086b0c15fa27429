//! `exhibit mount`: an image as one raw file, with other programs reading it.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Desk, Ran, finish};
use crate::machine::{Loop, skipped, tool};
use crate::medium::{Random, digest, mixed, sha256};

/// A mounted image and the process behind it.
struct MountedImage {
    child: Option<Child>,
    folder: PathBuf,
}

impl MountedImage {
    /// Mounts `evidence` on a new folder `name` of the desk; `None`, after saying so, where FUSE does not work.
    fn new(desk: &Desk, evidence: &str, name: &str, more: &str) -> Option<Self> {
        let folder = desk.path(name);
        std::fs::create_dir(&folder).unwrap();
        if !Path::new("/dev/fuse").exists() {
            skipped("there is no /dev/fuse here");
            return None;
        }
        let child = desk.exhibit(&format!("mount {evidence} {name} {more} --json")).start();
        let mut mounted = Self { child: Some(child), folder };
        let started = Instant::now();
        while mounted.files().is_empty() {
            let child = mounted.child.as_mut().unwrap();
            if child.try_wait().unwrap().is_some() || started.elapsed() > Duration::from_secs(20) {
                let ran = finish(mounted.child.take().unwrap(), "mount".to_owned());
                assert!(ran.stderr.contains("/dev/fuse"), "{}", ran.everything());
                skipped("FUSE file systems cannot be mounted here");
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(mounted)
    }

    fn files(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    /// The one file.
    fn path(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        self.folder.join(&files[0])
    }

    /// Unmounts it from outside and gives how the command ended.
    fn unmount(mut self) -> Ran {
        let folder = self.folder.as_os_str();
        let done = tool("umount", &[folder]).or_else(|| tool("fusermount3", &["-u".as_ref(), folder]));
        assert!(done.is_some(), "{} cannot be unmounted", self.folder.display());
        finish(self.child.take().unwrap(), "mount".to_owned())
    }

    /// Sends a signal and gives how the command ended.
    fn signal(mut self, signal: &str) -> Ran {
        let child = self.child.take().unwrap();
        tool("kill", &[format!("-{signal}").as_ref(), child.id().to_string().as_ref()]).unwrap();
        let ran = finish(child, "mount".to_owned());
        assert!(self.files().is_empty(), "still mounted after SIG{signal}");
        ran
    }
}

impl Drop for MountedImage {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let folder = self.folder.as_os_str();
        let _ = tool("umount", &["-l".as_ref(), folder]).or_else(|| tool("fusermount3", &["-u".as_ref(), folder]));
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Whether reading these bytes is refused with EIO.
fn is_input_error(file: &File, at: u64, length: usize) -> bool {
    let error = file.read_exact_at(&mut vec![0; length], at).expect_err("a gap cannot be read");
    assert_ne!(error.kind(), ErrorKind::UnexpectedEof, "an error and not the end");
    error.raw_os_error() == Some(5)
}

/// An image whose record says that these ranges were not read, as they are zeros in it.
fn image_with_gaps(desk: &Desk, gaps: &[(u64, u64)]) -> Vec<u8> {
    let mut medium = mixed(4 << 20, 11);
    for &(offset, length) in gaps {
        medium[offset as usize..(offset + length) as usize].fill(0);
    }
    desk.write("disk.img", &medium);
    desk.exhibit("acquire disk.img --to x --format raw").ends(0);
    let mut record = desk.json("x.acquisition.json");
    let gap = |&(offset, length): &(u64, u64)| serde_json::json!({"offset": offset, "length": length, "cause": "EIO", "retries": 2, "fill": "zeros"});
    record["gaps"] = gaps.iter().map(gap).collect();
    std::fs::remove_file(desk.path("x.acquisition.json")).unwrap();
    desk.write("x.acquisition.json", record.to_string().as_bytes());
    medium
}

#[test]
fn every_written_format_reads_as_the_medium_and_cannot_be_written() {
    let desk = Desk::new();
    let medium = mixed((6 << 20) + 512, 3);
    desk.write("disk.img", &medium);
    for (format, file) in [("raw", "x.raw"), ("e01", "x.E01"), ("aff4", "x.aff4")] {
        let call = desk.exhibit(&format!("acquire disk.img --to {format}/x --format {format}")).run();
        if call.code != Some(0) {
            assert_eq!(format, "aff4", "{}", call.everything());
            continue;
        }
        let Some(mounted) = MountedImage::new(&desk, &format!("{format}/{file}"), &format!("m-{format}"), "") else {
            return;
        };
        let path = mounted.path();
        assert!(path.ends_with("x.raw"), "{}", path.display());
        let metadata = path.metadata().unwrap();
        assert_eq!((metadata.len(), metadata.permissions().mode() & 0o7777), (medium.len() as u64, 0o444));
        assert_eq!(metadata.nlink(), 1);
        assert_eq!(sha256(&std::fs::read(&path).unwrap()), sha256(&medium), "{format}");
        assert!(std::fs::OpenOptions::new().write(true).open(&path).is_err(), "the file cannot be opened for writing");
        assert!(std::fs::remove_file(&path).is_err() && File::create(mounted.folder.join("new")).is_err());
        let ran = mounted.unmount();
        assert_eq!(ran.code, Some(0), "{}", ran.everything());
        assert_eq!(ran.outcome()["reads_into_gaps_or_damage"], 0);
    }
}

#[test]
fn reads_at_random_places_by_many_at_once_are_right() {
    let desk = Desk::new();
    let medium = mixed(16 << 20, 4);
    desk.write("disk.img", &medium);
    desk.exhibit("acquire disk.img --to x --segment-size 2MiB").ends(0);
    let Some(mounted) = MountedImage::new(&desk, "x.E01", "m", "--jobs 4") else { return };
    let file = File::open(mounted.path()).unwrap();
    std::thread::scope(|scope| {
        for seed in 0..8_u64 {
            let (file, medium) = (&file, &medium);
            scope.spawn(move || {
                let mut random = Random::new(seed + 1);
                for _ in 0..200 {
                    let length = 1 + (random.next() % 200_000) as usize;
                    let at = random.next() % (medium.len() - length) as u64;
                    let mut buf = vec![0; length];
                    file.read_exact_at(&mut buf, at).unwrap();
                    assert!(buf == medium[at as usize..at as usize + length], "{length} bytes at {at}");
                }
            });
        }
    });
    drop(file);
    assert_eq!(mounted.unmount().code, Some(0));
}

#[test]
fn gaps_are_input_errors_to_the_sector_and_zeros_only_when_asked_for() {
    let desk = Desk::new();
    // A single sector, a run across a MiB, the last sector.
    let gaps = [(4608, 512), (1_048_576 - 1024, 2048), ((4 << 20) - 512, 512)];
    let medium = image_with_gaps(&desk, &gaps);
    let Some(mounted) = MountedImage::new(&desk, "x.raw", "m", "") else { return };
    let file = File::open(mounted.path()).unwrap();
    for (offset, length) in gaps {
        assert!(is_input_error(&file, offset, length as usize));
        assert!(is_input_error(&file, offset.saturating_sub(100), 4096.min((4 << 20) - offset as usize + 100)));
        let mut before = [0; 512];
        file.read_exact_at(&mut before, offset - 512).unwrap();
        assert!(before == medium[offset as usize - 512..offset as usize], "the sector before is there");
        let end = offset + length;
        if end < 4 << 20 {
            let mut after = [0; 512];
            file.read_exact_at(&mut after, end).unwrap();
            assert!(after == medium[end as usize..end as usize + 512], "the sector behind is there");
        }
    }
    drop(file);
    let ran = mounted.unmount();
    assert_eq!((ran.code, ran.outcome()["unread_bytes"].as_u64()), (Some(3), Some(3072)), "{}", ran.everything());

    let Some(filled) = MountedImage::new(&desk, "x.raw", "m2", "--gaps fill") else { return };
    assert!(std::fs::read(filled.path()).unwrap() == medium);
    let ran = filled.unmount();
    assert_eq!(ran.code, Some(3), "{}", ran.everything());
    assert!(ran.out().contains("NOT data"), "{}", ran.everything());
}

#[test]
fn a_signal_ends_the_mount_cleanly_and_a_busy_one_too() {
    let desk = Desk::new();
    desk.write("disk.img", &mixed(1 << 20, 4));
    for signal in ["INT", "TERM"] {
        let Some(mounted) = MountedImage::new(&desk, "disk.img", &format!("m-{signal}"), "") else { return };
        let held = File::open(mounted.path()).unwrap();
        let ran = mounted.signal(signal);
        assert_eq!(ran.code, Some(0), "{}", ran.everything());
        drop(held);
    }
}

/// An ordinary user, through fusermount3: only where /dev/fuse is open to all, as udev makes it.
#[test]
fn an_ordinary_user_mounts_reads_and_unmounts() {
    let desk = Desk::new();
    let is_open = std::fs::metadata("/dev/fuse").is_ok_and(|device| device.permissions().mode() & 0o006 == 0o006);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let as_nobody = |words: &[&std::ffi::OsStr]| {
        let all: Vec<&std::ffi::OsStr> =
            nobody.iter().map(std::convert::AsRef::as_ref).chain(words.iter().copied()).collect();
        tool("setpriv", &all)
    };
    if !is_open || as_nobody(&["test".as_ref(), "-x".as_ref(), env!("CARGO_BIN_EXE_exhibit").as_ref()]).is_none() {
        skipped(
            "ordinary users have no way to /dev/fuse or to this program, or there is no setpriv, or this is not root",
        );
        return;
    }
    let medium = mixed(3 << 20, 5);
    desk.write("disk.img", &medium);
    desk.exhibit("acquire disk.img --to x --hash sha256").ends(0);
    std::fs::set_permissions(desk.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    let folder = desk.path("m");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(65534), Some(65534)).unwrap();
    let mut mount = std::process::Command::new("setpriv");
    mount
        .args(nobody)
        .arg(env!("CARGO_BIN_EXE_exhibit"))
        .arg("mount")
        .arg(desk.path("x.E01"))
        .arg(&folder)
        .arg("--quiet");
    let mut child = mount.stdin(std::process::Stdio::null()).spawn().unwrap();
    // Root cannot look into the mount of another user: the digest is computed by that user.
    let file = folder.join("x.raw");
    let started = Instant::now();
    let said = loop {
        match as_nobody(&["sha256sum".as_ref(), file.as_os_str()]) {
            Some(said) => break said,
            None if started.elapsed() > Duration::from_secs(20) => panic!("nothing is mounted"),
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    assert!(said.starts_with(&sha256(&medium)), "{said}");
    as_nobody(&["fusermount3".as_ref(), "-u".as_ref(), folder.as_os_str()]).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_folder_that_is_not_empty_or_not_there_is_refused() {
    let desk = Desk::new();
    desk.write("disk.img", &[7; 512]);
    desk.write("full/file", b"mine");
    let ran = desk.exhibit("mount disk.img full").ends(1);
    assert!(ran.stderr.contains("not empty"), "{}", ran.stderr);
    let ran = desk.exhibit("mount disk.img nowhere").ends(1);
    assert!(ran.stderr.contains("mkdir"), "{}", ran.stderr);
    std::fs::create_dir(desk.path("m")).unwrap();
    desk.exhibit("mount no-such-image m").ends(1);
}

#[test]
fn the_kernel_finds_the_file_system_in_a_mounted_image() {
    let desk = Desk::new();
    std::fs::File::create(desk.path("ext.img")).unwrap().set_len(8 << 20).unwrap();
    if tool("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), desk.path("ext.img").as_os_str()]).is_none() {
        skipped("mkfs.ext4 is not installed");
        return;
    }
    desk.exhibit("acquire ext.img --to x").ends(0);
    let Some(mounted) = MountedImage::new(&desk, "x.E01", "m", "") else { return };
    if let Some(device) = Loop::over(&mounted.path(), true) {
        let disk = std::fs::read(&device.path).unwrap();
        assert_eq!(sha256(&disk), sha256(&desk.read("ext.img")), "through a loop device over the mounted file");
        let listed = desk.exhibit("devices").outcome(0);
        let found = listed["devices"].as_array().unwrap().iter().find(|found| found["path"] == device.path.as_str());
        assert_eq!(found.unwrap()["layout"]["volumes"][0]["contents"][0]["kind"], "ext4", "{found:?}");
    }
    assert_eq!(mounted.unmount().code, Some(0));
}

#[test]
fn images_of_other_tools_read_as_their_stored_digests_say() {
    let desk = Desk::new();
    let known = [
        ("ewf/dfvfs-ext2.E01", "196066add11fb71c4c49cf1bb50d6d24"),
        ("ewf/nps-2010-emails.E01", "7dae50cec8163697415e69fd72387c01"),
        ("aff4/Base-Linear.aff4", "dd6dbda282e27fd0d196abd95f5c3e58"),
    ];
    for (index, (name, md5)) in known.into_iter().enumerate() {
        let Some(path) = exhibit_tests::places::data_file(name) else { continue };
        let info: Value = desk.exhibit("info").arg(&path).outcome(0);
        if info["format"] == "raw" {
            skipped(&format!("{name}: this version does not read its format"));
            continue;
        }
        let path = path.canonicalize().unwrap();
        let Some(mounted) = MountedImage::new(&desk, path.to_str().unwrap(), &format!("m{index}"), "") else { return };
        assert_eq!(digest("md5", &std::fs::read(mounted.path()).unwrap()), md5, "{name}");
        assert_eq!(mounted.unmount().code, Some(0));
    }
}
