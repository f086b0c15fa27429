//! Whether a file of a format without an end mark ends where its last record does.
//!
//! A file that is cut ends with a record that reaches into foreign bytes, and its own header does not tell. Most writers
//! fill the rest of the last sector with zeros: a record that ends where such a filling begins, to the byte, is its file's
//! last one. So is one that ends with the medium.

use crate::fragments::SECTOR_BYTES;
use crate::stop::Stop;
use crate::window::Window;

/// Zeros behind the end that show a filling, in bytes. With fewer, nothing is known.
const FILLING_LEAST: u64 = 16;
/// The last bytes of a record, of which one at least is not zero.
const LAST_BYTES: usize = 2;

/// Whether the medium ends at `end`, or the last sector is filled with zeros from there.
pub(crate) fn ends_here(window: &mut Window<'_>, end: u64) -> Result<bool, Stop> {
    if end == window.size() {
        return Ok(true);
    }
    let length = end.next_multiple_of(SECTOR_BYTES).saturating_sub(end);
    if length < FILLING_LEAST || end.saturating_add(length) > window.size() {
        return Ok(false);
    }
    let last = window.exact(end.saturating_sub(LAST_BYTES as u64), LAST_BYTES)?;
    if last.iter().all(|byte| *byte == 0) {
        return Ok(false);
    }
    match window.exact(end, usize::try_from(length).unwrap_or(0)) {
        Ok(filling) => Ok(filling.iter().all(|byte| *byte == 0)),
        Err(Stop::Unreadable(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Whether `length` bytes from `at` lie in one sector: what does not stand there cannot have been torn off.
pub(crate) const fn is_room_for(at: u64, length: u64) -> bool {
    !at.is_multiple_of(SECTOR_BYTES) && at / SECTOR_BYTES == at.saturating_add(length).saturating_sub(1) / SECTOR_BYTES
}

/// Whether a part of the same kind at `at` is rather another file: it begins with a sector, and no part before it began
/// elsewhere. Files that lie side by side do; parts of one file follow each other to the byte.
pub(crate) const fn is_next_file(at: u64, parts: u64) -> bool {
    parts == 1 && at.is_multiple_of(SECTOR_BYTES)
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;
    use crate::budget::Budget;

    #[test]
    fn a_filling_that_begins_at_the_byte_is_an_end_and_anything_else_is_not() {
        let ends = |bytes: &[u8], end: u64| {
            let (source, budget) = (MemorySource::new(bytes), Budget::alone(1 << 20));
            ends_here(&mut Window::new(&source, &budget), end).unwrap()
        };
        let filled = [&[7; 300][..], &[0; 212], &[9; 512]].concat();
        assert!(ends(&filled, 300) && ends(&filled, 1024));
        assert!(!ends(&filled, 299) && !ends(&filled, 302) && !ends(&filled, 512));
        assert!(!ends(&[7; 1024], 300) && !ends(&filled[..400], 300));
    }
}
