//! From a recipe to a disk and the truth about it.

use exhibit_evidence::{ByteRange, to_hex};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::Random;
use crate::disk::Disk;
use crate::fat::boot::{ROOT_CLUSTER, sectors};
use crate::fat::directory::{Entry, Stamp, dots, label};
use crate::fat::geometry::{Geometry, PARTITION_START, ROOT_ENTRIES, Run, SECTOR, SLOT_BYTES, TABLES};
use crate::fat::name::{ShortNames, long_slots};
use crate::recipe::{FILES_MAX, FatWidth, Recipe, RecipeError, SIZE_BYTES_MAX, SIZE_BYTES_MIN};
use crate::sketch::{FOLDERS, OVERFLOW_FOLDER, Sketch, Sketches, path, sketches};
use crate::truth::{self, FileSystem, Layout, Object, State, Truth};
use crate::volume::Volume;

/// Volume label of every forged disk.
const LABEL: &[u8; 11] = b"PRACTICE   ";
/// When the folders were made.
const FOLDER_STAMP: Stamp = Stamp::in_2025(1, 2, 9, 30, 0);
/// Most clusters of a hole between files.
const HOLE_CLUSTERS_MAX: u64 = 24;
/// Most bytes of old text behind the last file.
const TAIL_BYTES_MAX: u64 = 4 << 20;

/// A disk and the truth about it.
#[derive(Debug, Clone)]
pub struct Forged {
    /// The disk.
    pub disk: Disk,
    /// What is on it.
    pub truth: Truth,
}

/// A file that has its place.
struct Placed {
    sketch: Sketch,
    runs: Vec<Run>,
}

impl Recipe {
    /// Makes the disk.
    ///
    /// # Errors
    /// If the size is out of bounds, a plant is unknown, or the files do not fit.
    pub fn forge(&self) -> Result<Forged, RecipeError> {
        if !(SIZE_BYTES_MIN..=SIZE_BYTES_MAX).contains(&self.size_bytes) || !self.size_bytes.is_multiple_of(SECTOR) {
            return Err(RecipeError::Size(self.size_bytes));
        }
        let files = (self.plantings.len() as u64).saturating_add(u64::from(self.fillers));
        if files > FILES_MAX {
            return Err(RecipeError::Files(files));
        }
        let geometry = Geometry::new(self.size_bytes, self.fat)?;
        self.check_room(&geometry)?;
        let old = self.old_data.then(|| Random::stream(self.seed, "old data", 0));
        let mut volume = Volume::new(geometry, self.size_bytes as usize, old);
        let mut sketches = sketches(self)?;
        move_overflow(&mut sketches, &geometry);
        let folders = place_folders(&mut volume, &sketches)?;
        let placed = place_files(&mut volume, sketches, &mut Random::stream(self.seed, "places", 0))?;
        for (index, runs) in folders.iter().enumerate() {
            write_folder(&mut volume, index, runs, &folders, &placed);
        }
        let serial = Random::stream(self.seed, "serial", 0).next() as u32;
        finish(&mut volume, serial);
        let file_system = file_system(&geometry, serial);
        let objects = objects(&volume, &placed);
        let disk = Disk::new(volume.bytes);
        let sha256 = Some(to_hex(&Sha256::digest(disk.bytes())));
        let format = truth::FORMAT.to_owned();
        let truth = Truth { format, seed: self.seed, size_bytes: self.size_bytes, sha256, file_system, objects };
        Ok(Forged { disk, truth })
    }

    /// Refuses what cannot fit before any of it is made. Plants may stay below the size asked for, but not this far.
    fn check_room(&self, geometry: &Geometry) -> Result<(), RecipeError> {
        let asked = self.plantings.iter().fold(0_u64, |sum, planting| sum.saturating_add(planting.size_bytes));
        let (needed, left) = (geometry.clusters_of(asked / 4), geometry.clusters);
        if needed > left { Err(RecipeError::Full { needed, left }) } else { Ok(()) }
    }
}

/// Moves what does not fit into a folder that cannot grow. The root of FAT16 has a fixed size. A deleted folder ends
/// with its first cluster: the table no longer tells where it goes on, so no program could give the files beyond the
/// path that the truth would state.
fn move_overflow(sketches: &mut Sketches, geometry: &Geometry) {
    for (index, folder) in FOLDERS.iter().enumerate() {
        let slots = match (index, geometry.width, folder.deleted) {
            (0, FatWidth::Fat16, _) => ROOT_ENTRIES,
            (_, _, true) => geometry.cluster_bytes() / SLOT_BYTES,
            _ => continue,
        };
        let mut room = (slots as usize).saturating_sub(own_slots(index));
        let all = sketches.planted.iter_mut().chain(&mut sketches.fillers).chain(&mut sketches.wedges);
        for sketch in all.filter(|sketch| sketch.folder == index && sketch.state != State::Lost) {
            match room.checked_sub(long_slots(&sketch.name) + 1) {
                Some(left) => room = left,
                None => sketch.folder = OVERFLOW_FOLDER,
            }
        }
    }
}

