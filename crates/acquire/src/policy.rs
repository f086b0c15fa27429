//! What to do about read errors: a machine without a disk, so that every case can be played through in a test.
//!
//! To add a policy: a file in `policies/` and a line in [`POLICIES`].

mod linear;
mod quick;

use exhibit_evidence::ByteRange;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Read this range.
    Read(ByteRange),
    /// Give this range up: it is a gap, after so many retries.
    Gap {
        /// The range.
        range: ByteRange,
        /// How often it was tried after the first failure.
        retries: u32,
    },
    /// The block is complete.
    Done,
}

/// Decides how one block is read. The caller does what [`ReadPolicy::next`] says and tells how each read ended.
pub trait ReadPolicy: Send {
    /// Begins a block.
    fn begin(&mut self, block: ByteRange);
    /// The next step.
    fn next(&mut self) -> Step;
    /// How a read ended: `good` bytes at its start are there, and all of them if it did not fail.
    fn result(&mut self, range: ByteRange, good: u64, failed: bool);
}

/// A policy in the table.
pub struct PolicySpec {
    /// Id as `--errors` takes it.
    pub id: &'static str,
    /// What it does, for the record and for people.
    pub describe: fn(sector_bytes: u32, retries: u32) -> String,
    /// Whether the rest of the medium is left to a rescue at the first read that fails: good places first, bad ones last. What
    /// `start` makes is then for where there is no room for one.
    pub rescues: bool,
    /// Makes one.
    pub start: fn(sector_bytes: u32, retries: u32) -> Box<dyn ReadPolicy>,
}

/// All policies.
pub static POLICIES: &[PolicySpec] = &[linear::SPEC, quick::SPEC];

/// The policy with this id.
#[must_use]
pub fn policy(id: &str) -> Option<&'static PolicySpec> {
    POLICIES.iter().find(|policy| policy.id == id)
}
