//! Proofs that a range of a medium belongs to the medium whose root is known.
//!
//! The proof of the leaves from `first` to `last` holds the values of the largest subtrees of RFC 6962's tree that lie wholly
//! outside of that range, from left to right. For one leaf these are exactly the values of the RFC's audit path, in the
//! order of the medium. The values over whole MiB come from the stored tree; only what lies in the same MiB as a border of the
//! range is read from the medium again, at most 2 MiB.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::merkle::{self, Hash, RootBuilder};
use crate::stored_tree::StoredTree;
use crate::tree::{self, LEAF_BYTES, NODE_BYTES, node_count};

/// Leaves under a stored node.
const NODE_LEAVES: u64 = (NODE_BYTES / LEAF_BYTES) as u64;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum RangeProofError {
    /// The range is empty, outside of the medium, or does not begin and end at borders of leaves.
    #[error("the range at {} of {} bytes does not lie on borders of {LEAF_BYTES} bytes within a medium of {size} bytes", .range.offset, .range.length)]
    Borders {
        /// The range that was asked for.
        range: ByteRange,
        /// Size of the medium in bytes.
        size: u64,
    },
    /// Tree and medium are of different sizes.
    #[error("the hash tree is of a medium of {tree} bytes, the medium has {medium}")]
    OtherMedium {
        /// Size that the tree gives.
        tree: u64,
        /// Size of the medium.
        medium: u64,
    },
    /// Medium or tree could not be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
}

/// The smallest range that holds `range` and can be proven: it begins at a border of a leaf, and ends at one or with the medium.
#[must_use]
pub fn provable(range: ByteRange, size: u64) -> ByteRange {
    let leaf = LEAF_BYTES as u64;
    let start = range.offset.checked_div(leaf).unwrap_or(0).saturating_mul(leaf);
    let end = range.end().div_ceil(leaf).saturating_mul(leaf).min(size);
    ByteRange::between(start, end)
}

/// The proof that `range` lies in `medium`. It is not compared with anything: whoever makes one checks it as a stranger would.
///
/// # Errors
/// See [`RangeProofError`].
pub fn prove(medium: &dyn Source, tree: &mut StoredTree<'_>, range: ByteRange) -> Result<Vec<Hash>, RangeProofError> {
    let size = medium.size();
    if tree.size() != size {
        return Err(RangeProofError::OtherMedium { tree: tree.size(), medium: size });
    }
    if range.is_empty() || range.end() > size || provable(range, size) != range {
        return Err(RangeProofError::Borders { range, size });
    }
    let leaf = LEAF_BYTES as u64;
    let (first, end) = (range.offset.checked_div(leaf).unwrap_or(0), range.end().div_ceil(leaf));
    let mut proof = Vec::new();
    // Subtrees still to look at, the leftmost last.
    let mut open = vec![(0, size.div_ceil(leaf))];
    while let Some((low, high)) = open.pop() {
        if first <= low && high <= end {
            continue; // shown: whoever checks computes it
        }
        if high <= first || end <= low {
            proof.push(subtree(medium, tree, low, high)?);
            continue;
        }
        // It holds a border of the range, so it has at least two leaves.
        let middle = low.saturating_add(split(high.saturating_sub(low)));
        open.extend([(middle, high), (low, middle)]);
    }
    Ok(proof)
}

/// The root that follows from the bytes of a range, from `offset` of a medium of `size` bytes, and its proof; `None` if the
/// proof has too few or too many values.
///
/// # Errors
/// If the bytes cannot be read.
pub fn root(bytes: &dyn Source, offset: u64, size: u64, proof: &[Hash]) -> Result<Option<Hash>, ReadFault> {
    let leaf = LEAF_BYTES as u64;
    let (first, end) = (offset / leaf, offset.saturating_add(bytes.size()).div_ceil(leaf));
    let (mut rest, mut values, mut enough) = (proof.iter(), Vec::new(), true);
    // Subtrees to look at and nodes to make, the next one last.
    let mut open = vec![Some((0, size.div_ceil(leaf)))];
    while let Some(step) = open.pop() {
        let Some((low, high)) = step else {
            let (right, left) = (values.pop().unwrap_or_default(), values.pop().unwrap_or_default());
            values.push(merkle::node(&left, &right));
            continue;
        };
        let leaves = high.saturating_sub(low);
        if high <= first || end <= low {
            let value = rest.next();
            enough &= value.is_some();
            values.push(value.copied().unwrap_or_default());
        } else if first <= low && high <= end && leaves <= NODE_LEAVES {
            let (start, stop) = (low.saturating_mul(leaf), high.saturating_mul(leaf).min(size));
            let mut block = vec![0; usize::try_from(stop.saturating_sub(start)).unwrap_or(0)];
            bytes.read_at(start.saturating_sub(offset), &mut block)?;
            values.push(tree::node(&block));
        } else {
            let middle = low.saturating_add(split(leaves));
            open.extend([None, Some((middle, high)), Some((low, middle))]);
        }
    }
    let root = values.pop().filter(|_| values.is_empty());
    Ok(root.filter(|_| enough && rest.next().is_none()))
}

