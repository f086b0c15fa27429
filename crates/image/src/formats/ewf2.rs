//! Ex01 and Lx01: version 2 of the Expert Witness format, as EnCase 7 and libewf write it. Read only.
//!
//! ```text
//! file header (32) │ device information ▸ │ case data ▸ │ sector data ▸ │ sector table ▸ │ … │ MD5 ▸ │ SHA-1 ▸ │ done ▸
//! ```
//!
//! The 64-byte descriptor (▸) comes behind the data of its section and points to the descriptor before it, so a file is
//! walked from its end. Sector tables say for each chunk where it lies, how long it is and how it is stored.

mod case;
mod layout;
mod open;
mod read;
mod section;
mod table;
mod unpack;

use std::sync::Arc;

use exhibit_evidence::Outcome;

use self::open::Kind;
use super::ewf::naming::siblings;
use crate::{Abilities, Ends, Format, Image, ImageError, Match, Part, Spec};

/// The Ex01 format: a medium.
pub(super) struct Ex01;

/// The Lx01 format: files.
pub(super) struct Lx01;

static EX01: Spec = Spec {
    id: "ex01",
    title: "Expert Witness, version 2 (Ex01)",
    extension: "Ex01",
    reference: "libewf's document of version 2, revision 0.0.11",
    abilities: Abilities { write: false, checksums: true },
};

static LX01: Spec = Spec {
    id: "lx01",
    title: "Expert Witness logical evidence, version 2 (Lx01)",
    extension: "Lx01",
    reference: "libewf's document of version 2, revision 0.0.11",
    abilities: Abilities { write: false, checksums: true },
};

impl Format for Ex01 {
    fn spec(&self) -> &'static Spec {
        &EX01
    }

    fn probe(&self, ends: &Ends) -> Match {
        if ends.head.starts_with(layout::EVF2) { Match::Sure } else { Match::No }
    }

    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        siblings(first, names)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(parts, Kind::Medium)
    }
}

impl Format for Lx01 {
    fn spec(&self) -> &'static Spec {
        &LX01
    }

    fn probe(&self, ends: &Ends) -> Match {
        if ends.head.starts_with(layout::LEF2) { Match::Sure } else { Match::No }
    }

    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        siblings(first, names)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(parts, Kind::Logical)
    }
}
