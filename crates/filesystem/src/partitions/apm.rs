//! Apple partition maps.

use super::{Entry, Table};
use crate::Window;

/// Entries followed; real maps have fewer than ten.
const ENTRIES_MAX: u32 = 128;

pub(super) fn read(medium: &Window<'_>) -> Option<Table> {
    if !medium.has(0, b"ER") {
        return None;
    }
    let block = u64::from(medium.u16_be(2)?);
    // Maps on optical discs count in 2048 and lie in 512 all the same.
    let step = [512, block].into_iter().find(|step| *step >= 512 && medium.has(*step, b"PM"))?;
    let count = medium.u32_be(step.checked_add(4)?)?;
    let mut table =
        Table { kind: "apm", sector_bytes: u32::try_from(step).ok()?, entries: Vec::new(), remarks: Vec::new() };
    if count > ENTRIES_MAX {
        table.remarks.push(format!("the partition map claims {count} entries: the first {ENTRIES_MAX} are looked at"));
    }
    for number in 1..=count.min(ENTRIES_MAX) {
        let at = step.saturating_mul(u64::from(number));
        if !medium.has(at, b"PM") {
            table.remarks.push(format!("entry {number} of the partition map is damaged or cannot be read"));
            continue;
        }
        let number_at = |offset: u64| medium.u32_be(at.saturating_add(offset)).map(u64::from);
        let (Some(first), Some(sectors)) = (number_at(8), number_at(12)) else { continue };
        let kind = medium.text(at.saturating_add(48), 32).unwrap_or_default();
        // Holes and the map itself are no partitions.
        if kind == "Apple_Free" || kind == "Apple_partition_map" || kind == "Apple_Void" {
            continue;
        }
        table.entries.push(Entry {
            number,
            offset_bytes: first.saturating_mul(step),
            size_bytes: sectors.saturating_mul(step),
            declared: kind,
            name: medium.text(at.saturating_add(16), 32),
        });
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use exhibit_evidence::{ByteRange, MemorySource};

    use super::*;

    #[test]
    fn a_map_with_itself_and_one_volume_has_one_partition() {
        let mut bytes = vec![0; 64 * 512];
        bytes[..4].copy_from_slice(&[b'E', b'R', 2, 0]);
        for (number, kind, first, count) in [(1, "Apple_partition_map", 1_u32, 63_u32), (2, "Apple_HFS", 40, 20)] {
            let entry = &mut bytes[number * 512..(number + 1) * 512];
            entry[..2].copy_from_slice(b"PM");
            entry[7] = 2;
            entry[8..12].copy_from_slice(&first.to_be_bytes());
            entry[12..16].copy_from_slice(&count.to_be_bytes());
            entry[48..48 + kind.len()].copy_from_slice(kind.as_bytes());
        }
        for length in 0..2000 {
            let source = MemorySource::new(bytes[..length].to_vec());
            let _ = read(&Window::new(&source, ByteRange::new(0, u64::MAX)));
        }
        let source = MemorySource::new(bytes);
        let table = read(&Window::new(&source, ByteRange::new(0, u64::MAX))).unwrap();
        assert_eq!((table.entries.len(), table.entries[0].offset_bytes, table.entries[0].number), (1, 40 * 512, 2));
    }
}
