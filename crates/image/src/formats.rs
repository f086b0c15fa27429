//! The table of image formats. To add one: a file here and a line in [`FORMATS`].

mod ewf;
mod raw;

use crate::{Format, Match};

/// All formats. `raw` accepts anything and must be last.
pub static FORMATS: &[&dyn Format] = &[&ewf::Ewf, &raw::Raw];

/// The format with this id.
#[must_use]
pub fn format(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.spec().id == id).copied()
}

/// The format of a file that begins with `head`: the surest, and of equals the first in the table.
#[must_use]
pub fn identify(head: &[u8]) -> &'static dyn Format {
    let sure = FORMATS.iter().find(|format| format.probe(head) == Match::Sure);
    let any = FORMATS.iter().find(|format| format.probe(head) == Match::Weak);
    sure.or(any).copied().unwrap_or(&raw::Raw)
}
