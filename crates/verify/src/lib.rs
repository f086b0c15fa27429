//! Believe nothing; check everything. (More to come: this page is written when the crate is whole.)
#![forbid(unsafe_code)]

mod acquisitions;
pub mod bag;
mod bindings;
mod case;
mod case_file;
mod collect;
mod custody;
mod holdings;
mod ledger;
mod lines;
mod media;
mod members;
pub mod names;
mod package;
mod request;
mod signature;
mod verdict;
mod watch;
pub mod zip;

pub use case::{CaseFacts, check_case};
pub use case_file::{CASE_FORMAT, CaseFile};
pub use collect::FINDINGS_MAX;
pub use ledger::Algorithm;
pub use media::{ImageFiles, MediaChecker};
pub use members::{BLOCK_BYTES, Below, Entry, Members, MemoryMembers, unreadable};
pub use package::{PackageFacts, check_package, check_unpacked};
pub use request::Request;
pub use verdict::{Check, CheckResult, Checked, Level, Outcome, Verdict, Verified};
pub use watch::{Interrupted, Watch};
