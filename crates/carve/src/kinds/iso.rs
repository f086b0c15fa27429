//! Images of optical discs (ISO 9660, ECMA-119).
//!
//! ```text
//! 0      32768  the system's own, most often zeros
//! 32768   2048  descriptors: kind, 'CD001', 1. Kind 1: blocks of the volume @80, size of a block @128, size of the path table
//!               @132, its place @140, the root's record @156; numbers stand there in both byte orders. Kind 255: the last one
//! records        length, place @2 and size @10 of a file or folder in both byte orders, flags @25 (bit 1: a folder)
//! ```
//!
//! The length is that of the volume. Every folder is walked from the root, and the path table has as many; what they name lies in
//! the volume. Content is under no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const ISO: FileType = FileType { id: "iso", extension: "iso" };
/// Where the first descriptor stands, and bytes of each.
const DESCRIPTORS: u64 = 32_768;
const DESCRIPTOR_BYTES: u64 = 2048;
/// Descriptors that are looked at.
const DESCRIPTORS_MOST: u64 = 64;
/// Folders of one image, and their depth is not bounded otherwise.
const FOLDERS_MOST: usize = 1 << 16;
/// Bytes of a folder.
const FOLDER_MOST: u64 = 16 << 20;

/// Images of optical discs.
pub(crate) struct Iso;

impl Kind for Iso {
    fn id(&self) -> &'static str {
        "iso"
    }

    fn types(&self) -> &'static [FileType] {
        &[ISO]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"\x01CD001\x01"]
    }

    fn signature_at(&self) -> usize {
        DESCRIPTORS as usize
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(ISO, candidate, budget, walk)
    }
}

/// Place and size of a file or folder, in blocks and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    block: u64,
    size: u64,
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let descriptor = window.exact(DESCRIPTORS, DESCRIPTOR_BYTES as usize)?.to_vec();
    let bad = |what: &str| Stop::bad(DESCRIPTORS, what.to_owned());
    if !descriptor.starts_with(b"\x01CD001\x01") {
        return Err(bad("no volume descriptor"));
    }
    let (blocks, block) = (both32(&descriptor, 80), both16(&descriptor, 128));
    let (Some(blocks), Some(block @ (512 | 1024 | 2048))) = (blocks, block) else {
        return Err(bad("numbers that differ between the byte orders"));
    };
    let (table_size, table_at) = (both32(&descriptor, 132), le32(&descriptor, 140));
    let root = descriptor.get(156..190).and_then(record);
    let (Some(table_size), Some(table_at), Some((root, true))) = (table_size, table_at, root) else {
        return Err(bad("no path table or root folder"));
    };
    let size = blocks.saturating_mul(block);
    let first = last_descriptor(window)?;
    if size <= first || table_size == 0 {
        return Err(bad("a volume smaller than its own descriptors"));
    }
    progress.level = Level::Header;
    progress.good = first.min(window.size());
    if size > window.size() {
        return Err(Stop::End(window.size()));
    }
    let mut disc = Disc { window, block, size, folders: 0, files: 0, anchored: first };
    disc.folders(root)?;
    progress.level = Level::Body;
    let table = table_at.saturating_mul(block);
    let listed = disc.path_table(ByteRange::new(table, table_size))?;
    if listed != disc.folders {
        return Err(Stop::bad(table, "a path table of other folders than the root leads to"));
    }
    let (folders, files, anchored) = (disc.folders, disc.files, disc.anchored.max(table.saturating_add(table_size)));
    progress.good = anchored;
    window.readable(ByteRange::new(0, size))?;
    let reasons = [
        format!(
            "{folders} folder(s) from the root, as many in the path table, with {files} file(s) that lie in the volume"
        ),
        "the length is that of the volume; the format has no checksum".to_owned(),
    ];
    Ok(consistent(ISO, size, reasons).anchored_to(anchored))
}

/// Where the descriptors end.
fn last_descriptor(window: &mut Window<'_>) -> Result<u64, Stop> {
    for number in 0..DESCRIPTORS_MOST {
        let at = DESCRIPTORS.saturating_add(number.saturating_mul(DESCRIPTOR_BYTES));
        let [kind, mark @ .., _] = window.array::<7>(at)?;
        if &mark != b"CD001" {
            return Err(Stop::bad(at, "descriptors without an end"));
        }
        if kind == 255 {
            return Ok(at.saturating_add(DESCRIPTOR_BYTES));
        }
    }
    Err(Stop::bad(DESCRIPTORS, "more descriptors than any disc has"))
}

