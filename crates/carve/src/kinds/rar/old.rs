//! Version 4 and before: blocks with a CRC-16 each, which is the lower half of a CRC-32.
//!
//! ```text
//! 'Rar!' 1A 07 00
//! blocks: u16LE CRC, type (73 archive, 74 file, 75 to 7A others, 7B end), u16LE flags, u16LE size of the header; with flag 8000
//! u32LE size of the data behind it (a file's has another u32 in its header if its flag 100 is set)
//! ```

use exhibit_evidence::ByteRange;

use super::RAR;
use crate::stop::{Progress, Stop};
use crate::verdict::{Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

pub(super) const SIGNATURE: &[u8] = b"Rar!\x1a\x07\x00";
const ARCHIVE: u8 = 0x73;
const FILE: u8 = 0x74;
const NEW_SUBBLOCK: u8 = 0x7a;
const END: u8 = 0x7b;

/// Follows the blocks to the one that ends the archive.
pub(super) fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let (mut at, mut blocks, mut files) = (7_u64, 0_u64, 0_u64);
    loop {
        window.budget.pay(16)?;
        let head = window.array::<7>(at)?;
        let [crc0, crc1, kind, f0, f1, s0, s1] = head;
        let (flags, size) = (u16::from_le_bytes([f0, f1]), u16::from_le_bytes([s0, s1]));
        if size < 7 || !(ARCHIVE..=END).contains(&kind) || (blocks == 0 && kind != ARCHIVE) {
            return Err(Stop::bad(at, "no block of a RAR archive, and no block that ends it came before"));
        }
        let header = window.exact(at, usize::from(size))?;
        let fields = header.get(2..).unwrap_or_default();
        let covered = crc32fast::hash(fields) as u16;
        // Comments are not under the checksum of an old archive header.
        if covered != u16::from_le_bytes([crc0, crc1]) {
            return Err(Stop::bad(at, "CRC-16 of a header does not match"));
        }
        let long = |place: usize| {
            let four = fields.get(place..).and_then(|rest| rest.first_chunk::<4>());
            four.map_or(0, |four| u64::from(u32::from_le_bytes(*four)))
        };
        let mut data = if flags & 0x8000 != 0 || kind == FILE { long(5) } else { 0 };
        if matches!(kind, FILE | NEW_SUBBLOCK) && flags & 0x100 != 0 {
            data |= long(30) << 32;
        }
        let data_at = at.saturating_add(u64::from(size));
        blocks = blocks.saturating_add(1);
        files = files.saturating_add(u64::from(kind == FILE));
        progress.level = progress.level.max(Level::Header);
        if kind == END {
            let reasons = [
                format!(
                    "CRC-16 of all {blocks} block headers up to the end of the archive match, {files} file(s) among them"
                ),
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
}
