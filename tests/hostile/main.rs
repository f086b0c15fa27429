//! Damaged and forged E01 images: no panic, bounded time and memory, and no changed byte of medium without a word.
//!
//! Every mutation is a fixed function of a number, so a failure names the case and is there again at the next run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "helpers of tests stop where they cannot go on, and read files"
)]

mod forged;
mod memory;
mod mutation;
mod random;
mod subject;
