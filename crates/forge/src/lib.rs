//! Practice disks from a recipe, with the truth about them.
//!
//! A [`Recipe`] names a seed, a size and the files to plant; [`Recipe::forge`] makes a [`Disk`] with a partition table
//! and a FAT file system (live, deleted and lost files, whole and in fragments, bait and old noise), and the [`Truth`]
//! about every object on it: where its bytes lie, and their digests. Whoever carves, lists or images the disk can be
//! graded against the truth.
//!
//! ```
//! use exhibit_evidence::Source;
//! use exhibit_forge::{Recipe, State};
//!
//! let forged = Recipe::empty(7, 8 << 20).plant("png", 20_000, State::Deleted, false).forge()?;
//! let picture = &forged.truth.objects[0];
//! let mut bytes = vec![0; picture.size as usize];
//! forged.disk.read_at(picture.extents[0].offset, &mut bytes).unwrap();
//! assert!(bytes.starts_with(b"\x89PNG") && picture.recoverable_by_carving);
//! # Ok::<(), exhibit_forge::RecipeError>(())
//! ```
//!
//! The same recipe gives the same bytes on every machine, for ever: the random numbers and all compressors are written
//! out here, floating point is not used, and a test pins the digest of a disk. What is forged is made for practice and
//! tests; it says so itself (volume label `PRACTICE`), and it must never be passed off as evidence.
//!
//! [`MixedMedium`] is another thing: a medium of any size for benchmarks, computed where it is read, without files.

#![forbid(unsafe_code)]

mod disk;
mod encode;
mod fat;
mod forge;
mod machine_code;
pub mod medium;
mod picture;
pub mod plants;
mod prose;
mod random;
pub mod recipe;
mod sketch;
pub mod truth;
mod volume;

pub use disk::Disk;
pub use forge::{Forged, practice_disk};
pub use medium::{Mix, MixedMedium};
pub use plants::{PLANTS, Plant};
pub use random::Random;
pub use recipe::{FatWidth, Planting, Recipe, RecipeError};
pub use truth::{Layout, Object, State, Truth};
