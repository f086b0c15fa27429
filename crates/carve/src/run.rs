//! The run: threads that search ahead and judge what was found, and the desk where they get their work.
//!
//! The medium is searched in rounds. While the candidates of one round are judged the next ones are searched already, so
//! that no thread waits for another. Results do not depend on the number of threads, because everything is entered into
//! the ledger in an order that only the medium decides.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use exhibit_evidence::{ByteRange, Cancel, Event, Observer, Phase, ReadFault, Source};

use crate::align;
use crate::areas::Areas;
use crate::budget::MemoryPool;
use crate::error::CarveError;
use crate::judge::{Bridged, Court, Judged, Search};
use crate::kind::Kind;
use crate::ledger::{Ledger, Torn};
use crate::line::{Line, Ready};
use crate::object::Object;
use crate::plan::Plan;
use crate::scan::{Candidate, Scanned, Scanner};
use crate::summary::Summary;

/// Candidates that may be judged ahead of the first unsettled one. Fixed, so that allowances do not depend on threads.
const JUDGED_AHEAD: usize = 128;
/// The same for fragment searches, of which each may spend much more.
const BRIDGED_AHEAD: usize = 8;
/// Rounds that are searched ahead of the one whose candidates are judged.
const ROUNDS_AHEAD: usize = 3;

/// Where found objects go, in order of their offset.
pub(crate) trait Sink: Send {
    /// Takes the objects of one round.
    fn take(&mut self, objects: Vec<Object>) -> Result<(), CarveError>;
}

/// Runs `plan` over `source`; objects go to `sink`, the summary is returned.
pub(crate) fn run(
    source: &dyn Source,
    plan: &Plan,
    sink: &mut dyn Sink,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Summary, CarveError> {
    if plan.max_size == 0 || plan.limits.scan_block_bytes < align::SECTOR_BYTES || plan.limits.round_bytes == 0 {
        return Err(CarveError::Usage("sizes in the plan must not be zero".to_owned()));
    }
    let alignment = align::decide(source, plan.align)?;
    let medium_bytes = source.size();
    let areas = plan.areas.as_deref().map(|ranges| Areas::new(source, ranges)).transpose()?;
    let source = areas.as_ref().map_or(source, Areas::view);
    let memory = MemoryPool::new(plan.limits.judge_memory_bytes, plan.limits.candidate_memory_bytes);
    let court = Court { source, plan, memory, cancel };
    let kinds = plan.types.kinds();
    let scanner = Scanner::new(kinds.clone(), alignment.used)?;
    let ledger = Ledger::new(plan, &kinds, source.size(), Summary::new(plan, alignment, medium_bytes), areas.as_ref());
    observer.on(&Event::Started { phase: Phase::Carve, total_bytes: source.size() });
    let desk = Desk {
        court: &court,
        scanner: &scanner,
        kinds: &kinds,
        observer,
        state: Mutex::new(State::new(ledger, sink, source.size(), plan)),
        changed: Condvar::new(),
    };
    desk.update(&mut desk.lock());
    let threads = if plan.jobs == 0 { rayon::current_num_threads() } else { plan.jobs };
    std::thread::scope(|scope| {
        for index in 1..threads.clamp(1, plan.limits.jobs.max(1)) {
            // A machine that has no more threads to give is served by those that are there.
            let worker = std::thread::Builder::new().name(format!("carve-{index}"));
            if worker.spawn_scoped(scope, || desk.work()).is_err() {
                break;
            }
        }
        desk.work();
    });
    let state = desk.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = state.failed {
        return Err(error);
    }
    observer.on(&Event::Finished { phase: Phase::Carve });
    Ok(state.ledger.summary)
}

/// One stretch of the medium being searched.
struct Stretch {
    range: ByteRange,
    /// Blocks not yet handed out, from this index on.
    next: usize,
    blocks: Vec<Option<Scanned>>,
    missing: usize,
}

/// What the threads share.
struct State<'a> {
    ledger: Ledger<'a>,
    sink: &'a mut dyn Sink,
    /// Where the next stretch begins, and where the medium ends.
    searched: u64,
    size: u64,
    block_bytes: u64,
    round_bytes: u64,
    stretches: VecDeque<Stretch>,
    /// Number of the first stretch.
    first_stretch: u64,
    candidates: Line<Candidate, Judged>,
    torn: Line<Torn, Bridged>,
    phase: Part,
    failed: Option<CarveError>,
}

/// What is being done with the present round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// There is none: the next one is still searched.
    None,
    Judging,
    Bridging,
}

enum Task {
    Search { stretch: u64, block: usize, range: ByteRange },
    Judge { number: u64, candidate: Candidate, work: u64 },
    Bridge { number: u64, search: Box<Search>, work: u64 },
}

