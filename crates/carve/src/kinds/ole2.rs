//! Compound files (MS-CFB): documents of Office before 2007, messages of Outlook, installers.
//!
//! ```text
//! 0     D0CF11E0A1B11AE1, version @26, FFFE @28, sector shift @30, number of FAT sectors @44, first directory sector @48
//! 76    first 109 FAT sectors; further ones in a chain of DIFAT sectors @68
//! FAT   u32LE per sector: the next one of its stream, FFFFFFFE at its end, FFFFFFFF free
//! directory   entries of 128 bytes: name in UTF-16, type, first sector, size
//! ```
//!
//! The length is the end of the last sector that is in use; the chains of the directory and of every stream must have the
//! length that the directory says. There is no checksum: *consistent*.

use exhibit_evidence::{ByteRange, ReadFault, Source};

use crate::budget::{Budget, Held};
use crate::kind::Kind;
use crate::stop::{Progress, Stop};
use crate::verdict::{FileType, Level, Verdict};
use crate::walk::{consistent, follow};
use crate::window::Window;

const OLE2: FileType = FileType { id: "ole2", extension: "ole" };
const DOC: FileType = FileType { id: "doc", extension: "doc" };
const XLS: FileType = FileType { id: "xls", extension: "xls" };
const PPT: FileType = FileType { id: "ppt", extension: "ppt" };
const MSG: FileType = FileType { id: "msg", extension: "msg" };
const MSI: FileType = FileType { id: "msi", extension: "msi" };
const THUMBS: FileType = FileType { id: "thumbs-db", extension: "db" };
/// An Office document under a password: which kind of document is encrypted, too.
const ENCRYPTED: FileType = FileType { id: "ooxml-encrypted", extension: "ole" };
const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
/// Sectors below this are sectors; above are marks.
const SECTOR_MOST: u32 = 0xffff_fffa;
/// Streams smaller than this lie in the mini stream.
const MINI_MOST: u64 = 4096;
/// FAT entries that are kept: files of up to 2 GiB.
const ENTRIES_MOST: usize = 1 << 22;
const ENTRIES_FREE: usize = 1 << 16;
/// Bytes of a sector of the mini stream.
const MINI_BYTES: u64 = 64;
/// Class of the root entry of installers: 000C1084-0000-0000-C000-000000000046. Their streams have packed names.
const INSTALLER: [u8; 16] = [0x84, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
const NAMES: [(&str, FileType); 7] = [
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book", XLS),
    ("PowerPoint Document", PPT),
    ("__properties_version1.0", MSG),
    ("EncryptedPackage", ENCRYPTED),
    ("Catalog", THUMBS),
];

/// Compound files.
pub(crate) struct Ole2;

impl Kind for Ole2 {
    fn id(&self) -> &'static str {
        "ole2"
    }

    fn types(&self) -> &'static [FileType] {
        &[OLE2, DOC, XLS, PPT, MSG, MSI, THUMBS, ENCRYPTED]
    }

    fn signatures(&self) -> &'static [&'static [u8]] {
        &[SIGNATURE]
    }

    fn plausible(&self, head: &[u8]) -> bool {
        head.get(28..32).is_none_or(|order| matches!(order, [0xfe, 0xff, 9 | 12, 0]))
    }

    fn validate(&self, candidate: &dyn Source, budget: &Budget<'_>) -> Result<Verdict, ReadFault> {
        follow(OLE2, candidate, budget, |window, progress| {
            let head = window.array::<512>(0)?;
            if !head.starts_with(SIGNATURE) || !self.plausible(&head) {
                return Err(Stop::bad(0, "no compound file"));
            }
            progress.level = Level::Header;
            progress.good = 512;
            let mut file =
                Compound { shift: u32::from(head[30]), fat: Vec::new(), met: Vec::new(), memory: None, anchored: 0 };
            file.read_fat(window)?;
            let last = file.fat.iter().rposition(|next| *next != FREE).ok_or_else(|| Stop::bad(44, "an empty FAT"))?;
            let end = file.at(u32::try_from(last).unwrap_or(0)).saturating_add(1 << file.shift);
            progress.good = 512;
            let streams = file.directory(window, progress)?;
            window.readable(ByteRange::new(0, end))?;
            let reasons = [
                format!("FAT, directory and the chains of {streams} stream(s) agree on every length"),
                "the format has no checksum".to_owned(),
            ];
            Ok(consistent(progress.file_type, end, reasons).anchored_to(file.anchored))
        })
    }
}

