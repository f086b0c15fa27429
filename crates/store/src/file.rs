//! A file being made.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use exhibit_evidence::{Segment, StoreError};

use crate::folder::{error, partial};

/// An open `<path>.partial`.
pub(crate) struct FileSegment {
    file: File,
    path: PathBuf,
    length: u64,
}

impl FileSegment {
    /// Creates `<path>.partial`; neither it nor `path` may exist. `mode` is the Unix permission, the usual one if `None`.
    pub(crate) fn create(path: PathBuf, mode: Option<u32>) -> Result<Self, StoreError> {
        if path.symlink_metadata().is_ok() {
            return Err(error("create", &path, io::Error::new(io::ErrorKind::AlreadyExists, "already exists")));
        }
        let unfinished = partial(&path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        if let Some(mode) = mode {
            options.mode(mode);
        }
        let file = options.open(&unfinished).map_err(|cause| error("create", &unfinished, cause))?;
        Ok(Self { file, path, length: 0 })
    }
}

impl Segment for FileSegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(|cause| error("write", &partial(&self.path), cause))?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        if at.checked_add(bytes.len() as u64).is_none_or(|end| end > self.length) {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "patch of bytes that were not written yet");
            return Err(error("write", &partial(&self.path), cause));
        }
        self.file.write_all_at(bytes, at).map_err(|cause| error("write", &partial(&self.path), cause))
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|cause| error("sync", &partial(&self.path), cause))
    }

    fn seal(mut self: Box<Self>) -> Result<(), StoreError> {
        self.sync()?;
        let unfinished = partial(&self.path);
        rename_without_replacing(&unfinished, &self.path).map_err(|cause| error("seal", &self.path, cause))?;
        // The new name is durable only when the folder is synced. Some file systems refuse; the name is there anyway.
        if let Some(parent) = self.path.parent() {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            let _ = File::open(parent).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

/// Renames, failing if `to` exists. Where the file system has no such call (FAT, some network mounts) the check comes
/// first and a race remains; `to` is then a name in a folder of ours that nobody else is expected to write to.
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, "already exists"));
            }
            std::fs::rename(from, to)
        }
        Err(errno) => Err(errno.into()),
    }
}
