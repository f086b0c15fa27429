//! A part of a custody log: some records whole, of the others only their leaves, all under the log's own signed head.

use std::collections::BTreeMap;

use exhibit_custody::PublicKey;
use exhibit_custody::layout::{RECORDS_MAX, origin};
use exhibit_custody::note::{Note, NoteFault};
use exhibit_evidence::{Finding, Severity, from_hex, to_hex};
use exhibit_hash::merkle::{self, Hash};
use exhibit_package::disclosure::LogPart;
use exhibit_package::layout::DISCLOSURE;
use sha2::{Digest as _, Sha256};

use super::checkpoints::text_of;
use super::facts::Facts;
use super::record::Record;
use super::{Candidate, Log};
use crate::collect::Findings;
use crate::verdict::Check;

/// Checks the records against the head, the head's signature, and the chain wherever two neighbours are shown.
pub(crate) fn check_part(part: &LogPart, case: Option<&str>, candidates: &[Candidate]) -> (Log, Check) {
    let mut findings = Findings::default();
    let mut log = Log::default();
    match head(part, case, candidates, &mut findings) {
        Some((size, root)) => {
            log.records = size;
            log.root = root;
            records(part, case, &mut log, &mut findings);
        }
        None => findings.wrong("log-part", DISCLOSURE, "without its head nothing can be said of the custody log"),
    }
    let title = "The records of the custody log that are shown belong to it";
    let (shown, withheld) = (part.shown.len(), part.withheld.len());
    let passed =
        format!("{shown} records are shown, {withheld} are withheld, under the signed head over {}", log.records);
    (log, Check::from_findings("log-part", title, passed, findings.into_list()))
}

/// Size and root of the head, whose signature is checked.
fn head(part: &LogPart, case: Option<&str>, candidates: &[Candidate], findings: &mut Findings) -> Option<(u64, Hash)> {
    let place = format!("{DISCLOSURE}: head of the custody log");
    let note = match Note::parse(part.checkpoint.as_bytes()) {
        Ok(note) => note,
        Err(fault) => {
            findings.wrong("log-part-head", place, fault.to_string());
            return None;
        }
    };
    let Some((found, size, root)) = text_of(note.text()) else {
        findings.wrong("log-part-head", place, "its text is not origin, size and root in three lines");
        return None;
    };
    if let Some(expected) = case.map(origin).filter(|expected| *expected != found) {
        findings.wrong("log-part-head", place.as_str(), format!("it belongs to {found:?}, not to {expected:?}"));
    }
    let named: Vec<(&str, &PublicKey)> = candidates.iter().map(|one| (found.as_str(), &one.key)).collect();
    match note.verify(&named) {
        Ok(_) => {}
        Err(NoteFault::NoKnownKey) => {
            let text = "signed with a key that is not known here; give its public key";
            findings.push(Finding::new(Severity::Incomplete, "log-part-key-unknown", place, text));
        }
        Err(fault) => findings.wrong("log-part-head", place, fault.to_string()),
    }
    Some((size, root))
}

fn records(part: &LogPart, case: Option<&str>, log: &mut Log, findings: &mut Findings) {
    if log.records > RECORDS_MAX {
        let text = format!("more than {RECORDS_MAX} records");
        return findings.push(Finding::new(Severity::Incomplete, "limit-records", DISCLOSURE, text));
    }
    let mut leaves: BTreeMap<u64, Hash> = BTreeMap::new();
    let mut facts = Facts::default();
    let mut before: Option<(u64, String, exhibit_evidence::Instant)> = None;
    for (number, line) in (1_u64..).zip(&part.shown) {
        let place = format!("{DISCLOSURE}: record {number} of those shown");
        let record = match Record::parse(line.as_bytes()) {
            Ok(record) => record,
            Err(text) => {
                findings.wrong("log-part-record", place, format!("not a record: {text}"));
                continue;
            }
        };
        if let Some(case) = case.filter(|case| *case != record.case) {
            findings.wrong(
                "log-part-record",
                place.as_str(),
                format!("it belongs to case {:?}, not to {case:?}", record.case),
            );
        }
        if let Some((seq, hash, time)) = &before {
            if record.seq <= *seq || record.time < *time {
                findings.wrong("log-part-order", place.as_str(), "it is not later than the record before it");
            }
            if record.seq == seq.saturating_add(1) && record.prev != *hash {
                findings.wrong("log-part-chain", place.as_str(), "it does not carry the hash of the record before it");
            }
        }
        before = Some((record.seq, to_hex(&Sha256::digest(line.as_bytes())), record.time));
        if leaves.insert(record.seq, merkle::leaf(line.as_bytes())).is_some() {
            findings.wrong("log-part-order", place, "a record of this number is there already");
        }
        facts.gather(record.seq, &record);
    }
    for withheld in &part.withheld {
        let place = format!("{DISCLOSURE}: withheld record {}", withheld.seq);
        match from_hex(&withheld.leaf).and_then(|leaf| Hash::try_from(leaf).ok()) {
            Some(leaf) if leaves.insert(withheld.seq, leaf).is_none() => {}
            Some(_) => findings.wrong("log-part-order", place, "a record of this number is there already"),
            None => findings.wrong("log-part-record", place, "its leaf is not 32 bytes in hexadecimal"),
        }
    }
    let count = leaves.len() as u64;
    if count != log.records || !leaves.keys().copied().eq(1..=log.records) {
        let text = format!("the head covers {} records, {count} are shown or marked as withheld", log.records);
        findings.wrong("log-part-missing", DISCLOSURE, text);
    }
    let found = merkle::root(&leaves.into_values().collect::<Vec<Hash>>());
    if found != log.root {
        let text = format!("root of the custody log: expected {}, found {}", to_hex(&log.root), to_hex(&found));
        findings.wrong("log-part-root", DISCLOSURE, text);
    }
    log.facts = facts;
}
