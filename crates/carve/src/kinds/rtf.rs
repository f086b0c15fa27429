//! Rich Text Format (RTF 1.9.1).
//!
//! ```text
//! {\rtf1 … {groups} \control words \{ \} \\ literals, \binN followed by N bytes … }
//! ```
//!
//! The file ends with the brace that closes the first one. There is no checksum: *consistent*.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::text::{Encoding, Reader};
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

/// Characters before the last brace, in its sector, by which it is known.
const LAST_LEAST: u64 = 16;
/// Fragments begin at multiples of this, in bytes.
const SECTOR_BYTES: u64 = 512;
const RTF: FileType = FileType { id: "rtf", extension: "rtf" };
/// Groups within groups.
const DEPTH_MOST: u64 = 4096;

/// RTF documents.
pub(crate) struct Rtf;

impl Kind for Rtf {
    fn id(&self) -> &'static str {
        "rtf"
    }

    fn types(&self) -> &'static [FileType] {
        &[RTF]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"{\\rtf1"]
    }

    fn may_hide_others(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(RTF, candidate, budget, |window, progress| {
            if window.exact(0, 6)? != b"{\\rtf1" {
                return Err(Stop::bad(0, "no RTF"));
            }
            progress.level = Level::Header;
            let (mut at, mut depth, mut groups) = (1_u64, 1_u64, 1_u64);
            while depth > 0 {
                let bytes = window.some(at, 16 * 1024)?;
                let plain = bytes.iter().position(|byte| matches!(byte, b'{' | b'}' | b'\\') || is_foreign(*byte));
                let length = plain.unwrap_or(bytes.len()) as u64;
                let found = plain.and_then(|index| bytes.get(index)).copied();
                at = at.saturating_add(length);
                window.budget.pay(1)?;
                match found {
                    None => continue,
                    Some(b'{') => (depth, groups) = (depth.saturating_add(1), groups.saturating_add(1)),
                    Some(b'}') => depth = depth.saturating_sub(1),
                    Some(b'\\') => at = control(window, at)?,
                    Some(_) => return Err(Stop::bad(at, "a byte that RTF does not have")),
                }
                if depth > DEPTH_MOST {
                    return Err(Stop::bad(at, "groups too deep"));
                }
                at = at.saturating_add(1);
                progress.good = at;
                if groups > 1 {
                    progress.level = Level::Body;
                }
            }
            let reasons = [
                format!("{groups} groups open and close, the last brace ends the document"),
                "the format has no checksum".to_owned(),
            ];
            // A brace stands in random data, too: but hardly behind nothing but characters.
            let from = at.saturating_sub(1) / SECTOR_BYTES * SECTOR_BYTES;
            let last = window.exact(from, usize::try_from(at.saturating_sub(from)).unwrap_or(0))?;
            let others = last.iter().filter(|byte| !byte.is_ascii()).count();
            if others.saturating_mul(8) > last.len() {
                return Err(Stop::bad(from, "a last brace behind what is no text"));
            }
            let mut reader = Reader::new(window, Encoding::Byte, at);
            // Too few characters there to be sure of them.
            let anchored = if at.saturating_sub(from) < LAST_LEAST { from } else { u64::MAX };
            Ok(consistent(RTF, reader.end_of_text()?, reasons).anchored_to(anchored))
        })
    }
}

/// RTF is text of seven bits; some writers put characters of their code page into it.
const fn is_foreign(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\r' | b'\n' | b'\t' | 0)
}

/// The last byte of the control word or symbol whose backslash stands at `at`, and of the binary data that belongs to it.
fn control(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    let word = window.some(at.saturating_add(1), 32)?;
    let Some(digits) = word.strip_prefix(b"bin") else { return Ok(at.saturating_add(1)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = digits.iter().take(count.min(10)).fold(0_u64, |n, digit| n * 10 + u64::from(digit - b'0'));
    let space = u64::from(digits.get(count) == Some(&b' '));
    let next = at.saturating_add(3).saturating_add(count as u64).saturating_add(space).saturating_add(length);
    if next >= window.size() {
        return Err(Stop::End(window.size()));
    }
    Ok(next)
}
