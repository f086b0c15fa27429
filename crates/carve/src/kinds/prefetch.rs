//! Prefetch files of Windows XP to 8.1; later ones are compressed and not judged here.
//!
//! ```text
//! 0    version (17, 23, 26), 'SCCA', u32LE file size @12, name of the program in UTF-16 @16
//! 84   sections: place and count or size of each
//! ```
//!
//! The header states the length, and all sections must lie in it. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::Stop;
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const PREFETCH: FileType = FileType { id: "prefetch", extension: "pf" };
/// Prefetch files are some hundred kilobytes at most.
const SIZE_MOST: u64 = 16 << 20;

/// Prefetch files.
pub(crate) struct Prefetch;

impl Kind for Prefetch {
    fn id(&self) -> &'static str {
        "prefetch"
    }

    fn types(&self) -> &'static [FileType] {
        &[PREFETCH]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"SCCA"]
    }

    fn signature_at(&self) -> usize {
        4
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.first_chunk::<4>().is_none_or(|version| matches!(version, [17 | 23 | 26, 0, 0, 0]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(PREFETCH, candidate, budget, |window, progress| {
            let head = window.array::<84>(0)?;
            if !self.plausible(&head) || head.get(4..8) != Some(b"SCCA") {
                return Err(Stop::bad(0, "no prefetch file"));
            }
            let size = u64::from(window.u32_le(12)?);
            // File metrics, trace chains, file names, volumes: place and count or size.
            let [metrics, chains, names, volumes] = [84, 92, 100, 108].map(|at| window.u32_le(at).map(u64::from));
            let (metrics, chains, names, volumes) = (metrics?, chains?, names?, volumes?);
            let (names_size, volumes_size) = (u64::from(window.u32_le(104)?), u64::from(window.u32_le(116)?));
            let ordered =
                84 < metrics && metrics <= chains && chains <= names && names.saturating_add(names_size) <= volumes;
            if !ordered || volumes.saturating_add(volumes_size) > size || size > SIZE_MOST {
                return Err(Stop::bad(84, "sections that do not lie in the file in order"));
            }
            progress.level = Level::Header;
            progress.good = 84;
            window.readable(ByteRange::new(0, size))?;
            let reasons = [
                "all sections lie in order in the length that the header states".to_owned(),
                "the format has no checksum".to_owned(),
            ];
            let anchored = if names_volumes(window, volumes)? { size } else { metrics };
            Ok(consistent(PREFETCH, size, reasons).anchored_to(anchored))
        })
    }
}

/// Whether the path of the first volume lies where the section of volumes says: UTF-16 that begins with a backslash and a
/// letter (`\\DEVICE\\…`, `\\VOLUME{…`).
fn names_volumes(window: &mut Window<'_>, volumes: u64) -> Result<bool, Stop> {
    let path = volumes.saturating_add(u64::from(window.u32_le(volumes)?));
    let read = window.array::<4>(path);
    match read {
        Ok([b'\\', 0, letter, 0]) => Ok(letter.is_ascii_uppercase()),
        Ok(_) | Err(Stop::End(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}
