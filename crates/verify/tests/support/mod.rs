//! Shared by the tests of this crate.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod archive;
pub(crate) mod world;
