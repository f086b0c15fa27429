//! The summary of a medium.

use std::sync::atomic::{AtomicUsize, Ordering};

use exhibit_evidence::layout::{Contents, Layout, Volume};
use exhibit_evidence::{ByteRange, Cause, Known, ReadFault, Source};

use crate::partitions::{self, Entry};
use crate::{KINDS, Window, randomness};

/// What `medium` says it contains. `sector_bytes` is the logical sector size of the device if it is known; otherwise both
/// usual sizes are tried where it matters.
///
/// Never fails: what cannot be read or does not add up is among the remarks.
#[must_use]
pub fn layout(medium: &dyn Source, sector_bytes: Option<u32>) -> Layout {
    let medium = Considerate { inner: medium, faults: AtomicUsize::new(0) };
    let mut layout = summed_up(&medium, sector_bytes);
    if medium.is_tired() {
        layout.remarks.push(format!("after {FAULTS_MAX} failed reads nothing more was read for this summary"));
    }
    layout
}

/// Largest number in a record of ours (2^53 - 1, 8 PiB): what a lying table claims beyond that is cut to it.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Failed reads after which a medium is left alone: on a dying disk each may take half a minute and harm it, and a summary is
/// not worth that.
const FAULTS_MAX: usize = 4;

/// A medium that is not read any more once it has failed [`FAULTS_MAX`] times.
struct Considerate<'a> {
    inner: &'a dyn Source,
    faults: AtomicUsize,
}

impl Considerate<'_> {
    fn is_tired(&self) -> bool {
        self.faults.load(Ordering::Relaxed) >= FAULTS_MAX
    }
}

impl Source for Considerate<'_> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        if self.is_tired() {
            return Err(ReadFault::new(at, Cause::Unreadable("left alone after other reads failed".to_owned())));
        }
        let result = self.inner.read_at(at, buf);
        if matches!(&result, Err(fault) if !matches!(fault.cause, Cause::Unreadable(_))) {
            self.faults.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        self.inner.known(range)
    }
}

fn summed_up(medium: &dyn Source, sector_bytes: Option<u32>) -> Layout {
    let whole = ByteRange::new(0, medium.size());
    let window = Window::new(medium, whole);
    let (contents, boot_sector) = contents(&window);
    // A window of its own: what was read for the contents must not use up the table's share.
    let table_window = Window::new(medium, whole);
    let table = partitions::read(&table_window, sector_bytes, boot_sector);
    let Some(table) = table else {
        let unrecognised = unrecognised(&window, &contents);
        let volume = itself(whole.length, contents, unrecognised);
        let remarks = remarks(&[&window, &table_window]);
        return Layout { table: None, table_sector_bytes: None, volumes: vec![volume], remarks };
    };
    let mut layout = Layout {
        table: Some(table.kind.to_owned()),
        table_sector_bytes: Some(table.sector_bytes),
        volumes: Vec::new(),
        remarks: table.remarks,
    };
    // A hybrid: an ISO with a partition table, an old file system under a new table.
    if !contents.is_empty() {
        layout.volumes.push(itself(whole.length, contents, None));
    }
    layout.remarks.extend(remarks(&[&table_window]));
    for entry in table.entries {
        layout.volumes.push(volume(medium, entry, &mut layout.remarks));
    }
    layout
}

fn itself(size_bytes: u64, contents: Vec<Contents>, unrecognised: Option<String>) -> Volume {
    Volume { number: 0, offset_bytes: 0, size_bytes, declared: None, name: None, contents, unrecognised }
}

fn volume(medium: &dyn Source, entry: Entry, told: &mut Vec<String>) -> Volume {
    let range = ByteRange::new(entry.offset_bytes, entry.size_bytes);
    let window = Window::new(medium, range);
    if window.size() < range.length {
        let number = entry.number;
        told.push(format!(
            "partition {number} ({range}) reaches beyond the end of the medium ({} bytes)",
            medium.size()
        ));
    }
    let (contents, _) = contents(&window);
    let unrecognised = unrecognised(&window, &contents);
    if window.unread() {
        told.push(format!("not all of what names the contents of partition {} could be read", entry.number));
    }
    Volume {
        number: entry.number,
        offset_bytes: entry.offset_bytes.min(NUMBER_MAX),
        size_bytes: entry.size_bytes.min(NUMBER_MAX),
        declared: Some(entry.declared),
        name: entry.name,
        contents,
        unrecognised,
    }
}

/// Everything recognised, and whether something is among it whose first sector is a boot sector.
fn contents(window: &Window<'_>) -> (Vec<Contents>, bool) {
    let mut boot_sector = false;
    let mut found = Vec::new();
    for kind in KINDS {
        if let Some(contents) = (kind.recognise)(window) {
            boot_sector |= kind.boot_sector;
            found.push(contents);
        }
    }
    (found, boot_sector)
}

fn unrecognised(window: &Window<'_>, contents: &[Contents]) -> Option<String> {
    contents.is_empty().then(|| randomness::look(window).to_owned())
}

fn remarks(windows: &[&Window<'_>]) -> Vec<String> {
    let unread = windows.iter().any(|window| window.unread());
    let limited = windows.iter().any(|window| window.limited());
    let unread = unread.then(|| "not all of what names the contents of the medium could be read".to_owned());
    let limited = limited.then(|| "more than 1 MiB of structures: the rest was not looked at".to_owned());
    unread.into_iter().chain(limited).collect()
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::MemorySource;

    use super::*;

    fn summary(bytes: Vec<u8>) -> Layout {
        layout(&MemorySource::new(bytes), None)
    }

    #[test]
    fn an_empty_medium_and_one_without_a_byte_are_told_apart() {
        assert_eq!(summary(vec![0; 1 << 20]).volumes[0].unrecognised.as_deref(), Some("empty"));
        assert_eq!(summary(Vec::new()).volumes[0].unrecognised.as_deref(), Some("unread"));
    }

    #[test]
    fn numbers_that_no_record_could_hold_are_cut_and_told() {
        let mut bytes = vec![0; 1 << 20];
        bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
        bytes[446 + 4] = 0x83;
        bytes[446 + 8..446 + 16].fill(0xff);
        let layout = layout(&MemorySource::new(bytes), Some(1 << 31));
        assert_eq!((layout.volumes[0].offset_bytes, layout.volumes[0].size_bytes), (NUMBER_MAX, NUMBER_MAX));
        assert!(layout.remarks[0].contains("beyond the end"), "{:?}", layout.remarks);
    }

    #[test]
    fn a_luks_partition_is_found_at_its_place() {
        let mut bytes = vec![0; 1 << 20];
        bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
        bytes[446 + 4] = 0x83;
        bytes[446 + 8] = 8;
        bytes[446 + 13] = 1;
        bytes[4096..4102].copy_from_slice(b"LUKS\xba\xbe");
        bytes[4103] = 1;
        let layout = summary(bytes);
        let (volume, contents, _) = layout.encrypted().next().unwrap();
        assert_eq!((volume.number, volume.offset_bytes, contents.kind.as_str()), (1, 4096, "luks1"));
    }
}
