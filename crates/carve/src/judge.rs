//! Judging one candidate: as it lies there, then with one gap left out.

use exhibit_evidence::{ByteRange, Cancel, ReadFault, Slice, Source};

use crate::budget::{Budget, MemoryPool};
use crate::fragments::{self, Gaps};
use crate::kind::{Joined, Kind};
use crate::ledger::Torn;
use crate::plan::Plan;
use crate::scan::Candidate;
use crate::verdict::{Class, Verdict};

/// What following one candidate came to.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// Units of work spent.
    pub(crate) work: u64,
    /// Whether it could not be followed for want of work.
    pub(crate) exhausted: bool,
}

/// What looking for a second fragment came to.
#[derive(Debug)]
pub(crate) struct Bridged {
    pub(crate) joined: Option<Joined>,
    /// Units of work spent.
    pub(crate) work: u64,
    /// Whether something was left untried for want of work.
    pub(crate) exhausted: bool,
}

/// A search for a second fragment.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) torn: Torn,
    pub(crate) gaps: Gaps,
}

/// Everything a judge needs besides the candidate.
pub(crate) struct Court<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) plan: &'a Plan,
    pub(crate) memory: MemoryPool,
    pub(crate) cancel: &'a Cancel,
}

impl Court<'_> {
    /// Follows a candidate with `work` units.
    pub(crate) fn judge(&self, kind: &dyn Kind, candidate: Candidate, work: u64) -> Result<Judged, ReadFault> {
        let budget = Budget::new(work, &self.memory, self.cancel);
        let verdict = kind.validate(&self.view(candidate), &budget)?;
        Ok(Judged { verdict, work: budget.spent(), exhausted: budget.is_exhausted() })
    }

    /// Looks for a second fragment of a broken candidate with `work` units.
    pub(crate) fn bridge(&self, kind: &dyn Kind, search: &Search, work: u64) -> Result<Bridged, ReadFault> {
        let budget = Budget::new(work, &self.memory, self.cancel);
        let view = self.view(search.torn.candidate);
        let joined = match search.torn.inherited {
            Some(join) => inherit(kind, &view, join, &budget)?,
            None => kind.bridge(&view, &search.torn.broken, &search.gaps, &budget)?,
        };
        let exhausted = joined.is_none() && budget.is_exhausted();
        Ok(Bridged { joined, work: budget.spent(), exhausted })
    }

    /// The medium from the candidate's first byte on, up to the largest size asked for.
    fn view(&self, candidate: Candidate) -> Slice<&dyn Source> {
        Slice::new(self.source, ByteRange::new(candidate.offset, self.plan.max_size))
    }
}

/// Judges a torn file within a joined one by the join of that one.
fn inherit(
    kind: &dyn Kind,
    view: &dyn Source,
    join: (u64, u64),
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    let mut joined = fragments::judge_split(kind, view, join, Class::Consistent, budget)?;
    if let Some(Joined { whole, .. }) = joined.as_mut() {
        if kind.bridges_late() {
            // The join was shown for the outer file, which need not vouch for every byte of this one.
            whole.class = Class::Consistent;
        }
        whole.reasons.push("the gap is that of the file it lies in".to_owned());
    }
    Ok(joined)
}
