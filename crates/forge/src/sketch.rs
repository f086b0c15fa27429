//! From a recipe to files with names and folders, before anything has a place on the disk.

use crate::Random;
use crate::fat::directory::Stamp;
use crate::plants::{self, Grown, Plant};
use crate::recipe::{Recipe, RecipeError};
use crate::truth::State;

/// A folder: name, the index of the folder it is in, whether it was deleted with all that is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folder {
    pub(crate) name: &'static str,
    pub(crate) parent: usize,
    pub(crate) deleted: bool,
}

/// Every folder; the root is first and its own parent. Names in several scripts, since evidence comes in all of them.
pub(crate) const FOLDERS: &[Folder] = &[
    Folder { name: "", parent: 0, deleted: false },
    Folder { name: "Documents", parent: 0, deleted: false },
    Folder { name: "Pictures", parent: 0, deleted: false },
    Folder { name: "Downloads", parent: 0, deleted: false },
    Folder { name: "Holiday 2025", parent: 2, deleted: false },
    Folder { name: "Работа", parent: 1, deleted: false },
    Folder { name: "العائلة", parent: 2, deleted: false },
    Folder { name: "工作文件", parent: 1, deleted: false },
    Folder { name: "Old projects", parent: 1, deleted: true },
];

/// Folders in which live files are, and deleted ones may be; the last one of [`FOLDERS`] holds deleted files only.
const LIVE_FOLDERS: usize = 8;

/// Where deleted files go that the deleted folder has no room for: `Downloads`.
pub(crate) const OVERFLOW_FOLDER: usize = 3;

const NAMES: &[&str] = &[
    "Report",
    "Invoice",
    "Meeting notes",
    "Draft",
    "Отчёт за месяц",
    "Договор аренды",
    "صورة العائلة",
    "فاتورة",
    "会议记录",
    "旅行照片",
    "Résumé",
    "Übersicht der Kosten",
    "backup",
    "scan",
    "letter to the council",
    "A rather long name that needs several slots",
];

/// Plants for the files between the planted ones, each as often as it is named.
const FILLERS: &[&str] =
    &["text", "binary", "binary", "text", "text-with-bait", "binary", "text", "bits-of-everything"];

/// A file that has no place yet.
#[derive(Debug)]
pub(crate) struct Sketch {
    /// Unique, for example `jpeg-003`.
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) has_signature: bool,
    pub(crate) name: String,
    /// Index into [`FOLDERS`]; a lost file has one too, which nobody will ever write down.
    pub(crate) folder: usize,
    pub(crate) state: State,
    pub(crate) fragmented: bool,
    pub(crate) created: Stamp,
    pub(crate) written: Stamp,
    pub(crate) grown: Grown,
}

/// Planted files, and fillers that are not tied to a planted file.
#[derive(Debug)]
pub(crate) struct Sketches {
    pub(crate) planted: Vec<Sketch>,
    pub(crate) fillers: Vec<Sketch>,
    /// One for each fragmented file: what lies between its pieces.
    pub(crate) wedges: Vec<Sketch>,
}

/// All files of a recipe.
pub(crate) fn sketches(recipe: &Recipe) -> Result<Sketches, RecipeError> {
    let mut planted = Vec::new();
    for (number, planting) in (1..).zip(&recipe.plantings) {
        let plant = plants::plant(&planting.plant).ok_or_else(|| RecipeError::UnknownPlant(planting.plant.clone()))?;
        let mut random = Random::stream(recipe.seed, "plant", number);
        let size = planting.size_bytes.min(recipe.size_bytes);
        let size = (size * random.between(75, 125) / 100) as usize;
        planted.push(sketch(plant, number, size, planting.state, planting.fragmented, &mut random));
    }
    let largest = recipe.filler_bytes_max.clamp(1024, recipe.size_bytes);
    let first = planted.len() as u64 + 1;
    let fillers = (first..).take(recipe.fillers as usize).map(|number| filler(recipe.seed, number, largest));
    let fillers: Vec<_> = fillers.collect();
    let wedges = planted.iter().filter(|sketch| sketch.fragmented).count();
    let first = first + fillers.len() as u64;
    let wedges = (first..).take(wedges).map(|number| filler(recipe.seed, number, largest.min(64 << 10))).collect();
    Ok(Sketches { planted, fillers, wedges })
}

/// A live file of no particular interest. Small ones are more frequent than large ones, as on real disks.
fn filler(seed: u64, number: u64, largest: u64) -> Sketch {
    let mut random = Random::stream(seed, "filler", number);
    let id = FILLERS.get(number as usize % FILLERS.len()).copied().unwrap_or("binary");
    let smaller = random.between(1024, largest);
    let size = random.between(1024, smaller) as usize;
    sketch(plants::plant(id).unwrap_or(plants::FALLBACK), number, size, State::Live, false, &mut random)
}

fn sketch(plant: &dyn Plant, number: u64, size: usize, state: State, fragmented: bool, random: &mut Random) -> Sketch {
    let folder = if state == State::Deleted && random.chance(1, 3) {
        FOLDERS.len().saturating_sub(1)
    } else {
        random.index(LIVE_FOLDERS)
    };
    let created = stamp(random, 1, 6);
    Sketch {
        id: format!("{}-{number:03}", plant.kind()),
        kind: plant.kind(),
        has_signature: plant.has_signature(),
        name: name(plant, number, random),
        folder,
        state,
        fragmented,
        created,
        written: stamp(random, 7, 12),
        grown: plant.grow(random, size),
    }
}

/// A name that no other file has, because the number is in it: as a camera would give it, or a person.
fn name(plant: &dyn Plant, number: u64, random: &mut Random) -> String {
    if plant.kind() == "jpeg" && random.chance(1, 2) {
        return format!("IMG_{number:04}.{}", plant.extension());
    }
    format!("{} {number}.{}", random.pick(NAMES).copied().unwrap_or("file"), plant.extension())
}

fn stamp(random: &mut Random, first_month: u64, last_month: u64) -> Stamp {
    let (month, day) = (random.between(first_month, last_month) as u16, random.between(1, 28) as u16);
    let (hour, minute, second) = (random.below(24) as u16, random.below(60) as u16, random.below(60) as u16);
    Stamp::in_2025(month, day, hour, minute, second)
}

/// Path of something in a folder, from the root of the volume.
pub(crate) fn path(folder: usize, name: &str) -> String {
    match FOLDERS.get(folder) {
        Some(parent) if folder != 0 => format!("{}/{name}", path(parent.parent, parent.name)),
        _ => format!("/{name}"),
    }
}
