//! Judging one candidate: as it lies there, then with one gap left out.

use exhibit_evidence::{ByteRange, Cancel, ReadFault, Slice, Source};

use crate::budget::{Budget, MemoryPool};
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::plan::Plan;
use crate::scan::Candidate;
use crate::verdict::{Class, FileType, Verdict};

/// What may be spent on one candidate of the present batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Units of work for following it.
    pub(crate) work: u64,
    /// Units of work for looking for a second fragment; 0 for not looking.
    pub(crate) bridge: u64,
}

/// The outcome for one candidate.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) candidate: Candidate,
    pub(crate) outcome: Outcome,
    /// Units of work spent on following it and on looking for a second fragment.
    pub(crate) work: u64,
    pub(crate) bridge_work: u64,
    exhausted: bool,
    /// Limits that ended something early.
    pub(crate) cut: Vec<&'static str>,
}

impl Judged {
    /// Whether the candidate itself could not be followed for want of work.
    pub(crate) fn is_cut(&self) -> bool {
        self.exhausted
    }
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Nothing,
    Found(Found),
}

/// A file or the beginning of one, before it is known whether it lies in another.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file_type: FileType,
    pub(crate) class: Class,
    pub(crate) extents: Vec<ByteRange>,
    pub(crate) reasons: Vec<String>,
    /// Offsets on the medium that are parts of this broken file.
    pub(crate) parts: Vec<u64>,
}

/// Everything a judge needs besides the candidate.
pub(crate) struct Court<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) plan: &'a Plan,
    pub(crate) memory: &'a MemoryPool,
    pub(crate) cancel: &'a Cancel,
}

impl Court<'_> {
    pub(crate) fn judge(&self, kind: &dyn Kind, candidate: Candidate, allowed: Allowance) -> Result<Judged, ReadFault> {
        let view = Slice::new(self.source, ByteRange::new(candidate.offset, self.plan.max_size));
        let budget = Budget::new(allowed.work, self.memory, self.cancel);
        let verdict = kind.validate(&view, &budget)?;
        let mut judged = Judged {
            candidate,
            outcome: Outcome::Nothing,
            work: budget.spent(),
            bridge_work: 0,
            exhausted: budget.is_exhausted(),
            cut: Vec::new(),
        };
        match verdict {
            Verdict::NotThis { cut } => judged.cut.extend(cut),
            Verdict::Whole(whole) => {
                let extents = vec![ByteRange::new(candidate.offset, whole.length)];
                let (file_type, class, reasons) = (whole.file_type, whole.class, whole.reasons);
                judged.outcome = Outcome::Found(Found { file_type, class, extents, reasons, parts: Vec::new() });
            }
            Verdict::Broken(broken) => {
                judged.cut.extend(broken.cut);
                let mut joined = None;
                if allowed.bridge > 0 && broken.cut.is_none() {
                    let budget = Budget::new(allowed.bridge, self.memory, self.cancel);
                    let gaps = Gaps { clusters: self.plan.limits.gap_clusters };
                    joined = kind.bridge(&view, &broken, &gaps, &budget)?;
                    judged.bridge_work = budget.spent();
                    if joined.is_none() && budget.is_exhausted() {
                        judged.cut.push("limit of work for one fragment search");
                    }
                }
                judged.outcome = Outcome::Found(match joined {
                    Some(joined) => from_joined(candidate.offset, joined),
                    None => Found {
                        file_type: broken.file_type,
                        class: broken.class(),
                        extents: vec![ByteRange::new(candidate.offset, broken.good)],
                        parts: broken.parts.iter().map(|part| candidate.offset.saturating_add(*part)).collect(),
                        reasons: broken.reasons,
                    },
                });
            }
        }
        Ok(judged)
    }
}

fn from_joined(offset: u64, joined: Joined) -> Found {
    let second = offset.saturating_add(joined.split).saturating_add(joined.gap);
    let extents = vec![
        ByteRange::new(offset, joined.split),
        ByteRange::new(second, joined.whole.length.saturating_sub(joined.split)),
    ];
    let (file_type, class, reasons) = (joined.whole.file_type, joined.whole.class, joined.whole.reasons);
    Found { file_type, class, extents, reasons, parts: Vec::new() }
}