struct Compound<'a> {
    shift: u32,
    fat: Vec<u32>,
    /// Sectors that belong to a chain already.
    met: Vec<bool>,
    memory: Option<Held<'a>>,
    /// End of the last sector of the FAT and the directory.
    anchored: u64,
}

impl<'a> Compound<'a> {
    /// Where sector `number` lies.
    fn at(&self, number: u32) -> u64 {
        u64::from(number).saturating_add(1) << self.shift
    }

    fn read_fat(&mut self, window: &mut Window<'a>) -> Result<(), Stop> {
        let count = window.u32_le(44)?;
        let in_sector = 1_u32 << self.shift.saturating_sub(2);
        let mut sectors = Vec::new();
        for index in 0..count.min(109) {
            sectors.push(window.u32_le(76_u64.saturating_add(u64::from(index).saturating_mul(4)))?);
        }
        let (mut next, mut hops) = (window.u32_le(68)?, 0_u32);
        while (sectors.len() as u64) < u64::from(count) {
            let at = self.at(next);
            if next >= SECTOR_MOST || hops > count {
                return Err(Stop::bad(68, "fewer FAT sectors than the header counts"));
            }
            for index in 0..in_sector.saturating_sub(1) {
                if (sectors.len() as u64) < u64::from(count) {
                    sectors.push(window.u32_le(at.saturating_add(u64::from(index).saturating_mul(4)))?);
                }
            }
            next = window.u32_le(at.saturating_add(u64::from(in_sector.saturating_sub(1)).saturating_mul(4)))?;
            hops = hops.saturating_add(1);
        }
        for sector in sectors {
            if sector >= SECTOR_MOST || self.fat.len() >= ENTRIES_MOST {
                return Err(Stop::bad(76, "a FAT sector that is none, or a FAT beyond the limit"));
            }
            if self.fat.len() >= ENTRIES_FREE && self.memory.is_none() {
                self.memory = Some(window.budget.memory((ENTRIES_MOST as u64).saturating_mul(10))?);
            }
            let bytes = window.exact(self.at(sector), 1 << self.shift)?;
            self.anchored = self.anchored.max(self.at(sector.saturating_add(1)));
            self.fat.extend(bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)));
        }
        self.met = vec![false; self.fat.len()];
        Ok(())
    }

    /// The sectors of the chain from `first`; each sector may belong to one chain only.
    fn chain(&mut self, window: &Window<'_>, first: u32) -> Result<Vec<u32>, Stop> {
        let (mut sectors, mut next) = (Vec::new(), first);
        while next != END_OF_CHAIN {
            window.budget.pay(1)?;
            let index = usize::try_from(next).unwrap_or(usize::MAX);
            let met = self.met.get_mut(index).ok_or_else(|| Stop::bad(0, "a chain leads out of the file"))?;
            if std::mem::replace(met, true) {
                return Err(Stop::bad(0, "two chains share a sector"));
            }
            sectors.push(next);
            next = self.fat.get(index).copied().unwrap_or(FREE);
        }
        Ok(sectors)
    }

    /// Anchors the file at the end of a stream that shows: zeros fill its last sector from there, and not before. Most writers
    /// leave it so. Of its last `last` bytes one at least is not zero.
    fn look_at_end(&mut self, window: &mut Window<'a>, chain: &[u32], (size, last): (u64, usize)) -> Result<(), Stop> {
        const FILLING_LEAST: usize = 8;
        let sector = 1_u64 << self.shift;
        let used = usize::try_from(size % sector).unwrap_or(0);
        let Some(number) = chain.last().filter(|_| used >= last) else { return Ok(()) };
        let at = self.at(*number);
        let end = at.saturating_add(sector);
        if end > window.size() {
            return Ok(());
        }
        let bytes = window.exact(at, 1 << self.shift)?;
        let (content, filling) = bytes.split_at_checked(used).unwrap_or((bytes, &[]));
        let is_filled = filling.len() >= FILLING_LEAST && filling.iter().all(|byte| *byte == 0);
        if is_filled && content.iter().rev().take(last).any(|byte| *byte != 0) {
            self.anchored = self.anchored.max(end);
        }
        Ok(())
    }

    /// Follows every stream of the directory; their number.
    fn directory(&mut self, window: &mut Window<'a>, progress: &mut Progress) -> Result<u64, Stop> {
        let first = window.u32_le(48)?;
        let sectors = self.chain(window, first)?;
        let (mut streams, mut small) = (0_u64, Vec::new());
        for sector in sectors {
            let at = self.at(sector);
            self.anchored = self.anchored.max(at.saturating_add(1 << self.shift));
            for entry in (at..at.saturating_add(1 << self.shift)).step_by(128) {
                let bytes = window.array::<128>(entry)?;
                let kind = bytes[66];
                let Some(first) = bytes.get(116..120).and_then(|four| four.first_chunk()) else { continue };
                let first = u32::from_le_bytes(*first);
                // The upper half of the size means nothing in files of version 3.
                let size = u64::from(window.u32_le(entry.saturating_add(120))?);
                match kind {
                    0 | 1 => continue,
                    2 if size < MINI_MOST => small.push((first, size)),
                    2 | 5 if size > 0 => {
                        let chain = self.chain(window, first)?;
                        if chain.len() as u64 != size.div_ceil(1 << self.shift) {
                            return Err(Stop::bad(entry, "a stream whose chain has another length"));
                        }
                        // The mini stream ends with a whole sector of its own, which its last small stream need not fill.
                        let last = if kind == 5 { MINI_BYTES as usize } else { 8 };
                        self.look_at_end(window, &chain, (size, last))?;
                    }
                    2 | 5 => {}
                    _ => return Err(Stop::bad(entry, "an entry of a kind that there is not")),
                }
                streams = streams.saturating_add(1);
                if kind == 5 && bytes.get(80..96) == Some(&INSTALLER) {
                    progress.file_type = MSI;
                }
                let name = name(&bytes);
                if let Some((_, file_type)) = NAMES.iter().find(|(known, _)| *known == name)
                    && progress.file_type == OLE2
                {
                    progress.file_type = *file_type;
                }
                progress.level = Level::Body;
            }
        }
        self.look_at_mini_fat(window, &small)?;
        if streams == 0 { Err(Stop::bad(48, "an empty directory")) } else { Ok(streams) }
    }

    /// Anchors the file at the end of the mini FAT, if the chain of every small stream there is as long as the stream.
    fn look_at_mini_fat(&mut self, window: &mut Window<'a>, small: &[(u32, u64)]) -> Result<(), Stop> {
        let first = window.u32_le(60)?;
        if first >= SECTOR_MOST || small.is_empty() {
            return Ok(());
        }
        let (mut entries, mut end) = (Vec::new(), 0_u64);
        let chain = match self.chain(window, first) {
            Ok(chain) => chain,
            Err(Stop::Bad(..)) => return Ok(()),
            Err(stop) => return Err(stop),
        };
        for sector in chain {
            let at = self.at(sector);
            end = end.max(at.saturating_add(1 << self.shift));
            if end > window.size() || entries.len() >= ENTRIES_FREE {
                return Ok(());
            }
            let bytes = window.exact(at, 1 << self.shift)?;
            entries.extend(bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)));
        }
        for (first, size) in small.iter().filter(|(_, size)| *size > 0) {
            let (mut next, mut count) = (*first, 0_u64);
            while next != END_OF_CHAIN && count <= size.div_ceil(MINI_BYTES) {
                window.budget.pay(1)?;
                let entry = usize::try_from(next).ok().and_then(|index| entries.get(index));
                let Some(entry) = entry else { return Ok(()) };
                (next, count) = (*entry, count.saturating_add(1));
            }
            if next != END_OF_CHAIN || count != size.div_ceil(MINI_BYTES) {
                return Ok(());
            }
        }
        self.anchored = self.anchored.max(end);
        Ok(())
    }
}

/// The entry's name, as far as it is ASCII.
fn name(entry: &[u8; 128]) -> String {
    let pairs = entry.as_chunks::<2>().0.iter().take(32).map(|two| u16::from_le_bytes(*two));
    pairs.take_while(|unit| *unit != 0).map(|unit| u8::try_from(unit).map_or('?', char::from)).collect()
}
