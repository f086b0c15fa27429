//! Two leaves of the hash tree at once: [`crate::sha256::update_both`] over both, with the prefix of a leaf in front.
//! `sha2` is the reference in the test and does the work on processors without the SHA instructions.

use crate::merkle::{self, Hash};
use crate::sha256::{self, Sha256};
use crate::tree::LEAF_BYTES;

/// The values of two full leaves.
pub(crate) fn leaves(a: &[u8; LEAF_BYTES], b: &[u8; LEAF_BYTES]) -> [Hash; 2] {
    if !sha256::has_pairs() {
        return [merkle::leaf(a), merkle::leaf(b)];
    }
    let mut prefixed = Sha256::new();
    prefixed.update(&[merkle::LEAF_PREFIX]);
    let mut other = prefixed.clone();
    let (mut x, mut y): (&[u8], &[u8]) = (a, b);
    sha256::update_both([&mut prefixed, &mut other], [&mut x, &mut y]);
    Sha256::finish_both([&prefixed, &other])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_equal_the_reference_for_every_kind_of_content() {
        let mut state = 7_u64;
        for case in 0..200_u32 {
            let mut leaf = || {
                let mut bytes = [0_u8; LEAF_BYTES];
                for byte in &mut bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    *byte = match case % 4 {
                        0 => 0,
                        1 => 0xff,
                        _ => (state >> 56) as u8,
                    };
                }
                bytes
            };
            let (a, b) = (leaf(), leaf());
            assert_eq!(leaves(&a, &b), [merkle::leaf(&a), merkle::leaf(&b)], "case {case}");
        }
    }

    #[test]
    fn one_changed_bit_anywhere_changes_its_own_leaf_and_not_the_other() {
        let (a, b) = ([3; LEAF_BYTES], [5; LEAF_BYTES]);
        let [value_a, value_b] = leaves(&a, &b);
        for position in [0, 62, 63, 64, 2047, 4031, 4094, 4095] {
            let mut changed = a;
            changed[position] ^= 0x80;
            let [other_a, other_b] = leaves(&changed, &b);
            assert!(other_a != value_a && other_b == value_b, "byte {position}");
        }
    }
}
