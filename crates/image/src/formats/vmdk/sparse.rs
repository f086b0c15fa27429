//! A sparse extent: grain directory, grain tables, grains.

use exhibit_evidence::{ByteRange, Cause, Finding};

use super::layout::{
    AT_END, FOOTER_FROM_END, GRAIN_BYTES_MAX, GRAIN_HEADER_BYTES, HEADER_BYTES, Header, SECTOR_BYTES,
    TABLE_ENTRIES_MAX, ZERO_GRAIN,
};
use crate::complain::Complain;
use crate::fields::{le32, le64};
use crate::inflate::{inflate_bounded, inflate_exact};
use crate::layered::{Packed, Place, Run};
use crate::paged::Paged;
use crate::{ImageError, Part};

/// The tables of one extent; offsets and lengths in bytes.
pub(super) struct Sparse {
    /// Index of the file.
    pub(super) file: usize,
    pub(super) tables: Paged,
    pub(super) name: String,
    pub(super) header: Header,
}

/// Reads the header of a sparse extent, or the footer where the header points to it.
///
/// # Errors
/// If the tables cannot be walked.
pub(super) fn header(part: &Part) -> Result<Header, ImageError> {
    let size = part.source.size();
    let read = |at: u64| {
        let mut bytes = [0; HEADER_BYTES];
        part.source.read_at(at, &mut bytes).map(|()| Header::decode(&bytes))
    };
    let failed = |fault| ImageError::Read { part: part.name.clone(), fault };
    let corrupt = |offset, text| ImageError::Corrupt { part: part.name.clone(), structure: "header", offset, text };
    let first = read(0).map_err(failed)?.ok_or_else(|| corrupt(0, "no sparse extent".to_owned()))?;
    let header = match first.gd_offset {
        AT_END => {
            let at = size.saturating_sub(FOOTER_FROM_END);
            let footer = read(at).map_err(failed)?;
            footer.ok_or_else(|| {
                corrupt(at, "no footer: the file was cut, and with it where its grains are".to_owned())
            })?
        }
        _ => first,
    };
    check(&header, size).map_err(|(offset, text)| corrupt(offset, text))?;
    match (header.is_compressed(), header.compress_algorithm) {
        (false, _) | (true, 1) => Ok(header),
        (true, other) => Err(ImageError::Unsupported(format!(
            "{}: compression {other} is not known, deflate (1) is read",
            part.name
        ))),
    }
}

/// What makes the tables unusable as a whole: the place in the header, and why.
fn check(header: &Header, size: u64) -> Result<(), (u64, String)> {
    let grain = header.grain_size.saturating_mul(SECTOR_BYTES);
    if grain == 0 || grain > GRAIN_BYTES_MAX {
        return Err((20, format!("a grain of {} sectors is not possible", header.grain_size)));
    }
    if !(1..=TABLE_ENTRIES_MAX).contains(&header.entries_per_table) {
        return Err((44, format!("{} entries in a grain table are not possible", header.entries_per_table)));
    }
    if header.capacity.checked_mul(SECTOR_BYTES).is_none() {
        return Err((12, format!("{} sectors are not possible", header.capacity)));
    }
    let covers = header.grain_size.saturating_mul(u64::from(header.entries_per_table));
    let directory = header.capacity.div_ceil(covers).saturating_mul(4);
    let at = header.gd_offset.checked_mul(SECTOR_BYTES).filter(|&at| at < size);
    match at {
        _ if directory == 0 => Ok(()),
        Some(_) if directory <= size => Ok(()),
        _ => {
            let text = format!(
                "a grain directory of {directory} bytes at sector {} cannot be in {size} bytes",
                header.gd_offset
            );
            Err((56, text))
        }
    }
}

impl Sparse {
    pub(super) const fn grain_bytes(&self) -> u64 {
        self.header.grain_size.saturating_mul(SECTOR_BYTES)
    }

    fn table_covers(&self) -> u64 {
        self.grain_bytes().saturating_mul(u64::from(self.header.entries_per_table)).max(1)
    }

    /// Size of what the extent can hold.
    pub(super) const fn capacity_bytes(&self) -> u64 {
        self.header.capacity.saturating_mul(SECTOR_BYTES)
    }

    /// The grain table over `at`, in the directory at sector `directory`: its place, none if it is 0.
    fn table(&self, directory: u64, at: u64) -> Result<Option<u64>, Cause> {
        let index = at / self.table_covers();
        let entry_at = directory.saturating_mul(SECTOR_BYTES).saturating_add(index.saturating_mul(4));
        let sector = u32::from_le_bytes(self.tables.entry(entry_at)?);
        Ok((sector != 0).then(|| u64::from(sector).saturating_mul(SECTOR_BYTES)))
    }

