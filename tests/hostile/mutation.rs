//! Single bytes flipped, files cut, several bytes changed at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use exhibit_image::Compression;

use crate::random::Random;
use crate::subject::{Seen, Subject};

/// No single damaged copy of these small images may take longer, on a slow and busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Judges `cases` changed copies on two threads and returns how each was seen.
fn judge_all(subject: &Subject, cases: usize, change: impl Fn(usize, &mut Vec<u8>) + Sync) -> Vec<(usize, Seen)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut seen = Vec::new();
        loop {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= cases {
                return seen;
            }
            let mut bytes = subject.bytes.clone();
            change(case, &mut bytes);
            let started = Instant::now();
            seen.push((case, subject.judge(bytes)));
            assert!(started.elapsed() < LONGEST, "{} case {case} took {:?}", subject.name, started.elapsed());
        }
    };
    let mut all: Vec<(usize, Seen)> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("no change of an image may panic")).collect()
    });
    all.sort_by_key(|(case, _)| *case);
    all
}

/// Fails if a change went by unnoticed, and prints how many were noticed and how many change nothing.
fn nothing_goes_by(subject: &Subject, what: &str, seen: &[(usize, Seen)]) {
    let count = |wanted: Seen| seen.iter().filter(|(_, seen)| *seen == wanted).count();
    println!(
        "{} {what}: {} changed copies, {} noticed, {} without any effect",
        subject.name,
        seen.len(),
        count(Seen::Noticed),
        count(Seen::Harmless)
    );
    let bad: Vec<_> = seen.iter().filter(|(_, s)| matches!(s, Seen::MediumChanged | Seen::MetadataChanged)).collect();
    assert!(
        bad.is_empty(),
        "{} {what}: {} unnoticed, the first: {:?}",
        subject.name,
        bad.len(),
        &bad[..bad.len().min(20)]
    );
}

/// Every `step`th byte, flipped in each of `masks`.
fn flips(subject: &Subject, step: usize, masks: &[u8]) {
    let places = subject.bytes.len().div_ceil(step);
    let seen = judge_all(subject, places * masks.len(), |case, bytes| {
        bytes[case / masks.len() * step] ^= masks[case % masks.len()];
    });
    nothing_goes_by(subject, "flips", &seen);
    let harmless: Vec<usize> =
        seen.iter().filter(|(_, seen)| *seen == Seen::Harmless).map(|(case, _)| case / masks.len() * step).collect();
    let runs = runs(&harmless);
    println!(
        "{} flips without any effect at {} places, the first {:?}",
        subject.name,
        runs.len(),
        &runs[..runs.len().min(8)]
    );
}

/// Numbers as ranges, for people.
fn runs(numbers: &[usize]) -> Vec<String> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if number <= *last + 1 => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs.into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect()
}

fn truncations(subject: &Subject, step: usize) {
    let cases = subject.bytes.len().div_ceil(step);
    let seen = judge_all(subject, cases, |case, bytes| bytes.truncate(case * step));
    nothing_goes_by(subject, "truncations", &seen);
    assert!(seen.iter().all(|(_, seen)| *seen == Seen::Noticed), "a cut file is never whole");
}

/// Several edits at once: random bytes, runs of zeros, pieces of the file copied elsewhere.
fn edits(subject: &Subject, cases: usize) {
    let seen = judge_all(subject, cases, |case, bytes| {
        let mut random = Random(case as u64);
        for _ in 0..=random.below(4) {
            let (at, length) = (random.below(bytes.len()), 1 + random.below(64));
            let end = (at + length).min(bytes.len());
            match random.below(4) {
                0 => bytes[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8),
                1 => bytes[at..end].fill(0),
                2 => bytes[at..end].fill(0xff),
                _ => {
                    let from = random.below(bytes.len() - (end - at));
                    bytes.copy_within(from..from + (end - at), at);
                }
            }
        }
    });
    nothing_goes_by(subject, "edits", &seen);
}

#[test]
fn every_flip_truncation_and_edit_of_a_small_foreign_image_is_noticed_or_harmless() {
    let Some(subject) = Subject::foreign("ewf/plaso-image.E01") else { return };
    flips(&subject, 1, &[0x01, 0x80]);
    truncations(&subject, 7);
    edits(&subject, 2000);
}

#[test]
fn flips_truncations_and_edits_of_a_larger_foreign_image_are_noticed_or_harmless() {
    let Some(subject) = Subject::foreign("ewf/dfvfs-ext2.E01") else { return };
    flips(&subject, 7, &[0x10]);
    truncations(&subject, 61);
    edits(&subject, 500);
}

#[test]
fn every_flip_truncation_and_edit_of_our_own_image_is_noticed_or_harmless() {
    for compression in [Compression::Fast, Compression::None] {
        let subject = Subject::ours(70_000, compression);
        let step = subject.bytes.len().div_ceil(12_000);
        flips(&subject, step, &[0x04]);
        truncations(&subject, 97);
        edits(&subject, 500);
    }
}
