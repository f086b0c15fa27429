//! Small encoders of file formats: enough of each format to be a valid file in the eyes of other people's programs.
//!
//! They are written out here for the same reason as [`crate::Random`]: compressors in libraries change their output
//! between versions, and some choose by processor, while a practice disk must be the same everywhere.

pub(crate) mod bits;
pub(crate) mod bzip2;
pub(crate) mod deflate;
pub(crate) mod exif;
pub(crate) mod flac;
pub(crate) mod gif;
pub(crate) mod huffman;
pub(crate) mod jpeg;
mod jpeg_tables;
pub(crate) mod packet;
pub(crate) mod pdf;
pub(crate) mod png;
pub(crate) mod sqlite;
pub(crate) mod xz;
pub(crate) mod zip;
