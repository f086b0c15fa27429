//! What the tests over the whole workspace share: where things lie, and other people's programs.
//!
//! The tests themselves are in the folders beside this one: `architecture` (the rules of the house), `contract` (every
//! entry of every table), `oracle` (foreign images and foreign programs), `hostile` (damaged images), `replay` (fuzz
//! targets over seeds and kept crashes), `cli` (whole commands; its target is declared in `crates/cli`).
#![forbid(unsafe_code)]

pub mod foreign;
pub mod places;
