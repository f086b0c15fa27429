//! Partition tables.

mod apm;
mod gpt;
mod mbr;
mod type_names;

use crate::Window;

/// Most partitions taken from one table: what a usual GPT has room for. More is hostile or very strange.
pub(crate) const PARTITIONS_MAX: usize = 128;

/// A table as it stands, before anything in its partitions is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// `gpt`, `mbr`, `apm`.
    pub(crate) kind: &'static str,
    /// Unit of its addresses.
    pub(crate) sector_bytes: u32,
    pub(crate) entries: Vec<Entry>,
    /// What is wrong with it.
    pub(crate) remarks: Vec<String>,
}

/// A partition as its table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u32,
    pub(crate) offset_bytes: u64,
    pub(crate) size_bytes: u64,
    pub(crate) declared: String,
    pub(crate) name: Option<String>,
}

/// The table of the medium, the strongest kind first. `boot_sector` says that the first sector is the boot sector of a file
/// system: what looks like an MBR in it is code.
pub(crate) fn read(medium: &Window<'_>, sector_bytes: Option<u32>, boot_sector: bool) -> Option<Table> {
    let mbr = if boot_sector { None } else { mbr::read(medium, sector_bytes.unwrap_or(512)) };
    if let Some(mut table) = gpt::read(medium, sector_bytes) {
        // A protective MBR has one partition of type EE. What else stands there another system may use instead.
        if mbr.is_some_and(|mbr| mbr.entries.iter().any(|entry| !is_protective(entry))) {
            table
                .remarks
                .push("the MBR lists partitions as well (hybrid, or left over): they are not shown".to_owned());
        }
        return Some(table);
    }
    let mbr = mbr.map(|mut table| {
        if table.entries.iter().any(is_protective) {
            table.remarks.push("the MBR says that there is a GPT, and none was found".to_owned());
        }
        table
    });
    apm::read(medium).or(mbr)
}

fn is_protective(entry: &Entry) -> bool {
    entry.declared.ends_with("(0xee)")
}
