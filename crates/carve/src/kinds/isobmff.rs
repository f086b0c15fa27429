//! ISO base media files (ISO/IEC 14496-12): MP4, QuickTime, M4A, 3GP films and sound; HEIC and AVIF pictures; Canon's CR3.
//!
//! ```text
//! boxes: u32BE size (1: u64BE follows; 0: to the end), 4 letters, data
//! 'ftyp' first; 'moov' with the tables of a film, or 'meta' with the places of pictures; 'mdat' with the data
//! ```
//!
//! The file ends with the last box that is known. All chunks that the tables of a film name, or all extents of pictures,
//! must lie in its data. There is no checksum: *consistent*. A recording in fragments has no table of all its data; it is
//! whole only if its own index of fragments (`mfra`) ends it. Data behind all tables is looked at as far as its codec allows.

mod data;

use data::{Codec, Track};
use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const MP4: FileType = FileType { id: "mp4", extension: "mp4" };
const MOV: FileType = FileType { id: "mov", extension: "mov" };
const M4A: FileType = FileType { id: "m4a", extension: "m4a" };
const THREE_GP: FileType = FileType { id: "3gp", extension: "3gp" };
const CR3: FileType = FileType { id: "cr3", extension: "cr3" };
const HEIC: FileType = FileType { id: "heic", extension: "heic" };
const AVIF: FileType = FileType { id: "avif", extension: "avif" };
/// Boxes that lie outside of others.
const OUTER: [&[u8; 4]; 17] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"meta", b"uuid", b"moof", b"mfra", b"sidx", b"styp",
    b"pdin", b"pnot", b"udta", b"emsg", b"prft",
];
/// Boxes on the way to the tables.
const INNER: [&[u8; 4]; 3] = [b"mdia", b"minf", b"stbl"];
const DEPTH_MOST: u32 = 6;
const BOXES_MOST: u64 = 1 << 20;

/// Films and sound, or pictures.
pub(crate) struct Media {
    pictures: bool,
}

/// MP4, QuickTime, M4A, 3GP.
pub(crate) static MOVIES: Media = Media { pictures: false };
/// HEIC, AVIF.
pub(crate) static HEIF: Media = Media { pictures: true };

impl Kind for Media {
    fn id(&self) -> &'static str {
        if self.pictures { "heic" } else { "mp4" }
    }

    fn types(&self) -> &'static [FileType] {
        if self.pictures { &[HEIC, AVIF] } else { &[MP4, MOV, M4A, THREE_GP, CR3] }
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"ftyp"]
    }

    fn signature_at(&self) -> usize {
        4
    }

    fn plausible(&self, head: &[u8]) -> bool {
        let size = head.first_chunk::<4>().map(|four| u32::from_be_bytes(*four));
        let brand = head.get(8..12).unwrap_or_default();
        size.is_none_or(|size| (12..=512).contains(&size) && size.is_multiple_of(4))
            && brand.iter().all(|byte| (0x20..0x7f).contains(byte))
            && (brand.len() < 4 || self.types().contains(&of_brand(brand)))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let first = if self.pictures { HEIC } else { MP4 };
        follow(first, candidate, budget, |window, progress| {
            let head = window.array::<12>(0)?;
            if !self.plausible(&head) || head.get(4..8) != Some(b"ftyp") {
                return Err(Stop::bad(0, "no file type box"));
            }
            progress.file_type = of_brand(head.get(8..).unwrap_or_default());
            let mut file = Boxes::default();
            file.outer(window, progress)?;
            let whole = file.whole(progress.file_type)?;
            let anchored = file.anchored(window)?;
            Ok(whole.anchored_to(anchored))
        })
    }
}

fn of_brand(brand: &[u8]) -> FileType {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"hevc" => HEIC,
        b"avif" | b"avis" => AVIF,
        b"qt  " => MOV,
        b"M4A " | b"M4B " => M4A,
        b"crx " => CR3,
        [b'3', b'g', ..] => THREE_GP,
        _ => MP4,
    }
}

