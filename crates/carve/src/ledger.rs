//! What a run has found and spent so far; settled in the order of the medium.

use exhibit_evidence::ByteRange;

use crate::align::SECTOR_BYTES;
use crate::areas::Areas;
use crate::holdings::{Container, Holdings};
use crate::judge::{Bridged, Doubt, Judged, Search};
use crate::kind::{Joined, Kind};
use crate::neighbours::Neighbours;
use crate::object::Object;
use crate::plan::Plan;
use crate::scan::{Candidate, Scanned};
use crate::summary::Summary;
use crate::surroundings::Surroundings;
use crate::verdict::{Broken, Class, FileType, Verdict, Whole};

/// A candidate may first spend this part of the pool for wasted work; only who needs more is heard again, alone.
const FIRST_SHARE: u64 = 256;
/// A fragment search may spend this part of what is left for them.
const BRIDGE_SHARE: u64 = 8;

/// A file or the beginning of one, before it is known whether it lies in another.
#[derive(Debug)]
struct Found {
    candidate: Candidate,
    file_type: FileType,
    class: Class,
    extents: Vec<ByteRange>,
    reasons: Vec<String>,
    /// Why it may be another file all the same; whether it is believed is decided when all others are known.
    doubt: Option<Doubt>,
}

/// A broken candidate whose second fragment is to be looked for.
#[derive(Debug, Clone)]
pub(crate) struct Torn {
    pub(crate) candidate: Candidate,
    pub(crate) broken: Broken,
    /// The split and gap of the joined file around it, if it lies in one.
    pub(crate) inherited: Option<(u64, u64)>,
}

