//! TIFF (TIFF 6.0, Adobe 1992) and the raw formats of cameras that are TIFF: DNG, CR2, NEF, ARW, PEF, and with other first
//! bytes ORF (Olympus) and RW2 (Panasonic).
//!
//! ```text
//! 0   'II' 2A 00 or 'MM' 00 2A, u32 offset of the first directory
//! directories: u16 count; entries of 12 bytes: u16 tag, u16 type, u32 count, value or its offset; u32 next directory
//! ```
//!
//! The length is the end of the last value, strip, tile or embedded picture that any directory names. There is no
//! checksum, and bytes that nothing names are not missed: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const TIFF: FileType = FileType { id: "tiff", extension: "tif" };
const DNG: FileType = FileType { id: "dng", extension: "dng" };
const CR2: FileType = FileType { id: "cr2", extension: "cr2" };
const NEF: FileType = FileType { id: "nef", extension: "nef" };
const ARW: FileType = FileType { id: "arw", extension: "arw" };
const PEF: FileType = FileType { id: "pef", extension: "pef" };
const ORF: FileType = FileType { id: "orf", extension: "orf" };
const RW2: FileType = FileType { id: "rw2", extension: "rw2" };
const DIRECTORIES_MOST: usize = 256;
/// Strips or tiles of a picture.
const PIECES_MOST: u64 = 1 << 20;

/// TIFF pictures and raw pictures of cameras.
pub(crate) struct Tiff;

impl Kind for Tiff {
    fn id(&self) -> &'static str {
        "tiff"
    }

    fn types(&self) -> &'static [FileType] {
        &[TIFF, DNG, CR2, NEF, ARW, PEF, ORF, RW2]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"II\x2a\0", b"MM\0\x2a", b"IIRO\x08\0\0\0", b"IIRS\x08\0\0\0", b"MMOR\0\0\0\x08", b"IIU\0\x18\0\0\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let Some(&[order, _, _, _, a, b, c, d]) = head.first_chunk::<8>() else { return true };
        let first = if order == b'I' { u32::from_le_bytes([a, b, c, d]) } else { u32::from_be_bytes([a, b, c, d]) };
        (8..0x8000_0000).contains(&first)
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(TIFF, candidate, budget, |window, progress| {
            let head = window.array::<12>(0)?;
            let (little, raw) = match head.first_chunk::<4>() {
                Some(b"II\x2a\0") => (true, None),
                Some(b"MM\0\x2a") => (false, None),
                Some(b"IIRO" | b"IIRS") => (true, Some(ORF)),
                Some(b"MMOR") => (false, Some(ORF)),
                Some(b"IIU\0") => (true, Some(RW2)),
                _ => return Err(Stop::bad(0, "no TIFF signature")),
            };
            let mut walk =
                Walk { window, little, end: 8, anchored: 8, pictures: 0, raw, has_sub: false, maker: Vec::new() };
            let first = u64::from(walk.u32(4)?);
            let mut wanted = vec![first];
            let mut done: Vec<u64> = Vec::new();
            while let Some(at) = wanted.pop() {
                if at == 0 || done.contains(&at) {
                    continue;
                }
                if done.len() >= DIRECTORIES_MOST {
                    return Err(Stop::Spent("limit of directories in a TIFF"));
                }
                done.push(at);
                walk.directory(at, &mut wanted)?;
                progress.level = Level::Header;
            }
            if walk.pictures == 0 {
                return Err(Stop::bad(first, "no directory names the data of a picture"));
            }
            let file_type = match (walk.raw, walk.has_sub, walk.maker.as_slice()) {
                _ if head.get(8..10) == Some(b"CR") => CR2,
                (Some(raw), ..) => raw,
                (_, true, maker) if maker.starts_with(b"NIKON") => NEF,
                (_, true, maker) if maker.starts_with(b"SONY") => ARW,
                (_, _, maker) if maker.starts_with(b"PENTAX") => PEF,
                _ => TIFF,
            };
            let (end, anchored) = (walk.end, walk.anchored);
            let (pictures, directories) = (walk.pictures, done.len());
            progress.file_type = file_type;
            progress.level = Level::Body;
            progress.good = 8;
            window.readable(ByteRange::new(0, end))?;
            let reasons = [
                format!("{directories} directories in order, {pictures} of them with the data of a picture"),
                "the length is the end of the last byte that a directory names; the format has no checksum".to_owned(),
            ];
            Ok(consistent(file_type, end, reasons).anchored_to(anchored))
        })
    }
}

