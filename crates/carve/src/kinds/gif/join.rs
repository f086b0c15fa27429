//! Looking for the second fragment of a picture.
//!
//! Nearly all writers put 255 bytes into each block of image data. Their sizes stand 256 bytes apart, so each sector of the
//! data has two bytes FF at places that the first blocks tell: foreign sectors show, and so does where the picture goes
//! on. Only joins at such borders are judged, for nothing else could tell a right one from a wrong one.

use exhibit_evidence::{ReadFault, Source};

use super::{Gif, Walk};
use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes: LZW notices foreign data soon.
const DEPTH_BYTES: u64 = 64 * 1024;
/// Distance of the sizes of two full blocks in bytes.
const PERIOD: u64 = 256;
/// Joins that are judged in full.
const JUDGED_MOST: usize = 64;

pub(super) fn bridge(
    kind: &Gif,
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    let likely = match likely(candidate, broken, gaps, budget) {
        Ok(likely) => likely,
        Err(Stop::Io(fault)) => return Err(fault),
        Err(_) => return Ok(None),
    };
    let mut only: Option<Joined> = None;
    for join in likely {
        match fragments::judge_join(kind, candidate, join, Class::Proven, gaps, budget)? {
            Some(_) if only.is_some() => return Ok(None),
            Some(joined) => only = Some(joined),
            None => {}
        }
    }
    // Without the whole search no join can be called the only one.
    Ok(only.filter(|_| !budget.is_exhausted()).map(|mut joined| {
        joined.whole.class = Class::Consistent;
        let reason =
            "no other join where the row of full blocks ends and goes on closes; GIF has no checksum to prove it";
        joined.whole.reasons.push(reason.to_owned());
        joined
    }))
}

/// Joins at whose borders the row of full blocks ends and goes on.
fn likely(candidate: &dyn Source, broken: &Broken, gaps: &Gaps, budget: &Budget<'_>) -> Result<Vec<(u64, u64)>, Stop> {
    let mut walk = Walk::new(candidate, budget);
    let (Err(_), Some(block)) = (walk.run(), walk.full_block) else { return Ok(Vec::new()) };
    let low = broken.seen.saturating_sub(DEPTH_BYTES).max(block.saturating_add(1));
    // One for each side, so that neither reads what the other one needs again.
    let (mut window, mut ahead) = (Window::new(candidate, budget), Window::new(candidate, budget));
    let mut joins = Vec::new();
    for split in fragments::splits_down(low, broken.seen, gaps.step()) {
        let before = split.checked_sub(SECTOR_BYTES).filter(|before| *before >= block);
        let begins = before.is_none_or(|at| matches!(fullness(&mut window, at, block), Ok(Fullness::Full)))
            && fullness(&mut window, split, block)? != Fullness::Full;
        if !begins {
            continue;
        }
        for gap in gaps.at(split) {
            // The blocks go on where they were, so their places move with the gap.
            let (second, moved) = (split.saturating_add(gap), block.saturating_add(gap));
            if joins.len() >= JUDGED_MOST || !gaps.allow_plain(split, gap) {
                continue;
            }
            let last_of_gap = fullness(&mut ahead, second.saturating_sub(SECTOR_BYTES), moved);
            let goes_on = match (last_of_gap, fullness(&mut ahead, second, moved)) {
                (Ok(last), Ok(next)) => last != Fullness::Full && next != Fullness::None,
                (Err(stop @ (Stop::Io(_) | Stop::Spent(_))), _) | (_, Err(stop @ (Stop::Io(_) | Stop::Spent(_)))) => {
                    return Err(stop);
                }
                _ => false,
            };
            if goes_on {
                joins.push((split, gap));
            }
        }
    }
    Ok(joins)
}

/// What stands where sizes of full blocks should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fullness {
    /// Only FF.
    Full,
    /// First perhaps FF, then a smaller size, and an end of the data where that leads.
    Last,
    None,
}

/// The places in the sector at `at` that lie whole periods behind `block`.
fn fullness(window: &mut Window<'_>, at: u64, block: u64) -> Result<Fullness, Stop> {
    let phase = block % PERIOD;
    let first = at.saturating_sub(phase).next_multiple_of(PERIOD).saturating_add(phase);
    for place in [first, first.saturating_add(PERIOD)] {
        let size = window.u8(place)?;
        if size == u8::MAX {
            continue;
        }
        let next = place.saturating_add(u64::from(size)).saturating_add(1);
        let ends = size > 0 && window.u8(next)? == 0 || size == 0;
        let behind = window.u8(next.saturating_add(u64::from(size > 0)))?;
        return Ok(if ends && matches!(behind, 0x21 | 0x2c | 0x3b) { Fullness::Last } else { Fullness::None });
    }
    Ok(Fullness::Full)
}
