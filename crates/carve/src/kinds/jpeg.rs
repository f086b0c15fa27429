//! JPEG (ITU-T T.81 | ISO/IEC 10918-1).
//!
//! ```text
//! FFD8                          start of image
//! FFxx u16BE data …             segments; thumbnails lie inside them and never end the file
//! FFDA u16BE header, coded data scan: FF00 is a data byte FF, FFD0…FFD7 are restart markers
//! FFD9                          end of image
//! ```
//!
//! JPEG has no checksum. What vouches for its bytes is the decode: each scan, sequential or progressive, must give exactly
//! the MCUs its frame announces, with no wrong code, restart markers in order, only padding before the next marker. A
//! general decoder is made to show what it can and forgives; this one only counts, and forgives nothing.
//!
//! Huffman codes resynchronise after foreign data, and a few of a hundred such accidents even come out at the right count.
//! So a file is called *proven* only if in addition no block is brighter or busier than samples can be, no long run of
//! equal bytes lies in the coded data, the picture has no seam, and no metadata segment is large enough to hide a foreign
//! sector. Progressive pictures never are: their refinement scans accept nearly any bits. All others that decode are
//! *consistent*, and the reasons say why. What remains: of ranges overwritten on purpose in the coded data of sequential
//! pictures, about 1 in 10 000 (plain areas, data of the same picture) passes all of this; see docs/guide/carving.md.

mod bits;
mod entropy;
mod frame;
mod huffman;
mod join;
mod planes;
mod seams;

pub(crate) use join::Texture;

use std::rc::Rc;

use entropy::{Scan, Tables};
use exhibit_evidence::{ReadFault, Source};
use frame::{Coding, Frame, ScanHeader};
use huffman::Table;
use planes::Planes;

use crate::budget::{Budget, Held};
use crate::fragments::{Gaps, SECTOR_BYTES};
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const JPEG: FileType = FileType { id: "jpeg", extension: "jpg" };
/// Equal bytes in a row inside coded data that look like a wiped range rather than a picture.
const RUN_MOST: u64 = 128;

/// JPEG pictures: JFIF, Exif and others.
pub(crate) struct Jpeg;

impl Kind for Jpeg {
    fn id(&self) -> &'static str {
        "jpeg"
    }

    fn proves_joins(&self) -> bool {
        false
    }

    fn types(&self) -> &'static [FileType] {
        &[JPEG]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\xff\xd8\xff"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        // A picture begins with a table, an application segment, a comment or a frame; none has a length below 2.
        match head.get(3..6) {
            Some([0xff, ..]) | None => true,
            Some([0xdb | 0xc0..=0xc7 | 0xc9..=0xcf | 0xdd | 0xe0..=0xef | 0xfe, high, low]) => (*high, *low) >= (0, 2),
            Some(_) => false,
        }
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let mut walk = Walk::new(candidate, budget);
        match walk.run() {
            Ok(length) => Ok(Verdict::Whole(walk.whole(length))),
            Err(stop) => walk.progress.stopped(stop),
        }
    }

    fn bridges_late(&self) -> bool {
        true
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        join::bridge(candidate, broken, gaps, budget)
    }
}

/// Whether `candidate` is one picture, with next to nothing behind it, that decodes to its end and raises no doubt.
pub(crate) fn decodes(candidate: &dyn Source, budget: &Budget<'_>) -> Result<bool, ReadFault> {
    /// End-of-line bytes that writers put behind a picture in a container.
    const BEHIND_MOST: u64 = 4;
    let mut walk = Walk::new(candidate, budget);
    match walk.run() {
        Ok(length) => {
            let ends = candidate.size().saturating_sub(length) <= BEHIND_MOST;
            Ok(ends && walk.undecoded.is_none() && walk.coded_doubts(0).is_empty())
        }
        Err(Stop::Io(fault)) => Err(fault),
        Err(_) => Ok(false),
    }
}

/// What the decoded scans came to.
#[derive(Debug, Clone, Default)]
struct Counts {
    mcus: u64,
    restarts: u64,
    implausible: u64,
    longest_run: u64,
    doubts: Vec<&'static str>,
}

