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
        if ends.head.starts_with(layout::COOKIE) {
            return Match::Sure;
        }
        // A fixed disk has its only signature at the end. The last bytes of a medium may look like that as well (of a
        // partition cut out of such a disk, for example): only a footer that speaks of the bytes before it makes the file one.
        match layout::footer_in_tail(&ends.tail) {
            Some((footer, bytes))
                if footer.disk_type != layout::FIXED
                    || footer.current_size.checked_add(bytes) == Some(ends.size_bytes) =>
            {
                Match::Sure
            }
            _ => Match::No,
        }
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
