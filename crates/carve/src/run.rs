//! The run: rounds of searching and judging, from the beginning of the medium to its end.
//!
//! Memory stays bounded because a round covers a bounded stretch of the medium and its results leave before the next one
//! begins. Results do not depend on the number of threads because batches are put together, and allowances settled, in
//! an order that only the medium decides.

use std::collections::{HashSet, VecDeque};

use exhibit_evidence::{ByteRange, Cancel, Event, Observer, Phase, Source};
use rayon::ThreadPool;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::align;
use crate::budget::MemoryPool;
use crate::error::CarveError;
use crate::judge::{Allowance, Court, Found, Judged, Outcome};
use crate::kind::Kind;
use crate::object::Object;
use crate::plan::Plan;
use crate::scan::{Candidate, Scanned, Scanner};
use crate::summary::Summary;
use crate::verdict::Class;

/// Candidates judged at the same time. Fixed, so that settlements fall in the same places on any number of threads.
const BATCH: usize = 32;
/// A judge may first spend this part of the pool for wasted work; only who needs more is heard again, alone.
const FIRST_SHARE: u64 = 256;

/// Where found objects go, in order of their offset.
pub(crate) trait Sink {
    /// Takes the objects of one round; counts what it writes.
    fn take(&mut self, objects: Vec<Object>, pool: &ThreadPool, summary: &mut Summary) -> Result<(), CarveError>;
}

/// A whole file that may hold others, or a stretch that belongs to one.
struct Container {
    kind: usize,
    extents: Vec<ByteRange>,
    /// Its path, if it is written.
    path: Option<String>,
}

impl Container {
    /// Whether the byte at `offset` belongs to it.
    fn holds(&self, offset: u64) -> bool {
        self.extents.iter().any(|extent| extent.offset <= offset && offset < extent.end())
    }

    /// Whether a file that begins at `offset` lies in it; a file does not lie in itself.
    fn is_around(&self, offset: u64) -> bool {
        self.holds(offset) && self.start() != Some(offset)
    }

    fn start(&self) -> Option<u64> {
        self.extents.first().map(|extent| extent.offset)
    }

    fn end(&self) -> u64 {
        self.extents.iter().map(|extent| extent.end()).max().unwrap_or(0)
    }
}

/// One run over one source.
pub(crate) struct Run<'a> {
    court: Court<'a>,
    observer: &'a dyn Observer,
    kinds: Vec<&'static dyn Kind>,
    scanner: Scanner,
    pool: ThreadPool,
    pub(crate) summary: Summary,
    containers: Vec<Container>,
    /// Offsets that are parts of broken files of kinds whose parts look alike.
    claimed: HashSet<u64>,
    /// Units of work that led to nothing, and those spent on fragment searches.
    wasted: u64,
    bridged: u64,
    scanned_to: u64,
    listed_headers: u64,
    listed_partials: u64,
}

