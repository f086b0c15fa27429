//! The log as a value: what was read, what is appended, and its signed head. No file is touched here.
//!
//! One transaction, while the caller holds the lock of the case folder: read every file of the log ([`Log::read`]), compare
//! with the checkpoints ([`Log::check`]), [`Log::append`] the facts of a session, store the segment, make a
//! [`Log::checkpoint`], store it. A log that was appended to and not stored must be thrown away.

use exhibit_evidence::{Class, Fact, Instant};
use exhibit_hash::merkle::{self, Hash};
use serde_json::{Map, Value};

use crate::canonical::{self, CanonicalFault};
use crate::checkpoint::Checkpoint;
use crate::frontier::Frontier;
use crate::layout::{FileKind, LINE_BYTES_MAX, RECORDS_MAX, SEGMENT_MAX, file_name, origin, reserved_detail};
use crate::note::NoteFault;
use crate::record::{LineHash, Record, hash_before_first, line_hash};
use crate::signer::Signer;

/// Who acts, in which case, when, and with which program: the same for all records of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The case number.
    pub case: String,
    /// Who does it.
    pub actor: String,
    /// As what; may be empty.
    pub role: String,
    /// The present moment, by the system clock.
    pub now: Instant,
    /// The program with its version: `exhibit 0.1.0`.
    pub tool: String,
}

/// A file to be stored in the log's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Name, without folder.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A record and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Name of its file, without folder.
    pub file: String,
    /// Line in that file, from 1.
    pub line: u64,
}

/// The state of the tree at the end of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentEnd {
    pub(crate) number: u32,
    pub(crate) partial: bool,
    /// Records in the whole log up to there.
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

/// Why facts could not be appended, or the head not be signed. Nothing was changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// There is nothing to append.
    #[error("there is no fact to record")]
    NoFact,
    /// A text that every record needs is empty.
    #[error("the {0} of a record must not be empty")]
    Empty(&'static str),
    /// The log belongs to another case.
    #[error("the log is that of case {found:?}, not of {asked:?}")]
    OtherCase {
        /// The case of the log.
        found: String,
        /// The case of the context.
        asked: String,
    },
    /// A fact brings a detail that only the log may write.
    #[error("the detail {0:?} is reserved for the log itself")]
    Reserved(String),
    /// Reading or checking found something that does not match; see [`Log::continue_despite_damage`].
    #[error("the log is damaged; nothing is added to it until that was looked at")]
    Damaged,
    /// A numeric limit of the format.
    #[error("limit reached: {0}")]
    Limit(String),
    /// A record cannot be written as canonical JSON.
    #[error(transparent)]
    Canonical(#[from] CanonicalFault),
    /// There is no sealed segment whose head could be signed.
    #[error("the log does not end with a sealed segment, so there is no head to sign")]
    NoHead,
    /// The checkpoint cannot be written.
    #[error(transparent)]
    Note(#[from] NoteFault),
}

impl LogError {
    /// What kind of trouble it is.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Damaged => Class::Corrupt,
            Self::Limit(_) => Class::Limit,
            _ => Class::Usage,
        }
    }
}

/// The custody log of one case.
#[derive(Debug, Clone)]
pub struct Log {
    pub(crate) entries: Vec<Entry>,
    /// One value per line, also for lines that are no records.
    pub(crate) leaves: Vec<Hash>,
    pub(crate) frontier: Frontier,
    pub(crate) ends: Vec<SegmentEnd>,
    pub(crate) last_line: LineHash,
    pub(crate) next_seq: u64,
    pub(crate) next_segment: u32,
    pub(crate) damaged: bool,
    continued: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            leaves: Vec::new(),
            frontier: Frontier::default(),
            ends: Vec::new(),
            last_line: hash_before_first(),
            next_seq: 1,
            next_segment: 1,
            damaged: false,
            continued: false,
        }
    }
}

