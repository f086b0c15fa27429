//! Looking for the second fragment of a database.
//!
//! Most pages are b-tree pages and look like it. For each gap, each split is scored by how many pages then lie where
//! such a page lies; only the best ones are judged in full. Nothing vouches for what cells hold, so a join counts only if
//! no other one at clusters of the same size makes the database whole.

use exhibit_evidence::{ReadFault, Source};

use super::Sqlite;
use super::page::{self, HEADER_BYTES, Header};
use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::kind::Joined;
use crate::stop::Stop;
use crate::verdict::Class;
use crate::window::Window;

/// The largest database that is put together, in bytes.
const SIZE_MOST: u64 = 64 << 20;
/// What a database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Joins that are judged in full.
const JUDGED_MOST: usize = 48;

/// A join and how many pages speak for it.
#[derive(Clone, Copy)]
struct Scored {
    pages: u32,
    split: u64,
    gap: u64,
}

pub(super) fn bridge(candidate: &dyn Source, gaps: &Gaps, budget: &Budget<'_>) -> Result<Option<Joined>, ReadFault> {
    let mut best = match scored(candidate, gaps, budget) {
        Ok(scored) => scored,
        Err(Stop::Io(fault)) => return Err(fault),
        Err(_) => return Ok(None),
    };
    best.sort_by_key(|join| (std::cmp::Reverse(join.pages), join.gap, join.split));
    best.dedup_by_key(|join| (join.gap, join.split));
    // The commonest cluster size first: between splits a sector apart nothing but the content of cells could decide.
    let sizes = gaps.cluster.map_or_else(|| vec![4096, SECTOR_BYTES], |known| vec![known]);
    for cluster in sizes {
        let fits = |join: &&Scored| join.split.is_multiple_of(cluster) && join.gap.is_multiple_of(cluster);
        let mut only: Option<Joined> = None;
        for Scored { split, gap, .. } in best.iter().filter(fits).take(JUDGED_MOST) {
            match fragments::judge_join(&Sqlite, candidate, (*split, *gap), Class::Consistent, gaps, budget)? {
                Some(_) if only.is_some() => return Ok(None),
                Some(joined) => only = Some(joined),
                None => {}
            }
        }
        if budget.is_exhausted() {
            break;
        }
        if let Some(mut joined) = only {
            match holds_another(candidate, &joined, gaps, budget) {
                Ok(false) => {}
                Err(Stop::Io(fault)) => return Err(fault),
                Ok(true) | Err(_) => return Ok(None),
            }
            let reason = format!("no other likely join at clusters of {cluster} bytes makes the database whole");
            joined.whole.reasons.push(reason);
            return Ok(Some(joined));
        }
    }
    Ok(None)
}

/// Whether a database that is not known to be whole begins in the gap: then the pages behind it may as well be its own.
fn holds_another(candidate: &dyn Source, joined: &Joined, gaps: &Gaps, budget: &Budget<'_>) -> Result<bool, Stop> {
    let mut window = Window::new(candidate, budget);
    let (mut at, end) = (joined.split, joined.split.saturating_add(joined.gap));
    while let Some(found) = window.find(MAGIC, at, end)? {
        if found.is_multiple_of(SECTOR_BYTES)
            && !gaps.taken.iter().any(|file| file.offset <= found && found < file.end())
        {
            return Ok(true);
        }
        at = found.saturating_add(1);
    }
    Ok(false)
}

fn scored(candidate: &dyn Source, gaps: &Gaps, budget: &Budget<'_>) -> Result<Vec<Scored>, Stop> {
    let mut window = Window::new(candidate, budget);
    let none = || Stop::bad(0, "no database that can be put together");
    let header = Header::parse(&window.array::<HEADER_BYTES>(0)?).ok_or_else(none)?;
    let (pages, page_size) = (u64::from(header.pages.ok_or_else(none)?), u64::from(header.page_size));
    let size = pages.saturating_mul(page_size);
    if pages < 2 || size > SIZE_MOST {
        return Err(none());
    }
    let looks = looks_of_pages(&mut window, &header, size.saturating_add(gaps.longest()))?;
    let page_at = |at: u64| usize::try_from(at / SECTOR_BYTES).ok().and_then(|index| looks.get(index)).copied();
    let mut all = Vec::new();
    for (gap, cluster) in gaps.lengths() {
        if gap.saturating_add(size) > window.size() {
            continue;
        }
        budget.pay(pages.saturating_mul(2))?;
        let is_page = |number: u64, gap: u64| {
            u32::from(page_at(number.saturating_mul(page_size).saturating_add(gap)).unwrap_or(false))
        };
        // All pages behind the gap; then one after the other comes to lie before it.
        let mut score: u32 = (1..pages).map(|number| is_page(number, gap)).fold(0, u32::saturating_add);
        let (mut before, mut behind) = (0_u64, 1_u64);
        for split in (1..=size / cluster).map(|index| index.saturating_mul(cluster)).filter(|split| *split < size) {
            while behind < pages && behind.saturating_mul(page_size) < split {
                score = score.saturating_sub(is_page(behind, gap));
                behind = behind.saturating_add(1);
            }
            while before.saturating_add(1).saturating_mul(page_size) <= split {
                score = score.saturating_add(if before > 0 { is_page(before, 0) } else { 0 });
                before = before.saturating_add(1);
            }
            all.push(Scored { pages: score, split, gap });
        }
        // Only the best so far are worth keeping.
        let most = all.iter().map(|join| join.pages).max().unwrap_or(0);
        all.retain(|join| join.pages.saturating_add(1) >= most);
    }
    Ok(all)
}

/// For each sector of the first `size` bytes: whether a b-tree page seems to begin there.
fn looks_of_pages(window: &mut Window<'_>, header: &Header, size: u64) -> Result<Vec<bool>, Stop> {
    let length = header.page_size as usize;
    let mut looks = Vec::new();
    let mut at = 0_u64;
    while at < size.min(window.size()) {
        let look = match window.exact(at, length) {
            Ok(page) => {
                let may_be = matches!(page.first(), Some(2 | 5 | 10 | 13));
                may_be && page::links(page, 0, header).is_ok()
            }
            Err(Stop::End(_) | Stop::Unreadable(_)) => false,
            Err(stop) => return Err(stop),
        };
        looks.push(look);
        at = at.saturating_add(SECTOR_BYTES);
    }
    Ok(looks)
}
