//! Believe nothing; check everything: evidence packages, case folders, bags.
//!
//! ```text
//! archive ─► members ─► ledger (sizes, digests, one pass, all cores)
//!                         ├─► bag         every manifest line against the files
//!                         ├─► signature   over the tag manifests; is the key trusted; certificates, time stamps
//!                         ├─► case, manifest, custody log     each strictly, then against each other
//!                         └─► acquisition records ─► segments ─► media (somebody else's hook)
//!                                                       all checks ─► Verdict ─► perhaps Verified<T>
//! ```
//!
//! [`check_package`] takes an archive, [`check_unpacked`] its unpacked folder, [`check_case`] a case folder. What exactly
//! is checked is in `docs/spec/verification.md`; what the word means, in `docs/concepts/what-verified-means.md`.
//!
//! Invariants:
//! - Only this crate makes a [`Verdict`] or a [`Verified`], and the latter only for a full check in which everything held.
//! - It imports definitions from the writers (`layout`, `manifest`, record structures), never `exhibit_package::write`,
//!   never what appends to a log. What it needs to decide, it decides with code of its own.
//! - Any bytes are judged in bounded time and memory, without panic. A limit that is reached is reported and never a pass.
//! - What could not be read is "not checked", never "right" and never "wrong".
//!
//! ```
//! use std::sync::Arc;
//! use exhibit_evidence::{Cancel, MemorySource, Silent};
//! use exhibit_verify::{Level, Request, Trust, Watch, check_package, zip};
//!
//! let cancel = Cancel::new();
//! let watch = Watch { observer: &Silent, cancel: &cancel };
//! let request = Request {
//!     level: Level::Full, trusted: &[], trust: Trust::default(), media: None, now: None, limits: zip::Limits::default(), watch,
//! };
//! let checked = check_package(Arc::new(MemorySource::new(*b"not an archive")), &request).unwrap();
//! assert_eq!(checked.verdict().exit_code(), 4);
//! assert!(checked.verified().is_none());
//! ```
#![forbid(unsafe_code)]

mod acquisitions;
mod authority;
pub mod bag;
pub mod beforehand;
mod bindings;
mod case;
mod case_file;
mod certificates;
mod collect;
mod custody;
mod handovers;
mod holdings;
mod image;
mod image_files;
mod image_tree;
mod ledger;
mod lines;
mod media;
mod members;
pub mod names;
mod package;
mod parts;
mod request;
mod signature;
mod stamp;
mod trust;
mod verdict;
mod watch;
pub mod zip;

pub use case::{CaseFacts, check_case};
pub use case_file::{CASE_FORMAT, CaseFile};
pub use collect::FINDINGS_MAX;
pub use handovers::{HandoverFacts, check_handover};
pub use image::{ImageFacts, ImageReader, LoneImage, check_image};
pub use ledger::Algorithm;
pub use media::{ImageFiles, MediaChecker};
pub use members::{BLOCK_BYTES, Below, Entry, Members, MemoryMembers, unreadable};
pub use package::{
    PackageFacts, check_opened, check_package, check_package_after, check_unpacked, check_unpacked_after,
};
pub use parts::{Candidate, Open, Parts, PartsFacts, check_parts, check_unopened, parse_parts};
pub use request::Request;
pub use stamp::{StampFacts, StampQuestion, check_stamp};
pub use trust::Trust;
pub use verdict::{Check, CheckResult, Checked, Level, Outcome, Verdict, Verified};
pub use watch::{Interrupted, Watch};
