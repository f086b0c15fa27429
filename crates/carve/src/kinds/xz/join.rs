//! Looking for the second fragment of an xz file.
//!
//! Up to some chunk everything was decoded. A coded chunk has to use all its bytes and to end with nothing left over, 32
//! bits, and foreign bytes are mostly noticed within some hundred: so it is followed once, its state kept at each place
//! where the first fragment may end, and sent on over what lies behind each gap. Chunks stored as they are show a wrong gap
//! only in the header behind them, and a wrong split not at all. What passes is decoded from the beginning: the check of the
//! content decides.

use exhibit_evidence::{ReadFault, Source};

use super::block::header;
use super::chunks::{Chunk, Dictionary, survey};
use super::lzma::{Lzma, Room};
use super::{HEADER_BYTES, Xz};
use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::reading;
use crate::stop::Stop;
use crate::texture::Texture;
use crate::verdict::{Broken, Class, Level};
use crate::window::Window;

/// The longest chunk with its header, in bytes.
const CHUNK_MOST: u64 = 64 * 1024 + 6;
/// Bytes of a chunk that one symbol may use, in advance of where it is known to be.
const AHEAD_BYTES: usize = 48;
/// Bytes of a second fragment that most wrong ones do not survive.
const FIRST_LOOK: usize = 1024;
/// Memory besides the dictionary: what lies ahead, a chunk's output, models.
const BESIDES_BYTES: u64 = 24 << 20;
/// Splits of one chunk.
const STATES_MOST: usize = 160;

pub(super) fn bridge(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    if broken.level == Level::Nothing {
        return Ok(None);
    }
    match search(candidate, broken, gaps, budget) {
        Ok(joined) => Ok(joined),
        Err(Stop::Io(fault)) => Err(fault),
        Err(_) => Ok(None),
    }
}

fn search(candidate: &dyn Source, broken: &Broken, gaps: &Gaps, budget: &Budget<'_>) -> Result<Option<Joined>, Stop> {
    let mut window = Window::new(candidate, budget);
    let Some((mut dictionary, _held)) = decoded_to(&mut window, broken.sure)? else { return Ok(None) };
    let Ok(Some(chunk)) = Chunk::read(&mut window, broken.sure) else { return Ok(None) };
    let high = broken.seen.saturating_add(gaps.longest());
    let texture = Texture::of_packed(candidate, broken.sure, high, budget)?;
    let case = Case { candidate, gaps, budget, texture };
    if !chunk.is_coded() {
        return case.stored(&mut window, broken.sure);
    }
    dictionary.prepare(&chunk)?;
    case.coded(&mut dictionary, &chunk)
}

/// The dictionary as it is before the chunk at `until`; `None` if no chunk begins there.
fn decoded_to<'a>(window: &mut Window<'a>, until: u64) -> Result<Option<(Dictionary, crate::budget::Held<'a>)>, Stop> {
    let mut at = HEADER_BYTES;
    while at < until {
        let head = header(window, at)?;
        let counted = survey(window, head.data_at)?;
        let held = window.budget.memory(head.dictionary.min(counted.content).saturating_add(BESIDES_BYTES))?;
        let mut dictionary = Dictionary::new(head.dictionary, counted.content);
        at = head.data_at;
        while at < until {
            let Some(chunk) = Chunk::read(window, at)? else { break };
            dictionary.take(&chunk, window)?;
            dictionary.forget();
            at = chunk.end();
        }
        if at == until {
            return Ok(Some((dictionary, held)));
        }
        // The check and its padding, between the end mark and the next block, are vouched for.
        at = next_block(window, at.saturating_add(1), until)?;
    }
    Ok(None)
}

/// The first offset from `at` where a block header with a right CRC-32 begins, in fours: a check of at most 64 bytes lies before.
fn next_block(window: &mut Window<'_>, at: u64, until: u64) -> Result<u64, Stop> {
    for step in 0..18_u64 {
        let place = at.next_multiple_of(4).saturating_add(step.saturating_mul(4));
        if place < until && window.u8(place)? != 0 && header(window, place).is_ok() {
            return Ok(place);
        }
    }
    Ok(until)
}

/// What all trials of one search share.
struct Case<'a> {
    candidate: &'a dyn Source,
    gaps: &'a Gaps,
    budget: &'a Budget<'a>,
    texture: Texture,
}

/// A decoder in the middle of a chunk, right before a split.
struct State {
    split: u64,
    lzma: Lzma,
    /// Bytes of the chunk's content so far, and still to come.
    made: usize,
    left: usize,
}

