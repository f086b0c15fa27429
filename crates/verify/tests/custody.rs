//! Everything that can be done to a custody log, at every position, in front of both who read one: the crate that writes
//! it, and the checker with code of its own. Each manipulation must be named, and located.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests")]

use exhibit_custody::{
    Checkpoint, CheckpointBytes, Context, Log, PublicKey, Record, SegmentBytes, SigningKey, canonical, layout,
};
use exhibit_evidence::{Cancel, Fact, Finding, Instant, Severity, Silent};
use exhibit_hash::merkle;
use exhibit_verify::{Level, MemoryMembers, Request, Trust, Watch, check_case, zip};
use serde_json::json;

const CASE: &str = "2026-117";
/// 2026-11-23T10:11:12Z.
const BEGIN: i64 = 1_795_428_672;
/// When it is checked.
const NOW: Instant = Instant::from_unix_seconds(BEGIN + 1000);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32], "practice key")
}

/// The records of each segment.
type Segments = Vec<Vec<Record>>;
/// Files of the log's folder.
type Files = Vec<(String, Vec<u8>)>;

/// Four transactions, six records.
fn sound() -> Segments {
    let mut log = Log::new();
    let item = |action: &str| Fact::new(action).object("item", "A1");
    let transactions = [
        vec![Fact::new("case-opened").detail("key", key(7).public_key().to_openssh())],
        vec![item("seized"), item("sealed").object("seal", "4711")],
        vec![item("acquired").detail("gaps", 0)],
        vec![item("note").because("größer"), item("opened").object("seal", "4711")],
    ];
    for (number, facts) in (0..).zip(transactions) {
        let [actor, role, tool] = ["A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
        let now = Instant::from_unix_seconds(BEGIN + 100 * number);
        log.append(facts, &Context { case: CASE.to_owned(), actor, role, now, tool }).unwrap();
    }
    let mut segments = vec![Vec::new(); 4];
    for entry in log.entries() {
        let (number, _) = layout::parse_name(&entry.file).unwrap();
        segments[number as usize - 1].push(entry.record.clone());
    }
    segments
}

fn lines(segment: &[Record]) -> Vec<Vec<u8>> {
    segment.iter().map(|record| record.to_line().unwrap()).collect()
}

fn segment_files(segments: &Segments) -> Files {
    let file = |(number, segment): (u32, &Vec<Record>)| {
        let bytes = lines(segment).iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
        (layout::file_name(number, layout::FileKind::Segment), bytes)
    };
    (1..).zip(segments).map(file).collect()
}

/// Signed heads of these segments; `signer` says who signs which.
fn heads(segments: &Segments, signer: impl Fn(usize) -> SigningKey) -> Files {
    let mut leaves = Vec::new();
    let mut files = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        leaves.extend(lines(segment).iter().map(|line| merkle::leaf(line)));
        let head = Checkpoint { origin: layout::origin(CASE), size: leaves.len() as u64, root: merkle::root(&leaves) };
        let name = layout::file_name(index as u32 + 1, layout::FileKind::Checkpoint);
        files.push((name, head.sign(&signer(index)).unwrap().into_bytes()));
    }
    files
}

/// Numbers and hashes put right again: what somebody without the key can do.
fn rechained(mut segments: Segments) -> Segments {
    let (mut seq, mut prev) = (1, [0; 32]);
    for record in segments.iter_mut().flatten() {
        (record.seq, record.prev) = (seq, prev);
        (seq, prev) = (seq + 1, exhibit_custody::line_hash(&record.to_line().unwrap()));
    }
    segments
}

/// With the signed heads of the sound log.
fn with_old_heads(segments: &Segments) -> Files {
    [segment_files(segments), heads(&sound(), |_| key(7))].concat()
}

fn as_writer(files: &Files, keys: &[PublicKey]) -> Vec<Finding> {
    let of = |ending: &'static str| files.iter().filter(move |(name, _)| name.ends_with(ending));
    let segments: Vec<_> =
        of("jsonl").chain(of("partial")).map(|(name, bytes)| SegmentBytes::new(name, bytes)).collect();
    let checkpoints: Vec<_> = of("checkpoint").map(|(name, bytes)| CheckpointBytes { name, bytes }).collect();
    let mut read = Log::read(&segments);
    let mut findings = read.findings;
    findings.extend(read.value.check(&checkpoints, keys).findings);
    findings.extend(read.value.check_events(NOW));
    findings
}

