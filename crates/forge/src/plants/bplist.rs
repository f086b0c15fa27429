//! A binary property list: a dictionary of texts, numbers and data, as programs of Apple keep their settings.

use super::{Grown, Plant};
use crate::{Random, prose};

pub(super) struct Bplist;

impl Plant for Bplist {
    fn id(&self) -> &'static str {
        "bplist"
    }

    fn extension(&self) -> &'static str {
        "plist"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut objects: Vec<Vec<u8>> = Vec::new();
        let mut total = 0;
        while total < size_bytes || objects.is_empty() {
            let length = random.between(16, 900) as usize;
            let value = match random.below(3) {
                0 => counted(0x40, &random.bytes(length)),
                1 => [&[0x13][..], &random.next().to_be_bytes()].concat(),
                _ => counted(0x50, &prose::english(random, length)),
            };
            let name = format!("key {}", objects.len());
            total += name.len() + value.len() + 12;
            objects.push(counted(0x50, name.as_bytes()));
            objects.push(value);
        }
        Grown::plain(file(&objects))
    }
}

/// An object of bytes: its kind and their number, then they.
fn counted(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = match u8::try_from(bytes.len()) {
        Ok(short) if short < 15 => vec![kind | short],
        _ => [&[kind | 15, 0x11][..], &(bytes.len() as u16).to_be_bytes()].concat(),
    };
    out.extend_from_slice(bytes);
    out
}

/// The file of a dictionary with these keys and values, in turn.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let pairs = objects.len() / 2;
    let mut top = [&[0xdf, 0x11][..], &(pairs as u16).to_be_bytes()].concat();
    for half in [1, 2] {
        top.extend((0..pairs).flat_map(|pair| ((pair * 2 + half) as u16).to_be_bytes()));
    }
    let (mut out, mut places) = (b"bplist00".to_vec(), Vec::new());
    for object in std::iter::once(&top).chain(objects) {
        places.push(out.len() as u32);
        out.extend_from_slice(object);
    }
    let table = out.len() as u64;
    out.extend(places.iter().flat_map(|place| place.to_be_bytes()));
    out.extend([0, 0, 0, 0, 0, 0, 4, 2]);
    out.extend([places.len() as u64, 0, table].iter().flat_map(|number| number.to_be_bytes()));
    out
}
