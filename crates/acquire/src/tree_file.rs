//! Writing `<base>.tree` while the medium is read: nodes go out as they come, the header when the root is known.

use exhibit_evidence::{Segment, Store};
use exhibit_hash::merkle::{Hash, RootBuilder};
use exhibit_hash::tree::{HEADER_BYTES, header};

use crate::AcquireError;

/// Nodes gathered before they are written: 64 KiB.
const GATHERED_BYTES: usize = 64 * 1024;

/// A tree file being written.
pub(crate) struct TreeFile {
    segment: Box<dyn Segment>,
    gathered: Vec<u8>,
    builder: RootBuilder,
}

impl TreeFile {
    /// Begins the file, with room for its header.
    pub(crate) fn begin(store: &dyn Store, name: &str) -> Result<Self, AcquireError> {
        let mut segment = store.create(name)?;
        segment.append(&[0; HEADER_BYTES])?;
        Ok(Self { segment, gathered: Vec::with_capacity(GATHERED_BYTES), builder: RootBuilder::new() })
    }

    /// Adds the node over the next MiB.
    pub(crate) fn push(&mut self, node: &Hash) -> Result<(), AcquireError> {
        self.builder.push(node);
        self.gathered.extend_from_slice(node);
        if self.gathered.len() >= GATHERED_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), AcquireError> {
        self.segment.append(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }

    /// Writes what is left and the header; gives the root.
    pub(crate) fn end(&mut self, size: u64) -> Result<Hash, AcquireError> {
        self.flush()?;
        let root = self.builder.root();
        self.segment.patch(0, &header(size, &root))?;
        self.segment.sync()?;
        Ok(root)
    }

    /// The tree over the nodes so far.
    pub(crate) fn builder(&self) -> &RootBuilder {
        &self.builder
    }

    /// Gives the file its final name.
    pub(crate) fn seal(self) -> Result<(), AcquireError> {
        Ok(self.segment.seal()?)
    }
}