fn as_checker(files: &Files, keys: &[PublicKey]) -> Vec<Finding> {
    let case = json!({
        "format": "exhibit-case/1", "number": CASE, "title": "Practice", "examiner": "A. Example", "agency": "Lab",
        "created": "2026-11-20T08:00:00Z", "authority": null, "scope": null,
    });
    let mut members = MemoryMembers::new();
    members.insert("case.json", canonical::write(&case).unwrap());
    for (name, bytes) in files {
        members.insert(format!("custody/{name}"), bytes.as_slice());
    }
    let cancel = Cancel::new();
    let watch = Watch { observer: &Silent, cancel: &cancel };
    let limits = zip::Limits::default();
    let request = Request {
        level: Level::Full,
        trusted: keys,
        trust: Trust::default(),
        media: None,
        now: Some(NOW),
        limits,
        watch,
    };
    let verdict = check_case(&members, &request).unwrap().verdict().clone();
    let custody = verdict.checks.into_iter().filter(|check| check.id.starts_with("custody"));
    custody.flat_map(|check| check.findings).collect()
}

/// Both must call it a mismatch, by one of these codes (their own each), in one of these places.
fn found(what: &str, files: &Files, codes: &[&str], places: &[&str]) {
    for (who, findings) in
        [("writer", as_writer(files, &[key(7).public_key()])), ("checker", as_checker(files, &[key(7).public_key()]))]
    {
        let is_it = |finding: &&Finding| {
            finding.severity == Severity::Mismatch
                && codes.contains(&finding.code.as_str())
                && places.iter().any(|place| finding.place.contains(place))
        };
        assert!(findings.iter().any(|finding| is_it(&finding)), "{who}: {what}: {findings:#?}");
    }
}

/// Name of the segment that holds record `at` (from 0), the line in it, and the name of its checkpoint.
fn position(at: usize) -> (String, usize, String) {
    let mut left = at;
    for (index, segment) in sound().iter().enumerate() {
        if left < segment.len() {
            return (format!("{:06}.jsonl", index + 1), left + 1, format!("{:06}.checkpoint", index + 1));
        }
        left -= segment.len();
    }
    panic!("there are six records");
}

/// The same change of a flat list of records, cut into segments again where the sound log is.
fn changed(change: impl Fn(&mut Vec<(usize, Record)>)) -> Segments {
    let mut flat: Vec<(usize, Record)> = Vec::new();
    for (index, segment) in sound().into_iter().enumerate() {
        flat.extend(segment.into_iter().map(|record| (index, record)));
    }
    change(&mut flat);
    let mut segments = vec![Vec::new(); 4];
    for (index, record) in flat {
        segments[index].push(record);
    }
    segments
}

const ORDER: [&str; 5] = ["custody-chain", "custody-sequence", "custody-seq", "custody-segment-empty", "custody-time"];
const HEAD: [&str; 7] = [
    "custody-root",
    "custody-size",
    "custody-cut",
    "custody-checkpoint-root",
    "custody-checkpoint-size",
    "custody-segment-missing",
    "custody-segment-empty",
];

#[test]
fn the_sound_log_is_sound_to_both() {
    let files = with_old_heads(&sound());
    for keys in [[key(7).public_key()], [key(8).public_key()]] {
        let worst = if keys[0] == key(7).public_key() { None } else { Some(Severity::Incomplete) };
        for findings in [as_writer(&files, &keys), as_checker(&files, &keys)] {
            assert_eq!(findings.iter().map(|finding| finding.severity).max(), worst, "{findings:#?}");
        }
    }
}

