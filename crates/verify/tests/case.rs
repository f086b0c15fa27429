//! Case folders: the sound one holds, and whatever is done to it is found and named.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::sync::Arc;

use exhibit_custody::PublicKey;
use exhibit_evidence::{Cancel, Fact, Severity};
use exhibit_verify::{Level, MemoryMembers, Outcome, Verdict, check_case};
use support::world::{RawMedia, case, case_of, key, log, log_of, request, sessions};

fn judge(members: &MemoryMembers, trusted: &[PublicKey]) -> Verdict {
    let cancel = Cancel::new();
    check_case(members, &request(Level::Full, trusted, Some(&RawMedia), &cancel)).unwrap().verdict().clone()
}

fn full(members: &MemoryMembers) -> Verdict {
    judge(members, &[key(7).public_key()])
}

/// Not a pass, and it says where.
fn is_found(verdict: &Verdict) -> bool {
    let named = verdict.findings.iter().any(|f| f.severity > Severity::Note && !f.place.is_empty());
    verdict.outcome != Outcome::Holds && named
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.findings.iter().filter(|f| f.severity > Severity::Note).map(|f| f.code.as_str()).collect()
}

#[test]
fn a_sound_case_holds() {
    let verdict = full(&case());
    assert_eq!(verdict.outcome, Outcome::Holds, "{verdict:#?}");
    assert_eq!(verdict.findings, []);
}

#[test]
fn a_case_signed_by_an_unknown_key_is_incomplete() {
    for keys in [vec![], vec![key(8).public_key()]] {
        let verdict = judge(&case(), &keys);
        assert_eq!(verdict.exit_code(), 7, "{verdict:#?}");
        assert!(codes(&verdict).contains(&"key-unknown"));
    }
}

#[test]
fn every_changed_byte_is_found() {
    let sound = case();
    for (name, bytes) in sound.iter() {
        let step = if bytes.len() > 1000 && !name.starts_with("custody") { 7 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << (at % 8);
            let mut members = sound.clone();
            members.insert(name, changed);
            assert!(is_found(&full(&members)), "byte {at} of {name}");
        }
    }
}

#[test]
fn every_truncation_is_found() {
    let sound = case();
    for (name, bytes) in sound.iter() {
        for length in (0..bytes.len()).filter(|length| length % 13 == 0 || bytes.len() - length < 4) {
            let mut members = sound.clone();
            members.insert(name, &bytes[..length]);
            assert!(is_found(&full(&members)), "{name} cut to {length}");
        }
    }
}

#[test]
fn removed_renamed_and_swapped_files_are_found() {
    let sound = case();
    let names: Vec<&str> = sound.iter().map(|(name, _)| name).collect();
    for (index, name) in names.iter().enumerate() {
        let mut removed = sound.clone();
        let bytes = removed.remove(name).unwrap();
        let verdict = full(&removed);
        // One checkpoint between others may be lost: a later one covers its records.
        let covered = name.ends_with(".checkpoint") && *name != "custody/000003.checkpoint";
        assert!(covered || is_found(&verdict), "{name} removed");
        let other = names[(index + 1) % names.len()];
        let mut swapped = sound.clone();
        let theirs = swapped.remove(other).unwrap();
        swapped.insert(*name, theirs);
        swapped.insert(other, Arc::clone(&bytes));
        assert!(is_found(&full(&swapped)), "{name} and {other} swapped");
    }
}

#[test]
fn a_file_nobody_vouches_for_is_a_note_outside_the_items_and_an_incomplete_check_among_them() {
    let mut members = case();
    members.insert("letter.pdf", *b"letter");
    members.insert("items/HDD-1/HDD-2.E01.partial", *b"never finished");
    let verdict = full(&members);
    assert_eq!(verdict.outcome, Outcome::Holds, "{verdict:#?}");
    let notes: Vec<&str> = verdict.findings.iter().map(|f| f.place.as_str()).collect();
    assert_eq!(notes, ["items/HDD-1/HDD-2.E01.partial", "letter.pdf"]);
    members.insert("items/HDD-1/HDD-2.E01", *b"looks like evidence");
    let verdict = full(&members);
    assert_eq!(verdict.outcome, Outcome::Incomplete, "{verdict:#?}");
    assert!(verdict.not_checked.iter().any(|text| text.contains("HDD-2.E01")), "{:?}", verdict.not_checked);
}

#[test]
fn a_cut_tail_is_noticed_while_its_checkpoint_is_there_and_as_unsigned_records_when_not() {
    let mut cut = case();
    cut.remove("custody/000003.jsonl");
    assert!(codes(&full(&cut)).contains(&"custody-cut"));
    let mut unsigned = case();
    unsigned.remove("custody/000003.checkpoint");
    let verdict = full(&unsigned);
    assert_eq!((verdict.exit_code(), codes(&verdict)), (7, vec!["custody-unsigned"]));
    assert!(verdict.findings.iter().any(|f| f.text.contains("records 4 to 4")), "{verdict:#?}");
    let mut middle = case();
    middle.remove("custody/000002.jsonl");
    assert!(codes(&full(&middle)).contains(&"custody-segment-missing"));
}

