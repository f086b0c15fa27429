//! Blocks into digests, in parallel and in order; the hash tree.

pub mod merkle;
