//! Write-ahead logs of SQLite (sqlite.org/fileformat2.html, section 4).
//!
//! ```text
//! 0    u32BE 377F0682 or 377F0683, version 3007000, page size, sequence, two salts, checksum of these 24 bytes
//! 32   frames: page number, size of the database if it commits, both salts, checksum; the page
//! ```
//!
//! The checksum of a frame goes on from that of the frame before, so each one vouches for everything before it. The log
//! ends where no frame with its salts follows: *proven* if it ends with a commit. Behind that a log that is used again
//! keeps frames of earlier rounds; with them it is *consistent*, because the first of each round has lost its predecessor.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow, proven};
use crate::window::Window;

const WAL: FileType = FileType { id: "sqlite-wal", extension: "db-wal" };
const HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;
const VERSION: u32 = 3_007_000;
/// Earlier rounds of a log whose frames are recognised.
const ROUNDS_MOST: u32 = 1024;
/// Fragments end at multiples of this, in bytes.
const SECTOR_BYTES: u64 = 512;

/// Write-ahead logs.
pub(crate) struct SqliteWal;

impl Kind for SqliteWal {
    fn id(&self) -> &'static str {
        "sqlite-wal"
    }

    fn types(&self) -> &'static [FileType] {
        &[WAL]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\x37\x7f\x06"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(3..8).is_none_or(|rest| matches!(rest, [0x82 | 0x83, 0, 0x2d, 0xe2, 0x18]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(WAL, candidate, budget, |window, progress| {
            let head = window.array::<32>(0)?;
            let word = |index: usize| {
                let four = head.get(index.saturating_mul(4)..).and_then(|rest| rest.first_chunk::<4>());
                four.map_or(0, |four| u32::from_be_bytes(*four))
            };
            let big = match word(0) {
                0x377f_0682 => false,
                0x377f_0683 => true,
                _ => return Err(Stop::bad(0, "no write-ahead log")),
            };
            let page_size = word(2);
            if word(1) != VERSION || !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
                return Err(Stop::bad(4, "a version or page size that SQLite does not write"));
            }
            let sum = Sum { big, one: 0, two: 0 }.over(head.get(..24).unwrap_or_default());
            if (sum.one, sum.two) != (word(6), word(7)) {
                return Err(Stop::bad(24, "the checksum of the header does not match"));
            }
            progress.level = Level::Header;
            progress.sure(HEADER_BYTES);
            let page = page_size as usize;
            let mut log = Log { window, page, salts: (word(4), word(5)), at: HEADER_BYTES, frames: 0, ends: false };
            log.current(sum, progress)?;
            let (frames, current_end) = (log.frames, log.at);
            let earlier = log.earlier(big, progress)?;
            let whole = conclude(&log, frames, current_end, earlier);
            Ok(whole)
        })
    }
}

fn conclude(log: &Log<'_, '_>, frames: u64, current_end: u64, earlier: u64) -> Whole {
    let first = format!("salts and running checksum of {frames} frame(s) match, no frame follows");
    if earlier > 0 {
        let second =
            format!("{earlier} frame(s) of earlier rounds behind byte {current_end}, the first of each unchecked");
        return consistent(WAL, log.at, [first, second]);
    }
    // Where only what follows can tell that this is the end.
    let last_sector = log.at.saturating_sub(SECTOR_BYTES);
    if !log.ends {
        let second = "the last frame commits nothing: frames may be missing".to_owned();
        return consistent(WAL, log.at, [first, second]).anchored_to(last_sector);
    }
    // A cut in the first bytes of a frame looks like its end: they could not be told from anything else.
    let to_cut = log.at.next_multiple_of(SECTOR_BYTES).saturating_sub(log.at);
    if to_cut < FRAME_HEADER_BYTES {
        let second = "the last frame ends right before a sector does: others may have lain elsewhere".to_owned();
        return consistent(WAL, log.at, [first, second]).anchored_to(last_sector);
    }
    proven(WAL, log.at, [first, "the last frame commits".to_owned()])
}

struct Log<'w, 'a> {
    window: &'w mut Window<'a>,
    page: usize,
    salts: (u32, u32),
    at: u64,
    frames: u64,
    /// Whether the last frame of the present round commits.
    ends: bool,
}

/// The head of a frame.
struct Frame {
    page: u32,
    commits: bool,
    salts: (u32, u32),
    sum: (u32, u32),
}

