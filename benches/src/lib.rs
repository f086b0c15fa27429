//! What the benchmarks and `peers.sh` share: media in memory, a store that keeps nothing, one whole acquisition, and the
//! grading of carvers.
//!
//! Media are read into memory before the clock starts, so that neither a disk nor the generator is measured.
#![forbid(unsafe_code)]

mod acquisition;
mod discard;
pub mod huge;
pub mod layouts;
pub mod process;
pub mod score;

use exhibit_evidence::{MemorySource, Source};
use exhibit_forge::{Mix, MixedMedium};

pub use acquisition::{Task, acquire, acquire_to_memory};
pub use discard::Discard;

/// The seed of every medium here: results of two runs are about the same bytes.
pub const SEED: u64 = 1;

/// `size_bytes` bytes that look like a used disk.
///
/// # Panics
/// Never: the generator has no faults.
#[must_use]
pub fn mixed(size_bytes: u64) -> Vec<u8> {
    let medium = MixedMedium::new(SEED, size_bytes, Mix::USED);
    let mut bytes = vec![0; usize::try_from(size_bytes).unwrap_or(0)];
    let filled = medium.read_at(0, &mut bytes);
    assert!(filled.is_ok(), "the generator reads everywhere");
    bytes
}

/// The same as a source in memory.
#[must_use]
pub fn mixed_source(size_bytes: u64) -> MemorySource {
    MemorySource::new(mixed(size_bytes))
}
