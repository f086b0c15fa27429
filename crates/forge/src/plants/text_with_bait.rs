//! Text that speaks about file signatures, and so contains some.

use exhibit_evidence::ByteRange;

use super::{Grown, Part, Plant};
use crate::{Random, prose};

/// Signatures that are printable, or nearly so, in the middle of text.
const BAITS: &[(&str, &[u8])] = &[
    ("pdf", b"%PDF-1.4"),
    ("zip", b"PK\x03\x04"),
    ("gif", b"GIF89a"),
    ("sqlite", b"SQLite format 3\0"),
    ("pdf", b"%%EOF"),
];

pub(super) struct TextWithBait;

impl Plant for TextWithBait {
    fn id(&self) -> &'static str {
        "text-with-bait"
    }

    fn kind(&self) -> &'static str {
        "text"
    }

    fn extension(&self) -> &'static str {
        "txt"
    }

    fn has_signature(&self) -> bool {
        false
    }

    fn grow(&self, random: &mut Random, size_bytes: usize) -> Grown {
        let mut bytes = prose::english(random, size_bytes);
        let parts = set(&mut bytes, BAITS, random, 1, "signature quoted in text");
        Grown { bytes, parts, note: "text that quotes file signatures".to_owned() }
    }
}

/// Writes each bait over a place of its own in `bytes`, at a multiple of `alignment`; leaves out what does not fit.
pub(super) fn set(
    bytes: &mut [u8],
    baits: &[(&'static str, &'static [u8])],
    random: &mut Random,
    alignment: usize,
    note: &'static str,
) -> Vec<Part> {
    let share = bytes.len() / baits.len().max(1);
    let mut parts = Vec::new();
    for (number, (kind, bait)) in baits.iter().enumerate() {
        let room = share.saturating_sub(bait.len() + alignment);
        let at = (number * share + random.index(room)).next_multiple_of(alignment);
        if let Some(place) = bytes.get_mut(at..at + bait.len()) {
            place.copy_from_slice(bait);
            parts.push(Part { kind, range: ByteRange::new(at as u64, bait.len() as u64), bait: true, note });
        }
    }
    parts
}