#[test]
fn a_removed_record_is_found_wherever_it_stood_also_when_the_rest_is_chained_again() {
    for at in 0..6 {
        let removed = changed(|flat| drop(flat.remove(at)));
        let (segment, line, checkpoint) = position(at);
        // What follows it does not fit; after the last record only its signed head remains.
        let next = if at < 5 { position(at + 1) } else { position(at) };
        let place = if at < 5 && next.0 != segment { next.0 } else { segment.clone() };
        let codes: Vec<&str> = ORDER.iter().chain(&HEAD).copied().collect();
        found(&format!("record {at} removed"), &with_old_heads(&removed), &codes, &[&place, &checkpoint]);
        let again = with_old_heads(&rechained(removed));
        found(&format!("record {at} removed, chained again"), &again, &HEAD, &[&checkpoint, &segment]);
        assert!(line >= 1);
    }
}

#[test]
fn swapped_records_are_found_at_every_pair_of_places() {
    for one in 0..6 {
        for other in one + 1..6 {
            let swapped = changed(|flat| {
                let (a, b) = (flat[one].1.clone(), flat[other].1.clone());
                (flat[one].1, flat[other].1) = (b, a);
            });
            let (segment, line, checkpoint) = position(one);
            let place = format!("{segment}: line {line}");
            found(&format!("{one} and {other} swapped"), &with_old_heads(&swapped), &ORDER, &[&place]);
            let codes: Vec<&str> = ORDER.iter().chain(&HEAD).copied().collect();
            let again = with_old_heads(&rechained(swapped));
            found(&format!("{one} and {other} swapped, chained again"), &again, &codes, &[&checkpoint, &segment]);
        }
    }
}

#[test]
fn an_inserted_record_is_found_wherever_it_is_put() {
    for at in 0..6 {
        for copied in [true, false] {
            let inserted = changed(|flat| {
                let (index, mut record) = flat[at].clone();
                if !copied {
                    record.action = "destroyed".to_owned();
                }
                flat.insert(at, (index, record));
            });
            let (segment, line, checkpoint) = position(at);
            let place = format!("{segment}: line {}", line + 1);
            found(&format!("inserted at {at}"), &with_old_heads(&inserted), &ORDER, &[&place]);
            let again = with_old_heads(&rechained(inserted));
            found(&format!("inserted at {at}, chained again"), &again, &HEAD, &[&checkpoint]);
        }
    }
}

#[test]
fn an_edited_record_is_found_although_the_rest_is_chained_again() {
    let edits: [fn(&mut Record); 6] = [
        |r| r.actor.push('x'),
        |r| r.role.clear(),
        |r| r.action = "note".to_owned() + &r.action,
        |r| r.reason = Some("another".to_owned()),
        |r| drop(r.details.insert("gaps".to_owned(), json!(9))),
        |r| drop(r.object.insert("item".to_owned(), json!("B2"))),
    ];
    for at in 0..6 {
        for (number, edit) in edits.iter().enumerate() {
            let edited = changed(|flat| edit(&mut flat[at].1));
            let (_, _, checkpoint) = position(at);
            let what = format!("edit {number} of record {at}");
            found(&what, &with_old_heads(&edited), &HEAD, &[&checkpoint]);
            if at < 5 {
                let (segment, line, _) = position(at + 1);
                found(&what, &with_old_heads(&edited), &["custody-chain"], &[&format!("{segment}: line {line}")]);
            }
            found(&what, &with_old_heads(&rechained(edited)), &HEAD, &[&checkpoint]);
        }
    }
}

#[test]
fn a_tail_cut_anywhere_is_found_by_the_heads_that_remain_or_by_one_kept_elsewhere() {
    let all = sound();
    let kept = heads(&all, |_| key(7)).pop().unwrap().1;
    for left in 0..6 {
        let mut cut = changed(|flat| flat.truncate(left));
        let empty = cut.iter().position(Vec::is_empty).unwrap_or(4);
        cut.truncate(empty.max(1));
        let what = format!("cut to {left} records");
        found(&what, &with_old_heads(&cut), &HEAD, &[".checkpoint", ".jsonl"]);
        if left == 0 {
            continue;
        }
        // The heads that do not fit are gone as well: what remains is sound, and too short.
        let mut files = segment_files(&cut);
        let honest = heads(&cut, |_| key(7));
        let old = heads(&all, |_| key(7));
        files.extend(old.into_iter().filter(|head| honest.contains(head)));
        for findings in [as_writer(&files, &[key(7).public_key()]), as_checker(&files, &[key(7).public_key()])] {
            assert!(findings.iter().all(|finding| finding.severity < Severity::Mismatch), "{what}: {findings:#?}");
        }
        let segments: Vec<_> = segment_files(&cut);
        let segments: Vec<_> = segments.iter().map(|(name, bytes)| SegmentBytes::new(name, bytes)).collect();
        let finding = Log::read(&segments).value.check_kept("receipt", &kept, &[key(7).public_key()]).unwrap();
        assert_eq!((finding.code.as_str(), finding.place.as_str()), ("custody-tail-missing", "receipt"), "{what}");
    }
}

