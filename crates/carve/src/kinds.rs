//! The table of carvable kinds. To add one: a file in `kinds/`, a `mod` line, and a line in [`KINDS`].

mod gif;
mod jpeg;
mod pdf;
mod png;
mod sqlite;
mod zip;

use crate::kind::Kind;

/// Every kind, in the order of reports.
pub static KINDS: &[&dyn Kind] = &[&jpeg::Jpeg, &png::Png, &gif::Gif, &pdf::Pdf, &zip::Zip, &sqlite::Sqlite];
