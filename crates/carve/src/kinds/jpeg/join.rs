//! Looking for the second fragment of a picture.
//!
//! Decoding continues from states saved while the first fragment was decoded, so one try costs only the few kilobytes
//! until wrong data is noticed. Coded data has no checksum, and wrong data decodes surprisingly long: a join counts only
//! if the whole file then passes the strictest test, if no other join that was tried does, and even then the file is
//! called consistent, not proven. Joins at whose borders the medium visibly changes from coded data to something else
//! and back are tried first; only if none of them is whole are all others tried.

use exhibit_evidence::{ReadFault, Source};

use super::entropy::Scan;
use super::planes::Planes;
use super::seams::{is_median_above, median};
use super::{Counts, Walk};
use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes.
const DEPTH_BYTES: u64 = 64 * 1024;
/// Units of work for joins at which nothing can be seen: they are many, and seldom lead to anything.
const BLIND_WORK: u64 = 8 << 20;
/// MCUs whose fit with the row above is judged together.
const MISFIT_MCUS: usize = 12;
/// MCUs before the first saved state that tell what a usual misfit is.
const USUAL_MCUS: u64 = 4096;
/// So many such groups in a row must not fit: a picture may have an edge of its own. Blind trials end at the first.
const MISFITS_MOST: u32 = 3;
/// A median misfit of so many times the usual one, and at least so many quarter sample units, ends a trial.
const MISFIT_FACTOR: i32 = 8;
const MISFIT_LEAST: i32 = 100;

/// States of the scan being decoded, one per sector, the last [`DEPTH_BYTES`] worth.
#[derive(Default)]
pub(crate) struct Saves {
    states: Vec<Scan>,
    next: u64,
    /// What the scans before came to.
    before: Counts,
}

impl Saves {
    /// A new scan begins: states of earlier ones are of no use, they ended well.
    pub(super) fn begin(&mut self, before: &Counts) {
        self.before = before.clone();
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
    let planes = std::mem::take(&mut walk.planes);
    let mut trials = Trials { candidate, saves, planes, torn: &walk, limit: 0, budget };
    trials.limit = trials.usual().saturating_mul(MISFIT_FACTOR).max(MISFIT_LEAST);
    let splits: Vec<u64> = fragments::splits_down(low, broken.seen, gaps.step()).collect();
    for border in [Border::Both, Border::First, Border::None] {
        let wanted = |split: u64, gap: u64| {
            texture.goes_on(split.saturating_add(gap))
                && texture.border(split, gap) == border
                && gaps.allow_plain(split, gap)
        };
        let work = if border == Border::None { budget.spent().saturating_add(BLIND_WORK) } else { u64::MAX };
        let joined = match trials.whole(&splits, gaps, (work, border), wanted) {
            Ok(joined) => only(joined, border, budget),
            Err(Stop::Io(fault)) => return Err(fault),
            // Without the whole search no join can be called the only one.
            Err(_) => return Ok(None),
        };
        if joined.is_some() || budget.is_exhausted() {
            return Ok(joined);
        }
    }
    Ok(None)
}

/// Whether a gap can be seen without decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Border {
    /// It begins and ends with something that is not coded data.
    Both,
    /// It begins so, right behind coded data.
    First,
    /// It does not.
    None,
}

/// What the sectors around the break look like.
pub(crate) struct Texture {
    first: u64,
    looks: Vec<Look>,
}

/// What a sector looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Like coded picture data.
    Coded,
    /// The same, to an end of the picture or tables before its next scan; nothing can be said of what follows.
    Ends,
    Other,
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
        let mut looks = Vec::new();
        let mut at = first.saturating_mul(SECTOR_BYTES);
        while at < high.min(window.size()) {
            let length = usize::try_from(window.size().saturating_sub(at).min(SECTOR_BYTES)).unwrap_or(0);
            match window.exact(at, length) {
                Ok(sector) => looks.push(Self::look(sector, restarts)),
                Err(Stop::Unreadable(_) | Stop::End(_)) => looks.push(Look::Other),
                Err(stop) => return Err(stop),
            }
            at = at.saturating_add(SECTOR_BYTES);
        }
        Ok(Self { first, looks })
    }

    /// Whether `sector` may be coded data, perhaps to the end of the picture and what lies behind it.
    fn look(sector: &[u8], restarts: bool) -> Look {
        for at in memchr::memchr_iter(0xff, sector) {
            match sector.get(at.saturating_add(1)) {
                None | Some(0) => {}
                Some(0xd0..=0xd7) if restarts => {}
                // The end of the picture, or tables before its next scan: nothing more is to be said.
                Some(0xd9 | 0xc4 | 0xda | 0xdd) => return Look::Ends,
                Some(_) => return Look::Other,
            }
        }
        // Ones and zeros rather than truths: the compiler adds up sixteen of them at once.
        let mut seen = [0_u8; 256];
        for byte in sector {
            if let Some(slot) = seen.get_mut(usize::from(*byte)) {
                *slot = 1;
            }
        }
        let variety: usize = seen.as_chunks::<64>().0.iter().map(|some| usize::from(some.iter().sum::<u8>())).sum();
        if variety >= Self::VARIETY_LEAST { Look::Coded } else { Look::Other }
    }

    pub(crate) fn is_coded(&self, at: u64) -> bool {
        matches!(self.sector(at), Some(Look::Coded | Look::Ends))
    }

    fn first_at(&self) -> u64 {
        self.first.saturating_mul(SECTOR_BYTES)
    }

    fn sector(&self, at: u64) -> Option<Look> {
        let index = (at / SECTOR_BYTES).checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.looks.get(index)).copied()
    }

    /// Whether coded data may begin at `at` and go on: noise looks like it for a sector now and then, not for some.
    fn goes_on(&self, at: u64) -> bool {
        /// Sectors that are looked at.
        const SECTORS: u64 = 4;
        let sectors = (0..SECTORS).map(|index| at.saturating_add(index.saturating_mul(SECTOR_BYTES)));
        for at in sectors {
            match self.sector(at) {
                Some(Look::Coded) => {}
                Some(Look::Ends) => return true,
                // Behind what was looked at.
                None => return true,
                Some(Look::Other) => return false,
            }
        }
        true
    }

    fn border(&self, split: u64, gap: u64) -> Border {
        let before =
            split.checked_sub(SECTOR_BYTES).is_none_or(|before| before < self.first_at() || self.is_coded(before));
        match (self.is_border(split, gap), !self.is_coded(split) && before) {
            (true, _) => Border::Both,
            (false, true) => Border::First,
            (false, false) => Border::None,
        }
    }

    /// Whether the gap begins and ends with something that is not coded data.
    pub(crate) fn is_border(&self, split: u64, gap: u64) -> bool {
        !self.is_coded(split) && !self.is_coded(split.saturating_add(gap).saturating_sub(SECTOR_BYTES))
    }
}

