//! Packages: the sound one holds, and whatever is done to it is found and named.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use exhibit_custody::PublicKey;
use exhibit_evidence::{Cancel, MemorySource, Severity};
use exhibit_verify::{
    CheckResult, Level, MediaChecker, MemoryMembers, Outcome, Verdict, check_package, check_unpacked,
};
use rayon::prelude::*;
use support::archive::{Part, Shape, zip};
use support::world::{BAG, RawMedia, key, log, package, package_of, request, unpacked};

fn verdict(bytes: &[u8], level: Level, trusted: &[PublicKey], media: Option<&dyn MediaChecker>) -> Verdict {
    let cancel = Cancel::new();
    let source = Arc::new(MemorySource::new(bytes));
    check_package(source, &request(level, trusted, media, &cancel)).unwrap().verdict().clone()
}

fn full(bytes: &[u8]) -> Verdict {
    verdict(bytes, Level::Full, &[key(7).public_key()], Some(&RawMedia))
}

fn full_unpacked(members: &MemoryMembers) -> Verdict {
    let (cancel, trusted) = (Cancel::new(), [key(7).public_key()]);
    check_unpacked(members, &request(Level::Full, &trusted, Some(&RawMedia), &cancel)).unwrap().verdict().clone()
}

/// Does not match, and says where.
fn is_found(verdict: &Verdict) -> bool {
    let named = verdict.findings.iter().any(|f| f.severity == Severity::Mismatch && !f.place.is_empty());
    verdict.outcome == Outcome::DoesNotMatch && named && verdict.exit_code() == 4
}

#[test]
fn a_sound_package_holds_in_its_archive_and_unpacked() {
    let verdict = full(&package());
    assert_eq!(verdict.outcome, Outcome::Holds, "{verdict:#?}");
    assert!(verdict.checks.iter().all(|check| check.result == CheckResult::Passed));
    assert!(verdict.sentence().starts_with("Verified: all "), "{verdict}");
    assert_eq!(full_unpacked(&unpacked()).outcome, Outcome::Holds);
    let mut nested = MemoryMembers::new();
    unpacked().iter().for_each(|(name, bytes)| nested.insert(format!("{BAG}/{name}"), bytes));
    assert_eq!(full_unpacked(&nested).outcome, Outcome::Holds);
}

/// The checker deflates every text again, and its compressor must be handed the text in the pieces in which the writer's was.
#[test]
fn texts_of_many_blocks_are_deflated_again_to_the_same_bytes() {
    let mut state = 1_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{} ", (state >> 12) % 5000)
    };
    let (log, mut files) = log(&key(7));
    for number in 0..6 {
        let mut text = String::new();
        while text.len() < (2 << 20) + 100_000 * number {
            text += &word();
        }
        files.push((format!("large-{number}.txt"), text.into_bytes()));
    }
    let verdict = full(&package_of((log, files)));
    let archive = verdict.checks.iter().find(|check| check.id == "archive").unwrap();
    assert_eq!(archive.result, CheckResult::Passed, "{}", archive.reason);
}

#[test]
fn the_facts_are_verified_only_when_everything_holds() {
    let cancel = Cancel::new();
    let check = |trusted: &[PublicKey]| {
        let source = Arc::new(MemorySource::new(package()));
        check_package(source, &request(Level::Full, trusted, Some(&RawMedia), &cancel)).unwrap()
    };
    let verified = check(&[key(7).public_key()]).verified().unwrap();
    let facts = verified.value();
    assert_eq!((facts.bag.as_str(), facts.log_records, facts.payload_files), (BAG, 4, 5));
    assert_eq!(facts.signer.as_ref(), Some(&key(7).public_key()));
    assert!(check(&[]).verified().is_none());
}

#[test]
fn an_unknown_key_a_lower_level_and_a_missing_reader_are_incomplete_and_never_verified() {
    let (bytes, trusted) = (package(), [key(7).public_key()]);
    let stranger = [key(8).public_key()];
    for (level, keys, media) in [
        (Level::Full, &stranger[..], Some(&RawMedia as &dyn MediaChecker)),
        (Level::Full, &[][..], Some(&RawMedia)),
        (Level::Full, &trusted[..], None),
        (Level::Tree, &trusted[..], Some(&RawMedia)),
        (Level::Structure, &trusted[..], Some(&RawMedia)),
    ] {
        let verdict = verdict(&bytes, level, keys, media);
        assert_eq!((verdict.outcome, verdict.exit_code()), (Outcome::Incomplete, 7), "{level:?}: {verdict:#?}");
        assert!(
            !verdict.not_checked.is_empty() && !verdict.sentence().to_lowercase().contains("verified"),
            "{verdict}"
        );
    }
}

