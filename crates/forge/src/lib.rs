//! Practice disks from a recipe, with the truth about them.

#![forbid(unsafe_code)]

mod encode;
mod picture;
pub mod plants;
mod prose;
mod random;

pub use plants::{PLANTS, Plant};
pub use random::Random;