#[test]
fn a_checkpoint_of_another_key_is_foreign() {
    let mut members = case();
    let foreign = log(&key(9)).1.into_iter().find(|(name, _)| name == "000002.checkpoint").unwrap().1;
    members.insert("custody/000002.checkpoint", foreign);
    let both = [key(7).public_key(), key(9).public_key()];
    assert!(codes(&judge(&members, &both)).contains(&"custody-foreign-key"));
    assert!(codes(&full(&members)).contains(&"custody-foreign-key"));
}

#[test]
fn a_key_takes_over_if_the_old_one_says_so_and_in_no_other_way() {
    let (old, new) = (key(7), key(9));
    let with = |record: Fact| {
        let mut facts = sessions();
        facts.insert(2, vec![record.detail("key", new.public_key().to_openssh())]);
        case_of(log_of(facts.into_iter().zip([&old, &old, &old, &new])).1)
    };
    let changed = with(Fact::new("key-changed").detail("instead_of", old.public_key().fingerprint()));
    assert_eq!(full(&changed).outcome, Outcome::Holds);
    let verdict = judge(&changed, &[new.public_key()]);
    assert_eq!((verdict.exit_code(), codes(&verdict)), (7, vec!["key-unknown"]), "{verdict:#?}");
    let named = with(Fact::new("note").because("key of the other laboratory"));
    for keys in [vec![old.public_key()], vec![old.public_key(), new.public_key()]] {
        let verdict = judge(&named, &keys);
        assert!(codes(&verdict).contains(&"custody-key-not-passed-on"), "{verdict:#?}");
    }
}

#[test]
fn lines_that_are_no_records_are_named_by_their_line() {
    let sound = case();
    let line =
        String::from_utf8(sound.iter().find(|(name, _)| *name == "custody/000002.jsonl").unwrap().1.to_vec()).unwrap();
    let damage: [(&str, &str, &str); 9] = [
        ("\"role\":\"examiner\"", "\"role\":\"examiner\",\"rule\":1", "custody-record"),
        ("\"role\":\"examiner\",", "", "custody-record"),
        ("\"seq\":2", "\"seq\":2,\"seq\":2", "custody-record"),
        ("\"seq\":2", "\"seq\": 2", "custody-record"),
        ("\"seq\":2", "\"seq\":3", "custody-seq"),
        ("\"reason\":null", "\"reason\":7", "custody-record"),
        ("T10:11:13Z", "T09:11:13Z", "custody-time"),
        ("exhibit-custody/1", "exhibit-custody/2", "custody-record"),
        ("\"case\":\"2026-0042\"", "\"case\":\"2026-0043\"", "custody-case"),
    ];
    for (from, to, code) in damage {
        assert!(line.contains(from), "{from} in {line}");
        let mut members = sound.clone();
        members.insert("custody/000002.jsonl", line.replacen(from, to, 1).into_bytes());
        let verdict = full(&members);
        let finding = verdict.findings.iter().find(|f| f.code == code);
        let place = finding.map(|f| f.place.as_str());
        assert_eq!(place, Some("custody/000002.jsonl: line 1"), "{from} -> {to}: {verdict:#?}");
    }
}

#[test]
fn records_of_another_case_and_a_log_that_is_not_there_are_found() {
    let mut other = case();
    let text = String::from_utf8(other.remove("case.json").unwrap().to_vec()).unwrap();
    other.insert("case.json", text.replace("2026-0042", "2026-0043").into_bytes());
    let verdict = full(&other);
    let found = codes(&verdict);
    assert!(found.contains(&"custody-case") && found.contains(&"custody-origin"), "{found:?}");
    let mut without = case();
    let names: Vec<String> = without.iter().map(|(name, _)| name.to_owned()).collect();
    names.iter().filter(|name| name.starts_with("custody/")).for_each(|name| drop(without.remove(name)));
    assert!(codes(&full(&without)).contains(&"custody-empty"));
}

/// The lines of a segment, its torn remainder, and what the checkpoint of the next session says about them.
#[test]
fn an_interrupted_segment_counts_up_to_its_last_whole_record() {
    let mut torn = case();
    let segment = torn.remove("custody/000003.jsonl").unwrap();
    torn.remove("custody/000003.checkpoint");
    let half = [&segment[..], &segment[..40]].concat();
    torn.insert("custody/000003.jsonl.partial", half);
    let verdict = full(&torn);
    assert_eq!((verdict.exit_code(), codes(&verdict)), (7, vec!["custody-unsigned"]), "{verdict:#?}");
    assert!(verdict.findings.iter().any(|f| f.code == "custody-unfinished" && f.text.contains("1 records count")));
    let foreign = [&segment[..], b"{}\n"].concat();
    torn.insert("custody/000003.jsonl.partial", foreign);
    assert!(codes(&full(&torn)).contains(&"custody-record"));
}
