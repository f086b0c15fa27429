//! RFC 6962 §2.1 Merkle tree hashing with SHA-256: the one definition that medium tree and custody log use.
//!
//! leaf = SHA-256(0x00 ‖ data), node = SHA-256(0x01 ‖ left ‖ right), the empty tree is SHA-256 of nothing, and a tree of
//! n leaves splits at the largest power of two below n.

use sha2::{Digest as _, Sha256};

use crate::sixteen;

/// A leaf or node value.
pub type Hash = [u8; 32];

/// What stands in front of a leaf's bytes (RFC 6962 §2.1).
pub(crate) const LEAF_PREFIX: u8 = 0;

/// The value of a leaf.
#[must_use]
pub fn leaf(data: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([LEAF_PREFIX]);
    hasher.update(data);
    hasher.finalize().into()
}

/// The value of a node.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The root of the tree over `leaves` (leaf values, or values of equal power-of-two subtrees with a smaller last one).
///
/// Works level by level, pairing from the left and carrying an odd one up, which gives exactly RFC 6962's tree.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    if leaves.is_empty() {
        return Sha256::digest([]).into();
    }
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        let (pairs, odd) = level.as_chunks::<2>();
        let mut above = Vec::with_capacity(pairs.len().saturating_add(1));
        let mut left = pairs;
        while let Some((sixteen, after)) = left.split_first_chunk()
            && let Some(values) = sixteen::nodes(sixteen)
        {
            above.extend(values);
            left = after;
        }
        above.extend(left.iter().map(|[left, right]| node(left, right)));
        above.extend_from_slice(odd);
        level = above;
    }
    level.first().copied().unwrap_or_default()
}

/// The root of leaves that come one after another, in memory that grows with the depth of the tree only.
#[derive(Debug, Clone, Default)]
pub struct RootBuilder {
    /// Roots of complete subtrees with their heights, highest first.
    subtrees: Vec<(u32, Hash)>,
    count: u64,
}

impl RootBuilder {
    /// No leaves yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next leaf value.
    pub fn push(&mut self, leaf: &Hash) {
        self.count = self.count.saturating_add(1);
        let (mut height, mut value) = (0, *leaf);
        while let Some((_, left)) = self.subtrees.pop_if(|(other, _)| *other == height) {
            value = node(&left, &value);
            height = height.saturating_add(1);
        }
        self.subtrees.push((height, value));
    }

    /// Leaves so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The root over the leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut from_right = self.subtrees.iter().rev().map(|(_, value)| *value);
        match from_right.next() {
            None => root(&[]),
            Some(last) => from_right.fold(last, |right, left| node(&left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::to_hex;

    use super::*;

    /// The definition of the RFC, word by word: slow, clear, and the judge of `root`.
    fn by_the_rfc(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&by_the_rfc(&many[..split]), &by_the_rfc(&many[split..]))
            }
        }
    }

    #[test]
    fn the_roots_of_certificate_transparency_come_out() {
        let data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<Hash> = data.iter().map(|hex| leaf(&exhibit_evidence::from_hex(hex).unwrap())).collect();
        assert_eq!(to_hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(to_hex(&root(&leaves[..1])), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(to_hex(&root(&leaves[..7])), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
        assert_eq!(to_hex(&root(&leaves)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    #[test]
    fn pairing_from_the_left_is_the_tree_of_the_rfc() {
        let leaves: Vec<Hash> = (0..300_u32).map(|n| leaf(&n.to_le_bytes())).collect();
        let mut builder = RootBuilder::new();
        for n in 0..=leaves.len() {
            assert_eq!(root(&leaves[..n]), by_the_rfc(&leaves[..n]), "{n} leaves");
            assert_eq!((builder.root(), builder.count()), (root(&leaves[..n]), n as u64), "{n} leaves, one by one");
            leaves.get(n).into_iter().for_each(|leaf| builder.push(leaf));
        }
    }
}
