//! Looking for the second fragment of a gzip file.
//!
//! The stream is followed once, its state kept at every split. From there each join goes on in the bytes behind its gap. Codes of
//! deflate fall into step with one another: most joins, right or wrong, soon stand at a bit where an earlier one stood, and
//! what comes from there is known. So nearly no bit is decoded twice, whatever the number of joins. Where a stream goes wrong
//! is often noticed late, and many a wrong join ends well: first the length of the content must be the stated one, then the
//! CRC-32 decides. Joins between what looks compressed and what does not are tried first.

use std::collections::HashMap;

use exhibit_evidence::{ByteRange, ReadFault, Source};

use super::{Gzip, stream_at};
use crate::budget::Budget;
use crate::deflate::{Octets, Walked, Walker};
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::texture::Texture;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes.
const DEPTH_BYTES: u64 = 320 * 1024;
/// How far behind the longest gap the end of the stream is looked for, in bytes.
const BEHIND_BYTES: u64 = 4 << 20;
/// Places in the stream of which is known what follows.
const KNOWN_MOST: usize = 1 << 20;

pub(super) fn bridge(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    match search(candidate, broken, gaps, budget) {
        Ok(joined) => Ok(joined),
        Err(Stop::Io(fault)) => Err(fault),
        Err(_) => Ok(None),
    }
}

fn search(candidate: &dyn Source, broken: &Broken, gaps: &Gaps, budget: &Budget<'_>) -> Result<Option<Joined>, Stop> {
    let mut window = Window::new(candidate, budget);
    let start = stream_at(&mut window, 0)?;
    let low = broken.seen.saturating_sub(DEPTH_BYTES).max(start);
    let splits: Vec<u64> = fragments::splits_down(low, broken.seen, gaps.step()).collect();
    let high = broken.seen.saturating_add(gaps.longest());
    let texture = Texture::of_packed(candidate, low, high, budget)?;
    let mut region = Region::read(&mut window, ByteRange::between(start, high.saturating_add(BEHIND_BYTES)))?;
    let states = states(&mut region, start, &splits);
    let mut known = HashMap::new();
    for rank in 0..=2 {
        for (gap, cluster) in gaps.lengths() {
            let here = splits.iter().copied().zip(&states).filter(|(split, _)| split.is_multiple_of(cluster));
            for (split, state) in here {
                if texture.rank(split, gap) == Some(rank)
                    && gaps.allow_plain(split, gap)
                    && let Some(state) = state
                    && region.fits((split, gap), state, &mut known)?
                    && let Some(joined) =
                        fragments::judge_join(&Gzip, candidate, (split, gap), Class::Proven, gaps, budget)
                            .map_err(Stop::Io)?
                {
                    return Ok(Some(joined));
                }
            }
        }
    }
    Ok(None)
}

/// What comes behind a place in a block: where the stream ends and how much content it gives until then; `None` if it goes
/// wrong.
type Ending = Option<(u64, u64)>;

/// Bytes of the candidate, held in memory, of which some may be left out.
struct Region<'a> {
    bytes: Vec<u8>,
    start: u64,
    /// From this offset on, bytes stand so much further on.
    split: u64,
    gap: u64,
    budget: &'a Budget<'a>,
}

impl Octets for Region<'_> {
    fn octet(&mut self, at: u64) -> Result<u8, Stop> {
        let place = if at < self.split { at } else { at.saturating_add(self.gap) };
        let index = place.checked_sub(self.start).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.bytes.get(index)).copied().ok_or(Stop::End(at))
    }

    fn has(&mut self, at: u64, length: u64) -> Result<(), Stop> {
        let last = at.saturating_add(length.saturating_sub(1));
        self.octet(last).map(drop)
    }

    fn pay(&self, work: u64) -> Result<(), Stop> {
        self.budget.pay(work)
    }
}