impl Log<'_, '_> {
    /// The frame head at the present place, if the medium does not end before.
    fn head(&mut self) -> Result<Option<Frame>, Stop> {
        let size = self.window.size();
        if self.at.saturating_add(FRAME_HEADER_BYTES) > size {
            // The salts may still be there: then it is a frame, and cut off.
            let salts_at = self.at.saturating_add(8);
            let has_salts = salts_at.saturating_add(8) <= size
                && (self.window.u32_be(salts_at)?, self.window.u32_be(salts_at.saturating_add(4))?) == self.salts;
            return if has_salts { Err(Stop::End(size)) } else { Ok(None) };
        }
        let mut words = [0_u32; 6];
        for (word, at) in words.iter_mut().zip((self.at..).step_by(4)) {
            *word = self.window.u32_be(at)?;
        }
        let [page, size, salt_one, salt_two, one, two] = words;
        Ok(Some(Frame { page, commits: size > 0, salts: (salt_one, salt_two), sum: (one, two) }))
    }

    /// The checksum after the frame at the present place, if that is `sum` before it.
    fn sum_after(&mut self, sum: Sum) -> Result<Sum, Stop> {
        let sum = sum.over(self.window.exact(self.at, 8)?);
        Ok(sum.over(self.window.exact(self.at.saturating_add(FRAME_HEADER_BYTES), self.page)?))
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(FRAME_HEADER_BYTES).saturating_add(self.page as u64);
    }

    /// The frames of the present round.
    fn current(&mut self, mut sum: Sum, progress: &mut Progress) -> Result<(), Stop> {
        while let Some(frame) = self.head()?.filter(|frame| frame.salts == self.salts) {
            sum = self.sum_after(sum)?;
            if (sum.one, sum.two) != frame.sum || frame.page == 0 {
                return Err(Stop::bad(self.at, "the checksum of a frame does not match"));
            }
            self.step();
            self.ends = frame.commits;
            self.frames = self.frames.saturating_add(1);
            progress.level = Level::Body;
            progress.sure(self.at);
        }
        if self.frames == 0 {
            return Err(Stop::bad(HEADER_BYTES, "a log without frames"));
        }
        let end = self.at;
        self.step();
        let goes_on = self.head()?.is_some_and(|frame| frame.salts == self.salts);
        self.at = end;
        if goes_on { Err(Stop::bad(end, "a frame with other salts between those of this log")) } else { Ok(()) }
    }

    /// The frames of earlier rounds, whose first salt is smaller; their number.
    fn earlier(&mut self, big: bool, progress: &mut Progress) -> Result<u64, Stop> {
        let (mut count, mut before): (u64, Option<Frame>) = (0, None);
        while let Some(frame) = self.head()? {
            let back = self.salts.0.checked_sub(frame.salts.0);
            if !back.is_some_and(|back| (1..=ROUNDS_MOST).contains(&back)) || frame.page == 0 {
                break;
            }
            let known = before.filter(|before| before.salts == frame.salts);
            let frame_end = self.at.saturating_add(FRAME_HEADER_BYTES).saturating_add(self.page as u64);
            self.window.readable(ByteRange::between(self.at, frame_end))?;
            if let Some(before) = known {
                let (one, two) = before.sum;
                let sum = self.sum_after(Sum { big, one, two })?;
                if (sum.one, sum.two) != frame.sum {
                    return Err(Stop::bad(self.at, "the checksum of a frame of an earlier round does not match"));
                }
            }
            self.step();
            count = count.saturating_add(1);
            progress.good = self.at;
            before = Some(frame);
        }
        Ok(count)
    }
}

/// The running checksum: two sums over pairs of words, in the byte order that the header chooses.
#[derive(Clone, Copy)]
struct Sum {
    big: bool,
    one: u32,
    two: u32,
}

impl Sum {
    fn over(mut self, bytes: &[u8]) -> Self {
        let word = |four: [u8; 4]| if self.big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        for [a, b, c, d, e, f, g, h] in bytes.as_chunks::<8>().0 {
            self.one = self.one.wrapping_add(word([*a, *b, *c, *d])).wrapping_add(self.two);
            self.two = self.two.wrapping_add(word([*e, *f, *g, *h])).wrapping_add(self.one);
        }
        self
    }
}
