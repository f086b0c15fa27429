//! NTFS: the data of the file `$Bitmap`, record 6 of the master file table.

use super::volume::{PIECE_BYTES, Volume, u16_le, u32_le, u64_le};
use super::{Problem, Runs, Used};

const RECORD_MFT: u64 = 0;
const RECORD_BITMAP: u64 = 6;
const ATTRIBUTE_LIST: u64 = 0x20;
const ATTRIBUTE_DATA: u64 = 0x80;
const ATTRIBUTES_END: u64 = 0xffff_ffff;
/// Fixups guard sectors of this many bytes, whatever the sector size is.
const STRIDE_BYTES: usize = 512;
/// Most runs of one attribute: a record has no room for more.
const RUNS_MAX: usize = 4096;

struct Geometry {
    cluster_bytes: u64,
    record_bytes: u64,
    clusters: u64,
    mft_at: u64,
}

/// A size in the boot sector: a number of clusters, or a negative power of two in bytes.
fn sized(byte: u8, unit: u64) -> Option<u64> {
    match byte {
        0 => None,
        1..=127 => u64::from(byte).checked_mul(unit),
        _ => 1_u64.checked_shl(u32::from(byte.wrapping_neg())),
    }
}

fn geometry(boot: &[u8]) -> Option<Geometry> {
    let sector_bytes = u16_le(boot, 11).filter(|bytes| bytes.is_power_of_two())?;
    let per_cluster = match *boot.get(13)? {
        // Large clusters are stored as a negative power of two.
        shift @ 0x81.. => 1_u64.checked_shl(u32::from(shift.wrapping_neg()))?,
        count => u64::from(count),
    };
    let cluster_bytes = sector_bytes.checked_mul(per_cluster).filter(|bytes| *bytes > 0)?;
    Some(Geometry {
        cluster_bytes,
        record_bytes: sized(*boot.get(64)?, cluster_bytes).filter(|bytes| (512..=65_536).contains(bytes))?,
        clusters: u64_le(boot, 40)? / per_cluster,
        mft_at: u64_le(boot, 48)?.checked_mul(cluster_bytes)?,
    })
}

/// Where an attribute's value lies.
enum Value {
    Inside(Vec<u8>),
    /// Runs of clusters (`None` where nothing is stored), and the length in bytes.
    Runs(Vec<(Option<u64>, u64)>, u64),
}

pub(super) fn used(volume: &Volume<'_>) -> Result<Used, Problem> {
    let boot = volume.bytes(0, 512).ok_or("its boot sector cannot be read")?;
    let geometry = geometry(&boot).ok_or("its boot sector does not add up")?;
    let table = record(volume, geometry.mft_at, RECORD_MFT, &geometry)?;
    let Value::Runs(table, _) = data(&table).ok_or("the record of its master file table makes no sense")? else {
        return Err("the record of its master file table makes no sense".into());
    };
    let within = RECORD_BITMAP.saturating_mul(geometry.record_bytes);
    let at = locate(&table, within, geometry.cluster_bytes).ok_or("the record of its bitmap was not found")?;
    let bitmap = record(volume, at, RECORD_BITMAP, &geometry)?;
    let needed = geometry.clusters.div_ceil(8);
    let mut runs = Runs::new(0, geometry.cluster_bytes);
    let unread = match data(&bitmap).ok_or("the record of its bitmap makes no sense")? {
        Value::Inside(bytes) if bytes.len() as u64 >= needed => {
            runs.bitmap(0, &bytes, geometry.clusters)?;
            0
        }
        Value::Runs(pieces, length) if length >= needed => {
            let (mut done, mut unread) = (0_u64, 0_u64);
            for (start, count) in pieces {
                let here = count.saturating_mul(geometry.cluster_bytes).min(needed.saturating_sub(done));
                if let Some(start) = start {
                    let at = start.saturating_mul(geometry.cluster_bytes);
                    let lost = volume.pieces(at, here, |from, bytes| {
                        runs.bitmap(done.saturating_add(from).saturating_mul(8), bytes, geometry.clusters)
                    })?;
                    unread = unread.saturating_add(lost);
                }
                done = done.saturating_add(here);
            }
            if done < needed {
                return Err("its bitmap is shorter than its clusters".into());
            }
            unread
        }
        _ => return Err("its bitmap is shorter than its clusters".into()),
    };
    Ok(Used { runs, unread })
}

/// The place of byte `within` of a value stored in `runs`.
fn locate(runs: &[(Option<u64>, u64)], within: u64, cluster_bytes: u64) -> Option<u64> {
    let mut before = 0_u64;
    for (start, count) in runs {
        let length = count.checked_mul(cluster_bytes)?;
        if within < before.checked_add(length)? {
            return (*start)?.checked_mul(cluster_bytes)?.checked_add(within.checked_sub(before)?);
        }
        before = before.checked_add(length)?;
    }
    None
}

