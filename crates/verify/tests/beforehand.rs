//! A check whose parts were done beforehand, in any order and even in part, says what it says by itself, to the letter.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use exhibit_evidence::{Cancel, MemorySource, Source};
use exhibit_verify::beforehand::{Beforehand, Done, pieces, work};
use exhibit_verify::{ImageReader, Level, Verdict, check_package, check_package_after};
use support::world::{key, package, request};

/// By itself; and with those pieces done that `take` picks, carried as text as between workers of a browser.
fn both(bytes: &[u8], level: Level, take: &dyn Fn(usize) -> bool) -> (Verdict, Verdict, usize) {
    let (cancel, trusted) = (Cancel::new(), [key(7).public_key()]);
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let reader = ImageReader { jobs: 2 };
    let alone = check_package(Arc::clone(&source), &request(level, &trusted, Some(&reader), &cancel)).unwrap();
    let without = request(level, &trusted, None, &cancel);
    let mut beforehand = Beforehand::default();
    let all = pieces(Arc::clone(&source), &without, 1);
    for (_, piece) in all.iter().enumerate().filter(|(index, _)| take(*index)) {
        let done = work(Arc::clone(&source), piece, &without).unwrap();
        let carried: Done = serde_json::from_str(&serde_json::to_string(&done).unwrap()).unwrap();
        beforehand.add(carried);
    }
    let with = request(level, &trusted, Some(&beforehand), &cancel);
    let after = check_package_after(source, &with, &beforehand).unwrap();
    (alone.verdict().clone(), after.verdict().clone(), all.len())
}

#[test]
fn all_some_or_no_pieces_beforehand_give_the_same_verdict() {
    let bytes = package();
    let takes: [&dyn Fn(usize) -> bool; 4] = [&|_| true, &|_| false, &|index| index % 2 == 0, &|index| index == 0];
    for level in [Level::Full, Level::Tree, Level::Structure] {
        for take in takes {
            let (alone, after, pieces) = both(&bytes, level, take);
            assert_eq!(alone, after);
            assert_eq!(pieces > 2, level != Level::Structure, "there must be something to do: {pieces}");
        }
    }
}

#[test]
fn a_changed_byte_anywhere_is_found_alike() {
    let bytes = package();
    for at in (0..bytes.len()).step_by(61) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        let (alone, after, _) = both(&changed, Level::Full, &|_| true);
        assert_eq!(alone, after, "byte {at}");
        assert_eq!(after.exit_code(), 4, "byte {at}");
    }
}
