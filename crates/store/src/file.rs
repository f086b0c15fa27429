//! A file being made.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use exhibit_evidence::{Segment, StoreError};

use crate::direct::{Direct, LARGE, unaligned};
use crate::folder::{error, partial, sync_folder_of};

/// How long to wait for a process that was killed to let go of its files.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(60) } else { Duration::from_secs(10) };
const STEP: Duration = Duration::from_millis(20);

/// An open `<path>.partial`.
pub(crate) struct FileSegment {
    file: Arc<File>,
    path: PathBuf,
    length: u64,
    /// Whether the folder was synced since the file got its unfinished name.
    named: bool,
    way: Way,
    /// Length at the last sync.
    synced: u64,
}

/// How appends go to the disk.
enum Way {
    /// Through the page cache, until much comes in a row.
    Small,
    /// Past the page cache, small ones too.
    Direct(Direct),
    /// Through the page cache: the file system has no other way.
    Cached,
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
        claim(&file).map_err(|cause| error("create", &unfinished, cause))?;
        Ok(Self { file: Arc::new(file), path, length: 0, named: false, way: Way::Small, synced: 0 })
    }

    /// Opens `<path>.partial` again and cuts it to `length` bytes.
    pub(crate) fn resume(path: PathBuf, length: u64) -> Result<Self, StoreError> {
        let unfinished = partial(&path);
        let fail = |cause| error("resume", &unfinished, cause);
        let file = open_unfinished(&unfinished, false).map_err(fail)?;
        let there = file.metadata().map_err(fail)?.len();
        if there < length {
            let text = format!("{there} bytes are there, {length} are needed");
            return Err(fail(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        file.set_len(length).map_err(fail)?;
        Ok(Self { file: Arc::new(file), path, length, named: false, way: Way::Small, synced: length })
    }
}

impl FileSegment {
    /// Writes at the end; what can go past the page cache goes past it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        let since = self.length.saturating_add(bytes.len() as u64).saturating_sub(self.synced);
        if matches!(self.way, Way::Small) && since >= LARGE {
            let (head, aligned) = bytes.split_at_checked(unaligned(self.length)).unwrap_or((bytes, &[]));
            let from = self.length.saturating_add(head.len() as u64);
            self.way = Direct::begin(&self.file, &partial(&self.path), from).map_or(Way::Cached, Way::Direct);
            if matches!(self.way, Way::Direct(_)) {
                self.file.write_all_at(head, self.length)?;
                rest = aligned;
            }
        }
        match &mut self.way {
            Way::Direct(direct) => direct.append(rest),
            Way::Small | Way::Cached => self.file.write_all_at(rest, self.length),
        }
    }

    /// Everything appended is in the file, though not yet durable.
    fn flush(&mut self) -> Result<(), StoreError> {
        let Way::Direct(direct) = &mut self.way else { return Ok(()) };
        direct.flush().map_err(|cause| error("write", &partial(&self.path), cause))
    }
}

/// Opens an unfinished file for reading and writing, made if wanted and not there. It must be a file, not a link to one, and
/// nobody else may be writing it.
pub(crate) fn open_unfinished(path: &Path, make: bool) -> io::Result<File> {
    let not_followed = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(make).truncate(false).custom_flags(not_followed).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    // Who was killed a moment ago may still be dying: a process ends only when its last write to the disk does.
    let mut waited = Duration::ZERO;
    loop {
        match claim(&file) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && waited < PATIENCE => {
                std::thread::sleep(STEP);
                waited = waited.saturating_add(STEP);
            }
            claimed => return claimed.map(|()| file),
        }
    }
}

/// Takes the file for this process as long as it is open: two programs that go on with one image would spoil it. Where a file
/// system knows no locks (some network mounts) nothing is claimed.
fn claim(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::WouldBlock, "another process is writing this file"))
        }
        _ => Ok(()),
    }
}

impl Segment for FileSegment {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(bytes).map_err(|cause| error("write", &partial(&self.path), cause))?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn patch(&mut self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        if at.checked_add(bytes.len() as u64).is_none_or(|end| end > self.length) {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "patch of bytes that were not written yet");
            return Err(error("write", &partial(&self.path), cause));
        }
        // What is held back may be what is patched.
        self.rest()?;
        self.file.write_all_at(bytes, at).map_err(|cause| error("write", &partial(&self.path), cause))
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn rest(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        if matches!(self.way, Way::Direct(_)) {
            self.way = Way::Small;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.synced = self.length;
        self.file.sync_all().map_err(|cause| error("sync", &partial(&self.path), cause))?;
        if !self.named {
            sync_folder_of(&self.path);
            self.named = true;
        }
        Ok(())
    }

    fn seal(mut self: Box<Self>) -> Result<(), StoreError> {
        self.rest()?;
        let unfinished = partial(&self.path);
        // Its folder is synced once, with the final name: of one that lost its unfinished name nothing was promised.
        self.file.sync_all().map_err(|cause| error("sync", &unfinished, cause))?;
        rename_without_replacing(&unfinished, &self.path).map_err(|cause| error("seal", &self.path, cause))?;
        sync_folder_of(&self.path);
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
