//! Windows programs and libraries (PE/COFF).
//!
//! ```text
//! 0    'MZ', u32LE place of the PE header @60
//! PE   'PE' 0 0, machine, u16LE sections @6, u16LE size of the optional header @20, magic 10B or 20B
//! sections   40 bytes each: size @16 and place @20 of their data
//! ```
//!
//! The length is the end of the last section or of the certificates behind it. What an installer puts behind that is not
//! known to the header: *consistent*, and perhaps only the program without its payload. Many programs state a checksum, a sum
//! of 16 bits and the length; if it does not match the program is *partial*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const PE: FileType = FileType { id: "pe", extension: "exe" };

/// Windows programs.
pub(crate) struct Pe;

impl Kind for Pe {
    fn id(&self) -> &'static str {
        "pe"
    }

    fn types(&self) -> &'static [FileType] {
        &[PE]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"MZ"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let Some(place) = head.get(60..64).and_then(|four| four.first_chunk()) else { return true };
        let place = u32::from_le_bytes(*place) as usize;
        let near = (64..=4096).contains(&place) && place.is_multiple_of(4);
        near && head.get(place..place.saturating_add(4)).is_none_or(|mark| mark == b"PE\0\0")
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PE, candidate, budget, |window, progress| {
            let head = window.array::<64>(0)?;
            if !head.starts_with(b"MZ") || !self.plausible(&head) {
                return Err(Stop::bad(0, "no DOS header of a program"));
            }
            let at = u64::from(window.u32_le(60)?);
            let sections = u64::from(window.u16_le(at.saturating_add(6))?);
            let optional = u64::from(window.u16_le(at.saturating_add(20))?);
            let optional_at = at.saturating_add(24);
            let wide = match window.u16_le(optional_at)? {
                0x10b => false,
                0x20b => true,
                _ => return Err(Stop::bad(optional_at, "no optional header")),
            };
            let is_pe = window.u32_le(at)? == 0x0000_4550;
            if !is_pe || sections == 0 || sections > 96 || optional < if wide { 112 } else { 96 } {
                return Err(Stop::bad(at, "no PE header"));
            }
            progress.level = Level::Header;
            let table = optional_at.saturating_add(optional);
            let mut end = u64::from(window.u32_le(optional_at.saturating_add(60))?);
            if end < table.saturating_add(sections.saturating_mul(40)) {
                return Err(Stop::bad(optional_at, "headers larger than their stated size"));
            }
            progress.good = 64;
            for index in 0..sections {
                let section = table.saturating_add(index.saturating_mul(40));
                let size = u64::from(window.u32_le(section.saturating_add(16))?);
                let place = u64::from(window.u32_le(section.saturating_add(20))?);
                if size > 0 && place > 0 {
                    end = end.max(place.saturating_add(size));
                }
            }
            // The fifth data directory names the certificates: the only one that counts from the file's beginning.
            let directories = optional_at.saturating_add(if wide { 108 } else { 92 });
            let signed = if window.u32_le(directories)? > 4 {
                let entry = directories.saturating_add(4 + 4 * 8);
                let (place, size) = (window.u32_le(entry)?, window.u32_le(entry.saturating_add(4))?);
                let reach = u64::from(place).saturating_add(u64::from(size));
                let signed = place > 0 && size > 0 && u64::from(place) >= end;
                end = if signed { reach } else { end };
                signed
            } else {
                false
            };
            window.readable(ByteRange::new(0, end))?;
            let sum_at = optional_at.saturating_add(64);
            let stated = window.u32_le(sum_at)?;
            if stated != 0 && stated != checksum(window, end, sum_at)? {
                progress.level = Level::Body;
                progress.good = end;
                let what =
                    "the program's checksum counts other bytes: more is put behind the last section, or some are wrong";
                return Err(Stop::bad(end, what));
            }
            let reasons = [
                format!("{sections} sections{} lie in the file", if signed { " and certificates" } else { "" }),
                if stated == 0 {
                    "no checksum is stated; what is put behind the last section (installers) is not part of it"
                        .to_owned()
                } else {
                    "the checksum over the file matches: a sum of 16 bits and the length".to_owned()
                },
            ];
            let anchored = if stated == 0 { table.saturating_add(sections.saturating_mul(40)) } else { end };
            Ok(consistent(PE, end, reasons).anchored_to(anchored))
        })
    }
}

/// The checksum of the file's first `end` bytes: the sum of its words folded to 16 bits, without the field itself, and the
/// length.
fn checksum(window: &mut Window<'_>, end: u64, field: u64) -> Result<u32, Stop> {
    let (mut sum, mut at) = (0_u64, 0_u64);
    window.each(ByteRange::new(0, end), |bytes| {
        for byte in bytes {
            if !(field..field.saturating_add(4)).contains(&at) {
                sum = sum.wrapping_add(u64::from(*byte) << if at.is_multiple_of(2) { 0 } else { 8 });
            }
            at = at.saturating_add(1);
        }
    })?;
    while sum > 0xffff {
        sum = (sum & 0xffff).wrapping_add(sum >> 16);
    }
    Ok(u32::try_from(sum.saturating_add(end)).unwrap_or(0))
}
