//! Believe nothing; check everything. (More to come: this page is written when the crate is whole.)
#![forbid(unsafe_code)]

pub mod bag;
mod collect;
mod ledger;
mod lines;
mod members;
pub mod names;
mod verdict;
mod watch;
pub mod zip;

pub use collect::FINDINGS_MAX;
pub use ledger::Algorithm;
pub use members::{BLOCK_BYTES, Below, Entry, Members, MemoryMembers, unreadable};
pub use verdict::{Check, CheckResult, Checked, Level, Outcome, Verdict, Verified};
pub use watch::{Interrupted, Watch};
