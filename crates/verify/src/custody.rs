//! The custody log, checked with code of its own: chain, order, canonical form, signed heads.
//!
//! What it demands is in `docs/spec/verification.md`. Everything that is wrong is named with file and line.

mod checkpoints;
mod events;
mod facts;
mod frontier;
mod keys;
mod part;
mod record;
mod stamps;

use std::collections::BTreeMap;

use exhibit_custody::PublicKey;
use exhibit_custody::layout::{FileKind, RECORDS_MAX, file_name, parse_name, parse_stamp_name};
use exhibit_evidence::{Finding, Instant, Severity, to_hex};
use sha2::{Digest as _, Sha256};

use crate::collect::Findings;
use crate::lines::{self, Ends};
use crate::members::{Members, unreadable};
use crate::verdict::Check;
pub(crate) use checkpoints::text_of;
pub(crate) use facts::{Binding, Facts, HandoverRecord};
use frontier::Frontier;
pub(crate) use part::check_part;
use record::Record;
pub(crate) use stamps::check as check_stamps;

/// A key that may have signed, and whether the person who asks vouches for it.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) key: PublicKey,
    pub(crate) trusted: bool,
}

/// What the log says, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) records: u64,
    pub(crate) root: [u8; 32],
    pub(crate) facts: Facts,
    /// Number of records and root after each finished segment.
    pub(crate) heads: BTreeMap<u32, (u64, [u8; 32])>,
    /// Keys that a trusted key passed the log on to, in a record under its own signature.
    pub(crate) heirs: Vec<PublicKey>,
}

/// The state of the chain after so many records.
struct Chain<'a> {
    case: Option<&'a str>,
    records: u64,
    next_seq: u64,
    prev: String,
    time: Option<Instant>,
    frontier: Frontier,
    facts: Facts,
    events: events::Events,
    /// The checker's clock.
    now: Option<Instant>,
    findings: Findings,
    /// Number of records and root after each finished segment.
    heads: BTreeMap<u32, (u64, [u8; 32])>,
}

/// The files of the log's folder, by number.
#[derive(Default)]
struct Files {
    segments: BTreeMap<u32, FileKind>,
    checkpoints: Vec<u32>,
}

/// Checks the log in `members`, whose names carry no folder; `folder` is only for messages.
pub(crate) fn check(
    members: &dyn Members,
    folder: &str,
    case: Option<&str>,
    candidates: &[Candidate],
    now: Option<Instant>,
) -> (Log, Vec<Check>) {
    let mut chain = Chain {
        case,
        records: 0,
        next_seq: 1,
        prev: exhibit_custody::layout::PREV_OF_FIRST.to_owned(),
        time: None,
        frontier: Frontier::default(),
        facts: Facts::default(),
        events: events::Events::default(),
        now,
        findings: Findings::default(),
        heads: BTreeMap::new(),
    };
    let files = chain.list(members, folder);
    for (expected, (&number, &kind)) in (1_u32..).zip(&files.segments) {
        if number != expected {
            let text = format!("segment {expected:06} is missing: the log continues with {number:06}");
            chain.findings.wrong("custody-segment-missing", format!("{folder}/{}", file_name(number, kind)), text);
        }
        chain.segment(members, folder, number, kind);
    }
    if files.segments.is_empty() {
        chain.findings.wrong("custody-empty", folder, "there is no segment of a custody log");
    }
    let Chain { records, frontier, facts, findings, heads, .. } = chain;
    let passed = format!("{records} records, each carrying the hash of the one before");
    let title = "The custody log is whole and in order";
    let mut log = Log { records, root: frontier.root(), facts, heads, heirs: Vec::new() };
    let first = Check::from_findings("custody-chain", title, passed, findings.into_list());
    let (signed, heirs) = checkpoints::check(members, folder, &files.checkpoints, &log, case, candidates);
    log.heirs = heirs;
    (log, std::iter::once(first).chain(signed).collect())
}

