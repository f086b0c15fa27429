//! What every entry of every table promises, checked by looping over the tables: a new entry is enrolled by existing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests stop where they cannot go on, and read files"
)]

mod acquisition;
mod algorithms;
mod formats;
mod identities;
mod outputs;
mod plants_and_kinds;
mod policies;
mod spec_samples;
