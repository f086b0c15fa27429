//! A folder as a place for results.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use exhibit_evidence::{Class, Segment, Store, StoreError};

use crate::file::FileSegment;

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

    /// Bytes that an unprivileged user can still write there; `None` if the platform does not tell.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        let space = rustix::fs::statvfs(&self.path).ok()?;
        space.f_bavail.checked_mul(space.f_frsize)
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
    fn names_cannot_leave_the_folder() {
        let (_keep, folder) = folder();
        for name in ["../x", "/etc/x", "a//b", "", ".", "a/../../b", "a\\b"] {
            assert!(folder.create(name).is_err(), "{name:?}");
        }
    }
}