impl Case<'_> {
    /// Looks for the gap in a chunk of LZMA, for which the dictionary is ready.
    fn coded(&self, dictionary: &mut Dictionary, chunk: &Chunk) -> Result<Option<Joined>, Stop> {
        let reach = CHUNK_MOST.saturating_add(self.gaps.longest());
        let mut ahead = vec![0; usize::try_from(reach).unwrap_or(0)];
        self.budget.pay(reach)?;
        let room = self.candidate.size().saturating_sub(chunk.data_at);
        ahead.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        let good = reading::fill(self.candidate, chunk.data_at, &mut ahead).map_err(Stop::Io)?;
        ahead.truncate(good);
        let (lzma, mut room) = dictionary.parts();
        let Some(lzma) = lzma else { return Ok(None) };
        let (base, since_reset) = (room.bytes.len(), room.since_reset);
        let states = self.states(lzma.clone(), &ahead, chunk, &mut room);
        let made = room.bytes.get(base..).unwrap_or_default().to_vec();
        self.budget.pay(made.len() as u64)?;
        for rank in 0..=2 {
            room.bytes.truncate(base);
            room.bytes.extend_from_slice(&made);
            for state in states.iter().rev() {
                let kept = base.saturating_add(state.made);
                for gap in self.gaps.at(state.split) {
                    let (split, at) = (state.split, usize::try_from(gap).unwrap_or(usize::MAX));
                    if self.texture.rank(split, gap) != Some(rank) || !self.gaps.allow_plain(split, gap) {
                        continue;
                    }
                    room.bytes.truncate(kept);
                    room.since_reset = since_reset.saturating_add(state.made);
                    let trial = Trial { ahead: &ahead, chunk, gap: at };
                    let ends_well = trial.ends_well(state, &mut room);
                    self.budget.pay((room.bytes.len().saturating_sub(kept) as u64).saturating_add(64))?;
                    if ends_well && let Some(joined) = self.judge(split, gap)? {
                        return Ok(Some(joined));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The decoder at each split that it reaches, in ascending order.
    fn states(&self, mut lzma: Lzma, ahead: &[u8], chunk: &Chunk, room: &mut Room<'_>) -> Vec<State> {
        let mut states = Vec::new();
        let input = ahead.get(..chunk.packed).unwrap_or(ahead);
        let (base, mut left) = (room.bytes.len(), chunk.content);
        let splits = fragments::splits_down(chunk.data_at, chunk.end(), self.gaps.step());
        let mut splits: Vec<u64> = splits.take(STATES_MOST).collect();
        splits.reverse();
        for split in splits {
            let reached = usize::try_from(split.saturating_sub(chunk.data_at)).unwrap_or(0);
            if let Some(until) = reached.checked_sub(AHEAD_BYTES).filter(|until| *until > 0) {
                match lzma.run(input, until, room, left) {
                    Some(still) if lzma.used() <= reached => left = still,
                    _ => break,
                }
            }
            let made = room.bytes.len().saturating_sub(base);
            states.push(State { split, lzma: lzma.clone(), made, left });
        }
        states
    }

    /// Looks for the gap in chunks stored as they are, from the one at `at` on.
    fn stored(&self, window: &mut Window<'_>, mut at: u64) -> Result<Option<Joined>, Stop> {
        let mut chunks = Vec::new();
        while let Ok(Some(chunk)) = Chunk::read(window, at) {
            if chunk.is_coded() || chunks.len() >= 4096 {
                break;
            }
            at = chunk.end();
            chunks.push(chunk);
        }
        for chunk in chunks.iter().rev().take(3) {
            for rank in 0..=2 {
                for (gap, cluster) in self.gaps.lengths() {
                    if !goes_on(window, chunk.end().saturating_add(gap))? {
                        continue;
                    }
                    let low = chunk.data_at.saturating_sub(3);
                    for split in fragments::splits_down(low, chunk.end(), cluster) {
                        if self.texture.rank(split, gap) == Some(rank)
                            && self.gaps.allow_plain(split, gap)
                            && let Some(joined) = self.judge(split, gap)?
                        {
                            return Ok(Some(joined));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    fn judge(&self, split: u64, gap: u64) -> Result<Option<Joined>, Stop> {
        fragments::judge_join(&Xz, self.candidate, (split, gap), Class::Proven, self.gaps, self.budget)
            .map_err(Stop::Io)
    }
}

/// Whether chunks go on at `at`, or end there, as far as two headers tell.
fn goes_on(window: &mut Window<'_>, mut at: u64) -> Result<bool, Stop> {
    for _ in 0..2 {
        match Chunk::read(window, at) {
            Ok(None) => break,
            Ok(Some(chunk)) => at = chunk.end(),
            Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => return Ok(false),
            Err(stop) => return Err(stop),
        }
    }
    Ok(true)
}

/// One gap tried.
struct Trial<'a> {
    /// The candidate from the chunk's first byte on.
    ahead: &'a [u8],
    chunk: &'a Chunk,
    gap: usize,
}

impl Trial<'_> {
    /// Whether the chunk ends well with what lies behind the gap.
    fn ends_well(&self, state: &State, room: &mut Room<'_>) -> bool {
        let first = usize::try_from(state.split.saturating_sub(self.chunk.data_at)).unwrap_or(usize::MAX);
        let (packed, mut lzma, mut left) = (self.chunk.packed, state.lzma.clone(), state.left);
        for length in [first.saturating_add(FIRST_LOOK).min(packed), packed] {
            let second = first.saturating_add(self.gap)..length.saturating_add(self.gap);
            let (Some(before), Some(behind)) = (self.ahead.get(..first), self.ahead.get(second)) else { return false };
            let input = [before, behind].concat();
            let until = if length == packed { usize::MAX } else { length.saturating_sub(AHEAD_BYTES) };
            match lzma.run(&input, until, room, left) {
                Some(still) => left = still,
                None => return false,
            }
        }
        left == 0 && lzma.is_finished(packed)
    }
}