/// Slots that a folder needs without any file: its sub-folders, and `.` and `..` or the label of the root.
fn own_slots(index: usize) -> usize {
    let children = FOLDERS.iter().skip(1).filter(|child| child.parent == index);
    children.map(|child| long_slots(child.name) + 1).sum::<usize>() + 2
}

/// Folders come first, each in one piece, large enough for all its entries. The root of FAT16 has a place of its own
/// and no clusters.
fn place_folders(volume: &mut Volume, sketches: &Sketches) -> Result<Vec<Vec<Run>>, RecipeError> {
    let all = || sketches.planted.iter().chain(&sketches.fillers).chain(&sketches.wedges);
    let mut folders = Vec::new();
    for (index, folder) in FOLDERS.iter().enumerate() {
        let files = all().filter(|sketch| sketch.folder == index && sketch.state != State::Lost);
        let slots = files.map(|sketch| long_slots(&sketch.name) + 1).sum::<usize>() + own_slots(index);
        if index == 0 && volume.geometry.width == FatWidth::Fat16 {
            folders.push(Vec::new());
            continue;
        }
        let run = volume.take(volume.geometry.clusters_of(slots as u64 * SLOT_BYTES))?;
        if !folder.deleted {
            volume.table.link(&[run]);
        }
        folders.push(vec![run]);
    }
    Ok(folders)
}

/// Files in random order, some with a hole behind them, fragmented ones around their wedge.
fn place_files(volume: &mut Volume, sketches: Sketches, random: &mut Random) -> Result<Vec<Placed>, RecipeError> {
    let mut order: Vec<Sketch> = sketches.planted.into_iter().chain(sketches.fillers).collect();
    let mut wedges = sketches.wedges.into_iter();
    random.shuffle(&mut order);
    let mut placed = Vec::new();
    for sketch in order {
        let count = volume.geometry.clusters_of(sketch.grown.bytes.len() as u64);
        let wedge = if sketch.fragmented { wedges.next() } else { None };
        let mut runs = Vec::new();
        let first_part = if wedge.is_some() && count > 1 { random.between(1, count - 1) } else { count };
        runs.push(volume.take(first_part)?);
        if let Some(wedge) = wedge {
            let run = volume.take(volume.geometry.clusters_of(wedge.grown.bytes.len() as u64))?;
            placed.push(settle(volume, wedge, vec![run]));
        }
        if first_part < count {
            runs.push(volume.take(count - first_part)?);
        }
        placed.push(settle(volume, sketch, runs));
        if random.chance(1, 4) {
            let hole = random.between(1, HOLE_CLUSTERS_MAX);
            volume.leave_hole(hole);
        }
    }
    volume.leave_tail(TAIL_BYTES_MAX);
    Ok(placed)
}

/// Writes a file, and lets the table know of it if it is live.
fn settle(volume: &mut Volume, sketch: Sketch, runs: Vec<Run>) -> Placed {
    volume.write_file(&runs, &sketch.grown.bytes);
    if sketch.state == State::Live {
        volume.table.link(&runs);
    }
    Placed { sketch, runs }
}

/// Writes one folder with its entries: sub-folders first, then files in the order of their places.
fn write_folder(volume: &mut Volume, index: usize, runs: &[Run], folders: &[Vec<Run>], placed: &[Placed]) {
    let first_cluster = |index: usize| folders.get(index).and_then(|runs| runs.first()).map_or(0, |run| run.first);
    let mut names = ShortNames::default();
    let mut slots = Vec::new();
    if index == 0 {
        slots.push(label(LABEL, FOLDER_STAMP));
    } else {
        let parent = FOLDERS.get(index).map_or(0, |folder| folder.parent);
        slots.extend(dots(first_cluster(index), if parent == 0 { 0 } else { first_cluster(parent) }, FOLDER_STAMP));
    }
    for (child, folder) in FOLDERS.iter().enumerate().skip(1).filter(|(_, folder)| folder.parent == index) {
        let entry = Entry {
            long: folder.name.to_owned(),
            short: names.give(folder.name),
            directory: true,
            deleted: folder.deleted,
            created: FOLDER_STAMP,
            written: FOLDER_STAMP,
            first_cluster: first_cluster(child),
            size: 0,
        };
        slots.extend(entry.slots());
    }
    for file in placed.iter().filter(|file| file.sketch.folder == index && file.sketch.state != State::Lost) {
        slots.extend(file_entry(file, &mut names).slots());
    }
    let offset = runs.first().map_or(volume.geometry.root_offset(), |run| volume.geometry.run_range(*run).offset);
    volume.write(offset, &slots.concat());
}

fn file_entry(file: &Placed, names: &mut ShortNames) -> Entry {
    Entry {
        long: file.sketch.name.clone(),
        short: names.give(&file.sketch.name),
        directory: false,
        deleted: file.sketch.state == State::Deleted,
        created: file.sketch.created,
        written: file.sketch.written,
        first_cluster: file.runs.first().map_or(0, |run| run.first),
        size: file.sketch.grown.bytes.len() as u32,
    }
}

