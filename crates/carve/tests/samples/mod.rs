//! Tiny writers of the formats the carver reads, so that every sample is made where it is tested.
#![allow(dead_code, reason = "each test binary uses some of them")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "samples are made from numbers chosen here")]

use std::io::Write;

pub(crate) mod archives;
pub(crate) mod documents;
pub(crate) mod made;
pub(crate) mod more;
pub(crate) mod pictures;
pub(crate) mod systems;

/// Numbers that look random and are the same each time (xorshift64*).
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 24) as u8).collect()
    }
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Text that compresses, but not to nothing.
pub(crate) fn prose(length: usize, seed: u64) -> Vec<u8> {
    let words = ["evidence", "disk", "sector", "image", "hash", "chain", "custody", "seal", "report", "court"];
    let mut noise = Noise(seed | 1);
    let mut text = Vec::new();
    while text.len() < length {
        text.extend_from_slice(words[noise.below(words.len())].as_bytes());
        text.extend_from_slice(format!(" {} ", noise.below(10_000)).as_bytes());
    }
    text.truncate(length);
    text
}

/// One sample of each kind: kind id, type id, bytes. None ends in a byte that could be read as part of what follows.
pub(crate) fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut all = vec![
        ("jpeg", "jpeg", pictures::jpeg(96, 64, 0, 7)),
        ("jpeg", "jpeg", pictures::jpeg(96, 64, 4, 8)),
        ("png", "png", pictures::png(64, 48, 7)),
        ("gif", "gif", pictures::gif(80, 60, 2, 7)),
        ("pdf", "pdf", documents::pdf(&[3, 2])),
        ("zip", "zip", documents::zip(&documents::members(5, 7), documents::Style::Plain)),
        ("zip", "zip", documents::zip(&documents::members(5, 8), documents::Style::Described)),
        ("zip", "docx", documents::docx()),
        ("zip", "odt", documents::odt()),
        ("sqlite", "sqlite", documents::sqlite(4)),
        ("gz", "gz", more::gzip(3)),
        ("bmp", "bmp", more::bmp(21, 17, 3)),
        ("webp", "webp", more::webp(4)),
        ("wav", "wav", more::wav(4)),
        ("avi", "avi", more::avi(4)),
        ("tiff", "tiff", more::tiff(5)),
        ("mp4", "mp4", more::mp4(6)),
        ("heic", "heic", more::heic(6)),
        ("mkv", "webm", more::matroska(7)),
        ("ogg", "ogg", more::ogg(8)),
        ("tar", "tar", more::tar(9)),
        ("7z", "7z", more::seven_zip(10)),
        ("rar", "rar", more::rar(11)),
        ("rtf", "rtf", more::rtf(12)),
        ("ole2", "doc", more::ole2(13)),
        ("elf", "elf", more::elf(14)),
        ("pe", "pe", more::pe(15)),
        ("regf", "regf", more::hive(16)),
        ("lnk", "lnk", more::lnk()),
        ("prefetch", "prefetch", more::prefetch(17)),
        ("rar", "rar", archives::rar4(18)),
        ("vdi", "vdi", archives::vdi(20)),
        ("vmdk", "vmdk", archives::vmdk(21)),
        ("iso", "iso", archives::iso(22)),
    ];
    all.extend(systems::all());
    all.extend(made::all());
    all
}