impl Log {
    /// A log without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The records that could be read, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Number of lines that count, whether or not they could be read.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// RFC 6962 root over all lines that count.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// RFC 6962 root over the first `size` lines, if there are so many.
    #[must_use]
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        self.leaves.get(..usize::try_from(size).ok()?).map(merkle::root)
    }

    /// The case number of the first record.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        self.entries.first().map(|entry| entry.record.case.as_str())
    }

    /// Whether reading or checking found something that does not match.
    #[must_use]
    pub const fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Lets a damaged log be continued; the next record says so in its details.
    ///
    /// Only for a person who has seen the findings: the next checkpoint signs the log as it is now.
    pub const fn continue_despite_damage(&mut self) {
        self.continued = true;
    }

    /// Adds the facts as one new segment and returns its file. A failure changes nothing.
    ///
    /// Time never goes back: if the clock is behind the last record, its time is taken and the first new record says so.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn append(&mut self, facts: Vec<Fact>, context: &Context) -> Result<NewFile, LogError> {
        self.check_append(&facts, context)?;
        let mut seq = self.next_seq;
        let mut last_line = self.last_line;
        let (time, mut remarks) = self.time_of(context);
        if self.damaged {
            remarks.insert(reserved_detail::DAMAGE.to_owned(), "continued although the log was found damaged".into());
        }
        let mut bytes = Vec::new();
        let mut added = Vec::new();
        for fact in facts {
            let mut record = record_of(fact, context)?;
            (record.seq, record.prev, record.time) = (seq, last_line, time);
            record.details.append(&mut remarks); // empty after the first record
            let line = record.to_line()?;
            if line.len() > LINE_BYTES_MAX {
                return Err(LogError::Limit(format!(
                    "a record has {} bytes, at most {LINE_BYTES_MAX} fit",
                    line.len()
                )));
            }
            (seq, last_line) = (seq.saturating_add(1), line_hash(&line));
            added.push((record, merkle::leaf(&line)));
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
        }
        let name = file_name(self.next_segment, FileKind::Segment);
        for (line, (record, leaf)) in (1..).zip(added) {
            self.entries.push(Entry { record, file: name.clone(), line });
            self.push_leaf(leaf);
        }
        (self.next_seq, self.last_line) = (seq, last_line);
        self.end_segment(self.next_segment, false);
        Ok(NewFile { name, bytes })
    }

    /// The signed head of the log as of its last segment.
    ///
    /// # Errors
    /// If the log is damaged, or does not end with a sealed segment.
    pub fn checkpoint(&self, key: &dyn Signer) -> Result<NewFile, LogError> {
        if self.damaged && !self.continued {
            return Err(LogError::Damaged);
        }
        let end = self.ends.last().filter(|end| !end.partial).ok_or(LogError::NoHead)?;
        let origin = origin(self.case().ok_or(LogError::NoHead)?);
        let text = Checkpoint { origin, size: end.size, root: end.root }.sign(key)?;
        Ok(NewFile { name: file_name(end.number, FileKind::Checkpoint), bytes: text.into_bytes() })
    }

    /// What must hold before anything is appended.
    fn check_append(&self, facts: &[Fact], context: &Context) -> Result<(), LogError> {
        if facts.is_empty() {
            return Err(LogError::NoFact);
        }
        for (name, text) in [("case", &context.case), ("actor", &context.actor), ("tool", &context.tool)] {
            if text.is_empty() {
                return Err(LogError::Empty(name));
            }
        }
        if let Some(found) = self.case().filter(|case| *case != context.case) {
            return Err(LogError::OtherCase { found: found.to_owned(), asked: context.case.clone() });
        }
        if self.damaged && !self.continued {
            return Err(LogError::Damaged);
        }
        if self.next_segment > SEGMENT_MAX {
            return Err(LogError::Limit(format!("a log has at most {SEGMENT_MAX} segments")));
        }
        if self.size().saturating_add(facts.len() as u64) > RECORDS_MAX {
            return Err(LogError::Limit(format!("a log has at most {RECORDS_MAX} records")));
        }
        Ok(())
    }

    /// The time of the new records, in whole seconds, and what there is to say about it.
    fn time_of(&self, context: &Context) -> (Instant, Map<String, Value>) {
        let mut remarks = Map::new();
        let now = context.now.unix_seconds();
        let last = self.entries.iter().map(|entry| entry.record.time.unix_seconds()).max().unwrap_or(i64::MIN);
        if now < last {
            let behind = last.saturating_sub(now);
            let text = format!("system clock was behind the log by {behind} s");
            remarks.insert(reserved_detail::CLOCK.to_owned(), text.into());
        }
        (Instant::from_unix_seconds(now.max(last)), remarks)
    }

    /// Counts one more line.
    pub(crate) fn push_leaf(&mut self, leaf: Hash) {
        self.leaves.push(leaf);
        self.frontier.push(leaf);
    }

    /// Notes the state of the tree after segment `number`.
    pub(crate) fn end_segment(&mut self, number: u32, partial: bool) {
        self.ends.push(SegmentEnd { number, partial, size: self.size(), root: self.root() });
        self.next_segment = self.next_segment.max(number.saturating_add(1));
    }
}

