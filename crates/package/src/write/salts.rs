//! Salts of a list, all from one seed, so that those of any part can be given away with few values.
//!
//! A binary tree of seeds: the seed below to the left is SHA-256 of a byte 2 and the seed, to the right of a byte 3 and the
//! seed; the salt of an entry is the seed at the bottom. From a seed everything below follows and nothing beside or above.

use sha2::{Digest as _, Sha256};

use crate::disclosure::Seed;

/// A seed or a salt.
pub(super) type Salt = [u8; 32];

/// The levels below the top of a tree for `entries`.
pub(super) fn height(entries: usize) -> u32 {
    entries.max(1).next_power_of_two().trailing_zeros()
}

fn child(seed: &Salt, right: bool) -> Salt {
    let mut hasher = Sha256::new();
    hasher.update([if right { 3 } else { 2 }]);
    hasher.update(seed);
    hasher.finalize().into()
}

/// A subtree while the tree is walked.
struct Node {
    depth: u32,
    index: u64,
    seed: Salt,
}

impl Node {
    fn children(&self) -> [Self; 2] {
        [false, true].map(|right| Self {
            depth: self.depth.saturating_add(1),
            index: self.index.saturating_mul(2).saturating_add(u64::from(right)),
            seed: child(&self.seed, right),
        })
    }

    /// The entries below it, of a tree of that height.
    fn entries(&self, height: u32) -> std::ops::Range<u64> {
        let width = 1_u64.checked_shl(height.saturating_sub(self.depth)).unwrap_or(u64::MAX);
        let start = self.index.saturating_mul(width);
        start..start.saturating_add(width)
    }
}

/// The salts of all entries, in order.
pub(super) fn all(seed: &Salt, entries: usize) -> Vec<Salt> {
    let mut level = vec![*seed];
    for _ in 0..height(entries) {
        level = level.iter().flat_map(|seed| [child(seed, false), child(seed, true)]).collect();
    }
    level.truncate(entries);
    level
}

/// The fewest seeds from which the salts of the entries shown follow, and no others. What lies beyond the end of the list
/// counts as shown.
pub(super) fn cover(seed: &Salt, shown: &[bool]) -> Vec<Seed> {
    let height = height(shown.len());
    // How many entries are withheld before each place: a subtree is shown if the count does not grow over it.
    let mut withheld = vec![0_u64];
    for shown in shown {
        withheld.push(withheld.last().copied().unwrap_or(0).saturating_add(u64::from(!shown)));
    }
    let before = |place: u64| {
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(shown.len());
        withheld.get(place).copied().unwrap_or(0)
    };
    let mut seeds = Vec::new();
    let mut open = vec![Node { depth: 0, index: 0, seed: *seed }];
    while let Some(node) = open.pop() {
        let entries = node.entries(height);
        if entries.start >= shown.len() as u64 {
            continue;
        }
        if before(entries.start) == before(entries.end) {
            let seed = exhibit_evidence::to_hex(&node.seed);
            seeds.push(Seed { depth: node.depth, index: node.index, seed });
        } else if node.depth < height {
            let [left, right] = node.children();
            open.extend([right, left]);
        }
    }
    seeds
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Everything that follows from a set of seeds, by place.
    fn derivable(seeds: &[Seed], height: u32) -> BTreeMap<u64, Salt> {
        let mut salts = BTreeMap::new();
        for seed in seeds {
            let bytes = exhibit_evidence::from_hex(&seed.seed).unwrap().try_into().unwrap();
            let mut open = vec![Node { depth: seed.depth, index: seed.index, seed: bytes }];
            while let Some(node) = open.pop() {
                if node.depth == height {
                    assert!(salts.insert(node.index, node.seed).is_none());
                } else {
                    open.extend(node.children());
                }
            }
        }
        salts
    }

    #[test]
    fn exactly_the_salts_of_what_is_shown_follow_from_the_seeds() {
        for entries in [1_usize, 2, 3, 5, 8, 13] {
            let salts = all(&[7; 32], entries);
            assert_eq!(salts.len(), entries);
            for pattern in 0..1_u32 << entries {
                let shown: Vec<bool> = (0..entries).map(|n| pattern >> n & 1 == 1).collect();
                let seeds = cover(&[7; 32], &shown);
                let derived = derivable(&seeds, height(entries));
                for (place, shown) in shown.iter().enumerate() {
                    let salt = derived.get(&(place as u64));
                    assert_eq!(salt, shown.then(|| &salts[place]), "{entries} entries, {pattern:b}, place {place}");
                }
            }
        }
    }

    #[test]
    fn one_entry_withheld_of_a_hundred_thousand_costs_seventeen_seeds() {
        let mut shown = vec![true; 100_000];
        assert_eq!(cover(&[1; 32], &shown).len(), 1);
        shown[4242] = false;
        assert_eq!(cover(&[1; 32], &shown).len(), 17);
    }
}
