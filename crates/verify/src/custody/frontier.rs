//! The RFC 6962 root of a growing list, in memory that grows with the logarithm of its length.

use exhibit_hash::merkle::{self, Hash};

/// The roots of the complete subtrees that a list of this length is made of, the largest first.
#[derive(Debug, Default, Clone)]
pub(super) struct Frontier {
    /// Number of leaves and root of each.
    subtrees: Vec<(u64, Hash)>,
}

impl Frontier {
    /// Adds a leaf: the record's line without its end.
    pub(super) fn push(&mut self, data: &[u8]) {
        let mut newest = (1_u64, merkle::leaf(data));
        while let Some((_, left)) = self.subtrees.pop_if(|(leaves, _)| *leaves == newest.0) {
            newest = (newest.0.saturating_mul(2), merkle::node(&left, &newest.1));
        }
        self.subtrees.push(newest);
    }

    /// The root over all leaves so far.
    pub(super) fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(&(_, smallest)) = subtrees.next() else { return merkle::root(&[]) };
        subtrees.fold(smallest, |right, (_, left)| merkle::node(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_the_whole_list_at_every_length() {
        let mut frontier = Frontier::default();
        let mut leaves = Vec::new();
        for n in 0..200_u32 {
            assert_eq!(frontier.root(), merkle::root(&leaves), "{n} leaves");
            frontier.push(&n.to_be_bytes());
            leaves.push(merkle::leaf(&n.to_be_bytes()));
        }
    }
}
