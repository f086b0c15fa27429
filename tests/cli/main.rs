//! Whole commands of the binary `exhibit`, as a person or a script types them: what comes out on standard output and
//! standard error, with which exit code, and which files are there afterwards.
//!
//! The target is declared in `crates/cli/Cargo.toml`, so that Cargo hands it the binary. Other people's programs and test
//! data are used where they are at hand and skipped with a visible line elsewhere; `EXHIBIT_REQUIRE_ORACLES=1` makes a
//! missing program a failure. What needs root or a working loop device or FUSE is skipped visibly and never required.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test that cannot go on should stop there; tests make files and start programs"
)]

mod acquire;
mod authority;
mod carve;
mod case;
mod certificates;
mod custody;
mod damage;
mod demo;
mod devices;
mod disclose;
mod events;
#[path = "../../crates/image/tests/ewf_builder/mod.rs"]
mod ewf_builder;
mod existing;
mod export;
mod foreign;
mod full_disk;
mod graph;
mod handover;
mod harness;
mod hash;
mod hostile;
mod independent;
mod interrupts;
mod key;
mod logical;
mod machine;
mod medium;
mod memory;
mod mount;
mod package;
mod provenance;
mod real_faults;
mod refusals;
mod sheets;
mod terminal;
mod timestamp;
mod token;
mod transport;
