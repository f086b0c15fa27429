//! What a disk should be like.

use exhibit_evidence::Class;
use serde::{Deserialize, Serialize};

use crate::truth::State;

/// Largest disk that is forged in memory: 512 MiB.
pub const SIZE_BYTES_MAX: u64 = 512 << 20;
/// Smallest disk that has room for a FAT16 volume with sensible clusters: 8 MiB.
pub const SIZE_BYTES_MIN: u64 = 8 << 20;

/// Most files on a disk, fillers included: what one FAT directory can hold even if all names are long.
pub const FILES_MAX: u64 = 4096;

/// A disk to be made. The same recipe gives the same bytes on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Everything random comes from here.
    pub seed: u64,
    /// Size of the disk in bytes: a multiple of 512 from [`SIZE_BYTES_MIN`] to [`SIZE_BYTES_MAX`].
    pub size_bytes: u64,
    /// Width of the file allocation table; `None` lets the size decide (FAT32 from 272 MiB on).
    pub fat: Option<FatWidth>,
    /// Files to plant.
    pub plantings: Vec<Planting>,
    /// Number of live files of text and binary data between them, some of which contain bait.
    pub fillers: u32,
    /// Size of the largest filler in bytes; most are smaller.
    pub filler_bytes_max: u64,
    /// Whether unused clusters and the slack behind files hold remains of old text and noise, or zeros.
    pub old_data: bool,
}

/// One file to plant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planting {
    /// Id of a plant in [`crate::PLANTS`].
    pub plant: String,
    /// About how large, in bytes; the seed moves it by up to a quarter, and the plant may miss it by more.
    pub size_bytes: u64,
    /// What the file system shall say about it.
    pub state: State,
    /// Whether it shall lie in two pieces with another file between them. Needs more than one cluster.
    pub fragmented: bool,
}

/// Width of the entries of a file allocation table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FatWidth {
    /// 16 bits: up to 65524 clusters.
    Fat16,
    /// 32 bits, of which 28 count: 65525 clusters or more.
    Fat32,
}

/// Why a recipe makes no disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// The size is out of bounds or not whole sectors.
    #[error("a forged disk has from {SIZE_BYTES_MIN} to {SIZE_BYTES_MAX} bytes in whole sectors of 512, not {0}")]
    Size(u64),
    /// The size and the width of the table do not go together.
    #[error("{clusters} clusters do not make a {width:?} volume; choose another size or width")]
    Width {
        /// The width asked for.
        width: FatWidth,
        /// The clusters that the size gives.
        clusters: u64,
    },
    /// No plant has this id.
    #[error("no plant is called {0:?}")]
    UnknownPlant(String),
    /// There are more files than [`FILES_MAX`].
    #[error("a forged disk has at most {FILES_MAX} files, not {0}")]
    Files(u64),
    /// The files need more room than there is.
    #[error("the files of the recipe do not fit: {needed} more clusters are needed and {left} are left")]
    Full {
        /// Clusters that were needed at the moment of failure.
        needed: u64,
        /// Clusters that were left then.
        left: u64,
    },
}

impl RecipeError {
    /// The class: all of these are about what was asked for.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::Size(_) | Self::Files(_) | Self::Full { .. } => Class::Limit,
            Self::Width { .. } | Self::UnknownPlant(_) => Class::Usage,
        }
    }
}

