//! bzip2.
//!
//! ```text
//! 'BZh' level ('1' to '9': blocks of so many times 100 000 bytes); then bits, the most significant first:
//! blocks: 314159265359, 32 CRC of the content, 1 zero, 24 place of the first byte; symbols in use, codes, coded bytes
//! end: 177245385090, 32 CRC of all blocks' CRCs, zeros up to a byte          then perhaps another stream
//! ```
//!
//! Every block is decoded and compared with its CRC-32, and the CRCs with their sum at the end: *proven*. There is no
//! reference but the program itself (bzip2 1.0.8 by Julian Seward).

mod block;
mod code;
mod join;

use block::Block;
use exhibit_evidence::{ReadFault, Source};

use crate::bits::Bits;
use crate::budget::Budget;
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, FileType, Level, Verdict};
use crate::walk::{consistent, follow, proven};
use crate::window::Window;

const BZ2: FileType = FileType { id: "bz2", extension: "bz2" };
/// The first 48 bits of a block (the digits of pi) and of the end (those of its square root).
const BLOCK: u64 = 0x3141_5926_5359;
const END: u64 = 0x1772_4538_5090;

/// bzip2 files.
pub(crate) struct Bzip2;

impl Kind for Bzip2 {
    fn id(&self) -> &'static str {
        "bz2"
    }

    fn types(&self) -> &'static [FileType] {
        &[BZ2]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"BZh"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<10>().is_none_or(|head| level(head).is_some())
    }

    /// Several streams behind one another are one file.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(BZ2, candidate, budget, |window, progress| {
            let (mut file, mut streams) = (stream(window, progress, 0)?, 1_u64);
            while !slack::is_next_file(file.end, streams)
                && matches!(window.array::<10>(file.end), Ok(head) if level(&head).is_some())
            {
                // A further stream belongs to the file only if it, too, is whole.
                let Ok(next) = stream(window, &mut Progress::new(BZ2), file.end) else { break };
                streams = streams.saturating_add(1);
                file = Stream {
                    end: next.end,
                    blocks: file.blocks.saturating_add(next.blocks),
                    size: file.size.saturating_add(next.size),
                    is_exact: file.is_exact && next.is_exact,
                };
            }
            let reason = format!("{} block(s) decode to {} bytes, every CRC-32 matches", file.blocks, file.size);
            if file.is_exact {
                return Ok(proven(BZ2, file.end, [reason]));
            }
            let doubt = "codes or selectors that the reference program does not write".to_owned();
            Ok(consistent(BZ2, file.end, [reason, doubt]))
        })
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
}

/// The largest size of a block in bytes, if this is how a stream with a block begins.
fn level(head: &[u8; 10]) -> Option<usize> {
    let &[b'B', b'Z', b'h', digit @ b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y'] = head else { return None };
    Some(usize::from(digit.saturating_sub(b'0')).saturating_mul(100_000))
}

/// A whole stream.
struct Stream {
    end: u64,
    blocks: u64,
    size: u64,
    /// Whether every code is complete and every selector used, as the reference program writes them.
    is_exact: bool,
}

/// The stream at `start`.
fn stream(window: &mut Window<'_>, progress: &mut Progress, start: u64) -> Result<Stream, Stop> {
    let Some(most) = level(&window.array::<10>(start)?) else { return Err(Stop::bad(start, "no bzip2 header")) };
    // The transform takes four bytes for each byte of a block.
    let _held = window.budget.memory((most as u64).saturating_mul(5))?;
    let mut bits = Bits::new(start.saturating_add(4));
    let mut file = Stream { end: start, blocks: 0, size: 0, is_exact: true };
    let mut sum = 0_u32;
    loop {
        let at = bits.byte();
        match magic(&mut bits, window)? {
            BLOCK => {}
            END => break,
            _ => return Err(Stop::bad(at, "neither a block nor the end of a stream")),
        }
        let stored = bits.take(32, window)?;
        let mut block = Block::open(bits, most, window)?;
        if file.blocks == 0 {
            progress.level = progress.level.max(Level::Header);
        }
        let decoded = block.decode(window)?;
        if decoded.crc != stored {
            return Err(Stop::bad(block.bits().byte(), "CRC-32 of a block does not match"));
        }
        bits = block.bits();
        sum = sum.rotate_left(1) ^ stored;
        file.blocks = file.blocks.saturating_add(1);
        file.size = file.size.saturating_add(decoded.size);
        file.is_exact &= block.is_exact();
        progress.level = Level::Body;
        progress.sure(bits.byte());
    }
    if bits.take(32, window)? != sum {
        return Err(Stop::bad(bits.byte(), "the CRC of all blocks does not match"));
    }
    file.is_exact &= bits.align() == 0;
    file.end = bits.byte();
    Ok(file)
}

/// 48 bits.
fn magic(bits: &mut Bits, window: &mut Window<'_>) -> Result<u64, Stop> {
    let (high, low) = (bits.take(24, window)?, bits.take(24, window)?);
    Ok(u64::from(high) << 24 | u64::from(low))
}