/// What was met.
#[derive(Default)]
struct Boxes {
    data: Vec<ByteRange>,
    /// Places in the file that tables name.
    named: u64,
    lowest: Option<u64>,
    highest: u64,
    has_table: bool,
    fragments: u64,
    index: bool,
    count: u64,
    end: u64,
    /// End of the last box that is more than data.
    tables_end: u64,
    /// The one whose tables are read, and those that were.
    track: Track,
    tracks: Vec<Track>,
    /// Pictures: number and coding of each, size of the lengths in coded ones, places.
    items: Vec<(u64, [u8; 4])>,
    length_size: Option<u8>,
    extents: Vec<(u64, ByteRange)>,
}

/// Tracks and extents of pictures that are looked at.
const TRACKS_MOST: usize = 64;
const EXTENTS_MOST: usize = 4096;

/// Size of the header, name and offset behind the box at `at`; `None` for a box that reaches to the end of the file.
fn open(window: &mut Window<'_>, at: u64) -> Result<Option<(u64, [u8; 4], u64)>, Stop> {
    let [a, b, c, d, name @ ..] = window.array::<8>(at)?;
    let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
        0 => return Ok(None),
        1 => (16, u64::from_be_bytes(window.array::<8>(at.saturating_add(8))?)),
        size => (8, u64::from(size)),
    };
    match at.checked_add(size) {
        Some(next) if size >= header => Ok(Some((header, name, next))),
        _ => Err(Stop::bad(at, "a box smaller than its own header, or larger than anything")),
    }
}

impl Boxes {
    fn outer(&mut self, window: &mut Window<'_>, progress: &mut Progress) -> Result<(), Stop> {
        let mut at = 0_u64;
        loop {
            let known = match window.exact(at, 8) {
                Ok([.., a, b, c, d]) => OUTER.contains(&&[*a, *b, *c, *d]) && (at == 0 || [*a, *b, *c, *d] != *b"ftyp"),
                Ok(_) | Err(Stop::End(_) | Stop::Unreadable(_)) => false,
                Err(stop) => return Err(stop),
            };
            if !known {
                self.end = at;
                return Ok(());
            }
            self.pay(window)?;
            let Some((header, name, next)) = open(window, at)? else {
                return Err(Stop::bad(at, "a box that reaches to the end of a file of unknown length"));
            };
            let inside = at.saturating_add(header);
            match &name {
                b"mdat" => self.data.push(ByteRange::between(inside, next)),
                b"free" | b"skip" => {}
                b"moov" => self.film(window, inside, next, 0)?,
                b"meta" => self.pictures(window, inside, next)?,
                b"moof" => self.fragments = self.fragments.saturating_add(1),
                b"mfra" => self.index = true,
                _ => {}
            }
            if !matches!(&name, b"mdat" | b"free" | b"skip") {
                self.tables_end = next;
            }
            progress.level = if at == 0 { Level::Header } else { Level::Body };
            progress.good = at;
            window.readable(ByteRange::between(at, next))?;
            progress.good = next;
            at = next;
        }
    }

    fn pay(&mut self, window: &Window<'_>) -> Result<(), Stop> {
        self.count = self.count.saturating_add(1);
        if self.count > BOXES_MOST {
            return Err(Stop::Spent("limit of boxes in a media file"));
        }
        window.budget.pay(16)
    }

