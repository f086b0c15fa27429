//! Reading the segments of a log. Total: whatever the bytes are, there is a log and a list of what is wrong with it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use exhibit_evidence::{Finding, Instant, Name, Outcome, Severity, to_hex};
use exhibit_hash::merkle;

use crate::layout::{FINDINGS_MAX, FileKind, LINE_BYTES_MAX, RECORDS_MAX, file_name, parse_name};
use crate::log::{self, Log};
use crate::record::{Record, line_hash};

/// A file of records as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentBytes<'a> {
    /// File name, with or without folder.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
    /// Whether its writer did not get to seal it.
    pub partial: bool,
}

impl<'a> SegmentBytes<'a> {
    /// A file of records whose name says whether it was sealed.
    #[must_use]
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        let partial = matches!(parse_name(name), Some((_, FileKind::PartialSegment)));
        Self { name, bytes, partial }
    }
}

impl Log {
    /// The log in these files, given in any order, and all that is wrong with it.
    ///
    /// In a sealed segment every line counts, readable or not. In a partial one only the lines count that continue the log
    /// without a fault; what follows them was never part of it.
    #[must_use]
    pub fn read(segments: &[SegmentBytes<'_>]) -> Outcome<Self> {
        let mut reader = Reader { log: Self::new(), findings: Vec::new(), last_time: None };
        for (number, segment) in reader.in_order(segments) {
            let expected = reader.log.next_segment;
            if number != expected {
                let text = format!("segment {expected} should stand before it and is missing");
                reader.mismatch("custody-segment-missing", segment.name, None, text);
            }
            let file = file_name(number, if segment.partial { FileKind::PartialSegment } else { FileKind::Segment });
            if segment.partial {
                reader.partial(&file, segment.bytes);
            } else {
                reader.sealed(&file, segment.bytes);
            }
            reader.log.end_segment(number, segment.partial);
        }
        reader.log.damaged = reader.findings.iter().any(|finding| finding.severity == Severity::Mismatch);
        Outcome { value: reader.log, findings: reader.findings }
    }
}

/// A line that does not continue the log: code and sentence of the finding, and where in the line.
struct LineFault {
    code: &'static str,
    text: String,
    offset: u64,
}

struct Reader {
    log: Log,
    findings: Vec<Finding>,
    last_time: Option<Instant>,
}

impl Reader {
    /// The segments by number; of two with the same number the sealed one, or else the first.
    fn in_order<'a>(&mut self, segments: &[SegmentBytes<'a>]) -> BTreeMap<u32, SegmentBytes<'a>> {
        let mut ordered = BTreeMap::new();
        let mut sealed_first: Vec<_> = segments.iter().collect();
        sealed_first.sort_by_key(|segment| segment.partial);
        for segment in sealed_first {
            match parse_name(segment.name) {
                Some((number, FileKind::Segment | FileKind::PartialSegment)) => {
                    if let Entry::Vacant(place) = ordered.entry(number) {
                        place.insert(*segment);
                    } else {
                        let text = format!("there is another segment {number}; this one is not counted");
                        self.mismatch("custody-segment-twice", segment.name, None, text);
                    }
                }
                _ => self.add(Finding::new(
                    Severity::Note,
                    "custody-stray-file",
                    segment.name,
                    "not a file of the custody log by its name; not read",
                )),
            }
        }
        ordered
    }

    /// A sealed segment: every line counts.
    fn sealed(&mut self, file: &str, bytes: &[u8]) {
        if bytes.is_empty() {
            self.mismatch("custody-segment-empty", file, None, "a sealed segment without a record".to_owned());
        }
        let mut at = 0_u64;
        for (number, raw) in (1..).zip(bytes.split_inclusive(|b| *b == b'\n')) {
            if !self.room(file) {
                return;
            }
            let line = raw.strip_suffix(b"\n").unwrap_or(raw);
            let place = || format!("{file}: line {number}");
            if line.len() == raw.len() {
                let end = at.saturating_add(line.len() as u64);
                self.mismatch("custody-line-cut", &place(), Some(end), "the last line has no line feed".to_owned());
            }
            let record = Record::from_line(line);
            for fault in self.faults(&record) {
                self.mismatch(fault.code, &place(), Some(at.saturating_add(fault.offset)), fault.text);
            }
            self.count(line, record.ok(), file, number);
            at = at.saturating_add(raw.len() as u64);
        }
    }

    /// A segment that was never sealed: lines count up to the first that does not continue the log.
    fn partial(&mut self, file: &str, bytes: &[u8]) {
        let mut rest = bytes;
        let mut number = 1;
        let mut why = "the last line is not complete".to_owned();
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default());
            if !self.room(file) {
                return;
            }
            let record = Record::from_line(line);
            if let Some(fault) = self.faults(&record).into_iter().next() {
                why = fault.text;
                break;
            }
            self.count(line, record.ok(), file, number);
            number = number.saturating_add(1);
            rest = after.strip_prefix(b"\n").unwrap_or(after);
        }
        let counted = number.saturating_sub(1);
        let text = format!("was never sealed, so its writer was interrupted; {counted} whole records count");
        self.add(Finding::new(Severity::Note, "custody-partial-segment", file, text));
        if rest.is_empty() {
            return;
        }
        // An interrupted writer leaves half a line, of a fact that was never reported as recorded. A whole line that does
        // not fit was written by something else.
        let severity = if rest.contains(&b'\n') { Severity::Mismatch } else { Severity::Note };
        let text = format!("{} bytes from here on are not part of the log: {why}", rest.len());
        let finding = Finding::new(severity, "custody-torn-line", format!("{file}: line {number}"), text);
        self.add(finding.at(bytes.len().saturating_sub(rest.len()) as u64));
    }

    /// Everything about a line that does not continue the log as it is so far.
    fn faults(&self, record: &Result<Record, crate::strict_json::JsonFault>) -> Vec<LineFault> {
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                let (offset, text) = (fault.offset.unwrap_or(0), format!("not a record: {}", fault.text));
                return vec![LineFault { code: "custody-record", text, offset }];
            }
        };
        let mut faults = Vec::new();
        let mut fault = |code, text| faults.push(LineFault { code, text, offset: 0 });
        if record.prev != self.log.last_line {
            let (found, expected) = (to_hex(&record.prev), to_hex(&self.log.last_line));
            fault("custody-chain", format!("prev is {found}, the line before has SHA-256 {expected}"));
        }
        if record.seq != self.log.next_seq {
            fault("custody-sequence", format!("seq is {}, expected {}", record.seq, self.log.next_seq));
        }
        if let Some(last) = self.last_time.filter(|last| record.time < *last) {
            fault("custody-time", format!("the time {} is before that of an earlier record, {last}", record.time));
        }
        if let Some(case) = self.log.case().filter(|case| *case != record.case) {
            let (found, case) = (Name::from(record.case.as_str()), Name::from(case));
            fault("custody-case", format!("the case is {found:?}, the log is that of {case:?}"));
        }
        faults
    }

    /// Counts a line, and keeps its record if it is one.
    fn count(&mut self, line: &[u8], record: Option<Record>, file: &str, number: u64) {
        self.log.push_leaf(merkle::leaf(line));
        self.log.last_line = line_hash(line);
        self.log.next_seq = self.log.next_seq.saturating_add(1);
        if let Some(record) = record {
            self.log.next_seq = record.seq.saturating_add(1);
            self.last_time = self.last_time.max(Some(record.time));
            self.log.entries.push(log::Entry { record, file: file.to_owned(), line: number });
        }
    }

    /// Whether another line can be taken; says so once if not.
    fn room(&mut self, file: &str) -> bool {
        if self.log.size() < RECORDS_MAX && self.findings.len() < FINDINGS_MAX {
            return true;
        }
        let text = format!(
            "not read to its end: a log has at most {RECORDS_MAX} records of {LINE_BYTES_MAX} bytes, \
             and after {FINDINGS_MAX} findings reading stops"
        );
        self.findings.push(Finding::new(Severity::Mismatch, "custody-limit", file, text));
        false
    }

    fn mismatch(&mut self, code: &str, place: &str, at: Option<u64>, text: String) {
        let finding = Finding::new(Severity::Mismatch, code, place, text);
        self.add(Finding { offset: at, ..finding });
    }

    /// A line has at most five findings, so a little more than the limit is kept.
    fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_an_empty_log_without_findings() {
        let outcome = Log::read(&[]);
        assert_eq!((outcome.value.size(), outcome.findings.len()), (0, 0));
    }

    #[test]
    fn a_file_of_line_feeds_is_read_in_bounded_room() {
        let bytes = vec![b'\n'; 1 << 22];
        for name in ["000001.jsonl", "000001.jsonl.partial"] {
            let outcome = Log::read(&[SegmentBytes::new(name, &bytes)]);
            assert!(outcome.findings.len() <= FINDINGS_MAX + 5);
            assert!(outcome.value.is_damaged());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_log_with_findings(bytes in proptest::collection::vec(any::<u8>(), 1..300), partial: bool) {
            let name = if partial { "000001.jsonl.partial" } else { "000001.jsonl" };
            prop_assert!(!Log::read(&[SegmentBytes::new(name, &bytes)]).findings.is_empty());
        }
    }
}
