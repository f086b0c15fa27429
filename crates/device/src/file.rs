//! Regular files as sources.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use exhibit_evidence::{Cause, ReadFault, Source};
use memmap2::Mmap;

/// Whether a file may be mapped into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapping {
    /// Finished files on a local disk: sealed images, files to hash or carve.
    Finished,
    /// Anything whose read error must be a value and not a signal: sources to acquire, files still being written.
    Never,
}

/// Largest file that is mapped: 32 MiB. Mapped pages count as this process's memory, which must not grow with the size of
/// an image, and for larger files the system calls that a map saves no longer matter.
const MAP_BYTES_MAX: u64 = 32 << 20;
/// Smallest file that is mapped: 128 KiB. For smaller ones making and taking down the map costs more than the copy it saves.
const MAP_BYTES_MIN: u64 = 128 << 10;

/// A regular file, opened read-only.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    map: Option<Mmap>,
    /// For sources that are acquired: a second handle past the page cache.
    direct: Option<File>,
    size: u64,
}

impl FileSource {
    /// Opens the file at `path`. Its size is taken once; what is appended later is not part of the source.
    ///
    /// # Errors
    /// If it cannot be opened or is not a regular file.
    pub fn open(path: &Path, mapping: Mapping) -> io::Result<Self> {
        let (file, size) = open_regular(path)?;
        let map = match mapping {
            Mapping::Finished if (MAP_BYTES_MIN..=MAP_BYTES_MAX).contains(&size) && is_on_local_disk(&file) => {
                map(&file)
            }
            _ => None,
        };
        let direct = if mapping == Mapping::Never { crate::direct::open(path) } else { None };
        Ok(Self { file, map, direct, size })
    }
}

/// Opens a regular file, and nothing else; with its size. A named pipe would keep an ordinary open waiting for somebody who writes, which
/// a folder from a stranger could use to stop us: opened without waiting it is refused like every other special file.
pub(crate) fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// Maps the whole file; `None` where that does not work, which only costs speed.
#[expect(unsafe_code, reason = "memmap2 cannot know that nobody truncates the file; see the comment")]
fn map(file: &File) -> Option<Mmap> {
    // SAFETY: the map is read-only and private to this process. What breaks it is another process truncating the file, or
    // a medium error under it: both end this process with SIGBUS instead of an error value. So only files that are
    // finished and lie on a local disk are mapped (`Mapping::Finished`, `is_on_local_disk`), never a source that is being
    // acquired, and `--no-mmap` switches it off. Bytes that change under the map change what is read, as they would with
    // read(2): every consumer treats them as hostile anyway.
    unsafe { Mmap::map(file) }.ok()
}

/// Network and user-space file systems can fail a page at any time; pages of a local disk's file practically do not.
fn is_on_local_disk(file: &File) -> bool {
    /// Linux `statfs(2)`: NFS, SMB (three generations), FUSE, 9P, Coda, AFS.
    const REMOTE: [i64; 8] =
        [0x6969, 0x517b, 0xfe53_4d42, 0xff53_4d42, 0x6573_5546, 0x0102_1997, 0x7375_7245, 0x5346_414f];
    #[cfg(target_os = "linux")]
    {
        rustix::fs::fstatfs(file).is_ok_and(|fs| !REMOTE.contains(&(fs.f_type & 0xffff_ffff)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (file, REMOTE);
        false
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size)?;
        if let Some(map) = &self.map {
            let start = usize::try_from(at).unwrap_or(usize::MAX);
            if let Some(bytes) = map.get(start..).and_then(|tail| tail.get(..buf.len())) {
                buf.copy_from_slice(bytes);
                return Ok(());
            }
        }
        let result = read_exactly(&self.file, at, buf);
        result.or_else(|fault| crate::direct::read_again(self.direct.as_ref(), at, buf, fault))
    }
}

/// Fills `buf`, counting what was good when it fails. A file that became shorter is an I/O fault, not a short read.
pub(crate) fn read_exactly(file: &File, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
    let mut good = 0_usize;
    while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at.saturating_add(good as u64)) {
            Ok(0) => {
                let cause = io::Error::new(io::ErrorKind::UnexpectedEof, "the source became shorter than it was");
                return Err(ReadFault { at, good, cause: Cause::Io(cause) });
            }
            Ok(count) => good = good.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadFault { at, good, cause: classify(error) }),
        }
    }
    Ok(())
}

/// EIO and its relatives mean that the medium cannot give these bytes; everything else is about the machine.
fn classify(error: io::Error) -> Cause {
    // Linux errno: EIO 5, ENODATA 61 (critical medium error), EREMOTEIO 121 (target failure), EILSEQ 84 (protection
    // information, also USB transfer error), EBADMSG 74.
    match error.raw_os_error() {
        Some(5 | 61 | 74 | 84 | 121) => Cause::Medium(error),
        _ => Cause::Io(error),
    }
}
