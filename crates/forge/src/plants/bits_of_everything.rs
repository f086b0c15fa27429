//! Incompressible bytes with file signatures at the start of sectors, where a carver looks: headers without files.

use super::text_with_bait::set;
use super::{Grown, Plant};
use crate::Random;

/// Each is the start of a real file, and what follows here is noise.
const BAITS: &[(&str, &[u8])] = &[
    ("jpeg", b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0"),
    ("jpeg", b"\xFF\xD8\xFF"),
    ("png", b"\x89PNG\r\n\x1A\n"),
    ("zip", b"PK\x03\x04\x14\x00"),
    ("pdf", b"%PDF-1.7\n"),
    ("gif", b"GIF89a"),
    ("sqlite", b"SQLite format 3\0"),
];

pub(super) struct BitsOfEverything;

impl Plant for BitsOfEverything {
    fn id(&self) -> &'static str {
        "bits-of-everything"
    }

    fn kind(&self) -> &'static str {
        "data"
    }

    fn extension(&self) -> &'static str {
        "bin"
    }

    fn has_signature(&self) -> bool {
        false
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut bytes = random.bytes(size_bytes);
        let parts = set(&mut bytes, BAITS, random, 512, "signature at the start of a sector, noise behind it");
        Grown { bytes, parts, note: "random bytes with file signatures".to_owned() }
    }
}