/// The largest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    leaves.next_power_of_two() / 2
}

/// The value over the leaves from `low` to `high`, which is a subtree of the tree.
fn subtree(medium: &dyn Source, tree: &mut StoredTree<'_>, low: u64, high: u64) -> Result<Hash, ReadFault> {
    let leaf = LEAF_BYTES as u64;
    let last = high == medium.size().div_ceil(leaf);
    if low.is_multiple_of(NODE_LEAVES) && (high.is_multiple_of(NODE_LEAVES) || last) {
        let mut builder = RootBuilder::new();
        for index in low / NODE_LEAVES..high.div_ceil(NODE_LEAVES).min(node_count(medium.size())) {
            if let Some(node) = tree.node(index)? {
                builder.push(&node);
            }
        }
        return Ok(builder.root());
    }
    // Subtrees that are not made of stored nodes lie inside one MiB.
    let start = low.saturating_mul(leaf);
    let length = high.saturating_mul(leaf).min(medium.size()).saturating_sub(start);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    medium.read_at(start, &mut bytes)?;
    Ok(tree::node(&bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use exhibit_evidence::{Known, MemorySource};

    use super::*;
    use crate::Tree;

    /// The root as a stranger computes it from what is shown and the proof: the definition, word by word.
    fn root_of(
        shown: &[Hash],
        first: u64,
        proof: &mut impl Iterator<Item = Hash>,
        low: u64,
        high: u64,
    ) -> Option<Hash> {
        let end = first + shown.len() as u64;
        if high <= first || end <= low {
            return proof.next();
        }
        if high - low == 1 {
            return shown.get((low - first) as usize).copied();
        }
        let middle = low + (high - low).next_power_of_two() / 2;
        let left = root_of(shown, first, proof, low, middle)?;
        Some(merkle::node(&left, &root_of(shown, first, proof, middle, high)?))
    }

    fn medium(size: usize) -> MemorySource {
        MemorySource::new((0..size).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<u8>>())
    }

    fn tree_file(medium: &dyn Source) -> (MemorySource, Hash) {
        let mut bytes = vec![0; medium.size() as usize];
        medium.read_at(0, &mut bytes).unwrap();
        let tree = Tree::new(medium.size(), bytes.chunks(NODE_BYTES).map(tree::node).collect()).unwrap();
        (MemorySource::new(tree.encode()), tree.root())
    }

    #[test]
    fn every_range_proves_itself_and_no_other() {
        for size in [1, 4096, 4097, 20_000, NODE_BYTES + 5000, 3 * NODE_BYTES] {
            let medium = medium(size);
            let (file, root) = tree_file(&medium);
            let leaves = (size as u64).div_ceil(4096);
            let borders: Vec<u64> = (0..=leaves).filter(|n| leaves < 8 || n % 97 < 2 || *n == leaves).collect();
            for &from in &borders {
                for &to in borders.iter().filter(|to| **to > from) {
                    let range = ByteRange::between(from * 4096, (to * 4096).min(size as u64));
                    let proof = prove(&medium, &mut StoredTree::open(&file).unwrap(), range).unwrap();
                    let mut shown = vec![0; range.length as usize];
                    medium.read_at(range.offset, &mut shown).unwrap();
                    let mut values: Vec<Hash> = shown.chunks(4096).map(merkle::leaf).collect();
                    let mut rest = proof.iter().copied();
                    assert_eq!(root_of(&values, from, &mut rest, 0, leaves), Some(root), "{size}: {from}..{to}");
                    assert_eq!(rest.next(), None);
                    let bytes = MemorySource::new(shown);
                    assert_eq!(super::root(&bytes, range.offset, size as u64, &proof).unwrap(), Some(root));
                    assert_eq!(
                        super::root(&bytes, range.offset, size as u64, &proof.repeat(2)).unwrap() == Some(root),
                        proof.is_empty()
                    );
                    values[0][5] ^= 1;
                    assert_ne!(root_of(&values, from, &mut proof.iter().copied(), 0, leaves), Some(root));
                }
            }
        }
    }

    #[test]
    fn for_one_leaf_it_is_the_audit_path_of_the_rfc() {
        let medium = medium(7 * 4096);
        let (file, _) = tree_file(&medium);
        let proof = prove(&medium, &mut StoredTree::open(&file).unwrap(), ByteRange::new(3 * 4096, 4096)).unwrap();
        let mut bytes = vec![0; 7 * 4096];
        medium.read_at(0, &mut bytes).unwrap();
        let d: Vec<Hash> = bytes.chunks(4096).map(merkle::leaf).collect();
        // RFC 6962, section 2.1.3: the audit path for d3 is [c, g, l]; here from left to right g, c, l.
        let (g, l) = (merkle::node(&d[0], &d[1]), merkle::node(&merkle::node(&d[4], &d[5]), &d[6]));
        assert_eq!(proof, [g, d[2], l]);
    }

    #[test]
    fn what_cannot_be_proven_is_refused_with_the_range_that_can() {
        let medium = medium(10_000);
        let (file, _) = tree_file(&medium);
        let mut tree = StoredTree::open(&file).unwrap();
        for range in [ByteRange::new(0, 0), ByteRange::new(1, 4096), ByteRange::new(0, 100), ByteRange::new(8192, 4096)]
        {
            assert!(matches!(prove(&medium, &mut tree, range), Err(RangeProofError::Borders { .. })), "{range:?}");
        }
        assert_eq!(provable(ByteRange::new(5000, 10), 10_000), ByteRange::new(4096, 4096));
        assert_eq!(provable(ByteRange::new(9000, 10), 10_000), ByteRange::new(8192, 1808));
        let other = MemorySource::new(vec![0; 4096]);
        assert!(matches!(prove(&other, &mut tree, ByteRange::new(0, 4096)), Err(RangeProofError::OtherMedium { .. })));
    }

    /// A terabyte of zeros that counts what is read of it.
    struct Sparse(AtomicU64);

    impl Source for Sparse {
        fn size(&self) -> u64 {
            1 << 40
        }
        fn read_at(&self, _: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
            self.0.fetch_add(buf.len() as u64, Ordering::Relaxed);
            buf.fill(0);
            Ok(())
        }
        fn known(&self, range: ByteRange) -> (ByteRange, Known) {
            (range, Known::Zero)
        }
    }

    /// The stored tree of it, which counts as well. All nodes are equal, so none need be kept.
    struct SparseTree(AtomicU64, Vec<u8>, Hash);

    impl Source for SparseTree {
        fn size(&self) -> u64 {
            80 + 32 * (1 << 20)
        }
        fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
            self.0.fetch_add(buf.len() as u64, Ordering::Relaxed);
            for (at, byte) in (at..).zip(buf.iter_mut()) {
                *byte = self.1.get(at as usize).copied().unwrap_or_else(|| self.2[((at - 80) % 32) as usize]);
            }
            Ok(())
        }
    }

    #[test]
    fn a_range_of_a_terabyte_costs_two_mebibytes_of_medium_and_one_reading_of_the_tree() {
        let medium = Sparse(AtomicU64::new(0));
        let node = tree::node(&vec![0; NODE_BYTES]);
        let root = (0..20).fold(node, |value, _| merkle::node(&value, &value));
        let file = SparseTree(AtomicU64::new(0), tree::header(1 << 40, &root).to_vec(), node);
        let range = ByteRange::new((1 << 39) + 3 * 4096, 1 << 20);
        let proof = prove(&medium, &mut StoredTree::open(&file).unwrap(), range).unwrap();
        assert!(medium.0.load(Ordering::Relaxed) < 2 << 20, "{} bytes of medium", medium.0.load(Ordering::Relaxed));
        // Windows of nodes may be read again where subtrees meet: 64 KiB for each value of the proof at most.
        let tree_read = file.0.load(Ordering::Relaxed);
        assert!(tree_read < file.size() + proof.len() as u64 * (64 << 10), "{tree_read} bytes of tree");
        let zeros = merkle::leaf(&[0; 4096]);
        let shown = vec![zeros; 256];
        let mut rest = proof.into_iter();
        assert_eq!(root_of(&shown, range.offset / 4096, &mut rest, 0, 1 << 28), Some(root));
    }
}
