//! What the read loop reads from: the source, block after block, as the read policy says, or what a rescue saved of it.

use std::sync::Arc;
use std::time::Duration;

use exhibit_evidence::{ByteRange, Gap, Source};
use exhibit_hash::{BLOCK_BYTES, BlockMut};
use exhibit_image::Fill;

use crate::attempt::{Attempt, CAUSE_OF_THE_END, attempt};
use crate::gaps::join;
use crate::patient::Patient;
use crate::policy::PolicySpec;
use crate::rescue::causes::Causes;
use crate::rescue::work::{Rescue, Room, Saved};
use crate::rescue::{Map, MapFile, Status};
use crate::{AcquireError, ReadPolicy, Step};

/// What a reader is made of.
pub(crate) struct Reading<'a> {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) policy: &'static PolicySpec,
    /// Longest time for one read; `None` for any.
    pub(crate) limit: Option<Duration>,
    /// What stands in the image where nothing could be read.
    pub(crate) fill: Fill,
    pub(crate) room: Room<'a>,
    /// The map of a rescue that was interrupted and is gone on with.
    pub(crate) found: Option<MapFile>,
}

/// Reads blocks in order and keeps the gaps.
pub(crate) struct Reader<'a> {
    source: Patient,
    policy: Box<dyn ReadPolicy>,
    /// Whether what fails is left for a rescue.
    rescues: bool,
    fill: Fill,
    room: Room<'a>,
    found: Option<MapFile>,
    rescue: Option<Rescue>,
    map: Map,
    causes: Causes,
    saved: Saved,
    /// Where the source ends, if it turned out to be shorter than it was.
    ends: Option<u64>,
    gaps: Vec<Gap>,
}

impl<'a> Reader<'a> {
    /// A reader that has found no gap yet.
    pub(crate) fn new(given: Reading<'a>) -> Self {
        let Reading { source, policy, limit, fill, room, found } = given;
        let size = source.size();
        Self {
            source: Patient::new(source, limit),
            policy: (policy.start)(room.sector_bytes, room.retries),
            rescues: policy.rescues,
            fill,
            room,
            found: found.filter(|found| found.map.size() == size && is_made_of_blocks(found.window, size)),
            rescue: None,
            map: Map::new(size),
            causes: Causes::new(),
            saved: Saved::never(),
            ends: None,
            gaps: Vec::new(),
        }
    }

    /// Size of the source in bytes, as it was when it was opened.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// The gaps found so far, in order.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Fills `block` with `range` of the medium, the next in order; what cannot be read is fill and a gap.
    pub(crate) fn read_block(
        &mut self,
        range: ByteRange,
        block: &mut BlockMut,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), AcquireError> {
        self.leave_window(range)?;
        self.go_on_with_found(range, stopped)?;
        if self.rescue.is_some() {
            return self.read_rescued(range, block);
        }
        self.read_source(range, block, stopped)?;
        if !self.gaps.is_empty() && self.saved.is_due(self.room.clock.now(), self.map.len()) {
            self.save(range.end())?;
        }
        Ok(())
    }

    /// Ends a rescue that lies wholly before `range`: its room is needed for the image.
    fn leave_window(&mut self, range: ByteRange) -> Result<(), AcquireError> {
        match &self.rescue {
            Some(rescue) if range.offset >= rescue.window().end() => {
                self.rescue = None;
                // First the map without the working file, so that no map speaks of a file that is not there.
                self.save(range.offset)?;
                Ok(self.room.store.discard(&Room::work_name(&self.room.base))?)
            }
            _ => Ok(()),
        }
    }

    /// Takes up the rescue of an interrupted run where its part of the medium begins.
    fn go_on_with_found(&mut self, range: ByteRange, stopped: &dyn Fn() -> bool) -> Result<(), AcquireError> {
        let has_come = |found: &mut MapFile| found.window.is_none_or(|window| range.offset >= window.offset);
        let Some(found) = self.found.take_if(has_come) else { return Ok(()) };
        if found.window.is_none_or(|window| range.offset >= window.end()) {
            return Ok(());
        }
        if let Some(rescue) = Rescue::go_on(&self.room, &found, &mut self.source, stopped)? {
            self.map = found.map;
            self.carry_out(rescue, stopped)?;
        }
        Ok(())
    }

    fn carry_out(&mut self, rescue: Rescue, stopped: &dyn Fn() -> bool) -> Result<(), AcquireError> {
        let map = std::mem::replace(&mut self.map, Map::new(0));
        self.map = rescue.carry_out(&self.room, map, &mut self.causes, &mut self.source, stopped)?;
        self.rescue = Some(rescue);
        Ok(())
    }

    /// Fills `block` from the working file.
    fn read_rescued(&mut self, range: ByteRange, block: &mut BlockMut) -> Result<(), AcquireError> {
        let Some(rescue) = &self.rescue else { return Err(AcquireError::Internal("there is no rescue")) };
        rescue.read(range, block)?;
        let runs: Vec<(ByteRange, Status)> = self.map.runs_in(range).collect();
        for (run, status) in runs {
            match status {
                Status::Good => {}
                Status::Bad(number) => {
                    let retries = if number == Causes::OF_THE_END { 0 } else { self.room.retries };
                    self.fill.put(run.offset, block.get_mut(within(range, run)).unwrap_or_default());
                    join(&mut self.gaps, gap(run, self.causes.text(number), retries, self.fill));
                }
                _ => return Err(AcquireError::Internal("the rescue left something untried")),
            }
        }
        Ok(())
    }