/// Plant, size in KiB, state, fragmented: the files of [`Recipe::practice`].
const PRACTICE: &[(&str, u64, State, bool)] = &[
    ("jpeg", 40, State::Live, false),
    ("jpeg", 300, State::Live, true),
    ("jpeg", 900, State::Live, false),
    ("jpeg", 8, State::Deleted, false),
    ("jpeg", 120, State::Deleted, false),
    ("jpeg", 450, State::Deleted, false),
    ("jpeg", 260, State::Deleted, true),
    ("jpeg", 30, State::Lost, false),
    ("jpeg", 700, State::Lost, false),
    ("jpeg", 180, State::Lost, true),
    ("jpeg-exif", 500, State::Live, false),
    ("jpeg-exif", 350, State::Deleted, false),
    ("jpeg-exif", 800, State::Lost, false),
    ("jpeg-restart", 220, State::Deleted, false),
    ("jpeg-restart", 90, State::Lost, false),
    ("png", 60, State::Live, false),
    ("png", 900, State::Live, true),
    ("png", 5, State::Deleted, false),
    ("png", 350, State::Deleted, false),
    ("png", 200, State::Deleted, true),
    ("png", 1300, State::Lost, false),
    ("png", 150, State::Lost, true),
    ("gif", 20, State::Live, false),
    ("gif", 90, State::Deleted, false),
    ("gif", 4, State::Lost, false),
    ("gif-animated", 300, State::Deleted, false),
    ("gif-animated", 150, State::Lost, false),
    ("pdf", 12, State::Live, false),
    ("pdf", 400, State::Live, true),
    ("pdf", 40, State::Deleted, false),
    ("pdf", 250, State::Deleted, false),
    ("pdf", 90, State::Deleted, true),
    ("pdf", 30, State::Lost, false),
    ("pdf-updated", 60, State::Deleted, false),
    ("pdf-updated", 140, State::Lost, false),
    ("zip", 200, State::Live, false),
    ("zip", 30, State::Deleted, false),
    ("zip", 600, State::Deleted, false),
    ("zip", 100, State::Deleted, true),
    ("zip", 350, State::Lost, false),
    ("zip-of-pictures", 300, State::Deleted, false),
    ("zip-of-pictures", 500, State::Lost, false),
    ("docx", 30, State::Live, false),
    ("docx", 15, State::Deleted, false),
    ("docx", 80, State::Lost, false),
    ("odt", 25, State::Live, false),
    ("odt", 50, State::Deleted, false),
    ("odt", 10, State::Lost, false),
    ("sqlite", 200, State::Live, true),
    ("sqlite", 60, State::Deleted, false),
    ("sqlite", 500, State::Deleted, false),
    ("sqlite", 120, State::Lost, false),
    ("text", 20, State::Live, false),
    ("text", 8, State::Deleted, false),
    ("text", 40, State::Lost, false),
];

impl Recipe {
    /// A disk without files.
    #[must_use]
    pub const fn empty(seed: u64, size_bytes: u64) -> Self {
        let plantings = Vec::new();
        Self { seed, size_bytes, fat: None, plantings, fillers: 0, filler_bytes_max: 64 << 10, old_data: true }
    }

    /// The disk of the demonstration: 64 MiB, 55 planted files of every kind, state and layout, 40 fillers.
    #[must_use]
    pub fn practice(seed: u64) -> Self {
        let plantings = PRACTICE.iter().map(|&(plant, kibibytes, state, fragmented)| Planting {
            plant: plant.to_owned(),
            size_bytes: kibibytes << 10,
            state,
            fragmented,
        });
        let plantings = plantings.collect();
        Self { plantings, fillers: 40, filler_bytes_max: 700 << 10, ..Self::empty(seed, 64 << 20) }
    }

    /// A disk for quick tests: 8 MiB, the kinds of [`Recipe::practice`] in small sizes, 8 small fillers.
    #[must_use]
    pub fn small(seed: u64) -> Self {
        let mut recipe = Self::practice(seed);
        recipe.plantings.iter_mut().for_each(|planting| planting.size_bytes = (planting.size_bytes / 8).max(2 << 10));
        Self { size_bytes: SIZE_BYTES_MIN, fillers: 8, filler_bytes_max: 32 << 10, ..recipe }
    }

    /// The same recipe with one more file.
    #[must_use]
    pub fn plant(mut self, plant: &str, size_bytes: u64, state: State, fragmented: bool) -> Self {
        self.plantings.push(Planting { plant: plant.to_owned(), size_bytes, state, fragmented });
        self
    }
}
