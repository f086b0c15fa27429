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
            let mut end = chunks(window, progress, 0, &mut met)?;
            if needed.iter().any(|any| !any.iter().any(|id| met.contains(id))) {
                return Err(Stop::bad(end, "a chunk that such a file must have is not there"));
            }
            // Films of more than a gigabyte go on in further forms (OpenDML).
            while file_type == AVI
                && matches!(window.array::<12>(end), Ok([b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b'X']))
            {
                let Ok(next) = chunks(window, progress, end, &mut met) else { break };
                end = next;
            }
            let reasons = [
                "chunks fill the form to its last byte, and the needed ones are there".to_owned(),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(file_type, end, reasons))
        })
    }
}

impl Riff {
    fn form(&self) -> Option<(&'static [u8; 4], Needed)> {
        FORMS.get(self.0).copied()
    }
}

/// Follows the chunks of the form at `start` to its end.
fn chunks(window: &mut Window<'_>, progress: &mut Progress, start: u64, met: &mut Vec<[u8; 4]>) -> Result<u64, Stop> {
    let size = u64::from(window.u32_le(start.saturating_add(4))?);
    let end = start.saturating_add(8).saturating_add(size);
    let mut at = start.saturating_add(12);
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
        progress.level = Level::Body;
        progress.good = next;
        at = next.saturating_add(length % 2);
    }
    // The last chunk's filling byte may be counted or not.
    if at < end || at > end.saturating_add(1) {
        return Err(Stop::bad(at, "the chunks do not end where the form does"));
    }
    Ok(end)
}
