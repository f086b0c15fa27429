//! Microsoft cabinets (MS-CAB).
//!
//! ```text
//! 0   4   'MSCF', u32 0;  8 u32LE size of the cabinet;  16 u32LE where the files are listed;  24 version 3, 1
//! 26  6   u16LE folders, files, flags;  then what is set aside, names of neighbours, and for each folder: u32LE where its blocks
//!         begin, u16LE how many, u16LE how they are packed
//!     …   files: u32LE size, place in the folder, u16LE folder, date, time, attributes, name
//!     …   blocks: u32LE checksum (0 for none), u16LE packed, u16LE unpacked, data
//! ```
//!
//! Headers, names, files and blocks must fill the cabinet to its last byte. The checksum of a block is an exclusive or of its
//! words and does not see words that change places: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::Budget;
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict, Whole};
use crate::walk::{consistent, follow};
use crate::window::Window;

const CAB: FileType = FileType { id: "cab", extension: "cab" };
/// Longest name, with its zero.
const NAME_MOST: u64 = 257;
/// Bytes of content in one block.
const CONTENT_MOST: u16 = 32_768;
/// A packed block is not larger than this.
const PACKED_MOST: u16 = 38_912;

/// Cabinets.
pub(crate) struct Cab;

impl Kind for Cab {
    fn id(&self) -> &'static str {
        "cab"
    }

    fn types(&self) -> &'static [FileType] {
        &[CAB]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[b"MSCF\0\0\0\0"]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(24..26).is_none_or(|version| version == [3, 1])
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(CAB, candidate, budget, walk)
    }
}

struct Folder {
    blocks_at: u64,
    blocks: u16,
    packing: u16,
}

fn walk(window: &mut Window<'_>, progress: &mut Progress) -> Result<Whole, Stop> {
    let head = window.array::<36>(0)?;
    let [_, _, _, _, 0, 0, 0, 0, s0, s1, s2, s3, .., 3, 1, d0, d1, n0, n1, f0, f1, _, _, _, _] = head else {
        return Err(Stop::bad(0, "no cabinet"));
    };
    let (size, files_at) = (u64::from(u32::from_le_bytes([s0, s1, s2, s3])), u64::from(window.u32_le(16)?));
    let (folders, files) = (u16::from_le_bytes([d0, d1]), u16::from_le_bytes([n0, n1]));
    let flags = u16::from_le_bytes([f0, f1]);
    if flags > 7 || folders == 0 || files == 0 || files_at >= size {
        return Err(Stop::bad(0, "a header that no cabinet has"));
    }
    if size > window.size() {
        return Err(Stop::End(window.size()));
    }
    let mut at = 36_u64;
    let (mut in_folder, mut in_block) = (0_u64, 0_u64);
    if flags & 4 != 0 {
        let [a, b, folder, block] = window.array::<4>(at)?;
        (in_folder, in_block) = (u64::from(folder), u64::from(block));
        at = at.saturating_add(4).saturating_add(u64::from(u16::from_le_bytes([a, b])));
    }
    for _ in 0..u32::from(flags & 1).saturating_add(u32::from(flags >> 1 & 1)).saturating_mul(2) {
        at = behind_name(window, at)?;
    }
    let mut list = Vec::new();
    for _ in 0..folders {
        window.budget.pay(8)?;
        let [a, b, c, d, e, f, g, h] = window.array::<8>(at)?;
        let blocks_at = u64::from(u32::from_le_bytes([a, b, c, d]));
        list.push(Folder { blocks_at, blocks: u16::from_le_bytes([e, f]), packing: u16::from_le_bytes([g, h]) });
        at = at.saturating_add(8).saturating_add(in_folder);
    }
    if at != files_at || list.iter().any(|folder| folder.packing & 15 > 3 || folder.blocks_at < files_at) {
        return Err(Stop::bad(at, "folders that no cabinet has"));
    }
    progress.level = Level::Header;
    for _ in 0..files {
        window.budget.pay(16)?;
        let folder = window.u16_le(at.saturating_add(8))?;
        if folder >= folders && folder < 0xfffd {
            return Err(Stop::bad(at, "a file of a folder that is not there"));
        }
        at = behind_name(window, at.saturating_add(16))?;
        progress.good = at;
    }
    list.sort_by_key(|folder| folder.blocks_at);
    let (mut blocks, mut checked) = (0_u64, 0_u64);
    for folder in &list {
        if folder.blocks_at != at {
            return Err(Stop::bad(at, "blocks do not follow what is before them"));
        }
        for _ in 0..folder.blocks {
            let (next, had_checksum) = block(window, at, in_block)?;
            (at, blocks) = (next, blocks.saturating_add(1));
            checked = checked.saturating_add(u64::from(had_checksum));
            progress.level = Level::Body;
            progress.good = at;
        }
    }
    if at != size {
        return Err(Stop::bad(at, "the blocks do not end where the cabinet does"));
    }
    let reasons = [
        format!("{files} file(s) in {folders} folder(s), {blocks} blocks up to the size in the header"),
        format!("the checksum of {checked} of the blocks matches; nothing was unpacked"),
    ];
    Ok(consistent(CAB, size, reasons))
}

fn behind_name(window: &mut Window<'_>, at: u64) -> Result<u64, Stop> {
    let end = window.find(&[0], at, at.saturating_add(NAME_MOST))?;
    end.map(|end| end.saturating_add(1))
        .filter(|end| *end > at.saturating_add(1))
        .ok_or_else(|| Stop::bad(at, "no name"))
}

/// The block at `at`: the offset behind it, and whether it has a checksum.
fn block(window: &mut Window<'_>, at: u64, aside: u64) -> Result<(u64, bool), Stop> {
    window.budget.pay(16)?;
    let [c0, c1, c2, c3, p0, p1, u0, u1] = window.array::<8>(at)?;
    let (packed, content) = (u16::from_le_bytes([p0, p1]), u16::from_le_bytes([u0, u1]));
    if packed == 0 || packed > PACKED_MOST || content > CONTENT_MOST {
        return Err(Stop::bad(at, "no block of a cabinet"));
    }
    let data_at = at.saturating_add(8).saturating_add(aside);
    let next = data_at.saturating_add(u64::from(packed));
    let stored = u32::from_le_bytes([c0, c1, c2, c3]);
    if stored == 0 {
        window.readable(ByteRange::between(at, next))?;
        return Ok((next, false));
    }
    let sum = checksum(window.exact(data_at, usize::from(packed))?, 0);
    // What is set aside in the block's header is covered as well, behind the sizes.
    let header = window.exact(at.saturating_add(4), usize::try_from(aside).unwrap_or(0).saturating_add(4))?;
    if checksum(header, sum) != stored {
        return Err(Stop::bad(at, "the checksum of a block does not match"));
    }
    Ok((next, true))
}

/// The exclusive or of all words, the lowest byte first; of a last part of a word the highest byte first.
fn checksum(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words.iter().fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest.iter().fold(0_u32, |last, byte| last << 8 | u32::from(*byte))
}