struct Disc<'w, 'a> {
    window: &'w mut Window<'a>,
    block: u64,
    size: u64,
    folders: u64,
    files: u64,
    /// End of the last folder.
    anchored: u64,
}

impl Disc<'_, '_> {
    fn place(&self, extent: Extent, named_at: u64) -> Result<ByteRange, Stop> {
        let range = ByteRange::new(extent.block.saturating_mul(self.block), extent.size);
        if range.end() > self.size {
            return Err(Stop::bad(named_at, "a file or folder behind the end of the volume"));
        }
        Ok(range)
    }

    /// Walks all folders from the root.
    fn folders(&mut self, root: Extent) -> Result<(), Stop> {
        let (mut wanted, mut met) = (vec![root], vec![root.block]);
        while let Some(folder) = wanted.pop() {
            let range = self.place(folder, DESCRIPTORS)?;
            if range.is_empty() || range.length > FOLDER_MOST {
                return Err(Stop::bad(range.offset, "an empty folder, or one larger than any"));
            }
            self.folders = self.folders.saturating_add(1);
            self.anchored = self.anchored.max(range.end());
            let mut at = range.offset;
            let mut number = 0_u64;
            while at < range.end() {
                self.window.budget.pay(4)?;
                let length = u64::from(self.window.u8(at)?);
                if length == 0 {
                    // Records do not cross blocks.
                    at = at.saturating_add(1).next_multiple_of(self.block);
                    continue;
                }
                let bytes = self.window.exact(at, usize::try_from(length).unwrap_or(0))?;
                let Some((extent, is_folder)) = record(bytes) else {
                    return Err(Stop::bad(at, "no record of a file or folder"));
                };
                // The first two lead to the folder itself and the one above.
                if number == 0 && extent.block != folder.block {
                    return Err(Stop::bad(at, "a folder that does not begin with itself"));
                }
                if number > 1 {
                    self.place(extent, at)?;
                    if is_folder && !met.contains(&extent.block) {
                        if met.len() >= FOLDERS_MOST {
                            return Err(Stop::Spent("limit of folders in an image of a disc"));
                        }
                        self.window.budget.pay(met.len() as u64 / 64)?;
                        met.push(extent.block);
                        wanted.push(extent);
                    } else if !is_folder {
                        self.files = self.files.saturating_add(1);
                    }
                }
                number = number.saturating_add(1);
                at = at.saturating_add(length);
            }
            if number < 2 {
                return Err(Stop::bad(range.offset, "a folder without itself and the one above"));
            }
        }
        Ok(())
    }

    /// Entries of the path table: length of the name @0, place of the folder @2, number of the one above @6, the name.
    fn path_table(&mut self, range: ByteRange) -> Result<u64, Stop> {
        let (mut at, mut count) = (range.offset, 0_u64);
        while at < range.end() {
            self.window.budget.pay(4)?;
            let name = u64::from(self.window.u8(at)?);
            if name == 0 {
                break;
            }
            let place = u64::from(self.window.u32_le(at.saturating_add(2))?).saturating_mul(self.block);
            if place >= self.size {
                return Err(Stop::bad(at, "a folder behind the end of the volume"));
            }
            count = count.saturating_add(1);
            at = at.saturating_add(8).saturating_add(name.next_multiple_of(2));
        }
        Ok(count)
    }
}

/// Place and size of what a record names, and whether it is a folder.
fn record(bytes: &[u8]) -> Option<(Extent, bool)> {
    let length = usize::from(*bytes.first()?);
    let name = usize::from(*bytes.get(32)?);
    let fits = length >= 34 && bytes.len() >= length && name > 0 && name.saturating_add(33) <= length;
    let (block, size) = (both32(bytes, 2)?, both32(bytes, 10)?);
    fits.then_some((Extent { block, size }, bytes.get(25)? & 2 != 0))
}

fn le32(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|four| u64::from(u32::from_le_bytes(*four)))
}

/// A number that stands there in both byte orders.
fn both32(bytes: &[u8], at: usize) -> Option<u64> {
    let big = bytes.get(at.checked_add(4)?..)?.first_chunk().map(|four| u64::from(u32::from_be_bytes(*four)))?;
    le32(bytes, at).filter(|little| *little == big)
}

fn both16(bytes: &[u8], at: usize) -> Option<u64> {
    let [a, b, c, d] = *bytes.get(at..)?.first_chunk::<4>()?;
    let little = u16::from_le_bytes([a, b]);
    (little == u16::from_be_bytes([c, d])).then_some(u64::from(little))
}
