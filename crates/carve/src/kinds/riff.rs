//! RIFF: WebP pictures, WAVE sound, AVI films.
//!
//! ```text
//! 'RIFF' u32LE size, 4 letters: WEBP, WAVE or 'AVI '
//! chunks: 4 letters, u32LE size, data, a byte to make it even          to exactly 8 + size bytes
//! ```
//!
//! The chunks must fill the form to its last byte and hold what the type needs. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const WEBP: FileType = FileType { id: "webp", extension: "webp" };
const WAVE: FileType = FileType { id: "wav", extension: "wav" };
const AVI: FileType = FileType { id: "avi", extension: "avi" };
/// Form name, chunks (or lists) it must have.
const FORMS: [(&[u8; 4], Needed); 3] = [
    (b"WEBP", &[&[b"VP8 ", b"VP8L", b"VP8X"]]),
    (b"WAVE", &[&[b"fmt "], &[b"data"]]),
    (b"AVI ", &[&[b"hdrl"], &[b"movi"]]),
];
/// Chunks of a form that are followed.
const CHUNKS_MOST: u64 = 1 << 20;

/// RIFF files of one form: an index into [`FORMS`].
pub(crate) struct Riff(usize);

/// WebP pictures.
pub(crate) static WEBP_PICTURES: Riff = Riff(0);
/// WAVE sound.
pub(crate) static WAVE_SOUND: Riff = Riff(1);
/// AVI films.
pub(crate) static AVI_FILMS: Riff = Riff(2);

/// What a form must hold: any chunk (or list) of each group.
type Needed = &'static [&'static [&'static [u8; 4]]];

impl Kind for Riff {
    fn id(&self) -> &'static str {
        self.types().first().map_or("", |file_type| file_type.id)
    }

    fn types(&self) -> &'static [FileType] {
        match self.0 {
            0 => &[WEBP],
            1 => &[WAVE],
            _ => &[AVI],
        }
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"RIFF"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(8..12).is_none_or(|name| self.form().is_some_and(|(form, _)| form == name))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        let Some((file_type, (name, needed))) = self.types().first().copied().zip(self.form()) else {
            return Ok(Verdict::NotThis { cut: None });
        };
        follow(file_type, candidate, budget, |window, progress| {
            let head = window.array::<12>(0)?;
            if !head.starts_with(b"RIFF") || !head.ends_with(name) {
                return Err(Stop::bad(0, "not this form"));
            }
            let mut met: Vec<[u8; 4]> = Vec::new();
            let (mut end, mut anchored) = chunks(window, progress, 0, &mut met)?;
            if needed.iter().any(|any| !any.iter().any(|id| met.contains(id))) {
                return Err(Stop::bad(end, "a chunk that such a file must have is not there"));
            }
            // Films of more than a gigabyte go on in further forms (OpenDML).
            while file_type == AVI
                && matches!(window.array::<12>(end), Ok([b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b'X']))
            {
                let Ok(next) = chunks(window, progress, end, &mut met) else { break };
                (end, anchored) = next;
            }
            let reasons = [
                "chunks fill the form to its last byte, and the needed ones are there".to_owned(),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(file_type, end, reasons).anchored_to(anchored))
        })
    }
}

impl Riff {
    fn form(&self) -> Option<(&'static [u8; 4], Needed)> {
        FORMS.get(self.0).copied()
    }
}

/// Follows the chunks of the form at `start` to its end: the end, and where the last chunk begins, whose content nothing
/// vouches for; of an index of frames the end.
fn chunks(
    window: &mut Window<'_>,
    progress: &mut Progress,
    start: u64,
    met: &mut Vec<[u8; 4]>,
) -> Result<(u64, u64), Stop> {
    let size = u64::from(window.u32_le(start.saturating_add(4))?);
    let end = start.saturating_add(8).saturating_add(size);
    let mut at = start.saturating_add(12);
    let mut anchored = at;
    for _ in 0..CHUNKS_MOST {
        if at >= end {
            break;
        }
        window.budget.pay(8)?;
        let [id @ .., a, b, c, d] = window.array::<8>(at)?;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        let next = at.saturating_add(8).saturating_add(length);
        if !id.iter().all(|byte| (0x20..0x7f).contains(byte)) || next > end {
            return Err(Stop::bad(at, "not a chunk of this form"));
        }
        progress.level = progress.level.max(Level::Header);
        let id = if &id == b"LIST" { window.array::<4>(at.saturating_add(8))? } else { id };
        if met.len() < 64 && !met.contains(&id) {
            met.push(id);
        }
        window.readable(ByteRange::between(at, next))?;
        let is_index = &id == b"idx1" && is_index(window, ByteRange::between(at.saturating_add(8), next))?;
        anchored = if is_index { end } else { at };
        progress.level = Level::Body;
        progress.good = next;
        at = next.saturating_add(length % 2);
    }
    // The last chunk's filling byte may be counted or not.
    if at < end || at > end.saturating_add(1) {
        return Err(Stop::bad(at, "the chunks do not end where the form does"));
    }
    Ok((end, anchored))
}

/// Whether the last entries of an index of frames name streams: two digits of a number, two letters.
fn is_index(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    const ENTRY_BYTES: u64 = 16;
    const ENTRIES: u64 = 32;
    let count = (range.length / ENTRY_BYTES).min(ENTRIES);
    let mut names = count > 0 && range.length.is_multiple_of(ENTRY_BYTES);
    for number in 1..=count {
        let name = window.array::<4>(range.end().saturating_sub(number.saturating_mul(ENTRY_BYTES)))?;
        names &= matches!(name, [a, b, c, d] if a.is_ascii_digit() && b.is_ascii_alphanumeric() && c.is_ascii_alphabetic() && d.is_ascii_alphabetic());
    }
    Ok(names)
}
