//! PNG and APNG (W3C PNG, third edition; ISO/IEC 15948).
//!
//! ```text
//! 0   8   signature 89 'P' 'N' 'G' 0D 0A 1A 0A
//! 8   …   chunks: u32BE length, 4 letters, data, u32BE CRC-32 of letters and data
//!         IHDR (13 bytes) first, IDAT … IDAT in a row, IEND (0 bytes) last
//! ```
//!
//! Each byte after the signature lies in a length, which must lead to the next chunk, or under a CRC-32. That and an
//! image stream that inflates to exactly the size IHDR promises make a file *proven*.

use crc32fast::Hasher;
use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::fragments::{self, Gaps, SECTOR_BYTES};
use crate::inflate::{Fed, Inflater};
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const PNG: FileType = FileType { id: "png", extension: "png" };
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length, letters and CRC around a chunk's data.
const CHUNK_FRAME_BYTES: u64 = 12;
/// The largest image stream that is inflated; larger images are judged by their CRCs alone.
const INFLATE_MOST: u64 = 4 << 30;
/// Chunks that need not be known but whose names help to tell a continuation from other data.
const KNOWN: [&[u8; 4]; 28] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"cLLI", b"tEXt", b"zTXt", b"iTXt", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"eXIf", b"tIME", b"acTL", b"fcTL",
    b"fdAT", b"oFFs", b"vpAg", b"iDOT",
];

/// PNG and APNG.
pub(crate) struct Png;

impl Kind for Png {
    fn id(&self) -> &'static str {
        "png"
    }

    fn types(&self) -> &'static [FileType] {
        &[PNG]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(8..16).is_none_or(|chunk| chunk == b"\0\0\0\x0dIHDR")
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let mut walk = Walk::new(candidate, budget);
        match walk.run() {
            Ok(length) => Ok(Verdict::Whole(walk.whole(length))),
            Err(stop) => walk.progress.stopped(stop),
        }
    }

    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        for (split, gap) in likely_joins(candidate, broken, gaps, budget)? {
            if let Some(joined) = fragments::judge_join(self, candidate, (split, gap), Class::Proven, gaps, budget)? {
                return Ok(Some(joined));
            }
        }
        Ok(None)
    }
}

/// One walk through the chunks.
struct Walk<'a> {
    window: Window<'a>,
    progress: Progress,
    stream: Stream,
    chunks: u64,
}

/// The image stream across the IDAT chunks.
struct Stream {
    inflater: Option<Inflater>,
    expected: u64,
    state: StreamState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Before,
    Inside,
    Ended,
    Invalid,
}

struct Chunk {
    length: u32,
    name: [u8; 4],
}

impl<'a> Walk<'a> {
    fn new(candidate: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        let stream = Stream { inflater: None, expected: 0, state: StreamState::Before };
        Self { window: Window::new(candidate, budget), progress: Progress::new(PNG), stream, chunks: 0 }
    }

    fn run(&mut self) -> Result<u64, Stop> {
        if self.window.exact(0, 8)? != SIGNATURE {
            return Err(Stop::bad(0, "no PNG signature"));
        }
        let header = self.chunk_head(8)?;
        if header.name != *b"IHDR" || header.length != 13 {
            return Err(Stop::bad(8, "the first chunk is not an IHDR of 13 bytes"));
        }
        let data = self.window.array::<13>(16)?;
        self.stream.expected = image_bytes(&data)
            .ok_or_else(|| Stop::bad(16, "IHDR holds an impossible size, depth, colour or method"))?;
        let mut at = self.chunk(8, &header)?;
        self.progress.level = Level::Header;
        if self.stream.expected <= INFLATE_MOST {
            self.stream.inflater = Some(Inflater::new(true, self.stream.expected));
        }
        let mut last_was_image = false;
        loop {
            let head = self.chunk_head(at)?;
            let is_image = head.name == *b"IDAT";
            if is_image && !last_was_image && self.stream.state != StreamState::Before {
                return Err(Stop::bad(at, "IDAT chunks are not in a row"));
            }
            if head.name == *b"IHDR" {
                return Err(Stop::bad(at, "a second IHDR"));
            }
            last_was_image = is_image;
            let next = self.chunk(at, &head)?;
            if is_image {
                self.progress.level = Level::Body;
            }
            if head.name == *b"IEND" {
                return self.ended(at, next);
            }
            at = next;
        }
    }

    fn ended(&self, at: u64, next: u64) -> Result<u64, Stop> {
        match self.stream.state {
            StreamState::Before => Err(Stop::bad(at, "IEND before any IDAT")),
            _ => Ok(next),
        }
    }

