//! gzip (RFC 1952).
//!
//! ```text
//! 1F 8B 08 flags u32LE time, extra flags, system [extra field] [name] [comment] [CRC-16]
//! deflate stream, u32LE CRC-32 of the content, u32LE its length modulo 2^32      then perhaps another member
//! ```
//!
//! The content is inflated and compared with its CRC-32 and length: *proven*. Only the header's own fields (time, name)
//! are under no checksum.

use crc32fast::Hasher;
use exhibit_evidence::{ReadFault, Source};

mod join;

use crate::budget::Budget;
use crate::fragments::Gaps;
use crate::inflate::{Fed, Inflater};
use crate::kind::{Joined, Kind};
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, FileType, Level, Verdict};
use crate::walk::{follow, proven};
use crate::window::Window;

const GZIP: FileType = FileType { id: "gz", extension: "gz" };
const SIGNATURE: &[u8] = b"\x1f\x8b\x08";
/// Longest name or comment that is believed, in bytes.
const TEXT_MOST: u64 = 4096;

/// gzip files.
pub(crate) struct Gzip;

impl Kind for Gzip {
    fn id(&self) -> &'static str {
        "gz"
    }

    fn types(&self) -> &'static [FileType] {
        &[GZIP]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<10>().is_none_or(is_head)
    }

    /// The members of a file look like files.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        join::bridge(candidate, broken, gaps, budget)
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(GZIP, candidate, budget, |window, progress| {
            let (mut end, mut size) = member(window, progress, 0)?;
            let mut members = 1_u64;
            // A further member belongs to the file only if it, too, is whole.
            while !slack::is_next_file(end, members) && matches!(window.array::<10>(end), Ok(head) if is_head(&head)) {
                let Ok((next, more)) = member(window, &mut Progress::new(GZIP), end) else { break };
                (end, size, members) = (next, size.saturating_add(more), members.saturating_add(1));
            }
            let reason = format!("{members} member(s) inflate to {size} bytes, CRC-32 and length of each match");
            Ok(proven(GZIP, end, [reason]))
        })
    }
}

/// Whether these may be the first bytes of a member: no reserved flag, known extra flags and system.
fn is_head(head: &[u8; 10]) -> bool {
    let &[a, b, c, flags, _, _, _, _, extra, system] = head;
    [a, b, c] == SIGNATURE && flags < 0x20 && matches!(extra, 0 | 2 | 4) && matches!(system, 0..=13 | 255)
}

/// Where the deflate stream of the member at `start` begins.
fn stream_at(window: &mut Window<'_>, start: u64) -> Result<u64, Stop> {
    let head = window.array::<10>(start)?;
    if !is_head(&head) {
        return Err(Stop::bad(start, "no gzip header"));
    }
    let flags = head[3];
    let mut at = start.saturating_add(10);
    if flags & 4 != 0 {
        at = at.saturating_add(2).saturating_add(u64::from(window.u16_le(at)?));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = window.find(&[0], at, at.saturating_add(TEXT_MOST))?;
            at = end.ok_or_else(|| Stop::bad(at, "a name or comment without end"))?.saturating_add(1);
        }
    }
    Ok(at.saturating_add(if flags & 2 != 0 { 2 } else { 0 }))
}

/// The member at `start`: the offset after it, the size of its content.
fn member(window: &mut Window<'_>, progress: &mut Progress, start: u64) -> Result<(u64, u64), Stop> {
    let mut at = stream_at(window, start)?;
    let mut inflater = Inflater::new(false, u64::MAX);
    let mut crc = Hasher::new();
    loop {
        let budget = window.budget;
        let bytes = window.some(at, usize::MAX)?;
        let length = bytes.len() as u64;
        let fed = inflater.feed(bytes, budget, |out| crc.update(out))?;
        if inflater.produced > 0 {
            progress.level = Level::Body;
        }
        progress.good = at;
        match fed {
            Fed::All => at = at.saturating_add(length),
            Fed::Ended(used) => {
                at = at.saturating_add(used as u64);
                break;
            }
            Fed::Invalid(used) => return Err(Stop::bad(at.saturating_add(used as u64), "not a deflate stream")),
        }
    }
    progress.level = Level::Body;
    if window.u32_le(at)? != crc.finalize() {
        return Err(Stop::bad(at, "CRC-32 of the content does not match"));
    }
    if u64::from(window.u32_le(at.saturating_add(4))?) != inflater.produced & 0xffff_ffff {
        return Err(Stop::bad(at.saturating_add(4), "the length of the content does not match"));
    }
    Ok((at.saturating_add(8), inflater.produced))
}
