//! The finished disk.

use std::sync::Arc;

use exhibit_evidence::{Cause, ReadFault, Source};

/// A forged disk, in memory. Clones share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Disk(Arc<Vec<u8>>);

impl Disk {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }

    /// Every byte of it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Disk({} bytes)", self.0.len())
    }
}

impl Source for Disk {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        let start = usize::try_from(at).map_err(|_| ReadFault::new(at, Cause::PastEnd))?;
        let bytes = start.checked_add(buf.len()).and_then(|end| self.0.get(start..end));
        buf.copy_from_slice(bytes.ok_or(ReadFault::new(at, Cause::PastEnd))?);
        Ok(())
    }
}