/// The books of a run.
pub(crate) struct Ledger<'a> {
    plan: &'a Plan,
    kinds: &'a [&'static dyn Kind],
    size: u64,
    /// The way back to the medium, if only parts of it are searched.
    areas: Option<&'a Areas<'a>>,
    pub(crate) summary: Summary,
    holdings: Holdings,
    /// Finds of the present round.
    found: Vec<Found>,
    /// Broken candidates of the present round; those whose gap is looked for when the others are done.
    torn: Vec<Torn>,
    late: Vec<Torn>,
    /// Whether those are being looked for now.
    is_late: bool,
    /// Whole files as they were known when the present searches for fragments began.
    neighbours: Neighbours,
    /// Units of work that led to nothing, and those spent on fragment searches.
    wasted: u64,
    bridged: u64,
    surroundings: Surroundings,
    /// End of the present round.
    pub(crate) reached: u64,
    listed_headers: u64,
    listed_partials: u64,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        kinds: &'a [&'static dyn Kind],
        size: u64,
        summary: Summary,
        areas: Option<&'a Areas<'a>>,
    ) -> Self {
        let (holdings, found, torn) = (Holdings::default(), Vec::new(), Vec::new());
        let (late, is_late, neighbours) = (Vec::new(), false, Neighbours::default());
        let (wasted, bridged, reached, listed_headers, listed_partials) = (0, 0, 0, 0, 0);
        let surroundings = Surroundings::default();
        Self {
            plan,
            kinds,
            size,
            areas,
            summary,
            holdings,
            found,
            torn,
            late,
            is_late,
            neighbours,
            wasted,
            bridged,
            surroundings,
            reached,
            listed_headers,
            listed_partials,
        }
    }

    /// Begins the round over `stretch` with what searching it gave; its candidates in order.
    pub(crate) fn begin(&mut self, stretch: ByteRange, scanned: impl Iterator<Item = Scanned>) -> Vec<Candidate> {
        self.reached = stretch.end();
        let mut candidates = Vec::new();
        let mut unread = 0_u64;
        for scanned in scanned {
            candidates.extend(scanned.candidates);
            self.summary.bytes_known_zero = self.summary.bytes_known_zero.saturating_add(scanned.known_zero);
            for range in scanned.unreadable {
                unread = unread.saturating_add(range.length);
                self.on_medium(range).into_iter().for_each(|range| self.summary.unreadable(range));
            }
        }
        self.summary.bytes_scanned = self.summary.bytes_scanned.saturating_add(stretch.length.saturating_sub(unread));
        candidates.sort_unstable();
        let most = usize::try_from(self.plan.limits.round_candidates).unwrap_or(usize::MAX);
        for _ in most..candidates.len() {
            self.summary.cut("limit of candidates in one round");
        }
        candidates.truncate(most);
        self.summary.candidates = self.summary.candidates.saturating_add(candidates.len() as u64);
        candidates
    }

    /// Whether nothing of the candidate's own is to be judged: it belongs to a file that is known.
    pub(crate) fn is_part(&self, candidate: Candidate) -> bool {
        self.holdings.is_part(candidate)
    }

    pub(crate) fn skip_part(&mut self) {
        self.summary.skip("beginnings of parts inside a file of the same kind");
    }

    /// Whether candidates of this kind are often parts of the one before.
    pub(crate) fn parts_look_alike(&self, kind: usize) -> bool {
        self.kinds.get(kind).is_some_and(|kind| kind.parts_look_alike())
    }

    /// Bytes that have opened a share of the pools: half by the medium's size, half as the search advances, so that hostile
    /// first sectors cannot use up what honest last ones need.
    fn pool(&self, base: u64, each: u64) -> u64 {
        base.saturating_add(each.saturating_mul((self.size / 2).saturating_add(self.reached / 2)))
    }

    /// What the next candidate may spend, but never less than a little, so that none goes unheard because of hostile ones
    /// before it.
    pub(crate) fn first_work(&self) -> u64 {
        self.work(FIRST_SHARE)
    }

    fn work(&self, share: u64) -> u64 {
        let limits = &self.plan.limits;
        let pool = self.pool(limits.wasted_work_base, limits.wasted_work_per_byte);
        // Even the little is less once it, too, has been used up several times over: the whole stays bounded.
        let least = if self.wasted < pool.saturating_mul(4) { limits.least_work } else { limits.last_work };
        (pool.saturating_sub(self.wasted) / share.max(1)).max(least).min(limits.candidate_work)
    }

    /// What the next fragment search may spend; 0 if none is wanted.
    pub(crate) fn bridge_work(&self) -> u64 {
        if !self.plan.fragments {
            return 0;
        }
        let limits = &self.plan.limits;
        let pool = self.pool(limits.bridge_work_base, limits.bridge_work_per_byte);
        (pool.saturating_sub(self.bridged) / BRIDGE_SHARE).min(limits.bridge_work)
    }

    /// More work for a candidate that came to no end with `allowed`, if it may have much more.
    pub(crate) fn second_hearing(&mut self, judged: &Judged, allowed: u64) -> Option<u64> {
        let more = self.work(1);
        if !judged.exhausted || more <= allowed.saturating_mul(2) {
            return None;
        }
        self.wasted = self.wasted.saturating_add(judged.work);
        Some(more)
    }

    /// Enters a verdict.
    pub(crate) fn judged(&mut self, candidate: Candidate, judged: Judged) {
        let earned = match judged.verdict {
            Verdict::NotThis { cut } => {
                cut.iter().for_each(|limit| self.summary.cut(limit));
                0
            }
            Verdict::Whole(whole) if judged.doubt.is_some() && !self.is_vouched_for(candidate.offset, whole.length) => {
                let Whole { file_type, length, class, reasons, .. } = whole;
                let extents = vec![ByteRange::new(candidate.offset, length)];
                self.found(Found { candidate, file_type, class, extents, reasons, doubt: judged.doubt });
                length.saturating_mul(16)
            }
            Verdict::Whole(whole) => {
                let length = whole.length;
                let extents = vec![ByteRange::new(candidate.offset, length)];
                self.whole(candidate, whole.file_type, whole.class, extents, whole.reasons);
                // A file of n bytes is expected to cost a few times n; what goes beyond (a bomb) counts as wasted.
                length.saturating_mul(16)
            }
            Verdict::Broken(broken) => {
                broken.cut.iter().for_each(|limit| self.summary.cut(limit));
                if self.parts_look_alike(candidate.kind) {
                    let own = candidate.offset;
                    let parts = broken.parts.iter().map(|part| own.saturating_add(*part));
                    self.holdings.claim(parts.filter(|part| *part > own));
                }
                self.torn.push(Torn { candidate, broken, inherited: None });
                0
            }
        };
        self.wasted = self.wasted.saturating_add(judged.work.saturating_sub(earned));
    }

    /// The broken candidates of the round whose second fragment is to be looked for first; those that are not wanted are
    /// entered as they are.
    pub(crate) fn take_torn(&mut self) -> Vec<Torn> {
        self.is_late = false;
        self.neighbours = Neighbours::new(self.holdings.extents());
        let mut wanted = Vec::new();
        for torn in std::mem::take(&mut self.torn) {
            let wants = self.plan.fragments && torn.broken.cut.is_none() && !self.is_inside(torn.candidate.offset);
            let late = self.kinds.get(torn.candidate.kind).is_some_and(|kind| kind.bridges_late());
            match (wants, late) {
                (false, _) => self.broken(torn),
                (true, true) => self.late.push(torn),
                (true, false) => wanted.push(torn),
            }
        }
        wanted
    }

    /// Those whose second fragment is to be looked for last: with what is known now about the files around them.
    pub(crate) fn take_late(&mut self) -> Vec<Torn> {
        self.is_late = true;
        let late = std::mem::take(&mut self.late);
        if !late.is_empty() {
            self.neighbours = Neighbours::new(self.holdings.extents());
        }
        let mut wanted = Vec::new();
        for mut torn in late {
            match self.holdings.tear_around(torn.candidate.offset) {
                // It lies in a joined file, but behind the tear: whatever broke it was something else.
                Some(None) => self.broken(torn),
                tear => {
                    torn.inherited = tear.flatten();
                    wanted.push(torn);
                }
            }
        }
        wanted.sort_by_key(|torn| torn.candidate);
        wanted
    }

    /// Whether another join has settled what the torn candidate is: a part of it, or a file in it.
    pub(crate) fn is_settled(&self, torn: &Torn) -> bool {
        let candidate = torn.candidate;
        self.is_part(candidate) || (!self.is_late && self.holdings.tear_around(candidate.offset).is_some())
    }

    /// Puts a candidate off that another join has settled.
    pub(crate) fn put_off(&mut self, torn: Torn) {
        if self.is_part(torn.candidate) { self.skip_part() } else { self.late.push(torn) }
    }

    /// What to look for, for a torn candidate.
    pub(crate) fn search(&self, torn: &Torn) -> Search {
        let (offset, seen) = (torn.candidate.offset, torn.broken.seen);
        Search { torn: torn.clone(), gaps: self.neighbours.gaps(offset, seen, self.plan.limits.gap_clusters) }
    }

    /// Whether the bytes lie in one piece within a proven file.
    fn is_vouched_for(&self, offset: u64, length: u64) -> bool {
        let range = ByteRange::new(offset, length);
        self.holdings.around(offset).any(|file| file.proves(range))
    }

    fn is_inside(&self, offset: u64) -> bool {
        self.holdings.around(offset).next().is_some()
    }

    /// Enters the outcome of a fragment search.
    pub(crate) fn bridged(&mut self, torn: Torn, bridged: Bridged) {
        self.bridged = self.bridged.saturating_add(bridged.work);
        if bridged.exhausted {
            self.summary.cut("limit of work for one fragment search");
        }
        let Some(Joined { split, gap, whole }) = bridged.joined else { return self.broken(torn) };
        let offset = torn.candidate.offset;
        let second = offset.saturating_add(split).saturating_add(gap);
        let extents = vec![ByteRange::new(offset, split), ByteRange::new(second, whole.length.saturating_sub(split))];
        self.whole(torn.candidate, whole.file_type, whole.class, extents, whole.reasons);
    }

    fn whole(
        &mut self,
        candidate: Candidate,
        file_type: FileType,
        class: Class,
        extents: Vec<ByteRange>,
        mut reasons: Vec<String>,
    ) {
        let mut class = class;
        let in_pieces = extents.iter().map(|extent| self.on_medium(*extent).len()).sum::<usize>() > 1;
        if in_pieces
            && class == Class::Proven
            && !self.kinds.get(candidate.kind).is_some_and(|kind| kind.proves_joins())
        {
            class = Class::Consistent;
            reasons.push("it lies in pieces, and no checksum says that they belong together".to_owned());
        }
        if extents.len() > 1 {
            self.surroundings.joined();
        } else if class == Class::Proven && !self.is_inside(candidate.offset) {
            self.surroundings.whole();
        }
        let found = Found { candidate, file_type, class, extents, reasons, doubt: None };
        let wanted = self.plan.types.contains(file_type) && self.plan.keep.keeps(class);
        let path = wanted.then(|| self.object(&found, None).path());
        self.holdings.add(Container {
            kind: candidate.kind,
            is_proven: class == Class::Proven,
            extents: found.extents.clone(),
            path,
        });
        self.found(found);
    }

    fn broken(&mut self, torn: Torn) {
        let Torn { candidate, broken, .. } = torn;
        if broken.class() == Class::Partial && broken.cut.is_none() && !self.is_inside(candidate.offset) {
            self.surroundings.broken(broken.good);
        }
        let extents = vec![ByteRange::new(candidate.offset, broken.good)];
        let (file_type, class, reasons) = (broken.file_type, broken.class(), broken.reasons);
        self.found(Found { candidate, file_type, class, extents, reasons, doubt: None });
    }

    fn found(&mut self, found: Found) {
        if self.plan.types.contains(found.file_type) {
            self.found.push(found);
        } else {
            self.summary.skip("files of types that were not asked for");
        }
    }

    fn object(&self, found: &Found, parent: Option<String>) -> Object {
        let written = self.plan.keep.keeps(found.class);
        let (file_type, class) = (found.file_type, found.class);
        let extents: Vec<ByteRange> = found.extents.iter().flat_map(|extent| self.on_medium(*extent)).collect();
        let mut reasons = found.reasons.clone();
        if extents.len() > found.extents.len() {
            reasons.push("what the file system holds between its parts was left out".to_owned());
        }
        Object { file_type, extents, class, reasons, parent, written }
    }

    /// Where a range that was searched lies on the medium.
    fn on_medium(&self, range: ByteRange) -> Vec<ByteRange> {
        self.areas.map_or_else(|| vec![range], |areas| areas.on_medium(range))
    }

    /// Ends the round: puts its finds in order and decides which stand alone, lie in another, or are left out.
    pub(crate) fn settle(&mut self) -> Vec<Object> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|found| (found.candidate.offset, found.file_type.id));
        let unsure: Vec<u64> = found.iter_mut().filter_map(|found| self.disbelieve(found)).collect();
        let mut objects = Vec::new();
        for found in found {
            let around: Vec<&Container> = self.holdings.around(found.candidate.offset).collect();
            let same = around.iter().any(|container| container.kind == found.candidate.kind);
            let inside = !around.is_empty();
            // A file within a file is written as well and names the outermost: who looks for pictures must not have to open
            // every document.
            let outermost = around.iter().min_by_key(|container| container.start());
            let is_sure = |container: &&&Container| container.start().is_none_or(|start| !unsure.contains(&start));
            let parent = outermost.filter(is_sure).and_then(|container| container.path.clone());
            if same {
                self.skip_part();
            } else if inside && found.class > Class::Consistent {
                self.summary.skip("broken beginnings inside a whole file");
            } else if self.lists(found.class) {
                let object = self.object(&found, parent);
                self.summary.count(&object);
                objects.push(object);
            }
        }
        self.holdings.forget_before(self.reached);
        objects
    }

    /// Decides whether a file is believed that may hold others without showing it; where it begins, if it is not. Then it is
    /// partial.
    fn disbelieve(&mut self, found: &mut Found) -> Option<u64> {
        if found.class != Class::Consistent {
            return None;
        }
        let hides = self.kinds.get(found.candidate.kind).is_some_and(|kind| kind.may_hide_others());
        let length = found.extents.iter().fold(0, |sum: u64, extent| sum.saturating_add(extent.length));
        let why = match found.doubt.take() {
            Some(Doubt { is_certain: true, why }) => Some(why),
            Some(Doubt { why, .. }) => self.surroundings.doubt_numbers().map(|others| format!("{why}; {others}")),
            // What lies within a sector cannot hold a foreign one.
            None if hides && length > SECTOR_BYTES && !self.is_vouched_for(found.candidate.offset, length) => {
                self.surroundings.doubt_text().map(|others| format!("sure up to byte {SECTOR_BYTES}: {others}"))
            }
            None => return None,
        };
        match why {
            Some(why) => {
                found.class = Class::Partial;
                found.reasons.push(why);
                Some(found.candidate.offset)
            }
            None => {
                let wanted = self.plan.keep.keeps(found.class);
                let path = wanted.then(|| self.object(found, None).path());
                let extents = found.extents.clone();
                self.holdings.add(Container { kind: found.candidate.kind, is_proven: false, extents, path });
                None
            }
        }
    }

    /// Whether an object of this class still gets a line of its own.
    fn lists(&mut self, class: Class) -> bool {
        let (listed, why) = match class {
            Class::Proven | Class::Consistent => return true,
            Class::Partial => (&mut self.listed_partials, "partial files beyond the number listed"),
            Class::HeaderOnly => (&mut self.listed_headers, "header-only finds beyond the number listed"),
        };
        if *listed >= self.plan.limits.header_only_listed {
            self.summary.skip(why);
            return false;
        }
        *listed = listed.saturating_add(1);
        true
    }
}
