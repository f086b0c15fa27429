//! Media on which planted files lie in every way a carver has to cope with, and the grading of what it finds there.
//!
//! No file system: only files, what lies between them, and the truth. One seed, one medium.

mod grade;
mod made;

use exhibit_evidence::ByteRange;
use exhibit_forge::Random;
use exhibit_forge::plants::plant;

pub use grade::{Find, Grade, Tally};

/// Plants of these ids, and kinds made here.
const PLANTED: [&str; 31] = [
    "jpeg",
    "jpeg-exif",
    "jpeg-restart",
    "png",
    "gif",
    "gif-animated",
    "pdf",
    "pdf-updated",
    "zip",
    "zip-of-pictures",
    "docx",
    "odt",
    "sqlite",
    "sqlite-wal",
    "sqlite-journal",
    "bplist",
    "xml",
    "svg",
    "html",
    "eml",
    "pcap",
    "pcapng",
    "macho",
    "dex",
    "class",
    "bz2",
    "xz",
    "flac",
    "mp3",
    "gz",
    "ogg",
];
/// Files on one medium.
const FILES: usize = 45;
/// Sizes asked for, in bytes.
const SIZES: (u64, u64) = (8 << 10, 200 << 10);

/// A file of others to plant as well: its kind (its extension) and its bytes.
pub type Sample = (&'static str, Vec<u8>);

/// How the files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lie {
    /// Each in one piece, at a cluster.
    Aligned,
    /// Each in one piece, anywhere.
    Unaligned,
    /// One directly behind the other, at sectors, files of a type together.
    Adjacent,
    /// In two pieces, the gap 1 to 64 clusters of random bytes.
    GapRandom,
    /// The gap is text, some of it with signatures.
    GapText,
    /// The gap is the middle of another file, most often of the same type.
    GapFile,
    /// The gap holds another whole file.
    GapWhole,
    /// In two pieces, the second one first.
    OutOfOrder,
    /// In three pieces.
    Three,
    /// Only the beginning is there.
    Truncated,
    /// Each in one piece at a cluster, and between them beginnings of other files that do not go on.
    Bait,
    /// Members of an archive that does not pack them.
    Embedded,
    /// Two files in pieces of some clusters, one piece of each in turn.
    Braided,
}

/// All of them, in the order of reports.
pub const LIES: [Lie; 13] = [
    Lie::Aligned,
    Lie::Unaligned,
    Lie::Adjacent,
    Lie::GapRandom,
    Lie::GapText,
    Lie::GapFile,
    Lie::GapWhole,
    Lie::OutOfOrder,
    Lie::Three,
    Lie::Braided,
    Lie::Truncated,
    Lie::Bait,
    Lie::Embedded,
];

/// A planted file.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Id of its kind.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether all of it is on the medium.
    pub complete: bool,
    /// Whether a carver is asked for it here; not if it only fills a gap.
    pub asked: bool,
}

/// A medium and what lies on it.
#[derive(Debug)]
pub struct Medium {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The files.
    pub planted: Vec<Planted>,
    /// Files within files.
    pub parts: Vec<Vec<u8>>,
}

struct Maker<'a> {
    random: Random,
    medium: Medium,
    cluster: usize,
    samples: &'a [Sample],
    /// What is planted here.
    kinds: Vec<&'static str>,
}

/// The medium of `seed` with this layout, of files made for it; of `samples` only, if there are any.
#[must_use]
pub fn medium(lie: Lie, seed: u64, samples: &[Sample]) -> Medium {
    let random = Random::stream(seed, "layouts", lie as u64);
    let empty = Medium { bytes: Vec::new(), planted: Vec::new(), parts: Vec::new() };
    let mut kinds: Vec<&'static str> = samples.iter().map(|(kind, _)| *kind).collect();
    if kinds.is_empty() {
        kinds.extend(PLANTED);
    }
    let mut maker = Maker { random, medium: empty, cluster: 4096, samples, kinds: kinds.clone() };
    maker.cluster = *maker.random.pick(&[4096, 4096, 4096, 2048, 512]).unwrap_or(&4096);
    maker.random.shuffle(&mut kinds);
    let mut kinds: Vec<&'static str> = kinds.into_iter().cycle().take(FILES).collect();
    maker.random.shuffle(&mut kinds);
    if lie == Lie::Adjacent {
        kinds.sort_unstable();
    }
    maker.between();
    for kind in kinds {
        let file = maker.grow(kind);
        maker.place(lie, kind, file);
    }
    maker.between();
    maker.medium
}

