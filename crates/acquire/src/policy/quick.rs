//! In order while nothing fails; from the first failure on, good places before bad ones, through a working file.

use super::{PolicySpec, linear};

pub(super) const SPEC: PolicySpec = PolicySpec { id: "quick", describe, rescues: true, start: linear::start };

fn describe(sector_bytes: u32, retries: u32) -> String {
    format!(
        "quick: from the first read that fails, the rest of the medium is read to a working file, jumping over what fails; then \
         what was jumped over is read, failed ranges are read from their edges and sector by sector ({sector_bytes} bytes); each \
         failing sector is tried {retries} more times and then recorded as a gap"
    )
}