enum Outcome {
    Searched { stretch: u64, block: usize, scanned: Scanned },
    Judged { number: u64, judged: Judged },
    Bridged { number: u64, bridged: Bridged },
}

/// Where threads fetch work and hand in results.
struct Desk<'a> {
    court: &'a Court<'a>,
    scanner: &'a Scanner,
    kinds: &'a [&'static dyn Kind],
    observer: &'a dyn Observer,
    state: Mutex<State<'a>>,
    changed: Condvar,
}

/// Ends the work of all threads if one of them panics: they would wait for it for ever.
struct Alarm<'a, 'b>(&'b Desk<'a>);

impl Drop for Alarm<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let error = CarveError::Internal("a thread of the search ended unexpectedly".to_owned());
            self.0.lock().failed.get_or_insert(error);
            self.0.changed.notify_all();
        }
    }
}

impl<'a> Desk<'a> {
    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each thread does until nothing is left.
    fn work(&self) {
        let _alarm = Alarm(self);
        let mut buffer = Vec::new();
        loop {
            let mut state = self.lock();
            let task = loop {
                if state.is_over() {
                    return;
                }
                if let Some(task) = state.next_task() {
                    break task;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            drop(state);
            let outcome = self.perform(task, &mut buffer);
            let mut state = self.lock();
            if self.court.cancel.is_cancelled() {
                // A judge that was interrupted says "broken": none of its words count.
                let (at, size) = (state.ledger.reached, state.size);
                state.failed.get_or_insert(CarveError::Interrupted { at, size });
            } else {
                match outcome {
                    Ok(outcome) => state.enter(outcome),
                    Err(fault) => {
                        state.failed.get_or_insert(CarveError::from(fault));
                    }
                }
                self.update(&mut state);
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    fn perform(&self, task: Task, buffer: &mut Vec<u8>) -> Result<Outcome, ReadFault> {
        let kind = |candidate: Candidate| {
            let lost = || ReadFault::new(candidate.offset, exhibit_evidence::Cause::PastEnd);
            self.kinds.get(candidate.kind).copied().ok_or_else(lost)
        };
        Ok(match task {
            Task::Search { stretch, block, range } => {
                let scanned = self.scanner.block(self.court.source, range, buffer)?;
                Outcome::Searched { stretch, block, scanned }
            }
            Task::Judge { number, candidate, work } => {
                Outcome::Judged { number, judged: self.court.judge(kind(candidate)?, candidate, work)? }
            }
            Task::Bridge { number, search, work } => {
                let bridged = self.court.bridge(kind(search.torn.candidate)?, &search, work)?;
                Outcome::Bridged { number, bridged }
            }
        })
    }

    /// Enters into the ledger what can be entered, and begins new rounds.
    fn update(&self, state: &mut State<'a>) {
        while state.failed.is_none() {
            state.settle_candidates();
            state.settle_torn();
            match state.phase {
                Part::Judging if state.candidates.is_empty() => {
                    let torn = state.ledger.take_torn();
                    state.torn = Line::new(torn, BRIDGED_AHEAD, state.ledger.bridge_work());
                    state.phase = Part::Bridging;
                }
                Part::Bridging if state.torn.is_empty() => {
                    let late = state.ledger.take_late();
                    if !late.is_empty() {
                        state.torn = Line::new(late, BRIDGED_AHEAD, state.ledger.bridge_work());
                        continue;
                    }
                    let objects = state.ledger.settle();
                    if let Err(error) = state.sink.take(objects) {
                        state.failed = Some(error);
                    }
                    state.phase = Part::None;
                    let (done_bytes, faults) = (state.ledger.reached, state.ledger.summary.unreadable.len() as u64);
                    self.observer.on(&Event::Progress { phase: Phase::Carve, done_bytes, faults });
                }
                Part::None => {
                    state.search_ahead();
                    if !state.begin_round() {
                        return;
                    }
                }
                Part::Judging | Part::Bridging => {
                    state.search_ahead();
                    return;
                }
            }
        }
    }
}

impl<'a> State<'a> {
    fn new(ledger: Ledger<'a>, sink: &'a mut dyn Sink, size: u64, plan: &Plan) -> Self {
        let block_bytes = plan.limits.scan_block_bytes.next_multiple_of(align::SECTOR_BYTES);
        let round_bytes = plan.limits.round_bytes.next_multiple_of(block_bytes);
        Self {
            ledger,
            sink,
            searched: 0,
            size,
            block_bytes,
            round_bytes,
            stretches: VecDeque::new(),
            first_stretch: 0,
            candidates: Line::new([], 0, 0),
            torn: Line::new([], 0, 0),
            phase: Part::None,
            failed: None,
        }
    }

    fn is_over(&self) -> bool {
        let done = self.phase == Part::None && self.stretches.is_empty() && self.searched >= self.size;
        self.failed.is_some() || done
    }

    /// Candidates first: what they lead to decides what comes next. Then the search goes on.
    fn next_task(&mut self) -> Option<Task> {
        let ledger = &self.ledger;
        let mut alike: Vec<usize> = Vec::new();
        let judge = self.candidates.start(|candidate| {
            if ledger.is_part(*candidate) || alike.contains(&candidate.kind) {
                return Ready::NotYet;
            }
            if ledger.parts_look_alike(candidate.kind) {
                alike.push(candidate.kind);
            }
            Ready::Now
        });
        if let Some((number, candidate, work)) = judge {
            return Some(Task::Judge { number, candidate: *candidate, work });
        }
        let mut alike: Vec<usize> = Vec::new();
        let bridge = self.torn.start(|torn| {
            let kind = torn.candidate.kind;
            if ledger.is_settled(torn) || alike.contains(&kind) {
                return Ready::NotYet;
            }
            if ledger.parts_look_alike(kind) {
                alike.push(kind);
            }
            Ready::Now
        });
        if let Some((number, torn, work)) = bridge {
            let search = Box::new(ledger.search(torn));
            return Some(Task::Bridge { number, search, work });
        }
        let block_bytes = self.block_bytes;
        for (stretch, number) in self.stretches.iter_mut().zip(self.first_stretch..) {
            if stretch.next < stretch.blocks.len() {
                let block = stretch.next;
                stretch.next = block.saturating_add(1);
                let start = stretch.range.offset.saturating_add((block as u64).saturating_mul(block_bytes));
                let end = start.saturating_add(block_bytes).min(stretch.range.end());
                return Some(Task::Search { stretch: number, block, range: ByteRange::between(start, end) });
            }
        }
        None
    }

    fn enter(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Searched { stretch, block, scanned } => {
                let index = stretch.checked_sub(self.first_stretch).and_then(|index| usize::try_from(index).ok());
                if let Some(stretch) = index.and_then(|index| self.stretches.get_mut(index))
                    && let Some(slot) = stretch.blocks.get_mut(block)
                {
                    *slot = Some(scanned);
                    stretch.missing = stretch.missing.saturating_sub(1);
                }
            }
            Outcome::Judged { number, judged } => self.candidates.hand_in(number, judged),
            Outcome::Bridged { number, bridged } => self.torn.hand_in(number, bridged),
        }
    }

    fn settle_candidates(&mut self) {
        while let Some((candidate, judged, allowed)) = self.candidates.first() {
            let is_part = self.ledger.is_part(*candidate);
            match judged {
                _ if is_part => self.ledger.skip_part(),
                None => return,
                Some(judged) => {
                    if let Some(more) = self.ledger.second_hearing(judged, allowed) {
                        self.candidates.again(more);
                        return;
                    }
                }
            }
            // What was judged ahead and turns out to be a part costs nothing in the books: on one thread nobody would
            // have looked at it.
            let Some((candidate, judged)) = self.candidates.settle() else { return };
            if let Some(judged) = judged.filter(|_| !is_part) {
                self.ledger.judged(candidate, judged);
            }
            let work = self.ledger.first_work();
            self.candidates.allow(work);
        }
    }

    fn settle_torn(&mut self) {
        while let Some((torn, bridged, _)) = self.torn.first() {
            let is_settled = self.ledger.is_settled(torn);
            if bridged.is_none() && !is_settled {
                return;
            }
            // As with candidates: what was looked for ahead and turns out to be settled costs nothing in the books.
            let Some((torn, bridged)) = self.torn.settle() else { return };
            match bridged.filter(|_| !is_settled) {
                Some(bridged) => self.ledger.bridged(torn, bridged),
                None => self.ledger.put_off(torn),
            }
            let work = self.ledger.bridge_work();
            self.torn.allow(work);
        }
    }

    /// Lays out the stretches to be searched next.
    fn search_ahead(&mut self) {
        while self.stretches.len() < ROUNDS_AHEAD && self.searched < self.size {
            let end = self.searched.saturating_add(self.round_bytes).min(self.size);
            let range = ByteRange::between(self.searched, end);
            let count = usize::try_from(range.length.div_ceil(self.block_bytes)).unwrap_or(usize::MAX);
            let blocks = std::iter::repeat_with(|| None).take(count).collect();
            self.stretches.push_back(Stretch { range, next: 0, blocks, missing: count });
            self.searched = end;
        }
    }

    /// Begins the next round if its stretch has been searched.
    fn begin_round(&mut self) -> bool {
        let Some(stretch) = self.stretches.pop_front_if(|stretch| stretch.missing == 0) else { return false };
        self.first_stretch = self.first_stretch.saturating_add(1);
        let candidates = self.ledger.begin(stretch.range, stretch.blocks.into_iter().flatten());
        self.candidates = Line::new(candidates, JUDGED_AHEAD, self.ledger.first_work());
        self.phase = Part::Judging;
        true
    }
}
