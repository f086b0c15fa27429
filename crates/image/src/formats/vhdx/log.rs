//! Whether the log holds changes that were never applied.

use exhibit_evidence::ReadFault;

use super::layout::{Header, checked};
use crate::Part;
use crate::fields::{array, le32, le64};

/// Entries of the log begin at multiples of this.
const LOG_SECTOR_BYTES: u64 = 4096;
/// Longest log that is looked through, in bytes: 256 MiB. Hyper-V and QEMU make 1 MiB.
const LOG_BYTES_MAX: u64 = 256 << 20;
/// Longest entry whose checksum is computed, in bytes.
const ENTRY_BYTES_MAX: u64 = 8 << 20;

/// How many entries of the log are whole and belong to `header`; such a log must be applied. `None` if the log is longer
/// than what is looked through.
pub(super) fn pending(part: &Part, header: &Header) -> Result<Option<u64>, ReadFault> {
    let length = u64::from(header.log_length).min(part.source.size().saturating_sub(header.log_offset));
    if length > LOG_BYTES_MAX {
        return Ok(None);
    }
    let (mut entries, mut at) = (0_u64, 0_u64);
    while at < length {
        let mut head = [0; 64];
        let begin = header.log_offset.saturating_add(at);
        if begin.saturating_add(64) > part.source.size() {
            break;
        }
        part.source.read_at(begin, &mut head)?;
        let bytes = u64::from(le32(&head, 8));
        let ours = head.starts_with(b"loge") && array::<16>(&head, 32) == header.log_guid && le64(&head, 16) > 0;
        let plausible =
            bytes >= LOG_SECTOR_BYTES && bytes % LOG_SECTOR_BYTES == 0 && bytes <= length.min(ENTRY_BYTES_MAX);
        if ours && plausible && is_whole(part, header, at, bytes, length)? {
            entries = entries.saturating_add(1);
            at = at.saturating_add(bytes);
        } else {
            at = at.saturating_add(LOG_SECTOR_BYTES);
        }
    }
    Ok(Some(entries))
}

/// Whether the checksum of an entry is right; the log is a ring, an entry may go on at its beginning.
fn is_whole(part: &Part, header: &Header, at: u64, bytes: u64, length: u64) -> Result<bool, ReadFault> {
    let mut entry = vec![0; usize::try_from(bytes).unwrap_or(0)];
    let straight = usize::try_from(length.saturating_sub(at).min(bytes)).unwrap_or(0);
    let Some((first, second)) = entry.split_at_mut_checked(straight) else { return Ok(false) };
    part.source.read_at(header.log_offset.saturating_add(at), first)?;
    part.source.read_at(header.log_offset, second)?;
    Ok(checked(&entry).is_ok())
}
