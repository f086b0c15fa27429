//! VHDX (MS-VHDX).
//!
//! ```text
//! 0        'vhdxfile', creator;  64 KiB, 128 KiB: headers 'head' with CRC-32C over 4096 bytes, u64LE number; 72 where the log is
//! 192 KiB  regions 'regi' (again at 256 KiB), CRC-32C over 64 KiB, u32LE count; each: GUID, u64LE place, u32LE length
//! BAT      u64LE for each block: bits 0 to 2 its state (6 it is there), bits 20 and up its place in MiB
//! ```
//!
//! Headers and regions are under a CRC-32C; the file ends with the last region, log or block. Data has no checksum: *consistent*.

use exhibit_evidence::ByteRange;

use super::ENTRIES_MOST;
use crate::crc;
use crate::stop::{Progress, Stop};
use crate::verdict::{Level, Whole};
use crate::walk::consistent;
use crate::window::Window;

const KIB_64: u64 = 64 * 1024;
const MIB: u64 = 1 << 20;
const BAT: [u8; 16] = *b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
const METADATA: [u8; 16] = *b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";
const FILE_PARAMETERS: [u8; 16] = *b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b";

pub(super) fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let mut newest = None;
    for at in [KIB_64, 2 * KIB_64] {
        if window.exact(at, 4)? == b"head" && is_summed(window, ByteRange::new(at, 4096))? {
            let number = window.u64_le(at.saturating_add(8))?;
            newest = newest.max(Some((number, at)));
        }
    }
    let (_, header) = newest.ok_or_else(|| Stop::bad(KIB_64, "no header with a right CRC-32C"))?;
    progress.level = Level::Header;
    let log = (u64::from(window.u32_le(header.saturating_add(68))?), window.u64_le(header.saturating_add(72))?);
    let regions = 3 * KIB_64;
    if window.exact(regions, 4)? != b"regi" || !is_summed(window, ByteRange::new(regions, KIB_64))? {
        return Err(Stop::bad(regions, "no table of regions with a right CRC-32C"));
    }
    let mut end = log.0.saturating_add(log.1).max(MIB);
    let (mut bat, mut metadata) = (None, None);
    for index in 0..u64::from(window.u32_le(regions.saturating_add(8))?).min(2047) {
        window.budget.pay(4)?;
        let at = regions.saturating_add(16).saturating_add(index.saturating_mul(32));
        let region =
            ByteRange::new(window.u64_le(at.saturating_add(16))?, u64::from(window.u32_le(at.saturating_add(24))?));
        match window.array::<16>(at)? {
            BAT => bat = Some(region),
            METADATA => metadata = Some(region),
            _ => {}
        }
        end = end.max(region.end());
    }
    let (Some(bat), Some(metadata)) = (bat, metadata) else {
        return Err(Stop::bad(regions, "no table of blocks, or no metadata"));
    };
    let block = block_bytes(window, metadata.offset)?;
    if bat.length / 8 > ENTRIES_MOST {
        return Err(Stop::Spent("limit of blocks in a virtual disk"));
    }
    let mut blocks = 0_u64;
    for index in 0..bat.length / 8 {
        window.budget.pay(1)?;
        let entry = window.u64_le(bat.offset.saturating_add(index.saturating_mul(8)))?;
        let place = (entry >> 20).saturating_mul(MIB);
        if !matches!(entry & 7, 6 | 7) || place == 0 {
            continue;
        }
        // Bitmaps of sectors, of one MiB, stand between the blocks of disks with a parent.
        blocks = blocks.saturating_add(1);
        end = end.max(place.saturating_add(block));
    }
    progress.level = Level::Body;
    if blocks == 0 {
        return Err(Stop::bad(0, "no block is there, so that nothing shows where the file ends"));
    }
    window.readable(ByteRange::between(0, end))?;
    let reasons = [
        "CRC-32C of a header and of the table of regions match".to_owned(),
        format!("{blocks} blocks of {block} bytes in the table, the last of which, or a region, ends the file"),
    ];
    Ok(consistent(progress.file_type, end, reasons).anchored_to(bat.end().max(metadata.end())))
}

/// Whether the range is under its own CRC-32C, at its fifth byte, taken as zero.
fn is_summed(window: &mut Window<'_>, range: ByteRange) -> Result<bool, Stop> {
    let stored = window.u32_le(range.offset.saturating_add(4))?;
    let bytes = window.exact(range.offset, usize::try_from(range.length).unwrap_or(0))?;
    let (head, rest) = bytes.split_at_checked(4).unwrap_or_default();
    let crc = crc::castagnoli(crc::castagnoli(0, head), &[0; 4]);
    Ok(crc::castagnoli(crc, rest.get(4..).unwrap_or_default()) == stored)
}

/// The size of a block, from the file parameters in the metadata.
fn block_bytes(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    if window.exact(at, 8)? != b"metadata" {
        return Err(Stop::bad(at, "no metadata"));
    }
    for index in 0..u64::from(window.u16_le(at.saturating_add(10))?) {
        window.budget.pay(4)?;
        let entry = at.saturating_add(32).saturating_add(index.saturating_mul(32));
        if window.array::<16>(entry)? == FILE_PARAMETERS {
            let place = at.saturating_add(u64::from(window.u32_le(entry.saturating_add(16))?));
            let size = u64::from(window.u32_le(place)?);
            if size.is_power_of_two() && (MIB..=256 * MIB).contains(&size) {
                return Ok(size);
            }
        }
    }
    Err(Stop::bad(at, "no size of blocks"))
}
