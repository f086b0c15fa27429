//! 7z archives (7zFormat.txt of the LZMA SDK).
//!
//! ```text
//! 0   '7z' BC AF 27 1C, version 0.x, u32LE CRC-32 of the next 20 bytes
//! 12  u64LE offset of the last header behind byte 32, u64LE its size, u32LE its CRC-32
//! ```
//!
//! Both headers are under a CRC-32; the packed streams between them are not unpacked here: *consistent*.

use crc32fast::Hasher;
use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const SEVEN_ZIP: FileType = FileType { id: "7z", extension: "7z" };
const SIGNATURE: &[u8] = b"7z\xbc\xaf\x27\x1c";
const START_BYTES: u64 = 32;

/// 7z archives.
pub(crate) struct SevenZip;

impl Kind for SevenZip {
    fn id(&self) -> &'static str {
        "7z"
    }

    fn types(&self) -> &'static [FileType] {
        &[SEVEN_ZIP]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(6).is_none_or(|major| *major == 0)
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(SEVEN_ZIP, candidate, budget, |window, progress| {
            let start = window.array::<32>(0)?;
            let (head, fields) = start.split_at(12);
            let stored = head.last_chunk::<4>().map(|four| u32::from_le_bytes(*four));
            if !head.starts_with(SIGNATURE) || stored != Some(crc32fast::hash(fields)) {
                return Err(Stop::bad(8, "CRC-32 of the start header does not match"));
            }
            progress.level = Level::Header;
            progress.sure(START_BYTES);
            let (offset, size, crc) = (window.u64_le(12)?, window.u64_le(20)?, window.u32_le(28)?);
            let at = START_BYTES.saturating_add(offset);
            let end = at.saturating_add(size);
            if size == 0 || end > window.size() {
                return Err(Stop::End(window.size()));
            }
            progress.level = Level::Body;
            window.readable(ByteRange::between(START_BYTES, at))?;
            let mut hasher = Hasher::new();
            window.each(ByteRange::between(at, end), |bytes| hasher.update(bytes))?;
            if hasher.finalize() != crc {
                return Err(Stop::bad(at, "CRC-32 of the last header does not match"));
            }
            let reasons = [
                "CRC-32 of the start header and of the last header match".to_owned(),
                format!("{offset} bytes of packed streams between them were not unpacked"),
            ];
            Ok(consistent(SEVEN_ZIP, end, reasons))
        })
    }
}
