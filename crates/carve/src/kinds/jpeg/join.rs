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
use super::seams::median;
use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes.
const DEPTH_BYTES: u64 = 64 * 1024;
/// MCUs whose fit with the row above is judged together.
const MISFIT_MCUS: usize = 12;
/// MCUs before the first saved state that tell what a usual misfit is.
const USUAL_MCUS: u64 = 4096;
/// A median misfit of so many times the usual one, and at least so many quarter sample units, ends a trial.
const MISFIT_FACTOR: i32 = 8;
const MISFIT_LEAST: i32 = 100;

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
    let mut trials = Trials { candidate, saves, planes: std::mem::take(&mut walk.planes), limit: 0, budget };
    trials.limit = trials.usual().saturating_mul(MISFIT_FACTOR).max(MISFIT_LEAST);
    let mut likely = Vec::new();
    for split in fragments::splits_down(broken.seen.saturating_sub(DEPTH_BYTES), broken.seen, SECTOR_BYTES) {
        let Some(state) = trials.up_to(split) else { break };
        for gap in gaps.at(split) {
            match trials.continues(&state, split, gap) {
                Ok(true) => likely.push((split, gap)),
                Ok(false) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => {}
                // Without the whole search no join can be called the only one.
                Err(Stop::Spent(_)) => return Ok(None),
                Err(Stop::Io(fault)) => return Err(fault),
            }
        }
    }
    // The memory of the first walk is needed by the next ones.
    drop((trials, walk));
    only_whole(candidate, &likely, budget)
}

/// The one join that is whole, if exactly one is.
fn only_whole(candidate: &dyn Source, likely: &[(u64, u64)], budget: &Budget<'_>) -> Result<Option<Joined>, ReadFault> {
    let mut only: Option<Joined> = None;
    for &join in likely {
        match whole(candidate, join, budget)? {
            Some(_) if only.is_some() => return Ok(None),
            Some(joined) => only = Some(joined),
            None => {}
        }
    }
    // Without the whole search no join can be called the only one.
    Ok(only.filter(|_| !budget.is_exhausted()).map(|mut joined| {
        joined.whole.class = Class::Consistent;
        joined
            .whole
            .reasons
            .push("no other join within the limits decodes; JPEG has no checksum to prove it".to_owned());
        joined
    }))
}

/// What trials of joins share. Splits must come in descending order: a trial overwrites the blocks after its split.
struct Trials<'a> {
    candidate: &'a dyn Source,
    saves: Saves,
    planes: Planes,
    /// A median misfit above this, in quarter sample units, means that the picture does not go on here.
    limit: i32,
    budget: &'a Budget<'a>,
}

impl Trials<'_> {
    /// The median misfit of the rows decoded before the break.
    fn usual(&self) -> i32 {
        let Some((first, last)) = self.saves.states.first().zip(self.saves.states.last()) else { return 0 };
        let mcus = first.mcu().saturating_sub(USUAL_MCUS)..last.mcu();
        median(&mut mcus.filter_map(|mcu| last.misfit(mcu, &self.planes)).collect::<Vec<_>>())
    }

    /// Decodes as far as the bytes before `split` allow.
    fn up_to(&mut self, split: u64) -> Option<Scan> {
        let state = self.saves.before(split)?;
        let mut window = Window::new(self.candidate, self.budget);
        let (mut scan, mut last) = (state.saved(), None);
        while scan.has_more() && scan.step(&mut window, &mut self.planes).is_ok() && scan.raw_at() <= split {
            last = Some(scan.saved());
        }
        Some(last.unwrap_or_else(|| state.saved()))
    }

    /// Whether the scan decodes to its end from `state`, and the picture goes on, with the gap left out.
    fn continues(&mut self, state: &Scan, split: u64, gap: u64) -> Result<bool, Stop> {
        let joined = fragments::join(self.candidate, split, gap);
        let mut window = Window::new(&joined, self.budget);
        let mut scan = state.saved();
        let known = scan.implausible;
        let mut misfits = Vec::new();
        while scan.has_more() {
            let mcu = scan.mcu();
            scan.step(&mut window, &mut self.planes)?;
            misfits.extend(scan.misfit(mcu, &self.planes));
            if misfits.len() >= MISFIT_MCUS {
                if median(&mut misfits) > self.limit {
                    return Ok(false);
                }
                misfits.clear();
            }
            if scan.implausible > known {
                return Ok(false);
            }
        }
        let end = scan.run(&mut window, &mut self.planes, |_| ())?;
        Ok(end > split && scan.doubts.is_empty())
    }
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