impl Counts {
    fn add(&mut self, scan: &Scan) {
        self.mcus = self.mcus.saturating_add(scan.mcu());
        self.restarts = self.restarts.saturating_add(scan.restarts);
        self.implausible = self.implausible.saturating_add(scan.implausible);
        self.longest_run = self.longest_run.max(scan.longest_run());
        self.doubts.extend(scan.doubts.iter().take(2));
        self.doubts.dedup();
    }
}

/// One walk through the segments and scans.
struct Walk<'a> {
    window: Window<'a>,
    progress: Progress,
    tables: Tables,
    frame: Option<Frame>,
    planes: Planes,
    memory: Option<Held<'a>>,
    /// Why the coded data is not decoded, if it is not.
    undecoded: Option<&'static str>,
    /// Components whose DC coefficients were seen.
    dc_seen: u8,
    scans: u64,
    counts: Counts,
    /// Bytes of segments that decoding does not need and that are large enough to hide a foreign sector.
    unvouched: u64,
    /// Where to continue from when looking for a second fragment; see `join`.
    saves: Option<join::Saves>,
}

impl<'a> Walk<'a> {
    fn new(candidate: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        Self {
            window: Window::new(candidate, budget),
            progress: Progress::new(JPEG),
            tables: Tables::default(),
            frame: None,
            planes: Planes::default(),
            memory: None,
            undecoded: None,
            dc_seen: 0,
            scans: 0,
            counts: Counts::default(),
            unvouched: 0,
            saves: None,
        }
    }

    fn run(&mut self) -> Result<u64, Stop> {
        if self.window.array::<2>(0)? != [0xff, 0xd8] {
            return Err(Stop::bad(0, "no start of image"));
        }
        self.go_on(2)
    }

    /// From the marker at `at` on.
    fn go_on(&mut self, mut at: u64) -> Result<u64, Stop> {
        loop {
            self.window.budget.pay(16)?;
            let (code, next) = self.marker(at)?;
            at = match code {
                0xd9 => return self.end_of_image(at, next),
                0xda => self.scan(next)?,
                0xc4
                | 0xcc
                | 0xdb
                | 0xdd
                | 0xdc
                | 0xc0..=0xc3
                | 0xc5..=0xc7
                | 0xc9..=0xcb
                | 0xcd..=0xcf
                | 0xe0..=0xef
                | 0xfe => self.segment(code, next)?,
                _ => return Err(Stop::bad(at, format!("marker FF{code:02X} does not belong here"))),
            };
            self.progress.good = at;
        }
    }

    /// The marker at `at`, after any fill bytes, and the offset after it.
    fn marker(&mut self, at: u64) -> Result<(u8, u64), Stop> {
        if self.window.u8(at)? != 0xff {
            return Err(Stop::bad(at, "no marker where one is due"));
        }
        let mut next = at.saturating_add(1);
        loop {
            self.window.budget.pay(1)?;
            let code = self.window.u8(next)?;
            next = next.saturating_add(1);
            if code != 0xff {
                return Ok((code, next));
            }
        }
    }

    fn segment(&mut self, code: u8, at: u64) -> Result<u64, Stop> {
        let length = self.window.u16_be(at)?;
        if length < 2 {
            return Err(Stop::bad(at, "a segment shorter than its own length field"));
        }
        let data = self.window.exact(at, usize::from(length))?.get(2..).unwrap_or_default().to_vec();
        let fits = match code {
            0xc4 => self.huffman_tables(&data).is_some(),
            0xdb => self.quantisation_tables(&data).is_some(),
            0xdd => self.restart_interval(&data).is_some(),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => self.frame_header(code, &data)?,
            _ => true,
        };
        if !fits {
            return Err(Stop::bad(at, format!("segment FF{code:02X} makes no sense")));
        }
        if matches!(code, 0xe0..=0xef | 0xfe) {
            if let Some(other) = another_begins(at, &data) {
                return Err(Stop::bad(other, "another picture begins within metadata, and does not end there"));
            }
            if holds_sector(at, u64::from(length)) {
                self.unvouched = self.unvouched.saturating_add(u64::from(length));
            }
        } else {
            self.progress.level = self.progress.level.max(Level::Header);
        }
        Ok(at.saturating_add(u64::from(length)))
    }

