//! Containers of a medium: raw and E01 in both directions, many others for reading.
//!
//! A format is one value of [`Format`] in the table [`FORMATS`]; `open` makes an [`Image`] (a source that also knows its
//! metadata and can check itself), `create` an [`ImageWriter`]. Damage is data: a broken table, a missing segment or a
//! corrupt chunk opens, is reported as a finding with its place, and reads as a fault. It never shrinks or shifts.
#![forbid(unsafe_code)]

mod buffers;
mod chunk_cache;
mod complain;
mod deflate;
mod error;
mod fields;
mod file_digest;
mod format;
mod formats;
mod inflate;
mod layered;
mod logical;
mod ltree;
mod paged;
mod parents;
mod resuming;
mod table_cache;

pub use error::ImageError;
pub use format::{
    Abilities, Beside, Checkpoint, Compression, Create, Description, Encoded, Encoder, Ends, Fill, Format, Image,
    ImageWriter, Match, Metadata, Part, Resumed, SegmentInfo, Spec, UnsealedSegment, Written,
};
pub use formats::{FORMATS, format, identify};
pub use inflate::{inflate_exact, inflate_exact_by_flate2};
pub use logical::LogicalEntry;
