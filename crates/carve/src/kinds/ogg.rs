//! Ogg (RFC 3533): Vorbis, Opus, FLAC and Theora streams.
//!
//! ```text
//! pages: 'OggS' 0, flags (2 first, 4 last page of a stream), position, u32LE stream, sequence, u32LE CRC-32, count, lengths, data
//! ```
//!
//! Every byte of every page is under the page's CRC-32 (polynomial 04C11DB7, not reflected), and pages are numbered: a file
//! that is followed to the last page of each of its streams is *proven*.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::fragments::{self, Gaps};
use crate::kind::{Joined, Kind};
use crate::stop::Stop;
use crate::verdict::{Broken, FileType, Level, Verdict};
use crate::walk::{follow, proven};
use crate::window::Window;

const OGG: FileType = FileType { id: "ogg", extension: "ogg" };
const HEADER_BYTES: u64 = 27;
/// The longest head of a page, with the lengths of its segments.
const PAGE_HEAD_MOST: u64 = HEADER_BYTES + 255;
/// Streams in one file.
const STREAMS_MOST: usize = 64;
const TABLE: [u32; 256] = table();

/// Ogg files.
pub(crate) struct Ogg;

impl Kind for Ogg {
    fn id(&self) -> &'static str {
        "ogg"
    }

    fn types(&self) -> &'static [FileType] {
        &[OGG]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"OggS\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        // A file begins with the first page of a stream, numbered 0.
        head.get(5).is_none_or(|flags| *flags == 2) && head.get(18..22).is_none_or(|sequence| sequence == [0; 4])
    }

    /// All streams of a file begin before the first one goes on: their first pages look like files.
    fn parts_look_alike(&self) -> bool {
        true
    }

    /// All pages before the broken one are vouched for, so only that page is checked per join.
    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        let mut window = Window::new(candidate, budget);
        let reach = match page_bytes(&mut window, broken.sure) {
            Ok(length) => length,
            // The break lies in the page's own header.
            Err(_) => PAGE_HEAD_MOST,
        };
        fragments::bridge_record(self, candidate, (broken.sure, reach), gaps, budget, |window| {
            let length = page_bytes(window, broken.sure)?;
            let next = broken.sure.saturating_add(length);
            if window.u8(broken.sure.saturating_add(5))? & 4 == 0 && &window.array::<4>(next)? != b"OggS" {
                return Ok(false);
            }
            let stored = window.u32_le(broken.sure.saturating_add(22))?;
            let page = window.exact(broken.sure, usize::try_from(length).unwrap_or(usize::MAX))?;
            Ok(checksum(page) == stored)
        })
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(OGG, candidate, budget, |window, progress| {
            /// A stream under way: its serial number and the number of its next page.
            struct Stream(u32, u32);
            let (mut at, mut pages, mut streams) = (0_u64, 0_u64, Vec::<Stream>::new());
            let mut begun = 0_usize;
            loop {
                let head = window.array::<27>(at)?;
                let &[b'O', b'g', b'g', b'S', 0, flags, ..] = &head else { return Err(Stop::bad(at, "no Ogg page")) };
                let (serial, sequence) = (window.u32_le(at.saturating_add(14))?, window.u32_le(at.saturating_add(18))?);
                let stored = window.u32_le(at.saturating_add(22))?;
                let lengths = window.exact(at.saturating_add(HEADER_BYTES), usize::from(head[26]))?;
                let data: usize = lengths.iter().map(|length| usize::from(*length)).sum();
                let length = usize::from(head[26]).saturating_add(27).saturating_add(data);
                let page = window.exact(at, length).map_err(|stop| match stop {
                    Stop::End(_) => Stop::End(at),
                    other => other,
                })?;
                if checksum(page) != stored {
                    return Err(Stop::bad(at, "CRC-32 of a page does not match"));
                }
                let next = at.saturating_add(length as u64);
                match (flags & 2 != 0, streams.iter().position(|stream| stream.0 == serial)) {
                    (true, None) if begun < STREAMS_MOST => {
                        begun = begun.saturating_add(1);
                        streams.push(Stream(serial, 1));
                        progress.parts.push(at);
                    }
                    (false, Some(index)) => {
                        let Some(stream) = streams.get_mut(index).filter(|stream| stream.1 == sequence) else {
                            return Err(Stop::bad(at, "a page is missing"));
                        };
                        stream.1 = sequence.wrapping_add(1);
                    }
                    _ => return Err(Stop::bad(at, "a page of no stream that was begun, or one begun twice")),
                }
                if flags & 4 != 0 {
                    streams.retain(|stream| stream.0 != serial);
                }
                pages = pages.saturating_add(1);
                progress.level = if pages > 1 { Level::Body } else { Level::Header };
                progress.sure(next);
                if streams.is_empty() {
                    let reason = format!(
                        "CRC-32 of all {pages} pages match, numbered without a gap to the last page of each stream"
                    );
                    return Ok(proven(OGG, next, [reason]));
                }
                at = next;
            }
        })
    }
}

/// The length of the page at `at`.
fn page_bytes(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    let head = window.array::<27>(at)?;
    if !head.starts_with(b"OggS\0") {
        return Err(Stop::bad(at, "no Ogg page"));
    }
    let lengths = window.exact(at.saturating_add(HEADER_BYTES), usize::from(head[26]))?;
    let data: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    Ok(data.saturating_add(HEADER_BYTES).saturating_add(u64::from(head[26])))
}

/// The CRC-32 of a page, its own field taken as zero.
fn checksum(page: &[u8]) -> u32 {
    page.iter().enumerate().fold(0_u32, |crc, (index, byte)| {
        let byte = if (22..26).contains(&index) { 0 } else { *byte };
        let slot = ((crc >> 24) ^ u32::from(byte)) & 0xff;
        (crc << 8) ^ TABLE.get(slot as usize).copied().unwrap_or(0)
    })
}

const fn table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut index = 0;
    while index < 256 {
        let (mut crc, mut bit) = ((index as u32) << 24, 0);
        while bit < 8 {
            crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { (crc << 1) ^ 0x04c1_1db7 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "computed by the compiler, below 256")]
        {
            table[index] = crc;
        }
        index += 1;
    }
    table
}