impl Maker<'_> {
    fn grow(&mut self, kind: &'static str) -> Vec<u8> {
        let samples: Vec<&Sample> = self.samples.iter().filter(|(of, _)| *of == kind).collect();
        if let Some((_, bytes)) = self.random.pick(&samples) {
            return bytes.clone();
        }
        let size = self.random.between(SIZES.0, SIZES.1) as usize;
        match kind {
            "gz" => made::gzip(&self.text(size)),
            "ogg" => made::ogg(&mut self.random, size),
            _ => {
                let Some(grown) = plant(kind).map(|plant| plant.grow(&mut self.random, size)) else {
                    return Vec::new();
                };
                let cut = |range: ByteRange| grown.bytes.get(range.offset as usize..range.end() as usize);
                self.medium.parts.extend(grown.parts.iter().filter_map(|part| cut(part.range)).map(<[u8]>::to_vec));
                grown.bytes
            }
        }
    }

    fn text(&mut self, size: usize) -> Vec<u8> {
        let id = if self.random.chance(1, 3) { "text-with-bait" } else { "text" };
        plant(id).map_or_else(Vec::new, |plant| plant.grow(&mut self.random, size.max(2048)).bytes)
    }

    fn place(&mut self, lie: Lie, kind: &'static str, file: Vec<u8>) {
        let clusters = file.len() / self.cluster;
        let fragmented = !matches!(lie, Lie::Aligned | Lie::Unaligned | Lie::Adjacent | Lie::Bait | Lie::Embedded);
        if fragmented && clusters < 4 {
            return;
        }
        match lie {
            Lie::Aligned => self.pad(),
            Lie::Unaligned => {
                let length = self.random.between(1, 9000) as usize;
                let filler = self.random.bytes(length);
                self.medium.bytes.extend(filler);
            }
            Lie::Adjacent => self.medium.bytes.resize(self.medium.bytes.len().next_multiple_of(512), 0),
            Lie::Bait => self.bait(),
            _ => self.pad(),
        }
        let split = self.random.between(1, clusters.max(2) as u64 - 1) as usize * self.cluster;
        let (first, second) = file.split_at(split.min(file.len()));
        let complete = lie != Lie::Truncated;
        match lie {
            Lie::Aligned | Lie::Unaligned | Lie::Adjacent | Lie::Bait => self.medium.bytes.extend_from_slice(&file),
            Lie::Embedded => {
                let archive = made::stored(kind, &file);
                self.medium.bytes.extend_from_slice(&archive);
                self.medium.planted.push(Planted { kind: "archive", bytes: archive, complete: true, asked: true });
            }
            Lie::Braided => {
                let other = *self.random.pick(&self.kinds).unwrap_or(&kind);
                let second_file = self.grow(other);
                let half = (second_file.len() / self.cluster / 2).clamp(1, 64) * self.cluster;
                let (third, fourth) = second_file.split_at(half.min(second_file.len()));
                self.medium.bytes.extend_from_slice(first);
                self.medium.bytes.extend_from_slice(third);
                self.pad();
                self.medium.bytes.extend_from_slice(second);
                self.pad();
                self.medium.bytes.extend_from_slice(fourth);
                self.medium.planted.push(Planted { kind: other, bytes: second_file, complete: true, asked: true });
            }
            Lie::OutOfOrder => {
                self.medium.bytes.extend_from_slice(second);
                self.pad();
                self.gap(Lie::GapRandom, kind);
                self.medium.bytes.extend_from_slice(first);
            }
            Lie::Three => {
                let middle =
                    self.random.between(1, (second.len() / self.cluster).max(1) as u64) as usize * self.cluster;
                let (second, third) = second.split_at(middle.min(second.len()));
                self.medium.bytes.extend_from_slice(first);
                self.gap(Lie::GapRandom, kind);
                self.medium.bytes.extend_from_slice(second);
                self.pad();
                self.gap(Lie::GapText, kind);
                self.medium.bytes.extend_from_slice(third);
            }
            Lie::Truncated => {
                self.medium.bytes.extend_from_slice(first);
                let filler = *self.random.pick(&[Lie::GapRandom, Lie::GapText, Lie::GapFile]).unwrap_or(&Lie::GapText);
                self.gap(filler, kind);
            }
            _ => {
                self.medium.bytes.extend_from_slice(first);
                self.gap(lie, kind);
                self.medium.bytes.extend_from_slice(second);
            }
        }
        if lie != Lie::Adjacent {
            self.between();
        }
        // Parts that look like the archive around them are no files of their own.
        let asked = lie != Lie::Embedded || !file.starts_with(b"PK\x03\x04");
        self.medium.planted.push(Planted { kind, bytes: file, complete, asked });
    }

    /// The first bytes of some file, and then something else.
    fn bait(&mut self) {
        self.pad();
        let kind = *self.random.pick(&self.kinds).unwrap_or(&"jpeg");
        let mut head = self.grow(kind);
        head.truncate(self.random.between(64, 4096).min(head.len() as u64 / 2) as usize);
        self.medium.bytes.extend(head);
        let (length, is_text) = (self.random.between(1, 8) as usize * 700, self.random.chance(1, 2));
        let filler = if is_text { self.text(length) } else { self.random.bytes(length) };
        self.medium.bytes.extend(filler);
        self.pad();
    }

    /// 1 to 64 clusters that are no part of the file, short ones more often.
    fn gap(&mut self, filler: Lie, kind: &'static str) {
        let most = *self.random.pick(&[2, 8, 64]).unwrap_or(&8);
        let length = self.random.between(1, most) as usize * self.cluster;
        let mut bytes = match filler {
            Lie::GapRandom => self.random.bytes(length),
            Lie::GapText => self.text(length),
            Lie::GapWhole => {
                let other = *self.random.pick(&self.kinds).unwrap_or(&"jpeg");
                let mut file = self.grow(other);
                self.medium.planted.push(Planted { kind: other, bytes: file.clone(), complete: true, asked: false });
                let length = file.len().next_multiple_of(self.cluster).min(64 * self.cluster);
                if file.len() > length {
                    // Too long for the longest gap: only its beginning lies here.
                    if let Some(last) = self.medium.planted.last_mut() {
                        last.complete = false;
                    }
                }
                file.resize(length, 0);
                file
            }
            _ => {
                let other =
                    if self.random.chance(2, 3) { kind } else { *self.random.pick(&self.kinds).unwrap_or(&kind) };
                let mut bytes = Vec::new();
                while bytes.len() < length {
                    let file = self.grow(other);
                    bytes.extend_from_slice(file.get(file.len() / 3..).unwrap_or_default());
                }
                bytes
            }
        };
        let length = if filler == Lie::GapWhole { bytes.len() } else { length };
        bytes.resize(length, 0);
        self.medium.bytes.extend(bytes);
    }

    /// Zeros to the next cluster, as behind the end of a file.
    fn pad(&mut self) {
        let length = self.medium.bytes.len().next_multiple_of(self.cluster);
        self.medium.bytes.resize(length, 0);
    }

    /// What lies between files: random bytes, text, zeros, or nothing.
    fn between(&mut self) {
        self.pad();
        let length = self.random.below(6) as usize * self.cluster;
        let bytes = match self.random.below(3) {
            0 => self.random.bytes(length),
            1 => self.text(length),
            _ => vec![0; length],
        };
        self.medium.bytes.extend(bytes);
        self.pad();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_medium_is_the_same_twice_and_holds_what_it_says() {
        for lie in LIES {
            let made = medium(lie, 3, &[]);
            assert_eq!(made.bytes, medium(lie, 3, &[]).bytes);
            assert!(made.planted.len() > 20, "{lie:?}");
            if lie == Lie::Unaligned {
                let whole = |planted: &Planted| made.bytes.windows(planted.bytes.len()).any(|at| at == planted.bytes);
                assert!(made.planted.iter().take(2).all(whole));
            }
        }
    }

    #[test]
    fn a_find_that_is_no_file_is_wrong() {
        let made = medium(Lie::GapText, 1, &[]);
        let (mut grade, good) = (Grade::default(), made.planted[0].bytes.clone());
        let mut bad = good.clone();
        bad.pop();
        grade.add(&made, &[(true, good), (true, bad)], |index| index.to_string());
        assert_eq!((grade.proven, grade.wrong_proven, grade.wrong), (2, 1, vec!["1".to_owned()]));
        assert_eq!(grade.kinds.values().map(|tally| tally.exact).sum::<u64>(), 1);
    }
}
