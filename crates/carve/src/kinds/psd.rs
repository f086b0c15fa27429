//! Photoshop pictures (Adobe Photoshop file formats specification): PSD, and PSB for large ones.
//!
//! ```text
//! 0   26  '8BPS', u16BE version (1, or 2 for PSB), 6 zeros, u16BE channels, u32BE height, width, u16BE depth, mode
//! 26  …   colours, resources, layers: u32BE length (of layers in PSB u64BE), data
//!     …   picture: u16BE packing (0 none, 1 PackBits: lengths of all rows of all channels first), data
//! ```
//!
//! Resources must be resources, and each row of the merged picture must unpack to exactly its width. There is no checksum, and
//! layers are not unpacked: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const PSD: FileType = FileType { id: "psd", extension: "psd" };
const PSB: FileType = FileType { id: "psb", extension: "psb" };
/// Rows of all channels together.
const ROWS_MOST: u64 = 56 * 300_000;

/// Photoshop pictures.
pub(crate) struct Psd;

impl Kind for Psd {
    fn id(&self) -> &'static str {
        "psd"
    }

    fn types(&self) -> &'static [FileType] {
        &[PSD, PSB]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"8BPS\0\x01\0\0\0\0\0\0", b"8BPS\0\x02\0\0\0\0\0\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<26>().is_none_or(|head| Header::parse(head).is_some())
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PSD, candidate, budget, walk)
    }
}

struct Header {
    is_large: bool,
    channels: u64,
    height: u64,
    /// Bytes of one row of one channel.
    row: u64,
}

impl Header {
    fn parse(head: &[u8; 26]) -> Option<Self> {
        let [_, _, _, _, _, version, _, _, _, _, _, _, c0, c1, h0, h1, h2, h3, w0, w1, w2, w3, 0, depth, 0, mode] =
            *head
        else {
            return None;
        };
        let channels = u64::from(u16::from_be_bytes([c0, c1]));
        let (height, width) = (u32::from_be_bytes([h0, h1, h2, h3]), u32::from_be_bytes([w0, w1, w2, w3]));
        let most = if version == 2 { 300_000 } else { 30_000 };
        let fits = (1..=56).contains(&channels) && (1..=most).contains(&height) && (1..=most).contains(&width);
        let known = matches!(depth, 1 | 8 | 16 | 32) && matches!(mode, 0..=4 | 7..=9);
        let row = u64::from(width).saturating_mul(u64::from(depth)).div_ceil(8);
        (fits && known).then_some(Self { is_large: version == 2, channels, height: u64::from(height), row })
    }

    const fn rows(&self) -> u64 {
        self.channels.saturating_mul(self.height)
    }
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let head = window.array::<26>(0)?;
    let header = Header::parse(&head).filter(|_| head.starts_with(b"8BPS"));
    let header = header.ok_or_else(|| Stop::bad(0, "no Photoshop picture"))?;
    if header.is_large {
        progress.file_type = PSB;
    }
    let colours = u64::from(window.u32_be(26)?);
    let mut at = 30_u64.saturating_add(colours);
    let resources = ByteRange::new(at.saturating_add(4), u64::from(window.u32_be(at)?));
    all_resources(window, resources)?;
    progress.level = Level::Header;
    at = resources.end();
    let (length, width) = if header.is_large {
        (u64::from_be_bytes(window.array::<8>(at)?), 8)
    } else {
        (u64::from(window.u32_be(at)?), 4)
    };
    at = at.saturating_add(width).saturating_add(length);
    let packing = window.u16_be(at)?;
    window.readable(ByteRange::between(0, at))?;
    progress.good = at;
    progress.level = Level::Body;
    at = at.saturating_add(2);
    let start = at;
    let (end, how) = match packing {
        0 => (at.saturating_add(header.rows().saturating_mul(header.row)), "as many bytes as its size says"),
        1 => (packed(window, progress, at, &header)?, "each row unpacks to its width"),
        _ => return Err(Stop::bad(at, "a merged picture of unknown length")),
    };
    window.readable(ByteRange::between(at, end))?;
    let reasons = [
        "sections in order up to the merged picture".to_owned(),
        format!("{} rows of the merged picture: {how}", header.rows()),
        "the format has no checksum; layers were not unpacked".to_owned(),
    ];
    let anchored = if packing == 0 { start } else { end };
    Ok(consistent(progress.file_type, end, reasons).anchored_to(anchored))
}

/// Resources fill their section.
fn all_resources(window: &mut Window<'_>, range: ByteRange) -> Result<(), Stop> {
    let mut at = range.offset;
    while at < range.end() {
        window.budget.pay(16)?;
        if !matches!(&window.array::<4>(at)?, b"8BIM" | b"MeSa" | b"AgHg" | b"PHUT" | b"DCSR") {
            return Err(Stop::bad(at, "no resource"));
        }
        let name = u64::from(window.u8(at.saturating_add(6))?).saturating_add(1).next_multiple_of(2);
        let size_at = at.saturating_add(6).saturating_add(name);
        let size = u64::from(window.u32_be(size_at)?);
        at = size_at.saturating_add(4).saturating_add(size.next_multiple_of(2));
    }
    if at == range.end() { Ok(()) } else { Err(Stop::bad(at, "resources do not fill their section")) }
}

/// Rows in PackBits: where they end.
fn packed(window: &mut Window<'_>, progress: &mut Progress, at: u64, header: &Header) -> Result<u64, Stop> {
    let width = if header.is_large { 4 } else { 2 };
    if header.rows() > ROWS_MOST {
        return Err(Stop::Spent("limit of rows in a picture"));
    }
    let mut row_at = at.saturating_add(header.rows().saturating_mul(width));
    // Lengths are read some at a time, so that the window does not go to and fro.
    let (mut done, mut lengths) = (0_u64, Vec::new());
    while done < header.rows() {
        let some = header.rows().saturating_sub(done).min(4096);
        let from = at.saturating_add(done.saturating_mul(width));
        let table = window.exact(from, usize::try_from(some.saturating_mul(width)).unwrap_or(0))?;
        lengths.clear();
        lengths.extend(
            table.chunks(width as usize).map(|one| one.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte))),
        );
        for length in &lengths {
            row(window, row_at, *length, header.row)?;
            row_at = row_at.saturating_add(*length);
            progress.good = row_at;
        }
        done = done.saturating_add(some);
    }
    Ok(row_at)
}

/// The row at `at` of `length` bytes must unpack to `content` bytes.
fn row(window: &mut Window<'_>, at: u64, length: u64, content: u64) -> Result<(), Stop> {
    window.budget.pay(8)?;
    let bad = || Stop::bad(at.saturating_add(length), "a row that does not unpack to its width");
    // Any row can be packed into its own length and one byte more for each 128; real writers come close.
    let most = content.saturating_add(content / 2).saturating_add(16);
    let bytes = window.exact(at, usize::try_from(length.min(most)).unwrap_or(0).min(crate::window::WINDOW_BYTES))?;
    if length > bytes.len() as u64 {
        return Err(bad());
    }
    let (mut place, mut made) = (0_usize, 0_u64);
    while let Some(count) = bytes.get(place) {
        let (step, more) = match *count {
            0..=127 => (usize::from(*count).saturating_add(2), u64::from(*count).saturating_add(1)),
            128 => (1, 0),
            _ => (2, 257_u64.saturating_sub(u64::from(*count))),
        };
        place = place.saturating_add(step);
        made = made.saturating_add(more);
    }
    if place == bytes.len() && made == content { Ok(()) } else { Err(bad()) }
}
