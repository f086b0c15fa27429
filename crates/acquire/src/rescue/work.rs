//! A plan carried out: the source is read as the plan says, what reads goes to the working file, the map is kept beside it.

use std::sync::Arc;

use exhibit_evidence::{ByteRange, Class, Clock, Event, Instant, Observer, Phase as Show, Scratch, Store};
use exhibit_hash::BLOCK_BYTES;

use super::causes::Causes;
use super::map::{Map, Status};
use super::map_file::MapFile;
use super::plan::{Outcome, Phase, Plan};
use crate::AcquireError;
use crate::attempt::{Attempt, attempt};
use crate::patient::Patient;

/// Least seconds between two savings of the map within a phase.
const SAVE_SECONDS: i64 = 5;
/// A map of so many runs takes about a second to write; it is saved as much less often.
const RUNS_PER_SECOND: usize = 100_000;
/// Longest read that the check of an interrupted rescue makes at either end of what it holds: 64 KiB.
const SAMPLE_BYTES: u64 = 64 << 10;

/// What a rescue needs besides the source.
pub(crate) struct Room<'a> {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) clock: &'a dyn Clock,
    /// Name of the outputs without extension.
    pub(crate) base: String,
    pub(crate) sector_bytes: u32,
    pub(crate) retries: u32,
    /// Tool and version.
    pub(crate) tool: String,
}

impl Room<'_> {
    /// Name of the working file.
    pub(crate) fn work_name(base: &str) -> String {
        format!("{base}.rescue")
    }

    /// Name of the map.
    pub(crate) fn map_name(base: &str) -> String {
        format!("{base}.map")
    }

    /// Puts a map in the place of the one before. A store that keeps no state (a pipe) keeps no map.
    pub(crate) fn save(&self, text: &str) -> Result<(), AcquireError> {
        match self.store.replace(&Self::map_name(&self.base), text.as_bytes()) {
            Err(error) if error.class == Class::Unsupported => Ok(()),
            result => Ok(result?),
        }
    }
}

/// When a map was saved last.
pub(crate) struct Saved(Option<Instant>);

impl Saved {
    pub(crate) const fn never() -> Self {
        Self(None)
    }

    /// Whether it is time again; if so, `now` counts as saved. A clock that was set back makes it time as well.
    pub(crate) fn is_due(&mut self, now: Instant, runs: usize) -> bool {
        let wait = SAVE_SECONDS.saturating_add(i64::try_from(runs / RUNS_PER_SECOND).unwrap_or(i64::MAX));
        let passed = self.0.map(|last| now.unix_seconds().saturating_sub(last.unix_seconds()));
        let due = passed.is_none_or(|passed| passed < 0 || passed >= wait);
        if due {
            self.0 = Some(now);
        }
        due
    }
}

/// A part of the medium that was rescued, or is being.
pub(crate) struct Rescue {
    window: ByteRange,
    scratch: Box<dyn Scratch>,
}

impl Rescue {
    /// A rescue that begins at `from`, over as much of the rest of the medium as there is room for; `None` if the store has
    /// no working files.
    pub(crate) fn begin(room: &Room<'_>, size: u64, from: u64) -> Result<Option<Self>, AcquireError> {
        let window = ByteRange::new(from, window_bytes(size.saturating_sub(from), room.store.free_bytes()));
        let name = Room::work_name(&room.base);
        match room.store.discard(&name) {
            Err(error) if error.class == Class::Unsupported => return Ok(None),
            result => result?,
        }
        let scratch = room.store.scratch(&name, window.length)?;
        let text = format!("read error: rescuing {window} to a working file first, good places before bad ones");
        room.observer.on(&Event::Message(text));
        Ok(Some(Self { window, scratch }))
    }

