//! Finds files by their content, on any [`Source`]: a disk, an image, a slice of one.
//!
//! A signature only says where to look. Each kind of file has a judge that follows the candidate to its exact end, by
//! walking its structure and decoding its content, and says how far it is convincing:
//!
//! | class | meaning |
//! | --- | --- |
//! | proven | checksums or a complete decode vouch for the bytes from the first to the last |
//! | consistent | the whole structure holds; nothing vouches for each byte |
//! | partial | good up to a byte, then broken, cut off or unreadable |
//! | header-only | a believable header and nothing more |
//!
//! Every verdict carries its reasons. Work and memory are bounded by [`Limits`], and what a limit cut short is counted in the
//! [`Summary`]. Results do not depend on the number of threads.
//!
//! ```
//! # use exhibit_carve::{Plan, find};
//! # use exhibit_evidence::{Cancel, MemorySource, Silent};
//! let source = MemorySource::new(vec![0; 4096]);
//! let found = find(&source, &Plan::default(), &Silent, &Cancel::new())?;
//! assert!(found.objects.is_empty());
//! # Ok::<(), exhibit_carve::CarveError>(())
//! ```
//!
//! This crate opens nothing, never reads fill as data, and never calls a file proven because it looks right.

#![forbid(unsafe_code)]

mod align;
mod areas;
mod bits;
mod budget;
mod crc;
mod deflate;
mod dfxml;
mod ends;
mod error;
mod fragments;
mod gallery;
mod holdings;
mod inflate;
mod judge;
mod kind;
mod kinds;
mod ledger;
mod limits;
mod line;
mod neighbours;
mod object;
mod output;
mod plan;
mod reading;
mod recut;
mod run;
mod scan;
mod signatures;
mod slack;
mod stop;
mod summary;
mod surroundings;
mod text;
mod texture;
mod verdict;
mod walk;
mod window;
mod xxhash;

use exhibit_evidence::{Cancel, MemorySource, Observer, Source, Store};

pub use align::Alignment;
pub use budget::{Budget, MemoryPool};
pub use error::CarveError;
pub use fragments::Gaps;
pub use kind::{HEAD_BYTES, Joined, Kind};
pub use kinds::KINDS;
pub use limits::Limits;
pub use object::{Object, Record};
pub use plan::{Align, KeepClass, Plan, Types};
pub use recut::{Recut, recut};
pub use summary::{FORMAT, SearchedAreas, Summary};
pub use verdict::{Broken, Class, FileType, Level, Verdict, Whole};

/// Searches `source` and writes what `plan` wants kept to `out`: the files as `<type>/<offset>.<extension>`, the listings
/// `carved.jsonl` and `carved.dfxml`, if wanted the contact sheet `gallery.html`, and last of all `summary.json`, whose presence says that the run is complete.
///
/// # Errors
/// See [`CarveError`]. After an error or a wish to stop, files already sealed are whole, and there is no `summary.json`.
pub fn carve(
    source: &dyn Source,
    plan: &Plan,
    out: &dyn Store,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Summary, CarveError> {
    let mut output = output::Output::begin(source, out, concat!("exhibit ", env!("CARGO_PKG_VERSION")), plan.gallery)?;
    let (sender, finds) = std::sync::mpsc::sync_channel(output::ROUNDS_WAITING);
    let (summary, written) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // Taken along, so that it goes away when writing has failed: then the search ends, too.
            let finds = finds;
            output.write(&finds)
        });
        let mut sender = output::Sender(sender);
        let summary = run::run(source, plan, &mut sender, observer, cancel);
        drop(sender);
        let ended = || CarveError::Internal("the thread that writes ended unexpectedly".to_owned());
        (summary, writer.join().unwrap_or_else(|_| Err(ended())))
    });
    // An error of writing ends the search as well; it says more than what the search then says.
    let written = written?;
    let mut summary = summary?;
    (summary.files_written, summary.bytes_written) = (written.files, written.bytes);
    output.end(&summary)?;
    Ok(summary)
}

/// What [`find`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// By offset, then type.
    pub objects: Vec<Object>,
    /// What was done.
    pub summary: Summary,
}

/// As [`carve`], writing nothing: all objects are returned, so memory grows with their number.
///
/// # Errors
/// As [`carve`].
pub fn find(source: &dyn Source, plan: &Plan, observer: &dyn Observer, cancel: &Cancel) -> Result<Found, CarveError> {
    let mut objects = Vec::new();
    let summary = run::run(source, plan, &mut objects, observer, cancel)?;
    Ok(Found { objects, summary })
}

impl run::Sink for Vec<Object> {
    fn take(&mut self, objects: Vec<Object>) -> Result<(), CarveError> {
        self.extend(objects);
        Ok(())
    }
}

/// Judges `bytes` as a candidate of the kind `kind_id`; `None` if there is no such kind. For tests and fuzzing.
#[must_use]
pub fn validate_bytes(kind_id: &str, bytes: &[u8]) -> Option<Verdict> {
    let kind = KINDS.iter().find(|kind| kind.id() == kind_id)?;
    // Enough for any sample; a fuzzer that finds an input that costs more has found something.
    let budget = Budget::alone(1 << 28);
    kind.validate(&MemorySource::new(bytes), &budget).ok()
}