    fn huffman_tables(&mut self, mut data: &[u8]) -> Option<()> {
        while let Some((&[place, ref counts @ ..], rest)) = data.split_first_chunk::<17>() {
            let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(total)?;
            let table = Table::new(counts, symbols)?;
            let (tables, table) = match place >> 4 {
                0 => (&mut self.tables.dc, table),
                _ => (&mut self.tables.ac, table.for_coefficients()),
            };
            *tables.get_mut(usize::from(place & 15)).filter(|_| place >> 4 <= 1)? = Some(Rc::new(table));
            data = rest;
        }
        data.is_empty().then_some(())
    }

    fn quantisation_tables(&mut self, mut data: &[u8]) -> Option<()> {
        while let Some((&place, rest)) = data.split_first() {
            let mut table = [0_u16; 64];
            let (used, rest) = match place >> 4 {
                0 => rest.split_at_checked(64)?,
                1 => rest.split_at_checked(128)?,
                _ => return None,
            };
            if place >> 4 == 0 {
                table.iter_mut().zip(used).for_each(|(slot, byte)| *slot = u16::from(*byte));
            } else {
                table.iter_mut().zip(used.as_chunks::<2>().0).for_each(|(slot, two)| *slot = u16::from_be_bytes(*two));
            }
            *self.tables.quant.get_mut(usize::from(place & 15))? = Some(Rc::new(table));
            data = rest;
        }
        Some(())
    }

    fn restart_interval(&mut self, data: &[u8]) -> Option<()> {
        let &[high, low] = data else { return None };
        self.tables.restart = u32::from(u16::from_be_bytes([high, low]));
        Some(())
    }

    fn frame_header(&mut self, code: u8, data: &[u8]) -> Result<bool, Stop> {
        let Some(frame) = Frame::parse(code, data).filter(|_| self.frame.is_none()) else { return Ok(false) };
        if frame.coding == Coding::Other {
            self.undecoded = Some("arithmetic, lossless or hierarchical coding is not decoded");
        } else {
            match self.window.budget.memory(Planes::bytes(&frame)) {
                Ok(held) => self.memory = Some(held),
                Err(Stop::Spent(_)) => self.undecoded = Some("the picture is larger than the limit of memory"),
                Err(stop) => return Err(stop),
            }
            self.planes = Planes::new(&frame);
        }
        self.frame = Some(frame);
        Ok(true)
    }

    fn scan(&mut self, at: u64) -> Result<u64, Stop> {
        let length = self.window.u16_be(at)?;
        let data = self.window.exact(at, usize::from(length))?.get(2..).unwrap_or_default().to_vec();
        let Some(frame) = self.frame.as_ref() else { return Err(Stop::bad(at, "a scan before the frame header")) };
        let header = ScanHeader::parse(&data, frame)
            .ok_or_else(|| Stop::bad(at, "a scan header that does not fit the frame"))?;
        let coded_at = at.saturating_add(u64::from(length));
        self.progress.good = coded_at;
        self.scans = self.scans.saturating_add(1);
        if self.undecoded.is_some() {
            self.progress.level = Level::Body;
            return self.skip_coded(coded_at);
        }
        if header.first == 0 {
            header.components.iter().for_each(|&(index, _, _)| self.dc_seen |= 1 << index);
        }
        let mut scan = Scan::new(coded_at, header, frame, &self.tables)?;
        let saves = &mut self.saves;
        if let Some(saves) = saves.as_mut() {
            saves.begin(&self.counts);
        }
        let result = scan.run(&mut self.window, &mut self.planes, |scan| {
            if let Some(saves) = saves.as_mut() {
                saves.note(scan);
            }
        });
        self.progress.good = self.progress.good.max(scan.at());
        if scan.mcu() > 0 {
            self.progress.level = Level::Body;
        }
        self.counts.add(&scan);
        result
    }

