//! Media on which planted files lie in every way a carver has to cope with, and the grading of what it finds there.
//!
//! No file system: only files, what lies between them, and the truth. One seed, one medium.

use std::collections::BTreeMap;
use std::io::Write as _;

use exhibit_evidence::ByteRange;
use exhibit_forge::Random;
use exhibit_forge::plants::plant;

/// Plants of these ids, and two kinds made here.
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
}

/// All of them, in the order of reports.
pub const LIES: [Lie; 10] = [
    Lie::Aligned,
    Lie::Unaligned,
    Lie::Adjacent,
    Lie::GapRandom,
    Lie::GapText,
    Lie::GapFile,
    Lie::GapWhole,
    Lie::OutOfOrder,
    Lie::Three,
    Lie::Truncated,
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

struct Maker {
    random: Random,
    medium: Medium,
    cluster: usize,
}

/// The medium of `seed` with this layout.
#[must_use]
pub fn medium(lie: Lie, seed: u64) -> Medium {
    let random = Random::stream(seed, "layouts", lie as u64);
    let empty = Medium { bytes: Vec::new(), planted: Vec::new(), parts: Vec::new() };
    let mut maker = Maker { random, medium: empty, cluster: 4096 };
    maker.cluster = *maker.random.pick(&[4096, 4096, 4096, 2048, 512]).unwrap_or(&4096);
    let mut kinds: Vec<&'static str> = PLANTED.iter().copied().cycle().take(FILES).collect();
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

impl Maker {
    fn grow(&mut self, kind: &'static str) -> Vec<u8> {
        let size = self.random.between(SIZES.0, SIZES.1) as usize;
        match kind {
            "gz" => gzip(&self.text(size)),
            "ogg" => ogg(&mut self.random, size),
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
        let fragmented = !matches!(lie, Lie::Aligned | Lie::Unaligned | Lie::Adjacent);
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
            _ => self.pad(),
        }
        let split = self.random.between(1, clusters.max(2) as u64 - 1) as usize * self.cluster;
        let (first, second) = file.split_at(split.min(file.len()));
        let complete = lie != Lie::Truncated;
        match lie {
            Lie::Aligned | Lie::Unaligned | Lie::Adjacent => self.medium.bytes.extend_from_slice(&file),
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
        self.medium.planted.push(Planted { kind, bytes: file, complete, asked: true });
    }

    /// 1 to 64 clusters that are no part of the file, short ones more often.
    fn gap(&mut self, filler: Lie, kind: &'static str) {
        let most = *self.random.pick(&[2, 8, 64]).unwrap_or(&8);
        let length = self.random.between(1, most) as usize * self.cluster;
        let mut bytes = match filler {
            Lie::GapRandom => self.random.bytes(length),
            Lie::GapText => self.text(length),
            Lie::GapWhole => {
                let other = *self.random.pick(&PLANTED).unwrap_or(&"jpeg");
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
                let other = if self.random.chance(2, 3) { kind } else { *self.random.pick(&PLANTED).unwrap_or(&kind) };
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

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Memory takes all that is written.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// One Ogg stream of pages (RFC 3533) with random content.
fn ogg(random: &mut Random, size: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let count = (size / 4096).max(2) as u32;
    let serial = random.next() as u32;
    for number in 0..count {
        let data = random.bytes(if number == 0 { 30 } else { 4096 - 27 - 17 });
        let flags = if number == 0 { 2 } else { u8::from(number + 1 == count) * 4 };
        let mut lengths = vec![255_u8; data.len() / 255];
        lengths.push((data.len() % 255) as u8);
        let mut page = vec![b'O', b'g', b'g', b'S', 0, flags];
        page.extend_from_slice(&u64::from(number).to_le_bytes());
        page.extend_from_slice(&serial.to_le_bytes());
        page.extend_from_slice(&number.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        page.push(lengths.len() as u8);
        page.extend_from_slice(&lengths);
        page.extend_from_slice(&data);
        let crc = page.iter().fold(0_u32, |crc, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte) << 24, |crc, _| (crc << 1) ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
        });
        if let Some(slot) = page.get_mut(22..26) {
            slot.copy_from_slice(&crc.to_le_bytes());
        }
        file.extend(page);
    }
    file
}

/// What a carver said it found: whether it calls it proven, and the bytes.
pub type Find = (bool, Vec<u8>);

/// Counts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Complete files on the media.
    pub planted: u64,
    /// Of these, found byte for byte.
    pub exact: u64,
}

/// What some media came to.
#[derive(Debug, Clone, Default)]
pub struct Grade {
    /// By kind.
    pub kinds: BTreeMap<&'static str, Tally>,
    /// Files called proven; of these, no file of the medium.
    pub proven: u64,
    /// See [`Grade::proven`].
    pub wrong_proven: u64,
    /// Files called consistent; of these, no file of the medium.
    pub consistent: u64,
    /// See [`Grade::consistent`].
    pub wrong_consistent: u64,
    /// What the wrong ones were: seed and description.
    pub wrong: Vec<String>,
}

impl Grade {
    /// Adds what was found on a medium.
    pub fn add(&mut self, medium: &Medium, finds: &[Find], describe: impl Fn(usize) -> String) {
        for planted in medium.planted.iter().filter(|planted| planted.complete && planted.asked) {
            let tally = self.kinds.entry(planted.kind).or_default();
            tally.planted += 1;
            tally.exact += u64::from(finds.iter().any(|(_, bytes)| *bytes == planted.bytes));
        }
        for (index, (proven, bytes)) in finds.iter().enumerate() {
            let real = medium.planted.iter().any(|planted| planted.bytes == *bytes) || medium.parts.contains(bytes);
            let (count, wrong) = if *proven {
                (&mut self.proven, &mut self.wrong_proven)
            } else {
                (&mut self.consistent, &mut self.wrong_consistent)
            };
            *count += 1;
            if !real {
                *wrong += 1;
                self.wrong.push(describe(index));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_medium_is_the_same_twice_and_holds_what_it_says() {
        for lie in LIES {
            let made = medium(lie, 3);
            assert_eq!(made.bytes, medium(lie, 3).bytes);
            assert!(made.planted.len() > 20, "{lie:?}");
            if lie == Lie::Unaligned {
                let whole = |planted: &Planted| made.bytes.windows(planted.bytes.len()).any(|at| at == planted.bytes);
                assert!(made.planted.iter().take(2).all(whole));
            }
        }
    }

    #[test]
    fn a_find_that_is_no_file_is_wrong() {
        let made = medium(Lie::GapText, 1);
        let (mut grade, good) = (Grade::default(), made.planted[0].bytes.clone());
        let mut bad = good.clone();
        bad.pop();
        grade.add(&made, &[(true, good), (true, bad)], |index| index.to_string());
        assert_eq!((grade.proven, grade.wrong_proven, grade.wrong), (2, 1, vec!["1".to_owned()]));
        assert_eq!(grade.kinds.values().map(|tally| tally.exact).sum::<u64>(), 1);
    }
}
