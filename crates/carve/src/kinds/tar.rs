//! tar archives (POSIX.1-2017 ustar and pax, GNU tar).
//!
//! ```text
//! members: 512 bytes of header (size @124, checksum @148, 'ustar' @257), content, zeros up to a multiple of 512
//! two blocks of zeros
//! ```
//!
//! Each header is under a sum of its bytes; content is under nothing: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const TAR: FileType = FileType { id: "tar", extension: "tar" };
const BLOCK_BYTES: u64 = 512;
/// Most writers fill the last record up to this, in bytes.
const RECORD_BYTES: u64 = 20 * BLOCK_BYTES;
/// Offsets of members reported as parts of a broken archive.
const PARTS_MOST: usize = 65_536;

/// tar archives.
pub(crate) struct Tar;

impl Kind for Tar {
    fn id(&self) -> &'static str {
        "tar"
    }

    fn types(&self) -> &'static [FileType] {
        &[TAR]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"ustar"]
    }

    fn signature_at(&self) -> usize {
        257
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<512>().is_none_or(|header| size(header).is_some())
    }

    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(TAR, candidate, budget, |window, progress| {
            let (mut at, mut members) = (0_u64, 0_u64);
            loop {
                let header = window.array::<512>(at)?;
                if header == [0; 512] && members > 0 {
                    if window.array::<512>(at.saturating_add(BLOCK_BYTES))? != [0; 512] {
                        return Err(Stop::bad(at.saturating_add(BLOCK_BYTES), "one block of zeros where two are due"));
                    }
                    let end = end(window, at.saturating_add(2 * BLOCK_BYTES))?;
                    let reasons = [
                        format!("header checksums of all {members} member(s) match, blocks of zeros end the archive"),
                        "the content of members is under no checksum".to_owned(),
                    ];
                    // Without a filled record nothing shows that no more of it was there.
                    let anchored = if end.is_multiple_of(RECORD_BYTES) { end } else { at };
                    return Ok(consistent(TAR, end, reasons).anchored_to(anchored));
                }
                let size =
                    size(&header).ok_or_else(|| Stop::bad(at, "no header of a member, or its checksum is wrong"))?;
                progress.level = progress.level.max(Level::Header);
                if progress.parts.len() < PARTS_MOST {
                    progress.parts.push(at);
                }
                let data_at = at.saturating_add(BLOCK_BYTES);
                let next = size.checked_next_multiple_of(BLOCK_BYTES).and_then(|length| data_at.checked_add(length));
                let next = next.ok_or_else(|| Stop::bad(at, "a member larger than anything"))?;
                progress.good = data_at;
                window.readable(ByteRange::between(data_at, next))?;
                progress.level = Level::Body;
                progress.good = next;
                members = members.saturating_add(1);
                at = next;
            }
        })
    }
}

/// Where the archive ends whose two blocks of zeros end at `at`: behind zeros that fill its last record of 20 blocks, as most
/// writers leave it, or right there.
fn end(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    let record = at.next_multiple_of(RECORD_BYTES);
    let mut is_filled = record <= window.size();
    let mut block = at;
    while is_filled && block < record {
        is_filled = match window.array::<512>(block) {
            Ok(bytes) => bytes == [0; 512],
            Err(Stop::Unreadable(_)) => false,
            Err(stop) => return Err(stop),
        };
        block = block.saturating_add(BLOCK_BYTES);
    }
    Ok(if is_filled { record } else { at })
}

/// The size of the member's content, if the header's checksum holds.
fn size(header: &[u8; 512]) -> Option<u64> {
    if header.get(257..262)? != b"ustar" {
        return None;
    }
    let stored = octal(header.get(148..156)?)?;
    let sum = header.iter().enumerate().fold(0_u64, |sum, (index, byte)| {
        sum.saturating_add(u64::from(if (148..156).contains(&index) { b' ' } else { *byte }))
    });
    if sum != stored {
        return None;
    }
    // Links, devices and folders have no content, whatever the field says.
    if matches!(header.get(156)?, b'1'..=b'6') {
        return Some(0);
    }
    let field = header.get(124..136)?;
    match field.first()? {
        // GNU: binary, most significant byte first.
        0x80 => field.last_chunk::<8>().map(|eight| u64::from_be_bytes(*eight)),
        _ => octal(field),
    }
}

/// An octal number with spaces or zeros around it.
fn octal(field: &[u8]) -> Option<u64> {
    let text = field.trim_ascii_start();
    let end = text.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(text.len());
    let digits = text.get(..end)?;
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        matches!(digit, b'0'..=b'7').then_some(())?;
        value.checked_mul(8)?.checked_add(u64::from(digit - b'0'))
    })
}
