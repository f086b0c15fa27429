//! VDI: the disks of VirtualBox.
//!
//! ```text
//! text │ header │ block map │ blocks in the order in which they were first written
//! ```
//!
//! A child does not name its parent, it only remembers two identifiers of it: the parent is looked for among the VDI
//! files beside it.

mod layout;
mod map;
mod open;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use crate::parents::{self, Linked, Others};
use crate::{Abilities, Beside, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The VDI format.
pub(super) struct Vdi;

static SPEC: Spec = Spec {
    id: "vdi",
    title: "VirtualBox disk (VDI)",
    extension: "vdi",
    reference: "VirtualBox's VDICore.h, version 1.1",
    abilities: Abilities { write: false, checksums: false },
};

impl Format for Vdi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        // The text before it differs from program to program; the number does not.
        if crate::fields::le32(&ends.head, 64) == layout::MAGIC { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        parents::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        parents::open(self, parts)
    }
}

impl Linked for Vdi {
    fn refers_to(&self, part: &Part, beside: &dyn Beside) -> Vec<String> {
        open::parent_name(part, beside).into_iter().collect()
    }

    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(part, others)
    }
}
