//! The data of one member: its end, its CRC-32.

use crc32fast::Hasher;
use exhibit_evidence::ByteRange;

use super::layout::{self, DESCRIBED, ENCRYPTED, Head};
use crate::inflate::{Fed, Inflater};
use crate::stop::Stop;
use crate::window::Window;

/// How far a descriptor is searched for behind data that cannot be decoded, in bytes.
const DESCRIPTOR_SEARCH: u64 = 64 << 20;

/// What following a member's data gave.
pub(super) struct Followed {
    /// Offset after the data and its descriptor.
    pub(super) next: u64,
    /// Whether the CRC-32 of the content was compared.
    pub(super) checked: bool,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
}

/// Sizes are only in the descriptor after the data.
pub(super) fn open_ended(head: &Head) -> bool {
    head.entry.flags & DESCRIBED != 0 && head.entry.compressed == 0 && head.entry.size == 0
}

/// Follows the data after `head` to the next record.
pub(super) fn follow(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    let end = head.next.saturating_add(head.entry.compressed);
    if end > window.size() {
        // Not worth reading up to there.
        return Err(Stop::End(window.size()));
    }
    let decodable = head.entry.flags & ENCRYPTED == 0 && matches!(head.entry.method, 0 | 8);
    match (open_ended(head), decodable, head.entry.method) {
        (true, true, 8) => inflated_open(window, head),
        (true, ..) => searched(window, head),
        (false, true, 8) => inflated(window, head),
        (false, true, _) => stored(window, head),
        (false, false, _) => skipped(window, head),
    }
}

fn stored(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    if head.entry.compressed != head.entry.size {
        return Err(Stop::bad(head.entry.at, "a stored member whose two sizes differ"));
    }
    let mut crc = Hasher::new();
    window.each(ByteRange::new(head.next, head.entry.size), |bytes| crc.update(bytes))?;
    compare(window, head, crc.finalize())
}

fn inflated(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    let (used, size, crc) = inflate(window, head, head.next.saturating_add(head.entry.compressed))?;
    if used != head.entry.compressed || size != head.entry.size {
        let at = head.next.saturating_add(used);
        return Err(Stop::bad(at, format!("member at {} inflates to other sizes than its header says", head.entry.at)));
    }
    compare(window, head, crc)
}

fn compare(window: &mut Window<'_>, head: &Head, crc: u32) -> Result<Followed, Stop> {
    let end = head.next.saturating_add(head.entry.compressed);
    let wrong = || Stop::bad(end, format!("CRC-32 of the member at {} does not match", head.entry.at));
    let (compressed, size) = (head.entry.compressed, head.entry.size);
    // Some writers fill in the sizes and add the descriptor all the same; the CRC may then be only there.
    if head.entry.flags & DESCRIBED != 0
        && header_crc_fits(head, crc)
        && let Some(next) = descriptor(window, end, crc, compressed, size)?
    {
        return Ok(Followed { next, checked: true, crc, compressed, size });
    }
    if crc != head.entry.crc {
        return Err(wrong());
    }
    Ok(Followed { next: end, checked: true, crc, compressed, size })
}

/// A header whose CRC comes later has zero in its place.
fn header_crc_fits(head: &Head, crc: u32) -> bool {
    head.entry.crc == 0 || head.entry.crc == crc
}

fn inflated_open(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    let (compressed, size, crc) = inflate(window, head, u64::MAX)?;
    let end = head.next.saturating_add(compressed);
    match descriptor(window, end, crc, compressed, size)?.filter(|_| header_crc_fits(head, crc)) {
        Some(next) => Ok(Followed { next, checked: true, crc, compressed, size }),
        None => {
            Err(Stop::bad(end, format!("the descriptor of the member at {} does not match its data", head.entry.at)))
        }
    }
}

