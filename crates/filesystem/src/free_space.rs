//! What of a medium no file system claims: free clusters, and everything outside the file systems that are understood.
//!
//! Only allocation tables and bitmaps are read, not names. A file system counts as understood here if its table of
//! allocation could be followed as far as it reaches; of all others nothing is taken away. So what is wrong or damaged makes
//! the free space larger, never smaller. To add a file system: a file here with its `used`, and a line in [`READERS`].

mod exfat;
mod ext;
mod fat;
mod ntfs;
mod runs;
mod volume;

use exhibit_evidence::layout::Volume as Listed;
use exhibit_evidence::{ByteRange, Cancel, Source};

use crate::summary::layout;
use runs::Runs;
use volume::Volume;

/// Free space ends and begins at multiples of this many bytes, the smallest sector there is.
const SECTOR_BYTES: u64 = 512;

/// Reads which parts of a volume are in use.
struct Reader {
    /// The names that [`crate::KINDS`] gives to volumes of this file system.
    kinds: &'static [&'static str],
    used: fn(&Volume<'_>) -> Result<Used, Problem>,
}

static READERS: &[Reader] = &[
    Reader { kinds: &["fat12", "fat16", "fat32"], used: fat::used },
    Reader { kinds: &["exfat"], used: exfat::used },
    Reader { kinds: &["ntfs"], used: ntfs::used },
    Reader { kinds: &["ext2", "ext3", "ext4"], used: ext::used },
];

/// What a volume's own table says.
struct Used {
    /// In use, relative to the volume.
    runs: Runs,
    /// Parts of the table that could not be read: what they are about counts as free.
    unread: u64,
}

/// Why a table of allocation cannot be followed.
enum Problem {
    /// A plain sentence.
    Text(String),
    Interrupted,
}

impl From<&str> for Problem {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What one volume contributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeSpace {
    /// Number of its partition, 0 for the medium itself.
    pub number: u32,
    /// Where it lies.
    pub range: ByteRange,
    /// What it is, as people call it.
    pub title: String,
    /// Bytes in use by its own table; `None` if that is not understood, and then all of it counts as free.
    pub used_bytes: Option<u64>,
    /// What is to be known about it, in plain words.
    pub remark: Option<String>,
}

/// What no file system claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeSpace {
    /// Free ranges, sorted, none touching another, at sectors.
    pub ranges: Vec<ByteRange>,
    /// All volumes of the medium.
    pub volumes: Vec<VolumeSpace>,
}

impl FreeSpace {
    /// Whether at least one file system was understood.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.volumes.iter().any(|volume| volume.used_bytes.is_some())
    }

    /// Bytes in all free ranges.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.ranges.iter().fold(0, |sum, range| sum.saturating_add(range.length))
    }
}

/// The free space of `medium`; `None` if it was interrupted.
#[must_use]
pub fn free_space(medium: &dyn Source, sector_bytes: Option<u32>, cancel: &Cancel) -> Option<FreeSpace> {
    let mut used = Vec::new();
    let mut volumes = Vec::new();
    for listed in layout(medium, sector_bytes).volumes {
        volumes.push(one(medium, &listed, &mut used, cancel)?);
    }
    Some(FreeSpace { ranges: complement(used, medium.size()), volumes })
}

fn one(medium: &dyn Source, listed: &Listed, used: &mut Vec<ByteRange>, cancel: &Cancel) -> Option<VolumeSpace> {
    let range = ByteRange::new(listed.offset_bytes, listed.size_bytes).intersect(ByteRange::new(0, medium.size()));
    let known = listed.contents.iter().find_map(|contents| {
        let reader = READERS.iter().find(|reader| reader.kinds.contains(&contents.kind.as_str()))?;
        Some((reader, contents.title.clone()))
    });
    let named = listed.contents.first().map_or_else(|| "not recognised".to_owned(), |contents| contents.title.clone());
    let mut space = VolumeSpace { number: listed.number, range, title: named, used_bytes: None, remark: None };
    let Some((reader, title)) = known else {
        space.remark = Some("its allocation is not understood: all of it counts as free".to_owned());
        return Some(space);
    };
    space.title = title;
    match (reader.used)(&Volume::new(medium, range, cancel)) {
        Ok(found) => {
            let runs = found.runs.finish();
            space.used_bytes = Some(runs.iter().fold(0, |sum, run| sum.saturating_add(run.length)));
            let here = |run: ByteRange| ByteRange::new(range.offset.saturating_add(run.offset), run.length);
            used.extend(runs.into_iter().map(|run| here(run).intersect(range)));
            space.remark = (found.unread > 0).then(|| {
                format!("{} parts of its table could not be read: what they are about counts as free", found.unread)
            });
        }
        Err(Problem::Text(text)) => space.remark = Some(format!("{text}: all of it counts as free")),
        Err(Problem::Interrupted) => return None,
    }
    Some(space)
}

/// What of `size` bytes is in none of `used`, cut down to whole sectors.
fn complement(mut used: Vec<ByteRange>, size: u64) -> Vec<ByteRange> {
    used.sort_unstable_by_key(|range| range.offset);
    let (mut free, mut at) = (Vec::new(), 0_u64);
    let end = ByteRange::new(size, 0);
    for range in used.into_iter().filter(|range| !range.is_empty()).chain([end]) {
        let from = at.next_multiple_of(SECTOR_BYTES);
        // The last sector of a medium may be a short one.
        let to = if range.offset == size { size } else { range.offset / SECTOR_BYTES * SECTOR_BYTES };
        if from < to {
            free.push(ByteRange::between(from, to));
        }
        at = at.max(range.end());
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_lies_at_sectors_and_overlapping_volumes_both_count() {
        let range = ByteRange::new;
        assert_eq!(complement(vec![], 1000), [range(0, 1000)]);
        assert_eq!(complement(vec![range(600, 100), range(0, 10)], 4000), [range(1024, 2976)]);
        assert_eq!(complement(vec![range(1024, 1024), range(1536, 1024)], 4096), [range(0, 1024), range(2560, 1536)]);
        assert_eq!(complement(vec![range(0, 4096)], 4096), []);
    }
}
