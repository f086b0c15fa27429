//! Looking for the second fragment of a gzip file.
//!
//! The stream is followed once, its state kept at every step; each join then costs no more than following the rest. Where a
//! deflate stream goes wrong is often noticed late, and now and then a wrong one ends well: the CRC-32 of the whole content
//! decides. Joins between what looks compressed and what does not are tried first.

use exhibit_evidence::{ReadFault, Source};

use super::{Gzip, stream_at};
use crate::budget::Budget;
use crate::deflate::{Walked, Walker};
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::texture::Texture;
use crate::verdict::{Broken, Class};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes.
const DEPTH_BYTES: u64 = 64 * 1024;

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
    let states = states(&mut window, start, &splits)?;
    let high = broken.seen.saturating_add(gaps.longest());
    let texture = Texture::of_packed(candidate, low, high, budget)?;
    for rank in 0..=2 {
        for (gap, cluster) in gaps.lengths() {
            let here = splits.iter().copied().zip(&states).filter(|(split, _)| split.is_multiple_of(cluster));
            for (split, state) in here {
                if texture.rank(split, gap) == Some(rank)
                    && gaps.allow_plain(split, gap)
                    && let Some(state) = state
                    && ends_well(candidate, (split, gap), state, budget)?
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

/// The state of the stream right before each split; the splits come in descending order.
fn states(window: &mut Window<'_>, start: u64, splits: &[u64]) -> Result<Vec<Option<Walker>>, Stop> {
    let mut walker = Walker::new(start);
    let mut states = Vec::new();
    for split in splits.iter().rev() {
        let before = walker.clone();
        // The walker takes some bytes in advance: it has to stop before the split.
        let reached = split.saturating_sub(AHEAD_BYTES);
        let kept = match walker.walk(window, reached) {
            Ok(Walked::On) if walker.at() <= *split => Some(walker.clone()),
            _ => None,
        };
        states.push(kept.or(Some(before).filter(|before| before.at() <= *split)));
    }
    states.reverse();
    Ok(states)
}

/// Bytes that a walker may be ahead of the offset asked for: a code with its extra bits, or the description of codes.
const AHEAD_BYTES: u64 = 400;

/// Whether the stream ends, having used the second fragment.
fn ends_well(
    candidate: &dyn Source,
    (split, gap): (u64, u64),
    state: &Walker,
    budget: &Budget<'_>,
) -> Result<bool, Stop> {
    let joined = fragments::join(candidate, split, gap);
    let mut window = Window::new(&joined, budget);
    match state.clone().walk(&mut window, u64::MAX) {
        Ok(Walked::Ended(end)) => Ok(end > split),
        Ok(_) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}
