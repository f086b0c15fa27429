//! The truth must be true: every object is cut from the disk again, and the file system is walked by a reader that
//! shares nothing with the code that wrote it.

#![expect(clippy::unwrap_used, reason = "a test that meets something unexpected should stop there")]

mod fat_reader;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use exhibit_evidence::{ByteRange, Source, to_hex};
use exhibit_forge::{FatWidth, Forged, Layout, Object, Recipe, RecipeError, State, Truth, practice_disk};
use fat_reader::{Volume, Walked};
use sha2::{Digest as _, Sha256};

/// A small disk, the practice disk, and FAT32; made once for all tests.
fn disks() -> &'static [Forged] {
    static DISKS: OnceLock<Vec<Forged>> = OnceLock::new();
    DISKS.get_or_init(|| {
        let wide = Recipe { size_bytes: 40 << 20, fat: Some(FatWidth::Fat32), ..Recipe::small(3) };
        vec![Recipe::small(1).forge().unwrap(), practice_disk(1), wide.forge().unwrap()]
    })
}

fn bytes_of(forged: &Forged, object: &Object) -> Vec<u8> {
    let mut bytes = Vec::new();
    for extent in &object.extents {
        let mut piece = vec![0; usize::try_from(extent.length).unwrap()];
        forged.disk.read_at(extent.offset, &mut piece).unwrap();
        bytes.extend(piece);
    }
    bytes
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_ever() {
    for (forged, expected) in disks().iter().zip([SMALL_1, PRACTICE_1]) {
        assert_eq!(to_hex(&Sha256::digest(forged.disk.bytes())), expected);
        assert_eq!(forged.truth.sha256.as_deref(), Some(expected));
    }
    assert_eq!(Recipe::small(1).forge().unwrap().disk.bytes(), disks()[0].disk.bytes());
    assert_ne!(Recipe::small(2).forge().unwrap().truth.sha256.as_deref(), Some(SMALL_1));
}

/// If these change, practice material already given out no longer fits its truth: do it knowingly, and say so.
const SMALL_1: &str = "5ca165e3cb6507321da408a3ee414407806e6d5a20c0ec69f10e95a41c9606d4";
const PRACTICE_1: &str = "f9140097fb5385d00c52ac2a28f50ad846f0e82dbae989f5f3937bf72ac3ef0d";

#[test]
fn every_object_cut_by_its_extents_has_its_digests() {
    for forged in disks() {
        for object in &forged.truth.objects {
            let bytes = bytes_of(forged, object);
            assert_eq!(bytes.len() as u64, object.size, "{}", object.id);
            assert_eq!(to_hex(&Sha256::digest(&bytes)), object.sha256, "{}", object.id);
            assert_eq!(to_hex(&md5::Md5::digest(&bytes)), object.md5, "{}", object.id);
            assert_eq!(
                object.layout == Layout::Fragmented,
                object.extents.len() > 1 && !is_part(object),
                "{}",
                object.id
            );
        }
    }
}

fn is_part(object: &Object) -> bool {
    matches!(object.layout, Layout::Embedded | Layout::Bait)
}

#[test]
fn files_share_no_byte_and_parts_lie_within_their_file() {
    for forged in disks() {
        let (parts, files): (Vec<_>, Vec<_>) = forged.truth.objects.iter().partition(|object| is_part(object));
        let mut extents: Vec<ByteRange> = files.iter().flat_map(|file| file.extents.clone()).collect();
        extents.sort_unstable();
        assert!(extents.windows(2).all(|pair| pair[0].end() <= pair[1].offset));
        for part in parts {
            let (owner, _) = part.id.split_once('/').unwrap();
            let owner = files.iter().find(|file| file.id == owner).unwrap();
            for extent in &part.extents {
                assert!(owner.extents.iter().any(|outer| outer.intersect(*extent) == *extent), "{}", part.id);
            }
            assert!(!part.recoverable_by_carving && part.name.is_none());
        }
    }
}

#[test]
fn what_is_recoverable_starts_at_a_cluster_with_its_signature() {
    let magic: BTreeMap<&str, &[u8]> = BTreeMap::from([
        ("jpeg", b"\xFF\xD8\xFF".as_slice()),
        ("png", b"\x89PNG"),
        ("gif", b"GIF89a"),
        ("pdf", b"%PDF-"),
        ("zip", b"PK\x03\x04"),
        ("docx", b"PK\x03\x04"),
        ("odt", b"PK\x03\x04"),
        ("sqlite", b"SQLite format 3\0"),
    ]);
    let forged = &disks()[1];
    let mut kinds = BTreeSet::new();
    for object in forged.truth.objects.iter().filter(|object| object.recoverable_by_carving) {
        assert!(bytes_of(forged, object).starts_with(magic[object.kind.as_str()]), "{}", object.id);
        let system = &forged.truth.file_system;
        assert_eq!((object.extents[0].offset - system.first_cluster_offset) % u64::from(system.cluster_bytes), 0);
        kinds.insert((object.kind.clone(), format!("{:?}", object.state)));
    }
    assert!(kinds.len() >= 8 * 2, "{kinds:?}");
}

#[test]
fn the_practice_disk_has_every_state_in_every_layout() {
    let truth = &disks()[1].truth;
    for state in [State::Live, State::Deleted, State::Lost] {
        for layout in [Layout::Contiguous, Layout::Fragmented, Layout::Embedded] {
            assert!(
                truth.objects.iter().any(|object| (object.state, object.layout) == (state, layout)),
                "{state:?} {layout:?}"
            );
        }
    }
    assert!(truth.objects.iter().filter(|object| object.layout == Layout::Bait).count() >= 10);
    assert_eq!(&serde_json::from_str::<Truth>(&truth.to_json()).unwrap(), truth);
}

#[test]
fn walking_the_file_system_finds_exactly_the_live_files() {
    for forged in disks() {
        let volume = Volume::read(forged.disk.bytes());
        let walked = volume.walk();
        let live = |object: &&Object| object.state == State::Live && !is_part(object);
        let truth: BTreeMap<&str, &Object> =
            forged.truth.objects.iter().filter(live).map(|object| (object.name.as_deref().unwrap(), object)).collect();
        let found: BTreeMap<&str, &Walked> = walked
            .iter()
            .filter(|file| !file.deleted && !file.directory)
            .map(|file| (file.path.as_str(), file))
            .collect();
        assert_eq!(truth.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
        for (path, file) in found {
            assert_eq!(volume.extents(&file.chain, file.size), truth[path].extents, "{path}");
        }
    }
}

#[test]
fn deleted_files_have_their_entries_and_deleted_and_lost_clusters_are_free() {
    for forged in disks() {
        let volume = Volume::read(forged.disk.bytes());
        let walked = volume.walk();
        for object in forged.truth.objects.iter().filter(|object| object.state != State::Live && !is_part(object)) {
            for extent in &object.extents {
                assert!(volume.clusters_of(*extent).all(|cluster| volume.entry(cluster) == 0), "{}", object.id);
            }
            let start = volume.clusters_of(object.extents[0]).next();
            let entry = walked.iter().find(|file| Some(file.first_cluster) == start);
            match object.state {
                State::Lost => assert!(entry.is_none() && object.name.is_none(), "{}", object.id),
                _ => {
                    let entry = entry.unwrap();
                    assert!(entry.deleted && entry.size == object.size, "{}", object.id);
                    assert_eq!(Some(&entry.path), object.name.as_ref());
                }
            }
        }
        assert!(walked.iter().any(|folder| folder.directory && folder.deleted), "a deleted folder");
    }
}

#[test]
fn both_tables_agree_and_every_cluster_in_use_belongs_to_one_file() {
    for forged in disks() {
        let volume = Volume::read(forged.disk.bytes());
        assert!(volume.tables_agree());
        let mut owned = BTreeSet::new();
        for file in volume.walk().iter().filter(|file| !file.deleted) {
            assert!(file.chain.iter().all(|&cluster| owned.insert(cluster)), "{} shares a cluster", file.path);
        }
        owned.extend(volume.root_chain());
        let used: BTreeSet<u64> = volume.numbers().filter(|&cluster| volume.entry(cluster) != 0).collect();
        assert_eq!(owned, used);
    }
}

#[test]
fn a_recipe_that_cannot_be_made_says_why() {
    let error = |recipe: Recipe| recipe.forge().unwrap_err();
    assert_eq!(error(Recipe::empty(1, 1 << 20)), RecipeError::Size(1 << 20));
    assert_eq!(error(Recipe::empty(1, (8 << 20) + 1)), RecipeError::Size((8 << 20) + 1));
    assert_eq!(error(Recipe::empty(1, u64::MAX)), RecipeError::Size(u64::MAX));
    let unknown = Recipe::empty(1, 8 << 20).plant("unicorn", 1, State::Live, false);
    assert_eq!(error(unknown), RecipeError::UnknownPlant("unicorn".to_owned()));
    let large = Recipe::empty(1, 8 << 20).plant("text", 8 << 20, State::Live, false);
    let more = large.plant("text", 8 << 20, State::Live, false);
    assert!(matches!(error(more), RecipeError::Full { .. }));
    assert_eq!(
        error(Recipe { fillers: u32::MAX, ..Recipe::empty(1, 8 << 20) }),
        RecipeError::Files(u64::from(u32::MAX))
    );
    let narrow = Recipe { fat: Some(FatWidth::Fat32), ..Recipe::empty(1, 8 << 20) };
    assert!(matches!(error(narrow), RecipeError::Width { .. }));
}

#[test]
fn more_files_than_the_root_holds_go_elsewhere() {
    let recipe = Recipe { fillers: 2000, filler_bytes_max: 1024, ..Recipe::empty(1, 32 << 20) };
    let forged = recipe.forge().unwrap();
    let volume = Volume::read(forged.disk.bytes());
    assert_eq!(volume.walk().iter().filter(|file| !file.directory).count(), 2000);
    assert!(volume.tables_agree());
}

#[test]
fn an_empty_recipe_makes_an_empty_volume() {
    let forged = Recipe::empty(1, 8 << 20).forge().unwrap();
    assert!(forged.truth.objects.is_empty());
    assert!(Volume::read(forged.disk.bytes()).walk().iter().all(|file| file.directory));
}
