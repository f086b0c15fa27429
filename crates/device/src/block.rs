//! Block devices as sources.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;

use exhibit_evidence::{ReadFault, Source};
use rustix::fs::Advice;

use crate::direct;
use crate::file::read_exactly;

/// A block device, opened read-only. Reads go through the page cache, which reads ahead; after a medium error the range is
/// read again past it.
#[derive(Debug)]
pub(crate) struct BlockSource {
    buffered: File,
    direct: Option<File>,
    size: u64,
}

impl BlockSource {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut buffered = File::open(path)?;
        // Works for block devices on Linux and BSD, and needs no ioctl.
        let size = buffered.seek(SeekFrom::End(0))?;
        let _ = rustix::fs::fadvise(&buffered, 0, None, Advice::Sequential); // a hint; failing costs only speed
        Ok(Self { buffered, direct: direct::open(path), size })
    }
}

impl Source for BlockSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        let result = read_exactly(&self.buffered, at, buf);
        result.or_else(|fault| direct::read_again(self.direct.as_ref(), at, buf, fault))
    }
}
