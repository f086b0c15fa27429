//! Whether a file ends where a number in it says.
//!
//! A file of a format that tells its length in front and vouches for nothing behind may be torn: then a gap lies in it, and
//! the stated length cuts it off within the gap or within its own second piece. What lies around that cut is of one sort. So
//! the end must show: a filling of zeros, the end of the medium, another file, or bytes that are plainly of another sort.

use exhibit_evidence::Source;

use crate::budget::Budget;
use crate::fragments::SECTOR_BYTES;
use crate::kind::HEAD_BYTES;
use crate::kinds::KINDS;
use crate::reading;
use crate::slack;
use crate::stop::Stop;
use crate::window::Window;

/// Bytes on each side of the end whose sort is compared, twice.
const SORT_BYTES: usize = 512;
/// Bytes on each side that must be of their sort, too. The first must lie in the sector of the end: where a sector begins
/// another fragment may, and sorts change there for that.
const NEAR_BYTES: [usize; 2] = [128, 32];
/// Shorter signatures stand in other data by accident; one look at one place meets three bytes and what has to follow them
/// seldom enough.
const SIGNATURE_LEAST: usize = 3;
/// The end of a file whose own content has holes is looked for in so many of its last bytes.
const HOLES_BYTES: u64 = 1 << 20;
/// Holes among so many clusters make one more no sign of an end.
const HOLES_PART: u64 = 64;
/// The clusters that are filled with zeros up to their end, in bytes.
const CLUSTER_BYTES: u64 = 4096;
/// What follows a member of an archive: the next one, its descriptor, the directory.
const IN_ARCHIVES: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x07\x08", b"PK\x01\x02"];

/// How the end shows at `end` of the candidate; `None` if it does not.
pub(crate) fn shows(candidate: &dyn Source, end: u64, budget: &Budget<'_>) -> Result<Option<&'static str>, Stop> {
    let mut window = Window::new(candidate, budget);
    if end == window.size() {
        return Ok(Some("the medium ends with it"));
    }
    if slack::ends_here(&mut window, end)? {
        return Ok(Some("the rest of its last sector is filled with zeros"));
    }
    if end.is_multiple_of(SECTOR_BYTES)
        && is_followed_by_zeros(candidate, end, budget)?
        && !has_holes(&mut window, end)?
    {
        return Ok(Some("zeros follow up to the next cluster"));
    }
    let next = end.next_multiple_of(SECTOR_BYTES);
    let gap = usize::try_from(next.saturating_sub(end)).unwrap_or(0);
    let behind = around(candidate, end, SORT_BYTES * 2 + gap, budget)?;
    // Zeros up to the next sector, however few, and another file there.
    let is_filled = behind.iter().take(gap).all(|byte| *byte == 0);
    if begins_file(&behind) || (is_filled && begins_file(behind.get(gap..).unwrap_or_default())) {
        return Ok(Some("another file begins right behind it"));
    }
    let into_sector = usize::try_from(end % SECTOR_BYTES).unwrap_or(0);
    if into_sector.min(gap) < NEAR_BYTES[0] {
        return Ok(None);
    }
    let start = end.saturating_sub(SORT_BYTES as u64 * 2);
    let before = around(candidate, start, usize::try_from(end.saturating_sub(start)).unwrap_or(0), budget)?;
    Ok(changes(&before, &behind).then_some("what lies behind it is plainly of another sort"))
}

/// Whether the last bytes of a file are text, and the first ones of what nothing vouches for are packed: pictures and sound
/// do not end so, and the text is not the file's own.
pub(crate) fn is_foreign(candidate: &dyn Source, (from, end): (u64, u64), budget: &Budget<'_>) -> Result<bool, Stop> {
    let sector = SORT_BYTES as u64;
    let sort = |at: u64| -> Result<Sort, Stop> { Ok(Sort::of(&around(candidate, at, SORT_BYTES, budget)?)) };
    let first = from.saturating_add(sector);
    let is_long = end.saturating_sub(first) > sector.saturating_mul(2);
    Ok(is_long && sort(end.saturating_sub(sector))? == Sort::Text && sort(first)? == Sort::Packed)
}

/// Whether nothing but zeros follows up to the next cluster of 4096 bytes, if the file itself does not end in zeros.
fn is_followed_by_zeros(candidate: &dyn Source, end: u64, budget: &Budget<'_>) -> Result<bool, Stop> {
    const LAST_BYTES: u64 = 16;
    let length =
        usize::try_from(end.saturating_add(1).next_multiple_of(CLUSTER_BYTES).saturating_sub(end)).unwrap_or(0);
    let last = around(candidate, end.saturating_sub(LAST_BYTES), LAST_BYTES as usize, budget)?;
    let behind = around(candidate, end, length, budget)?;
    Ok(behind.len() == length && behind.iter().all(|byte| *byte == 0) && last.iter().any(|byte| *byte != 0))
}

/// Whether zeros up to the next cluster follow other bytes within the file, too, as they do in images of disks.
fn has_holes(window: &mut Window<'_>, end: u64) -> Result<bool, Stop> {
    let from = end.saturating_sub(HOLES_BYTES) / CLUSTER_BYTES;
    let (mut holes, last) = (0_u64, end / CLUSTER_BYTES);
    for cluster in from..last {
        let at = cluster.saturating_mul(CLUSTER_BYTES);
        let bytes = match window.exact(at, CLUSTER_BYTES as usize) {
            Ok(bytes) => bytes,
            Err(Stop::Unreadable(_) | Stop::End(_)) => return Ok(true),
            Err(stop) => return Err(stop),
        };
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        holes = holes.saturating_add(u64::from(zeros >= SECTOR_BYTES as usize && zeros < bytes.len()));
    }
    Ok(holes.saturating_mul(HOLES_PART) > last.saturating_sub(from))
}

/// Whether bytes of one sort end here and such of another begin, seen from near and from farther.
fn changes(before: &[u8], behind: &[u8]) -> bool {
    let last = |bytes: &[u8], length: usize| -> Vec<u8> { bytes.iter().rev().take(length).copied().collect() };
    let sort = |bytes: &[u8]| Sort::of(bytes);
    let far = before.get(..before.len().saturating_sub(SORT_BYTES)).unwrap_or_default();
    let beyond = behind.get(SORT_BYTES..SORT_BYTES * 2).unwrap_or_default();
    let (one, next) = (sort(&last(before, SORT_BYTES)), sort(behind.get(..SORT_BYTES).unwrap_or_default()));
    let differs = one != next && one != Sort::Flat && one != Sort::Mixed && next != Sort::Mixed;
    // Where fragments may begin, sorts change too: the change must be here, not some bytes away.
    let is_near = |length: usize| {
        one.may_begin_with(sort(&last(before, length)))
            && next.may_begin_with(sort(behind.get(..length).unwrap_or_default()))
    };
    differs && sort(far) == one && sort(beyond) == next && NEAR_BYTES.into_iter().all(is_near)
}

/// Up to `length` bytes from `at`; fewer where the medium ends or cannot be read.
fn around(candidate: &dyn Source, at: u64, length: usize, budget: &Budget<'_>) -> Result<Vec<u8>, Stop> {
    let room = usize::try_from(candidate.size().saturating_sub(at)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length.min(room)];
    budget.pay(bytes.len() as u64)?;
    let good = reading::fill(candidate, at, &mut bytes).map_err(Stop::Io)?;
    bytes.truncate(good);
    Ok(bytes)
}

fn begins_file(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let of_kind = KINDS.iter().any(|kind| {
        let here = head.get(kind.signature_at()..).unwrap_or_default();
        let mut signatures = kind.signatures().iter().filter(|signature| signature.len() >= SIGNATURE_LEAST);
        signatures.any(|signature| here.starts_with(signature)) && kind.plausible(head)
    });
    of_kind || IN_ARCHIVES.iter().any(|signature| bytes.starts_with(signature))
}

/// What bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Nearly all the same.
    Flat,
    /// Nearly all characters of text.
    Text,
    /// As varied as random bytes.
    Packed,
    /// Less varied than any random bytes: samples, pixels, tables.
    Plain,
    /// None of these for certain.
    Mixed,
}

