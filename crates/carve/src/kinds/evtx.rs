//! Windows event logs (EVTX).
//!
//! ```text
//! 0      'ElfFile' 0, header; u16LE chunks @42; u32LE CRC-32 @124 of bytes 0..120
//! 4096   chunks of 65536 bytes: 'ElfChnk' 0, end of records @48, CRC-32 of the records @52, CRC-32 of the header @124
//! ```
//!
//! Headers and records are under CRC-32, the unused end of each chunk is not: *consistent*. A log that was not closed has
//! a chunk more than its header counts; it is included if it is there. A chunk whose log is lost can be read by itself.

use crc32fast::Hasher;
use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const EVTX: FileType = FileType { id: "evtx", extension: "evtx" };
const CHUNK: FileType = FileType { id: "evtx-chunk", extension: "evtxchunk" };
const HEADER_BYTES: u64 = 4096;
const CHUNK_BYTES: u64 = 65_536;

/// Windows event logs.
pub(crate) struct Evtx;

impl Kind for Evtx {
    fn id(&self) -> &'static str {
        "evtx"
    }

    fn types(&self) -> &'static [FileType] {
        &[EVTX, CHUNK]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"ElfFile\0", b"ElfChnk\0"]
    }

    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(EVTX, candidate, budget, |window, progress| {
            if window.array::<8>(0)? == *b"ElfChnk\0" {
                progress.file_type = CHUNK;
                return lone_chunk(window, progress);
            }
            let head = window.array::<120>(0)?;
            if !head.starts_with(b"ElfFile\0") || window.u32_le(124)? != crc32fast::hash(&head) {
                return Err(Stop::bad(124, "CRC-32 of the header does not match"));
            }
            progress.level = Level::Header;
            let counted = window.u16_le(42)?;
            let dirty = window.u32_le(120)? & 1 != 0;
            window.readable(ByteRange::new(0, HEADER_BYTES))?;
            progress.good = HEADER_BYTES;
            let (mut at, mut chunks, mut open) = (HEADER_BYTES, 0_u64, 0_u64);
            while chunks < u64::from(counted) || (dirty && matches!(window.exact(at, 8), Ok(b"ElfChnk\0"))) {
                match chunk(window, at) {
                    Ok(true) => {}
                    // The last chunk of a log that was not closed: its checksum is older than its records.
                    Ok(false) if dirty && open == 0 => open = 1,
                    Ok(false) => {
                        let at = at.saturating_add(52);
                        return Err(Stop::bad(at, "CRC-32 of the records of a chunk does not match"));
                    }
                    Err(Stop::Bad(..) | Stop::End(_)) if chunks >= u64::from(counted) => break,
                    Err(stop) => return Err(stop),
                }
                chunks = chunks.saturating_add(1);
                progress.parts.push(at);
                at = at.saturating_add(CHUNK_BYTES);
                progress.level = Level::Body;
                progress.good = at;
            }
            if chunks == 0 {
                return Err(Stop::bad(42, "a log without chunks"));
            }
            let reasons = [
                format!(
                    "CRC-32 of the header and of headers and records of {} chunk(s) match",
                    chunks.saturating_sub(open)
                ),
                if open > 0 {
                    "the log was not closed: the records of one chunk are newer than its checksum".to_owned()
                } else {
                    "the log was closed".to_owned()
                },
                "the unused end of each chunk is under no checksum".to_owned(),
            ];
            Ok(consistent(EVTX, at, reasons))
        })
    }
}

/// A chunk without its log around it.
fn lone_chunk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let matches = chunk(window, 0)?;
    (progress.level, progress.good) = (Level::Header, 512);
    if !matches {
        return Err(Stop::bad(52, "CRC-32 of the records of the chunk does not match"));
    }
    let reasons = [
        "a chunk whose log is elsewhere; CRC-32 of its header and records match".to_owned(),
        "the unused end of the chunk is under no checksum".to_owned(),
    ];
    Ok(consistent(CHUNK, CHUNK_BYTES, reasons))
}

/// Whether the records of the chunk at `at` match their checksum; its header must.
fn chunk(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    let head = window.array::<512>(at)?;
    let (first, tables) = (head.get(..120).unwrap_or_default(), head.get(128..).unwrap_or_default());
    let mut crc = Hasher::new();
    crc.update(first);
    crc.update(tables);
    if !head.starts_with(b"ElfChnk\0") || window.u32_le(at.saturating_add(124))? != crc.finalize() {
        return Err(Stop::bad(at, "not a chunk, or CRC-32 of its header does not match"));
    }
    let end = u64::from(window.u32_le(at.saturating_add(48))?);
    if !(512..=CHUNK_BYTES).contains(&end) {
        return Err(Stop::bad(at.saturating_add(48), "records that reach out of their chunk"));
    }
    let mut crc = Hasher::new();
    window.each(ByteRange::between(at.saturating_add(512), at.saturating_add(end)), |bytes| crc.update(bytes))?;
    let matches = window.u32_le(at.saturating_add(52))? == crc.finalize();
    window.readable(ByteRange::between(at.saturating_add(end), at.saturating_add(CHUNK_BYTES)))?;
    Ok(matches)
}
