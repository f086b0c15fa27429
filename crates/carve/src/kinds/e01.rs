//! Expert Witness images, one segment: E01 and what follows it (libewf's EWF specification).
//!
//! ```text
//! 0   13  'EVF' 09 0D 0A FF 00, 01, u16LE number of the segment, 00 00
//! 13  76  sections: type, u64LE where the next one is, u64LE size with this header, u32LE Adler-32 of the first 72 bytes; data
//! ```
//!
//! Every section header is under an Adler-32, and the last section says so by its type. Tables are compared with their own
//! checksums, chunks are not unpacked: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};
use flate2::{Decompress, FlushDecompress};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const E01: FileType = FileType { id: "e01", extension: "E01" };
const SIGNATURE: &[u8] = b"EVF\x09\x0d\x0a\xff\x00\x01";
const SECTION_BYTES: u64 = 76;
const SECTIONS_MOST: u64 = 1 << 20;

/// Segments of E01 images.
pub(crate) struct E01Segment;

impl Kind for E01Segment {
    fn id(&self) -> &'static str {
        "e01"
    }

    fn types(&self) -> &'static [FileType] {
        &[E01]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(9..13).is_none_or(|number| number != [0; 4] && number.ends_with(&[0, 0]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(E01, candidate, budget, walk)
    }
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let head = window.array::<13>(0)?;
    if !head.starts_with(SIGNATURE) || !head.ends_with(&[0, 0]) {
        return Err(Stop::bad(0, "no E01 segment"));
    }
    let (mut at, mut tables) = (13_u64, 0_u64);
    for count in 1..=SECTIONS_MOST {
        window.budget.pay(16)?;
        let header = window.array::<76>(at)?;
        let (fields, stored) = header.split_at(72);
        if adler(fields).to_le_bytes() != stored {
            return Err(Stop::bad(at, "Adler-32 of a section header does not match"));
        }
        let (next, size) = (window.u64_le(at.saturating_add(16))?, window.u64_le(at.saturating_add(24))?);
        let name = header.split(|byte| *byte == 0).next().unwrap_or_default();
        progress.level = progress.level.max(if count > 1 { Level::Body } else { Level::Header });
        let data_at = at.saturating_add(SECTION_BYTES);
        if name == b"done" || name == b"next" {
            let reasons = [
                format!("Adler-32 of all {count} section headers match, the last one says that the segment ends"),
                format!("{tables} tables of chunks with their Adler-32; chunks were not unpacked"),
            ];
            return Ok(consistent(E01, data_at, reasons));
        }
        // Some writers leave the size of a section with sectors at zero.
        if next < data_at || (size != 0 && at.saturating_add(size) != next) {
            return Err(Stop::bad(at, "a section that does not lead to the next one"));
        }
        if next > window.size() {
            return Err(Stop::End(window.size()));
        }
        if (name == b"table" || name == b"table2") && next.saturating_sub(data_at) >= 24 {
            let fixed = window.array::<24>(data_at)?;
            let (fields, stored) = fixed.split_at(20);
            if adler(fields).to_le_bytes() != stored {
                return Err(Stop::bad(data_at, "Adler-32 of a table does not match"));
            }
            tables = tables.saturating_add(1);
        }
        if matches!(name, b"header" | b"header2") && !inflates(window, ByteRange::between(data_at, next))? {
            return Err(Stop::bad(data_at, "the case's data does not inflate"));
        }
        window.readable(ByteRange::between(at, next))?;
        at = next;
        progress.good = at;
    }
    Err(Stop::Spent("limit of sections in an image"))
}

/// Whether the range is a zlib stream; its Adler-32 is compared by the decoder.
fn inflates(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    let length = usize::try_from(range.length).unwrap_or(usize::MAX);
    if length > crate::window::WINDOW_BYTES {
        return Ok(false);
    }
    window.budget.pay(1 << 16)?;
    let mut out = vec![0; 1 << 16];
    let packed = window.exact(range.offset, length)?;
    let status = Decompress::new(true).decompress(packed, &mut out, FlushDecompress::Finish);
    Ok(status.is_ok())
}

fn adler(bytes: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), byte: &u8| {
        let a = a.wrapping_add(u32::from(*byte)) % 65_521;
        (a, a.wrapping_add(b) % 65_521)
    };
    let (a, b) = bytes.iter().fold((1, 0), step);
    b << 16 | a
}
