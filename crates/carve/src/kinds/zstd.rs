//! Zstandard (RFC 8878).
//!
//! ```text
//! 28 B5 2F FD, descriptor, [window], [dictionary], [content size]
//! blocks: u24LE last, type (0 as they are, 1 one byte, 2 compressed), size; data            [u32LE XXH64 of the content]
//! then perhaps more frames, or ones to be skipped: 5x 2A 4D 18, u32LE size, data
//! ```
//!
//! The content is decoded and compared with its XXH64, of which a frame carries 32 bits: *proven*. Without that checksum a
//! frame that decodes to its promised size is *consistent*. Frames that need a dictionary cannot be decoded and are never
//! whole.

use std::io::{self, Read, Write};

use exhibit_evidence::{ByteRange, ReadFault, Source};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::slack;
use crate::stop::{Progress, Stop};
use crate::verdict::{Class, FileType, Level, Verdict, Whole};
use crate::walk::follow;
use crate::window::Window;
use crate::xxhash::Xxh64;

const ZSTD: FileType = FileType { id: "zstd", extension: "zst" };
const SIGNATURE: &[u8] = b"\x28\xb5\x2f\xfd";
/// The longest header.
const HEADER_MOST: usize = 18;
/// Largest frame to be skipped behind the content: the seek table of a file of many frames is one.
const SKIPPED_MOST: u64 = 1 << 20;
/// Memory besides the window: tables, and two blocks.
const BESIDES_BYTES: u64 = 2 << 20;
/// As many bytes as the smallest foreign sector.
const SECTOR_BYTES: u64 = 512;

/// Zstandard files.
pub(crate) struct Zstd;

impl Kind for Zstd {
    fn id(&self) -> &'static str {
        "zstd"
    }

    fn types(&self) -> &'static [FileType] {
        &[ZSTD]
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
        follow(ZSTD, candidate, budget, |window, progress| {
            let mut file = frame(window, progress, 0)?;
            loop {
                if let Some(next) = skipped(window, file.end)? {
                    if next.saturating_sub(file.end) >= SECTOR_BYTES {
                        file.doubt = file.doubt.or(Some("a frame to be skipped could hold anything"));
                    }
                    file.end = next;
                    continue;
                }
                // A further frame belongs to the file only if it, too, is whole.
                if slack::is_next_file(file.end, file.frames) {
                    break;
                }
                let Ok(next) = frame(window, &mut Progress::new(ZSTD), file.end) else { break };
                file = Frame {
                    end: next.end,
                    frames: file.frames.saturating_add(1),
                    size: file.size.saturating_add(next.size),
                    doubt: file.doubt.or(next.doubt),
                };
            }
            Ok(file.whole())
        })
    }
}

/// What a frame says of itself.
#[derive(Debug, Clone, Copy)]
struct Header {
    /// The most that is needed of the content to go on.
    window: u64,
    content: Option<u64>,
    has_checksum: bool,
    needs_dictionary: bool,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(SIGNATURE)?;
        let mut number = |length: usize| {
            let (now, later) = rest.split_at_checked(length)?;
            rest = later;
            Some(now.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)))
        };
        let descriptor = number(1)?;
        let is_single = descriptor & 0x20 != 0;
        // A reserved bit, and one that no encoder sets.
        if descriptor & 0x18 != 0 {
            return None;
        }
        let mut window = 0;
        if !is_single {
            let byte = number(1)?;
            let base = 1_u64 << (byte >> 3).saturating_add(10);
            window = base.saturating_add((base / 8).saturating_mul(byte & 7));
        }
        let dictionary = number([0, 1, 2, 4].get((descriptor & 3) as usize).copied()?)?;
        let content = match (descriptor >> 6, is_single) {
            (0, false) => None,
            (0, true) => Some(number(1)?),
            (1, _) => Some(number(2)?.saturating_add(256)),
            (2, _) => Some(number(4)?),
            _ => Some(number(8)?),
        };
        if is_single {
            window = content?;
        }
        let has_checksum = descriptor & 4 != 0;
        Some(Self { window, content, has_checksum, needs_dictionary: dictionary != 0 })
    }
}

/// A whole frame, or several.
struct Frame {
    end: u64,
    frames: u64,
    size: u64,
    /// What keeps it from being proven.
    doubt: Option<&'static str>,
}

impl Frame {
    fn whole(self) -> Whole {
        let mut reasons = vec![format!("{} frame(s) decode to {} bytes", self.frames, self.size)];
        let class = match self.doubt {
            None => {
                reasons.push("the XXH64 of the content matches".to_owned());
                Class::Proven
            }
            Some(doubt) => {
                reasons.push(doubt.to_owned());
                Class::Consistent
            }
        };
        Whole { file_type: ZSTD, length: self.end, class, anchored: self.end, reasons }
    }
}

