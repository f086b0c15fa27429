//! Programs and libraries of macOS and iOS (Mach-O), for one processor or for several (fat).
//!
//! ```text
//! thin  FEEDFACE or FEEDFACF in either byte order, processor, file type @12, load commands: count @16, bytes @20
//!       commands: type, size; segments, symbols and tables that say where their bytes lie
//! fat   CAFEBABE or CAFEBABF, u32BE count; for each program processor, place, size, alignment
//! ```
//!
//! The length is the end of the last byte that a command names; in a fat file, of the last program. Of a signed program the
//! digests of all pages up to the signature are compared as well. The signature itself is not judged: *consistent*.

mod signature;
mod thin;

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const MACHO: FileType = FileType { id: "macho", extension: "macho" };
/// Programs in a fat file: Java classes share its signature, and their version would be a larger number.
const PROGRAMS_MOST: u32 = 20;

/// Mach-O files.
pub(crate) struct MachO;

impl Kind for MachO {
    fn id(&self) -> &'static str {
        "macho"
    }

    fn types(&self) -> &'static [FileType] {
        &[MACHO]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"\xca\xfe\xba"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        if head.starts_with(b"\xca\xfe\xba") {
            let count = head.get(4..8).and_then(|four| four.first_chunk()).map(|four| u32::from_be_bytes(*four));
            let is_fat = head.get(3).is_none_or(|last| matches!(last, 0xbe | 0xbf));
            return is_fat && count.is_none_or(|count| (1..=PROGRAMS_MOST).contains(&count));
        }
        thin::is_plausible(head)
    }

    /// A fat file begins with programs of this kind, and is known before them.
    fn parts_look_alike(&self) -> bool {
        true
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(MACHO, candidate, budget, |window, progress| {
            let head = window.array::<32>(0)?;
            if !self.plausible(&head) {
                return Err(Stop::bad(0, "no program"));
            }
            if head.starts_with(b"\xca\xfe\xba") {
                let (end, programs, pages) = fat(window, progress)?;
                let anchored = if pages > 0 { end } else { progress.parts.last().copied().unwrap_or(0) };
                let reasons = [
                    format!("{programs} programs lie where the table says, each with all that its commands name"),
                    said(pages),
                ];
                return Ok(consistent(MACHO, end, reasons).anchored_to(anchored));
            }
            let program = thin::Program::read(window, 0, None)?;
            progress.level = Level::Header;
            progress.good = program.commands_end;
            window.readable(ByteRange::new(0, program.end))?;
            progress.level = Level::Body;
            let pages = signature::check(window, 0, &program)?;
            let reasons = [format!("{} load commands name what lies in the file", program.commands), said(pages)];
            let anchored = if pages > 0 { program.end } else { program.commands_end };
            Ok(consistent(MACHO, program.end, reasons).anchored_to(anchored))
        })
    }
}

fn said(pages: u64) -> String {
    if pages == 0 {
        "no checksum was compared".to_owned()
    } else {
        format!("digests of {pages} page(s) match; the code signature with them is not judged")
    }
}

/// End of a fat file, its programs, and pages whose digests match.
fn fat(window: &mut Window<'_>, progress: &mut crate::stop::Progress) -> Result<(u64, u32, u64), Stop> {
    let wide = window.u32_be(0)? == 0xcafe_babf;
    let count = window.u32_be(4)?;
    let entry_bytes = if wide { 32 } else { 20 };
    let (mut end, mut pages) = (8_u64.saturating_add(u64::from(count).saturating_mul(entry_bytes)), 0_u64);
    let table_end = end;
    for index in 0..u64::from(count) {
        let entry = 8_u64.saturating_add(index.saturating_mul(entry_bytes));
        let (place, size, shift) = if wide {
            let half = |window: &mut Window<'_>, at: u64| -> Result<u64, Stop> {
                Ok((u64::from(window.u32_be(at)?) << 32) | u64::from(window.u32_be(at.saturating_add(4))?))
            };
            let (place, size) = (half(window, entry.saturating_add(8))?, half(window, entry.saturating_add(16))?);
            (place, size, window.u32_be(entry.saturating_add(24))?)
        } else {
            let place = u64::from(window.u32_be(entry.saturating_add(8))?);
            let size = u64::from(window.u32_be(entry.saturating_add(12))?);
            (place, size, window.u32_be(entry.saturating_add(16))?)
        };
        if shift > 24 || place < end || place & ((1_u64 << shift).saturating_sub(1)) != 0 || size < 32 {
            return Err(Stop::bad(entry, "a program that does not lie behind the one before"));
        }
        if place.saturating_sub(end) > 1 << shift {
            return Err(Stop::bad(entry, "a program that lies farther than its alignment asks"));
        }
        let head = window.array::<8>(place)?;
        let processor = if head.starts_with(b"\xfe\xed") {
            window.u32_be(place.saturating_add(4))?
        } else {
            window.u32_le(place.saturating_add(4))?
        };
        if processor != window.u32_be(entry)? {
            return Err(Stop::bad(place, "a program for another processor than the table says"));
        }
        let program = thin::Program::read(window, place, Some(size))?;
        if index == 0 {
            progress.level = Level::Header;
            progress.good = table_end;
        }
        window.readable(ByteRange::between(end, place.saturating_add(size)))?;
        pages = pages.saturating_add(signature::check(window, place, &program)?);
        end = place.saturating_add(size);
        progress.parts.push(place);
        progress.level = Level::Body;
        progress.good = end;
    }
    Ok((end, count, pages))
}
