//! A tree file of any size, read as it is needed: 32 MiB for a TiB of medium do not belong into memory.

use exhibit_evidence::{ReadFault, Source};

use crate::merkle::{Hash, RootBuilder};
use crate::tree::{HEADER_BYTES, TreeFault, node_count, read_header};

/// Nodes read at a time: 64 KiB.
const WINDOW_NODES: u64 = 2048;

/// An opened tree file.
pub struct StoredTree<'a> {
    source: &'a dyn Source,
    size: u64,
    root: Hash,
    window_first: u64,
    window: Vec<Hash>,
}

/// Why a tree file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoredTreeError {
    /// Its bytes contradict the format.
    #[error(transparent)]
    Fault(#[from] TreeFault),
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
}

impl<'a> StoredTree<'a> {
    /// Opens a tree file: its header must be sound, and its length what the header asks for.
    ///
    /// # Errors
    /// If it is not, or cannot be read.
    pub fn open(source: &'a dyn Source) -> Result<Self, StoredTreeError> {
        let mut header = vec![0; usize::try_from(source.size().min(HEADER_BYTES as u64)).unwrap_or(HEADER_BYTES)];
        source.read_at(0, &mut header)?;
        let (size, root) = read_header(&header)?;
        let expected = node_count(size).checked_mul(32).and_then(|nodes| nodes.checked_add(HEADER_BYTES as u64));
        if expected != Some(source.size()) {
            let text = format!(
                "the file has {} bytes, {} nodes of 32 bytes do not fill that",
                source.size(),
                node_count(size)
            );
            return Err(TreeFault { offset: source.size(), text }.into());
        }
        Ok(Self { source, size, root, window_first: 0, window: Vec::new() })
    }

    /// Size of the medium in bytes, as the header says.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The stored root. [`StoredTree::check_root`] tells whether it is that of the nodes.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The node over the MiB number `index`; cheap when asked for in order. `None` beyond the end.
    ///
    /// # Errors
    /// If the file cannot be read there.
    pub fn node(&mut self, index: u64) -> Result<Option<Hash>, ReadFault> {
        let count = node_count(self.size);
        if index >= count {
            return Ok(None);
        }
        let inside = |first: u64, window: &[Hash]| {
            index.checked_sub(first).and_then(|at| window.get(usize::try_from(at).ok()?)).copied()
        };
        if let Some(node) = inside(self.window_first, &self.window) {
            return Ok(Some(node));
        }
        let length = WINDOW_NODES.min(count.saturating_sub(index));
        let mut bytes = vec![0; usize::try_from(length.saturating_mul(32)).unwrap_or(0)];
        self.source.read_at((HEADER_BYTES as u64).saturating_add(index.saturating_mul(32)), &mut bytes)?;
        self.window = bytes.as_chunks::<32>().0.to_vec();
        self.window_first = index;
        Ok(inside(self.window_first, &self.window))
    }

    /// Reads all nodes and compares their root with the stored one.
    ///
    /// # Errors
    /// If they differ, or a node cannot be read.
    pub fn check_root(&mut self) -> Result<(), StoredTreeError> {
        let mut builder = RootBuilder::new();
        for index in 0..node_count(self.size) {
            if let Some(node) = self.node(index)? {
                builder.push(&node);
            }
        }
        if builder.root() == self.root {
            return Ok(());
        }
        let text = "the stored root is not the root of the stored nodes".to_owned();
        Err(TreeFault { offset: 48, text }.into())
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::Tree;

    #[test]
    fn it_judges_every_changed_or_cut_file_as_the_tree_in_memory_does() {
        let nodes: Vec<Hash> = (0..5000_u32).map(|n| crate::merkle::leaf(&n.to_le_bytes())).collect();
        let bytes = Tree::new(5000 << 20, nodes.clone()).unwrap().encode();
        let source = MemorySource::new(bytes.clone());
        let mut stored = StoredTree::open(&source).unwrap();
        stored.check_root().unwrap();
        for index in [0, 1, 2047, 2048, 4999, 3] {
            assert_eq!(stored.node(index).unwrap(), Some(nodes[index as usize]));
        }
        assert_eq!(stored.node(5000).unwrap(), None);
        for position in (0..120).chain((120..bytes.len()).step_by(997)) {
            let mut changed = bytes.clone();
            changed[position] ^= 0x10;
            let source = MemorySource::new(changed.clone());
            let streamed = StoredTree::open(&source).and_then(|mut tree| tree.check_root()).is_ok();
            assert_eq!(streamed, Tree::decode(&changed).is_ok(), "byte {position}");
        }
        for length in [0, 79, 80, bytes.len() - 1] {
            assert!(StoredTree::open(&MemorySource::new(bytes[..length].to_vec())).is_err());
        }
    }
}
