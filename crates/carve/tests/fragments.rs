//! Files in two pieces.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly, helpers included"
)]

mod samples;

use exhibit_carve::{Align, Class, Object, Plan, find};
use exhibit_evidence::{Cancel, MemorySource, Silent};
use samples::documents::{self, Style};
use samples::{Noise, pictures};

/// `file` at offset 4096, cut after `split` bytes, `gap` bytes of something else in between.
fn torn(file: &[u8], split: usize, foreign: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x11; 4096];
    bytes.extend_from_slice(&file[..split]);
    bytes.extend_from_slice(foreign);
    bytes.extend_from_slice(&file[split..]);
    bytes.resize(bytes.len().next_multiple_of(512) + 8192, 0x22);
    bytes
}

fn search(bytes: &[u8], fragments: bool) -> Vec<Object> {
    let plan = Plan { align: Align::Sector, fragments, ..Plan::default() };
    find(&MemorySource::new(bytes), &plan, &Silent, &Cancel::new()).unwrap().objects
}

fn content(bytes: &[u8], object: &Object) -> Vec<u8> {
    object.extents.iter().flat_map(|extent| bytes[extent.offset as usize..extent.end() as usize].to_vec()).collect()
}

/// Foreign data of `length` bytes: zeros, noise, text, another file of the same kind.
fn fillings(length: usize, other: &[u8]) -> [Vec<u8>; 4] {
    let another: Vec<u8> = other.iter().copied().cycle().skip(700).take(length).collect();
    [vec![0; length], Noise(length as u64).bytes(length), samples::prose(length, 3), another]
}

/// Tears `file` in many ways; how often it was put together. A wrong join is never allowed.
fn joins(file: &[u8], other: &[u8], class: Class) -> (usize, usize) {
    let (mut right, mut all) = (0, 0);
    let mut noise = Noise(file.len() as u64);
    for cluster in [512, 1024, 4096] {
        let clusters = (file.len() - 1) / cluster;
        for clusters_between in [1, 3, 8] {
            if clusters == 0 {
                continue;
            }
            let split = cluster * (1 + noise.below(clusters));
            for foreign in fillings(cluster * clusters_between, other) {
                let bytes = torn(file, split, &foreign);
                all += 1;
                for object in search(&bytes, true).iter().filter(|object| object.class <= Class::Consistent) {
                    if object.offset() != 4096 {
                        continue;
                    }
                    assert_eq!(content(&bytes, object), file, "a wrong join, split {split}: {object:#?}");
                    assert_eq!(object.class, class);
                    assert_eq!(object.extents.len(), 2);
                    right += 1;
                }
            }
        }
    }
    (right, all)
}

#[test]
fn torn_pngs_are_put_together_and_proven() {
    let (right, all) = joins(&pictures::png(120, 90, 3), &pictures::png(100, 80, 4), Class::Proven);
    assert_eq!(right, all);
}

#[test]
fn torn_archives_are_put_together_and_proven() {
    for style in [Style::Plain, Style::Described, Style::Wide] {
        let file = documents::zip(&documents::members(12, 3), style);
        let (right, all) = joins(&file, &documents::docx(), Class::Proven);
        assert!(right * 10 >= all * 9, "{right} of {all}");
    }
}

#[test]
fn torn_jpegs_are_put_together_without_being_proven() {
    let (right, all) = joins(&pictures::jpeg(320, 240, 0, 3), &pictures::jpeg(200, 200, 0, 4), Class::Consistent);
    assert!(right * 2 >= all, "{right} of {all}");
}

#[test]
fn torn_gifs_are_never_put_together_wrongly() {
    joins(&pictures::gif(100, 80, 1, 3), &pictures::gif(90, 70, 1, 4), Class::Consistent);
}

#[test]
fn joins_are_not_looked_for_when_not_wanted() {
    let file = pictures::png(120, 90, 3);
    let objects = search(&torn(&file, 4096, &[0; 4096]), false);
    assert!(objects.iter().all(|object| object.class > Class::Consistent));
}

#[test]
fn what_lies_in_the_gap_is_a_file_of_its_own() {
    let (file, between) = (pictures::png(120, 90, 3), documents::docx());
    let mut foreign = between.clone();
    foreign.resize(foreign.len().next_multiple_of(4096), 0);
    let bytes = torn(&file, 8192, &foreign);
    let objects = search(&bytes, true);
    let found: Vec<_> =
        objects.iter().map(|object| (object.file_type.id, content(&bytes, object), &object.parent)).collect();
    assert_eq!(found, [("png", file, &None), ("docx", between, &None)]);
}
