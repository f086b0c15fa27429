//! Writing the ZIP64 archive: appended member by member, sizes known before each; nothing is ever patched.

use exhibit_evidence::{Instant, Segment};

use crate::ImageError;
use crate::file_digest::{FileDigest, Shared};

/// Bytes in front of a member, without its name.
const LOCAL_BYTES: u64 = 30 + 20;
/// Version 4.5: ZIP64.
const VERSION: u16 = 45;

/// A member that was written.
#[derive(Debug, Clone)]
pub(super) struct Added {
    pub(super) at: u64,
    pub(super) size: u64,
    pub(super) crc32: u32,
}

/// The file, with its running hash.
pub(super) struct ZipWriter {
    pub(super) name: String,
    pub(super) segment: Box<dyn Segment>,
    pub(super) digest: FileDigest,
    /// DOS time and date of every member: when the acquisition began.
    stamp: [u16; 2],
}

/// Bytes of a member named `name` with `size` bytes, header included.
pub(super) fn member_bytes(name: &str, size: u64) -> u64 {
    LOCAL_BYTES.saturating_add(name.len() as u64).saturating_add(size)
}

impl ZipWriter {
    pub(super) fn new(name: String, segment: Box<dyn Segment>, digest: FileDigest, started: Instant) -> Self {
        Self { name, segment, digest, stamp: stamp(started) }
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), ImageError> {
        self.segment.append(bytes)?;
        self.digest.update(bytes);
        Ok(())
    }

    /// Adds a member in pieces.
    pub(super) fn add(&mut self, name: &str, pieces: &[&[u8]]) -> Result<Added, ImageError> {
        let mut hasher = crc32fast::Hasher::new();
        pieces.iter().for_each(|piece| hasher.update(piece));
        let size = pieces.iter().map(|piece| piece.len() as u64).fold(0, u64::saturating_add);
        let added = self.head(name, size, hasher.finalize())?;
        pieces.iter().try_for_each(|piece| self.append(piece))?;
        Ok(added)
    }

    /// Adds a member that is large.
    pub(super) fn add_shared(&mut self, name: &str, pieces: &[Shared]) -> Result<Added, ImageError> {
        let mut hasher = crc32fast::Hasher::new();
        pieces.iter().for_each(|piece| hasher.update(piece));
        let size = pieces.iter().map(|piece| piece.len() as u64).fold(0, u64::saturating_add);
        let added = self.head(name, size, hasher.finalize())?;
        for piece in pieces {
            self.segment.append(piece)?;
            self.digest.update_shared(piece);
        }
        Ok(added)
    }

    /// Writes what stands in front of a member.
    fn head(&mut self, name: &str, size: u64, crc32: u32) -> Result<Added, ImageError> {
        let added = Added { at: self.segment.len(), size, crc32 };
        let head = self.local_header(name, &added);
        self.append(&head)?;
        Ok(added)
    }

    /// What stands in front of a member.
    pub(super) fn local_header(&self, name: &str, added: &Added) -> Vec<u8> {
        let mut bytes = b"PK\x03\x04".to_vec();
        self.common(&mut bytes, name, added, 20);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&[1, 0, 16, 0]);
        [added.size, added.size].iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        bytes
    }

    /// The entry of the directory.
    pub(super) fn central_entry(&self, name: &str, added: &Added) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        self.common(&mut bytes, name, added, 28);
        bytes.extend_from_slice(&[0; 10]); // comment, disk, attributes
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&[1, 0, 24, 0]);
        [added.size, added.size, added.at].iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        bytes
    }

    /// From the version needed to the lengths; sizes are in the ZIP64 field.
    fn common(&self, bytes: &mut Vec<u8>, name: &str, added: &Added, extra_bytes: u16) {
        let [time, date] = self.stamp;
        for number in [VERSION, 0, 0, time, date] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for number in [added.crc32, u32::MAX, u32::MAX] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let name_bytes = u16::try_from(name.len()).unwrap_or(u16::MAX);
        [name_bytes, extra_bytes].iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    }

    /// The three end records, behind a directory of `members` entries from `directory_at`.
    pub(super) fn end(&mut self, members: u64, directory_at: u64, comment: &str) -> Result<(), ImageError> {
        let end64_at = self.segment.len();
        let mut bytes = b"PK\x06\x06".to_vec();
        bytes.extend_from_slice(&44_u64.to_le_bytes());
        [VERSION, VERSION].iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
        bytes.extend_from_slice(&[0; 8]);
        for number in [members, members, end64_at.saturating_sub(directory_at), directory_at] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
        bytes.extend_from_slice(&end64_at.to_le_bytes());
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        bytes.extend_from_slice(&[0xff; 12]);
        bytes.extend_from_slice(&u16::try_from(comment.len()).unwrap_or(0).to_le_bytes());
        bytes.extend_from_slice(comment.as_bytes());
        self.append(&bytes)
    }
}

/// DOS time and date, in UTC; 1980 for everything before.
fn stamp(at: Instant) -> [u16; 2] {
    let (year, month, day, hour, minute, second) = at.civil();
    let Ok(years) = u16::try_from(year.saturating_sub(1980)) else { return [0, 1 << 5 | 1] };
    let time = u16::from(hour) << 11 | u16::from(minute) << 5 | (u16::from(second) / 2);
    [time, years.min(127) << 9 | u16::from(month) << 5 | u16::from(day)]
}
