//! A small log of three segments with their checkpoints, and everything that can be done to it without the key.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test support outside #[test] functions")]

use exhibit_custody::{CheckpointBytes, Context, Log, NewFile, PublicKey, SegmentBytes, SigningKey};
use exhibit_evidence::{Fact, Finding, Instant, Severity};

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32], "practice key")
}

fn context(now: i64) -> Context {
    let [case, actor, role, tool] = ["2026-117", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
    Context { case, actor, role, now: Instant::from_unix_seconds(1_795_428_672 + now), tool }
}

/// Three transactions with one, two and one records; each segment is followed by its checkpoint.
fn small_log() -> Vec<NewFile> {
    let mut log = Log::new();
    let mut files = Vec::new();
    let transactions = [
        vec![Fact::new("case-opened").because("order 12/26")],
        vec![Fact::new("seized").object("item", "A1"), Fact::new("acquired").object("item", "A1").detail("gaps", 0)],
        vec![Fact::new("note").because("größer als erwartet")],
    ];
    for (now, facts) in (0..).zip(transactions) {
        files.push(log.append(facts, &context(now)).unwrap());
        files.push(log.checkpoint(&key()).unwrap());
    }
    files
}

/// Reads and checks as the command line does.
fn examine(files: &[NewFile]) -> (Log, Vec<Finding>) {
    examine_with(files, &[key().public_key()])
}

fn examine_with(files: &[NewFile], keys: &[PublicKey]) -> (Log, Vec<Finding>) {
    let (checkpoints, segments): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.name.contains("checkpoint"));
    let segments: Vec<_> = segments.iter().map(|file| SegmentBytes::new(&file.name, &file.bytes)).collect();
    let checkpoints: Vec<_> =
        checkpoints.iter().map(|file| CheckpointBytes { name: &file.name, bytes: &file.bytes }).collect();
    let outcome = Log::read(&segments);
    let (mut log, mut findings) = (outcome.value, outcome.findings);
    findings.extend(log.check(&checkpoints, keys).findings);
    (log, findings)
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn mismatches(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Mismatch)
}

