//! The allocation table: for each cluster the next one of its file.

use super::geometry::{Geometry, Run};
use crate::recipe::FatWidth;

/// Entries of the table; 0 is free.
#[derive(Debug)]
pub(crate) struct Table {
    entries: Vec<u32>,
    width: FatWidth,
}

impl Table {
    /// A table with every cluster free.
    pub(crate) fn new(geometry: &Geometry) -> Self {
        let mut entries = vec![0; (geometry.clusters + 2) as usize];
        let end = Self { entries: Vec::new(), width: geometry.width }.end_of_chain();
        // Entry 0 repeats the medium byte; entry 1 says "unmounted cleanly, no errors".
        entries.iter_mut().zip([end & !0xFF | 0xF8, end]).for_each(|(entry, value)| *entry = value);
        Self { entries, width: geometry.width }
    }

    /// Links the clusters of these runs, in order.
    pub(crate) fn link(&mut self, runs: &[Run]) {
        let clusters: Vec<u64> = runs.iter().flat_map(|run| run.first..run.first + run.count).collect();
        let following = clusters.iter().skip(1).map(|&next| next as u32).chain([self.end_of_chain()]);
        for (&cluster, next) in clusters.iter().zip(following) {
            if let Some(entry) = self.entries.get_mut(cluster as usize) {
                *entry = next;
            }
        }
    }

    const fn end_of_chain(&self) -> u32 {
        match self.width {
            FatWidth::Fat16 => 0xFFFF,
            FatWidth::Fat32 => 0x0FFF_FFFF,
        }
    }

    /// Number of free clusters, and the first of them.
    pub(crate) fn free(&self) -> (u64, u64) {
        let free = self.entries.iter().filter(|entry| **entry == 0).count() as u64;
        (free, self.entries.iter().position(|entry| *entry == 0).unwrap_or(2) as u64)
    }

    /// The table as it is stored.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self.width {
            FatWidth::Fat16 => self.entries.iter().flat_map(|&entry| (entry as u16).to_le_bytes()).collect(),
            FatWidth::Fat32 => self.entries.iter().flat_map(|entry| entry.to_le_bytes()).collect(),
        }
    }
}
