//! A folder as a place for results.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use exhibit_evidence::{Class, Scratch, Segment, Store, StoreError};

use crate::file::FileSegment;
use crate::scratch::ScratchFile;

/// What is added to a name until it is sealed.
pub const PARTIAL_SUFFIX: &str = ".partial";

/// A folder that results go to. Names are relative to it, with `/` between parts, and never lead out of it.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made with its parents if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(|cause| error("create folder", &path, cause))?;
        Ok(Self { path })
    }

    /// A folder that must not exist yet.
    ///
    /// # Errors
    /// If it exists or cannot be made.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(|cause| error("create folder", parent, cause))?;
        }
        fs::create_dir(&path).map_err(|cause| error("create folder", &path, cause))?;
        Ok(Self { path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The full path of `name`.
    ///
    /// # Errors
    /// If `name` is empty, absolute, or has an empty, `.` or `..` part: results never leave the folder.
    pub fn locate(&self, name: &str) -> Result<PathBuf, StoreError> {
        let bad = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0']);
        if name.split('/').any(bad) {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "not a plain relative name");
            return Err(error("name", Path::new(name), cause));
        }
        Ok(self.path.join(name))
    }

    /// Creates a small file that only its owner may read: a signing key.
    ///
    /// # Errors
    /// If it exists or cannot be written.
    pub fn publish_secret(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut segment = Box::new(FileSegment::create(self.locate(name)?, Some(0o600))?);
        segment.append(bytes)?;
        segment.seal()
    }
}

impl Store for Folder {
    fn create(&self, name: &str) -> Result<Box<dyn Segment>, StoreError> {
        let path = self.locate(name)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|cause| error("create folder", parent, cause))?;
        }
        Ok(Box::new(FileSegment::create(path, None)?))
    }

    fn exists(&self, name: &str) -> bool {
        self.locate(name).is_ok_and(|path| path.symlink_metadata().is_ok() || partial(&path).symlink_metadata().is_ok())
    }

    fn resume(&self, name: &str, length: u64) -> Result<Box<dyn Segment>, StoreError> {
        Ok(Box::new(FileSegment::resume(self.locate(name)?, length)?))
    }

    /// The state lies under the unfinished name: it is never taken for evidence, and what is sealed is never replaced.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = partial(&self.locate(name)?);
        let next = partial(&path);
        // What a crash left of an earlier attempt is worth nothing.
        remove_if_there(&next)?;
        let file = OpenOptions::new().write(true).create_new(true).open(&next);
        let mut file = file.map_err(|cause| error("create", &next, cause))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|cause| error("write", &next, cause))?;
        fs::rename(&next, &path).map_err(|cause| error("write", &path, cause))?;
        sync_folder_of(&path);
        Ok(())
    }

    fn scratch(&self, name: &str, size: u64) -> Result<Box<dyn Scratch>, StoreError> {
        Ok(Box::new(ScratchFile::open(self.locate(name)?, size)?))
    }

    fn discard(&self, name: &str) -> Result<(), StoreError> {
        let path = partial(&self.locate(name)?);
        remove_if_there(&partial(&path))?;
        remove_if_there(&path)
    }

    /// Bytes that an unprivileged user can still write there; `None` if the platform does not tell.
    fn free_bytes(&self) -> Option<u64> {
        let space = rustix::fs::statvfs(&self.path).ok()?;
        space.f_bavail.checked_mul(space.f_frsize)
    }
}

/// Removes a file of ours; that it is not there is as good.
fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(error("remove", path, cause)),
        _ => Ok(()),
    }
}

/// A new name is durable only when its folder is synced. Some file systems refuse; the name is there anyway.
pub(crate) fn sync_folder_of(path: &Path) {
    if let Some(parent) = path.parent() {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let _ = fs::File::open(parent).and_then(|folder| folder.sync_all());
    }
}

/// The unfinished name of `path`.
pub(crate) fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PARTIAL_SUFFIX);
    PathBuf::from(name)
}