    /// The next marker after coded data that is not decoded.
    fn skip_coded(&mut self, mut at: u64) -> Result<u64, Stop> {
        loop {
            let bytes = self.window.some(at, 16 * 1024)?;
            let Some(found) = memchr::memchr(0xff, bytes) else {
                at = at.saturating_add(bytes.len() as u64);
                continue;
            };
            at = at.saturating_add(found as u64);
            match self.window.u8(at.saturating_add(1))? {
                0 | 0xd0..=0xd7 => at = at.saturating_add(2),
                0xff => at = at.saturating_add(1),
                _ => return Ok(at),
            }
        }
    }

    fn end_of_image(&mut self, at: u64, next: u64) -> Result<u64, Stop> {
        let components = self.frame.as_ref().map_or(0, |frame| frame.components.len());
        if self.scans == 0 {
            return Err(Stop::bad(at, "the end of the image before any scan"));
        }
        if self.undecoded.is_none() && u32::from(self.dc_seen).count_ones() as usize != components {
            return Err(Stop::bad(at, "the end of the image before all components were seen"));
        }
        Ok(next)
    }

    fn whole(&self, length: u64) -> Whole {
        let mut reasons = vec![format!("all segments and {} scan(s) in order to the end of image", self.scans)];
        if let Some(why) = self.undecoded {
            reasons.push(format!("coded data followed from marker to marker only: {why}"));
            return Whole { file_type: JPEG, length, class: Class::Consistent, anchored: length, reasons };
        }
        reasons.push(format!(
            "every Huffman code decodes, {} MCUs end exactly at the end of each scan, {} restart marker(s) in order",
            self.counts.mcus, self.counts.restarts
        ));
        reasons.push(
            "JPEG has no checksum: a decode notices lost, foreign or displaced data, not a changed bit".to_owned(),
        );
        let mut doubts = self.coded_doubts(0);
        if self.frame.as_ref().is_some_and(|frame| frame.coding == Coding::Progressive) {
            doubts.push("the refinement scans of progressive pictures accept nearly any bits".to_owned());
        }
        if self.unvouched > 0 {
            doubts
                .push(format!("{} bytes of metadata lie in segments that decoding does not vouch for", self.unvouched));
        }
        let class = if doubts.is_empty() { Class::Proven } else { Class::Consistent };
        reasons.append(&mut doubts);
        Whole { file_type: JPEG, length, class, anchored: length, reasons }
    }

    /// What speaks against coded data that decoded to its end; seams only from MCU row `from` on.
    fn coded_doubts(&self, from: u64) -> Vec<String> {
        let mut doubts: Vec<String> = self.counts.doubts.iter().map(|doubt| (*doubt).to_owned()).collect();
        let Counts { implausible, longest_run, .. } = self.counts;
        if implausible > 0 {
            doubts.push(format!("{implausible} block(s) are brighter, darker or busier than samples can be"));
        }
        if longest_run > RUN_MOST {
            doubts.push(format!("{longest_run} equal bytes in a row inside the coded data"));
        }
        if let Some(row) = self.frame.as_ref().and_then(|frame| seams::find(frame, &self.planes, from)) {
            doubts.push(format!("the picture changes abruptly near MCU row {row}: its content, or foreign data"));
        }
        doubts
    }
}

/// Where a picture begins with a sector within the `data` of a segment whose length stands at `at`, and does not end in it: no
/// thumbnail, but the next file, of which this one is a torn beginning.
fn another_begins(at: u64, data: &[u8]) -> Option<u64> {
    let data_at = at.saturating_add(2);
    let first = data_at.next_multiple_of(SECTOR_BYTES);
    (first..data_at.saturating_add(data.len() as u64)).step_by(SECTOR_BYTES as usize).find(|sector| {
        let here = usize::try_from(sector.saturating_sub(data_at)).ok().and_then(|index| data.get(index..));
        here.is_some_and(|here| here.starts_with(b"\xff\xd8\xff") && !here.windows(2).any(|two| two == b"\xff\xd9"))
    })
}

/// Whether a whole sector of the file lies in the `length` bytes from `at`.
fn holds_sector(at: u64, length: u64) -> bool {
    at.next_multiple_of(SECTOR_BYTES).saturating_add(SECTOR_BYTES) <= at.saturating_add(length)
}
