//! A medium made of units that lie anywhere in a file, or in a parent, or nowhere: what all virtual disks have in common.
//!
//! A format says of each place of the medium where its bytes are ([`BlockMap`]); the rest (reading, unpacking, parents,
//! small reads) is done here for all of them. An area that no file holds is zero only where the format says so. If the
//! parent that should hold it is missing, it is unreadable.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_evidence::{ByteRange, Cause, Finding, Known, ReadFault, Source};

use crate::{Description, Image, Part};

/// Largest unit (cluster, grain) that is unpacked as a whole, in bytes: 16 MiB. QCOW2 allows 2 MiB, VMDK says nothing.
pub(crate) const UNIT_BYTES_MAX: u64 = 16 << 20;
/// Unpacked units kept for small reads, in bytes together; the newest is kept whatever its size.
const UNITS_KEPT_BYTES: usize = 4 << 20;
/// Most units that are kept, so that looking for one stays quick.
const UNITS_KEPT: usize = 32;
/// Runs joined in one answer of `known`: callers ask again for the rest.
const RUNS_JOINED: usize = 4096;

/// Where the bytes of a place are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere: they are zero, by the container's word.
    Zero,
    /// Not in this file: in its parent, or zero if it has none.
    Below,
    /// In a file that is not at hand: why.
    Missing(String),
    /// In a file, as they are.
    Stored {
        /// Index of the file.
        file: usize,
        /// First byte in it.
        offset: u64,
    },
    /// In a file, packed.
    Packed(Packed),
}

/// A unit that must be unpacked as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    /// Index of the file.
    pub(crate) file: usize,
    /// Where its bytes begin.
    pub(crate) offset: u64,
    /// At most so many bytes are read; fewer if the file ends before.
    pub(crate) stored_bytes_max: u64,
    /// The unit on the medium; it may reach beyond the end of the medium.
    pub(crate) unit: ByteRange,
}

/// A place and how far it is of one nature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// Bytes from the place that was asked for; at least one.
    pub(crate) length: u64,
    /// Where they are.
    pub(crate) place: Place,
}

/// What a format knows: which place of the medium is where.
pub(crate) trait BlockMap: Send + Sync {
    /// The run that begins at byte `at` of the medium, which lies inside it. It may be longer than what is wanted.
    ///
    /// # Errors
    /// If the tables are damaged there.
    fn locate(&self, at: u64) -> Result<Run, Cause>;

    /// Unpacks `stored` into `out`, which is as long as the unit.
    ///
    /// # Errors
    /// A sentence saying what is wrong with the bytes.
    fn unpack(&self, stored: &[u8], unit: ByteRange, out: &mut [u8]) -> Result<(), String> {
        let _ = (stored, unit, out);
        Err("this format packs nothing".to_owned())
    }

    /// See [`Image::check_structure`].
    fn check(&self, tell: &mut dyn FnMut(Finding));
}

/// What lies under a layer.
pub(crate) enum Below {
    /// Nothing: what the layer does not hold is zero.
    Nothing,
    /// A parent that is not at hand, or not the right one: why.
    Missing(String),
    /// The parent. What lies behind its end is zero.
    Parent(Arc<dyn Image>),
}

impl Below {
    fn read(&self, at: u64, out: &mut [u8]) -> Result<(), ReadFault> {
        match self {
            Self::Nothing => {
                out.fill(0);
                Ok(())
            }
            Self::Missing(why) => Err(ReadFault::new(at, Cause::Unreadable(why.clone()))),
            Self::Parent(parent) => {
                let inside = usize::try_from(parent.size().saturating_sub(at)).unwrap_or(usize::MAX).min(out.len());
                let Some((there, behind)) = out.split_at_mut_checked(inside) else {
                    return Err(ReadFault::new(at, Cause::PastEnd));
                };
                behind.fill(0);
                if there.is_empty() { Ok(()) } else { parent.read_at(at, there) }
            }
        }
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        match self {
            Self::Nothing => (range, Known::Zero),
            Self::Missing(_) => (range, Known::Unreadable),
            Self::Parent(parent) if range.offset >= parent.size() => (range, Known::Zero),
            Self::Parent(parent) => parent.known(range.intersect(ByteRange::new(0, parent.size()))),
        }
    }
}