/// An error with its path.
pub(crate) fn error(action: &'static str, path: &Path, cause: io::Error) -> StoreError {
    StoreError { class: Class::Io, action, path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::at(temporary.path().join("out")).unwrap();
        (temporary, folder)
    }

    #[test]
    fn what_is_not_sealed_is_named_unfinished_and_what_is_sealed_is_never_replaced() {
        let (_keep, folder) = folder();
        let mut segment = folder.create("a/b.E01").unwrap();
        segment.append(b"0123456789").unwrap();
        segment.patch(2, b"xy").unwrap();
        assert!(folder.path().join("a/b.E01.partial").exists() && !folder.path().join("a/b.E01").exists());
        assert!(folder.create("a/b.E01").is_err(), "an unfinished name is taken");
        segment.seal().unwrap();
        assert_eq!(fs::read(folder.path().join("a/b.E01")).unwrap(), b"01xy456789");
        assert!(!folder.path().join("a/b.E01.partial").exists());
        assert!(folder.create("a/b.E01").is_err(), "a sealed name is taken");
        assert_eq!(fs::read(folder.path().join("a/b.E01")).unwrap(), b"01xy456789");
    }

    #[test]
    fn a_name_that_appears_while_writing_is_not_replaced_when_sealing() {
        let (_keep, folder) = folder();
        let mut segment = folder.create("x").unwrap();
        segment.append(b"ours").unwrap();
        fs::write(folder.path().join("x"), b"theirs").unwrap();
        assert!(segment.seal().is_err());
        assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"theirs");
    }

    #[test]
    fn a_patch_of_bytes_not_written_yet_is_refused() {
        let (_keep, folder) = folder();
        let mut segment = folder.create("x").unwrap();
        segment.append(b"0123").unwrap();
        assert!(segment.patch(3, b"ab").is_err());
    }

    #[test]
    fn an_unfinished_segment_is_gone_on_with_and_a_sealed_one_is_not() {
        let (_keep, folder) = folder();
        let mut segment = folder.create("x").unwrap();
        segment.append(b"0123456789").unwrap();
        assert!(folder.resume("x", 4).is_err(), "somebody is writing it");
        drop(segment);
        assert!(folder.resume("x", 11).is_err(), "it is shorter");
        let mut segment = folder.resume("x", 4).unwrap();
        segment.append(b"ab").unwrap();
        assert_eq!(segment.len(), 6);
        segment.seal().unwrap();
        assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"0123ab");
        assert!(folder.resume("x", 0).is_err());
        std::os::unix::fs::symlink(folder.path().join("x"), folder.path().join("y.partial")).unwrap();
        assert!(folder.resume("y", 0).is_err(), "a link leads elsewhere");
        assert!(folder.scratch("y", 6).is_err(), "a link leads elsewhere");
        assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"0123ab");
    }

    #[test]
    fn state_is_replaced_whole_and_removed_and_evidence_stays() {
        let (_keep, folder) = folder();
        folder.publish("x.map", b"sealed").unwrap();
        folder.replace("x.map", b"one").unwrap();
        folder.replace("x.map", b"two and more").unwrap();
        assert_eq!(fs::read(folder.path().join("x.map.partial")).unwrap(), b"two and more");
        folder.discard("x.map").unwrap();
        folder.discard("x.map").unwrap();
        assert!(!folder.path().join("x.map.partial").exists());
        assert_eq!(fs::read(folder.path().join("x.map")).unwrap(), b"sealed");
    }

    #[test]
    fn a_working_file_keeps_what_was_written_anywhere_in_it() {
        let (_keep, folder) = folder();
        let file = folder.scratch("work", 100).unwrap();
        file.write_at(90, b"0123456789").unwrap();
        assert!(file.write_at(91, b"0123456789").is_err());
        assert!(file.write_at(u64::MAX, b"0").is_err());
        file.sync().unwrap();
        assert!(folder.scratch("work", 100).is_err(), "somebody is writing it");
        drop(file);
        let file = folder.scratch("work", 100).unwrap();
        let mut bytes = [1; 12];
        file.read_at(88, &mut bytes).unwrap();
        assert_eq!(&bytes, b"\0\x000123456789");
        assert!(file.read_at(89, &mut bytes).is_err());
        drop(file);
        assert!(folder.scratch("work", 99).is_err(), "it is longer");
        folder.discard("work").unwrap();
        assert!(!folder.exists("work"));
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let (_keep, folder) = folder();
        for name in ["../x", "/etc/x", "a//b", "", ".", "a/../../b", "a\\b"] {
            assert!(folder.create(name).is_err(), "{name:?}");
        }
    }

    /// Bytes that tell where they belong.
    fn counted(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    /// Writes `all` in pieces of odd lengths, with whatever else may happen to a segment on the way.
    fn written_in_pieces(folder: &Folder, all: &[u8], lengths: &[usize]) {
        let mut segment = folder.create("large").unwrap();
        let (mut at, mut turn) = (0, 0);
        while at < all.len() {
            let length = lengths[turn % lengths.len()].min(all.len() - at);
            segment.append(&all[at..at + length]).unwrap();
            (at, turn) = (at + length, turn + 1);
            assert_eq!(segment.len(), at as u64);
            match turn % 7 {
                2 => segment.sync().unwrap(),
                4 => segment.patch(at as u64 - 1, &all[at - 1..at]).unwrap(),
                5 => segment.rest().unwrap(),
                _ => {}
            }
        }
        segment.seal().unwrap();
        assert!(fs::read(folder.path().join("large")).unwrap() == all, "pieces of {lengths:?}");
    }

    #[test]
    fn large_files_hold_what_was_appended_however_it_came() {
        // The usual temporary folder, and one in memory: not every file system writes past the page cache.
        let places = [std::env::temp_dir(), PathBuf::from("/dev/shm")];
        for place in places.iter().filter(|place| place.is_dir()) {
            for lengths in [&[1 << 20][..], &[3_000_001, 5, 70_000], &[4095, 1 << 21, 1], &[9 << 20, 333]] {
                let temporary = tempfile::tempdir_in(place).unwrap();
                let folder = Folder::at(temporary.path().join("out")).unwrap();
                written_in_pieces(&folder, &counted((17 << 20) + 4097), lengths);
            }
        }
    }

    #[test]
    fn a_large_file_that_is_dropped_holds_what_was_appended_and_can_be_gone_on_with() {
        let (_keep, folder) = folder();
        let all = counted((9 << 20) + 77);
        let mut segment = folder.create("x").unwrap();
        segment.append(&all[..(8 << 20) + 5]).unwrap();
        drop(segment);
        assert!(fs::read(folder.path().join("x.partial")).unwrap() == all[..(8 << 20) + 5]);
        let mut segment = folder.resume("x", (3 << 20) + 1).unwrap();
        segment.append(&all[(3 << 20) + 1..]).unwrap();
        segment.seal().unwrap();
        assert!(fs::read(folder.path().join("x")).unwrap() == all);
    }
}
