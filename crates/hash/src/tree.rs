//! The hash tree of a medium and its file, `<base>.tree` (see `docs/spec/hash-tree.md`).
//!
//! Leaves are 4096 bytes of medium, the last one may be shorter. Only the nodes that cover 1 MiB each are stored, 32 MiB
//! for a TiB: enough to name the damaged MiB at once, and with the image at hand every leaf below can be computed again.

use std::sync::OnceLock;

use exhibit_evidence::{ByteRange, Class};

use crate::merkle::{self, Hash};
use crate::sha256::{Sha256, update_both};
use crate::{leaf_pair, sixteen};

/// Bytes of medium in a leaf.
pub const LEAF_BYTES: usize = 4096;
/// Bytes of medium under a stored node: 256 leaves.
pub const NODE_BYTES: usize = 1 << 20;

const MAGIC: &[u8; 16] = b"exhibit-tree/1\n\0";
/// Bytes before the first node.
pub const HEADER_BYTES: usize = 80;

/// The header of a tree file over a medium of `size` bytes.
#[must_use]
pub fn header(size: u64, root: &Hash) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    let numbers = [size, LEAF_BYTES as u64, NODE_BYTES as u64, node_count(size)].map(u64::to_le_bytes);
    let fields = MAGIC.iter().chain(numbers.iter().flatten()).chain(root);
    bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = *from);
    bytes
}

/// Reads a header: size of the medium and stored root.
///
/// # Errors
/// A [`TreeFault`] with the offset of the field that is wrong.
pub fn read_header(header: &[u8]) -> Result<(u64, Hash), TreeFault> {
    let fault = |offset: usize, text: String| TreeFault { offset: offset as u64, text };
    let Some(header) = header.first_chunk::<HEADER_BYTES>() else {
        return Err(fault(header.len(), format!("{} bytes are too short for the header", header.len())));
    };
    if !header.starts_with(MAGIC) {
        return Err(fault(0, "does not begin with \"exhibit-tree/1\"".to_owned()));
    }
    let number = |offset: usize| {
        let field = header.get(offset..).and_then(|tail| tail.first_chunk::<8>());
        field.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let (size, leaf, node, count) = (number(16), number(24), number(32), number(40));
    if leaf != LEAF_BYTES as u64 {
        return Err(fault(24, format!("leaf size {leaf}, expected {LEAF_BYTES}")));
    }
    if node != NODE_BYTES as u64 {
        return Err(fault(32, format!("node size {node}, expected {NODE_BYTES}")));
    }
    if count != node_count(size) {
        return Err(fault(40, format!("{count} nodes for {size} bytes, expected {}", node_count(size))));
    }
    Ok((size, header.last_chunk().copied().unwrap_or_default()))
}

/// The stored part of a tree, whole in memory: for small media and as the reference in tests. [`crate::StoredTree`] reads
/// one of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    nodes: Vec<Hash>,
    root: Hash,
}

/// The value of the node over `medium`, which is [`NODE_BYTES`] long, or shorter at the end of the medium.
#[must_use]
pub fn node(medium: &[u8]) -> Hash {
    let (full, rest) = medium.as_chunks::<LEAF_BYTES>();
    let (groups, left) = full.as_chunks::<{ sixteen::LANES }>();
    let mut values = Vec::with_capacity(full.len().saturating_add(1));
    for group in groups {
        match repeated(group.as_flattened()) {
            Some(byte) => values.resize(values.len().saturating_add(group.len()), leaf_of(byte)),
            None => match sixteen::leaves(group) {
                Some(hashes) => values.extend(hashes),
                None => few_leaves(group, &mut values),
            },
        }
    }
    few_leaves(left, &mut values);
    values.extend((!rest.is_empty()).then(|| merkle::leaf(rest)));
    merkle::root(&values)
}

/// The values of leaves, two at a time.
fn few_leaves(leaves: &[[u8; LEAF_BYTES]], values: &mut Vec<Hash>) {
    let (pairs, odd) = leaves.as_chunks::<2>();
    values.extend(pairs.iter().flat_map(|[a, b]| leaf_pair::leaves(a, b)));
    values.extend(odd.iter().map(|leaf| merkle::leaf(leaf)));
}

/// The byte of which all of `bytes` is made, if there is one. Most of many media are zeros, or the ones of erased flash.
fn repeated(bytes: &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    // Every byte equals the one before it: one comparison of memory, which ends at the first difference.
    (bytes.get(..rest.len()) == Some(rest)).then_some(*first)
}

/// The value of a leaf that is the same byte over and over; computed once for each byte.
fn leaf_of(byte: u8) -> Hash {
    static VALUES: [OnceLock<Hash>; 256] = [const { OnceLock::new() }; 256];
    let make = || merkle::leaf(&[byte; LEAF_BYTES]);
    VALUES.get(usize::from(byte)).map_or_else(make, |value| *value.get_or_init(make))
}

/// As [`node`], with `digest` going on over the same bytes in turns with the leaves: on processors with the SHA
/// instructions this takes little longer than `digest` alone.
#[must_use]
pub(crate) fn node_beside(digest: &mut Sha256, medium: &[u8]) -> Hash {
    let mut prefixed = Sha256::new();
    prefixed.update(&[merkle::LEAF_PREFIX]);
    let values: Vec<Hash> = medium
        .chunks(LEAF_BYTES)
        .map(|bytes| {
            let (mut leaf, mut x, mut y) = (prefixed.clone(), bytes, bytes);
            update_both([digest, &mut leaf], [&mut x, &mut y]);
            digest.update(x);
            leaf.update(y);
            leaf.finish()
        })
        .collect();
    merkle::root(&values)
}

