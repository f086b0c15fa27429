//! Filling a buffer with what the medium really holds.

use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};

/// Fills `buffer` from `at` up to the first byte that cannot be read; the number of good bytes. What is known to be
/// unreadable is not asked for, so that a container's fill bytes are never taken for data.
///
/// # Errors
/// Only faults that are no property of the medium; all others are an end.
pub(crate) fn fill(source: &dyn Source, at: u64, buffer: &mut [u8]) -> Result<usize, ReadFault> {
    let mut good = 0_usize;
    while let Some(rest) = buffer.get_mut(good..).filter(|rest| !rest.is_empty()) {
        let here = at.saturating_add(good as u64);
        let (run, known) = source.known(ByteRange::new(here, rest.len() as u64));
        let length = usize::try_from(run.length).unwrap_or(usize::MAX).min(rest.len());
        let Some(part) = rest.get_mut(..length).filter(|part| !part.is_empty()) else { break };
        match known {
            Known::Unreadable => break,
            Known::Zero => part.fill(0),
            Known::Data => {
                if let Err(fault) = source.read_at(here, part) {
                    good = good.saturating_add(fault.good.min(length));
                    return if matches!(fault.cause, Cause::Io(_)) { Err(fault) } else { Ok(good) };
                }
            }
        }
        good = good.saturating_add(length);
    }
    Ok(good)
}
