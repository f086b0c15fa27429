//! The bodies of the fuzz targets, and the smallest valid inputs to begin with.
//!
//! The test target `replay` of the project includes both files and runs every target over every seed, its truncations,
//! and every kept artifact, with the stable compiler.
#![forbid(unsafe_code)]

pub mod parsers;
pub mod seeds;
