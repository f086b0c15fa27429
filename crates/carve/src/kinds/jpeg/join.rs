//! Looking for the second fragment of a picture.
//!
//! Decoding continues from states saved while the first fragment was decoded, so one try costs only the few kilobytes
//! until wrong data is noticed. Coded data has no checksum, and wrong data decodes surprisingly long: a join counts only
//! if the whole file then passes the strictest test, if no other join that was tried does, and even then the file is
//! called consistent, not proven. Joins at whose borders the medium visibly changes from coded data to something else
//! and back are tried first; only if none of them is whole are all others tried.

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
    let low = broken.seen.saturating_sub(DEPTH_BYTES);
    let most = broken.seen.saturating_add(gaps.longest());
    let texture = match Texture::of(candidate, low, most, walk.tables.restart > 0, budget) {
        Ok(texture) => texture,
        Err(Stop::Io(fault)) => return Err(fault),
        Err(_) => return Ok(None),
    };
    let mut trials = Trials { candidate, saves, planes: std::mem::take(&mut walk.planes), limit: 0, budget };
    trials.limit = trials.usual().saturating_mul(MISFIT_FACTOR).max(MISFIT_LEAST);
    let splits: Vec<u64> = fragments::splits_down(low, broken.seen, SECTOR_BYTES).collect();
    for visible in [true, false] {
        let wanted = |split: u64, gap: u64| {
            texture.is_coded(split.saturating_add(gap)) && texture.is_border(split, gap) == visible
        };
        let likely = match trials.likely(&splits, *gaps, wanted) {
            Ok(likely) => likely,
            Err(Stop::Io(fault)) => return Err(fault),
            // Without the whole search no join can be called the only one.
            Err(_) => return Ok(None),
        };
        let joined = only_whole(candidate, &likely, visible, budget)?;
        if joined.is_some() || budget.is_exhausted() {
            return Ok(joined);
        }
    }
    Ok(None)
}

/// What the sectors around the break look like.
pub(crate) struct Texture {
    first: u64,
    /// By sector: whether coded picture data may look like this.
    coded: Vec<bool>,
}

impl Texture {
    /// Fewer different bytes in a sector are text, tables or zeros rather than coded data (which has some 220 of them).
    const VARIETY_LEAST: usize = 128;

    pub(crate) fn of(
        source: &dyn Source,
        low: u64,
        high: u64,
        restarts: bool,
        budget: &Budget<'_>,
    ) -> Result<Self, Stop> {
        let first = low / SECTOR_BYTES;
        let mut window = Window::new(source, budget);
        let mut coded = Vec::new();
        let mut at = first.saturating_mul(SECTOR_BYTES);
        while at < high.min(window.size()) {
            let length = usize::try_from(window.size().saturating_sub(at).min(SECTOR_BYTES)).unwrap_or(0);
            match window.exact(at, length) {
                Ok(sector) => coded.push(Self::looks_coded(sector, restarts)),
                Err(Stop::Unreadable(_) | Stop::End(_)) => coded.push(false),
                Err(stop) => return Err(stop),
            }
            at = at.saturating_add(SECTOR_BYTES);
        }
        Ok(Self { first, coded })
    }

    /// Whether `sector` may be coded data, perhaps to the end of the picture and what lies behind it.
    fn looks_coded(sector: &[u8], restarts: bool) -> bool {
        for at in memchr::memchr_iter(0xff, sector) {
            match sector.get(at.saturating_add(1)) {
                None | Some(0) => {}
                Some(0xd0..=0xd7) if restarts => {}
                // The end of the picture, or tables before its next scan: nothing more is to be said.
                Some(0xd9 | 0xc4 | 0xda | 0xdd) => return true,
                Some(_) => return false,
            }
        }
        let mut seen = [false; 256];
        for byte in sector {
            if let Some(slot) = seen.get_mut(usize::from(*byte)) {
                *slot = true;
            }
        }
        seen.iter().filter(|seen| **seen).count() >= Self::VARIETY_LEAST
    }

    pub(crate) fn is_coded(&self, at: u64) -> bool {
        let index = (at / SECTOR_BYTES).checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.coded.get(index)).copied().unwrap_or(false)
    }

    /// Whether the gap begins and ends with something that is not coded data.
    pub(crate) fn is_border(&self, split: u64, gap: u64) -> bool {
        !self.is_coded(split) && !self.is_coded(split.saturating_add(gap).saturating_sub(SECTOR_BYTES))
    }
}

/// The one join that is whole, if exactly one is.
fn only_whole(
    candidate: &dyn Source,
    likely: &[(u64, u64)],
    visible: bool,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
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
        let where_tried = if visible { "where coded data visibly ends and begins again" } else { "within the limits" };
        joined.whole.reasons.push(format!("no other join {where_tried} decodes; JPEG has no checksum to prove it"));
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
    /// The joins among the wanted ones with which the scan decodes to its end.
    fn likely(
        &mut self,
        splits: &[u64],
        gaps: Gaps,
        wanted: impl Fn(u64, u64) -> bool,
    ) -> Result<Vec<(u64, u64)>, Stop> {
        let mut likely = Vec::new();
        for &split in splits {
            let mut tried: Vec<u64> = gaps.at(split);
            tried.retain(|gap| wanted(split, *gap));
            if tried.is_empty() {
                continue;
            }
            let Some(state) = self.up_to(split) else { break };
            for gap in tried {
                match self.continues(&state, split, gap) {
                    Ok(true) => likely.push((split, gap)),
                    Ok(false) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => {}
                    Err(stop) => return Err(stop),
                }
            }
        }
        Ok(likely)
    }

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
