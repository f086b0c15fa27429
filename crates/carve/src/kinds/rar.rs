//! RAR archives: version 5 (RAR 5.0 archive format, rarlab.com), and before ([`old`]).
//!
//! ```text
//! 'Rar!' 1A 07 01 00
//! blocks: u32LE CRC-32 of what follows in the header; vint header size; vint type, flags, [extra size], [data size] …; data
//! the block of type 5 ends the archive
//! ```
//!
//! Each header is under a CRC-32; packed data is not unpacked here: *consistent*.

mod old;

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const RAR: FileType = FileType { id: "rar", extension: "rar" };
const SIGNATURE: &[u8] = b"Rar!\x1a\x07\x01\x00";
/// A header is smaller than this (the format's own limit is 2 MiB; names and extra fields rarely come to more than this).
const HEADER_MOST: u64 = 60 * 1024;
const END_OF_ARCHIVE: u64 = 5;

/// RAR archives.
pub(crate) struct Rar;

impl Kind for Rar {
    fn id(&self) -> &'static str {
        "rar"
    }

    fn types(&self) -> &'static [FileType] {
        &[RAR]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE, old::SIGNATURE]
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(RAR, candidate, budget, |window, progress| {
            if window.exact(0, 7)? == old::SIGNATURE {
                return old::walk(window, progress);
            }
            if window.exact(0, 8)? != SIGNATURE {
                return Err(Stop::bad(0, "no RAR 5 signature"));
            }
            let (mut at, mut blocks) = (8_u64, 0_u64);
            loop {
                window.budget.pay(16)?;
                let crc = window.u32_le(at)?;
                let sizes_at = at.saturating_add(4);
                let (size, used) =
                    vint(window.some(sizes_at, 3)?).ok_or_else(|| Stop::bad(sizes_at, "a header size that is none"))?;
                let length = size.saturating_add(used as u64);
                if size < 2 || length > HEADER_MOST {
                    return Err(Stop::bad(sizes_at, "a header size that is none"));
                }
                let header = window.exact(sizes_at, usize::try_from(length).unwrap_or(0))?;
                if crc32fast::hash(header) != crc {
                    return Err(Stop::bad(at, "CRC-32 of a header does not match"));
                }
                let (kind, data) = fields(header.get(used..).unwrap_or_default())
                    .ok_or_else(|| Stop::bad(at, "a header whose fields do not fit"))?;
                let data_at = sizes_at.saturating_add(length);
                progress.level = progress.level.max(Level::Header);
                blocks = blocks.saturating_add(1);
                if kind == END_OF_ARCHIVE {
                    let reasons = [
                        format!("CRC-32 of all {blocks} block headers up to the end of the archive match"),
                        "packed data was not unpacked".to_owned(),
                    ];
                    return Ok(consistent(RAR, data_at, reasons));
                }
                progress.good = data_at;
                window.readable(ByteRange::new(data_at, data))?;
                progress.level = Level::Body;
                at = data_at.saturating_add(data);
                progress.good = at;
            }
        })
    }
}

/// Type of a block and size of its data.
fn fields(mut header: &[u8]) -> Option<(u64, u64)> {
    let mut next = || {
        let (value, used) = vint(header)?;
        header = header.get(used..)?;
        Some(value)
    };
    let (kind, flags) = (next()?, next()?);
    if flags & 1 != 0 {
        next()?;
    }
    let data = if flags & 2 != 0 { next()? } else { 0 };
    Some((kind, data))
}

/// A number of 7 bits a byte, the lowest first, and its length.
fn vint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index.saturating_add(1)));
        }
    }
    None
}