/// Runs `plan` over `source`; objects go to `sink`, the summary is returned.
pub(crate) fn run(
    source: &dyn Source,
    plan: &Plan,
    sink: &mut dyn Sink,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Summary, CarveError> {
    let memory = MemoryPool::new(plan.limits.judge_memory_bytes, plan.limits.candidate_memory_bytes);
    let court = Court { source, plan, memory: &memory, cancel };
    let mut run = Run::new(court, observer)?;
    observer.on(&Event::Started { phase: Phase::Carve, total_bytes: source.size() });
    run.rounds(sink)?;
    observer.on(&Event::Finished { phase: Phase::Carve });
    Ok(run.summary)
}

impl<'a> Run<'a> {
    fn new(court: Court<'a>, observer: &'a dyn Observer) -> Result<Self, CarveError> {
        let plan = court.plan;
        if plan.max_size == 0 || plan.limits.scan_block_bytes < align::SECTOR_BYTES || plan.limits.round_bytes == 0 {
            return Err(CarveError::Usage("sizes in the plan must not be zero".to_owned()));
        }
        let kinds = plan.types.kinds();
        let alignment = align::decide(court.source, plan.align)?;
        let scanner = Scanner::new(kinds.clone(), alignment.used)?;
        let threads = if plan.jobs == 0 { rayon::current_num_threads() } else { plan.jobs };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.clamp(1, plan.limits.jobs.max(1)))
            .thread_name(|index| format!("carve-{index}"))
            .build()
            .map_err(|error| CarveError::Internal(format!("threads could not be started: {error}")))?;
        let summary = Summary::new(plan, alignment, court.source.size());
        let (containers, claimed) = (Vec::new(), HashSet::new());
        let (wasted, bridged, scanned_to, listed_headers, listed_partials) = (0, 0, 0, 0, 0);
        Ok(Self {
            court,
            observer,
            kinds,
            scanner,
            pool,
            summary,
            containers,
            claimed,
            wasted,
            bridged,
            scanned_to,
            listed_headers,
            listed_partials,
        })
    }

    fn rounds(&mut self, sink: &mut dyn Sink) -> Result<(), CarveError> {
        let (size, limits) = (self.court.source.size(), &self.court.plan.limits);
        let block_bytes = limits.scan_block_bytes.next_multiple_of(align::SECTOR_BYTES);
        let round_bytes = limits.round_bytes.next_multiple_of(block_bytes);
        let mut start = 0_u64;
        while start < size {
            let end = start.saturating_add(round_bytes).min(size);
            let candidates = self.search(start, end, block_bytes)?;
            self.scanned_to = end;
            let found = self.judge_all(candidates)?;
            let objects = self.settle(found);
            sink.take(objects, &self.pool, &mut self.summary)?;
            self.containers.retain(|container| container.end() > end);
            self.claimed.retain(|offset| *offset >= end);
            self.progress(end);
            start = end;
        }
        Ok(())
    }

    /// Searches one round on all threads; its candidates in order.
    fn search(&mut self, start: u64, end: u64, block_bytes: u64) -> Result<Vec<Candidate>, CarveError> {
        self.stop_if_asked(start)?;
        let count = end.saturating_sub(start).div_ceil(block_bytes);
        let (court, scanner) = (&self.court, &self.scanner);
        let block = |index: u64| {
            let offset = start.saturating_add(index.saturating_mul(block_bytes));
            ByteRange::between(offset, offset.saturating_add(block_bytes).min(end))
        };
        let scanned: Vec<Result<Scanned, _>> = self.pool.install(|| {
            (0..count)
                .into_par_iter()
                .map_init(Vec::new, |buffer, index| {
                    if court.cancel.is_cancelled() {
                        return Ok(Scanned::default());
                    }
                    scanner.block(court.source, block(index), buffer)
                })
                .collect()
        });
        self.stop_if_asked(start)?;
        let mut candidates = Vec::new();
        let mut unread = 0_u64;
        for scanned in scanned {
            let scanned = scanned?;
            candidates.extend(scanned.candidates);
            self.summary.bytes_known_zero = self.summary.bytes_known_zero.saturating_add(scanned.known_zero);
            for range in scanned.unreadable {
                unread = unread.saturating_add(range.length);
                self.summary.unreadable(range);
            }
        }
        let searched = end.saturating_sub(start).saturating_sub(unread);
        self.summary.bytes_scanned = self.summary.bytes_scanned.saturating_add(searched);
        candidates.sort_unstable();
        let most = usize::try_from(self.court.plan.limits.round_candidates).unwrap_or(usize::MAX);
        for _ in most..candidates.len() {
            self.summary.cut("limit of candidates in one round");
        }
        candidates.truncate(most);
        self.summary.candidates = self.summary.candidates.saturating_add(candidates.len() as u64);
        Ok(candidates)
    }

    fn stop_if_asked(&self, at: u64) -> Result<(), CarveError> {
        if self.court.cancel.is_cancelled() {
            return Err(CarveError::Interrupted { at, size: self.court.source.size() });
        }
        Ok(())
    }

    fn progress(&self, done_bytes: u64) {
        let faults = self.summary.unreadable.len() as u64;
        self.observer.on(&Event::Progress { phase: Phase::Carve, done_bytes, faults });
    }

    /// Judges the candidates of a round, batch by batch.
    fn judge_all(&mut self, candidates: Vec<Candidate>) -> Result<Vec<(Candidate, Found)>, CarveError> {
        let mut pending = VecDeque::from(candidates);
        let mut found = Vec::new();
        while let Some(first) = pending.front().map(|candidate| candidate.offset) {
            let batch = self.next_batch(&mut pending);
            let allowed = self.allowance(FIRST_SHARE);
            let judged = self.judge_batch(&batch, allowed, first)?;
            for mut judged in judged {
                let more = self.allowance(1);
                if judged.is_cut() && more.work > allowed.work.saturating_mul(2) {
                    // Worth more than the first share? One at a time, so that each sees what the one before left.
                    self.waste(judged.work);
                    let allowed = more;
                    let again = self.judge_batch(&[judged.candidate], allowed, first)?;
                    judged = again.into_iter().next().unwrap_or(judged);
                }
                self.account(judged, &mut found);
            }
            self.progress(first);
        }
        Ok(found)
    }

    fn judge_batch(&self, batch: &[Candidate], allowed: Allowance, at: u64) -> Result<Vec<Judged>, CarveError> {
        self.stop_if_asked(at)?;
        let (court, kinds) = (&self.court, &self.kinds);
        let judge =
            |candidate: &Candidate| kinds.get(candidate.kind).map(|kind| court.judge(*kind, *candidate, allowed));
        let judged: Vec<_> = match batch {
            [single] => judge(single).into_iter().collect(),
            _ => self.pool.install(|| batch.par_iter().with_max_len(1).filter_map(judge).collect()),
        };
        // A judge that was interrupted says "broken": none of its words count.
        self.stop_if_asked(at)?;
        judged.into_iter().map(|judged| judged.map_err(CarveError::from)).collect()
    }

    /// Takes the next candidates that may be judged at the same time, dropping those that are parts of what is known.
    fn next_batch(&mut self, pending: &mut VecDeque<Candidate>) -> Vec<Candidate> {
        let (mut batch, mut later): (Vec<Candidate>, Vec<Candidate>) = (Vec::new(), Vec::new());
        while batch.len() < BATCH && later.len() < BATCH.saturating_mul(4) {
            let Some(candidate) = pending.pop_front() else { break };
            if self.is_part(candidate) {
                self.summary.skip("beginnings of parts inside a file of the same kind");
                continue;
            }
            let alike = self.kinds.get(candidate.kind).is_some_and(|kind| kind.parts_look_alike());
            if alike && batch.iter().any(|other| other.kind == candidate.kind) {
                later.push(candidate);
            } else {
                batch.push(candidate);
            }
        }
        later.into_iter().rev().for_each(|candidate| pending.push_front(candidate));
        batch
    }

    /// Whether the candidate lies in a whole file of its own kind, or is a part of a broken one.
    fn is_part(&self, candidate: Candidate) -> bool {
        self.claimed.contains(&candidate.offset)
            || self
                .containers
                .iter()
                .any(|container| container.kind == candidate.kind && container.holds(candidate.offset))
    }

    /// What the next candidates may spend each: the `share`th part of what is left, but never less than a little, so
    /// that no candidate goes unheard because of hostile ones before it.
    fn allowance(&self, share: u64) -> Allowance {
        let limits = &self.court.plan.limits;
        // Half of the pool opens with the medium's size, half as the search advances, so that hostile first sectors cannot
        // use up what honest last ones need.
        let opened = (self.court.source.size() / 2).saturating_add(self.scanned_to / 2);
        let pool = |base: u64, each: u64| base.saturating_add(each.saturating_mul(opened));
        let work_pool = pool(limits.wasted_work_base, limits.wasted_work_per_byte);
        let work = work_pool.saturating_sub(self.wasted) / share.max(1);
        // Even the little is less once it, too, has been used up several times over: the whole stays bounded.
        let least = if self.wasted < work_pool.saturating_mul(4) { limits.least_work } else { limits.last_work };
        let bridge = if self.court.plan.fragments {
            pool(limits.bridge_work_base, limits.bridge_work_per_byte)
                .saturating_sub(self.bridged)
                .min(limits.bridge_work)
        } else {
            0
        };
        Allowance { work: work.max(least).min(limits.candidate_work), bridge }
    }

    fn waste(&mut self, work: u64) {
        self.wasted = self.wasted.saturating_add(work);
    }

    fn account(&mut self, judged: Judged, found: &mut Vec<(Candidate, Found)>) {
        judged.cut.iter().for_each(|limit| self.summary.cut(limit));
        self.bridged = self.bridged.saturating_add(judged.bridge_work);
        let Outcome::Found(object) = judged.outcome else {
            self.waste(judged.work);
            return;
        };
        let is_whole = object.class <= Class::Consistent;
        // A file of n bytes is expected to cost a few times n; what goes beyond (a bomb) counts as wasted.
        let size = object.extents.iter().fold(0_u64, |sum, extent| sum.saturating_add(extent.length));
        let earned = if is_whole { size.saturating_mul(16) } else { 0 };
        self.waste(judged.work.saturating_sub(earned));
        if is_whole {
            let wanted = self.court.plan.types.contains(object.file_type) && self.court.plan.keep.keeps(object.class);
            let path = wanted.then(|| self.object(&object, None).path());
            let (kind, extents) = (judged.candidate.kind, object.extents.clone());
            self.containers.push(Container { kind, extents, path });
        } else if self.kinds.get(judged.candidate.kind).is_some_and(|kind| kind.parts_look_alike()) {
            let own = judged.candidate.offset;
            self.claimed.extend(object.parts.iter().copied().filter(|part| *part > own));
        }
        if self.court.plan.types.contains(object.file_type) {
            found.push((judged.candidate, object));
        } else {
            self.summary.skip("files of types that were not asked for");
        }
    }

    fn object(&self, found: &Found, parent: Option<String>) -> Object {
        let written = parent.is_none() && self.court.plan.keep.keeps(found.class);
        let (file_type, class) = (found.file_type, found.class);
        Object { file_type, extents: found.extents.clone(), class, reasons: found.reasons.clone(), parent, written }
    }

    /// Puts the finds of a round in order and decides which stand alone, lie in another, or are left out.
    fn settle(&mut self, mut found: Vec<(Candidate, Found)>) -> Vec<Object> {
        found.sort_by_key(|(candidate, object)| (candidate.offset, object.file_type.id));
        let mut objects = Vec::new();
        for (candidate, object) in found {
            let around: Vec<&Container> =
                self.containers.iter().filter(|container| container.is_around(candidate.offset)).collect();
            let same = around.iter().any(|container| container.kind == candidate.kind);
            let inside = !around.is_empty();
            // Of files within files only the outermost is written.
            let outermost = around.iter().min_by_key(|container| container.start());
            let parent = outermost.and_then(|container| container.path.clone());
            let is_whole = object.class <= Class::Consistent;
            if same {
                self.summary.skip("beginnings of parts inside a file of the same kind");
            } else if inside && !is_whole {
                self.summary.skip("broken beginnings inside a whole file");
            } else if self.lists(object.class) {
                let object = self.object(&object, parent);
                self.summary.count(&object);
                objects.push(object);
            }
        }
        objects
    }

    /// Whether an object of this class still gets a line of its own.
    fn lists(&mut self, class: Class) -> bool {
        let (listed, why) = match class {
            Class::Proven | Class::Consistent => return true,
            Class::Partial => (&mut self.listed_partials, "partial files beyond the number listed"),
            Class::HeaderOnly => (&mut self.listed_headers, "header-only finds beyond the number listed"),
        };
        if *listed >= self.court.plan.limits.header_only_listed {
            self.summary.skip(why);
            return false;
        }
        *listed = listed.saturating_add(1);
        true
    }
}
