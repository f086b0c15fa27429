//! Files of formats that say how long they are and vouch for nothing behind: believed only where their end shows, or where
//! nothing else on the medium lies in pieces.

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
use samples::{Noise, more, pictures, systems};

fn search(bytes: &[u8]) -> Vec<Object> {
    let plan = Plan { align: Align::Sector, ..Plan::default() };
    find(&MemorySource::new(bytes), &plan, &Silent, &Cancel::new()).unwrap().objects
}

/// A medium of clusters of noise; files are put into it.
struct Medium(Vec<u8>, Noise);

impl Medium {
    fn new() -> Self {
        let mut noise = Noise(77);
        Self(noise.bytes(4096), noise)
    }

    /// Puts `file` at the next cluster, and noise behind it; where it is.
    fn put(&mut self, file: &[u8]) -> u64 {
        let at = self.0.len() as u64;
        self.0.extend_from_slice(file);
        let rest = self.0.len().next_multiple_of(4096) - self.0.len() + 4096;
        let noise = self.1.bytes(rest);
        self.0.extend_from_slice(&noise);
        at
    }

    /// The same with `foreign` in the middle.
    fn put_torn(&mut self, file: &[u8], foreign: &[u8]) -> u64 {
        let split = file.len() / 2 / 4096 * 4096;
        self.put(&[&file[..split], foreign, &file[split..]].concat())
    }

    fn class_at(&self, at: u64) -> Option<Class> {
        search(&self.0).iter().find(|object| object.offset() == at).map(|object| object.class)
    }
}

/// A stream of sound whose bytes look like noise: nothing shows where it ends.
fn sound() -> Vec<u8> {
    let data = Noise(5).bytes(40_000);
    let mut file = b"RIFF\x64\x9c\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x22\x56\0\0\x01\0\x08\0data".to_vec();
    file.extend(40_000_u32.to_le_bytes());
    file.extend(data);
    file
}

#[test]
fn a_file_whose_end_does_not_show_is_believed_until_others_are_seen_to_be_torn() {
    let mut medium = Medium::new();
    let at = medium.put(&sound());
    for seed in 0..4 {
        medium.put(&pictures::png(120, 90, seed));
    }
    assert_eq!(medium.class_at(at), Some(Class::Consistent));
    for seed in 0..2 {
        medium.put_torn(&pictures::png(120, 90, seed + 10), &Noise(seed).bytes(4096));
    }
    assert_eq!(medium.class_at(at), Some(Class::Partial));
}

/// A bitmap of soft colours.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let mut file = more::bmp(width, height, 3);
    let row = file.len() / height as usize;
    for (place, byte) in file.iter_mut().enumerate().skip(54) {
        *byte = 128 + (place / row / 3 + place % row / 40) as u8 % 100;
    }
    file
}

#[test]
fn a_torn_bitmap_is_never_consistent_and_one_in_one_piece_is() {
    // It ends in the middle of a sector: at the beginning of one, another fragment might begin.
    let picture = bitmap(200, 153);
    for foreign in [Noise(8).bytes(8192), samples::prose(8192, 4), bitmap(120, 200)[1000..9192].to_vec()] {
        let mut medium = Medium::new();
        let (torn, whole) = (medium.put_torn(&picture, &foreign), medium.put(&picture));
        for seed in 0..3 {
            medium.put_torn(&pictures::png(120, 90, seed), &foreign);
        }
        assert_eq!(medium.class_at(torn), Some(Class::Partial));
        assert_eq!(medium.class_at(whole), Some(Class::Consistent), "its end shows");
    }
}

#[test]
fn text_is_not_believed_where_most_others_lie_in_pieces() {
    let mut medium = Medium::new();
    let at = medium.put(&systems::xml(3));
    assert_eq!(medium.class_at(at), Some(Class::Consistent));
    for seed in 0..4 {
        medium.put_torn(&pictures::png(120, 90, seed), &Noise(seed).bytes(4096));
    }
    assert_eq!(medium.class_at(at), Some(Class::Partial));
}

#[test]
fn files_side_by_side_are_not_taken_for_parts_of_one() {
    let made = samples::made::all();
    let packed = made.iter().filter(|(kind, ..)| matches!(*kind, "xz" | "bz2" | "zstd" | "lz4"));
    let packed = packed.map(|(kind, _, bytes)| (*kind, bytes.clone()));
    for (kind, file) in packed.chain([("gz", more::gzip(3))]) {
        let mut medium = vec![0; 512];
        for _ in 0..3 {
            medium.extend_from_slice(&file);
            medium.resize(medium.len().next_multiple_of(512), 0);
        }
        let found = search(&medium);
        let lengths: Vec<u64> = found.iter().map(|object| object.extents[0].length).collect();
        assert_eq!(lengths, [file.len() as u64; 3], "{kind}");
    }
}

#[test]
fn a_picture_cut_off_within_its_metadata_does_not_swallow_the_next_one() {
    let next = pictures::jpeg(96, 64, 0, 5);
    // A segment that ends where the first one of the next picture does.
    let behind = 4 + usize::from(next[4]) * 256 + usize::from(next[5]);
    let mut medium = b"\xff\xd8\xff\xe1".to_vec();
    medium.extend(((4096 + behind - 4) as u16).to_be_bytes());
    medium.resize(4096, b'x');
    medium.extend_from_slice(&next);
    medium.resize(medium.len() + 600, 0);
    let found: Vec<u64> = search(&medium).iter().filter(|object| object.written).map(Object::offset).collect();
    assert_eq!(found, [4096]);
}

#[test]
fn a_page_behind_an_empty_line_is_whole_at_a_sector_and_begins_with_its_first_tag_elsewhere() {
    let page = [b"\n", systems::html(41).as_slice()].concat();
    let mut medium = Medium::new();
    let at = medium.put(&page);
    let found = search(&medium.0);
    let whole = found.iter().find(|object| object.offset() == at).expect("the page");
    assert_eq!(whole.extents[0].length, page.len() as u64);
    // Anywhere else the line may end what lies before.
    let moved = [&[7; 100], medium.0.as_slice()].concat();
    let plan = Plan { align: Align::Byte, ..Plan::default() };
    let found = find(&MemorySource::new(moved), &plan, &Silent, &Cancel::new()).unwrap().objects;
    let offsets: Vec<u64> = found.iter().filter(|object| object.file_type.id == "html").map(Object::offset).collect();
    assert_eq!(offsets, [at + 101]);
}
