//! The head of a growing Merkle tree without its leaves: one value per set bit of the number of leaves.

use exhibit_hash::merkle::{self, Hash};

/// The roots of the perfect subtrees of what was pushed so far, smallest first; empty slots where the bit is zero.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frontier {
    subtrees: Vec<Option<Hash>>,
}

impl Frontier {
    /// Adds a leaf value at the end: binary counting, where a carry is a node.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut carry = leaf;
        for slot in &mut self.subtrees {
            match slot.take() {
                Some(left) => carry = merkle::node(&left, &carry),
                None => {
                    *slot = Some(carry);
                    return;
                }
            }
        }
        self.subtrees.push(Some(carry));
    }

    /// The RFC 6962 root over all leaves pushed so far.
    pub(crate) fn root(&self) -> Hash {
        let subtrees = self.subtrees.iter().flatten().copied();
        subtrees.reduce(|right, left| merkle::node(&left, &right)).unwrap_or_else(|| merkle::root(&[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_each_leaf_the_root_is_that_of_the_whole_tree() {
        let leaves: Vec<Hash> = (0..300_u32).map(|n| merkle::leaf(&n.to_le_bytes())).collect();
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), merkle::root(&[]));
        for n in 0..leaves.len() {
            frontier.push(leaves[n]);
            assert_eq!(frontier.root(), merkle::root(&leaves[..=n]), "{n}");
        }
    }
}