#[test]
fn a_last_line_torn_at_any_byte_is_cut_off_and_told() {
    let all = sound();
    let whole = segment_files(&all).pop().unwrap().1;
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for end in 0..=whole.len() {
        let mut files = segment_files(&all);
        let last = files.pop().unwrap();
        files.push((format!("{}.partial", last.0), whole[..end].to_vec()));
        files.extend(heads(&all, |_| key(7)).into_iter().take(3));
        let counted = 4 + usize::from(end >= first) + usize::from(end == whole.len());
        for findings in [as_writer(&files, &[key(7).public_key()]), as_checker(&files, &[key(7).public_key()])] {
            assert!(findings.iter().all(|finding| finding.severity < Severity::Mismatch), "{end}: {findings:#?}");
            let told = findings.iter().any(|finding| finding.place.contains("000004.jsonl.partial"));
            assert!(told, "{end}: {findings:#?}");
            let uncovered = findings.iter().any(|f| f.text.contains(&format!("to {counted}")));
            assert_eq!(uncovered, counted > 4, "{end}: {findings:#?}");
        }
    }
}

/// The sound log, its last segments signed by key 8, with `record` before the first of them that it signs.
fn passed_on(record: Fact, signed_by_old: bool) -> Files {
    let mut log = Log::new();
    let opened = Fact::new("case-opened").detail("key", key(7).public_key().to_openssh());
    for (number, fact) in (0..).zip([opened, record, Fact::new("note").because("after")]) {
        let [actor, role, tool] = ["A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
        let now = Instant::from_unix_seconds(BEGIN + number);
        log.append(vec![fact], &Context { case: CASE.to_owned(), actor, role, now, tool }).unwrap();
    }
    let segments: Segments = log.entries().iter().map(|entry| vec![entry.record.clone()]).collect();
    let last_of_old = usize::from(signed_by_old);
    [segment_files(&segments), heads(&segments, |index| if index > last_of_old { key(8) } else { key(7) })].concat()
}

/// A new key counts only if the key before named it as the one that goes on; what it says of itself is nothing.
#[test]
fn a_key_that_names_itself_in_the_log_is_found() {
    let (old, new) = (key(7).public_key(), key(8).public_key());
    let named = |action: &str| Fact::new(action).detail(layout::key_detail::KEY, new.to_openssh());
    let changed = || named("key-changed").detail(layout::key_detail::INSTEAD_OF, old.fingerprint());
    let lost = named("key-lost").because("broken").detail(layout::key_detail::LOST_KEY, old.fingerprint());
    let place = |signed_by_old: bool| if signed_by_old { "000003.checkpoint" } else { "000002.checkpoint" };
    for (what, record, signed_by_old) in [
        ("its own word", changed(), false),
        ("a note of its own", named("note"), false),
        ("a note of the old key", named("note"), true),
        (
            "passed on by a third key",
            named("key-changed").detail("instead_of", key(9).public_key().fingerprint()),
            false,
        ),
    ] {
        found(what, &passed_on(record, signed_by_old), &["custody-key-not-passed-on"], &[place(signed_by_old)]);
    }
    for (files, keys) in
        [(passed_on(changed(), true), vec![old.clone()]), (passed_on(lost.clone(), false), vec![old, new])]
    {
        for findings in [as_writer(&files, &[key(7).public_key(), key(8).public_key()]), as_checker(&files, &keys)] {
            assert!(findings.iter().all(|finding| finding.severity <= Severity::Note), "{findings:#?}");
        }
    }
    // Who knows the old key alone is told that he cannot know.
    let findings = as_checker(&passed_on(lost, false), &[key(7).public_key()]);
    assert!(findings.iter().any(|finding| finding.code == "key-unknown"), "{findings:#?}");
}

#[test]
fn heads_by_a_foreign_key_are_found_from_the_first_one_on() {
    let all = sound();
    for from in 1..4 {
        let mut files = segment_files(&all);
        files.extend(heads(&all, |index| if index >= from { key(8) } else { key(7) }));
        let name = format!("{:06}.checkpoint", from + 1);
        found(&format!("foreign from {from}"), &files, &["custody-foreign-key"], &[&name]);
    }
    let mut files = segment_files(&all);
    files.extend(heads(&all, |_| key(8)));
    for findings in [as_writer(&files, &[key(7).public_key()]), as_checker(&files, &[key(7).public_key()])] {
        assert!(findings.iter().any(|finding| finding.severity == Severity::Incomplete), "{findings:#?}");
    }
}

#[test]
fn impossible_clocks_are_found_although_the_right_key_signed_them() {
    for at in 0..6 {
        let (segment, line, _) = position(at);
        let place = format!("{segment}: line {line}");
        let resigned = |segments: Segments| {
            let segments = rechained(segments);
            [segment_files(&segments), heads(&segments, |_| key(7))].concat()
        };
        if at > 0 {
            let before = Instant::from_unix_seconds(BEGIN - 1);
            let back = changed(|flat| flat[at].1.time = before);
            found(&format!("{at} goes back"), &resigned(back), &["custody-time"], &[&place]);
        }
        let future = changed(|flat| {
            flat.iter_mut().skip(at).for_each(|(_, r)| r.time = Instant::from_unix_seconds(BEGIN + 1001))
        });
        found(&format!("{at} in the future"), &resigned(future), &["custody-clock"], &[&place]);
        let stated = changed(|flat| {
            let details = &mut flat[at].1.details;
            details.insert("at".to_owned(), json!("2026-11-24T10:11:12Z"));
            details.insert("at_utc".to_owned(), json!("2026-11-24T10:11:12Z"));
        });
        found(&format!("{at} before it happened"), &resigned(stated), &["custody-clock"], &[&place]);
        let two = changed(|flat| {
            let details = &mut flat[at].1.details;
            details.insert("at".to_owned(), json!("2026-11-22T10:11:12+01:00"));
            details.insert("at_utc".to_owned(), json!("2026-11-22T10:11:12Z"));
        });
        found(&format!("{at} at two times"), &resigned(two), &["custody-clock"], &[&place]);
    }
    let later = changed(|flat| {
        flat[3].1.action = "correction".to_owned();
        flat[3].1.details.insert("corrects".to_owned(), json!(4));
    });
    let later = rechained(later);
    let files = [segment_files(&later), heads(&later, |_| key(7))].concat();
    found("a correction of itself", &files, &["custody-correction"], &["000003.jsonl: line 1"]);
}

#[test]
fn a_source_that_could_be_written_needs_a_reason_also_for_the_checker() {
    let planned = |reason: Option<&str>| {
        let planned = changed(|flat| {
            let record = &mut flat[3].1;
            record.action = "acquisition-planned".to_owned();
            record.reason = reason.map(str::to_owned);
            record.details.insert("source".to_owned(), json!({"write_block": {"state": "none", "reason": "x"}}));
        });
        let planned = rechained(planned);
        as_checker(&[segment_files(&planned), heads(&planned, |_| key(7))].concat(), &[key(7).public_key()])
    };
    assert_eq!(planned(Some("live system, cannot be stopped")), []);
    for reason in [None, Some(" ")] {
        let findings = planned(reason);
        assert_eq!(
            (findings[0].code.as_str(), findings[0].place.as_str()),
            ("custody-unjustified", "custody/000003.jsonl: line 1")
        );
    }
}

#[test]
fn seals_that_do_not_fit_are_noted() {
    let other = changed(|flat| drop(flat[5].1.object.insert("seal".to_owned(), json!("9"))));
    let other = rechained(other);
    let findings = as_checker(&[segment_files(&other), heads(&other, |_| key(7))].concat(), &[key(7).public_key()]);
    let codes: Vec<_> = findings.iter().map(|finding| (finding.severity, finding.code.as_str())).collect();
    assert_eq!(codes, [(Severity::Note, "custody-seal")], "{findings:#?}");
}
