//! The digests of pages in a code signature (xnu, cs_blobs.h).
//!
//! ```text
//! blob   FADE0CC0, length, count; type and place of each part
//! part 0 FADE0C02, length, version, flags, place of the digests @16, of the name @20, special @24, pages @28,
//!        bytes covered @32, size of a digest @36, its kind @37 (2: SHA-256), log2 of the page size @39
//! ```

use exhibit_evidence::ByteRange;
use sha2::{Digest, Sha256};

use super::thin::Program;
use crate::stop::Stop;
use crate::window::Window;

const BLOB: u32 = 0xfade_0cc0;
const DIRECTORY: u32 = 0xfade_0c02;

/// Compares the digests of all pages of the program at `base`; how many there are, 0 if it is not signed with SHA-256.
pub(super) fn check(window: &mut Window<'_>, base: u64, program: &Program) -> Result<u64, Stop> {
    let Some((place, size)) = program.signature else { return Ok(0) };
    let at = base.saturating_add(place);
    if size < 20 || window.u32_be(at)? != BLOB {
        return Err(Stop::bad(at, "no code signature where one is named"));
    }
    let count = window.u32_be(at.saturating_add(8))?.min(32);
    for index in 0..u64::from(count) {
        let entry = at.saturating_add(12).saturating_add(index.saturating_mul(8));
        let part = at.saturating_add(u64::from(window.u32_be(entry.saturating_add(4))?));
        if window.u32_be(part)? == DIRECTORY && window.array::<2>(part.saturating_add(36))? == [32, 2] {
            return directory(window, base, part, place);
        }
    }
    Ok(0)
}

fn directory(window: &mut Window<'_>, base: u64, part: u64, signature: u64) -> Result<u64, Stop> {
    let digests = part.saturating_add(u64::from(window.u32_be(part.saturating_add(16))?));
    let pages = u64::from(window.u32_be(part.saturating_add(28))?);
    let covered = u64::from(window.u32_be(part.saturating_add(32))?);
    let shift = u32::from(window.u8(part.saturating_add(39))?);
    if !(9..=16).contains(&shift) || covered > signature || covered.div_ceil(1 << shift) != pages {
        return Err(Stop::bad(part, "a code signature that covers something else"));
    }
    for page in 0..pages {
        let start = page << shift;
        let range = ByteRange::between(start, start.saturating_add(1 << shift).min(covered));
        let mut digest = Sha256::new();
        let from = base.saturating_add(range.offset);
        window.each(ByteRange::new(from, range.length), |bytes| digest.update(bytes))?;
        let stated = window.exact(digests.saturating_add(page.saturating_mul(32)), 32)?;
        if stated != digest.finalize().as_slice() {
            return Err(Stop::bad(from, "the digest of a page in the code signature does not match"));
        }
    }
    Ok(pages)
}
