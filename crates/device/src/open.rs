//! Opening a source to acquire, and refusing what must not be touched.

use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::sync::Arc;

use exhibit_evidence::{Identity, Name, Source, WriteBlock};

use crate::block::BlockSource;
use crate::file::{FileSource, Mapping};
use crate::list::identity;
use crate::sysfs::SysDevice;

/// A source, ready to be read, with all that is known about it.
pub struct Opened {
    /// The bytes.
    pub source: Arc<dyn Source>,
    /// What it says it is, and how it is protected.
    pub identity: Identity,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// Why a source was not opened.
#[derive(Debug)]
pub enum OpenError {
    /// It could not be opened.
    Io(io::Error),
    /// It is neither a block device nor a regular file.
    Kind(String),
    /// It is mounted (or swap) and the kernel may write to it at any moment.
    MountedWritable {
        /// Where.
        points: Vec<String>,
    },
    /// The kernel would let a program write to it, and no reason was given why that is acceptable.
    NotWriteProtected,
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::Kind(kind) => write!(f, "it is a {kind}, not a block device or a regular file"),
            Self::MountedWritable { points } => {
                write!(f, "it is mounted read-write ({}): its content changes while it is read", points.join(", "))
            }
            Self::NotWriteProtected => f.write_str("it is not write-protected: this machine could write to it"),
        }
    }
}

impl std::error::Error for OpenError {}

/// Opens a block device or a regular file for acquisition, read-only.
///
/// A device that is mounted read-write (itself, a partition, something built on it, swap) is always refused. A device
/// that the kernel would let be written is refused unless `no_write_block` gives the examiner's reason, which becomes
/// part of the identity.
///
/// # Errors
/// As [`OpenError`] says.
pub fn open_source(path: &Path, no_write_block: Option<&str>) -> Result<Opened, OpenError> {
    let metadata = std::fs::metadata(path).map_err(OpenError::Io)?;
    let kind = metadata.file_type();
    if kind.is_file() {
        return open_file(path);
    }
    if !kind.is_block_device() {
        let what = [(kind.is_dir(), "folder"), (kind.is_char_device(), "character device"), (kind.is_fifo(), "pipe")];
        let what = what.iter().find(|(is, _)| *is).map_or("special file", |(_, name)| name);
        return Err(OpenError::Kind(what.to_owned()));
    }
    let (major, minor) = (rustix::fs::major(metadata.rdev()), rustix::fs::minor(metadata.rdev()));
    let device = SysDevice::by_number(&format!("{major}:{minor}"));
    if let Some(device) = &device {
        let points: Vec<String> = device.mounts().into_iter().filter(|m| m.writable).map(|m| m.point).collect();
        if !points.is_empty() {
            return Err(OpenError::MountedWritable { points });
        }
    }
    let protected = device.as_ref().and_then(SysDevice::read_only) == Some(true);
    if !protected && no_write_block.is_none() {
        return Err(OpenError::NotWriteProtected);
    }
    let source = BlockSource::open(path).map_err(OpenError::Io)?;
    let shown = shown(path);
    let mut identity = match &device {
        Some(device) => identity(device, shown, source.size()),
        None => unknown(shown, "block-device", source.size()),
    };
    if let (false, Some(reason)) = (protected, no_write_block) {
        identity.write_block = WriteBlock::None { reason: reason.to_owned() };
    }
    Ok(Opened { source: Arc::new(source), identity })
}

/// A block device, only to look at its first structures for a list: whatever it is, mounted or not. What is read of a mounted
/// device may change meanwhile; nothing is acquired from this.
///
/// # Errors
/// If it cannot be opened.
pub fn look_at_device(path: &Path) -> io::Result<Arc<dyn Source>> {
    Ok(Arc::new(BlockSource::open(path)?))
}

fn open_file(path: &Path) -> Result<Opened, OpenError> {
    let source = FileSource::open(path, Mapping::Never).map_err(OpenError::Io)?;
    let mut identity = unknown(shown(path), "file", source.size());
    identity.bus = Some("file".to_owned());
    identity.write_block = WriteBlock::File;
    Ok(Opened { source: Arc::new(source), identity })
}

/// The path as text; what is not UTF-8 or could deceive is escaped.
fn shown(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    Name::new(path.as_os_str().as_bytes()).to_string()
}

/// An identity of which the platform tells nothing but the size.
fn unknown(path: String, kind: &str, size_bytes: u64) -> Identity {
    Identity {
        path,
        kind: kind.to_owned(),
        bus: None,
        vendor: None,
        model: None,
        serial: None,
        size_bytes,
        logical_sector_bytes: None,
        physical_sector_bytes: None,
        read_only: None,
        mounted_at: Vec::new(),
        backing_file: None,
        hidden_sectors: None,
        drive: None,
        layout: None,
        write_block: WriteBlock::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_and_what_the_platform_cannot_tell_is_unknown() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"0123456789").unwrap();
        let opened = open_source(file.path(), None).unwrap();
        let mut buf = [0; 4];
        opened.source.read_at(6, &mut buf).unwrap();
        assert_eq!((&buf, opened.identity.serial, opened.identity.write_block), (b"6789", None, WriteBlock::File));
        assert!(opened.source.read_at(7, &mut buf).is_err());
    }

    #[test]
    fn folders_and_character_devices_are_refused_by_name() {
        assert!(matches!(open_source(Path::new("/"), None), Err(OpenError::Kind(kind)) if kind == "folder"));
        assert!(
            matches!(open_source(Path::new("/dev/null"), None), Err(OpenError::Kind(kind)) if kind == "character device")
        );
    }

    #[test]
    fn a_file_that_becomes_shorter_is_a_fault_and_not_zeros() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, &[7; 9000]).unwrap();
        let opened = open_source(file.path(), None).unwrap();
        file.as_file_mut().set_len(5000).unwrap();
        let fault = opened.source.read_at(0, &mut [0; 9000]).unwrap_err();
        assert_eq!(fault.good, 5000);
    }
}