/// How many nodes are stored for a medium of `size` bytes.
#[must_use]
pub fn node_count(size: u64) -> u64 {
    size.div_ceil(NODE_BYTES as u64)
}

/// Why bytes are not a tree file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFault {
    /// Position in the file.
    pub offset: u64,
    /// What is wrong there.
    pub text: String,
}

impl TreeFault {
    /// Always [`Class::Corrupt`].
    #[must_use]
    pub fn class(&self) -> Class {
        Class::Corrupt
    }
}

impl std::fmt::Display for TreeFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hash tree file, offset {}: {}", self.offset, self.text)
    }
}

impl std::error::Error for TreeFault {}

impl Tree {
    /// A tree from its stored nodes, in order.
    ///
    /// Returns `None` if their number is not what `size` asks for.
    #[must_use]
    pub fn new(size: u64, nodes: Vec<Hash>) -> Option<Self> {
        if node_count(size) != nodes.len() as u64 {
            return None;
        }
        // Nodes over whole MiB are whole subtrees of RFC 6962's tree (256 is a power of two), so their root is its root.
        let root = merkle::root(&nodes);
        Some(Self { size, nodes, root })
    }

    /// Size of the medium in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The stored nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Ranges of the medium in which this tree and `other` (of the same size) differ, joined where they touch.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<ByteRange> {
        let mut ranges: Vec<ByteRange> = Vec::new();
        for (index, (mine, theirs)) in self.nodes.iter().zip(&other.nodes).enumerate() {
            if mine == theirs {
                continue;
            }
            let start = (index as u64).saturating_mul(NODE_BYTES as u64);
            let end = start.saturating_add(NODE_BYTES as u64).min(self.size);
            match ranges.last_mut() {
                Some(last) if last.end() == start => *last = ByteRange::between(last.offset, end),
                _ => ranges.push(ByteRange::between(start, end)),
            }
        }
        ranges
    }

    /// The bytes of the tree file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = header(self.size, &self.root).to_vec();
        bytes.extend(self.nodes.iter().flatten());
        bytes
    }

    /// Reads a tree file. The stored root must be the root of the stored nodes, so no changed byte goes unnoticed.
    ///
    /// # Errors
    /// A [`TreeFault`] with the offset of the field that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, TreeFault> {
        let fault = |offset: usize, text: String| TreeFault { offset: offset as u64, text };
        let (size, root) = read_header(bytes)?;
        let (count, rest) = (node_count(size), bytes.get(HEADER_BYTES..).unwrap_or_default());
        let (nodes, odd) = rest.as_chunks::<32>();
        if nodes.len() as u64 != count || !odd.is_empty() {
            return Err(fault(bytes.len(), format!("{} bytes of nodes, expected {count} × 32", rest.len())));
        }
        let tree = Self::new(size, nodes.to_vec()).ok_or_else(|| fault(40, "wrong number of nodes".to_owned()))?;
        if root != tree.root {
            return Err(fault(48, "the stored root is not the root of the stored nodes".to_owned()));
        }
        Ok(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn medium(size: usize) -> Vec<u8> {
        (0..size).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    fn tree_of(medium: &[u8]) -> Tree {
        Tree::new(medium.len() as u64, medium.chunks(NODE_BYTES).map(node).collect()).unwrap()
    }

    #[test]
    fn the_root_is_that_of_all_leaves_at_every_odd_size() {
        for size in [0, 1, 4095, 4096, 4097, NODE_BYTES - 1, NODE_BYTES, NODE_BYTES + 1, 3 * NODE_BYTES + 4097] {
            let medium = medium(size);
            let leaves: Vec<Hash> = medium.chunks(LEAF_BYTES).map(merkle::leaf).collect();
            assert_eq!(tree_of(&medium).root(), merkle::root(&leaves), "{size} bytes");
        }
    }

    #[test]
    fn leaves_of_one_byte_are_leaves_like_others() {
        let mut medium = medium(NODE_BYTES);
        for (from, to, byte) in
            [(0, 100_000, 0), (131_072, 196_608, 0xff), (200_000, 300_001, 7), (524_288, NODE_BYTES, 0)]
        {
            medium[from..to].fill(byte);
            let leaves: Vec<Hash> = medium.chunks(LEAF_BYTES).map(merkle::leaf).collect();
            assert_eq!(node(&medium), merkle::root(&leaves), "{from} to {to}");
        }
        assert_eq!(
            (repeated(&[5; 9]), repeated(&[5, 5, 5, 4]), repeated(&[4, 5, 5]), repeated(&[])),
            (Some(5), None, None, None)
        );
    }

    #[test]
    fn every_truncation_and_every_flipped_byte_of_a_tree_file_is_refused() {
        let bytes = tree_of(&medium(2 * NODE_BYTES + 5)).encode();
        assert_eq!(Tree::decode(&bytes).unwrap().encode(), bytes);
        for length in 0..bytes.len() {
            Tree::decode(&bytes[..length]).unwrap_err();
        }
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 0x40;
            // The size of the medium is bound by the acquisition record where the number of nodes stays the same.
            assert!(Tree::decode(&changed).is_err() || (16..19).contains(&position), "byte {position}");
        }
    }

    #[test]
    fn a_changed_byte_is_placed_in_its_mebibyte() {
        let mut medium = medium(3 * NODE_BYTES + 100);
        let before = tree_of(&medium);
        medium[NODE_BYTES + 7] ^= 1;
        medium[3 * NODE_BYTES + 99] ^= 1;
        let mib = NODE_BYTES as u64;
        let expected = vec![ByteRange::new(mib, mib), ByteRange::new(3 * mib, 100)];
        assert_eq!(before.differences(&tree_of(&medium)), expected);
    }
}
