//! An archive whose members are stored pictures: complete JPEG files inside the file.

use exhibit_evidence::ByteRange;

use super::jpeg::photograph;
use super::zip::stamp;
use super::{Grown, Part, Plant};
use crate::Random;
use crate::encode::jpeg::{Settings, encode};
use crate::encode::zip::{Method, Zip};

const PICTURES: usize = 2;

pub(super) struct ZipOfPictures;

impl Plant for ZipOfPictures {
    fn id(&self) -> &'static str {
        "zip-of-pictures"
    }

    fn kind(&self) -> &'static str {
        "zip"
    }

    fn extension(&self) -> &'static str {
        "zip"
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut zip = Zip::new(stamp(random));
        let mut parts = Vec::new();
        for number in 1..=PICTURES {
            let picture = encode(&photograph(random, size_bytes / PICTURES), &Settings::default());
            let (at, length) = zip.add(&format!("picture{number}.jpg"), &picture, Method::Stored);
            let range = ByteRange::new(at as u64, length as u64);
            parts.push(Part { kind: "jpeg", range, bait: false, note: "stored member of the archive" });
        }
        Grown { bytes: zip.finish(), parts, note: "pictures stored without compression".to_owned() }
    }
}
