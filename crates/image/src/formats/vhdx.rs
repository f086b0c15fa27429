//! VHDX: the disks of Hyper-V since 2012.
//!
//! ```text
//! identifier │ header │ header │ region table │ region table │ log │ metadata │ block table │ blocks, bitmaps, in MiB
//! ```
//!
//! Headers, region tables and log carry a CRC-32C, the block table and the data do not. A file that was not closed holds
//! changes in its log that must be applied before its tables are right: they are applied in memory, and the file is never
//! read as it stands.

mod crc32c;
mod layout;
mod log;
mod map;
mod metadata;
mod open;
mod replay;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use crate::parents::{self, Linked, Others};
use crate::{Abilities, Beside, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The VHDX format.
pub(super) struct Vhdx;

static SPEC: Spec = Spec {
    id: "vhdx",
    title: "Virtual Hard Disk v2 (VHDX)",
    extension: "vhdx",
    reference: "Microsoft, [MS-VHDX]",
    abilities: Abilities { write: false, checksums: true },
};

impl Format for Vhdx {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        if ends.head.starts_with(layout::SIGNATURE) { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        parents::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        parents::open(self, parts)
    }
}

impl Linked for Vhdx {
    fn refers_to(&self, part: &Part, _beside: &dyn Beside) -> Vec<String> {
        open::parent_paths(part)
    }

    fn open_linked(&self, part: Part, others: &Others) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(part, others)
    }
}