impl Chain<'_> {
    /// Sorts the files of the folder; what is not the log's is a note.
    fn list(&mut self, members: &dyn Members, folder: &str) -> Files {
        let mut files = Files::default();
        let entries = match members.list() {
            Ok(entries) => entries,
            Err(fault) => {
                self.findings.push(unreadable(folder, &fault));
                return files;
            }
        };
        for entry in entries {
            let place = format!("{folder}/{}", entry.name);
            if let Some(oddity) = &entry.oddity {
                self.findings.wrong("not-a-file", place.as_str(), oddity.as_str());
                continue;
            }
            let parsed = if entry.name.contains('/') { None } else { parse_name(&entry.name) };
            match parsed {
                Some((number, kind @ (FileKind::Segment | FileKind::PartialSegment))) => {
                    if files.segments.insert(number, kind).is_some() {
                        let text = "this segment is there twice, finished and unfinished";
                        self.findings.wrong("custody-segment-twice", place, text);
                        files.segments.insert(number, FileKind::Segment);
                    }
                }
                Some((number, FileKind::Checkpoint)) => files.checkpoints.push(number),
                Some((_, FileKind::PartialCheckpoint)) => {
                    self.findings.note(
                        "custody-unfinished",
                        place,
                        "a checkpoint that was never finished; it counts for nothing",
                    );
                }
                None if parse_stamp_name(&entry.name).is_some() => {} // judged by `stamps`
                None => self.findings.note("custody-surplus", place, "not a file of the log; not judged"),
            }
        }
        files.checkpoints.sort_unstable();
        files
    }

    fn segment(&mut self, members: &dyn Members, folder: &str, number: u32, kind: FileKind) {
        let name = file_name(number, kind);
        let place = format!("{folder}/{name}");
        let torn = kind == FileKind::PartialSegment;
        let before = self.records;
        // Of an unfinished segment only the records before the first bad line count; in a finished one every line does.
        let mut given_up = None;
        let read = lines::each(members, &name, Ends::Lf, &mut |line| {
            if given_up.is_some() {
                return;
            }
            let record = Record::parse(line.bytes).and_then(|record| {
                if line.ended { Ok(record) } else { Err("it has no line end: cut short".to_owned()) }
            });
            let wrong = self.faults(&record);
            if let Some((code, text)) = wrong.first().filter(|_| torn) {
                given_up = Some((line.number, line.at, text.clone()));
                if line.ended {
                    // An interrupted writer leaves half a line. A whole one that does not fit was written by somebody else.
                    self.findings.wrong_at(line.at, code, format!("{place}: line {}", line.number), text.as_str());
                }
                return;
            }
            for (code, text) in wrong {
                self.findings.wrong_at(line.at, code, format!("{place}: line {}", line.number), text);
            }
            if let Ok(record) = &record {
                for (severity, code, text) in self.events.judge(record.seq, record, self.now) {
                    let finding = Finding::new(severity, code, format!("{place}: line {}", line.number), text);
                    self.findings.push(finding.at(line.at));
                }
            }
            self.count(line.bytes, record.ok());
        });
        if let Err(finding) = read {
            self.findings.push(Finding { place: place.clone(), ..finding });
        }
        if !torn {
            self.heads.insert(number, (self.records, self.frontier.root()));
        }
        if torn {
            let count = self.records.saturating_sub(before);
            let rest = given_up.map(|(line, at, text)| format!("; line {line}, at byte {at}, does not count: {text}"));
            let text =
                format!("its writer did not get to finish it; {count} records count{}", rest.unwrap_or_default());
            self.findings.note("custody-unfinished", place.as_str(), text);
        } else if self.records == before {
            self.findings.wrong(
                "custody-segment-empty",
                place.as_str(),
                "a finished segment holds at least one record",
            );
        }
    }

    /// What does not fit about a line.
    fn faults(&self, record: &Result<Record, String>) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let record = match record {
            Ok(record) => record,
            Err(text) => return vec![("custody-record", format!("not a record: {text}"))],
        };
        if record.seq != self.next_seq {
            wrong.push(("custody-seq", format!("record number {}; expected {}", record.seq, self.next_seq)));
        }
        if record.prev != self.prev {
            let text = format!("hash of the record before: expected {}, found {}", self.prev, record.prev);
            wrong.push(("custody-chain", text));
        }
        if let Some(last) = self.time.filter(|last| record.time < *last) {
            wrong.push((
                "custody-time",
                format!("its time {} is before that of the record before, {last}", record.time),
            ));
        }
        if let Some(case) = self.case.filter(|case| *case != record.case) {
            wrong.push(("custody-case", format!("it belongs to case {:?}, not to {case:?}", record.case)));
        }
        wrong
    }

    /// Takes a line as part of the log, readable or not, so that one bad line is one bad line.
    fn count(&mut self, line: &[u8], record: Option<Record>) {
        self.records = self.records.saturating_add(1);
        self.prev = to_hex(&Sha256::digest(line));
        self.frontier.push(line);
        let Some(record) = record else {
            self.next_seq = self.next_seq.saturating_add(1);
            return;
        };
        self.next_seq = record.seq.saturating_add(1);
        self.time = self.time.max(Some(record.time));
        if self.records == RECORDS_MAX.saturating_add(1) {
            let text = format!("more than {RECORDS_MAX} records");
            self.findings.push(Finding::new(Severity::Incomplete, "limit-records", "the custody log", text));
        }
        if !self.facts.gather(self.records, &record) {
            let text = format!("the log names more than {} files; the rest was not compared", facts::BINDINGS_MAX);
            self.findings.push(Finding::new(Severity::Incomplete, "limit-bindings", "the custody log", text));
        }
    }
}
