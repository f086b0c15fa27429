//! VHD: the disks of Virtual PC, Hyper-V before 2012, Azure, Windows backup.
//!
//! ```text
//! fixed:                medium │ footer
//! dynamic, differencing: footer copy │ dynamic header │ block table │ (sector bitmap, block) … │ footer
//! ```
//!
//! A block that is not in the table is zero, or in the parent. In a differencing disk each sector has a bit of its own.

mod layout;
mod map;
mod open;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use crate::parents::{self, Linked, Others};
use crate::{Abilities, Beside, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The VHD format.
pub(super) struct Vhd;

static SPEC: Spec = Spec {
    id: "vhd",
    title: "Virtual Hard Disk (VHD)",
    extension: "vhd",
    reference: "Microsoft, Virtual Hard Disk Image Format Specification 1.0",
    abilities: Abilities { write: false, checksums: true },
};

impl Format for Vhd {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        let sure = ends.head.starts_with(layout::COOKIE) || layout::footer_in_tail(&ends.tail).is_some();
        if sure { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        parents::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        parents::open(self, parts)
    }
}

impl Linked for Vhd {
    fn refers_to(&self, part: &Part, _beside: &dyn Beside) -> Vec<String> {
        open::parent_paths(part)
    }

    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(part, others)
    }
}
