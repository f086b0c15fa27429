//! The vocabulary of Exhibit: sources, ranges, gaps, digests, names, findings, events and facts.
//!
//! Everything above this crate speaks in these words. There is no I/O here, no clock, no randomness and no thread: a
//! `Source` or a `Store` is a trait that somebody else implements, and time arrives as an [`Instant`] value.
//!
//! | word | meaning |
//! | --- | --- |
//! | medium | the bytes of the thing that was seized: a disk, a partition, a file |
//! | source | anything that can be read like a medium: a device, an image, a slice of one |
//! | gap | a range of the medium that could not be read; never "zeros" |
//! | finding | something to know about the *evidence*; goes to manifest, log and report |
//! | error | something about the *work*; stops it |
//! | fact | something that was done; goes to the custody log, never dropped |
//! | event | something to show while it happens; may be dropped |
#![forbid(unsafe_code)]

pub mod acquisition;
mod class;
mod clock;
mod digest;
mod drive;
mod event;
mod fact;
mod finding;
mod gap;
mod hex;
mod identity;
pub mod layout;
mod name;
mod range;
mod source;
mod store;
mod wrappers;

pub use class::Class;
pub use clock::{Clock, Instant};
pub use digest::{Digest, DigestError, DigestSet};
pub use drive::{Drive, HiddenArea, HiddenState};
pub use event::{Cancel, Event, Observer, Phase, Silent};
pub use fact::{Fact, RecordError, Recorder};
pub use finding::{Finding, Outcome, Severity};
pub use gap::Gap;
pub use hex::{from_hex, to_hex};
pub use identity::{Identity, WriteBlock};
pub use name::Name;
pub use range::ByteRange;
pub use source::{Cause, Known, ReadFault, Source};
pub use store::{Scratch, Segment, Store, StoreError};
pub use wrappers::{Concat, MemorySource, Slice};
