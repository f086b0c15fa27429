//! LZ4 frames (LZ4 Frame format 1.6.3).
//!
//! ```text
//! 04 22 4D 18, flags, block size, [u64LE content size], [u32LE dictionary], a byte of the XXH32 of these
//! blocks: u32LE size (the highest bit: as they are), data, [u32LE XXH32 of the data]
//! 00 00 00 00, [u32LE XXH32 of the content]
//! ```
//!
//! Every block is decoded. With a checksum of the content the file is *proven*, else *consistent*.

use exhibit_evidence::{ReadFault, Source};
use lz4_flex::block::{decompress_into, decompress_into_with_dict};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{Class, FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;
use crate::xxhash::Xxh32;

const LZ4: FileType = FileType { id: "lz4", extension: "lz4" };
const SIGNATURE: &[u8] = b"\x04\x22\x4d\x18";
/// What later blocks may refer to, in bytes.
const REACH_BYTES: usize = 64 * 1024;
/// The longest header.
const HEADER_MOST: usize = 19;

/// LZ4 files.
pub(crate) struct Lz4;

impl Kind for Lz4 {
    fn id(&self) -> &'static str {
        "lz4"
    }

    fn types(&self) -> &'static [FileType] {
        &[LZ4]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.len() < HEADER_MOST || Header::parse(head).is_some()
    }

    /// Several frames behind one another are one file.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(LZ4, candidate, budget, |window, progress| {
            let mut file = frame(window, progress, 0)?;
            // A further frame belongs to the file only if it, too, is whole.
            while !slack::is_next_file(file.end, file.frames)
                && let Ok(next) = frame(window, &mut Progress::new(LZ4), file.end)
            {
                file = Frame {
                    end: next.end,
                    frames: file.frames.saturating_add(1),
                    size: file.size.saturating_add(next.size),
                    has_checksum: file.has_checksum && next.has_checksum,
                };
            }
            let mut reasons = vec![format!("{} frame(s) decode to {} bytes", file.frames, file.size)];
            let (class, reason) = if file.has_checksum {
                (Class::Proven, "the XXH32 of the content matches")
            } else {
                (Class::Consistent, "a frame without checksum of its content: only that it decodes was seen")
            };
            reasons.push(reason.to_owned());
            Ok(Whole { file_type: LZ4, length: file.end, class, anchored: file.end, reasons })
        })
    }
}

/// What a frame says of itself.
#[derive(Debug, Clone, Copy)]
struct Header {
    length: u64,
    /// Whether blocks refer to the ones before.
    linked: bool,
    block_checksums: bool,
    content_checksum: bool,
    content: Option<u64>,
    block_most: usize,
    needs_dictionary: bool,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let fields = bytes.strip_prefix(SIGNATURE)?;
        let [flags, block, ..] = *fields else { return None };
        if flags >> 6 != 1 || flags & 2 != 0 || block & 0x8f != 0 || block >> 4 < 4 {
            return None;
        }
        let (with_size, with_dictionary) = (flags & 8 != 0, flags & 1 != 0);
        let length = 2 + if with_size { 8 } else { 0 } + if with_dictionary { 4 } else { 0 };
        let (described, checksum) = (fields.get(..length)?, *fields.get(length)?);
        if (Xxh32::of(described) >> 8) as u8 != checksum {
            return None;
        }
        let content = described.get(2..10).filter(|_| with_size);
        Some(Self {
            length: length as u64 + 5,
            linked: flags & 0x20 == 0,
            block_checksums: flags & 0x10 != 0,
            content_checksum: flags & 4 != 0,
            content: content.and_then(|eight| eight.first_chunk()).map(|eight| u64::from_le_bytes(*eight)),
            block_most: 1 << (u32::from(block >> 4) * 2 + 8),
            needs_dictionary: with_dictionary,
        })
    }
}

/// A whole frame, or several.
struct Frame {
    end: u64,
    frames: u64,
    size: u64,
    has_checksum: bool,
}

/// The frame at `start`.
fn frame(window: &mut Window<'_>, progress: &mut Progress, start: u64) -> Result<Frame, Stop> {
    let length = HEADER_MOST.min(usize::try_from(window.size().saturating_sub(start)).unwrap_or(0));
    let header = Header::parse(window.exact(start, length)?).ok_or_else(|| Stop::bad(start, "no LZ4 frame"))?;
    progress.level = progress.level.max(Level::Header);
    if header.needs_dictionary {
        return Err(Stop::bad(start, "the frame needs a dictionary that is not at hand"));
    }
    let _held = window.budget.memory((header.block_most as u64).saturating_mul(3))?;
    let mut at = start.saturating_add(header.length);
    let (mut hash, mut size, mut before) = (Xxh32::default(), 0_u64, Vec::new());
    let mut out = vec![0; header.block_most];
    loop {
        window.budget.pay(16)?;
        let word = window.u32_le(at)?;
        at = at.saturating_add(4);
        if word == 0 {
            break;
        }
        let packed = usize::try_from(word & 0x7fff_ffff).unwrap_or(usize::MAX);
        if packed > header.block_most {
            return Err(Stop::bad(at, "a block larger than the frame allows"));
        }
        let data = bytes(window, at, packed)?;
        window.budget.pay(header.block_most as u64 / 4)?;
        let content = if word >> 31 == 1 {
            data.as_slice()
        } else {
            let made = if header.linked {
                decompress_into_with_dict(&data, &mut out, &before)
            } else {
                decompress_into(&data, &mut out)
            };
            let made = made.map_err(|_| Stop::bad(at, "a block that does not decode"))?;
            out.get(..made).unwrap_or_default()
        };
        window.budget.pay(content.len() as u64)?;
        hash.update(content);
        size = size.saturating_add(content.len() as u64);
        if header.linked {
            before.extend_from_slice(content);
            before.drain(..before.len().saturating_sub(REACH_BYTES));
        }
        at = at.saturating_add(packed as u64);
        if header.block_checksums {
            if window.u32_le(at)? != Xxh32::of(&data) {
                return Err(Stop::bad(at, "the XXH32 of a block does not match"));
            }
            at = at.saturating_add(4);
            progress.sure(at);
        }
        progress.level = Level::Body;
        progress.good = at;
    }
    if header.content.is_some_and(|promised| promised != size) {
        return Err(Stop::bad(at, "not as much content as the frame promises"));
    }
    if size == 0 {
        return Err(Stop::bad(at, "a frame without content"));
    }
    if header.content_checksum {
        if window.u32_le(at)? != hash.value() {
            return Err(Stop::bad(at, "the XXH32 of the content does not match"));
        }
        at = at.saturating_add(4);
    }
    Ok(Frame { end: at, frames: 1, size, has_checksum: header.content_checksum })
}

/// As many bytes from `at`, which may be more than a window holds.
fn bytes(window: &mut Window<'_>, at: u64, length: usize) -> Result<Vec<u8>, Stop> {
    let end = at.saturating_add(length as u64);
    if end > window.size() {
        return Err(Stop::End(window.size()));
    }
    let mut bytes = Vec::with_capacity(length);
    window.each(exhibit_evidence::ByteRange::between(at, end), |piece| bytes.extend_from_slice(piece))?;
    Ok(bytes)
}
