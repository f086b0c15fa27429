//! The table of image formats. To add one: a file here and a line in [`FORMATS`].

mod aff4;
mod ewf;
mod ewf2;
mod qcow2;
mod raw;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

use exhibit_evidence::Source;

use crate::parents::Linked;
use crate::{Ends, Format, Match};

/// All formats. `raw` accepts anything and must be last; `vhd`, which may be known by its end alone, comes before it.
pub static FORMATS: &[&dyn Format] = &[
    &ewf::Ewf,
    &ewf::L01,
    &ewf2::Ex01,
    &ewf2::Lx01,
    &aff4::Aff4,
    &vmdk::Vmdk,
    &vhdx::Vhdx,
    &qcow2::Qcow2,
    &vdi::Vdi,
    &vhd::Vhd,
    &raw::Raw,
];

/// Formats whose files name other files: extents, parents. In the order of [`FORMATS`].
pub(crate) static LINKED: &[&dyn Linked] = &[&vmdk::Vmdk, &vhdx::Vhdx, &qcow2::Qcow2, &vdi::Vdi, &vhd::Vhd];

/// The format with this id.
#[must_use]
pub fn format(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.spec().id == id).copied()
}

/// The format of a file, by its first and last bytes: the surest, and of equals the first in the table.
#[must_use]
pub fn identify(file: &dyn Source) -> &'static dyn Format {
    let ends = Ends::of(file);
    let sure = FORMATS.iter().find(|format| format.probe(&ends) == Match::Sure);
    let any = FORMATS.iter().find(|format| format.probe(&ends) == Match::Weak);
    sure.or(any).copied().unwrap_or(&raw::Raw)
}