/// The one join that is whole, if exactly one is.
fn only(mut joined: Vec<Joined>, border: Border, budget: &Budget<'_>) -> Option<Joined> {
    // Without the whole search no join can be called the only one.
    if joined.len() != 1 || budget.is_exhausted() {
        return None;
    }
    let mut joined = joined.pop()?;
    joined.whole.class = Class::Consistent;
    let where_tried = match border {
        Border::Both => "where coded data visibly ends and begins again",
        Border::First => "where coded data visibly ends",
        Border::None => "within the limits",
    };
    joined.whole.reasons.push(format!("no other join {where_tried} decodes; JPEG has no checksum to prove it"));
    Some(joined)
}

/// What trials of joins share. Splits must come in descending order: a trial overwrites the blocks after its split.
struct Trials<'a> {
    candidate: &'a dyn Source,
    saves: Saves,
    planes: Planes,
    /// The walk through the torn picture: its tables are those of the joined one.
    torn: &'a Walk<'a>,
    /// A median misfit above this, in quarter sample units, means that the picture does not go on here.
    limit: i32,
    budget: &'a Budget<'a>,
}

impl Trials<'_> {
    /// The joins among the wanted ones that are whole.
    fn whole(
        &mut self,
        splits: &[u64],
        gaps: &Gaps,
        (work, border): (u64, Border),
        wanted: impl Fn(u64, u64) -> bool,
    ) -> Result<Vec<Joined>, Stop> {
        let misfits_most = if border == Border::None { 1 } else { MISFITS_MOST };
        let mut whole = Vec::new();
        for &split in splits {
            if self.budget.spent() > work {
                self.budget.give_up();
                return Err(Stop::Spent("limit of work for one fragment search"));
            }
            let mut tried: Vec<u64> = gaps.at(split);
            tried.retain(|gap| wanted(split, *gap));
            if tried.is_empty() {
                continue;
            }
            let Some(state) = self.up_to(split) else { break };
            for gap in tried {
                match self.continues(&state, (split, gap), misfits_most) {
                    Ok(Some(joined)) => whole.push(joined),
                    Ok(None) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => {}
                    Err(stop) => return Err(stop),
                }
            }
        }
        Ok(whole)
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

    /// Decodes the scan to its end from `state` with the gap left out, then what follows it. Nothing at all may speak against
    /// the coded data, but what the picture shows before the join is its own content.
    fn continues(&mut self, state: &Scan, (split, gap): (u64, u64), misfits_most: u32) -> Result<Option<Joined>, Stop> {
        let joined = fragments::join(self.candidate, split, gap);
        let mut window = Window::new(&joined, self.budget);
        let mut scan = state.saved();
        if !self.fits(&mut scan, &mut window, misfits_most)? {
            return Ok(None);
        }
        let end = scan.run(&mut window, &mut self.planes, |_| ())?;
        if end <= split || !scan.doubts.is_empty() {
            return Ok(None);
        }
        let mut walk = Walk::new(&joined, self.budget);
        walk.tables.clone_from(&self.torn.tables);
        walk.frame.clone_from(&self.torn.frame);
        (walk.scans, walk.dc_seen, walk.unvouched) = (self.torn.scans, self.torn.dc_seen, self.torn.unvouched);
        walk.counts = self.saves.before.clone();
        walk.counts.add(&scan);
        std::mem::swap(&mut walk.planes, &mut self.planes);
        let length = walk.go_on(end);
        let is_whole = length.is_ok() && walk.coded_doubts(state.row().saturating_sub(1)).is_empty();
        let length = length.map(|length| is_whole.then(|| walk.whole(length)));
        std::mem::swap(&mut walk.planes, &mut self.planes);
        Ok(length?.map(|whole| Joined { split, gap, whole: fragments::joined_whole(whole, split, gap) }))
    }

    /// Whether the picture goes on from `scan`, as far as MCUs are left.
    fn fits(&mut self, scan: &mut Scan, window: &mut Window<'_>, misfits_most: u32) -> Result<bool, Stop> {
        let known = scan.implausible;
        let (mut misfits, mut in_a_row) = (Vec::new(), 0_u32);
        while scan.has_more() {
            let mcu = scan.mcu();
            scan.step(window, &mut self.planes)?;
            misfits.extend(scan.misfit(mcu, &self.planes));
            if misfits.len() >= MISFIT_MCUS {
                in_a_row = if is_median_above(&misfits, self.limit) { in_a_row.saturating_add(1) } else { 0 };
                if in_a_row >= misfits_most {
                    return Ok(false);
                }
                misfits.clear();
            }
            if scan.implausible > known {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
