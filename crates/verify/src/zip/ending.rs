//! Where the central directory is: the end records, found at the exact end of the file and nowhere else.

use exhibit_evidence::{Finding, ReadFault, Severity, Source};

use super::layout::{END_BYTES, END64_BYTES, End, End64, IN_ZIP64, IN_ZIP64_SHORT, LOCATOR64_BYTES, Locator64};
use crate::collect::Findings;
use crate::members::unreadable;

/// Longest comment, in bytes: its length is a 16-bit number.
const COMMENT_BYTES_MAX: usize = u16::MAX as usize;

/// What the end records say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending {
    pub(crate) entries: u64,
    pub(crate) directory_at: u64,
    pub(crate) directory_bytes: u64,
    /// The zip64 record's versions, where there is one: made by, needed, and the record's offset.
    pub(crate) zip64: Option<(u16, u16, u64)>,
    pub(crate) comment_bytes: u16,
    /// Offset of the end record.
    pub(crate) end_at: u64,
}

/// A mismatch of the archive as a whole.
fn wrong(offset: u64, code: &str, text: impl Into<String>) -> Finding {
    Finding::new(Severity::Mismatch, code, "archive: end of central directory", text).at(offset)
}

/// Reads the end records.
///
/// # Errors
/// A finding, if there is no end record at the end, there is more than one, or they contradict each other.
pub(crate) fn read(source: &dyn Source, findings: &mut Findings) -> Result<Ending, Finding> {
    let (end, end_at) = find_end(source)?;
    if end.disk != 0 || end.directory_disk != 0 {
        return Err(wrong(end_at, "zip-disks", "the archive says that it is spread over several disks"));
    }
    if end.entries_here != end.entries {
        let text = format!("{} entries here, {} in all; they must be equal", end.entries_here, end.entries);
        return Err(wrong(end_at, "zip-entries", text));
    }
    let ending = match find_end64(source, end_at)? {
        Some((end64, at)) => merge(&end, end_at, &end64, at)?,
        None => plain(&end, end_at)?,
    };
    let directory_end = ending.directory_at.checked_add(ending.directory_bytes);
    let expected = ending.zip64.map_or(end_at, |(_, _, at)| at);
    if directory_end != Some(expected) {
        let text = format!(
            "the central directory (offset {}, {} bytes) does not end where the next record begins, at {expected}",
            ending.directory_at, ending.directory_bytes
        );
        // Reading goes on with the directory as declared if it lies inside the file; otherwise nothing can be read.
        match directory_end {
            Some(end) if end < expected => findings.push(wrong(end, "zip-unaccounted", text)),
            _ => return Err(wrong(end_at, "zip-directory-place", text)),
        }
    }
    Ok(ending)
}

/// The only end record whose comment reaches exactly to the end of the file.
fn find_end(source: &dyn Source) -> Result<(End, u64), Finding> {
    let size = source.size();
    let window = usize::try_from(size).unwrap_or(usize::MAX).min(END_BYTES + COMMENT_BYTES_MAX);
    let window_at = size.saturating_sub(window as u64);
    let mut tail = vec![0; window];
    source.read_at(window_at, &mut tail).map_err(|fault| unreadable("archive: end of the file", &fault))?;
    let reaches_the_end = |position: usize| -> Option<(End, u64)> {
        let end = End::parse(tail.get(position..)?)?;
        let comment = tail.len().checked_sub(position)?.checked_sub(END_BYTES)?;
        (usize::from(end.comment_bytes) == comment).then_some((end, window_at.saturating_add(position as u64)))
    };
    let mut candidates = (0..tail.len()).filter_map(reaches_the_end);
    let first = candidates.next().ok_or_else(|| {
        wrong(
            size,
            "zip-no-end",
            "no end of central directory record reaches the end of the file: cut short, or not a ZIP",
        )
    })?;
    match candidates.next() {
        None => Ok(first),
        Some((_, other)) => {
            let text = format!(
                "two records could be the end of the archive, at {} and {other}; readers would differ",
                first.1
            );
            Err(wrong(first.1, "zip-two-ends", text))
        }
    }
}

/// The zip64 end record, if a locator stands directly before the end record.
fn find_end64(source: &dyn Source, end_at: u64) -> Result<Option<(End64, u64)>, Finding> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR64_BYTES) else { return Ok(None) };
    let mut bytes = [0; LOCATOR64_BYTES as usize];
    let fault = |fault: ReadFault| unreadable("archive: zip64 records", &fault);
    source.read_at(locator_at, &mut bytes).map_err(fault)?;
    let Some(locator) = Locator64::parse(&bytes) else { return Ok(None) };
    let expected = locator_at.checked_sub(END64_BYTES);
    if locator.end_disk != 0 || locator.disks != 1 || Some(locator.end_at) != expected {
        let text = format!(
            "the zip64 locator must name disk 0 of 1 and the record directly before it; it names disk {} of {} and offset {}",
            locator.end_disk, locator.disks, locator.end_at
        );
        return Err(wrong(locator_at, "zip-locator", text));
    }
    let mut bytes = [0; END64_BYTES as usize];
    source.read_at(locator.end_at, &mut bytes).map_err(fault)?;
    let end64 = End64::parse(&bytes)
        .ok_or_else(|| wrong(locator.end_at, "zip-end64", "there is no zip64 end record where its locator points"))?;
    let whole = end64.record_bytes == END64_BYTES - 12;
    let one_disk = end64.disk == 0 && end64.directory_disk == 0 && end64.entries_here == end64.entries;
    if whole && one_disk {
        Ok(Some((end64, locator.end_at)))
    } else {
        let text = "the zip64 end record must be 56 bytes long and speak of one disk";
        Err(wrong(locator.end_at, "zip-end64", text))
    }
}

/// The end without zip64.
fn plain(end: &End, end_at: u64) -> Result<Ending, Finding> {
    // 65,535 entries fit their field, so that number alone does not demand a zip64 record.
    if end.directory_bytes == IN_ZIP64 || end.directory_at == IN_ZIP64 {
        return Err(wrong(end_at, "zip-end64", "the end record refers to a zip64 record, and there is none before it"));
    }
    Ok(Ending {
        entries: end.entries.into(),
        directory_at: end.directory_at.into(),
        directory_bytes: end.directory_bytes.into(),
        zip64: None,
        comment_bytes: end.comment_bytes,
        end_at,
    })
}

/// Both records: the short one must hold all ones or the very same number, field by field.
fn merge(end: &End, end_at: u64, end64: &End64, at: u64) -> Result<Ending, Finding> {
    let agree = |short: u64, all_ones: u64, long: u64| short == all_ones || short == long;
    let ones = u64::from(IN_ZIP64);
    if !agree(end.entries.into(), IN_ZIP64_SHORT.into(), end64.entries)
        || !agree(end.directory_bytes.into(), ones, end64.directory_bytes)
        || !agree(end.directory_at.into(), ones, end64.directory_at)
    {
        return Err(wrong(end_at, "zip-end64", "the end record and the zip64 end record contradict each other"));
    }
    Ok(Ending {
        entries: end64.entries,
        directory_at: end64.directory_at,
        directory_bytes: end64.directory_bytes,
        zip64: Some((end64.made_by, end64.needed, at)),
        comment_bytes: end.comment_bytes,
        end_at,
    })
}
