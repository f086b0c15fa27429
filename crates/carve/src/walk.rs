//! What the walks of most kinds have in common: a window, a progress, and one answer.

use exhibit_evidence::{ReadFault, Source};

use crate::budget::Budget;
use crate::stop::{Progress, Stop};
use crate::verdict::{Class, FileType, Verdict, Whole};
use crate::window::Window;

/// Judges a candidate by `steps`: what they return is whole, where they stop it is broken.
pub(crate) fn follow(
    file_type: FileType,
    candidate: &dyn Source,
    budget: &Budget<'_>,
    steps: impl FnOnce(&mut Window<'_>, &mut Progress) -> Result<Whole, Stop>,
) -> Result<Verdict, ReadFault> {
    let mut window = Window::new(candidate, budget);
    let mut progress = Progress::new(file_type);
    match steps(&mut window, &mut progress) {
        Ok(whole) => Ok(Verdict::Whole(whole)),
        Err(stop) => progress.stopped(stop),
    }
}

/// A file whose structure holds to its end, and nothing vouches for each byte.
pub(crate) fn consistent<const N: usize>(file_type: FileType, length: u64, reasons: [String; N]) -> Whole {
    Whole { file_type, length, class: Class::Consistent, anchored: length, reasons: reasons.into() }
}

/// A file whose checksums or decode vouch for it from the first to the last byte.
pub(crate) fn proven<const N: usize>(file_type: FileType, length: u64, reasons: [String; N]) -> Whole {
    Whole { file_type, length, class: Class::Proven, anchored: length, reasons: reasons.into() }
}
