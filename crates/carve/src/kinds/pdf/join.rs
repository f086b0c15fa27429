//! Looking for the second fragment of a document.
//!
//! The end of a document says where its last cross-reference section lies in the file; where it lies on the medium tells
//! the gap. The section's entries tell which objects lie before the gap and which behind it: the split is between them.
//! What lies between is judged like any document, its deflate streams by their Adler-32; a join counts only if no other
//! one does.

use exhibit_evidence::{ReadFault, Source};

use super::Walk;
use super::object::{Reader, is_space};
use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::Joined;
use crate::kinds::jpeg::Texture;
use crate::stop::Stop;
use crate::verdict::{Broken, Verdict};
use crate::window::Window;

/// How far behind the longest gap the end of the document is searched for, in bytes.
const BEHIND_BYTES: u64 = 16 << 20;
/// `startxref` keywords that are looked at.
const ENDS_MOST: usize = 16;
/// Entries of a section that are looked up.
const ENTRIES_MOST: usize = 65_536;
/// Joins that are judged in full for one gap.
const JUDGED_MOST: usize = 1024;

pub(super) fn bridge(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Option<Joined>, ReadFault> {
    let joins = match joins(candidate, broken, gaps, budget) {
        Ok(joins) => joins,
        Err(Stop::Io(fault)) => return Err(fault),
        Err(_) => return Ok(None),
    };
    let reason = "the gap follows from where the cross-reference section lies; no other split makes the document whole";
    let mut only = only_whole(candidate, &joins, false, budget)?;
    if let Only::Several = only {
        // The break lies in a stream that nothing vouches for, most often a picture: then it has to decode.
        let pictures = likely_in_picture(candidate, &joins, budget)?;
        only = only_whole(candidate, &pictures, true, budget)?;
    }
    Ok(match only {
        Only::One(mut joined) if !budget.is_exhausted() => {
            joined.whole.reasons.push(reason.to_owned());
            Some(*joined)
        }
        _ => None,
    })
}

/// How many of some joins make the document whole.
enum Only {
    None,
    One(Box<Joined>),
    Several,
}

fn only_whole(
    candidate: &dyn Source,
    joins: &[(u64, u64)],
    pictures: bool,
    budget: &Budget<'_>,
) -> Result<Only, ReadFault> {
    let mut only = Only::None;
    for &(split, gap) in joins {
        let source = fragments::join(candidate, split, gap);
        let mut walk = Walk::new(&source, budget);
        walk.is_joined = true;
        match walk.judge(pictures)? {
            Verdict::Whole(whole) if whole.length > split => {
                if matches!(only, Only::One(_)) {
                    return Ok(Only::Several);
                }
                let whole = fragments::joined_whole(whole, split, gap);
                only = Only::One(Box::new(Joined { split, gap, whole }));
            }
            _ => {}
        }
    }
    Ok(only)
}

/// Of the joins those at whose borders coded picture data visibly ends and begins again; all of them if there are none.
fn likely_in_picture(
    candidate: &dyn Source,
    joins: &[(u64, u64)],
    budget: &Budget<'_>,
) -> Result<Vec<(u64, u64)>, ReadFault> {
    let low = joins.iter().map(|(split, _)| *split).min().unwrap_or(0);
    let high = joins.iter().map(|(split, gap)| split.saturating_add(*gap)).max().unwrap_or(0);
    let texture = match Texture::of(candidate, low, high.saturating_add(fragments::SECTOR_BYTES), true, budget) {
        Ok(texture) => texture,
        Err(Stop::Io(fault)) => return Err(fault),
        Err(_) => return Ok(Vec::new()),
    };
    let of = |visible: bool| -> Vec<(u64, u64)> {
        let wanted = |(split, gap): &&(u64, u64)| {
            texture.is_coded(split.saturating_add(*gap)) && (!visible || texture.is_border(*split, *gap))
        };
        joins.iter().filter(wanted).copied().collect()
    };
    let visible = of(true);
    Ok(if visible.is_empty() { of(false) } else { visible })
}

/// Joins that the cross-reference sections speak for.
fn joins(candidate: &dyn Source, broken: &Broken, gaps: &Gaps, budget: &Budget<'_>) -> Result<Vec<(u64, u64)>, Stop> {
    let mut window = Window::new(candidate, budget);
    let lengths = gaps.lengths();
    let end = broken.seen.saturating_add(gaps.longest()).saturating_add(BEHIND_BYTES);
    let (mut at, mut joins) = (0, Vec::new());
    for _ in 0..ENDS_MOST {
        let found = match window.find(b"startxref", at, end) {
            Ok(Some(found)) => found,
            Ok(None) | Err(Stop::Unreadable(_) | Stop::End(_)) => break,
            Err(stop) => return Err(stop),
        };
        at = found.saturating_add(9);
        let mut reader = Reader::new(&mut window, at);
        let Ok(stated) = reader.plain_number() else { continue };
        for &(gap, cluster) in &lengths {
            let place = stated.saturating_add(gap);
            if stated < cluster || place >= found || !is_section(&mut window, place)? {
                continue;
            }
            let Some((low, high)) = split_range(candidate, (stated, gap, cluster), budget)? else { continue };
            let splits = fragments::splits_down(low, high, cluster).take(JUDGED_MOST);
            joins.extend(splits.filter(|split| gaps.allow(*split, gap)).map(|split| (split, gap)));
        }
        joins.sort_unstable_by(|one: &(u64, u64), other| other.cmp(one));
        joins.dedup();
        if !joins.is_empty() {
            // The nearest end that fits: what lies behind it is another document's.
            break;
        }
    }
    Ok(joins)
}

/// Whether a cross-reference table, or an object that may be a cross-reference stream, begins at `at`.
fn is_section(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    let bytes = match window.glance::<24>(at) {
        Ok(bytes) => bytes,
        Err(Stop::End(_) | Stop::Unreadable(_)) => return Ok(false),
        Err(stop) => return Err(stop),
    };
    let mut words = bytes.split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    let is_number = |word: Option<&[u8]>| word.is_some_and(|word| word.iter().all(u8::is_ascii_digit));
    Ok(bytes.starts_with(b"xref")
        || (is_number(words.next())
            && is_number(words.next())
            && words.next().is_some_and(|word| word.starts_with(b"obj"))))
}

/// Between which offsets of the file the split must lie, by where the objects of the section at `stated` lie.
fn split_range(
    candidate: &dyn Source,
    (stated, gap, cluster): (u64, u64, u64),
    budget: &Budget<'_>,
) -> Result<Option<(u64, u64)>, Stop> {
    // Any split before the section makes it readable at its place.
    let joined = fragments::join(candidate, (stated / cluster).saturating_mul(cluster), gap);
    let mut walk = Walk::new(&joined, budget);
    let read = if walk.window.u8(stated)? == b'x' { walk.table(stated) } else { walk.object_or_junk(stated) };
    match read {
        Ok(_) => {}
        Err(stop @ (Stop::Io(_) | Stop::Spent(_))) => return Err(stop),
        Err(_) => return Ok(None),
    }
    let Some(section) = walk.sections.first() else { return Ok(None) };
    let mut window = Window::new(candidate, budget);
    // The last object that lies where the section says, and the first one that lies behind the gap.
    let (mut low, mut high, mut hits) = (0_u64, stated, 0_usize);
    for (number, offset) in section.entries.iter().take(ENTRIES_MOST) {
        let before = is_object(&mut window, *offset, *number)?;
        let behind = is_object(&mut window, offset.saturating_add(gap), *number)?;
        match (before, behind) {
            (true, false) => low = low.max(offset.saturating_add(1)),
            (false, true) => high = high.min(*offset),
            (true, true) | (false, false) => continue,
        }
        hits = hits.saturating_add(1);
    }
    Ok((hits > 0 && low <= high).then_some((low, high)))
}

/// Whether object `number` begins at `at`.
fn is_object(window: &mut Window<'_>, at: u64, number: u32) -> Result<bool, Stop> {
    window.budget.pay(16)?;
    let bytes = match window.glance::<12>(at) {
        Ok(bytes) => bytes,
        Err(Stop::End(_) | Stop::Unreadable(_)) => return Ok(false),
        Err(stop) => return Err(stop),
    };
    let text = number.to_string();
    let bytes = bytes.trim_ascii_start();
    Ok(bytes.strip_prefix(text.as_bytes()).and_then(|rest| rest.first()).is_some_and(|byte| is_space(*byte)))
}
