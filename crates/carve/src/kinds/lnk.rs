//! Windows shortcuts (MS-SHLLINK).
//!
//! ```text
//! 0    4C 00 00 00, class id, flags @20, reserved zeros @66
//! 76   [item list: u16LE size] [link info: u32LE size] [strings: u16LE count of characters]
//! extra blocks: u32LE size, signature A00000xx, data; ended by a size below 4
//! ```
//!
//! Every part is followed to the end mark. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};

const LNK: FileType = FileType { id: "lnk", extension: "lnk" };
const SIGNATURE: &[u8] = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const HEADER_BYTES: u64 = 76;
/// Flags: an item list, link info, the first of five strings, characters of two bytes.
const ITEM_LIST: u32 = 1;
const LINK_INFO: u32 = 2;
const FIRST_STRING: u32 = 4;
const UNICODE: u32 = 0x80;
/// An item list, link info or any string: a header without them and zeros behind it would look whole.
const ANY_TARGET: u32 = 0x7f;
const EXTRA_MOST: u64 = 1 << 20;

/// Windows shortcuts.
pub(crate) struct Lnk;

impl Kind for Lnk {
    fn id(&self) -> &'static str {
        "lnk"
    }

    fn types(&self) -> &'static [FileType] {
        &[LNK]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(66..76).is_none_or(|reserved| reserved == [0; 10])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(LNK, candidate, budget, |window, progress| {
            let head = window.array::<76>(0)?;
            if !head.starts_with(SIGNATURE) || !self.plausible(&head) {
                return Err(Stop::bad(0, "no shortcut"));
            }
            let flags = window.u32_le(20)?;
            if flags & ANY_TARGET == 0 {
                return Err(Stop::bad(20, "a shortcut to nothing"));
            }
            progress.level = Level::Header;
            progress.good = HEADER_BYTES;
            let mut at = HEADER_BYTES;
            if flags & ITEM_LIST != 0 {
                at = at.saturating_add(2).saturating_add(u64::from(window.u16_le(at)?));
            }
            if flags & LINK_INFO != 0 {
                let size = u64::from(window.u32_le(at)?);
                if !(28..=EXTRA_MOST).contains(&size) {
                    return Err(Stop::bad(at, "link info of an impossible size"));
                }
                at = at.saturating_add(size);
            }
            let width = if flags & UNICODE != 0 { 2 } else { 1 };
            for string in 0..5 {
                if flags & (FIRST_STRING << string) != 0 {
                    let characters = u64::from(window.u16_le(at)?);
                    at = at.saturating_add(2).saturating_add(characters.saturating_mul(width));
                }
            }
            let mut blocks = 0_u64;
            loop {
                window.budget.pay(8)?;
                let size = u64::from(window.u32_le(at)?);
                if size < 4 {
                    at = at.saturating_add(4);
                    break;
                }
                let signature = window.u32_le(at.saturating_add(4))?;
                if !(8..=EXTRA_MOST).contains(&size) || signature >> 8 != 0x00a0_0000 {
                    return Err(Stop::bad(at, "no extra block of a shortcut"));
                }
                at = at.saturating_add(size);
                blocks = blocks.saturating_add(1);
                progress.level = Level::Body;
            }
            window.readable(ByteRange::new(0, at))?;
            let reasons = [
                format!("all parts in order, {blocks} extra block(s) and the end mark"),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(LNK, at, reasons))
        })
    }
}
