//! GIF87a and GIF89a.
//!
//! ```text
//! 0   6   'GIF87a' or 'GIF89a'
//! 6   7   width, height (u16LE), flags, background, aspect; then the global colour table
//!     …   2C image (10 bytes, local colour table, LZW) | 21 extension; both end in sub-blocks, a zero length last
//!     1   3B
//! ```
//!
//! GIF has no checksum. What vouches for its bytes is the LZW stream: each image must decode to exactly width × height
//! pixels, with the end code in the last sub-block. While the dictionary is full any code is valid, so LZW cannot notice
//! foreign data there; a file with a long such stretch is only *consistent*.

mod join;
mod lzw;

use exhibit_evidence::{ReadFault, Source};
use lzw::{Lzw, LzwEnd};

use crate::budget::Budget;
use crate::fragments::Gaps;
use crate::kind::{Joined, Kind};
use crate::stop::{Progress, Stop};
use crate::verdict::{Broken, Class, FileType, Level, Verdict, Whole};
use crate::window::Window;

const GIF: FileType = FileType { id: "gif", extension: "gif" };
/// Codes in a row that a full dictionary may take before the file is no longer called proven: less than a sector holds.
const FULL_CODES_MOST: u64 = 128;
/// Equal bytes in a row inside the codes that look like a wiped range rather than a picture.
const RUN_MOST: u64 = 128;

/// GIF87a and GIF89a.
pub(crate) struct Gif;

impl Kind for Gif {
    fn id(&self) -> &'static str {
        "gif"
    }

    fn proves_joins(&self) -> bool {
        false
    }

    fn types(&self) -> &'static [FileType] {
        &[GIF]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"GIF87a", b"GIF89a"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(6..10).is_none_or(|size| !matches!(size, [0, 0, _, _] | [_, _, 0, 0]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let mut walk = Walk::new(candidate, budget);
        match walk.run() {
            Ok(length) => Ok(Verdict::Whole(walk.whole(length))),
            Err(stop) => walk.progress.stopped(stop),
        }
    }

    /// A join is accepted only if it is the only one that closes, and is never called proven.
    fn bridge(
        &self,
        candidate: &dyn Source,
        broken: &Broken,
        gaps: &Gaps,
        budget: &Budget<'_>,
    ) -> Result<Option<Joined>, ReadFault> {
        if broken.level != Level::Body {
            return Ok(None);
        }
        join::bridge(self, candidate, broken, gaps, budget)
    }
}

