//! A working file: written anywhere, read back, never evidence.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use exhibit_evidence::{Cause, ReadFault, Scratch, Source, StoreError};

use crate::file::open_unfinished;
use crate::folder::{error, partial, sync_folder_of};

/// An open `<path>.partial` of fixed size.
pub(crate) struct ScratchFile {
    file: File,
    path: PathBuf,
    size: u64,
}

impl ScratchFile {
    /// Opens `<path>.partial`, or makes it. A shorter one (cut by a crash) is made longer with zeros, a longer one is refused.
    pub(crate) fn open(path: PathBuf, size: u64) -> Result<Self, StoreError> {
        let unfinished = partial(&path);
        let fail = |cause| error("create", &unfinished, cause);
        let file = open_unfinished(&unfinished, true).map_err(fail)?;
        let there = file.metadata().map_err(fail)?.len();
        if there > size {
            let text = format!("{there} bytes are there, more than {size}");
            return Err(fail(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        if there < size {
            file.set_len(size).map_err(fail)?;
        }
        Ok(Self { file, path: unfinished, size })
    }
}

impl Source for ScratchFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        self.file.read_exact_at(buf, at).map_err(|cause| ReadFault::new(at, Cause::Io(cause)))
    }
}

impl Scratch for ScratchFile {
    fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        if at.checked_add(bytes.len() as u64).is_none_or(|end| end > self.size) {
            let cause = io::Error::new(io::ErrorKind::InvalidInput, "beyond the size of the working file");
            return Err(error("write", &self.path, cause));
        }
        self.file.write_all_at(bytes, at).map_err(|cause| error("write", &self.path, cause))
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|cause| error("sync", &self.path, cause))?;
        sync_folder_of(&self.path);
        Ok(())
    }
}
