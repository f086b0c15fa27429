//! What was done, counted: `summary.json`.

use std::collections::BTreeMap;

use exhibit_evidence::ByteRange;
use serde::Serialize;

use crate::align::Alignment;
use crate::object::Object;
use crate::plan::Plan;

/// Value of [`Summary::format`].
pub const FORMAT: &str = "exhibit-carve/1";
/// Unreadable ranges listed one by one; further ones are only counted.
const UNREADABLE_LISTED: usize = 1000;

/// The result of a run in numbers. The same source and plan give the same summary, on any number of threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Always [`FORMAT`].
    pub format: &'static str,
    /// Tool and version.
    pub tool: String,
    /// Parameters, limits included.
    pub parameters: Plan,
    /// The alignment used and why.
    pub alignment: Alignment,
    /// Size of the source.
    pub source_size_bytes: u64,
    /// Ranges that alone were searched, and their bytes; `None` if all of the source was.
    pub areas: Option<SearchedAreas>,
    /// Bytes searched for signatures.
    pub bytes_scanned: u64,
    /// Bytes among these that the container knows to be zero; they were not read.
    pub bytes_known_zero: u64,
    /// Bytes that could not be read, or were passed over after several faults in a row; they were not searched.
    pub bytes_unreadable: u64,
    /// Where they lie; the first thousand ranges.
    pub unreadable: Vec<ByteRange>,
    /// Whether there are more unreadable ranges than listed.
    pub unreadable_truncated: bool,
    /// Places looked at: a signature and a believable head.
    pub candidates: u64,
    /// Objects by type and class.
    pub counts: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Files written, and their bytes.
    pub files_written: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Files made of two fragments.
    pub joined: u64,
    /// What was left out, by reason: nothing is dropped in silence.
    pub skipped: BTreeMap<&'static str, u64>,
    /// What a limit ended early, by limit.
    pub cut_short: BTreeMap<&'static str, u64>,
    /// What this run could not see, in plain words.
    pub notes: Vec<String>,
}

/// The parts of the source that were searched, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SearchedAreas {
    /// How many ranges.
    pub ranges: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl SearchedAreas {
    fn of(ranges: &[ByteRange]) -> Self {
        let bytes = ranges.iter().fold(0_u64, |sum, range| sum.saturating_add(range.length));
        Self { ranges: ranges.len() as u64, bytes }
    }
}

impl Summary {
    pub(crate) fn new(plan: &Plan, alignment: Alignment, source_size_bytes: u64) -> Self {
        let mut notes = vec![
            "files in more than two fragments, and files whose content was compressed or encrypted by the file system, are not found".to_owned(),
            "of JPEG, GIF, PDF and SQLite a join of two fragments is never called proven".to_owned(),
        ];
        if alignment.used == crate::plan::Align::Sector {
            notes.push("files that do not begin at a sector were not looked for".to_owned());
        }
        Self {
            format: FORMAT,
            tool: concat!("exhibit ", env!("CARGO_PKG_VERSION")).to_owned(),
            parameters: plan.clone(),
            alignment,
            source_size_bytes,
            areas: plan.areas.as_deref().map(SearchedAreas::of),
            bytes_scanned: 0,
            bytes_known_zero: 0,
            bytes_unreadable: 0,
            unreadable: Vec::new(),
            unreadable_truncated: false,
            candidates: 0,
            counts: BTreeMap::new(),
            files_written: 0,
            bytes_written: 0,
            joined: 0,
            skipped: BTreeMap::new(),
            cut_short: BTreeMap::new(),
            notes,
        }
    }

    pub(crate) fn unreadable(&mut self, range: ByteRange) {
        self.bytes_unreadable = self.bytes_unreadable.saturating_add(range.length);
        if let Some(last) = self.unreadable.last_mut().filter(|last| last.end() == range.offset) {
            last.length = last.length.saturating_add(range.length);
        } else if self.unreadable.len() < UNREADABLE_LISTED {
            self.unreadable.push(range);
        } else {
            self.unreadable_truncated = true;
        }
    }

    pub(crate) fn skip(&mut self, why: &'static str) {
        let count = self.skipped.entry(why).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn cut(&mut self, limit: &'static str) {
        let count = self.cut_short.entry(limit).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn count(&mut self, object: &Object) {
        let count = self.counts.entry(object.file_type.id).or_default().entry(object.class.id()).or_default();
        *count = count.saturating_add(1);
        if object.class <= crate::verdict::Class::Consistent && object.extents.len() > 1 {
            self.joined = self.joined.saturating_add(1);
        }
    }

    /// Objects of `class` (as in the records), of all types.
    #[must_use]
    pub fn of_class(&self, class: crate::verdict::Class) -> u64 {
        self.counts.values().filter_map(|by_class| by_class.get(class.id())).fold(0, |sum, n| sum.saturating_add(*n))
    }
}
