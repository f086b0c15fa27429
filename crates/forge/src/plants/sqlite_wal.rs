//! A write-ahead log of SQLite: transactions of some pages each.

use super::{Grown, Plant};
use crate::{Random, prose};

const PAGE: usize = 1024;

pub(super) struct SqliteWal;

impl Plant for SqliteWal {
    fn id(&self) -> &'static str {
        "sqlite-wal"
    }

    fn extension(&self) -> &'static str {
        "db-wal"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let (salt, other) = (random.next() as u32 | 1 << 24, random.next() as u32);
        let mut out = words(&[0x377f_0683, 3_007_000, PAGE as u32, 0, salt, other]);
        let mut sum = add((0, 0), &out);
        out.extend(words(&[sum.0, sum.1]));
        let frames = (size_bytes / (PAGE + 24)).max(2);
        for frame in 1..=frames {
            let commits = frame == frames || random.chance(1, 3);
            let head = words(&[random.between(1, 500) as u32, if commits { 500 } else { 0 }]);
            let page = prose::english(random, PAGE);
            sum = add(add(sum, &head), &page);
            out.extend(head);
            out.extend(words(&[salt, other, sum.0, sum.1]));
            out.extend(page);
        }
        Grown::plain(out)
    }
}

fn words(fields: &[u32]) -> Vec<u8> {
    fields.iter().flat_map(|field| field.to_be_bytes()).collect()
}

/// The running checksum over pairs of words.
fn add(sum: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let word = |four: &[u8]| four.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    bytes.chunks_exact(8).fold(sum, |(one, two), pair| {
        let (first, second) = pair.split_at(4);
        let one = one.wrapping_add(word(first)).wrapping_add(two);
        (one, two.wrapping_add(word(second)).wrapping_add(one))
    })
}