/// Inflates from the header's end up to `limit`: compressed bytes used, content bytes, CRC-32 of the content.
fn inflate(window: &mut Window<'_>, head: &Head, limit: u64) -> Result<(u64, u64, u32), Stop> {
    let most = if limit == u64::MAX { u64::MAX } else { head.entry.size };
    let mut inflater = Inflater::new(false, most);
    let mut crc = Hasher::new();
    let mut at = head.next;
    loop {
        let room = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX);
        if room == 0 {
            return Err(Stop::bad(at, format!("the deflate stream of the member at {} does not end", head.entry.at)));
        }
        let budget = window.budget;
        let bytes = window.some(at, room)?;
        let length = bytes.len() as u64;
        match inflater.feed(bytes, budget, |out| crc.update(out))? {
            Fed::All => at = at.saturating_add(length),
            Fed::Ended(used) => {
                let used = at.saturating_add(used as u64).saturating_sub(head.next);
                return Ok((used, inflater.produced, crc.finalize()));
            }
            Fed::Invalid(used) => {
                let at = at.saturating_add(used as u64);
                return Err(Stop::bad(at, format!("the deflate stream of the member at {} is invalid", head.entry.at)));
            }
        }
    }
}

/// The offset after a descriptor at `at` that holds these values: with or without signature, sizes of 4 or 8 bytes.
fn descriptor(window: &mut Window<'_>, at: u64, crc: u32, compressed: u64, size: u64) -> Result<Option<u64>, Stop> {
    let signed = window.u32_le(at)? == layout::DESCRIPTOR;
    for start in [at.saturating_add(4), at].into_iter().skip(usize::from(!signed)) {
        if window.u32_le(start)? != crc {
            continue;
        }
        let sizes_at = start.saturating_add(4);
        let narrow = [window.u32_le(sizes_at)?, window.u32_le(sizes_at.saturating_add(4))?];
        if narrow.map(u64::from) == [compressed, size] {
            return Ok(Some(sizes_at.saturating_add(8)));
        }
        let wide = [window.u64_le(sizes_at)?, window.u64_le(sizes_at.saturating_add(8))?];
        if wide == [compressed, size] {
            return Ok(Some(sizes_at.saturating_add(16)));
        }
    }
    Ok(None)
}

/// Data that cannot be decoded and whose size is not known: the descriptor that states its own distance.
fn searched(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    let mut at = head.next;
    let end = head.next.saturating_add(DESCRIPTOR_SEARCH);
    while let Some(found) = window.find(&layout::DESCRIPTOR.to_le_bytes(), at, end)? {
        window.budget.pay(16)?;
        let (crc, distance) = (window.u32_le(found.saturating_add(4))?, found.saturating_sub(head.next));
        let (narrow, wide) = (window.u32_le(found.saturating_add(8))?, window.u64_le(found.saturating_add(8))?);
        let length = if u64::from(narrow) == distance { 16 } else { 24 };
        if u64::from(narrow) == distance || wide == distance {
            let size_at = found.saturating_add(if length == 16 { 12 } else { 16 });
            let size = if length == 16 { u64::from(window.u32_le(size_at)?) } else { window.u64_le(size_at)? };
            let next = found.saturating_add(length);
            return Ok(Followed { next, checked: false, crc, compressed: distance, size });
        }
        at = found.saturating_add(1);
    }
    Err(Stop::bad(head.next, "no descriptor ends a member of unknown size"))
}

/// Data of known size that cannot be decoded: trusted to be there if it can be read.
fn skipped(window: &mut Window<'_>, head: &Head) -> Result<Followed, Stop> {
    let (crc, compressed, size) = (head.entry.crc, head.entry.compressed, head.entry.size);
    let end = head.next.saturating_add(compressed);
    window.each(ByteRange::new(head.next, compressed), |_| ())?;
    let next = if head.entry.flags & DESCRIBED != 0 {
        descriptor(window, end, crc, compressed, size)?.unwrap_or(end)
    } else {
        end
    };
    Ok(Followed { next, checked: false, crc, compressed, size })
}
