//! Judging one candidate: as it lies there, then with one gap left out.

use exhibit_evidence::{ByteRange, Cancel, ReadFault, Slice, Source};

use crate::budget::{Budget, MemoryPool};
use crate::ends;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::{Joined, Kind};
use crate::ledger::Torn;
use crate::plan::Plan;
use crate::scan::Candidate;
use crate::stop::Stop;
use crate::verdict::{Class, Verdict, Whole};

/// What following one candidate came to.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// What speaks against a file whose structure holds.
    pub(crate) doubt: Option<Doubt>,
    /// Units of work spent.
    pub(crate) work: u64,
    /// Whether it could not be followed for want of work.
    pub(crate) exhausted: bool,
}

/// Why a file whose structure holds may be another one all the same.
#[derive(Debug)]
pub(crate) struct Doubt {
    /// Whether it is not to be believed, whatever lies around it.
    pub(crate) is_certain: bool,
    pub(crate) why: String,
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
        let view = self.view(candidate);
        let mut verdict = kind.validate(&view, &budget)?;
        let doubt = match &mut verdict {
            Verdict::Whole(whole) if whole.class == Class::Consistent => doubt(&view, whole, &budget)?,
            _ => None,
        };
        Ok(Judged { verdict, doubt, work: budget.spent(), exhausted: budget.is_exhausted() })
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

/// Why a consistent file may be another one; of one whose end shows, how it does is added to the reasons.
fn doubt(view: &dyn Source, whole: &mut Whole, budget: &Budget<'_>) -> Result<Option<Doubt>, ReadFault> {
    // Where another fragment might begin at the latest.
    let last = whole.length.saturating_sub(1) / SECTOR_BYTES * SECTOR_BYTES;
    if last < whole.anchored {
        return Ok(None);
    }
    match ends::shows(view, whole.length, budget) {
        Ok(Some(how)) => {
            whole.reasons.push(format!("it ends where it should: {how}"));
            Ok(None)
        }
        Err(Stop::Io(fault)) => Err(fault),
        Ok(None) | Err(_) => {
            let is_certain = ends::is_foreign(view, (whole.anchored, whole.length), budget).unwrap_or(false);
            let why = if is_certain {
                "it ends in text, and what it holds is none"
            } else {
                "nothing vouches for what follows, and nothing shows that the file ends where a number says"
            };
            Ok(Some(Doubt { is_certain, why: format!("sure up to byte {}: {why}", whole.anchored) }))
        }
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