/// A record of the master file table with its fixups undone.
fn record(volume: &Volume<'_>, at: u64, number: u64, geometry: &Geometry) -> Result<Vec<u8>, Problem> {
    let problem = || Problem::Text(format!("record {number} of its master file table cannot be read"));
    let mut bytes = volume.bytes(at, geometry.record_bytes.min(PIECE_BYTES)).ok_or_else(problem)?;
    undo_fixups(&mut bytes).ok_or_else(problem)?;
    Ok(bytes)
}

/// The last two bytes of each sector stand in an array in front, to notice half-written records.
fn undo_fixups(bytes: &mut [u8]) -> Option<()> {
    if !bytes.starts_with(b"FILE") {
        return None;
    }
    let (from, count) = (usize::try_from(u16_le(bytes, 4)?).ok()?, usize::try_from(u16_le(bytes, 6)?).ok()?);
    let array = bytes.get(from..from.checked_add(count.checked_mul(2)?)?)?.to_vec();
    let (mark, stored) = array.split_first_chunk::<2>()?;
    let sectors = bytes.chunks_exact_mut(STRIDE_BYTES);
    for (sector, real) in sectors.zip(stored.as_chunks::<2>().0) {
        let end = sector.last_chunk_mut::<2>()?;
        if end != mark {
            return None;
        }
        *end = *real;
    }
    Some(())
}

/// The unnamed data attribute of a record; `None` also if its attributes are spread over several records.
fn data(record: &[u8]) -> Option<Value> {
    let mut at = usize::try_from(u16_le(record, 20)?).ok()?;
    loop {
        let kind = u32_le(record, at)?;
        if kind == ATTRIBUTES_END || kind == ATTRIBUTE_LIST {
            return None;
        }
        let length = usize::try_from(u32_le(record, at.checked_add(4)?)?).ok()?.max(8);
        let attribute = record.get(at..at.checked_add(length)?)?;
        if kind == ATTRIBUTE_DATA && attribute.get(9) == Some(&0) {
            return value(attribute);
        }
        at = at.checked_add(length)?;
    }
}

fn value(attribute: &[u8]) -> Option<Value> {
    if attribute.get(8) == Some(&0) {
        let (length, from) = (usize::try_from(u32_le(attribute, 16)?).ok()?, u16_le(attribute, 20)?);
        let from = usize::try_from(from).ok()?;
        return Some(Value::Inside(attribute.get(from..from.checked_add(length)?)?.to_vec()));
    }
    let from = usize::try_from(u16_le(attribute, 32)?).ok()?;
    let runs = runs(attribute.get(from..)?)?;
    Some(Value::Runs(runs, u64_le(attribute, 48)?))
}

/// Runs of clusters: a byte with the sizes of two numbers, the count, and how far the run begins behind the last one.
fn runs(mut bytes: &[u8]) -> Option<Vec<(Option<u64>, u64)>> {
    let (mut runs, mut start) = (Vec::new(), 0_i64);
    while let Some((&sizes, rest)) = bytes.split_first().filter(|(sizes, _)| **sizes != 0) {
        let (of_count, of_offset) = (usize::from(sizes & 15), usize::from(sizes >> 4));
        let (count, rest) = rest.split_at_checked(of_count)?;
        let (offset, rest) = rest.split_at_checked(of_offset)?;
        let count = u64::try_from(number(count)?).ok()?;
        let place = if offset.is_empty() {
            None
        } else {
            start = start.checked_add(number(offset)?)?;
            Some(u64::try_from(start).ok()?)
        };
        if runs.len() >= RUNS_MAX {
            return None;
        }
        runs.push((place, count));
        bytes = rest;
    }
    Some(runs)
}

/// A signed little-endian number of one to eight bytes.
fn number(bytes: &[u8]) -> Option<i64> {
    let mut whole = [if bytes.last()? & 0x80 == 0 { 0 } else { 0xff }; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_go_forth_and_back_and_holes_have_no_place() {
        let stored = [0x21, 0x18, 0x34, 0x56, 0x11, 0x05, 0xf0, 0x01, 0x07, 0];
        let expected = vec![(Some(0x5634), 0x18), (Some(0x5624), 5), (None, 7)];
        assert_eq!(runs(&stored).unwrap(), expected);
        assert_eq!(locate(&expected, 0x18 * 512 + 3, 512), Some(0x5624 * 512 + 3));
        assert_eq!(locate(&expected, (0x18 + 5) * 512, 512), None);
        for cut in 1..8 {
            let _ = runs(&stored[..cut]);
        }
        assert_eq!(runs(&[0x21, 0x18, 0x34]), None);
        assert_eq!(runs(&[0x11, 0x01, 0x80, 0]), None, "before the volume");
    }
}
