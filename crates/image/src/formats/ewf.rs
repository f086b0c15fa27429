//! E01: the Expert Witness Compression Format, version 1, as EnCase, FTK Imager, linen, ewfacquire and SMART write it.
//!
//! ```text
//! file header (13) │ header2 header2 header volume │ sectors table table2 │ … │ next
//! file header (13) │ data │ sectors table table2 │ … │ digest hash done
//! ```
//!
//! Each section begins with a 76-byte descriptor that names it and points to the next. A chunk is 64 sectors, deflated
//! or stored with an Adler-32; tables say where each chunk begins. An L01 has the same sections, and `ltree` before `data`.

pub(super) mod complaints;
mod geometry;
pub(super) mod header;
pub(super) mod layout;
pub(super) mod logical;
pub(super) mod naming;
mod open;
mod read;
pub(super) mod section;
mod table;
mod write;

use std::sync::Arc;

use exhibit_evidence::{Outcome, Source, Store};

pub(super) use self::read::known_gaps;
use crate::{Abilities, Checkpoint, Create, Ends, Format, Image, ImageError, ImageWriter, Match, Part, Resumed, Spec};

/// The E01 format.
pub(super) struct Ewf;

static SPEC: Spec = Spec {
    id: "e01",
    title: "Expert Witness (E01)",
    extension: "E01",
    reference: "libewf's format document, revision 0.0.86; written in EnCase 6 layout",
    abilities: Abilities { write: true, checksums: true },
};

impl Format for Ewf {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        // A file that an AccessData tool encrypted is ours too, so that it is refused by name and not read as raw bytes.
        let known = [layout::EVF, layout::ADCRYPT];
        if known.iter().any(|signature| ends.head.starts_with(*signature)) { Match::Sure } else { Match::No }
    }

    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        naming::siblings(first, names)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(parts)
    }

    fn create(&self, store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
        Ok(Box::new(write::EwfWriter::new(store, how)?))
    }

    fn resume(
        &self,
        store: Arc<dyn Store>,
        how: &Create,
        at: &Checkpoint,
        reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    ) -> Result<Resumed, ImageError> {
        write::resume(store, how, at, reopen)
    }
}

/// The L01 format: files in the same sections.
pub(super) struct L01;

static L01_SPEC: Spec = Spec {
    id: "l01",
    title: "Expert Witness logical evidence (L01)",
    extension: "L01",
    reference: "libewf's format document, revision 0.0.86",
    abilities: Abilities { write: false, checksums: true },
};

impl Format for L01 {
    fn spec(&self) -> &'static Spec {
        &L01_SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        if ends.head.starts_with(layout::LVF) { Match::Sure } else { Match::No }
    }

    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        naming::siblings(first, names)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open_as(parts, open::Kind::Logical)
    }
}
