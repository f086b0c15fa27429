//! The door out: the only crate that creates, names or locks files.
//!
//! A segment lives under `<name>.partial` until it is sealed; sealing syncs it and gives it its final name without ever
//! replacing anything. Whatever happens before that (crash, full disk, Ctrl-C) leaves a name that says it is unfinished.
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "this crate is the door out: here, and only here, files are created")]

mod direct;
mod file;
mod folder;
mod lock;
mod many_files;
mod scratch;
mod standard_output;

pub use folder::{Folder, PARTIAL_SUFFIX};
pub use lock::Lock;
pub use many_files::allow_many_files;
pub use standard_output::StandardOutput;
