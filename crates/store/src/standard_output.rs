//! Standard output as a segment, for `export --to -`.

use std::io::{self, Write as _};
use std::path::Path;

use exhibit_evidence::{Segment, StoreError};

use crate::folder::error;

/// Bytes that go down a pipe: appended, never patched.
#[derive(Debug, Default)]
pub struct StandardOutput {
    length: u64,
}

impl Segment for StandardOutput {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        io::stdout().write_all(bytes).map_err(|cause| error("write", Path::new("-"), cause))?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn patch(&mut self, _at: u64, _bytes: &[u8]) -> Result<(), StoreError> {
        let cause = io::Error::new(io::ErrorKind::Unsupported, "standard output cannot be patched");
        Err(error("write", Path::new("-"), cause))
    }

    fn len(&self) -> u64 {
        self.length
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        io::stdout().flush().map_err(|cause| error("write", Path::new("-"), cause))
    }

    fn seal(mut self: Box<Self>) -> Result<(), StoreError> {
        self.sync()
    }
}