/// A record of a fact, not yet placed in the log.
fn record_of(fact: Fact, context: &Context) -> Result<Record, LogError> {
    if fact.action.is_empty() {
        return Err(LogError::Empty("action"));
    }
    if let Some(name) = reserved_detail::ALL.into_iter().find(|name| fact.details.contains_key(*name)) {
        return Err(LogError::Reserved(name.to_owned()));
    }
    Ok(Record {
        seq: 0,
        prev: hash_before_first(),
        time: context.now,
        case: context.case.clone(),
        actor: context.actor.clone(),
        role: context.role.clone(),
        action: fact.action,
        object: canonical::sanitise_map(fact.object)?,
        reason: fact.reason,
        details: canonical::sanitise_map(fact.details)?,
        tool: context.tool.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;

    fn context(now: i64) -> Context {
        let [case, actor, role, tool] = ["2026-117", "A. Example", "examiner", "exhibit 0.1.0"].map(str::to_owned);
        Context { case, actor, role, now: Instant::from_unix_seconds(now), tool }
    }

    #[test]
    fn time_never_goes_back_and_the_log_says_why() {
        let mut log = Log::new();
        log.append(vec![Fact::new("case-opened")], &context(1_000)).unwrap();
        log.append(vec![Fact::new("note"), Fact::new("note")], &context(990)).unwrap();
        let seconds: Vec<i64> = log.entries().iter().map(|entry| entry.record.time.unix_seconds()).collect();
        assert_eq!(seconds, [1_000, 1_000, 1_000]);
        let clock: Vec<_> = log.entries().iter().map(|entry| entry.record.details.get("clock").cloned()).collect();
        assert_eq!(clock, [None, Some("system clock was behind the log by 10 s".into()), None]);
    }

    #[test]
    fn large_numbers_become_text_and_parts_of_seconds_are_dropped() {
        let mut log = Log::new();
        let mut context = context(5);
        context.now = Instant::from_unix_nanoseconds(5_999_999_999);
        log.append(vec![Fact::new("hashed").object("size", u64::MAX).detail("rate", 0.5)], &context).unwrap();
        let record = &log.entries()[0].record;
        assert_eq!(record.object["size"], "18446744073709551615");
        assert_eq!((&record.details["rate"], record.time), (&"0.5".into(), Instant::from_unix_seconds(5)));
    }

    #[test]
    fn what_cannot_be_recorded_is_refused_and_changes_nothing() {
        let mut log = Log::new();
        log.append(vec![Fact::new("case-opened")], &context(0)).unwrap();
        let deep = (0..40).fold(Value::Null, |inner, _| Value::from(vec![inner]));
        let long = "x".repeat(LINE_BYTES_MAX);
        let other = Context { case: "other".to_owned(), ..context(0) };
        let nobody = Context { actor: String::new(), ..context(0) };
        let note = || Fact::new("note");
        for (facts, context, class) in [
            (vec![], context(0), Class::Usage),
            (vec![Fact::new("")], context(0), Class::Usage),
            (vec![note()], other, Class::Usage),
            (vec![note()], nobody, Class::Usage),
            (vec![note(), note().detail("clock", "mine")], context(0), Class::Usage),
            (vec![note(), note().detail("deep", deep)], context(0), Class::Usage),
            (vec![note(), note().because(long)], context(0), Class::Limit),
        ] {
            assert_eq!(log.append(facts, &context).unwrap_err().class(), class);
        }
        assert_eq!((log.size(), log.next_seq, log.next_segment), (1, 2, 2));
    }

    #[test]
    fn a_damaged_log_is_continued_only_on_demand_and_says_so() {
        let mut log = Log::new();
        log.append(vec![Fact::new("case-opened")], &context(0)).unwrap();
        log.damaged = true;
        assert_eq!(log.append(vec![Fact::new("note")], &context(0)), Err(LogError::Damaged));
        let key = SigningKey::from_seed([7; 32], "");
        assert_eq!(log.checkpoint(&key), Err(LogError::Damaged));
        log.continue_despite_damage();
        log.append(vec![Fact::new("note")], &context(0)).unwrap();
        assert!(log.entries()[1].record.details.contains_key("log-damage"));
        assert!(log.checkpoint(&key).is_ok());
    }

    #[test]
    fn an_empty_log_has_no_head() {
        assert_eq!(Log::new().checkpoint(&SigningKey::from_seed([7; 32], "")), Err(LogError::NoHead));
    }
}