    /// Goes on with the rescue of a run that was interrupted. `None` if what the working file holds at its two ends is not what
    /// the source gives there: it is then of another medium, or lost what it held, and is worth nothing.
    pub(crate) fn go_on(
        room: &Room<'_>,
        found: &MapFile,
        source: &mut Patient,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, AcquireError> {
        let Some(window) = found.window else { return Ok(None) };
        let rescue = Self { window, scratch: room.store.scratch(&Room::work_name(&room.base), window.length)? };
        let good = |(run, status): (ByteRange, Status)| (status == Status::Good).then_some(run);
        let first = found.map.runs_in(window).find_map(good);
        let last = found.map.runs_in(window).rev().find_map(good);
        let ends = [
            first.map(|run| ByteRange::new(run.offset, run.length.min(SAMPLE_BYTES))),
            last.map(|run| ByteRange::between(run.end().saturating_sub(SAMPLE_BYTES).max(run.offset), run.end())),
        ];
        for sample in ends.into_iter().flatten() {
            if !rescue.agrees(sample, source, stopped)? {
                return Ok(None);
            }
        }
        Ok(Some(rescue))
    }

    /// Whether working file and source are equal in `range`. A source that no longer reads there contradicts nothing.
    fn agrees(&self, range: ByteRange, source: &mut Patient, stopped: &dyn Fn() -> bool) -> Result<bool, AcquireError> {
        let length = usize::try_from(range.length).unwrap_or(0);
        let (theirs, read) = attempt(source, range.offset, vec![0; length], stopped);
        let mut ours = vec![0; length];
        self.read(range, &mut ours)?;
        let good = match read? {
            Attempt::Read => length,
            Attempt::Failed { good, .. } | Attempt::Ended { good } => usize::try_from(good).unwrap_or(0),
        };
        Ok(ours.get(..good) == theirs.get(..good))
    }

    /// The part of the medium that it covers.
    pub(crate) const fn window(&self) -> ByteRange {
        self.window
    }

    /// Reads what is not yet good, until every sector of the window is good or bad. Gives the map.
    pub(crate) fn carry_out(
        &self,
        room: &Room<'_>,
        map: Map,
        causes: &mut Causes,
        source: &mut Patient,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Map, AcquireError> {
        let mut plan = Plan::new(map, self.window, room.sector_bytes, room.retries);
        room.observer.on(&Event::Started { phase: Show::Rescue, total_bytes: self.window.length });
        let result = self.follow(room, &mut plan, causes, source, stopped);
        // Whatever happened, what was found out is kept.
        let saved = self.save(room, &plan);
        result?;
        saved?;
        room.observer.on(&Event::Finished { phase: Show::Rescue });
        room.observer.on(&Event::Started { phase: Show::Acquire, total_bytes: plan.map().size() });
        Ok(plan.into_map())
    }

    fn follow(
        &self,
        room: &Room<'_>,
        plan: &mut Plan,
        causes: &mut Causes,
        source: &mut Patient,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), AcquireError> {
        let (mut saved, mut shown) = (Saved::never(), None);
        let mut buffer = Vec::new();
        while let Some(range) = plan.step() {
            if stopped() {
                return Err(AcquireError::Interrupted { done_bytes: self.window.offset });
            }
            let stage = (plan.phase(), plan.pass());
            if shown != Some(stage) {
                shown = Some(stage);
                room.observer.on(&Event::Message(describe(stage, plan.map())));
                saved = Saved::never();
            }
            buffer.resize(usize::try_from(range.length).unwrap_or(0), 0);
            let (filled, ended) = attempt(source, range.offset, std::mem::take(&mut buffer), stopped);
            buffer = filled;
            let outcome = match ended? {
                Attempt::Read => Outcome::Read,
                Attempt::Failed { good, cause } => Outcome::Failed { good, cause: causes.number(&cause) },
                Attempt::Ended { good } => Outcome::Ended { good, cause: Causes::OF_THE_END },
            };
            self.keep(range, &buffer, outcome)?;
            plan.result(range, outcome);
            if saved.is_due(room.clock.now(), plan.map().len()) {
                self.save(room, plan)?;
            }
            self.show(room, plan);
        }
        Ok(())
    }

    fn show(&self, room: &Room<'_>, plan: &Plan) {
        let map = plan.map();
        let open = [Status::Untried, Status::Untrimmed, Status::Unscraped].map(|status| map.bytes(status));
        // What lies behind the window was not tried either and is no part of this work.
        let behind = map.size().saturating_sub(self.window.end());
        let open = open.into_iter().fold(0_u64, u64::saturating_add).saturating_sub(behind);
        let done_bytes = self.window.length.saturating_sub(open);
        let faults = map.bytes(Status::Bad(0)) / u64::from(room.sector_bytes.max(1));
        room.observer.on(&Event::Progress { phase: Show::Rescue, done_bytes, faults });
    }

    /// Writes what a read gave to the working file.
    fn keep(&self, range: ByteRange, bytes: &[u8], outcome: Outcome) -> Result<(), AcquireError> {
        let good = match outcome {
            Outcome::Read => range.length,
            Outcome::Failed { good, .. } | Outcome::Ended { good, .. } => good,
        };
        let good = bytes.get(..usize::try_from(good).unwrap_or(usize::MAX)).unwrap_or(bytes);
        if good.is_empty() {
            return Ok(());
        }
        Ok(self.scratch.write_at(range.offset.saturating_sub(self.window.offset), good)?)
    }

    /// The data first, then the map that speaks of them.
    fn save(&self, room: &Room<'_>, plan: &Plan) -> Result<(), AcquireError> {
        self.scratch.sync()?;
        room.save(&MapFile::text_of_plan(plan, self.window, &room.tool))
    }

    /// Reads `range` of the medium, which must lie in the window, from the working file.
    pub(crate) fn read(&self, range: ByteRange, buffer: &mut [u8]) -> Result<(), AcquireError> {
        let at = range.offset.saturating_sub(self.window.offset);
        self.scratch.read_at(at, buffer).map_err(|fault| AcquireError::WorkingFile { cause: fault.to_string() })
    }
}

/// Bytes of the medium that one rescue covers: all that is left if the store could hold that twice, once in the working file
/// and once in the image; else half of the room, so that there is always enough for the other half.
fn window_bytes(rest: u64, free: Option<u64>) -> u64 {
    /// Kept free: 256 MiB.
    const RESERVE: u64 = 256 << 20;
    /// Least: 16 MiB. Where even that has no room, the store says so itself.
    const LEAST: u64 = 16 << 20;
    let half = free.map_or(u64::MAX, |free| (free.saturating_sub(RESERVE) / 2).max(LEAST));
    if half >= rest { rest } else { half.saturating_sub(half % BLOCK_BYTES as u64) }
}

/// What is done now, for people.
fn describe((phase, pass): (Phase, u32), map: &Map) -> String {
    let bad = map.bytes(Status::Bad(0));
    match phase {
        Phase::Copying if pass == 1 => "rescue: reading forward, jumping over what fails".to_owned(),
        Phase::Copying if pass == 2 => "rescue: reading backward, jumping over what fails".to_owned(),
        Phase::Copying => "rescue: reading what was jumped over".to_owned(),
        Phase::Trimming => "rescue: reading failed ranges from their edges".to_owned(),
        Phase::Scraping => "rescue: reading the rest of them sector by sector".to_owned(),
        Phase::Retrying => format!("rescue: trying {bad} bytes again, pass {pass}"),
        Phase::Finished => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_file_never_takes_the_room_that_the_image_needs() {
        const GIB: u64 = 1 << 30;
        const RESERVE: u64 = 256 << 20;
        assert_eq!(window_bytes(GIB, None), GIB);
        assert_eq!(window_bytes(GIB, Some(2 * GIB + RESERVE)), GIB);
        assert_eq!(window_bytes(GIB + 5, Some(2 * GIB + RESERVE)), GIB);
        assert_eq!(window_bytes(10 * GIB, Some(3 * GIB + RESERVE + 100)), GIB + GIB / 2);
        assert_eq!(window_bytes(GIB, Some(0)), 16 << 20);
        assert_eq!(window_bytes(100, Some(0)), 100);
    }

    #[test]
    fn maps_are_saved_now_and_then_and_not_at_every_read() {
        let at = Instant::from_unix_seconds;
        let mut saved = Saved::never();
        assert!(saved.is_due(at(100), 1) && !saved.is_due(at(104), 1) && saved.is_due(at(105), 1));
        assert!(!saved.is_due(at(110), 1_000_000), "a large map is saved less often");
        assert!(saved.is_due(at(50), 1), "the clock was set back");
    }
}
