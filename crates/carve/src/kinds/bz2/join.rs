//! Looking for the second fragment of a bzip2 file.
//!
//! All blocks before the broken one are vouched for. The coded bytes of that one are followed once, with the state kept at
//! every place where the first fragment may end; each join then costs no more than following the rest of the block to its
//! end mark, and there the magic number of the next block or of the end must stand, 48 bits. What passes is decoded from the
//! beginning: the CRC-32 of every block decides. Foreign bits are valid codes, so a wrong join is noticed late: joins
//! between what looks compressed and what does not are tried first.

use exhibit_evidence::{ReadFault, Source};

use super::block::Block;
use super::{BLOCK, Bzip2, END, magic};
use crate::bits::Bits;
use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::texture::Texture;
use crate::verdict::{Broken, Class, Level};
use crate::window::Window;

/// How far below the contradiction a split is looked for, in bytes: foreign bits contain an end mark, which has the rarest
/// code, before this many of them.
const DEPTH_BYTES: u64 = 96 * 1024;
/// Bytes that the bits taken may be ahead of the offset asked for.
const AHEAD_BYTES: u64 = 8;

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

/// What is known of the broken block at a split.
#[derive(Clone)]
enum State {
    /// Its header goes on there.
    Header,
    At(Block),
    /// It ends, or breaks, before.
    Beyond,
}

/// The broken block: where it begins, and how large it may be.
#[derive(Clone, Copy)]
struct Start {
    bits: Bits,
    most: usize,
}

fn search(candidate: &dyn Source, broken: &Broken, gaps: &Gaps, budget: &Budget<'_>) -> Result<Option<Joined>, Stop> {
    let mut window = Window::new(candidate, budget);
    let Some(start) = start(&mut window, broken.sure)? else { return Ok(None) };
    let low = broken.seen.saturating_sub(DEPTH_BYTES).max(start.bits.byte());
    let splits: Vec<u64> = fragments::splits_down(low, broken.seen, gaps.step()).collect();
    let states = states(&mut window, start, &splits)?;
    let high = broken.seen.saturating_add(gaps.longest());
    let texture = Texture::of_packed(candidate, low, high, budget)?;
    for rank in 0..=2 {
        for (gap, cluster) in gaps.lengths() {
            let here = splits.iter().copied().zip(&states).filter(|(split, _)| split.is_multiple_of(cluster));
            for (split, state) in here {
                if !matches!(state, State::Beyond)
                    && texture.rank(split, gap) == Some(rank)
                    && gaps.allow_plain(split, gap)
                    && ends_well(candidate, (split, gap), state.clone(), start, budget)?
                    && let Some(joined) =
                        fragments::judge_join(&Bzip2, candidate, (split, gap), Class::Proven, gaps, budget)
                            .map_err(Stop::Io)?
                {
                    return Ok(Some(joined));
                }
            }
        }
    }
    Ok(None)
}

/// The block that begins at some bit of the byte at `sure`, or that of the first one.
fn start(window: &mut Window<'_>, sure: u64) -> Result<Option<Start>, Stop> {
    let most = usize::from(window.u8(3)?.saturating_sub(b'0')).saturating_mul(100_000);
    for bit in 0..8 {
        let mut bits = Bits::new(sure.max(4));
        bits.take(bit, window)?;
        if magic(&mut bits, window)? == BLOCK {
            return Ok(Some(Start { bits, most }));
        }
    }
    Ok(None)
}

/// The state of the block right before each split; the splits come in descending order.
fn states(window: &mut Window<'_>, start: Start, splits: &[u64]) -> Result<Vec<State>, Stop> {
    let mut bits = start.bits;
    bits.take(32, window)?;
    let mut block = match Block::open(bits, start.most, window) {
        Ok(block) => block,
        Err(Stop::Bad(..) | Stop::End(_)) => return Ok(vec![State::Header; splits.len()]),
        Err(stop) => return Err(stop),
    };
    let mut states = Vec::new();
    for split in splits.iter().rev() {
        if block.bits().reached() > *split {
            states.push(State::Header);
            continue;
        }
        let goes_on = match block.skip(split.saturating_sub(AHEAD_BYTES), window) {
            Ok(ended) => !ended,
            Err(Stop::Bad(..) | Stop::End(_)) => false,
            Err(stop) => return Err(stop),
        };
        if !goes_on {
            break;
        }
        states.push(State::At(block.clone()));
    }
    states.resize(splits.len(), State::Beyond);
    states.reverse();
    Ok(states)
}

/// Whether the block ends where another one begins, having used the second fragment.
fn ends_well(
    candidate: &dyn Source,
    (split, gap): (u64, u64),
    state: State,
    start: Start,
    budget: &Budget<'_>,
) -> Result<bool, Stop> {
    let joined = fragments::join(candidate, split, gap);
    let mut window = Window::new(&joined, budget);
    let followed = match state {
        State::At(block) => follow(block, &mut window),
        State::Header | State::Beyond => {
            let mut bits = start.bits;
            bits.take(32, &mut window)?;
            Block::open(bits, start.most, &mut window).and_then(|block| follow(block, &mut window))
        }
    };
    match followed {
        Ok(bits) => Ok(bits.byte() >= split),
        Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Behind the end of the block, and of the magic number there.
fn follow(mut block: Block, window: &mut Window<'_>) -> Result<Bits, Stop> {
    block.skip(u64::MAX, window)?;
    let mut bits = block.bits();
    match magic(&mut bits, window)? {
        BLOCK | END => Ok(bits),
        _ => Err(Stop::bad(bits.byte(), "neither a block nor the end of a stream")),
    }
}
