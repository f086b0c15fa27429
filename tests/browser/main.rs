//! `verify.html` in a real browser: it says what the program says, asks nothing of any network, and speaks six languages.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests make and change files, and print what they measured"
)]

mod accessible;
#[path = "../cli/authority.rs"]
#[expect(dead_code, reason = "shared with the tests of whole commands, which use all of it")]
mod authority;
mod disclosure;
mod firefox;
#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "shared with the tests of whole commands, which use all of it")]
mod harness;
mod large;
mod reports;
mod speed;
mod spoilt;
mod trust;
mod vectors;
mod verdicts;
mod webdriver;
mod words;
