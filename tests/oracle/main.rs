//! Images that nobody here made, judged by digests that others published; and images of ours, judged by other people's
//! programs. What is not installed or not at hand is skipped with a line that says so; `EXHIBIT_REQUIRE_ORACLES=1` makes
//! a missing program a failure.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests stop where they cannot go on, and read files"
)]

mod aff4;
mod age;
#[path = "../../crates/image/tests/ewf_builder/mod.rs"]
mod ewf_builder;
mod ewf_family;
mod foreign_e01;
mod foreign_raw;
mod medium;
mod odd;
mod our_e01;
mod vm;
