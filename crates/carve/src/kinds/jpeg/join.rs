//! Looking for the second fragment of a picture.
//!
//! Decoding continues from states saved while the first fragment was decoded, so one try costs only the few kilobytes
//! until wrong data is noticed. Coded data has no checksum, and wrong data decodes surprisingly long: a join counts only
//! if the whole file then passes the strictest test, if no other join within the limits does, and even then the file is
//! called consistent, not proven.

use exhibit_evidence::{ReadFault, Source};

use super::Walk;
use super::entropy::Scan;
use super::planes::Planes;
use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes.
const DEPTH_BYTES: u64 = 64 * 1024;

/// States of the scan being decoded, one per sector, the last [`DEPTH_BYTES`] worth.
#[derive(Default)]
pub(crate) struct Saves {
    states: Vec<Scan>,
    next: u64,
}

impl Saves {
    /// A new scan begins: states of earlier ones are of no use, they ended well.
    pub(crate) fn begin(&mut self) {
        self.states.clear();
        self.next = 0;
    }

    /// Before an MCU: saves the state if a sector has passed since the last one.
    pub(crate) fn note(&mut self, scan: &Scan) {
        if scan.raw_at() < self.next {
            return;
        }
        self.next = scan.raw_at().saturating_add(SECTOR_BYTES / 2);
        // Twice the depth before the older half goes, so that dropping costs nothing per state.
        let most = usize::try_from(DEPTH_BYTES / SECTOR_BYTES).unwrap_or(0).saturating_mul(4);
        if self.states.len() >= most {
            self.states.drain(..most / 2);
        }
        self.states.push(scan.saved());
    }

    /// The last state that used no byte from `split` on.
    fn before(&self, split: u64) -> Option<&Scan> {
        let count = self.states.partition_point(|scan| scan.raw_at() <= split);
        self.states.get(count.checked_sub(1)?)
    }
}

pub(crate) fn bridge(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    let mut walk = Walk::new(candidate, budget);
    walk.saves = Some(Saves::default());
    let stop = walk.run();
    let progressive = walk.frame.as_ref().is_some_and(|frame| frame.coding != super::Coding::Sequential);
    // A progressive scan refines what earlier scans left in memory; continuing it is not worth that memory here.
    let (Err(_), Some(saves), false, true) = (stop, walk.saves.take(), progressive, walk.undecoded.is_none()) else {
        return Ok(None);
    };
    drop(walk);
    let mut only: Option<Joined> = None;
    for (gap, cluster) in gaps.lengths() {
        for split in fragments::splits_down(broken.seen.saturating_sub(DEPTH_BYTES), broken.seen, cluster) {
            if only.as_ref().is_some_and(|joined| (joined.split, joined.gap) == (split, gap)) {
                continue;
            }
            match continues(candidate, &saves, (split, gap), budget) {
                Ok(true) => {}
                Ok(false) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => continue,
                // Without the whole search no join can be called the only one.
                Err(Stop::Spent(_)) => return Ok(None),
                Err(Stop::Io(fault)) => return Err(fault),
            }
            match whole(candidate, (split, gap), budget)? {
                Some(_) if only.is_some() => return Ok(None),
                Some(joined) => only = Some(joined),
                None => {}
            }
        }
    }
    Ok(only.map(|mut joined| {
        joined.whole.class = Class::Consistent;
        joined
            .whole
            .reasons
            .push("no other join within the limits decodes; JPEG has no checksum to prove it".to_owned());
        joined
    }))
}

/// Judges a join from its first byte: nothing at all may speak against its coded data.
fn whole(candidate: &dyn Source, (split, gap): (u64, u64), budget: &Budget<'_>) -> Result<Option<Joined>, ReadFault> {
    let source = fragments::join(candidate, split, gap);
    let mut walk = Walk::new(&source, budget);
    match walk.run() {
        Ok(length) if length > split && walk.coded_doubts().is_empty() => {
            let whole = fragments::joined_whole(walk.whole(length), split, gap);
            Ok(Some(Joined { split, gap, whole }))
        }
        Err(Stop::Io(fault)) => Err(fault),
        _ => Ok(None),
    }
}

/// Whether the scan decodes to its end with the gap left out.
fn continues(
    candidate: &dyn Source,
    saves: &Saves,
    (split, gap): (u64, u64),
    budget: &Budget<'_>,
) -> Result<bool, Stop> {
    let Some(state) = saves.before(split) else { return Ok(false) };
    let joined = fragments::join(candidate, split, gap);
    let mut window = Window::new(&joined, budget);
    let mut scan = state.saved();
    // Means are not looked at here; the full judge does that.
    let end = scan.run(&mut window, &mut Planes::default(), |_| ())?;
    Ok(end > split && scan.doubts.is_empty())
}
