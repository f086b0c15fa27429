//! FAT16 and FAT32 as bytes (Microsoft, "FAT32 File System Specification", 2000; ECMA-107). Made, never parsed.
//!
//! ```text
//! reserved sectors │ FAT, twice │ FAT16: root directory │ clusters from number 2 on
//!  boot sector, …  │            │ FAT32: (a chain)      │
//! ```

pub(crate) mod boot;
pub(crate) mod directory;
pub(crate) mod geometry;
pub(crate) mod name;
pub(crate) mod table;
