//! Files that are opened when their bytes are wanted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use exhibit_evidence::{Cause, ReadFault, Source};

use crate::file::open_regular;
use crate::{FileSource, Mapping};

/// A regular file that is open only from the first read to that of its last byte, so that a case can have more files than a
/// process may have open.
#[derive(Debug)]
pub struct LaterFile {
    path: PathBuf,
    mapping: Mapping,
    size: u64,
    open: Mutex<Option<FileSource>>,
}

impl LaterFile {
    /// Looks at the file at `path`: it is opened and closed, so that what cannot be read is known at once. Its size is taken
    /// now; a file that is shorter when it is read is a fault, and what is appended later is not part of the source.
    ///
    /// # Errors
    /// If it cannot be opened or is not a regular file.
    pub fn look(path: &Path, mapping: Mapping) -> io::Result<Self> {
        let (_, size) = open_regular(path)?;
        Ok(Self { path: path.to_owned(), mapping, size, open: Mutex::new(None) })
    }
}

impl Source for LaterFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        if buf.is_empty() {
            return Ok(());
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match open.take() {
            Some(file) => file,
            None => FileSource::open(&self.path, self.mapping).map_err(|e| ReadFault::new(at, Cause::Io(e)))?,
        };
        let read = file.read_at(at, buf);
        let is_last = at.saturating_add(buf.len() as u64) >= self.size;
        *open = (!is_last).then_some(file);
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_files_than_may_be_open_are_read_and_changed_ones_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<LaterFile> = (0..3000_u32)
            .map(|number| {
                let path = folder.path().join(number.to_string());
                std::fs::write(&path, number.to_le_bytes()).unwrap();
                LaterFile::look(&path, Mapping::Finished).unwrap()
            })
            .collect();
        let open = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        for (number, file) in (0_u32..).zip(&files) {
            let mut bytes = [0; 4];
            file.read_at(0, &mut bytes[..2]).unwrap();
            file.read_at(2, &mut bytes[2..]).unwrap();
            assert_eq!((file.size(), bytes), (4, number.to_le_bytes()));
        }
        assert!(open() < 1000, "{} files are open", open());
        std::fs::write(folder.path().join("7"), b"abc").unwrap();
        assert!(files[7].read_at(0, &mut [0; 4]).is_err());
        std::fs::remove_file(folder.path().join("8")).unwrap();
        assert!(files[8].read_at(0, &mut [0; 4]).is_err());
        assert!(files[9].read_at(1, &mut [0; 4]).is_err());
        assert!(LaterFile::look(folder.path(), Mapping::Finished).is_err());
    }
}
