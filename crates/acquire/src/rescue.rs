//! Saving what a failing medium still gives: good data first, bad places last, every sector by itself in the end.

mod map;
mod map_file;
mod plan;

pub use map::{Map, Status};
pub use map_file::{CAUSE_OF_EARLIER_RUN, MapError, MapFile};
pub use plan::{Outcome, Phase, Plan};
