//! The salts that follow from the seeds that are given.

use exhibit_evidence::from_hex;
use exhibit_hash::merkle::Hash;
use exhibit_package::disclosure::Seed;
use sha2::{Digest as _, Sha256};

/// The salt of each of so many entries, where a seed gives it away.
///
/// # Errors
/// In words, if a seed is none, lies outside of the tree, or gives a salt that another one gives as well.
pub(super) fn expand(seeds: &[Seed], entries: u64) -> Result<Vec<Option<Hash>>, String> {
    let height = entries.max(1).next_power_of_two().trailing_zeros();
    let mut salts: Vec<Option<Hash>> = vec![None; usize::try_from(entries).unwrap_or(0)];
    for seed in seeds {
        let bytes = from_hex(&seed.seed).and_then(|bytes| Hash::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| format!("{:?} is not a seed of 32 bytes", seed.seed))?;
        let inside = seed.depth <= height && seed.index < 1_u64.checked_shl(seed.depth).unwrap_or(0);
        if !inside {
            return Err(format!("there is no seed number {} at depth {}", seed.index, seed.depth));
        }
        let mut open = vec![(seed.depth, seed.index, bytes)];
        while let Some((depth, index, bytes)) = open.pop() {
            let first = index.checked_shl(height.saturating_sub(depth)).unwrap_or(u64::MAX);
            let Some(slot) = usize::try_from(first).ok().and_then(|first| salts.get_mut(first)) else { continue };
            // Each step below finds its first entry without a salt, so overlapping seeds end at once.
            if slot.is_some() {
                return Err(format!("the salt of entry {first} follows from two seeds"));
            }
            if depth == height {
                *slot = Some(bytes);
            } else {
                let below = |step: u8, right: u64| {
                    let child = Sha256::new().chain_update([step]).chain_update(bytes).finalize();
                    (depth.saturating_add(1), index.saturating_mul(2).saturating_add(right), child.into())
                };
                open.extend([below(3, 1), below(2, 0)]);
            }
        }
    }
    Ok(salts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(depth: u32, index: u64) -> Seed {
        Seed { depth, index, seed: "11".repeat(32) }
    }

    #[test]
    fn a_seed_gives_what_lies_below_it_and_nothing_else() {
        let given = |seeds: &[Seed], entries| -> Vec<bool> {
            expand(seeds, entries).unwrap().iter().map(Option::is_some).collect()
        };
        assert_eq!(given(&[seed(0, 0)], 3), [true; 3]);
        assert_eq!(given(&[seed(1, 1)], 3), [false, false, true]);
        assert_eq!(given(&[seed(2, 1)], 3), [false, true, false]);
        assert_eq!(given(&[], 3), [false; 3]);
        for (seeds, entries) in [
            (vec![seed(3, 0)], 3),
            (vec![seed(1, 2)], 3),
            (vec![seed(1, 0), seed(2, 1)], 3),
            (vec![seed(2, 1), seed(0, 0)], 3),
            (vec![seed(0, 0), seed(0, 0)], 1),
            (vec![Seed { depth: 0, index: 0, seed: "11".to_owned() }], 1),
        ] {
            assert!(expand(&seeds, entries).is_err(), "{seeds:?}");
        }
        assert_eq!(expand(&[seed(0, 0)], 1_000_000).unwrap().len(), 1_000_000);
    }
}
