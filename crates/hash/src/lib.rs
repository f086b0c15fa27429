//! Blocks into digests, in parallel and in order; the hash tree of a medium.
//!
//! Linear digests (MD5, SHA-1, SHA-256, SHA-512) cannot be split, so each runs on a thread of its own ([`Lanes`]) and
//! all are fed the same shared [`Block`]s. The hash tree ([`tree`]) is parallel without limit. [`ordered`] reads any
//! source on several threads and hands the blocks on in order.
// Not `forbid`: one call each in `sixteen`, `sha256::pair`, `algorithms::md5::vector` and `beside_sha256` there reaches instructions that not every processor has.
#![deny(unsafe_code)]

mod algorithm;
mod algorithms;
mod block;
mod file_lane;
mod fips180;
mod lanes;
mod leaf_pair;
mod media;
pub mod merkle;
pub mod ordered;
pub mod range_proof;
pub mod sha256;
mod sixteen;
mod stored_tree;
mod together;
pub mod tree;

pub use algorithm::{Algorithm, Digester};
pub use algorithms::{ALGORITHMS, algorithm};
pub use block::{BLOCK_BYTES, Block, BlockMut, Pool};
pub use file_lane::{FileDigest, FileLane, Pending};
pub use lanes::{Lanes, Threads};
pub use media::{MediaDigests, MediaError, Want, media_digests};
pub use stored_tree::{StoredTree, StoredTreeError};
pub use together::Md5AndSha256;
pub use tree::Tree;
