//! The MBR and its chain of extended tables.

use std::collections::BTreeSet;

use super::{Entry, PARTITIONS_MAX, Table, type_names};
use crate::Window;

/// Most extended tables followed: each costs a read.
const EXTENDED_MAX: usize = 256;

/// One line of a table: type, first sector and number of sectors, all as stored.
#[derive(Debug, Clone, Copy)]
struct Line {
    status: u8,
    kind: u8,
    first: u32,
    count: u32,
}

impl Line {
    fn is_empty(self) -> bool {
        self.kind == 0 || self.count == 0
    }

    /// Extended partitions: with CHS addresses, with LBA, and that of Linux.
    fn is_extended(self) -> bool {
        matches!(self.kind, 0x05 | 0x0f | 0x85)
    }
}

pub(super) fn read(medium: &Window<'_>, sector_bytes: u32) -> Option<Table> {
    let lines = lines(medium, 0)?;
    let used = lines.iter().filter(|line| !line.is_empty());
    // Any sector may end with 55 AA: a table has only these two status values, and begins behind itself.
    let plausible = lines.iter().all(|line| matches!(line.status, 0 | 0x80)) && used.clone().all(|line| line.first > 0);
    if !plausible || used.count() == 0 {
        return None;
    }
    let mut table = Table { kind: "mbr", sector_bytes, entries: Vec::new(), remarks: Vec::new() };
    let mut extended = Vec::new();
    for (number, line) in (1..).zip(&lines).filter(|(_, line)| !line.is_empty()) {
        if line.is_extended() {
            extended.push(u64::from(line.first));
        } else {
            table.entries.push(entry(number, 0, *line, sector_bytes));
        }
    }
    for first in extended {
        follow(medium, first, &mut table);
    }
    Some(table)
}

/// Reads the chain of an extended partition. Every table may name several partitions and several further tables, whatever
/// the custom: each is looked at once.
fn follow(medium: &Window<'_>, base: u64, table: &mut Table) {
    let mut seen = BTreeSet::new();
    let mut open = vec![base];
    let mut number = table.entries.iter().map(|entry| entry.number).max().unwrap_or(0).max(4);
    while let Some(here) = open.pop() {
        if !seen.insert(here) {
            table.remarks.push(format!("the extended partition table at sector {here} is named twice; followed once"));
            continue;
        }
        if seen.len() > EXTENDED_MAX || table.entries.len() >= PARTITIONS_MAX {
            table
                .remarks
                .push(format!("more than {EXTENDED_MAX} extended partition tables: the rest is not looked at"));
            return;
        }
        let Some(lines) = here.checked_mul(u64::from(table.sector_bytes)).and_then(|at| lines(medium, at)) else {
            table.remarks.push(format!("there is no readable extended partition table at sector {here}"));
            continue;
        };
        let mut next = Vec::new();
        for line in lines.into_iter().filter(|line| !line.is_empty()) {
            if line.is_extended() {
                // Further tables count from the first one, partitions from their own.
                next.extend(base.checked_add(u64::from(line.first)));
            } else {
                number = number.saturating_add(1);
                table.entries.push(entry(number, here, line, table.sector_bytes));
            }
        }
        open.extend(next.into_iter().rev());
    }
}

/// The four lines of the table in the sector at byte `at`; `None` if it cannot be read or is none.
fn lines(medium: &Window<'_>, at: u64) -> Option<[Line; 4]> {
    let sector = medium.array::<512>(at)?;
    if sector.get(510..) != Some(&[0x55, 0xaa]) {
        return None;
    }
    let line = |index: usize| {
        let bytes = sector.get(446..)?.chunks_exact(16).nth(index)?;
        let number = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        Some(Line { status: *bytes.first()?, kind: *bytes.get(4)?, first: number(8)?, count: number(12)? })
    };
    Some([line(0)?, line(1)?, line(2)?, line(3)?])
}

fn entry(number: u32, base: u64, line: Line, sector_bytes: u32) -> Entry {
    let bytes = |sectors: u64| sectors.saturating_mul(u64::from(sector_bytes));
    Entry {
        number,
        offset_bytes: bytes(base.saturating_add(u64::from(line.first))),
        size_bytes: bytes(u64::from(line.count)),
        declared: type_names::mbr(line.kind),
        name: None,
    }
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    fn put(bytes: &mut [u8], sector: usize, slot: usize, kind: u8, first: u32, count: u32) {
        let at = sector * 512 + 446 + slot * 16;
        bytes[at + 4] = kind;
        bytes[at + 8..at + 12].copy_from_slice(&first.to_le_bytes());
        bytes[at + 12..at + 16].copy_from_slice(&count.to_le_bytes());
        bytes[sector * 512 + 510..sector * 512 + 512].copy_from_slice(&[0x55, 0xaa]);
    }

    fn table(bytes: Vec<u8>) -> Option<Table> {
        let source = MemorySource::new(bytes);
        read(&Window::new(&source, ByteRange::new(0, u64::MAX)), 512)
    }

    #[test]
    fn logical_partitions_count_from_their_own_table_and_further_tables_from_the_first() {
        let mut bytes = vec![0; 100 * 512];
        put(&mut bytes, 0, 0, 0x83, 1, 9);
        put(&mut bytes, 0, 1, 0x05, 10, 80);
        put(&mut bytes, 10, 0, 0x07, 1, 5);
        put(&mut bytes, 10, 2, 0x05, 20, 10);
        put(&mut bytes, 30, 3, 0x82, 2, 4);
        let table = table(bytes).unwrap();
        let found: Vec<_> =
            table.entries.iter().map(|e| (e.number, e.offset_bytes / 512, e.size_bytes / 512)).collect();
        assert_eq!(found, [(1, 1, 9), (5, 11, 5), (6, 32, 4)]);
        assert_eq!(table.remarks, Vec::<String>::new());
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends_and_is_told() {
        let mut bytes = vec![0; 100 * 512];
        put(&mut bytes, 0, 1, 0x0f, 10, 80);
        put(&mut bytes, 10, 0, 0x07, 1, 5);
        put(&mut bytes, 10, 1, 0x05, 20, 5);
        put(&mut bytes, 30, 1, 0x05, 20, 5);
        let table = table(bytes).unwrap();
        assert_eq!(table.entries.len(), 1);
        assert!(table.remarks[0].contains("named twice"), "{:?}", table.remarks);
    }

    #[test]
    fn a_signature_alone_is_no_table_and_every_truncation_ends() {
        let mut bytes = vec![0; 100 * 512];
        bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
        assert_eq!(table(bytes.clone()), None);
        put(&mut bytes, 0, 0, 0x05, u32::MAX, u32::MAX);
        put(&mut bytes, 0, 1, 0x83, u32::MAX, u32::MAX);
        for length in 0..600 {
            let _ = table(bytes[..length].to_vec());
        }
        assert!(table(bytes).unwrap().remarks[0].contains("no readable extended"));
    }
}
