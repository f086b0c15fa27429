//! VMDK, sparse extents (VMware Virtual Disk Format 1.1): one file that grows, or one that is written as a stream.
//!
//! ```text
//! 0   4   signature, u32LE version, flags (bit 16 compressed, 17 markers); 12 u64LE sectors of the disk, of a grain, where the
//!         description is, its sectors; 44 u32LE entries of a table; 48 u64LE where the second and the first directory are, and
//!         how many sectors come before grains
//! dir.    u32LE sector of each table; table: u32LE sector of each grain (0 none, 1 zeros)
//! stream  markers: u64LE sectors or position, u32LE size (0: u32LE type: 0 end, 1 table, 2 directory, 3 footer), data
//! ```
//!
//! The file ends with the last grain, or with the mark that ends a stream. There is no checksum, except that the grains of a
//! stream are zlib streams; they are inflated: *consistent*.

use exhibit_evidence::ByteRange;

use super::ENTRIES_MOST;
use crate::inflate::{Fed, Inflater};
use crate::stop::{Progress, Stop};
use crate::verdict::{Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

const SECTOR: u64 = 512;
/// Where a stream's header says its directory is: in the footer.
const AT_END: u64 = u64::MAX;

struct Header {
    sectors: u64,
    grain: u64,
    per_table: u64,
    second: u64,
    first: u64,
    before: u64,
    is_stream: bool,
}

pub(super) fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let flags = window.u32_le(8)?;
    let header = Header {
        sectors: window.u64_le(12)?,
        grain: window.u64_le(20)?,
        per_table: u64::from(window.u32_le(44)?),
        second: window.u64_le(48)?,
        first: window.u64_le(56)?,
        before: window.u64_le(64)?,
        is_stream: flags >> 16 & 3 == 3,
    };
    let ends_lines = window.array::<4>(73)? == *b"\n \r\n" || flags & 1 == 0;
    let fits = header.grain.is_power_of_two() && (1..=4096).contains(&header.grain) && header.per_table == 512;
    if !fits || !ends_lines || header.sectors == 0 || (flags >> 16 & 1 != 0 && !header.is_stream) {
        return Err(Stop::bad(0, "a header that no sparse VMDK has"));
    }
    progress.level = Level::Header;
    // Some writers of streams put the tables in front and leave each grain the room that it would have unpacked.
    if header.is_stream && header.first == AT_END {
        return stream(window, progress);
    }
    if header.first == AT_END {
        return Err(Stop::bad(56, "a directory that is nowhere"));
    }
    let grain_bytes = header.grain.saturating_mul(SECTOR);
    let tables = header.sectors.div_ceil(header.grain.saturating_mul(header.per_table));
    if tables.saturating_mul(header.per_table) > ENTRIES_MOST {
        return Err(Stop::Spent("limit of blocks in a virtual disk"));
    }
    let mut end = header.before.saturating_mul(SECTOR);
    let (mut grains, mut anchored) = (0_u64, 0_u64);
    for directory in [header.first, header.second].into_iter().filter(|at| *at != 0) {
        for index in 0..tables {
            window.budget.pay(4)?;
            let entry = directory.saturating_mul(SECTOR).saturating_add(index.saturating_mul(4));
            let table = u64::from(window.u32_le(entry)?).saturating_mul(SECTOR);
            if table == 0 {
                continue;
            }
            anchored = anchored.max(table.saturating_add(header.per_table.saturating_mul(4)));
            end = end.max(anchored);
            let bytes = window.exact(table, 2048)?.to_vec();
            for four in bytes.as_chunks::<4>().0 {
                let place = u64::from(u32::from_le_bytes(*four)).saturating_mul(SECTOR);
                if place <= SECTOR {
                    continue;
                }
                if place < header.before.saturating_mul(SECTOR) {
                    return Err(Stop::bad(table, "a grain among the tables"));
                }
                grains = grains.saturating_add(1);
                end = end.max(place.saturating_add(grain_bytes));
            }
            window.budget.pay(512)?;
        }
    }
    progress.level = Level::Body;
    window.readable(ByteRange::between(0, end))?;
    let reasons = [
        format!("{grains} entries of tables name grains of {grain_bytes} bytes, the last of which ends the file"),
        "the format has no checksum".to_owned(),
    ];
    Ok(consistent(progress.file_type, end, reasons).anchored_to(anchored))
}

/// Follows the markers of a stream to the one that ends it.
fn stream(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let mut at = window.u64_le(64)?.max(1).saturating_mul(SECTOR);
    let (mut grains, mut footer) = (0_u64, false);
    loop {
        window.budget.pay(16)?;
        let (value, size) = (window.u64_le(at)?, window.u32_le(at.saturating_add(8))?);
        if size > 0 {
            inflate(window, ByteRange::new(at.saturating_add(12), u64::from(size)))?;
            grains = grains.saturating_add(1);
            let used = u64::from(size).saturating_add(12);
            at = at.saturating_add(used.next_multiple_of(SECTOR));
            progress.level = Level::Body;
            progress.good = at.min(window.size());
            continue;
        }
        let kind = window.u32_le(at.saturating_add(12))?;
        let next = at.saturating_add(SECTOR);
        match kind {
            0 if value == 0 && footer => {
                window.readable(ByteRange::between(0, next))?;
                let reasons = [
                    format!("{grains} grains inflate (Adler-32), tables and footer up to the mark of the end"),
                    "tables have no checksum".to_owned(),
                ];
                return Ok(consistent(progress.file_type, next, reasons));
            }
            1..=3 if value > 0 => {
                footer |= kind == 3;
                at = next.saturating_add(value.saturating_mul(SECTOR));
                if at > window.size() {
                    return Err(Stop::End(window.size()));
                }
                progress.good = at;
            }
            _ => return Err(Stop::bad(at, "no marker of a stream")),
        }
    }
}

fn inflate(window: &mut Window<'_>, range: ByteRange) -> Result<(), Stop> {
    let mut inflater = Inflater::new(true, 4096 * SECTOR);
    let mut at = range.offset;
    while at < range.end() {
        let budget = window.budget;
        let most = usize::try_from(range.end().saturating_sub(at)).unwrap_or(usize::MAX);
        let bytes = window.some(at, most)?;
        let length = bytes.len() as u64;
        match inflater.feed(bytes, budget, |_| ())? {
            Fed::All => at = at.saturating_add(length),
            Fed::Ended(used) if at.saturating_add(used as u64) == range.end() => return Ok(()),
            Fed::Ended(_) | Fed::Invalid(_) => return Err(Stop::bad(at, "a grain that does not inflate")),
        }
    }
    Err(Stop::bad(at, "a grain that does not end"))
}
