//! The extents of a disk, one after another.

use exhibit_evidence::{ByteRange, Cause, Finding};

use super::sparse::Sparse;
use crate::layered::{BlockMap, Place, Run};

/// Where the bytes of a VMDK are.
pub(super) struct VmdkMap {
    /// In the order of the medium, without holes.
    pub(super) extents: Vec<Extent>,
}

/// An extent on the medium, in bytes.
pub(super) struct Extent {
    pub(super) range: ByteRange,
    pub(super) kind: Kind,
}

/// What an extent is.
pub(super) enum Kind {
    /// Bytes of the medium from `offset` of a file.
    Flat {
        /// Index of the file.
        file: usize,
        /// First byte in it.
        offset: u64,
    },
    /// Grains.
    Sparse(Box<Sparse>),
    /// Nothing but zeros.
    Zero,
    /// The file is not at hand, or is none: why.
    Missing(String),
}

impl VmdkMap {
    fn extent(&self, at: u64) -> Option<&Extent> {
        let index = self.extents.partition_point(|extent| extent.range.offset <= at).checked_sub(1)?;
        self.extents.get(index).filter(|extent| at < extent.range.end())
    }
}

impl BlockMap for VmdkMap {
    fn locate(&self, at: u64) -> Result<Run, Cause> {
        let extent = self.extent(at).ok_or_else(|| Cause::Corrupt("no extent holds this".to_owned()))?;
        let within = at.saturating_sub(extent.range.offset);
        let length = extent.range.end().saturating_sub(at);
        match &extent.kind {
            Kind::Flat { file, offset } => {
                Ok(Run { length, place: Place::Stored { file: *file, offset: offset.saturating_add(within) } })
            }
            Kind::Zero => Ok(Run { length, place: Place::Zero }),
            Kind::Missing(why) => Ok(Run { length, place: Place::Missing(why.clone()) }),
            Kind::Sparse(sparse) => {
                let run = sparse.locate(extent.range.offset, within)?;
                Ok(Run { length: run.length.min(length), place: run.place })
            }
        }
    }

    fn unpack(&self, stored: &[u8], unit: ByteRange, out: &mut [u8]) -> Result<(), String> {
        match self.extent(unit.offset) {
            Some(Extent { range, kind: Kind::Sparse(sparse) }) => {
                sparse.unpack(stored, unit.offset.saturating_sub(range.offset), out)
            }
            _ => Err("no packed extent holds this".to_owned()),
        }
    }

    fn check(&self, tell: &mut dyn FnMut(Finding)) {
        for extent in &self.extents {
            if let Kind::Sparse(sparse) = &extent.kind {
                sparse.check(tell);
            }
        }
    }
}
