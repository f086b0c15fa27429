//! Block devices as sources.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use exhibit_evidence::{Cause, ReadFault, Source};
use rustix::fs::{Advice, OFlags};

use crate::aligned::AlignedBuffer;
use crate::file::read_exactly;

/// A block device, opened read-only.
///
/// Reads go through the page cache, which reads ahead. After a medium error the same range is read again directly (past
/// the cache): the cache works in pages of 4 KiB and would report eight sectors of 512 bytes bad where one is.
#[derive(Debug)]
pub(crate) struct BlockSource {
    buffered: File,
    direct: Option<File>,
    size: u64,
}

/// Longest range that is read again directly: isolating an error is done in small steps, and large reads that fail are
/// cut up by the read policy anyway. 64 KiB.
const DIRECT_BYTES_MAX: usize = 64 * 1024;

impl BlockSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut buffered = File::open(path)?;
        // Works for block devices on Linux and BSD, and needs no ioctl.
        let size = buffered.seek(SeekFrom::End(0))?;
        let _ = rustix::fs::fadvise(&buffered, 0, None, Advice::Sequential); // a hint; failing costs only speed
        let flags = i32::try_from(OFlags::DIRECT.bits()).unwrap_or(0);
        let direct = OpenOptions::new().read(true).custom_flags(flags).open(path).ok();
        Ok(Self { buffered, direct, size })
    }
}

impl Source for BlockSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let fault = match read_exactly(&self.buffered, at, buf) {
            Ok(()) => return Ok(()),
            Err(fault) => fault,
        };
        let aligned = at.is_multiple_of(512) && buf.len().is_multiple_of(512);
        match &self.direct {
            Some(direct) if matches!(fault.cause, Cause::Medium(_)) && aligned && buf.len() <= DIRECT_BYTES_MAX => {
                let mut bounce = AlignedBuffer::new(buf.len());
                let result = read_exactly(direct, at, bounce.as_mut());
                buf.copy_from_slice(bounce.as_mut());
                // EINVAL means that this device wants larger sectors than we asked for: the first answer stands then.
                result.map_err(|second| match second.cause {
                    Cause::Io(_) => fault,
                    _ => second,
                })
            }
            _ => Err(fault),
        }
    }
}