/// An opened virtual disk.
pub(crate) struct VirtualDisk<M> {
    map: M,
    files: Vec<Part>,
    below: Below,
    description: Description,
    unit_bytes: u64,
    recent: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

thread_local! {
    /// Packed bytes of one unit, used again for each.
    static PACKED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl<M: BlockMap> VirtualDisk<M> {
    /// `files` are those that the map's places count; `unit_bytes` is how finely damage can be told apart.
    pub(crate) fn new(map: M, files: Vec<Part>, below: Below, description: Description, unit_bytes: u64) -> Self {
        Self { map, files, below, description, unit_bytes, recent: Mutex::default() }
    }

    /// The run at `at`, at most `wanted` bytes, joined with what lies right behind it in the same file.
    fn run(&self, at: u64, wanted: u64) -> Result<Run, Cause> {
        let mut run = self.locate(at)?;
        while let Place::Stored { file, offset } = run.place
            && run.length < wanted
        {
            let expected = Place::Stored { file, offset: offset.saturating_add(run.length) };
            match self.locate(at.saturating_add(run.length)) {
                Ok(next) if next.place == expected => run.length = run.length.saturating_add(next.length),
                _ => break,
            }
        }
        run.length = run.length.min(wanted);
        Ok(run)
    }

    fn locate(&self, at: u64) -> Result<Run, Cause> {
        match self.map.locate(at)? {
            // Without a byte there would be no way forward.
            run if run.length == 0 => Err(Cause::Corrupt(format!("the tables say nothing about {at} (0x{at:x})"))),
            run => Ok(run),
        }
    }

    fn stored(&self, file: usize, offset: u64, out: &mut [u8]) -> Result<(), ReadFault> {
        let Some(part) = self.files.get(file) else {
            return Err(ReadFault::new(0, Cause::Unreadable("a file of the image is missing".to_owned())));
        };
        let size = part.source.size();
        let there = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX).min(out.len());
        let length = out.len();
        if let Some(out) = out.get_mut(..there).filter(|out| !out.is_empty()) {
            part.source.read_at(offset, out)?;
        }
        if there < length {
            let text = format!(
                "{} ends at {size} (0x{size:x}); the bytes should lie at {offset} (0x{offset:x}): the file was cut",
                part.name
            );
            return Err(ReadFault { at: 0, good: there, cause: Cause::Corrupt(text) });
        }
        Ok(())
    }

    /// Unpacks the whole of a unit into `out`, which is as long as it.
    fn unpack(&self, packed: &Packed, out: &mut [u8]) -> Result<(), Cause> {
        let Some(part) = self.files.get(packed.file) else {
            return Err(Cause::Unreadable("a file of the image is missing".to_owned()));
        };
        let length = packed.stored_bytes_max.min(part.source.size().saturating_sub(packed.offset));
        PACKED.with_borrow_mut(|stored| {
            stored.resize(usize::try_from(length).unwrap_or(0), 0);
            part.source.read_at(packed.offset, stored).map_err(|fault| fault.cause)?;
            self.map.unpack(stored, packed.unit, out).map_err(|text| {
                Cause::Corrupt(format!("{} at offset {} (0x{2:x}): {3}", part.name, packed.offset, packed.offset, text))
            })
        })
    }

    /// A unit for a read that wants only a part of it.
    fn recent_unit(&self, packed: &Packed) -> Result<Arc<[u8]>, Cause> {
        let lock = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = lock().iter().rev().find(|(start, _)| *start == packed.unit.offset) {
            return Ok(bytes.clone());
        }
        if packed.unit.length > UNIT_BYTES_MAX {
            return Err(Cause::Corrupt(format!("a packed unit of {} bytes is not possible", packed.unit.length)));
        }
        let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, usize::try_from(packed.unit.length).unwrap_or(0)).collect();
        if let Some(out) = Arc::get_mut(&mut bytes) {
            self.unpack(packed, out)?;
        }
        let mut kept = lock();
        kept.push_back((packed.unit.offset, bytes.clone()));
        let mut total: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while kept.len() > 1 && (kept.len() > UNITS_KEPT || total > UNITS_KEPT_BYTES) {
            total = total.saturating_sub(kept.pop_front().map_or(0, |(_, bytes)| bytes.len()));
        }
        Ok(bytes)
    }