/// Writes both tables and everything in front of them.
fn finish(volume: &mut Volume, serial: u32) {
    let table = volume.table.bytes();
    for copy in 0..TABLES {
        let offset = volume.geometry.table_offset(copy);
        volume.write(offset, &table);
    }
    let (free, next_free) = volume.table.free();
    for (offset, sector) in sectors(&volume.geometry, LABEL, serial, free, next_free) {
        volume.write(offset, &sector);
    }
}

fn file_system(geometry: &Geometry, serial: u32) -> FileSystem {
    FileSystem {
        kind: if geometry.width == FatWidth::Fat16 { "FAT16" } else { "FAT32" }.to_owned(),
        offset: PARTITION_START * SECTOR,
        length: geometry.total_sectors * SECTOR,
        label: String::from_utf8_lossy(LABEL).trim_end().to_owned(),
        serial: format!("{serial:08x}"),
        sector_bytes: SECTOR as u32,
        cluster_bytes: geometry.cluster_bytes() as u32,
        first_cluster_offset: geometry.cluster_offset(ROOT_CLUSTER),
        clusters: geometry.clusters,
    }
}

/// The truth about every file and its parts, in order of their first bytes.
fn objects(volume: &Volume, placed: &[Placed]) -> Vec<Object> {
    let mut objects = Vec::new();
    for file in placed {
        let whole = extents(&volume.geometry, &file.runs, file.sketch.grown.bytes.len() as u64);
        for (number, part) in (1..).zip(&file.sketch.grown.parts) {
            objects.push(Object {
                id: format!("{}/{number}", file.sketch.id),
                name: None,
                kind: part.kind.to_owned(),
                layout: if part.bait { Layout::Bait } else { Layout::Embedded },
                note: format!("{}; in {}", part.note, file.sketch.id),
                recoverable_by_carving: false,
                ..object(&volume.bytes, file.sketch.state, cut(&whole, part.range))
            });
        }
        objects.push(file_object(&volume.bytes, file, whole));
    }
    objects.sort_by_key(|object| object.extents.first().map_or(0, |extent| extent.offset));
    objects
}

fn file_object(disk: &[u8], file: &Placed, extents: Vec<ByteRange>) -> Object {
    let sketch = &file.sketch;
    let layout = if extents.len() > 1 { Layout::Fragmented } else { Layout::Contiguous };
    let notes = [gap_note(&extents), sketch.grown.note.clone()];
    let note = notes.into_iter().filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
    Object {
        id: sketch.id.clone(),
        name: (sketch.state != State::Lost).then(|| path(sketch.folder, &sketch.name)),
        kind: sketch.kind.to_owned(),
        layout,
        recoverable_by_carving: sketch.has_signature && layout == Layout::Contiguous,
        note,
        ..object(disk, sketch.state, extents)
    }
}

/// How far apart the two pieces of a file are; empty for a file in one piece.
fn gap_note(extents: &[ByteRange]) -> String {
    match extents {
        [first, second] => format!("two pieces, {} bytes of another file between them", second.offset - first.end()),
        _ => String::new(),
    }
}

/// What follows from the bytes: sizes and digests are taken from the disk, not from what was meant to be written.
fn object(disk: &[u8], state: State, extents: Vec<ByteRange>) -> Object {
    let (mut sha256, mut md5, mut size) = (Sha256::new(), Md5::new(), 0);
    for extent in &extents {
        let bytes = disk.get(extent.offset as usize..extent.end() as usize).unwrap_or_default();
        sha256.update(bytes);
        md5.update(bytes);
        size += bytes.len() as u64;
    }
    Object {
        id: String::new(),
        name: None,
        kind: String::new(),
        size,
        sha256: to_hex(&sha256.finalize()),
        md5: to_hex(&md5.finalize()),
        state,
        layout: Layout::Contiguous,
        extents,
        recoverable_by_carving: false,
        note: String::new(),
    }
}

/// The first `size` bytes of these clusters; runs that touch become one extent.
fn extents(geometry: &Geometry, runs: &[Run], size: u64) -> Vec<ByteRange> {
    let mut extents: Vec<ByteRange> = Vec::new();
    let mut left = size;
    for run in runs {
        let range = geometry.run_range(*run);
        let length = range.length.min(left);
        left -= length;
        match extents.last_mut().filter(|last| last.end() == range.offset) {
            Some(last) => last.length += length,
            None => extents.push(ByteRange::new(range.offset, length)),
        }
    }
    extents
}

/// Where a range of a file lies on the disk, given where the file lies.
fn cut(extents: &[ByteRange], part: ByteRange) -> Vec<ByteRange> {
    let mut file_offset = 0;
    let mut pieces = Vec::new();
    for extent in extents {
        let here = ByteRange::new(file_offset, extent.length).intersect(part);
        if !here.is_empty() {
            pieces.push(ByteRange::new(extent.offset + (here.offset - file_offset), here.length));
        }
        file_offset += extent.length;
    }
    pieces
}

/// The disk of the demonstration: [`Recipe::practice`], made.
#[must_use]
#[expect(clippy::expect_used, reason = "the recipe is our own and leaves half of the disk free; a test forges it")]
pub fn practice_disk(seed: u64) -> Forged {
    Recipe::practice(seed).forge().expect("the practice recipe fits its disk")
}
