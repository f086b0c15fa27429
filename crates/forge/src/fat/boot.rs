//! The partition table in front of the volume, the boot sector, and FAT32's information sector.

use super::geometry::{Geometry, PARTITION_START, ROOT_ENTRIES, SECTOR, TABLES};
use crate::recipe::FatWidth;

/// Sector of FAT32's information sector, and of the copy of the boot sector (and, behind it, of that one).
const INFORMATION: u64 = 1;
const BACKUP: u64 = 6;
/// First cluster of the root directory of FAT32.
pub(crate) const ROOT_CLUSTER: u64 = 2;
/// A program that asks the BIOS for nothing and waits: `cli; hlt; jmp` back.
const HALT: [u8; 4] = [0xFA, 0xF4, 0xEB, 0xFC];

/// A sector, and where on the disk it goes.
pub(crate) type Placed = (u64, Vec<u8>);

/// Everything in front of the tables: partition table, boot sector, and for FAT32 its information and copies.
pub(crate) fn sectors(geometry: &Geometry, label: &[u8; 11], serial: u32, free: u64, next_free: u64) -> Vec<Placed> {
    let boot = boot_sector(geometry, label, serial);
    let mut placed = vec![(0, partition_table(geometry, serial)), (geometry.sector_offset(0), boot.clone())];
    if geometry.width == FatWidth::Fat32 {
        let information = information_sector(free, next_free);
        placed.push((geometry.sector_offset(INFORMATION), information.clone()));
        placed.push((geometry.sector_offset(BACKUP), boot));
        placed.push((geometry.sector_offset(BACKUP + INFORMATION), information));
    }
    placed
}

/// A master boot record with one active partition.
fn partition_table(geometry: &Geometry, serial: u32) -> Vec<u8> {
    let kind = if geometry.width == FatWidth::Fat16 { 0x0E } else { 0x0C };
    let mut entry = vec![0x80];
    entry.extend(cylinder_head_sector(PARTITION_START));
    entry.push(kind);
    entry.extend(cylinder_head_sector(PARTITION_START + geometry.total_sectors - 1));
    entry.extend((PARTITION_START as u32).to_le_bytes());
    entry.extend((geometry.total_sectors as u32).to_le_bytes());
    let mut sector = HALT.to_vec();
    sector.resize(440, 0);
    sector.extend(serial.rotate_left(16).to_le_bytes());
    sector.extend([0, 0]);
    sector.extend(entry);
    signed(sector)
}

/// The address in the geometry of 255 heads and 63 sectors that every BIOS assumes.
fn cylinder_head_sector(sector: u64) -> [u8; 3] {
    let (cylinder, head) = (sector / (255 * 63), sector / 63 % 255);
    if cylinder > 1023 {
        return [0xFE, 0xFF, 0xFF];
    }
    [head as u8, (sector % 63 + 1) as u8 | ((cylinder >> 8) << 6) as u8, cylinder as u8]
}

fn boot_sector(geometry: &Geometry, label: &[u8; 11], serial: u32) -> Vec<u8> {
    let wide = geometry.width == FatWidth::Fat32;
    let mut sector = if wide { vec![0xEB, 0x58, 0x90] } else { vec![0xEB, 0x3C, 0x90] };
    sector.extend(b"PRACTICE");
    sector.extend((SECTOR as u16).to_le_bytes());
    sector.push(geometry.cluster_sectors as u8);
    sector.extend((geometry.reserved_sectors as u16).to_le_bytes());
    sector.push(TABLES as u8);
    sector.extend(if wide { 0_u16 } else { ROOT_ENTRIES as u16 }.to_le_bytes());
    let short_total = if wide { None } else { u16::try_from(geometry.total_sectors).ok() };
    sector.extend(short_total.unwrap_or(0).to_le_bytes());
    // Medium: fixed disk.
    sector.push(0xF8);
    sector.extend(if wide { 0 } else { geometry.table_sectors as u16 }.to_le_bytes());
    sector.extend(63_u16.to_le_bytes());
    sector.extend(255_u16.to_le_bytes());
    sector.extend((PARTITION_START as u32).to_le_bytes());
    sector.extend(if short_total.is_some() { 0 } else { geometry.total_sectors as u32 }.to_le_bytes());
    if wide {
        sector.extend((geometry.table_sectors as u32).to_le_bytes());
        // Both tables are kept; version 0.0.
        sector.extend([0; 4]);
        sector.extend((ROOT_CLUSTER as u32).to_le_bytes());
        sector.extend((INFORMATION as u16).to_le_bytes());
        sector.extend((BACKUP as u16).to_le_bytes());
        sector.extend([0; 12]);
    }
    // BIOS drive, reserved, "three fields follow".
    sector.extend([0x80, 0, 0x29]);
    sector.extend(serial.to_le_bytes());
    sector.extend(label);
    sector.extend(if wide { b"FAT32   " } else { b"FAT16   " });
    sector.extend(HALT);
    signed(sector)
}

/// How much is free, so that nobody has to count.
fn information_sector(free: u64, next_free: u64) -> Vec<u8> {
    let mut sector = b"RRaA".to_vec();
    sector.resize(484, 0);
    sector.extend(b"rrAa");
    sector.extend((free as u32).to_le_bytes());
    sector.extend((next_free as u32).to_le_bytes());
    signed(sector)
}

/// Filled up to 512 bytes with 55 AA at the end.
fn signed(mut sector: Vec<u8>) -> Vec<u8> {
    sector.resize(510, 0);
    sector.extend([0x55, 0xAA]);
    sector
}
