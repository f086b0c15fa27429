//! Saving what a failing medium still gives: good data first, bad places last, every sector by itself in the end.
//!
//! Containers are written in order, and a rescue reads out of order: between them stands a *working file* as long as the part
//! of the medium that is rescued (sparse, `<base>.rescue.partial`), and a *map* of what is known of every sector
//! (`<base>.map.partial`, in the form of GNU ddrescue's). When every sector is good or bad, the read loop goes on, from the
//! working file. A healthy medium never sees any of this.
//!
//! The map is saved after the data it speaks of were made durable, so that a rescue that was killed can be gone on with.

pub(crate) mod causes;
mod map;
mod map_file;
mod plan;
pub(crate) mod work;

use exhibit_evidence::{Class, Source, Store, StoreError};

pub use map::{Map, Status};
pub use map_file::{CAUSE_OF_EARLIER_RUN, MapError, MapFile};
pub use plan::{Outcome, Phase, Plan};
pub(crate) use work::Room;

/// Largest map that is read again: 256 MiB, some five million runs.
const MAP_BYTES_MAX: u64 = 256 << 20;

/// The map of an interrupted run, if there is one and it can be read. Without it the medium is read as if for the first time.
pub(crate) fn left_behind(
    reopen: &dyn Fn(&str) -> std::io::Result<std::sync::Arc<dyn Source>>,
    base: &str,
) -> Option<MapFile> {
    let source = reopen(&Room::map_name(base)).ok().filter(|source| source.size() <= MAP_BYTES_MAX)?;
    let mut bytes = vec![0; usize::try_from(source.size()).ok()?];
    source.read_at(0, &mut bytes).ok()?;
    let found = MapFile::parse(&bytes).ok()?;
    // Without the working file, or with another one, the map is about nothing.
    let work = reopen(&Room::work_name(base)).ok()?;
    found.window.is_some_and(|window| work.size() == window.length).then_some(found)
}

/// Removes map and working file: the work is done.
pub(crate) fn clear(store: &dyn Store, base: &str) -> Result<(), StoreError> {
    for name in [Room::work_name(base), Room::map_name(base)] {
        match store.discard(&name) {
            Err(error) if error.class == Class::Unsupported => {}
            result => result?,
        }
    }
    Ok(())
}
