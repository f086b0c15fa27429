//! Looking for the second fragment of an archive.
//!
//! All members before the broken one are vouched for by their CRCs, so only that member is decoded again per try; where its
//! size is known, the signature that must follow it leaves few gaps to try. The full judge has the last word.

use exhibit_evidence::{ReadFault, Source};

use super::layout::{self, CENTRAL, DESCRIPTOR, Head, LOCAL};
use super::{Zip, member};
use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::{Broken, Class, Level};
use crate::window::Window;

/// How far below the contradiction a split is looked for where the member's size is not known, in bytes.
const DEPTH_BYTES: u64 = 64 * 1024;
/// How far behind the longest gap the descriptor of a broken member is searched for, in bytes.
const BEHIND_BYTES: u64 = 4 << 20;

pub(super) fn bridge(
    kind: &Zip,
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    if broken.level != Level::Body && broken.seen < fragments::SECTOR_BYTES {
        return Ok(None);
    }
    let lengths = match described_gaps(candidate, broken, gaps, budget) {
        Ok(described) if !described.is_empty() => described,
        Ok(_) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => gaps.lengths(),
        Err(Stop::Spent(_)) => return Ok(None),
        Err(Stop::Io(fault)) => return Err(fault),
    };
    for (gap, cluster) in lengths {
        let splits = match splits(candidate, broken, (gap, cluster), budget) {
            Ok(splits) => splits,
            Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => continue,
            Err(Stop::Spent(_)) => return Ok(None),
            Err(Stop::Io(fault)) => return Err(fault),
        };
        for split in splits.into_iter().filter(|split| gaps.allow(*split, gap)) {
            match repairs(candidate, broken.sure, (split, gap), budget) {
                Ok(true) => {}
                Ok(false) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => continue,
                Err(Stop::Spent(_)) => return Ok(None),
                Err(Stop::Io(fault)) => return Err(fault),
            }
            if let Some(joined) = fragments::judge_join(kind, candidate, (split, gap), Class::Proven, gaps, budget)? {
                return Ok(Some(joined));
            }
        }
    }
    Ok(None)
}

/// The gaps that the descriptors behind the break speak for. A descriptor states how long the data before it is; where it
/// really lies tells how much is between. None if the broken member has no descriptor, or it lies across the break.
fn described_gaps(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Vec<(u64, u64)>, Stop> {
    let mut window = Window::new(candidate, budget);
    let head = layout::local(&mut window, broken.sure)?;
    let mut described = Vec::new();
    if !member::open_ended(&head) {
        return Ok(described);
    }
    let lengths = gaps.lengths();
    let end = broken.seen.saturating_add(gaps.longest()).saturating_add(BEHIND_BYTES);
    let mut at = head.next;
    while let Some(found) = window.find(&DESCRIPTOR.to_le_bytes(), at, end)? {
        let compressed = u64::from(window.u32_le(found.saturating_add(8))?);
        let gap = found.saturating_sub(head.next).checked_sub(compressed);
        described.extend(lengths.iter().filter(|(length, _)| gap == Some(*length)));
        at = found.saturating_add(4);
    }
    Ok(described)
}

/// Splits worth trying with one gap, the likeliest first.
fn splits(
    candidate: &dyn Source,
    broken: &Broken,
    (gap, cluster): (u64, u64),
    budget: &Budget<'_>,
) -> Result<Vec<u64>, Stop> {
    let mut window = Window::new(candidate, budget);
    let Ok(head) = layout::local(&mut window, broken.sure) else {
        // The break lies in the broken record's own header, or in the directory.
        return Ok(fragments::splits_down(broken.sure, broken.seen.saturating_add(64), cluster).collect());
    };
    if member::open_ended(&head) {
        // A broken deflate stream is noticed soon after the break.
        let low = head.entry.at.max(broken.seen.saturating_sub(DEPTH_BYTES));
        return Ok(fragments::splits_down(low, broken.seen, cluster).collect());
    }
    let end = head.next.saturating_add(head.entry.compressed);
    if !follows(&mut window, end.saturating_add(gap))? {
        return Ok(Vec::new());
    }
    // A broken deflate stream is noticed soon after the break: from there downwards. Stored data only at its end.
    Ok(fragments::splits_down(head.entry.at, broken.seen.min(end), cluster).collect())
}

/// Whether a record that may follow a member begins at `at`.
fn follows(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    Ok(matches!(u32::from_le_bytes(window.glance(at)?), LOCAL | CENTRAL | DESCRIPTOR))
}

/// Whether the record at `at` is whole once the gap is left out.
fn repairs(candidate: &dyn Source, at: u64, (split, gap): (u64, u64), budget: &Budget<'_>) -> Result<bool, Stop> {
    let joined = fragments::join(candidate, split, gap);
    let mut window = Window::new(&joined, budget);
    match window.u32_le(at)? {
        CENTRAL => Ok(true),
        LOCAL => {
            let head: Head = layout::local(&mut window, at)?;
            let followed = member::follow(&mut window, &head)?;
            Ok(followed.checked && followed.next > split)
        }
        _ => Ok(false),
    }
}
