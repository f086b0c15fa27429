//! The rules of the house as tests: who may import whom, tables and folders, sources, documents.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    reason = "helpers of tests stop where they cannot go on, and print what they measured"
)]

mod documents;
mod floors;
mod manifest;
mod source_code;
mod sources;
mod tables;
