//! Believe nothing; check everything. (More to come: this page is written when the crate is whole.)
#![forbid(unsafe_code)]

mod collect;
mod members;
pub mod names;
mod verdict;
pub mod zip;

pub use collect::FINDINGS_MAX;
pub use members::{BLOCK_BYTES, Below, Entry, Members, MemoryMembers, unreadable};
pub use verdict::{Check, CheckResult, Checked, Level, Outcome, Verdict, Verified};