#[test]
fn an_untouched_log_has_nothing_to_report_in_any_order_of_files() {
    let mut files = small_log();
    assert_eq!(examine(&files).1, []);
    files.reverse();
    let (log, findings) = examine(&files);
    assert_eq!((findings.len(), log.size(), log.is_damaged()), (0, 4, false));
    let numbers: Vec<u64> = log.entries().iter().map(|entry| entry.record.seq).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[test]
fn every_flipped_bit_of_every_file_is_found() {
    let files = small_log();
    for file in 0..files.len() {
        for at in 0..files[file].bytes.len() {
            for bit in 0..8 {
                let mut files = files.clone();
                files[file].bytes[at] ^= 1 << bit;
                let (_, findings) = examine(&files);
                assert!(!findings.is_empty(), "bit {bit} of byte {at} of {}", files[file].name);
                if files[file].name.ends_with(".jsonl") {
                    assert!(mismatches(&findings), "bit {bit} of byte {at} of {}", files[file].name);
                }
            }
        }
    }
}

#[test]
fn every_truncation_of_every_file_is_found() {
    let files = small_log();
    for file in 0..files.len() {
        for end in 0..files[file].bytes.len() {
            let mut files = files.clone();
            files[file].bytes.truncate(end);
            assert!(mismatches(&examine(&files).1), "{} cut to {end} bytes", files[file].name);
        }
    }
}

#[test]
fn a_flip_is_found_by_the_chain_alone_unless_it_is_in_the_last_line() {
    let files = small_log();
    let segments: Vec<_> = files.iter().step_by(2).cloned().collect();
    for file in 0..2 {
        for at in 0..segments[file].bytes.len() {
            let mut segments = segments.clone();
            segments[file].bytes[at] ^= 1;
            assert!(mismatches(&examine(&segments).1), "byte {at} of {}", segments[file].name);
        }
    }
}

#[test]
fn a_finding_names_file_line_and_byte() {
    let mut files = small_log();
    let first_line = files[2].bytes.iter().position(|b| *b == b'\n').unwrap();
    files[2].bytes[first_line + 1] = b'x';
    let (log, findings) = examine(&files);
    let finding = findings.iter().find(|finding| finding.code == "custody-record").unwrap();
    assert_eq!(finding.place, "000002.jsonl: line 2");
    assert_eq!(finding.offset, Some(first_line as u64 + 1));
    assert!(log.is_damaged());
    assert_eq!(log.entries().len(), 3, "the other records are still shown");
}

#[test]
fn a_dropped_segment_is_found_wherever_it_stood() {
    for segment in [0, 2, 4] {
        let mut files = small_log();
        files.remove(segment);
        let (_, findings) = examine(&files);
        assert!(codes(&findings).contains(&"custody-segment-missing"), "{segment}: {findings:?}");
    }
    for segment in [0, 2] {
        let mut files = small_log();
        files.drain(segment..segment + 2);
        let (_, findings) = examine(&files);
        assert!(codes(&findings).contains(&"custody-segment-missing"), "{segment}: {findings:?}");
        assert!(codes(&findings).contains(&"custody-chain"));
    }
}

#[test]
fn swapped_renumbered_and_repeated_segments_are_found() {
    let mut swapped = small_log();
    let (a, b) = (swapped[0].bytes.clone(), swapped[2].bytes.clone());
    (swapped[0].bytes, swapped[2].bytes) = (b, a);
    assert!(codes(&examine(&swapped).1).contains(&"custody-chain"));

    let mut renumbered = small_log();
    renumbered.drain(2..4);
    renumbered[2].name = "000002.jsonl".to_owned();
    renumbered[3].name = "000002.checkpoint".to_owned();
    assert!(codes(&examine(&renumbered).1).contains(&"custody-chain"));

    let mut repeated = small_log();
    repeated.push(NewFile { name: "000004.jsonl".to_owned(), bytes: repeated[4].bytes.clone() });
    assert!(codes(&examine(&repeated).1).contains(&"custody-sequence"));

    let mut twice = small_log();
    twice.push(twice[4].clone());
    twice.push(twice[5].clone());
    let (_, findings) = examine(&twice);
    assert_eq!(codes(&findings), ["custody-segment-twice", "custody-checkpoint-twice"]);
}

#[test]
fn beside_a_sealed_segment_an_unsealed_one_of_the_same_number_is_not_counted() {
    let mut files = small_log();
    files.insert(0, NewFile { name: "000003.jsonl.partial".to_owned(), bytes: Vec::new() });
    let (log, findings) = examine(&files);
    assert_eq!((codes(&findings), log.size()), (vec!["custody-segment-twice"], 4));
    assert_eq!(findings[0].place, "000003.jsonl.partial");
}

#[test]
fn a_cut_tail_is_found_by_the_checkpoint_that_remains() {
    let mut records = small_log();
    records[4].bytes.clear();
    assert!(mismatches(&examine(&records).1));

    // A record removed cleanly from the end of a segment, everything after it gone too.
    let mut clean = small_log();
    let first_line = clean[2].bytes.iter().position(|b| *b == b'\n').unwrap();
    clean[2].bytes.truncate(first_line + 1);
    clean.truncate(4);
    assert_eq!(codes(&examine(&clean).1), ["custody-checkpoint-size", "custody-unsigned-tail"]);
}

#[test]
fn a_tail_cut_with_its_checkpoints_is_found_only_by_a_checkpoint_kept_elsewhere() {
    let mut files = small_log();
    let kept = files[5].clone();
    let keys = [key().public_key()];
    assert_eq!(examine(&files).0.check_kept("receipt", &kept.bytes, &keys), None);
    files.truncate(4);
    let (log, findings) = examine(&files);
    assert_eq!(findings, [], "the folder alone cannot know");
    assert_eq!(log.check_kept("receipt", &kept.bytes, &keys).unwrap().code, "custody-tail-missing");
    let earlier = &small_log()[1];
    assert_eq!(log.check_kept("receipt", &earlier.bytes, &keys), None);
}

#[test]
fn a_log_rewritten_by_somebody_without_the_key_does_not_pass() {
    let forger = SigningKey::from_seed([8; 32], "");
    let mut log = Log::new();
    let segment = log.append(vec![Fact::new("case-opened").because("something else")], &context(0)).unwrap();
    let checkpoint = log.checkpoint(&forger).unwrap();
    let kept = &small_log()[1];
    let (log, findings) = examine(&[segment.clone(), checkpoint]);
    assert_eq!(codes(&findings), ["custody-checkpoint-unknown-key", "custody-unsigned-tail"]);
    assert_eq!(log.check_kept("receipt", &kept.bytes, &[key().public_key()]).unwrap().code, "custody-checkpoint-root");
    let (_, findings) = examine(&[segment, kept.clone()]);
    assert!(codes(&findings).contains(&"custody-checkpoint-root"), "{findings:?}");
}

#[test]
fn without_a_key_the_checkpoints_are_compared_and_reported_as_unchecked() {
    let (log, findings) = examine_with(&small_log(), &[]);
    assert!(!log.is_damaged());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Incomplete));
    assert_eq!(findings.len(), 4, "three checkpoints and the tail: {findings:?}");
    let mut files = small_log();
    files[1].bytes = String::from_utf8(files[1].bytes.clone()).unwrap().replace("\n1\n", "\n2\n").into_bytes();
    assert!(mismatches(&examine_with(&files, &[]).1));
}

#[test]
fn a_checkpoint_of_another_case_is_found() {
    let mut log = Log::new();
    let other = Context { case: "2026-118".to_owned(), ..context(0) };
    log.append(vec![Fact::new("case-opened")], &other).unwrap();
    let mut files = small_log();
    files[1] = log.checkpoint(&key()).unwrap();
    assert!(codes(&examine(&files).1).contains(&"custody-checkpoint-origin"));
}