/// The end of the frame to be skipped at `at`, if one is there and is all there.
fn skipped(window: &mut Window<'_>, at: u64) -> Result<Option<u64>, Stop> {
    let [0x50..=0x5f, 0x2a, 0x4d, 0x18, size @ ..] = (match window.array::<8>(at) {
        Ok(head) => head,
        Err(Stop::Io(fault)) => return Err(Stop::Io(fault)),
        Err(_) => return Ok(None),
    }) else {
        return Ok(None);
    };
    let range = ByteRange::new(at.saturating_add(8), u64::from(u32::from_le_bytes(size)));
    if range.length > SKIPPED_MOST || range.end() > window.size() {
        return Ok(None);
    }
    window.readable(range)?;
    Ok(Some(range.end()))
}

/// The frame at `start`.
fn frame(window: &mut Window<'_>, progress: &mut Progress, start: u64) -> Result<Frame, Stop> {
    let head = window.some(start, HEADER_MOST)?;
    let header = match Header::parse(head) {
        Some(header) => header,
        // Where a buffer ends, less than asked for is there.
        None => {
            Header::parse(window.exact(start, HEADER_MOST)?).ok_or_else(|| Stop::bad(start, "no Zstandard frame"))?
        }
    };
    if header.needs_dictionary {
        progress.level = Level::Header;
        return Err(Stop::bad(start, "the frame needs a dictionary that is not at hand"));
    }
    let needed = header.content.map_or(header.window, |content| content.min(header.window));
    let _held = window.budget.memory(needed.saturating_mul(2).saturating_add(BESIDES_BYTES))?;
    let mut decoder = FrameDecoder::new();
    let (mut source, mut content) = (Bytes { window, at: start, stop: None }, Content::default());
    let begun = decoder.init(&mut source);
    source.settle(begun.is_ok(), "no Zstandard frame")?;
    while !decoder.is_finished() {
        let at = source.at;
        source.window.budget.pay(1024)?;
        let went_on = decoder.decode_blocks(&mut source, BlockDecodingStrategy::UptoBlocks(1));
        source.settle(went_on.is_ok(), "a block that does not decode")?;
        let before = content.size;
        let collected = decoder.collect_to_writer(&mut content).is_ok();
        source.settle(collected, "a block that does not decode")?;
        source.window.budget.pay(content.size.saturating_sub(before))?;
        progress.level = if at > start.saturating_add(HEADER_MOST as u64) { Level::Body } else { Level::Header };
        progress.good = source.at;
        if header.content.is_some_and(|promised| content.size > promised) {
            return Err(Stop::bad(source.at, "more content than the frame promises"));
        }
    }
    progress.level = Level::Body;
    let end = source.at;
    if content.size == 0 {
        return Err(Stop::bad(end, "a frame without content"));
    }
    if header.content.is_some_and(|promised| content.size != promised) {
        return Err(Stop::bad(end, "not as much content as the frame promises"));
    }
    let doubt = if header.has_checksum {
        if decoder.get_checksum_from_data() != Some(content.hash.value() as u32) {
            return Err(Stop::bad(end, "the XXH64 of the content does not match"));
        }
        None
    } else {
        Some("a frame without checksum: only that it decodes was seen")
    };
    Ok(Frame { end, frames: 1, size: content.size, doubt })
}

/// A window as the decoder reads it.
struct Bytes<'w, 'a> {
    window: &'w mut Window<'a>,
    at: u64,
    /// What ended the reading.
    stop: Option<Stop>,
}

impl Bytes<'_, '_> {
    /// What the decoder's success or failure means.
    fn settle(&mut self, ok: bool, what: &str) -> Result<(), Stop> {
        match self.stop.take() {
            Some(stop) => Err(stop),
            None if ok => Ok(()),
            None => Err(Stop::bad(self.at, what)),
        }
    }
}

impl Read for Bytes<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.window.some(self.at, buffer.len()) {
            Ok(bytes) => {
                let length = bytes.len().min(buffer.len());
                if let (Some(to), Some(from)) = (buffer.get_mut(..length), bytes.get(..length)) {
                    to.copy_from_slice(from);
                }
                self.at = self.at.saturating_add(length as u64);
                Ok(length)
            }
            Err(stop) => {
                self.stop = Some(stop);
                Err(io::Error::from(io::ErrorKind::UnexpectedEof))
            }
        }
    }
}

/// What was decoded: only its size and hash are kept.
#[derive(Default)]
struct Content {
    size: u64,
    hash: Xxh64,
}

impl Write for Content {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        self.hash.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
