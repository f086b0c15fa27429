//! The papers in a case against its log: what was stated, answered and written down must be one and the same.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_custody::PublicKey;
use exhibit_custody::layout::handover::{ENDING, FILE_BYTES_MAX, FOLDER, RECEIPT_ENDING};
use exhibit_evidence::{Finding, Severity};
use serde_json::Value;

use super::papers::{Head, Papers};
use crate::collect::Findings;
use crate::custody::{HandoverRecord, Log};
use crate::members::{Entry, Members, read_small};
use crate::verdict::Check;

/// Everything there is about handovers in a case.
struct Case<'a> {
    number: &'a str,
    log: &'a Log,
    trusted: &'a [PublicKey],
    findings: Findings,
    answered: BTreeSet<String>,
}

/// Checks the papers of a case; also gives the places of those that hold. `None` if there is nothing to check.
pub(crate) fn in_case(
    members: &dyn Members,
    entries: &[Entry],
    number: Option<&str>,
    log: &Log,
    trusted: &[PublicKey],
) -> Option<(Vec<String>, Check)> {
    let number = number.unwrap_or_default();
    let in_folder = |entry: &&Entry| entry.name.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'));
    let papers: Vec<&Entry> = entries.iter().filter(in_folder).collect();
    if papers.is_empty() && log.facts.handovers.is_empty() {
        return None;
    }
    let mut case = Case { number, log, trusted, findings: Findings::default(), answered: BTreeSet::new() };
    let mut bound = Vec::new();
    for entry in &papers {
        if !entry.name.ends_with(ENDING) && !entry.name.ends_with(RECEIPT_ENDING) {
            case.findings.note("handover-surplus", entry.name.as_str(), "not a handover by its name; not judged");
            continue;
        }
        match read_small(members, &entry.name, FILE_BYTES_MAX) {
            Ok(bytes) => match Papers::read(&bytes) {
                Ok(papers) => {
                    case.one(&entry.name, &papers);
                    bound.push(entry.name.clone());
                }
                Err(fault) => case.findings.wrong_at(fault.at, "handover", entry.name.as_str(), fault.text),
            },
            Err(finding) => case.findings.push(finding),
        }
    }
    case.open_ends();
    let passed = format!("{} papers, as the log tells it", papers.len());
    let title = "Handovers are signed, and are what the log says";
    Some((bound, Check::from_findings("handovers", title, passed, case.findings.into_list())))
}

impl Case<'_> {
    fn one(&mut self, place: &str, papers: &Papers) {
        if papers.case == self.number {
            self.stated(place, papers, &papers.log, "handed-over");
        }
        let Some(answer) = &papers.answer else {
            if papers.case != self.number {
                self.taken(place, papers, &["accepted", "refused"], &papers.sender, "sender");
            }
            return;
        };
        self.answered.insert(papers.id.clone());
        if answer.case == self.number && papers.case != self.number {
            let action = if answer.word == "refused" { "refused" } else { "accepted" };
            self.stated(place, papers, &answer.log, action);
        }
        if papers.case == self.number && answer.case != self.number {
            self.taken(place, papers, &["acknowledged"], &answer.key, "receiver");
        }
        let records =
            self.records(&papers.id).filter_map(|record| record.details.get("answer").map(|word| (record.seq, word)));
        let other = records.into_iter().find(|(_, word)| word.as_str() != Some(&answer.word));
        if let Some((seq, word)) = other {
            let text =
                format!("record {seq} of the log says that the answer was {word}, the receipt says {:?}", answer.word);
            self.findings.wrong("handover-answer", place, text);
        }
    }

    fn records(&self, id: &str) -> impl Iterator<Item = &HandoverRecord> {
        self.log.facts.handovers.iter().filter(move |record| record.id == id)
    }

    /// What this case states must stand in its log, and the head it gave away must be one of the log's.
    fn stated(&mut self, place: &str, papers: &Papers, head: &Head, action: &str) {
        let record = self.records(&papers.id).find(|record| record.seq == head.record && record.action == action);
        let same = record.is_some_and(|record| {
            record.details.get("items") == Some(&papers.stated_items)
                && record.details.get("files") == Some(&papers.stated_files)
        });
        if !same {
            let text = format!("it is not what record {} of the log says", head.record);
            self.findings.wrong("handover-record", place, text);
        }
        let own = self.log.heads.values().find(|(records, _)| *records == head.size);
        if own.is_none_or(|(_, root)| *root != head.root) {
            let text = format!("the head over {} records that was given away is not one of this log", head.size);
            self.findings.wrong("handover-head", place, text);
        }
    }

    /// What the other side stated must have been written down here, and somebody must vouch for its key.
    fn taken(&mut self, place: &str, papers: &Papers, actions: &[&str], key: &PublicKey, side: &str) {
        let record = self.records(&papers.id).find(|record| actions.contains(&record.action.as_str()));
        let Some(record) = record else {
            let text = "the log does not say that it was taken in";
            return self.findings.push(Finding::new(Severity::Incomplete, "handover-unrecorded", place, text));
        };
        let known = record.details.get(&format!("{side}_key_known")) == Some(&Value::Bool(true));
        let stated = record.details.get("items").is_none_or(|items| *items == papers.stated_items);
        let seq = record.seq;
        if !stated {
            self.findings.wrong("handover-record", place, format!("it is not what record {seq} of the log says"));
        }
        if !known && !self.trusted.contains(key) {
            let text = format!("nobody vouches for the key of the {side}, {}", key.fingerprint());
            self.findings.push(Finding::new(Severity::Incomplete, "key-unknown", place, text));
        }
    }

    /// Handovers that the log begins and no receipt ends.
    fn open_ends(&mut self) {
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        for record in &self.log.facts.handovers {
            match record.action.as_str() {
                "handed-over" => {
                    open.insert(&record.id, record.seq);
                }
                "acknowledged" => {
                    open.remove(record.id.as_str());
                }
                _ => {}
            }
        }
        for (id, seq) in open {
            let text = format!("handover {id} was not answered, as far as this case knows");
            self.findings.note("handover-open", format!("custody log, record {seq}"), text);
        }
    }
}