impl Sort {
    /// Whether a shorter piece of bytes of this sort may look like `piece`.
    fn may_begin_with(self, piece: Self) -> bool {
        piece == self || matches!((self, piece), (Self::Plain | Self::Text, Self::Flat) | (Self::Plain, Self::Text))
    }

    fn of(bytes: &[u8]) -> Self {
        let mut counts = [0_usize; 256];
        for byte in bytes {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count = count.saturating_add(1);
            }
        }
        let is_most = |count: usize| count.saturating_mul(100) >= bytes.len().saturating_mul(97);
        let values = counts.iter().filter(|count| **count > 0).count();
        let text = (9..=13).chain(32..127).filter_map(|byte: usize| counts.get(byte)).sum();
        // Of 512 random bytes 221 different ones are expected, and hardly ever fewer than 203; of 128, 101 and 90.
        let (packed, plain) = match bytes.len() {
            SORT_BYTES => (203, 165),
            128 => (90, 84),
            32 => (26, 25),
            _ => return Self::Mixed,
        };
        if counts.iter().any(|count| is_most(*count)) {
            Self::Flat
        } else if is_most(text) {
            Self::Text
        } else if values >= packed {
            Self::Packed
        } else if values <= plain {
            Self::Plain
        } else {
            Self::Mixed
        }
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 9_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    fn shown(before: &[u8], behind: &[u8]) -> bool {
        let source = MemorySource::new([before, behind].concat());
        shows(&source, before.len() as u64, &Budget::alone(1 << 20)).unwrap().is_some()
    }

    #[test]
    fn an_end_shows_by_what_follows_and_a_cut_does_not() {
        let ramp: Vec<u8> = (0..3000_u32).map(|place| (place / 40) as u8 | 0x81).collect();
        let noise = noise(5000);
        assert!(shown(&ramp, &[]) && shown(&ramp[..2900], &[0; 700]));
        assert!(shown(&ramp[..2900], &noise[..2000]) && shown(&noise[..2900], &ramp[..2000]));
        assert!(shown(&noise[..2900], b"PK\x01\x02 and more") && shown(&ramp[..2900], &b"words ".repeat(400)));
        assert!(shown(&noise[..2900], b"\xff\xd8\xff\xe0\0\x10JFIF\0"));
        for end in [2560, 2600, 3000] {
            assert!(!shown(&ramp[..end], &noise[..2000]), "{end}: the change may be the beginning of a fragment");
        }
        let next = [&[0; 4][..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"].concat();
        assert!(shown(&noise[..3068], &next), "in the next sector");
        for cut in [1000, 1024, 2000, 2900] {
            assert!(!shown(&ramp[..cut], &ramp[cut..]), "{cut}");
            assert!(!shown(&noise[..cut], &noise[cut..]), "{cut}");
        }
        assert!(!shown(&[0; 1500], &[0; 900]) && !shown(&noise[..2900], &[0; 3]));
    }
}