    /// The tables of chunks below `moov`.
    fn film(&mut self, window: &mut Window<'_>, mut at: u64, end: u64, depth: u32) -> Result<(), Stop> {
        while at.saturating_add(8) <= end {
            self.pay(window)?;
            let Some((header, name, next)) = open(window, at)?.filter(|(.., next)| *next <= end) else {
                return Err(Stop::bad(at, "a box that reaches out of the one around it"));
            };
            let inside = at.saturating_add(header);
            match &name {
                b"stco" => self.chunks(window, inside, next, 4)?,
                b"co64" => self.chunks(window, inside, next, 8)?,
                b"stsd" => self.track.codec = Codec::of_description(window, ByteRange::between(inside, next))?,
                b"stsz" => self.track.sizes = Some(ByteRange::between(inside, next)),
                b"stsc" => self.track.runs = Some(ByteRange::between(inside, next)),
                b"trak" if depth < DEPTH_MOST => {
                    self.film(window, inside, next, depth.saturating_add(1))?;
                    let track = std::mem::take(&mut self.track);
                    if self.tracks.len() < TRACKS_MOST {
                        self.tracks.push(track);
                    }
                }
                name if INNER.contains(&name) && depth < DEPTH_MOST => {
                    self.film(window, inside, next, depth.saturating_add(1))?;
                }
                _ => {}
            }
            at = next;
        }
        Ok(())
    }

    fn chunks(&mut self, window: &mut Window<'_>, at: u64, end: u64, width: u64) -> Result<(), Stop> {
        let count = u64::from(window.u32_be(at.saturating_add(4))?);
        let first = at.saturating_add(8);
        if first.saturating_add(count.saturating_mul(width)) > end {
            return Err(Stop::bad(at, "a table of chunks longer than its box"));
        }
        self.has_table = true;
        self.track.chunks = Some((ByteRange::between(at, end), width));
        for index in 0..count {
            window.budget.pay(1)?;
            let place = first.saturating_add(index.saturating_mul(width));
            let offset = if width == 4 {
                u64::from(window.u32_be(place)?)
            } else {
                u64::from_be_bytes(window.array::<8>(place)?)
            };
            self.name(offset, 1);
        }
        Ok(())
    }

    fn name(&mut self, offset: u64, length: u64) {
        self.named = self.named.saturating_add(1);
        self.lowest = Some(self.lowest.map_or(offset, |lowest| lowest.min(offset)));
        self.highest = self.highest.max(offset.saturating_add(length));
    }

    /// The item locations (`iloc`) below `meta`.
    fn pictures(&mut self, window: &mut Window<'_>, inside: u64, end: u64) -> Result<(), Stop> {
        let mut at = inside.saturating_add(4);
        while at.saturating_add(8) <= end {
            self.pay(window)?;
            let Some((header, name, next)) = open(window, at)?.filter(|(.., next)| *next <= end) else {
                // QuickTime writes `meta` without version: it names no pictures.
                return Ok(());
            };
            let inner = at.saturating_add(header);
            match &name {
                b"iloc" => self.locations(window, inner, next)?,
                b"iinf" => self.kinds_of_items(window, inner, next)?,
                b"iprp" => {
                    // The configuration of the coded pictures is a property among others.
                    let length = next.saturating_sub(inner).min(65_536);
                    let bytes = window.exact(inner, usize::try_from(length).unwrap_or(0))?;
                    let name = memchr::memmem::find(bytes, b"hvcC");
                    let byte = name.and_then(|name| bytes.get(name.saturating_add(4 + 21)));
                    self.length_size = byte.map(|byte| (byte & 3) + 1);
                }
                _ => {}
            }
            at = next;
        }
        Ok(())
    }

