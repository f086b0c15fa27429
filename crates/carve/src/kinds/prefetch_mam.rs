//! Compressed prefetch files of Windows 10 and later.
//!
//! ```text
//! 0    'MAM', 4 (84 hexadecimal if a CRC-32 follows the size), u32LE size of the content
//! 8    blocks of 65536 bytes of content in XPRESS Huffman (MS-XCA 2.1), each behind its table of code lengths
//! ```
//!
//! Decoding gives exactly the stated size and ends where the file does; the content must be a prefetch file of that size
//! whose sections lie in it. There is no checksum of the usual ones: *consistent*.

mod xpress;

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const PACKED: FileType = FileType { id: "prefetch-mam", extension: "pf" };
/// Prefetch files are some hundred kilobytes at most.
const SIZE_MOST: u64 = 16 << 20;

/// Compressed prefetch files.
pub(crate) struct PrefetchMam;

impl Kind for PrefetchMam {
    fn id(&self) -> &'static str {
        "prefetch-mam"
    }

    fn types(&self) -> &'static [FileType] {
        &[PACKED]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"MAM\x04", b"MAM\x84"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let size = head.get(4..8).and_then(|four| four.first_chunk()).map(|four| u32::from_le_bytes(*four));
        size.is_none_or(|size| (84..=SIZE_MOST).contains(&u64::from(size)))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PACKED, candidate, budget, |window, progress| {
            let head = window.array::<8>(0)?;
            let is_packed = self.signatures().iter().any(|signature| head.starts_with(signature));
            if !is_packed || !self.plausible(&head) {
                return Err(Stop::bad(0, "no compressed prefetch file"));
            }
            let size = window.u32_le(4)?;
            let start = if head.get(3) == Some(&0x84) { 12 } else { 8 };
            let length = usize::try_from(size).unwrap_or(0);
            let _memory = window.budget.memory(u64::from(size))?;
            // The beginning tells whether it is a prefetch file at all.
            let (first, _) = xpress::decode(window, start, length.min(16))?;
            let is_prefetch = matches!(first.as_slice(), [17..=40, 0, 0, 0, b'S', b'C', b'C', b'A', ..])
                && first.get(12..16) == Some(&size.to_le_bytes());
            if !is_prefetch {
                return Err(Stop::bad(start, "the content is no prefetch file of the stated size"));
            }
            progress.level = Level::Header;
            progress.good = start;
            let (content, end) = xpress::decode(window, start, length)?;
            if !sections_fit(&content) {
                return Err(Stop::bad(start, "sections that do not lie in the content in order"));
            }
            let reasons = [
                format!("decodes to exactly {size} bytes, a prefetch file whose sections lie in order in it"),
                "no checksum was compared".to_owned(),
            ];
            Ok(consistent(PACKED, end, reasons))
        })
    }
}

/// File metrics, trace chains, file names, volumes: place, and count or size.
fn sections_fit(content: &[u8]) -> bool {
    let word = |at: usize| {
        let four = content.get(at..).and_then(|rest| rest.first_chunk());
        four.map_or(u64::MAX, |four| u64::from(u32::from_le_bytes(*four)))
    };
    let (metrics, chains, names, volumes) = (word(84), word(92), word(100), word(108));
    84 < metrics
        && metrics <= chains
        && chains <= names
        && names.saturating_add(word(104)) <= volumes
        && volumes.saturating_add(word(116)) <= content.len() as u64
}
