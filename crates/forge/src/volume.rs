//! A volume being filled: clusters are given out from front to back, and nothing is ever written twice.

use crate::fat::geometry::{Geometry, Run, SECTOR};
use crate::fat::table::Table;
use crate::machine_code::machine_code;
use crate::recipe::RecipeError;
use crate::{Random, prose};

/// The disk, its table, and the next cluster that nobody has had.
#[derive(Debug)]
pub(crate) struct Volume {
    pub(crate) geometry: Geometry,
    pub(crate) table: Table,
    pub(crate) bytes: Vec<u8>,
    next: u64,
    /// Source of old data; `None` leaves zeros.
    old: Option<Random>,
}

impl Volume {
    /// An empty volume on a disk of `size` bytes.
    pub(crate) fn new(geometry: Geometry, size: usize, old: Option<Random>) -> Self {
        Self { geometry, table: Table::new(&geometry), bytes: vec![0; size], next: 2, old }
    }

    /// The next `count` clusters.
    pub(crate) fn take(&mut self, count: u64) -> Result<Run, RecipeError> {
        let left = (self.geometry.clusters + 2).saturating_sub(self.next);
        if count > left {
            return Err(RecipeError::Full { needed: count, left });
        }
        let run = Run { first: self.next, count };
        self.next += count;
        Ok(run)
    }

    /// Writes bytes at an offset of the disk; what reaches beyond the end is cut off.
    pub(crate) fn write(&mut self, offset: u64, bytes: &[u8]) {
        let place = self.bytes.get_mut(offset as usize..).unwrap_or_default();
        place.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    }

    /// Writes a file into its clusters. Behind it the sector is filled with zeros and the rest of the cluster keeps
    /// what was there before: "RAM slack" and "file slack".
    pub(crate) fn write_file(&mut self, runs: &[Run], file: &[u8]) {
        let mut rest = file;
        for run in runs {
            let range = self.geometry.run_range(*run);
            let (here, after) = rest.split_at(rest.len().min(range.length as usize));
            self.write(range.offset, here);
            let used = (here.len() as u64).next_multiple_of(SECTOR);
            let slack = range.length - used.min(range.length);
            let old = self.old_text(slack as usize);
            self.write(range.offset + used, &old);
            rest = after;
        }
    }

    /// Leaves a few clusters free, with what an earlier file left in them.
    pub(crate) fn leave_hole(&mut self, count: u64) {
        let Ok(run) = self.take(count) else { return };
        let range = self.geometry.run_range(run);
        let choice = self.old.as_mut().map_or(0, |random| random.below(4));
        let old = match (choice, &mut self.old) {
            (1 | 2, _) => self.old_text(range.length as usize),
            (3, Some(random)) => machine_code(random, range.length as usize),
            _ => Vec::new(),
        };
        self.write(range.offset, &old);
    }

    /// Fills part of what is left with old text; the rest has never been written.
    pub(crate) fn leave_tail(&mut self, most_bytes: u64) {
        let left = (self.geometry.clusters + 2).saturating_sub(self.next);
        let count = (left / 3).min(most_bytes / self.geometry.cluster_bytes());
        if let Ok(run) = self.take(count) {
            let range = self.geometry.run_range(run);
            let old = self.old_text(range.length as usize);
            self.write(range.offset, &old);
        }
    }

    fn old_text(&mut self, length: usize) -> Vec<u8> {
        self.old.as_mut().map_or_else(Vec::new, |random| prose::english(random, length))
    }
}
