//! Reading past the page cache, to find out exactly which sectors are bad.
//!
//! The cache works in pages of 4 KiB: where one sector of 512 bytes is bad it reports eight.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use exhibit_evidence::{Cause, ReadFault};
use rustix::fs::OFlags;

use crate::aligned::AlignedBuffer;
use crate::file::read_exactly;

/// Longest range that is read again directly: isolating an error is done in small steps, and large reads that fail are
/// cut up by the read policy anyway. 64 KiB.
const DIRECT_BYTES_MAX: usize = 64 * 1024;

/// A second, direct handle on the file or device at `path`; `None` where the file system has no such thing.
pub(crate) fn open(path: &Path) -> Option<File> {
    let flags = i32::try_from(OFlags::DIRECT.bits()).ok()?;
    OpenOptions::new().read(true).custom_flags(flags).open(path).ok()
}

/// Reads again directly what failed through the cache with a medium error; the better answer of the two.
pub(crate) fn read_again(direct: Option<&File>, at: u64, buf: &mut [u8], fault: ReadFault) -> Result<(), ReadFault> {
    let aligned = at.is_multiple_of(512) && buf.len().is_multiple_of(512) && buf.len() <= DIRECT_BYTES_MAX;
    let Some(direct) = direct.filter(|_| aligned && matches!(fault.cause, Cause::Medium(_))) else {
        return Err(fault);
    };
    let mut bounce = AlignedBuffer::new(buf.len());
    let result = read_exactly(direct, at, bounce.as_mut());
    match result {
        Ok(()) => {
            buf.copy_from_slice(bounce.as_mut());
            Ok(())
        }
        Err(second) if matches!(second.cause, Cause::Medium(_)) && second.good >= fault.good => {
            buf.copy_from_slice(bounce.as_mut());
            Err(second)
        }
        // EINVAL means that this device wants larger sectors than we asked for: the first answer stands then.
        Err(_) => Err(fault),
    }
}
