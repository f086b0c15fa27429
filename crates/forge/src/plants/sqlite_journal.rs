//! A rollback journal of SQLite: pages as they were before a change.

use super::{Grown, Plant};
use crate::{Random, prose};

const PAGE: usize = 1024;
const SECTOR: usize = 512;

pub(super) struct SqliteJournal;

impl Plant for SqliteJournal {
    fn id(&self) -> &'static str {
        "sqlite-journal"
    }

    fn extension(&self) -> &'static str {
        "db-journal"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let records = (size_bytes / (PAGE + 8)).max(1);
        let nonce = random.next() as u32;
        let words = |fields: &[u32]| -> Vec<u8> { fields.iter().flat_map(|field| field.to_be_bytes()).collect() };
        let mut out = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7".to_vec();
        out.extend(words(&[records as u32, nonce, records as u32 + 9, SECTOR as u32, PAGE as u32]));
        out.resize(SECTOR, 0);
        for record in 1..=records {
            let page = prose::english(random, PAGE);
            // Every 200th byte, from the end.
            let summed = [PAGE - 200, PAGE - 400, PAGE - 600, PAGE - 800, PAGE - 1000];
            let bytes = summed.iter().filter_map(|at| page.get(*at));
            let sum = bytes.fold(nonce, |sum, byte| sum.wrapping_add(u32::from(*byte)));
            out.extend(words(&[record as u32]));
            out.extend(page);
            out.extend(words(&[sum]));
        }
        Grown::plain(out)
    }
}