    fn chunk_head(&mut self, at: u64) -> Result<Chunk, Stop> {
        let head = self.window.array::<8>(at)?;
        let [a, b, c, d, name @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        if length > 0x7fff_ffff || !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(Stop::bad(at, "not the beginning of a chunk"));
        }
        if name == *b"IEND" && length != 0 {
            return Err(Stop::bad(at, "IEND with data"));
        }
        Ok(Chunk { length, name })
    }

    /// Checks the CRC of the chunk at `at`, feeding image data to the inflater; the offset of the next chunk.
    fn chunk(&mut self, at: u64, head: &Chunk) -> Result<u64, Stop> {
        self.window.budget.pay(CHUNK_FRAME_BYTES)?;
        let data = ByteRange::new(at.saturating_add(8), u64::from(head.length));
        let mut crc = Hasher::new();
        crc.update(&head.name);
        let mut here = data.offset;
        while here < data.end() {
            let most = usize::try_from(data.end().saturating_sub(here)).unwrap_or(usize::MAX);
            let budget = self.window.budget;
            let bytes = self.window.some(here, most)?;
            crc.update(bytes);
            if head.name == *b"IDAT" {
                self.stream.feed(bytes, budget)?;
            }
            here = here.saturating_add(bytes.len() as u64);
        }
        let stored = self.window.u32_be(data.end())?;
        if stored != crc.finalize() {
            let name = String::from_utf8_lossy(&head.name).into_owned();
            return Err(Stop::bad(data.end(), format!("CRC-32 of chunk {name} at {at} does not match")));
        }
        self.chunks = self.chunks.saturating_add(1);
        let next = data.end().saturating_add(4);
        self.progress.sure(next);
        Ok(next)
    }

    fn whole(&self, length: u64) -> Whole {
        let mut reasons = vec![format!("CRC-32 of all {} chunks from IHDR to IEND matches", self.chunks)];
        let class = match self.stream.state {
            StreamState::Ended if self.stream.produced() == self.stream.expected => {
                reasons.push(format!(
                    "image data inflates to exactly the {} bytes IHDR promises, Adler-32 matches",
                    self.stream.expected
                ));
                Class::Proven
            }
            _ if self.stream.inflater.is_none() => {
                reasons.push("image data not inflated: larger than the limit".to_owned());
                Class::Consistent
            }
            _ => {
                reasons.push("image data does not inflate to the size IHDR promises".to_owned());
                Class::Consistent
            }
        };
        Whole { file_type: PNG, length, class, anchored: length, reasons }
    }
}

impl Stream {
    fn feed(&mut self, bytes: &[u8], budget: &Budget<'_>) -> Result<(), Stop> {
        if matches!(self.state, StreamState::Before) {
            self.state = StreamState::Inside;
        }
        let Some(inflater) = self.inflater.as_mut().filter(|_| self.state != StreamState::Invalid) else {
            return Ok(());
        };
        if self.state == StreamState::Ended {
            self.state = if bytes.is_empty() { self.state } else { StreamState::Invalid };
            return Ok(());
        }
        self.state = match inflater.feed(bytes, budget, |_| ())? {
            Fed::All => StreamState::Inside,
            Fed::Ended(used) if used == bytes.len() => StreamState::Ended,
            Fed::Ended(_) | Fed::Invalid(_) => StreamState::Invalid,
        };
        Ok(())
    }

    fn produced(&self) -> u64 {
        self.inflater.as_ref().map_or(0, |inflater| inflater.produced)
    }
}

/// Bytes of the filtered image IHDR describes; `None` if it describes none.
fn image_bytes(header: &[u8; 13]) -> Option<u64> {
    let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, compression, filter, interlace] = *header;
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    let channels: u64 = match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) => 1,
        (2, 8 | 16) => 3,
        (4, 8 | 16) => 2,
        (6, 8 | 16) => 4,
        _ => return None,
    };
    if width == 0 || height == 0 || width > 0x7fff_ffff || height > 0x7fff_ffff || compression != 0 || filter != 0 {
        return None;
    }
    let rows = |width: u64, height: u64| -> u64 {
        let row = width.saturating_mul(channels).saturating_mul(u64::from(depth)).div_ceil(8).saturating_add(1);
        if width == 0 { 0 } else { row.saturating_mul(height) }
    };
    let (width, height) = (u64::from(width), u64::from(height));
    match interlace {
        0 => Some(rows(width, height)),
        // Adam7: (first column, column step, first row, row step) of each pass.
        1 => Some(
            [(0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)]
                .iter()
                .map(|&(x, dx, y, dy): &(u64, u64, u64, u64)| {
                    rows(width.saturating_sub(x).div_ceil(dx), height.saturating_sub(y).div_ceil(dy))
                })
                .fold(0, u64::saturating_add),
        ),
        _ => None,
    }
}