#[test]
fn every_changed_byte_of_the_archive_is_found_and_named() {
    let bytes = package();
    (0..bytes.len()).into_par_iter().for_each(|at| {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let verdict = full(&changed);
        assert!(is_found(&verdict), "byte {at} of {}: {verdict:#?}", bytes.len());
    });
}

#[test]
fn a_package_packed_again_by_another_tool_still_holds_and_says_so() {
    let other = |(name, bytes): (&str, &[u8])| Part {
        time: 0x6c32,
        external: 0,
        ..Part::deflated(&format!("{BAG}/{name}"), bytes)
    };
    let mut parts: Vec<Part> = unpacked().iter().map(other).collect();
    parts.reverse();
    let verdict = full(&zip(&parts, &Shape::default()));
    assert_eq!(verdict.outcome, Outcome::Holds, "{verdict:#?}");
    assert_eq!(verdict.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["zip-repacked"]);
    parts.push(other(("data/items/HDD-1/extra", b"x")));
    assert!(is_found(&full(&zip(&parts, &Shape::default()))));
    parts.pop();
    parts.push(Part::new("beside.txt", b"x"));
    assert!(is_found(&full(&zip(&parts, &Shape::default()))));
}

#[test]
fn truncations_and_additions_are_found() {
    let bytes = package();
    let lengths = (0..bytes.len()).filter(|length| length % 37 == 0 || bytes.len() - length < 200);
    for length in lengths {
        assert!(is_found(&full(&bytes[..length])), "cut to {length}");
    }
    for at in (0..=bytes.len()).step_by(41) {
        let mut longer = bytes.clone();
        longer.insert(at, 0);
        assert!(is_found(&full(&longer)), "byte added at {at}");
    }
}

#[test]
fn every_changed_byte_of_an_unpacked_package_is_found() {
    let sound = unpacked();
    for (name, bytes) in sound.iter() {
        // The same bytes as in the archive, where every one is tried; here a sample of the longer files is enough.
        let step = if bytes.len() > 300 { 11 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << (at % 8);
            let mut members = sound.clone();
            members.insert(name, changed);
            let verdict = full_unpacked(&members);
            assert!(is_found(&verdict), "byte {at} of {name}: {verdict:#?}");
        }
    }
}

#[test]
fn removed_added_renamed_and_swapped_files_are_found() {
    let sound = unpacked();
    let names: Vec<&str> = sound.iter().map(|(name, _)| name).collect();
    for (index, name) in names.iter().enumerate() {
        let mut removed = sound.clone();
        let bytes = removed.remove(name).unwrap();
        assert!(is_found(&full_unpacked(&removed)), "{name} removed");
        removed.insert(format!("{name}x"), Arc::clone(&bytes));
        assert!(is_found(&full_unpacked(&removed)), "{name} renamed");
        let other = names[(index + 1) % names.len()];
        let mut swapped = sound.clone();
        let theirs = swapped.remove(other).unwrap();
        swapped.insert(*name, theirs);
        swapped.insert(other, bytes);
        assert!(is_found(&full_unpacked(&swapped)), "{name} and {other} swapped");
    }
    for name in
        ["x", "data/x", "data/items/HDD-1/x", "exhibit/x", "exhibit/custody/000009.jsonl", "signatures/x", "fetch.txt"]
    {
        let mut added = sound.clone();
        added.insert(name, *b"x");
        assert!(is_found(&full_unpacked(&added)), "{name} added");
    }
}

#[test]
fn what_is_not_a_package_does_not_match() {
    assert!(is_found(&full(b"")));
    assert!(is_found(&full(b"this is no archive at all")));
    assert!(is_found(&full_unpacked(&MemoryMembers::new())));
}

#[test]
fn a_check_that_is_stopped_has_no_verdict() {
    let cancel = Cancel::new();
    cancel.cancel();
    let source = Arc::new(MemorySource::new(package()));
    assert!(check_package(source, &request(Level::Full, &[], None, &cancel)).is_err());
}
