//! What was recovered by content.

use std::collections::BTreeMap;

use super::{Fact, digest_groups};
use crate::facts::{CarveFacts, CarvedFile, Certainty};
use crate::words::{bytes, counted, grouped, name, offset, text};

/// Files printed one by one; the rest is counted and found in the complete list.
const FILES_MAX: usize = 1000;

/// Reasons printed for a file.
const REASONS_MAX: usize = 8;

pub(super) struct Carve {
    pub(super) scanned: String,
    pub(super) types: Fact,
    pub(super) skipped: Vec<String>,
    pub(super) counts: Vec<Count>,
    pub(super) files: Vec<FileLine>,
    pub(super) left_out: usize,
    pub(super) list_file: Fact,
}

pub(super) struct Count {
    pub(super) kind: String,
    /// Proven, consistent, partial, header only, all.
    pub(super) numbers: [String; 5],
}

pub(super) struct FileLine {
    pub(super) kind: String,
    pub(super) size: String,
    pub(super) place: String,
    pub(super) class: &'static str,
    pub(super) reasons: Vec<String>,
    pub(super) path: Fact,
    pub(super) digest: Vec<String>,
}

pub(super) fn carve(facts: &CarveFacts) -> Carve {
    let types: Vec<&str> = facts.types.iter().map(String::as_str).collect();
    Carve {
        scanned: bytes(facts.scanned_bytes),
        types: Fact::of(Some(&types.join(", "))),
        skipped: facts.skipped.iter().map(|line| text(line)).collect(),
        counts: counts(&facts.files),
        files: facts.files.iter().take(FILES_MAX).map(file_line).collect(),
        left_out: facts.files.len().saturating_sub(FILES_MAX),
        list_file: Fact::of(facts.list_file.as_deref()),
    }
}

fn counts(files: &[CarvedFile]) -> Vec<Count> {
    let mut by_kind: BTreeMap<&str, [u64; 5]> = BTreeMap::new();
    for file in files {
        let numbers = by_kind.entry(&file.kind).or_default();
        let classes = [Certainty::Proven, Certainty::Consistent, Certainty::Partial, Certainty::HeaderOnly].map(Some);
        for (number, class) in numbers.iter_mut().zip(classes.into_iter().chain([None])) {
            *number = number.saturating_add(u64::from(class.is_none_or(|class| class == file.class)));
        }
    }
    by_kind.into_iter().map(|(kind, numbers)| Count { kind: text(kind), numbers: numbers.map(grouped) }).collect()
}

fn file_line(file: &CarvedFile) -> FileLine {
    let more = file.reasons.len().saturating_sub(REASONS_MAX);
    let reasons = file.reasons.iter().take(REASONS_MAX).map(|reason| text(reason));
    let more = (more > 0).then(|| format!("and {more} more"));
    FileLine {
        kind: text(&file.kind),
        size: bytes(file.size),
        place: place(file),
        class: class(file.class),
        reasons: reasons.chain(more).collect(),
        path: Fact::made(Some(file.path.as_ref().map_or_else(|| "listed only, not written".to_owned(), name))),
        digest: digest_groups(file.sha256.as_deref().unwrap_or_default()),
    }
}

fn place(file: &CarvedFile) -> String {
    match file.extents.as_slice() {
        [] => crate::words::NOT_KNOWN.to_owned(),
        [only] => format!("from byte {}", offset(only.offset)),
        [first, ..] => {
            let pieces = counted(file.extents.len() as u64, "piece", "pieces");
            format!("{pieces}, the first from byte {}", offset(first.offset))
        }
    }
}

const fn class(class: Certainty) -> &'static str {
    match class {
        Certainty::Proven => "proven",
        Certainty::Consistent => "consistent",
        Certainty::Partial => "partial",
        Certainty::HeaderOnly => "header only",
    }
}