impl<'a> Region<'a> {
    /// The bytes of `range`, as far as they can be read.
    fn read(window: &mut Window<'a>, range: ByteRange) -> Result<Self, Stop> {
        let mut bytes = Vec::new();
        let end = range.end().min(window.size());
        match window.each(ByteRange::between(range.offset, end), |piece| bytes.extend_from_slice(piece)) {
            Ok(()) | Err(Stop::End(_) | Stop::Unreadable(_)) => {}
            Err(stop) => return Err(stop),
        }
        Ok(Self { bytes, start: range.offset, split: u64::MAX, gap: 0, budget: window.budget })
    }

    /// Whether the stream, joined so, ends behind the split, with as much content as is stated behind its end.
    fn fits(
        &mut self,
        (split, gap): (u64, u64),
        state: &Walker,
        known: &mut HashMap<(u64, u64), Ending>,
    ) -> Result<bool, Stop> {
        self.budget.pay(8)?;
        (self.split, self.gap) = (split, gap);
        let mut walker = state.clone();
        let block = walker.block_at();
        let crossed = loop {
            match walker.step(self) {
                Ok(Walked::On) if walker.bit() >= split.saturating_mul(8) => break true,
                Ok(Walked::On) => {}
                Ok(_) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => break false,
                Err(stop) => return Err(stop),
            }
        };
        (self.split, self.gap) = (u64::MAX, 0);
        if !crossed {
            return Ok(false);
        }
        // A block whose header lies across the split is no other join's block.
        let is_shared = walker.block_at() == block;
        let walker = walker.without_advance().moved(gap);
        let made = walker.produced();
        let Some((end, more)) = self.ending(walker, is_shared, known)? else { return Ok(false) };
        let mut stated = [0_u8; 4];
        for (byte, at) in stated.iter_mut().zip(end.saturating_add(4)..) {
            *byte = match self.octet(at) {
                Ok(byte) => byte,
                Err(_) => return Ok(false),
            };
        }
        Ok(end > split.saturating_add(gap)
            && made.saturating_add(more) & 0xffff_ffff == u64::from(u32::from_le_bytes(stated)))
    }

    /// What comes behind the walker's place.
    fn ending(
        &mut self,
        mut walker: Walker,
        is_shared: bool,
        known: &mut HashMap<(u64, u64), Ending>,
    ) -> Result<Ending, Stop> {
        let mut passed: Vec<((u64, u64), u64)> = Vec::new();
        let (block, before) = (walker.block_at(), walker.produced());
        let ending = loop {
            let is_known = walker.is_between_codes() && (is_shared || walker.block_at() != block);
            let place = (walker.block_at(), walker.bit());
            if is_known {
                if let Some(ending) = known.get(&place) {
                    let made = walker.produced();
                    break ending.map(|(end, more)| (end, made.saturating_add(more)));
                }
                if known.len().saturating_add(passed.len()) < KNOWN_MOST {
                    passed.push((place, walker.produced()));
                }
            }
            self.budget.pay(1)?;
            match walker.step(self) {
                Ok(Walked::On) => {}
                Ok(Walked::Ended(end)) => break Some((end, walker.produced())),
                Ok(Walked::Invalid) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => break None,
                Err(stop) => return Err(stop),
            }
        };
        let behind = |made: u64| ending.map(|(end, all)| (end, all.saturating_sub(made)));
        known.extend(passed.into_iter().map(|(place, made)| (place, behind(made))));
        Ok(behind(before))
    }
}

/// The last place in the stream before each split; the splits come in descending order.
fn states(region: &mut Region<'_>, start: u64, splits: &[u64]) -> Vec<Option<Walker>> {
    let mut walker = Walker::new(start);
    let mut states = Vec::new();
    let mut is_over = false;
    for split in splits.iter().rev() {
        let end = split.saturating_mul(8);
        while !is_over {
            let mut next = walker.clone();
            is_over = !matches!(next.step(region), Ok(Walked::On));
            if is_over || next.bit() > end {
                break;
            }
            walker = next;
        }
        // Behind the end of what can be followed no split is right.
        states.push((!is_over || walker.bit() <= end).then(|| walker.without_advance()));
    }
    states.reverse();
    states
}