    /// Fills `block` from the source, as the policy says.
    fn read_source(
        &mut self,
        range: ByteRange,
        block: &mut BlockMut,
        stopped: &dyn Fn() -> bool,
    ) -> Result<(), AcquireError> {
        if let Some(end) = self.ends.filter(|end| *end <= range.offset) {
            return self.give_up_from(end.max(range.offset), range, block);
        }
        let (mut cause, mut bad) = (String::new(), Vec::new());
        self.policy.begin(range);
        loop {
            match self.policy.next() {
                Step::Done => break,
                Step::Read(part) => match self.read_part(part, range, block, stopped)? {
                    Attempt::Read => self.policy.result(part, part.length, false),
                    Attempt::Ended { good } => {
                        let end = part.offset.saturating_add(good);
                        self.ends = Some(end);
                        self.note(ByteRange::between(range.offset, end), &bad);
                        return self.give_up_from(end, range, block);
                    }
                    Attempt::Failed { good, cause: why } => {
                        if self.begin_rescue(range, stopped)? {
                            return self.read_rescued(range, block);
                        }
                        cause = why;
                        self.policy.result(part, good, true);
                    }
                },
                Step::Gap { range: part, retries } => {
                    self.fill.put(part.offset, block.get_mut(within(range, part)).unwrap_or_default());
                    join(&mut self.gaps, gap(part, &cause, retries, self.fill));
                    bad.push((part, self.causes.number(&cause)));
                }
            }
        }
        self.note(range, &bad);
        Ok(())
    }

    /// One read of the source into its place in `block`.
    fn read_part(
        &mut self,
        part: ByteRange,
        range: ByteRange,
        block: &mut BlockMut,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Attempt, AcquireError> {
        // A whole block is handed over without copying: this is what happens to every block of a healthy disk.
        if part == range {
            let (bytes, ended) = attempt(&mut self.source, part.offset, block.take(), stopped);
            block.put(bytes);
            return ended;
        }
        let Some(place) = block.get_mut(within(range, part)) else {
            return Err(AcquireError::Internal("the read policy left its block"));
        };
        let (bytes, ended) = attempt(&mut self.source, part.offset, vec![0; place.len()], stopped);
        place.iter_mut().zip(bytes).for_each(|(byte, read)| *byte = read);
        ended
    }

    /// Leaves the rest of the medium to a rescue, if the policy wants that and there is none ahead already.
    fn begin_rescue(&mut self, range: ByteRange, stopped: &dyn Fn() -> bool) -> Result<bool, AcquireError> {
        if !self.rescues || self.found.is_some() {
            return Ok(false);
        }
        let Some(rescue) = Rescue::begin(&self.room, self.size(), range.offset)? else { return Ok(false) };
        self.carry_out(rescue, stopped)?;
        Ok(true)
    }

    /// The source ends at `end`: the rest of the block is fill and a gap.
    fn give_up_from(&mut self, end: u64, range: ByteRange, block: &mut BlockMut) -> Result<(), AcquireError> {
        let rest = ByteRange::between(end, range.end());
        if !rest.is_empty() {
            self.fill.put(rest.offset, block.get_mut(within(range, rest)).unwrap_or_default());
            join(&mut self.gaps, gap(rest, CAUSE_OF_THE_END, 0, self.fill));
            self.map.set(rest, Status::Bad(Causes::OF_THE_END));
        }
        Ok(())
    }

    /// Enters into the map that `range` is read, but for what is `bad`.
    fn note(&mut self, range: ByteRange, bad: &[(ByteRange, u16)]) {
        self.map.set(range, Status::Good);
        for (range, number) in bad {
            self.map.set(*range, Status::Bad(*number));
        }
    }

    fn save(&self, position: u64) -> Result<(), AcquireError> {
        self.room.save(&MapFile::text_in_order(&self.map, position, &self.room.tool))
    }
}

/// Where `part` of the medium lies in the block that holds `range`.
fn within(range: ByteRange, part: ByteRange) -> std::ops::Range<usize> {
    let start = usize::try_from(part.offset.saturating_sub(range.offset)).unwrap_or(usize::MAX);
    start..start.saturating_add(usize::try_from(part.length).unwrap_or(usize::MAX))
}

/// Whether a working file named by a map could be ours: rescues begin and end with blocks of the read loop.
fn is_made_of_blocks(window: Option<ByteRange>, size: u64) -> bool {
    let is_border = |at: u64| at.is_multiple_of(BLOCK_BYTES as u64) || at == size;
    window.is_some_and(|window| {
        !window.is_empty() && window.end() <= size && is_border(window.offset) && is_border(window.end())
    })
}

fn gap(range: ByteRange, cause: &str, retries: u32, fill: Fill) -> Gap {
    let (cause, fill) = (cause.to_owned(), fill.id().to_owned());
    Gap { offset: range.offset, length: range.length, cause, retries, fill }
}