    /// The run at byte `at` of the extent; `start` is where the extent begins on the medium.
    pub(super) fn locate(&self, start: u64, at: u64) -> Result<Run, Cause> {
        if at >= self.capacity_bytes() {
            return Err(Cause::Corrupt(format!("{}: the extent ends at {}", self.name, self.capacity_bytes())));
        }
        let Some(table) = self.table(self.header.gd_offset, at)? else {
            return Ok(Run {
                length: self.table_covers().saturating_sub(at % self.table_covers()),
                place: Place::Below,
            });
        };
        let grain_bytes = self.grain_bytes();
        let (index, within) = (at % self.table_covers() / grain_bytes, at % grain_bytes);
        let entry = u32::from_le_bytes(self.tables.entry(table.saturating_add(index.saturating_mul(4)))?);
        let offset = u64::from(entry).saturating_mul(SECTOR_BYTES);
        let place = match entry {
            0 => Place::Below,
            ZERO_GRAIN if self.header.has_zero_grains() => Place::Zero,
            _ if self.header.is_compressed() => Place::Packed(Packed {
                file: self.file,
                offset,
                // Deflate grows what it cannot pack by five bytes for each 16 KiB and a few.
                stored_bytes_max: grain_bytes.saturating_add(grain_bytes / 512).saturating_add(1024),
                unit: ByteRange::new(start.saturating_add(at).saturating_sub(within), grain_bytes),
            }),
            _ => Place::Stored { file: self.file, offset: offset.saturating_add(within) },
        };
        Ok(Run { length: grain_bytes.saturating_sub(within), place })
    }

    /// Unpacks the grain that begins at byte `at` of the extent; only the last one may be shorter than a grain.
    pub(super) fn unpack(&self, stored: &[u8], at: u64, out: &mut [u8]) -> Result<(), String> {
        let stream = if self.header.has_markers() {
            let (sector, length) = (le64(stored, 0), le32(stored, 8));
            if sector != at / SECTOR_BYTES {
                return Err(format!("this is the grain of sector {sector}, expected {}", at / SECTOR_BYTES));
            }
            let begin = usize::try_from(GRAIN_HEADER_BYTES).unwrap_or(usize::MAX);
            let end = usize::try_from(length).ok().and_then(|length| begin.checked_add(length));
            let stream = end.and_then(|end| stored.get(begin..end));
            stream.ok_or_else(|| format!("a packed grain of {length} bytes is not possible here"))?
        } else {
            stored
        };
        let wanted = usize::try_from(self.capacity_bytes().saturating_sub(at)).unwrap_or(usize::MAX);
        if wanted >= out.len() {
            return inflate_exact(stream, out).map(|_| ());
        }
        let bytes = inflate_bounded(stream, out.len())?;
        match (bytes.get(..wanted), out.get_mut(..wanted)) {
            (Some(bytes), Some(out)) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            _ => Err(format!("the last grain gives {} bytes, expected {wanted}", bytes.len())),
        }
    }

    /// Walks all tables, and those that are stored twice in both copies.
    pub(super) fn check(&self, tell: &mut dyn FnMut(Finding)) {
        let mut complain = Complain::new(format!("{}: grain tables", self.name), tell);
        let table_bytes = u64::from(self.header.entries_per_table).saturating_mul(4);
        let (covers, capacity) = (self.table_covers(), self.capacity_bytes());
        // Honest tables are not shared: all of them together are not larger than the file.
        let (mut looked_at, mut at) = (0_u64, 0_u64);
        while at < capacity {
            match self.table(self.header.gd_offset, at) {
                Ok(None) => {}
                Ok(Some(table)) => {
                    looked_at = looked_at.saturating_add(table_bytes);
                    if looked_at > self.tables.size() {
                        let text = "the grain tables together are larger than the file; the rest was not looked at";
                        complain.mismatch("vmdk-tables-shared", table, text.to_owned());
                        break;
                    }
                    let grains = capacity.saturating_sub(at).min(covers).div_ceil(self.grain_bytes());
                    self.check_table(table, at, grains, &mut complain);
                }
                Err(cause) => {
                    complain.mismatch(
                        "vmdk-directory-cut",
                        self.header.gd_offset.saturating_mul(SECTOR_BYTES),
                        cause.to_string(),
                    );
                    break;
                }
            }
            at = at.saturating_add(covers);
        }
        complain.finish();
    }

    fn check_table(&self, table: u64, at: u64, grains: u64, complain: &mut Complain<'_>) {
        let length = usize::try_from(grains.saturating_mul(4)).unwrap_or(0);
        let mut entries = vec![0; length];
        if let Err(cause) = self.tables.fill(table, &mut entries) {
            return complain.mismatch("vmdk-table-cut", table, cause.to_string());
        }
        for (index, entry) in entries.as_chunks::<4>().0.iter().enumerate() {
            let sector = u64::from(u32::from_le_bytes(*entry));
            let entry_at = table.saturating_add((index as u64).saturating_mul(4));
            let grain_at = at.saturating_add((index as u64).saturating_mul(self.grain_bytes()));
            let wanted = self.capacity_bytes().saturating_sub(grain_at).min(self.grain_bytes());
            let bytes = if self.header.is_compressed() { GRAIN_HEADER_BYTES } else { wanted };
            if sector > 1 && sector.saturating_mul(SECTOR_BYTES).saturating_add(bytes) > self.tables.size() {
                complain.mismatch(
                    "vmdk-grain-outside",
                    entry_at,
                    format!("a grain at sector {sector}, behind the end of the file"),
                );
            }
        }
        if self.header.has_redundant_tables() && !self.header.is_compressed() {
            let mut copy = vec![0; length];
            let second = self.table(self.header.redundant_gd_offset, at).ok().flatten();
            let read = second.map(|second| self.tables.fill(second, &mut copy));
            if !matches!(read, Some(Ok(()))) || copy != entries {
                let text = "the second copy of this grain table differs, or is not there; the first is used".to_owned();
                complain.mismatch("vmdk-tables-differ", table, text);
            }
        }
    }
}
