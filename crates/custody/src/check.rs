//! Comparing a log with its checkpoints: so a cut tail, a swapped segment or a rewritten record is noticed.

use std::collections::BTreeSet;

use exhibit_evidence::{Finding, Name, Outcome, Severity};
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::layout::{FINDINGS_MAX, FileKind, file_name, key_detail, origin, parse_name};
use crate::log::{Log, SegmentEnd};
use crate::note::{Note, NoteFault, key_id};
use crate::public_key::{KEY_TYPE, PublicKey};

/// A checkpoint file as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointBytes<'a> {
    /// File name, with or without folder.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// How much of a log is covered by checkpoints that a known key signed and that agree with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Records 1 to this number are covered; 0 if none is.
    pub records: u64,
    /// The keys that signed those checkpoints, in the order in which they first did.
    pub signers: Vec<PublicKey>,
}

/// A key that a record names by its OpenSSH line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// The number of the record.
    pub seq: u64,
    /// The key.
    pub key: PublicKey,
    /// As what.
    pub how: NamedAs,
}

/// As what a record names a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedAs {
    /// As the key that the log was passed on to.
    Heir,
    /// As the key that goes on for one that was lost.
    Lost,
    /// In any other way.
    Other,
}

impl Log {
    /// Compares the log with the checkpoint files beside it. A mismatch marks the log as damaged.
    ///
    /// What it cannot see: a tail that was cut off together with its checkpoints. Only a checkpoint that was kept
    /// elsewhere shows that: see [`Log::check_kept`].
    #[must_use]
    pub fn check(&mut self, checkpoints: &[CheckpointBytes<'_>], keys: &[PublicKey]) -> Outcome<Coverage> {
        let mut findings = Vec::new();
        let mut coverage = Coverage::default();
        let mut seen = BTreeSet::new();
        let mut last_key = None;
        let named = self.named_keys();
        for file in checkpoints {
            if findings.len() >= FINDINGS_MAX {
                findings.push(limit_reached());
                break;
            }
            let Some((number, kind)) = parse_name(file.name) else {
                findings.push(note(
                    file.name,
                    "custody-stray-file",
                    "not a file of the custody log by its name; not read",
                ));
                continue;
            };
            self.next_segment = self.next_segment.max(number.saturating_add(1));
            match kind {
                FileKind::Checkpoint if seen.insert(number) => {
                    self.check_one(file, number, keys, &mut coverage, &mut findings);
                    findings.extend(check_same_key(file, &named, &mut last_key));
                }
                FileKind::Checkpoint => {
                    findings.push(mismatch(
                        file.name,
                        "custody-checkpoint-twice",
                        "there is another one of that number",
                    ));
                }
                FileKind::PartialCheckpoint => {
                    // Records that it would have covered are reported below, unless a later checkpoint covers them.
                    let text = "was never sealed, so its writer was interrupted; it counts for nothing";
                    findings.push(note(file.name, "custody-partial-checkpoint", text));
                }
                FileKind::Segment | FileKind::PartialSegment => {
                    findings.push(note(file.name, "custody-stray-file", "a segment, not a checkpoint; not read here"));
                }
            }
        }
        self.check_missing(&seen, &mut findings);
        findings.extend(self.check_covered(&coverage));
        self.damaged |= findings.iter().any(|finding| finding.severity == Severity::Mismatch);
        Outcome { value: coverage, findings }
    }

    /// Compares the log with a checkpoint that was kept elsewhere: a receipt, an earlier package, a handover.
    ///
    /// `None` if a known key signed it and the log contains, unchanged, every record that it covers.
    #[must_use]
    pub fn check_kept(&self, name: &str, bytes: &[u8], keys: &[PublicKey]) -> Option<Finding> {
        let checkpoint = match Checkpoint::open(bytes, keys) {
            Ok((checkpoint, _)) => checkpoint,
            Err(fault) => return Some(of_fault(name, &fault)),
        };
        if let Some(finding) = self.check_origin(name, &checkpoint) {
            return Some(finding);
        }
        match self.root_at(checkpoint.size) {
            Some(root) if root == checkpoint.root => None,
            Some(_) => Some(root_differs(name, checkpoint.size)),
            None => Some(mismatch(
                name,
                "custody-tail-missing",
                format!("covers {} records, the log has {}", checkpoint.size, self.size()),
            )),
        }
    }

    /// Keys that records name by their OpenSSH line.
    #[must_use]
    pub fn named_keys(&self) -> Vec<NamedKey> {
        let mut keys = Vec::new();
        for entry in &self.entries {
            let mut open: Vec<&Value> = entry.record.object.values().chain(entry.record.details.values()).collect();
            // A record is at most 32 levels deep, so this ends.
            while let Some(value) = open.pop() {
                match value {
                    Value::Array(values) => open.extend(values),
                    Value::Object(map) => open.extend(map.values()),
                    Value::String(text) if text.starts_with(KEY_TYPE) && keys.len() < NAMED_KEYS_MAX => {
                        let how = match entry.record.action.as_str() {
                            key_detail::CHANGED => NamedAs::Heir,
                            key_detail::LOST => NamedAs::Lost,
                            _ => NamedAs::Other,
                        };
                        let seq = entry.record.seq;
                        keys.extend(PublicKey::parse(text).ok().map(|key| NamedKey { seq, key, how }));
                    }
                    _ => {}
                }
            }
        }
        keys
    }

    /// One checkpoint file of the log's own folder.
    fn check_one(
        &self,
        file: &CheckpointBytes<'_>,
        number: u32,
        keys: &[PublicKey],
        coverage: &mut Coverage,
        findings: &mut Vec<Finding>,
    ) {
        let read = Note::parse(file.bytes).and_then(|note| Ok((Checkpoint::of_note(&note)?, note)));
        let (checkpoint, note) = match read {
            Ok(read) => read,
            Err(fault) => return findings.push(of_fault(file.name, &fault)),
        };
        let signers = checkpoint.signers(&note, keys);
        let wrong =
            self.check_origin(file.name, &checkpoint).or_else(|| self.check_head(file.name, number, &checkpoint));
        match (signers, wrong) {
            (Ok(signers), None) => {
                coverage.records = coverage.records.max(checkpoint.size);
                let new: Vec<_> = signers.into_iter().filter(|key| !coverage.signers.contains(key)).cloned().collect();
                coverage.signers.extend(new);
            }
            (signers, wrong) => {
                findings.extend(signers.err().map(|fault| of_fault(file.name, &fault)));
                findings.extend(wrong);
            }
        }
    }

    /// Whether the checkpoint is one of this case.
    fn check_origin(&self, name: &str, checkpoint: &Checkpoint) -> Option<Finding> {
        let expected = origin(self.case()?);
        (checkpoint.origin != expected).then(|| {
            let found = Name::from(checkpoint.origin.as_str());
            mismatch(name, "custody-checkpoint-origin", format!("is of {found}, the log is {expected}"))
        })
    }

    /// Whether the checkpoint says what the log is at the end of the segment of the same number.
    fn check_head(&self, name: &str, number: u32, checkpoint: &Checkpoint) -> Option<Finding> {
        let end = self.ends.iter().find(|end| end.number == number);
        let Some(SegmentEnd { size, root, .. }) = end.filter(|end| !end.partial) else {
            let text = format!("the sealed segment {} is missing", file_name(number, FileKind::Segment));
            return Some(mismatch(name, "custody-segment-missing", text));
        };
        if *size != checkpoint.size {
            let text = format!("covers {} records, the log has {size} at the end of that segment", checkpoint.size);
            return Some(mismatch(name, "custody-checkpoint-size", text));
        }
        (*root != checkpoint.root).then(|| root_differs(name, checkpoint.size))
    }

    /// Sealed segments without a checkpoint of their own, where a later one exists.
    fn check_missing(&self, seen: &BTreeSet<u32>, findings: &mut Vec<Finding>) {
        let last = seen.last().copied().unwrap_or(0);
        let without = self.ends.iter().filter(|end| !end.partial && end.number < last && !seen.contains(&end.number));
        for end in without {
            if findings.len() >= FINDINGS_MAX {
                return findings.push(limit_reached());
            }
            let name = file_name(end.number, FileKind::Checkpoint);
            findings.push(note(&name, "custody-checkpoint-missing", "missing; a later checkpoint covers its records"));
        }
    }

    /// Records at the end that no good checkpoint covers.
    fn check_covered(&self, coverage: &Coverage) -> Option<Finding> {
        (coverage.records < self.size()).then(|| {
            let (first, last) = (coverage.records.saturating_add(1), self.size());
            let text = format!("no checkpoint signed by a known key covers records {first} to {last}");
            Finding::new(Severity::Incomplete, "custody-unsigned-tail", "custody log", text)
        })
    }
}

/// Keys named in a log that are looked at; a real one names a handful.
const NAMED_KEYS_MAX: usize = 64;

/// A log changes its key only by saying so: the new key stands in a record that a checkpoint of the key before covers.
///
/// `last` is the id of the key of the checkpoint before, and how many records that one covers.
fn check_same_key(
    file: &CheckpointBytes<'_>,
    named: &[NamedKey],
    last: &mut Option<([u8; 4], u64)>,
) -> Option<Finding> {
    let note = Note::parse(file.bytes).ok()?;
    let checkpoint = Checkpoint::of_note(&note).ok()?;
    let own = note.signatures().iter().find(|line| line.name == checkpoint.origin)?.key_id;
    let (before, covered) = last.replace((own, checkpoint.size))?;
    if before == own {
        return None;
    }
    let mut says =
        named.iter().filter(|named| named.seq <= checkpoint.size && key_id(&checkpoint.origin, &named.key) == own);
    let (code, text) = match says.clone().next() {
        None => ("custody-foreign-key", "no record names the new key"),
        // A new key for one that was lost can only be named by itself.
        Some(_)
            if says.any(|named| named.how == NamedAs::Lost || named.how == NamedAs::Heir && named.seq <= covered) =>
        {
            return None;
        }
        Some(_) => {
            ("custody-key-not-passed-on", "no record key-changed under the signature of the key before names it")
        }
    };
    Some(mismatch(file.name, code, format!("signed with another key than the checkpoint before it, and {text}")))
}

/// What a checkpoint that could not be opened means: an unknown key is a gap in the check, all else does not match.
fn of_fault(name: &str, fault: &NoteFault) -> Finding {
    match fault {
        NoteFault::NoKnownKey => {
            let text = "no known key has signed it, so its signature could not be checked";
            Finding::new(Severity::Incomplete, "custody-checkpoint-unknown-key", name, text)
        }
        NoteFault::Mismatch(_) => mismatch(name, "custody-checkpoint-signature", fault.to_string()),
        NoteFault::Malformed(_) | NoteFault::KeyName(_) | NoteFault::Signing(_) => {
            mismatch(name, "custody-checkpoint-malformed", fault.to_string())
        }
    }
}

fn root_differs(name: &str, size: u64) -> Finding {
    let text =
        format!("the root over the first {size} records is another one: records were changed, moved or replaced");
    mismatch(name, "custody-checkpoint-root", text)
}

fn limit_reached() -> Finding {
    mismatch("custody log", "custody-limit", format!("checking stopped after {FINDINGS_MAX} findings"))
}

fn mismatch(name: &str, code: &str, text: impl Into<String>) -> Finding {
    Finding::new(Severity::Mismatch, code, name, text)
}

fn note(name: &str, code: &str, text: &str) -> Finding {
    Finding::new(Severity::Note, code, name, text)
}