    fn locations(&mut self, window: &mut Window<'_>, at: u64, end: u64) -> Result<(), Stop> {
        let version = window.u8(at)?;
        let [sizes, more] = window.array::<2>(at.saturating_add(4))?;
        let (offset_size, length_size, base_size) = (sizes >> 4, sizes & 15, more >> 4);
        let index_size = if version == 0 { 0 } else { more & 15 };
        let bad = || Stop::bad(at, "a table of pictures that does not fit its box");
        if version > 2
            || [offset_size, length_size, base_size, index_size].iter().any(|size| !matches!(size, 0 | 4 | 8))
        {
            return Err(bad());
        }
        let mut place = at.saturating_add(6);
        let mut number = |window: &mut Window<'_>, size: u8| -> Result<u64, Stop> {
            let value = match size {
                0 => 0,
                2 => u64::from(window.u16_be(place)?),
                4 => u64::from(window.u32_be(place)?),
                _ => u64::from_be_bytes(window.array::<8>(place)?),
            };
            place = place.saturating_add(u64::from(size));
            if place > end { Err(bad()) } else { Ok(value) }
        };
        let items = number(window, if version < 2 { 2 } else { 4 })?;
        for _ in 0..items {
            window.budget.pay(16)?;
            let id = number(window, if version < 2 { 2 } else { 4 })?;
            let method = if version == 0 { 0 } else { number(window, 2)? & 15 };
            number(window, 2)?;
            let base = number(window, base_size)?;
            for _ in 0..number(window, 2)? {
                window.budget.pay(16)?;
                number(window, index_size)?;
                let (offset, length) = (number(window, offset_size)?, number(window, length_size)?);
                if method == 0 {
                    self.name(base.saturating_add(offset), length);
                    self.has_table = true;
                    if self.extents.len() < EXTENTS_MOST {
                        self.extents.push((id, ByteRange::new(base.saturating_add(offset), length)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Number and coding of each picture (`iinf` with `infe` of version 2 or 3).
    fn kinds_of_items(&mut self, window: &mut Window<'_>, at: u64, end: u64) -> Result<(), Stop> {
        let mut entry = at.saturating_add(if window.u8(at)? == 0 { 6 } else { 8 });
        while entry.saturating_add(20) <= end {
            self.pay(window)?;
            let Some((header, name, next)) = open(window, entry)?.filter(|(.., next)| *next <= end) else {
                return Ok(());
            };
            let inside = entry.saturating_add(header);
            let (version, places) = match window.u8(inside)? {
                2 => (2, [4, 8]),
                3 => (3, [4, 10]),
                _ => return Ok(()),
            };
            let [id_at, kind_at] = places.map(|place| inside.saturating_add(place));
            let id = if version == 2 { u64::from(window.u16_be(id_at)?) } else { u64::from(window.u32_be(id_at)?) };
            if &name == b"infe" && self.items.len() < EXTENTS_MOST {
                self.items.push((id, window.array::<4>(kind_at)?));
            }
            entry = next;
        }
        Ok(())
    }

    /// Up to where data was seen to be what the tables say.
    fn anchored(&self, window: &mut Window<'_>) -> Result<u64, Stop> {
        let mut anchored = self.tables_end;
        if anchored >= self.end {
            return Ok(anchored);
        }
        for track in &self.tracks {
            anchored = anchored.max(track.checked(window)?.unwrap_or(0));
        }
        let mut pictures = 0_u64;
        for (id, range) in &self.extents {
            let coding = self.items.iter().find(|(of, _)| of == id).map(|(_, coding)| *coding);
            let fits = match (&coding, self.length_size) {
                (Some([b'h', b'v', b'c', b'1']), Some(size)) => data::units_fill(window, *range, size)?,
                (Some([b'a', b'v', b'0', b'1']), _) => data::av1_fills(window, *range)?,
                _ => continue,
            };
            let Some(last) = fits else { return Ok(anchored) };
            pictures = pictures.max(last);
        }
        Ok(anchored.max(pictures))
    }

    /// The verdict at the end: what is named must be there.
    fn whole(&self, file_type: FileType) -> Result<Whole, Stop> {
        let first = self.data.iter().map(|range| range.offset).min().unwrap_or(self.end);
        let last = self.data.iter().map(|range| range.end()).max().unwrap_or(0);
        let fragmented = self.fragments > 0;
        if self.data.is_empty() || !self.has_table || (fragmented && !self.index) || (!fragmented && self.named == 0) {
            return Err(Stop::bad(self.end, "no tables that say which data the file has, or no data"));
        }
        if self.named > 0 && (self.lowest.unwrap_or(0) < first || self.highest > last) {
            return Err(Stop::bad(self.end, "the tables name data that is not there"));
        }
        let reasons = [
            format!("boxes to the end, {} places that its tables name lie in its data", self.named),
            "the format has no checksum".to_owned(),
        ];
        Ok(consistent(file_type, self.end, reasons))
    }
}
