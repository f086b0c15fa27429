//! One read of the source, and what its end means for the work.

use std::io::{Error, ErrorKind};

use exhibit_evidence::{Cause, ReadFault};

use crate::AcquireError;
use crate::patient::Patient;

/// Cause of the gap where a source ends that was longer when it was opened.
pub(crate) const CAUSE_OF_THE_END: &str = "past the end of the source as it is now: it was longer when it was opened";

/// How a read ended, if the work goes on.
pub(crate) enum Attempt {
    /// All is there.
    Read,
    /// The first `good` bytes are there, then the medium failed.
    Failed {
        /// Bytes.
        good: u64,
        /// What the system said.
        cause: String,
    },
    /// The first `good` bytes are there, and the source ends behind them now.
    Ended {
        /// Bytes.
        good: u64,
    },
}

/// Reads into `buffer` from byte `at`; the buffer comes back in its length, filled as far as the attempt says.
///
/// # Errors
/// If the device is gone, hangs for good, or fails in a way that no sector explains; or if the work is to stop.
pub(crate) fn attempt(
    source: &mut Patient,
    at: u64,
    buffer: Vec<u8>,
    stopped: &dyn Fn() -> bool,
) -> (Vec<u8>, Result<Attempt, AcquireError>) {
    let (buffer, result) = source.read(at, buffer, stopped);
    let fault = match result {
        Ok(()) => return (buffer, Ok(Attempt::Read)),
        Err(fault) => fault,
    };
    let good = (fault.good as u64).min(buffer.len() as u64);
    let offset = at.saturating_add(good);
    let attempt = match &fault.cause {
        // A failing disk can take a minute for each sector: the wish to stop must not wait for more of them.
        _ if stopped() => Err(AcquireError::Interrupted { done_bytes: at }),
        Cause::PastEnd => end_or_loss(source, offset, good, &fault, stopped),
        Cause::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            end_or_loss(source, offset, good, &fault, stopped)
        }
        Cause::Io(error) => Err(AcquireError::Source { offset, cause: error.to_string() }),
        Cause::Medium(error) if is_gone(error) => Err(AcquireError::Source { offset, cause: error.to_string() }),
        cause => Ok(Attempt::Failed { good, cause: cause.to_string() }),
    };
    (buffer, attempt)
}

/// A source that became shorter is read as far as it goes. One that was pulled out looks the same, except that its first sector
/// ends early as well: that is no gap to the end of the medium but the loss of the device.
fn end_or_loss(
    source: &mut Patient,
    offset: u64,
    good: u64,
    fault: &ReadFault,
    stopped: &dyn Fn() -> bool,
) -> Result<Attempt, AcquireError> {
    let first = usize::try_from(source.size().min(512)).unwrap_or(512);
    let is_there = match source.read(0, vec![0; first], stopped).1.map_err(|fault| fault.cause) {
        Ok(()) => true,
        Err(Cause::Medium(error)) => !is_gone(&error),
        Err(_) => false,
    };
    if is_there && offset > 0 {
        return Ok(Attempt::Ended { good });
    }
    Err(AcquireError::Source { offset, cause: fault.cause.to_string() })
}

/// Whether the error says that the device itself is gone. Linux: ENXIO 6, ENODEV 19, ENOMEDIUM 123.
fn is_gone(error: &Error) -> bool {
    matches!(error.raw_os_error(), Some(6 | 19 | 123))
}
