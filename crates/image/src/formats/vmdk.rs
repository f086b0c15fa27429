//! VMDK: the disks of VMware, and those inside of OVA files.
//!
//! ```text
//! a text (on its own or inside of the first file) names extents; an extent is
//!   flat:    bytes of the medium
//!   sparse:  header │ grain directory │ grain tables │ grains in any order
//!   packed:  the same, each grain a zlib stream behind a small header; the directory may be named by a footer only
//! ```
//!
//! A child knows the content identifier of its parent, which changes whenever the parent is written to.

mod descriptor;
mod layout;
mod map;
mod open;
mod sparse;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use crate::parents::{self, Linked, Others};
use crate::{Abilities, Beside, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The VMDK format.
pub(super) struct Vmdk;

static SPEC: Spec = Spec {
    id: "vmdk",
    title: "VMware virtual disk (VMDK)",
    extension: "vmdk",
    reference: "VMware, Virtual Disk Format 5.0",
    abilities: Abilities { write: false, checksums: false },
};

impl Format for Vmdk {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        // The extents of ESX are ours too, so that they are refused by name.
        let signatures: [&[u8]; 3] = [layout::SPARSE, layout::COWD, layout::SESPARSE];
        let known = signatures.iter().any(|signature| ends.head.starts_with(signature));
        if known || descriptor::is_one(&ends.head) { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        parents::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        parents::open(self, parts)
    }
}

impl Linked for Vmdk {
    fn refers_to(&self, part: &Part, beside: &dyn Beside) -> Vec<String> {
        open::refers_to(part, beside)
    }

    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(part, others)
    }
}
