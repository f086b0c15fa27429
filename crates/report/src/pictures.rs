//! Pictures of a case: what of a medium was read, who did what in which order, what was made from what.

mod derivation;
mod medium;
mod time_line;

pub(crate) use derivation::derivation;
pub(crate) use medium::medium;
pub(crate) use time_line::time_line;