/// One walk through the blocks.
struct Walk<'a> {
    window: Window<'a>,
    progress: Progress,
    images: u64,
    /// Where the size of a full block of image data stands, if there was one.
    full_block: Option<u64>,
    doubts: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(candidate: &'a dyn Source, budget: &'a Budget<'a>) -> Self {
        let (window, progress) = (Window::new(candidate, budget), Progress::new(GIF));
        Self { window, progress, images: 0, full_block: None, doubts: Vec::new() }
    }

    fn run(&mut self) -> Result<u64, Stop> {
        let head = self.window.array::<13>(0)?;
        let [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', w0, w1, h0, h1, flags, _, _] = head else {
            return Err(Stop::bad(0, "no GIF signature"));
        };
        if (w0, w1) == (0, 0) || (h0, h1) == (0, 0) {
            return Err(Stop::bad(6, "an empty screen"));
        }
        let mut at = 13_u64.saturating_add(colour_table_bytes(flags));
        let introducer = self.window.u8(at)?;
        if !matches!(introducer, 0x21 | 0x2c) {
            return Err(Stop::bad(at, "neither an image nor an extension after the colour table"));
        }
        self.progress.level = Level::Header;
        self.progress.good = at;
        loop {
            self.window.budget.pay(16)?;
            at = match self.window.u8(at)? {
                0x21 => self.extension(at)?,
                0x2c => self.image(at)?,
                0x3b if self.images > 0 => return Ok(at.saturating_add(1)),
                other => return Err(Stop::bad(at, format!("0x{other:02x} is no block of a GIF"))),
            };
            self.progress.good = at;
        }
    }

    fn extension(&mut self, at: u64) -> Result<u64, Stop> {
        let [label, size] = self.window.array::<2>(at.saturating_add(1))?;
        let fixed: Option<u8> = match label {
            0xf9 => Some(4),
            0xff => Some(11),
            0x01 => Some(12),
            _ => None,
        };
        if fixed.is_some_and(|fixed| fixed != size) {
            return Err(Stop::bad(at, format!("extension 0x{label:02x} with a first block of {size} bytes")));
        }
        self.skip_blocks(at.saturating_add(2))
    }

    fn skip_blocks(&mut self, mut at: u64) -> Result<u64, Stop> {
        loop {
            let size = self.window.u8(at)?;
            at = at.saturating_add(1).saturating_add(u64::from(size));
            if size == 0 {
                return Ok(at);
            }
            self.window.budget.pay(1)?;
        }
    }

    fn image(&mut self, at: u64) -> Result<u64, Stop> {
        let [_, _, _, _, _, w0, w1, h0, h1, flags] = self.window.array::<10>(at)?;
        let pixels = u64::from(u16::from_le_bytes([w0, w1])).saturating_mul(u64::from(u16::from_le_bytes([h0, h1])));
        let codes_at = at.saturating_add(10).saturating_add(colour_table_bytes(flags));
        let code_bits = self.window.u8(codes_at)?;
        if pixels == 0 || !(1..=8).contains(&code_bits) {
            return Err(Stop::bad(at, "an image without pixels or with an impossible code size"));
        }
        if self.window.u8(codes_at.saturating_add(1))? == u8::MAX {
            self.full_block = Some(codes_at.saturating_add(1));
        }
        let mut lzw = Lzw::new(code_bits, pixels);
        let next = self.image_blocks(codes_at.saturating_add(1), &mut lzw)?;
        match lzw.end() {
            LzwEnd::Exact => {}
            LzwEnd::WithoutEndCode => self.doubt("an image has all its pixels but no end code"),
            LzwEnd::Surplus => self.doubt("surplus bytes after the end code of an image"),
            LzwEnd::Wrong(what) => return Err(Stop::bad(next, what)),
        }
        if lzw.full_codes > FULL_CODES_MOST {
            self.doubt(&format!(
                "the LZW dictionary stays full for {} codes: foreign data would not show there",
                lzw.full_codes
            ));
        }
        if lzw.longest_run > RUN_MOST {
            self.doubt(&format!("{} equal bytes in a row inside the image codes", lzw.longest_run));
        }
        self.images = self.images.saturating_add(1);
        self.progress.level = Level::Body;
        Ok(next)
    }

    fn image_blocks(&mut self, mut at: u64, lzw: &mut Lzw) -> Result<u64, Stop> {
        loop {
            let size = self.window.u8(at)?;
            let data_at = at.saturating_add(1);
            at = data_at.saturating_add(u64::from(size));
            if size == 0 {
                return Ok(at);
            }
            let pixels_before = lzw.pixels;
            let data = self.window.exact(data_at, usize::from(size))?;
            // Somewhere in the block: the break lies before its end.
            lzw.feed(data).map_err(|what| Stop::bad(at, what))?;
            if lzw.pixels > 0 {
                self.progress.level = Level::Body;
            }
            self.progress.good = at;
            self.window.budget.pay(lzw.pixels.saturating_sub(pixels_before))?;
        }
    }

    fn doubt(&mut self, what: &str) {
        if !self.doubts.iter().any(|known| known == what) && self.doubts.len() < 4 {
            self.doubts.push(what.to_owned());
        }
    }

    fn whole(&mut self, length: u64) -> Whole {
        let mut reasons = vec![format!("all blocks in order to the trailer, {} image(s)", self.images)];
        reasons.push("every image decodes (LZW) to exactly its width times height".to_owned());
        let class = if self.doubts.is_empty() { Class::Proven } else { Class::Consistent };
        reasons.append(&mut self.doubts);
        Whole { file_type: GIF, length, class, anchored: length, reasons }
    }
}

/// Bytes of the colour table that flags of a screen or image announce.
fn colour_table_bytes(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7).saturating_add(1)) }
}
