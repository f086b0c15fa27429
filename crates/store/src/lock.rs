//! One writer at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use exhibit_evidence::StoreError;

use crate::folder::error;

/// How long to wait for the other process: appending a record takes milliseconds, so this means somebody hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(20);

/// An exclusive lock on a file, released when dropped or when the process ends in any way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock at `path`, creating the file if needed. It holds no data.
    ///
    /// # Errors
    /// If the file cannot be made, or another process keeps the lock for 30 seconds.
    pub fn acquire(path: &Path) -> Result<Self, StoreError> {
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = open.map_err(|cause| error("lock", path, cause))?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(cause)) => return Err(error("lock", path, cause)),
                Err(TryLockError::WouldBlock) if waited >= PATIENCE => {
                    let cause = io::Error::new(io::ErrorKind::WouldBlock, "another process has held it for 30 seconds");
                    return Err(error("lock", path, cause));
                }
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(STEP);
                    waited = waited.saturating_add(STEP);
                }
            }
        }
    }
}
