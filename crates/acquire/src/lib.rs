//! From source to image without losing a fact.
//!
//! [`run`] reads a source once, in order, and feeds every block to the digest lanes, the hash tree and the compressors at
//! the same time; an ordered writer puts the result into the container. What cannot be read becomes a [gap] in its
//! place. Afterwards the image is read back and compared, and only then do its files get their final names.
//!
//! The engine knows no path, no clock and no terminal: source, store, recorder, observer and time are handed in.
//!
//! [gap]: exhibit_evidence::Gap
#![forbid(unsafe_code)]

mod attempt;
mod copies;
mod error;
mod gaps;
mod journal;
mod keeping;
mod patient;
mod pipeline;
mod policy;
mod read_back;
mod reader;
mod record;
pub mod rescue;
mod resume;
mod run;
mod source_again;
mod space;
mod tree_file;

pub use error::AcquireError;
pub use journal::sealed_places;
pub use keeping::Checkpoints;
pub use policy::{POLICIES, PolicySpec, ReadPolicy, Step, policy};
pub use run::{Acquired, Care, CopyDoors, Doors, Job, run};
pub use space::Space;
