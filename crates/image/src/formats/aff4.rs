//! AFF4: the Advanced Forensic Format, Standard v1.0, as Evimetry and pyaff4 write it; logical images (AFF4-L) as well.
//!
//! ```text
//! ZIP64 volume ┬ container.description   its name, aff4://…
//!              ├ version.txt             version and tool
//!              ├ stream/00000000         a bevy: 2048 chunks of 32 KiB, packed
//!              ├ stream/00000000.index   place and length of each chunk
//!              ├ stream/00000000.blockHash.sha256
//!              ├ map/map, map/idx        ranges of the medium: in a stream, zero, unreadable, …
//!              └ information.turtle      what is what, digests, the case
//! ```

mod by_digest;
mod check;
mod codec;
mod digests;
mod graph;
mod image;
mod layout;
mod logical;
mod map;
mod metadata;
mod names;
mod open;
mod stream;
mod stripes;
mod symbol;
mod turtle;
mod volume;
mod write;
mod zip;

use std::sync::Arc;

use exhibit_evidence::{Outcome, Source, Store};

use crate::{
    Abilities, Beside, Checkpoint, Create, Ends, Format, Image, ImageError, ImageWriter, Match, Part, Resumed, Spec,
};

/// The AFF4 format.
pub(super) struct Aff4;

static SPEC: Spec = Spec {
    id: "aff4",
    title: "Advanced Forensic Format 4 (AFF4)",
    extension: "aff4",
    reference: "AFF4 Standard v1.0 and its canonical reference images, which win where they differ",
    abilities: Abilities { write: true, checksums: true },
};

impl Format for Aff4 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn probe(&self, ends: &Ends) -> Match {
        if volume_in_comment(&ends.tail) || volume_in_first_member(&ends.head) { Match::Sure } else { Match::No }
    }

    fn gather(&self, first: Part, beside: &dyn Beside) -> Vec<Part> {
        stripes::gather(first, beside)
    }

    fn open(&self, parts: Vec<Part>) -> Result<Outcome<Arc<dyn Image>>, ImageError> {
        open::open(parts)
    }

    fn create(&self, store: Arc<dyn Store>, how: &Create) -> Result<Box<dyn ImageWriter>, ImageError> {
        Ok(Box::new(write::Aff4Writer::new(store.as_ref(), how)?))
    }

    fn resume(
        &self,
        store: Arc<dyn Store>,
        how: &Create,
        at: &Checkpoint,
        reopen: &dyn Fn(&str) -> std::io::Result<Arc<dyn Source>>,
    ) -> Result<Resumed, ImageError> {
        write::resume(store.as_ref(), how, at, reopen)
    }
}

/// Whether a ZIP archive ends in `tail` with the name of a volume as its comment.
fn volume_in_comment(tail: &[u8]) -> bool {
    tail.windows(4).enumerate().rev().filter(|(_, window)| *window == b"PK\x05\x06").any(|(at, _)| {
        tail.get(at.saturating_add(22)..).is_some_and(|comment| comment.starts_with(layout::URN.as_bytes()))
    })
}

/// Whether a ZIP archive begins in `head` with a member that only AFF4 has.
fn volume_in_first_member(head: &[u8]) -> bool {
    let name = head.get(30..30_usize.saturating_add(usize::from(layout::u16_at(head, 26))));
    let Some(name) = name.filter(|_| head.starts_with(b"PK\x03\x04")) else { return false };
    let name = names::unescaped(&String::from_utf8_lossy(name));
    name == layout::DESCRIPTION || name == layout::TURTLE || name.starts_with(layout::URN)
}