#[test]
fn a_segment_without_its_checkpoint_is_reported_and_the_tail_as_unsigned() {
    let mut middle = small_log();
    middle.remove(3);
    assert_eq!(codes(&examine(&middle).1), ["custody-checkpoint-missing"]);
    let mut last = small_log();
    last.remove(5);
    let (log, findings) = examine(&last);
    assert_eq!(codes(&findings), ["custody-unsigned-tail"]);
    assert!(findings[0].text.ends_with("records 4 to 4"), "{}", findings[0].text);
    assert!(!log.is_damaged());
}

#[test]
fn after_a_crash_whole_lines_count_and_the_log_goes_on() {
    let files = small_log();
    let whole = files[2].bytes.len();
    let first_line = files[2].bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
    for end in 0..=whole {
        // The writer of the second segment was interrupted after `end` bytes.
        let mut files = vec![files[0].clone(), files[1].clone(), files[2].clone()];
        files[2].name = "000002.jsonl.partial".to_owned();
        files[2].bytes.truncate(end);
        let (mut log, findings) = examine(&files);
        let counted = u64::from(end >= first_line) + u64::from(end == whole);
        assert_eq!(log.size(), 1 + counted, "{end}");
        assert!(!mismatches(&findings), "{end}: {findings:?}");
        assert_eq!(findings[0].code, "custody-partial-segment");
        let clean = end == 0 || end == first_line || end == whole;
        assert_eq!(codes(&findings).contains(&"custody-torn-line"), !clean, "{end}");
        assert!(log.checkpoint(&key()).is_err(), "there is no sealed head to sign");
        // The next session.
        let next = log.append(vec![Fact::new("note")], &context(9)).unwrap();
        assert_eq!(next.name, "000003.jsonl");
        files.push(next);
        files.push(log.checkpoint(&key()).unwrap());
        let (log, findings) = examine(&files);
        assert_eq!(log.size(), 2 + counted);
        assert!(!codes(&findings).contains(&"custody-unsigned-tail"), "{end}: {findings:?}");
        assert!(!mismatches(&findings), "{end}: {findings:?}");
    }
}

#[test]
fn a_partial_segment_with_lines_that_do_not_fit_is_not_a_crash() {
    let files = small_log();
    let mut foreign = files[2].bytes.clone();
    foreign.extend_from_slice(b"{}\n");
    let files = [files[0].clone(), files[1].clone(), NewFile { name: "000002.jsonl.partial".into(), bytes: foreign }];
    let (log, findings) = examine(&files);
    assert_eq!(log.size(), 3, "what came before still counts");
    assert!(mismatches(&findings));
}

#[test]
fn a_sealed_segment_cannot_pass_for_an_interrupted_one() {
    let mut files = small_log();
    files[4].name = "000003.jsonl.partial".to_owned();
    files[4].bytes.clear();
    assert!(codes(&examine(&files).1).contains(&"custody-segment-missing"));
}

#[test]
fn after_an_interrupted_checkpoint_the_next_number_is_free() {
    let mut files = small_log();
    files[5].name = "000003.checkpoint.partial".to_owned();
    files[5].bytes.truncate(10);
    let (mut log, findings) = examine(&files);
    assert_eq!(codes(&findings), ["custody-partial-checkpoint", "custody-unsigned-tail"]);
    files.push(log.append(vec![Fact::new("note")], &context(9)).unwrap());
    files.push(log.checkpoint(&key()).unwrap());
    assert_eq!(files[6].name, "000004.jsonl");
    assert!(examine(&files).1.iter().all(|finding| finding.severity == Severity::Note));
}

#[test]
fn records_that_no_writer_of_ours_would_write_are_found_although_the_chain_holds() {
    let base = Log::read(&[SegmentBytes::new("000001.jsonl", &small_log()[0].bytes)]).value;
    let last = &base.entries()[0].record;
    let prev = exhibit_custody::line_hash(small_log()[0].bytes.trim_ascii_end());
    let good = exhibit_custody::Record { seq: 2, prev, ..last.clone() };
    let earlier = Instant::from_unix_seconds(last.time.unix_seconds() - 1);
    for (record, code) in [
        (exhibit_custody::Record { seq: 3, ..good.clone() }, "custody-sequence"),
        (exhibit_custody::Record { time: earlier, ..good.clone() }, "custody-time"),
        (exhibit_custody::Record { case: "other".to_owned(), ..good.clone() }, "custody-case"),
        (exhibit_custody::Record { prev: [1; 32], ..good.clone() }, "custody-chain"),
    ] {
        let mut line = record.to_line().unwrap();
        line.push(b'\n');
        let segments = [small_log()[0].bytes.clone(), line];
        let read = Log::read(&[
            SegmentBytes::new("000001.jsonl", &segments[0]),
            SegmentBytes::new("000002.jsonl", &segments[1]),
        ]);
        assert_eq!(codes(&read.findings), [code]);
    }
}
