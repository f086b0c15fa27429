//! Where everything of a FAT volume lies.

use exhibit_evidence::ByteRange;

use crate::recipe::{FatWidth, RecipeError};

/// Bytes of a sector; the practice disks have no other.
pub(crate) const SECTOR: u64 = 512;
/// Sector at which the partition starts: 1 MiB, as every partitioning program of the last decade does it.
pub(crate) const PARTITION_START: u64 = 2048;
/// Copies of the allocation table.
pub(crate) const TABLES: u64 = 2;
/// Bytes of one slot of a directory.
pub(crate) const SLOT_BYTES: u64 = 32;
/// Entries of the fixed root directory of FAT16; FAT32 has none.
pub(crate) const ROOT_ENTRIES: u64 = 512;
/// Numbers of clusters that make a volume FAT16 (the specification derives the width from the count alone).
const FAT16_CLUSTERS: std::ops::Range<u64> = 4085..65_525;

/// A FAT volume's measures. Sectors are counted from the start of the partition, offsets from the start of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) width: FatWidth,
    pub(crate) total_sectors: u64,
    pub(crate) cluster_sectors: u64,
    pub(crate) reserved_sectors: u64,
    pub(crate) table_sectors: u64,
    /// Number of clusters; they are numbered from 2.
    pub(crate) clusters: u64,
}

impl Geometry {
    /// The measures of a volume that fills a disk of `disk_bytes` from the partition's start to the end.
    pub(crate) fn new(disk_bytes: u64, wanted: Option<FatWidth>) -> Result<Self, RecipeError> {
        let total_sectors = (disk_bytes / SECTOR).saturating_sub(PARTITION_START);
        let mebibytes = disk_bytes >> 20;
        let width = wanted.unwrap_or(if mebibytes < 272 { FatWidth::Fat16 } else { FatWidth::Fat32 });
        // About Microsoft's table of disk sizes; each step keeps the count of clusters within the width's limits.
        let cluster_sectors = match (width, mebibytes) {
            (FatWidth::Fat16, ..=16) => 2,
            (FatWidth::Fat16, ..=128) => 4,
            (FatWidth::Fat16, ..=256) => 8,
            (FatWidth::Fat16, _) => 16,
            (FatWidth::Fat32, ..=271) => 1,
            (FatWidth::Fat32, _) => 8,
        };
        let geometry = Self::fitted(width, total_sectors, cluster_sectors);
        let allowed = match width {
            FatWidth::Fat16 => FAT16_CLUSTERS.contains(&geometry.clusters),
            FatWidth::Fat32 => geometry.clusters >= FAT16_CLUSTERS.end,
        };
        if allowed { Ok(geometry) } else { Err(RecipeError::Width { width, clusters: geometry.clusters }) }
    }

    /// The smallest table that has an entry for each cluster that is left.
    fn fitted(width: FatWidth, total_sectors: u64, cluster_sectors: u64) -> Self {
        let least_reserved = if width == FatWidth::Fat16 { 1 } else { 32 };
        let mut geometry = Self {
            width,
            total_sectors,
            cluster_sectors,
            reserved_sectors: least_reserved,
            table_sectors: 0,
            clusters: 0,
        };
        loop {
            geometry.table_sectors += 1;
            // The data area is aligned to a cluster, as formatting programs do for flash memory.
            let before = least_reserved + TABLES * geometry.table_sectors + geometry.root_sectors();
            geometry.reserved_sectors = least_reserved + before.next_multiple_of(cluster_sectors) - before;
            geometry.clusters = total_sectors.saturating_sub(geometry.first_data_sector()) / cluster_sectors;
            if geometry.table_sectors * SECTOR / geometry.entry_bytes() >= geometry.clusters + 2 {
                return geometry;
            }
        }
    }

    /// Bytes of one entry of the table.
    pub(crate) const fn entry_bytes(&self) -> u64 {
        match self.width {
            FatWidth::Fat16 => 2,
            FatWidth::Fat32 => 4,
        }
    }

    /// Sectors of the fixed root directory.
    pub(crate) const fn root_sectors(&self) -> u64 {
        match self.width {
            FatWidth::Fat16 => ROOT_ENTRIES * SLOT_BYTES / SECTOR,
            FatWidth::Fat32 => 0,
        }
    }

    const fn first_data_sector(&self) -> u64 {
        self.reserved_sectors + TABLES * self.table_sectors + self.root_sectors()
    }

    /// Bytes of a cluster.
    pub(crate) const fn cluster_bytes(&self) -> u64 {
        self.cluster_sectors * SECTOR
    }

    /// Offset on the disk of sector `number` of the volume.
    pub(crate) const fn sector_offset(&self, number: u64) -> u64 {
        (PARTITION_START + number) * SECTOR
    }

    /// Offset on the disk of a copy of the table.
    pub(crate) const fn table_offset(&self, copy: u64) -> u64 {
        self.sector_offset(self.reserved_sectors + copy * self.table_sectors)
    }

    /// Offset on the disk of FAT16's root directory.
    pub(crate) const fn root_offset(&self) -> u64 {
        self.sector_offset(self.reserved_sectors + TABLES * self.table_sectors)
    }

    /// Offset on the disk of a cluster.
    pub(crate) const fn cluster_offset(&self, cluster: u64) -> u64 {
        self.sector_offset(self.first_data_sector() + (cluster - 2) * self.cluster_sectors)
    }

    /// Clusters that `bytes` bytes take.
    pub(crate) const fn clusters_of(&self, bytes: u64) -> u64 {
        bytes.div_ceil(self.cluster_bytes())
    }

    /// The bytes of a run of clusters.
    pub(crate) const fn run_range(&self, run: Run) -> ByteRange {
        ByteRange::new(self.cluster_offset(run.first), run.count * self.cluster_bytes())
    }
}

/// Clusters one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_up_to_the_limit_is_a_valid_volume_of_its_width() {
        for mebibytes in (8..=512).step_by(3) {
            let geometry = Geometry::new(mebibytes << 20, None).unwrap();
            let end = geometry.cluster_offset(geometry.clusters + 2);
            assert!(end <= mebibytes << 20 && (mebibytes << 20) - end < geometry.cluster_bytes() + SECTOR);
            assert_eq!(geometry.cluster_offset(2) % geometry.cluster_bytes(), 0);
        }
    }

    #[test]
    fn a_volume_too_small_for_its_width_is_refused() {
        assert!(Geometry::new(3 << 20, None).is_err());
        assert!(Geometry::new(16 << 20, Some(FatWidth::Fat32)).is_err());
        assert!(Geometry::new(40 << 20, Some(FatWidth::Fat32)).is_ok());
    }
}
