//! The checker in a page: one HTML file that opens in any browser, without network and without installing anything.
//!
//! ```text
//! page (page.js)        one thread: what the reader sees
//!   ├─ worker: asks this module for the pieces of a package, and at the end for the verdict
//!   └─ workers, one for each core: do the pieces
//! ```
//!
//! Every decision is made by `exhibit-verify`, compiled to WebAssembly; this crate carries questions in and answers out
//! ([`answer`]), and the files that the reader dropped on the page in as [`Source`](exhibit_evidence::Source)s. The page itself ([`PAGE`]) is built
//! by `crates/verify-web/build.sh` and checked in, so that no other build needs a compiler for the web.
#![deny(unsafe_code)]

#[cfg(target_family = "wasm")]
mod boundary;
mod disclosed;
mod files;
mod question;
mod story;

pub use files::{Files, Named};
pub use question::answer;

/// `verify.html`, as it is in every package.
#[cfg(not(target_family = "wasm"))]
pub const PAGE: &str = include_str!("../verify.html");