    fn packed(&self, packed: &Packed, at: u64, out: &mut [u8]) -> Result<(), Cause> {
        if packed.unit == ByteRange::new(at, out.len() as u64) {
            return self.unpack(packed, out);
        }
        let unit = self.recent_unit(packed)?;
        let skip = usize::try_from(at.saturating_sub(packed.unit.offset)).unwrap_or(usize::MAX);
        let bytes = skip.checked_add(out.len()).and_then(|end| unit.get(skip..end)).ok_or(Cause::PastEnd)?;
        out.copy_from_slice(bytes);
        Ok(())
    }
}

impl<M: BlockMap> Source for VirtualDisk<M> {
    fn size(&self) -> u64 {
        self.description.size_bytes
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<(), ReadFault> {
        ReadFault::check_bounds(at, buf.len(), self.size())?;
        let mut good = 0_usize;
        while let Some(rest) = buf.get_mut(good..).filter(|rest| !rest.is_empty()) {
            let here = at.saturating_add(good as u64);
            let run = self.run(here, rest.len() as u64).map_err(|cause| ReadFault { at, good, cause })?;
            let length = usize::try_from(run.length).unwrap_or(usize::MAX).min(rest.len());
            let Some(out) = rest.get_mut(..length) else { return Err(ReadFault { at, good, cause: Cause::PastEnd }) };
            let read = match &run.place {
                Place::Zero => {
                    out.fill(0);
                    Ok(())
                }
                Place::Below => self.below.read(here, out),
                Place::Missing(why) => Err(ReadFault::new(here, Cause::Unreadable(why.clone()))),
                Place::Stored { file, offset } => self.stored(*file, *offset, out),
                Place::Packed(packed) => self.packed(packed, here, out).map_err(|cause| ReadFault::new(here, cause)),
            };
            read.map_err(|fault| ReadFault { at, good: good.saturating_add(fault.good), cause: fault.cause })?;
            good = good.saturating_add(length);
        }
        Ok(())
    }

    fn known(&self, range: ByteRange) -> (ByteRange, Known) {
        let range = range.intersect(ByteRange::new(0, self.size()));
        let nature = |at: u64| -> (u64, Known) {
            let rest = ByteRange::between(at, range.end());
            match self.map.locate(at) {
                Ok(Run { length, place: Place::Zero }) => (length, Known::Zero),
                Ok(Run { length, place: Place::Below }) => {
                    let (run, known) = self.below.known(rest.intersect(ByteRange::new(at, length)));
                    (run.length, known)
                }
                Ok(Run { length, place: Place::Missing(_) }) => (length, Known::Unreadable),
                Ok(Run { length, .. }) => (length, Known::Data),
                // Whoever reads gets the reason.
                Err(_) => (512, Known::Data),
            }
        };
        if range.is_empty() {
            return (range, Known::Data);
        }
        let (mut length, known) = nature(range.offset);
        for _ in 0..RUNS_JOINED {
            let at = range.offset.saturating_add(length.max(1));
            if at >= range.end() {
                break;
            }
            match nature(at) {
                (more, next) if next == known && more > 0 => length = length.saturating_add(more),
                _ => break,
            }
        }
        (ByteRange::new(range.offset, length.clamp(1, range.length)), known)
    }
}

impl<M: BlockMap> Image for VirtualDisk<M> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn check_structure(&self, tell: &mut dyn FnMut(Finding)) {
        self.map.check(tell);
        if let Below::Parent(parent) = &self.below {
            parent.check_structure(tell);
        }
    }

    fn unit_bytes(&self) -> u64 {
        self.unit_bytes
    }
}