/// Joins that repair the one chunk whose CRC failed. All chunks before it are vouched for, so the break lies in it; its
/// length tells where the next chunk must begin, which leaves few gaps; and per gap one pass of CRCs tries all splits.
fn likely_joins(
    candidate: &dyn Source,
    broken: &Broken,
    gaps: &Gaps,
    budget: &Budget<'_>,
) -> Result<Vec<(u64, u64)>, ReadFault> {
    let mut window = Window::new(candidate, budget);
    let mut joins = Vec::new();
    for (gap, cluster) in gaps.lengths() {
        match joins_over(&mut window, broken.sure, (gap, cluster), &mut joins) {
            Ok(()) | Err(Stop::Bad(..) | Stop::End(_) | Stop::Unreadable(_)) => {}
            Err(Stop::Spent(_)) => break,
            Err(Stop::Io(fault)) => return Err(fault),
        }
    }
    Ok(joins)
}

fn joins_over(
    window: &mut Window<'_>,
    chunk_at: u64,
    (gap, cluster): (u64, u64),
    joins: &mut Vec<(u64, u64)>,
) -> Result<(), Stop> {
    /// The chunk's own frame may be cut: such a split is tried as it is, by the full judge.
    const HEAD: u64 = 8;
    for split in fragments::splits_down(chunk_at, chunk_at.saturating_add(HEAD), cluster) {
        if known_name(window, split.max(chunk_at), gap, chunk_at)? {
            joins.push((split, gap));
        }
    }
    let head = window.glance::<8>(chunk_at)?;
    let [a, b, c, d, name @ ..] = head;
    let length = u64::from(u32::from_be_bytes([a, b, c, d]));
    if !KNOWN.iter().any(|known| **known == name) || length > window.size() {
        return Ok(());
    }
    let data = ByteRange::new(chunk_at.saturating_add(HEAD), length);
    let crc_at = data.end().saturating_add(gap);
    let stored = u32::from_be_bytes(window.glance(crc_at)?);
    if name != *b"IEND" && !continues(window, crc_at.saturating_add(4))? {
        return Ok(());
    }
    for split in fragments::splits_down(data.end().saturating_add(1), data.end().saturating_add(3), cluster) {
        joins.push((split, gap));
    }
    let (first, last) = (data.offset.saturating_add(1).div_ceil(cluster).max(1), data.end() / cluster);
    if first > last {
        return Ok(());
    }
    // CRCs of what follows each split, from the last split to the first; then of what precedes it, forwards.
    let mut after = Vec::new();
    let mut tail = Hasher::new();
    let mut end = data.end();
    for index in (first..=last).rev() {
        let split = index.saturating_mul(cluster);
        let mut piece = Hasher::new();
        window.each(ByteRange::between(split.saturating_add(gap), end.saturating_add(gap)), |bytes| {
            piece.update(bytes)
        })?;
        piece.combine(&tail);
        tail = piece;
        end = split;
        after.push(tail.clone());
    }
    let mut before = Hasher::new();
    before.update(&name);
    let mut from = data.offset;
    for (index, tail) in (first..=last).zip(after.iter().rev()) {
        let split = index.saturating_mul(cluster);
        window.each(ByteRange::between(from, split), |bytes| before.update(bytes))?;
        from = split;
        let mut joined = before.clone();
        joined.combine(tail);
        if joined.finalize() == stored {
            joins.push((split, gap));
        }
    }
    Ok(())
}

/// Whether the bytes at `at` of the medium look like the beginning of a chunk.
fn continues(window: &mut Window<'_>, at: u64) -> Result<bool, Stop> {
    let [length, _, _, _, name @ ..] = window.glance::<8>(at)?;
    Ok(length < 0x80 && KNOWN.iter().any(|known| **known == name))
}

/// Whether the chunk at `chunk_at`, with `gap` bytes left out at `split` in or before its frame, has a known name.
fn known_name(window: &mut Window<'_>, split: u64, gap: u64, chunk_at: u64) -> Result<bool, Stop> {
    let mut head = [0_u8; 8];
    for (place, byte) in (chunk_at..).zip(head.iter_mut()) {
        *byte = window.u8(if place < split { place } else { place.saturating_add(gap) })?;
    }
    let [length, _, _, _, name @ ..] = head;
    Ok(length < 0x80 && KNOWN.iter().any(|known| **known == name))
}

const _: () = assert!(SECTOR_BYTES >= CHUNK_FRAME_BYTES, "a split meets at most one frame");
