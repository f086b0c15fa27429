//! Raw: the bytes of the medium and nothing else, in one file or split into several.

mod naming;
mod read;
mod split;
mod write;

use std::sync::Arc;

use exhibit_evidence::{Outcome, Source, Store};

use crate::{Abilities, Checkpoint, Create, Ends, Format, Image, ImageError, ImageWriter, Match, Part, Resumed, Spec};

/// The raw format.
pub(super) struct Raw;

static SPEC: Spec = Spec {
    id: "raw",
    title: "raw image",
    extension: "raw",
    reference: "the bytes of the medium, in order, from the first to the last",
    abilities: Abilities { write: true, checksums: false },
};

impl Format for Raw {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, _ends: &Ends) -> Match {
        Match::Weak
    }

    fn segments(&self, first: &str, names: &[String]) -> Vec<String> {
        match naming::parts(first, names) {
            Some(parts) => parts.into_iter().map(|(_, name)| name).collect(),
            None => vec![first.to_owned()],
        }
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        read::open(parts)
    }

    fn create(&self, store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
        write::create(store, how)
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
