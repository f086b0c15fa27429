//! QCOW2: the disks of QEMU, KVM, Proxmox, OpenStack.
//!
//! ```text
//! header, its extensions │ L1 table │ L2 tables │ clusters: stored, or packed back to back │ refcounts │ snapshots
//! ```
//!
//! The L1 table points to L2 tables, those to clusters. What neither points to is in the backing file, or zero. Read is
//! the active state; internal snapshots are named and not read. The format has no checksums.

mod layout;
mod map;
mod open;
mod unpack;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use crate::parents::{self, Linked, Others};
use crate::{Abilities, Beside, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The QCOW2 format.
pub(super) struct Qcow2;

static SPEC: Spec = Spec {
    id: "qcow2",
    title: "QEMU virtual disk (QCOW2)",
    extension: "qcow2",
    reference: "QEMU docs/interop/qcow2, versions 2 and 3",
    abilities: Abilities { write: false, checksums: false },
};

impl Format for Qcow2 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        // Version 1 is ours too, so that it is refused by name.
        if ends.head.starts_with(layout::MAGIC) { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        parents::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        parents::open(self, parts)
    }
}

impl Linked for Qcow2 {
    fn refers_to(&self, part: &Part, _beside: &dyn Beside) -> Vec<String> {
        open::backing_name(part).into_iter().collect()
    }

    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(part, others)
    }
}
