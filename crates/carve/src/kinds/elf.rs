//! ELF programs and libraries (System V ABI, gABI 4.1).
//!
//! ```text
//! 0   7F 'ELF', class (32 or 64 bits), byte order, version; tables of segments and sections: place, entry size, count
//! ```
//!
//! The length is the end of the last header table, segment or section. There is no checksum, and data that was put behind
//! all of them is not seen: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const ELF: FileType = FileType { id: "elf", extension: "elf" };
/// A section without bytes in the file.
const NOBITS: u64 = 8;

/// ELF files.
pub(crate) struct Elf;

impl Kind for Elf {
    fn id(&self) -> &'static str {
        "elf"
    }

    fn types(&self) -> &'static [FileType] {
        &[ELF]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\x7fELF"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(4..7).is_none_or(|ident| matches!(ident, [1 | 2, 1 | 2, 1]))
            && head.get(9..16).is_none_or(|padding| padding == [0; 7])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(ELF, candidate, budget, |window, progress| {
            let head = window.array::<52>(0)?;
            if !head.starts_with(b"\x7fELF") || !self.plausible(&head) {
                return Err(Stop::bad(0, "no ELF header"));
            }
            let mut walk = Walk { window, wide: head[4] == 2, little: head[5] == 1 };
            let (end, anchored, [segments, sections]) = walk.tables()?;
            progress.level = Level::Header;
            progress.good = 52;
            window.readable(ByteRange::new(0, end))?;
            let reasons = [
                format!("{segments} segments and {sections} sections lie in the file, one of them or a table ends it"),
                "the format has no checksum; data put behind the last section is not seen".to_owned(),
            ];
            Ok(consistent(ELF, end, reasons).anchored_to(anchored))
        })
    }
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    wide: bool,
    little: bool,
}

impl Walk<'_, '_> {
    /// A number of `width` bytes at `at`.
    fn number(&mut self, at: u64, width: usize) -> Result<u64, Stop> {
        let bytes = self.window.exact(at, width)?;
        let add = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
        Ok(if self.little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) })
    }

    /// The end of the file, that of the last table, and how many segments and sections there are.
    fn tables(&mut self) -> Result<(u64, u64, [u64; 2]), Stop> {
        // Places of the fields: table of segments, of sections, size of this header, entry sizes and counts.
        let (word, header_at, header_size, segment_size, section_size) =
            if self.wide { (8, [32, 40, 52], 64, 56, 64) } else { (4, [28, 32, 40], 52, 32, 40) };
        let [segments_at, sections_at, sizes_at] = header_at;
        let (segments, sections) = (self.number(segments_at, word)?, self.number(sections_at, word)?);
        let mut half = |index: u64| self.number(sizes_at.saturating_add(2_u64.saturating_mul(index)), 2);
        let [own, segment_entry, segment_count, section_entry, section_count, names_index] =
            [half(0)?, half(1)?, half(2)?, half(3)?, half(4)?, half(5)?];
        let fits = own == header_size
            && (segment_count == 0 || segment_entry == segment_size)
            && (section_count == 0 || section_entry == section_size)
            && segment_count.saturating_add(section_count) > 0;
        if !fits {
            return Err(Stop::bad(sizes_at, "sizes of headers that are none"));
        }
        let table_end =
            |at: u64, size: u64, count: u64| if count == 0 { 0 } else { at.saturating_add(size.saturating_mul(count)) };
        let mut end = own.max(table_end(segments, segment_size, segment_count));
        end = end.max(table_end(sections, section_size, section_count));
        let anchored = end;
        for index in 0..segment_count {
            let at = segments.saturating_add(index.saturating_mul(segment_size));
            let (place, size) = if self.wide { (8, 32) } else { (4, 16) };
            end = end.max(self.extent(at.saturating_add(place), at.saturating_add(size), word)?);
        }
        for index in 0..section_count {
            let at = sections.saturating_add(index.saturating_mul(section_size));
            let (place, size) = if self.wide { (24, 32) } else { (16, 20) };
            let kind = self.number(at.saturating_add(4), 4)?;
            let alignment = self.number(at.saturating_add(if self.wide { 48 } else { 32 }), word)?;
            if alignment != 0 && !alignment.is_power_of_two() {
                return Err(Stop::bad(at, "a section with an alignment that there is not"));
            }
            let reach = self.extent(at.saturating_add(place), at.saturating_add(size), word)?;
            if kind != NOBITS && kind != 0 {
                end = end.max(reach);
            }
        }
        if names_index != 0 && names_index < section_count {
            self.names(sections, section_count, names_index)?;
        }
        if end > self.window.size() {
            return Err(Stop::End(self.window.size()));
        }
        Ok((end, anchored, [segment_count, section_count]))
    }

    /// Whether the names of all sections are texts in the section that holds them: what lies elsewhere does not look so.
    fn names(&mut self, sections: u64, count: u64, index: u64) -> Result<(), Stop> {
        let (word, size, place_at) = if self.wide { (8, 64, 24) } else { (4, 40, 16) };
        let header = sections.saturating_add(index.saturating_mul(size));
        let place = self.number(header.saturating_add(place_at), word)?;
        let length = self.number(header.saturating_add(place_at).saturating_add(word as u64), word)?;
        let bad = || Stop::bad(place, "names of sections that are none");
        let last = place.saturating_add(length).saturating_sub(1);
        if length == 0 || self.window.u8(place)? != 0 || self.window.u8(last)? != 0 {
            return Err(bad());
        }
        for section in 0..count {
            self.window.budget.pay(4)?;
            let name = self.number(sections.saturating_add(section.saturating_mul(size)), 4)?;
            if name >= length {
                return Err(bad());
            }
        }
        Ok(())
    }

    /// Where the bytes end whose place and size are stated at these offsets.
    fn extent(&mut self, place_at: u64, size_at: u64, word: usize) -> Result<u64, Stop> {
        self.window.budget.pay(16)?;
        let (place, size) = (self.number(place_at, word)?, self.number(size_at, word)?);
        Ok(if size == 0 { 0 } else { place.saturating_add(size) })
    }
}
