//! What a medium says it contains: partition tables, and what each part begins with.
//!
//! [`layout`] is handed any [`Source`](exhibit_evidence::Source) and gives a
//! [`Layout`](exhibit_evidence::layout::Layout): a summary for the examiner who decides what to do next, and for the
//! record. Nothing is listed and nothing is checked beyond what recognising needs; where encryption is seen it is named.
//!
//! Everything here reads hostile bytes: a [`Window`] bounds what is read of each volume, tables have limits, chains are
//! followed once.
#![forbid(unsafe_code)]

mod free_space;
mod kinds;
mod partitions;
mod randomness;
mod summary;
mod window;

pub use free_space::{FreeSpace, VolumeSpace, free_space};
pub use kinds::{KINDS, Kind};
pub use summary::layout;
pub use window::Window;