struct Walk<'w, 'a> {
    window: &'w mut Window<'a>,
    little: bool,
    end: u64,
    /// End of the last directory.
    anchored: u64,
    /// Directories with strips or tiles. One with nothing but a thumbnail is the Exif block of another picture.
    pictures: u64,
    raw: Option<FileType>,
    has_sub: bool,
    maker: Vec<u8>,
}

/// An entry of a directory: how many values of how many bytes, and where.
#[derive(Clone, Copy)]
struct Values {
    count: u64,
    width: u64,
    at: u64,
}

impl Walk<'_, '_> {
    fn u16(&mut self, at: u64) -> Result<u16, Stop> {
        if self.little { self.window.u16_le(at) } else { self.window.u16_be(at) }
    }

    fn u32(&mut self, at: u64) -> Result<u32, Stop> {
        if self.little { self.window.u32_le(at) } else { self.window.u32_be(at) }
    }

    fn number(&mut self, values: Values, index: u64) -> Result<u64, Stop> {
        let at = values.at.saturating_add(index.saturating_mul(values.width));
        if values.width == 2 { self.u16(at).map(u64::from) } else { self.u32(at).map(u64::from) }
    }

    fn reach(&mut self, at: u64, end: u64) -> Result<(), Stop> {
        if end > self.window.size() {
            return Err(Stop::End(self.window.size()));
        }
        if end > at {
            self.end = self.end.max(end);
        }
        Ok(())
    }

    fn directory(&mut self, at: u64, wanted: &mut Vec<u64>) -> Result<(), Stop> {
        let count = u64::from(self.u16(at)?);
        if count == 0 || count > 1024 {
            return Err(Stop::bad(at, "not a directory"));
        }
        let behind = at.saturating_add(2).saturating_add(count.saturating_mul(12));
        let (mut places, mut sizes, mut thumbnail) = (None, None, [None; 2]);
        for index in 0..count {
            self.window.budget.pay(12)?;
            let entry = at.saturating_add(2).saturating_add(index.saturating_mul(12));
            let (tag, values) = self.entry(entry)?;
            match tag {
                271 => {
                    let length = usize::try_from(values.count.min(16)).unwrap_or(0);
                    self.maker = self.window.exact(values.at, length)?.to_ascii_uppercase();
                }
                // Panasonic's own place of the data; the usual one is not set.
                280 if self.raw == Some(RW2) => places = Some(values),
                273 if self.raw == Some(RW2) => {}
                273 | 324 => places = places.or(Some(values)),
                279 | 325 => sizes = sizes.or(Some(values)),
                513 => thumbnail = [Some(values), thumbnail[1]],
                514 => thumbnail = [thumbnail[0], Some(values)],
                330 | 34665 | 34853 | 40965 => {
                    self.has_sub |= tag == 330;
                    for index in 0..values.count.min(64) {
                        wanted.push(self.number(values, index)?);
                    }
                }
                50706 => self.raw = Some(DNG),
                _ => {}
            }
        }
        if let (Some(places), Some(sizes)) = (places, sizes) {
            self.pieces(places, sizes)?;
            self.pictures = self.pictures.saturating_add(1);
        }
        if let [Some(places), Some(sizes)] = thumbnail {
            self.pieces(places, sizes)?;
        }
        self.reach(at, behind.saturating_add(4))?;
        self.anchored = self.anchored.max(behind.saturating_add(4));
        wanted.push(u64::from(self.u32(behind)?));
        Ok(())
    }

    /// The entry at `at`: its tag and its values, whose end counts.
    fn entry(&mut self, at: u64) -> Result<(u16, Values), Stop> {
        let (tag, kind) = (self.u16(at)?, self.u16(at.saturating_add(2))?);
        let count = u64::from(self.u32(at.saturating_add(4))?);
        let width = match kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 => 8,
            _ => return Err(Stop::bad(at, "an entry of a type that there is not")),
        };
        let length = count.saturating_mul(width);
        let inline = at.saturating_add(8);
        let place = if length <= 4 { inline } else { u64::from(self.u32(inline)?) };
        if length > 4 {
            self.reach(place, place.saturating_add(length))?;
        }
        Ok((tag, Values { count, width, at: place }))
    }

    /// Strips, tiles, or one embedded picture.
    fn pieces(&mut self, places: Values, sizes: Values) -> Result<(), Stop> {
        let width_fits = |values: Values| matches!(values.width, 2 | 4);
        if places.count != sizes.count || places.count > PIECES_MOST || !width_fits(places) || !width_fits(sizes) {
            return Err(Stop::bad(places.at, "places and sizes of strips do not go together"));
        }
        for index in 0..places.count {
            self.window.budget.pay(2)?;
            let (place, size) = (self.number(places, index)?, self.number(sizes, index)?);
            self.reach(place, place.saturating_add(size))?;
        }
        Ok(())
    }
}
