//! Seals a case as an evidence package: a BagIt 1.0 bag in one deterministic ZIP64 archive, signed.
//!
//! | module | holds | used by |
//! | --- | --- | --- |
//! | [`layout`] | where each member lies, which names are safe, what is signed | the writer and the checker |
//! | [`manifest`] | the structures of `exhibit/manifest.json` | the writer, the checker, the reports |
//! | [`disclosure`] | the structures of `exhibit/disclosure.json`: what is shown, withheld, proven | the writer, the checker |
//! | [`write`](mod@write) | [`write::seal`]: a plan in, an archive out | only those who make packages |
//!
//! The first three are definitions without behaviour of their own, so that a checker can share the *format* and still share
//! no decision with the writer. The format for people is `docs/spec/package.md` and `docs/spec/manifest.md`.
//!
//! Invariants:
//! - Same plan, same signer: same bytes, on any machine and any number of threads.
//! - Every byte of the payload is read once; memory does not grow with its size.
//! - Nothing is sealed if a source could not be read to its end: an archive with a hole has no final name.

#![forbid(unsafe_code)]

pub mod disclosure;
pub mod exports;
pub mod layout;
pub mod manifest;
pub mod parts;
pub mod write;
