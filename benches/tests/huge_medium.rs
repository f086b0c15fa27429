//! A medium of 20 TB takes no more memory than a small one: nothing is allocated by the size of the medium.
//!
//! A file of its own, so that its process holds nothing else. What counts is the address space asked for, used or not: a
//! table of all chunks (671 million in an E01) would show at once.

use std::sync::Arc;

use exhibit_acquire::AcquireError;
use exhibit_benches::huge::{HugeMedium, Until};
use exhibit_benches::process::{address_space_mib, memory_mib};
use exhibit_benches::{Task, acquire};
use exhibit_image::{Compression, FORMATS};

/// Address space for the medium's own 8 MiB, 48 blocks, what an E01 gathers, and thread stacks and heaps of the allocator
/// (64 MiB each for every thread). A byte for each of the chunks of one image alone would be 640 MiB more.
const GROWTH_MIB_MAX: u64 = 1200;

#[test]
#[expect(clippy::disallowed_macros, reason = "a test that could not test must say so")]
fn twenty_terabytes_take_no_more_memory_than_little() {
    let Some(before) = address_space_mib() else {
        println!("skipped: this system does not tell how much memory a process has");
        return;
    };
    for spec in FORMATS.iter().map(|format| format.spec()).filter(|spec| spec.abilities.write) {
        let medium = Arc::new(HugeMedium::new(20_000_000_000_000, Until::Bytes(96 << 20)));
        let task = Task { format: spec.id, compression: Compression::Fast, hashes: &["md5", "sha256"], jobs: 2 };
        let result = acquire(medium.clone(), task);
        assert!(matches!(result, Err(AcquireError::Source { .. })), "{}: {:?}", spec.id, result.err());
        assert!(medium.seen().read_bytes >= 96 << 20);
    }
    let after = address_space_mib().unwrap_or_default();
    assert!(after - before < GROWTH_MIB_MAX, "the address space grew from {before} to {after} MiB");
    let (_, resident) = memory_mib().unwrap_or_default();
    assert!(resident < 256, "{resident} MiB were resident");
}
